from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from interact_events.attendance.rules import attended, percent, session_at, share
from interact_events.events.rules import learning_minutes

DAY = datetime(2027, 5, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Item:
    id: int
    starts_at: datetime
    ends_at: datetime
    is_learning: bool = True


def item(number: int, start: int, end: int, is_learning: bool = True) -> Item:
    """A session from minute `start` to minute `end` of the day."""
    return Item(number, DAY + timedelta(minutes=start), DAY + timedelta(minutes=end), is_learning)


@st.composite
def agendas(draw: st.DrawFn) -> list[Item]:
    starts = draw(st.lists(st.integers(0, 600), max_size=8))
    return [
        item(number, start, start + draw(st.integers(1, 200)), draw(st.booleans()))
        for number, start in enumerate(starts)
    ]


def minute_by_minute(sessions: list[Item]) -> int:
    """The same by counting, minute for minute."""
    return sum(
        any(
            s.is_learning and s.starts_at <= DAY + timedelta(minutes=minute) < s.ends_at
            for s in sessions
        )
        for minute in range(800)
    )


@given(agendas(), st.data())
def test_attended_time_is_each_minute_once(agenda: list[Item], data: st.DataObject) -> None:
    ticked = data.draw(st.sets(st.sampled_from(agenda))) if agenda else set()
    sessions = attended(agenda, {s.id for s in ticked})
    assert learning_minutes(sessions) == minute_by_minute(list(ticked))


@given(agendas(), st.data())
def test_share_is_between_nothing_and_all(agenda: list[Item], data: st.DataObject) -> None:
    ticked = data.draw(st.sets(st.sampled_from(agenda))) if agenda else set()
    part = share(attended(agenda, {s.id for s in ticked}), agenda)
    assert 0 <= part <= 1
    assert part == Fraction(minute_by_minute(list(ticked)), minute_by_minute(agenda) or 1)


@given(agendas(), st.data())
def test_one_more_session_never_lowers_the_share(agenda: list[Item], data: st.DataObject) -> None:
    if not agenda:
        return
    ticked = data.draw(st.sets(st.sampled_from([s.id for s in agenda])))
    more = ticked | {data.draw(st.sampled_from([s.id for s in agenda]))}
    assert share(attended(agenda, ticked), agenda) <= share(attended(agenda, more), agenda)


@given(agendas())
def test_attending_all_of_it_is_the_whole(agenda: list[Item]) -> None:
    everything = {s.id for s in agenda}
    learnt = 1 if any(s.is_learning for s in agenda) else 0
    assert share(attended(agenda, everything), agenda) == learnt


def test_parallel_sessions_count_once() -> None:
    agenda = [item(1, 0, 60), item(2, 0, 60), item(3, 60, 120)]
    assert share(attended(agenda, {1, 2}), agenda) == Fraction(1, 2)


def test_breaks_count_for_nothing() -> None:
    agenda = [item(1, 0, 60), item(2, 60, 90, is_learning=False), item(3, 90, 150)]
    assert share(attended(agenda, {1, 2}), agenda) == Fraction(1, 2)


def test_a_session_of_elsewhere_is_not_attended() -> None:
    agenda = [item(1, 0, 60)]
    assert attended(agenda, {1, 99}) == agenda


def test_percent_rounds_down() -> None:
    assert percent(Fraction(7999, 10000)) == 79


def test_session_at_is_the_running_one_then_the_next_then_the_last() -> None:
    agenda = [item(1, 60, 120), item(2, 180, 240)]
    asked = [0, 60, 119, 120, 200, 240, 900]
    found = [session_at(agenda, DAY + timedelta(minutes=minute)) for minute in asked]
    assert [s and s.id for s in found] == [1, 1, 1, 2, 2, 2, 2]


def test_session_at_passes_over_lunch() -> None:
    agenda = [item(1, 60, 120), item(2, 120, 180, is_learning=False), item(3, 180, 240)]
    found = session_at(agenda, DAY + timedelta(minutes=150))
    assert found
    assert found.id == 3


def test_session_at_of_no_agenda_is_none() -> None:
    assert session_at([], DAY) is None
