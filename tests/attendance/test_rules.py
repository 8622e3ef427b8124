from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from interact_events.attendance.rules import (
    GRACE,
    Attended,
    Spans,
    arrivals,
    as_json,
    attended,
    attended_minutes,
    from_arrival,
    from_json,
    joined,
    percent,
    seen,
    session_at,
    share,
    takes_arrivals,
)

DAY = datetime(2027, 5, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Item:
    id: int
    starts_at: datetime
    ends_at: datetime
    is_learning: bool = True
    title: str = "A session"


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


def whole(ids: Iterable[int]) -> dict[int, Spans]:
    """There from start to end."""
    return dict.fromkeys(ids)


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
    sessions = attended(agenda, whole(s.id for s in ticked))
    assert attended_minutes(sessions) == minute_by_minute(list(ticked))


@given(agendas(), st.data())
def test_share_is_between_nothing_and_all(agenda: list[Item], data: st.DataObject) -> None:
    ticked = data.draw(st.sets(st.sampled_from(agenda))) if agenda else set()
    part = share(attended(agenda, whole(s.id for s in ticked)), agenda)
    assert 0 <= part <= 1
    assert part == Fraction(minute_by_minute(list(ticked)), minute_by_minute(agenda) or 1)


@given(agendas(), st.data())
def test_one_more_session_never_lowers_the_share(agenda: list[Item], data: st.DataObject) -> None:
    if not agenda:
        return
    ticked = data.draw(st.sets(st.sampled_from([s.id for s in agenda])))
    more = ticked | {data.draw(st.sampled_from([s.id for s in agenda]))}
    few, many = (share(attended(agenda, whole(ids)), agenda) for ids in (ticked, more))
    assert few <= many


@given(agendas())
def test_attending_all_of_it_is_the_whole(agenda: list[Item]) -> None:
    everything = {s.id for s in agenda}
    learnt = 1 if any(s.is_learning for s in agenda) else 0
    assert share(attended(agenda, whole(everything)), agenda) == learnt


def test_parallel_sessions_count_once() -> None:
    agenda = [item(1, 0, 60), item(2, 0, 60), item(3, 60, 120)]
    assert share(attended(agenda, whole([1, 2])), agenda) == Fraction(1, 2)


def test_breaks_count_for_nothing() -> None:
    agenda = [item(1, 0, 60), item(2, 60, 90, is_learning=False), item(3, 90, 150)]
    assert share(attended(agenda, whole([1, 2])), agenda) == Fraction(1, 2)


def test_a_session_of_elsewhere_is_not_attended() -> None:
    agenda = [item(1, 0, 60)]
    assert [each.session for each in attended(agenda, whole([1, 99]))] == agenda


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


# -- parts of a session --------------------------------------------------------------------------


def span(start: int, end: int) -> tuple[datetime, datetime]:
    return DAY + timedelta(minutes=start), DAY + timedelta(minutes=end)


spans = st.lists(
    st.tuples(st.integers(-100, 900), st.integers(-100, 900)).map(lambda ends: span(*ends)),
    max_size=6,
)


def minutes_in(parts: Iterable[tuple[datetime, datetime]]) -> set[int]:
    """The minutes of the day that the spans cover, one by one."""
    return {
        minute
        for minute in range(-100, 900)
        for start, end in parts
        if start <= DAY + timedelta(minutes=minute) < end
    }


@given(spans)
def test_joined_spans_cover_the_same_and_lie_apart(parts: list[tuple[datetime, datetime]]) -> None:
    found = joined(parts)
    assert minutes_in(found) == minutes_in(parts)
    assert all(earlier[1] < later[0] for earlier, later in pairwise(found))
    assert joined(reversed(found)) == found


@given(spans)
def test_seen_is_what_lies_within_the_session(parts: list[tuple[datetime, datetime]]) -> None:
    session = item(1, 60, 300)
    assert seen(session, tuple(parts)).minutes == len(minutes_in(parts) & set(range(60, 300)))


@given(agendas(), st.data())
def test_parts_of_parallel_sessions_count_each_minute_once(
    agenda: list[Item], data: st.DataObject
) -> None:
    presence: dict[int, Spans] = {
        each.id: data.draw(st.none() | spans.map(tuple)) for each in agenda
    }
    found = attended(agenda, presence)
    assert attended_minutes(found) == len(minutes_in([p for each in found for p in each.parts]))
    assert attended_minutes(found) <= minute_by_minute(agenda)
    assert all(each.minutes > 0 for each in found)


@given(st.none() | spans.map(tuple))
def test_spans_are_read_back_as_they_were_written(parts: Spans) -> None:
    assert from_json(as_json(parts)) == parts


@given(st.integers(-200, 500))
def test_checking_in_counts_from_then_on_unless_it_is_early_enough(minute: int) -> None:
    session, arrived_at = item(1, 0, 240), DAY + timedelta(minutes=minute)
    found = seen(session, from_arrival(session, arrived_at))
    missed = max(0, minute) if arrived_at - session.starts_at > GRACE else 0
    assert found.minutes == max(0, 240 - missed)


@given(st.integers(-200, 500))
def test_whoever_may_check_in_is_credited_with_something(minute: int) -> None:
    session, arrived_at = item(1, 0, 240), DAY + timedelta(minutes=minute)
    assert takes_arrivals(session, arrived_at) is (-30 <= minute < 240)
    if takes_arrivals(session, arrived_at):
        assert seen(session, from_arrival(session, arrived_at)).minutes > 0


def test_late_and_early_are_said_from_five_minutes_on() -> None:
    session = item(1, 0, 60)
    asked = [None, (span(4, 57),), (span(5, 20), span(30, 55)), (span(90, 100),)]
    found = [seen(session, parts) for parts in asked]
    assert [(f.late_at, f.left_at) for f in found] == [
        (None, None),
        (None, None),
        (DAY + timedelta(minutes=5), DAY + timedelta(minutes=55)),
        (None, None),
    ]
    assert [f.is_whole for f in found] == [True, False, False, False]


def test_a_night_when_clocks_change_has_the_minutes_that_pass() -> None:
    """From 00:30 to 05:00 in Helsinki on the last Sunday of October 2027 there are 330 minutes."""
    zone = ZoneInfo("Europe/Helsinki")
    start, end = (datetime(2027, 10, 31, h, m, tzinfo=zone) for h, m in ((0, 30), (5, 0)))
    session = Item(1, start.astimezone(UTC), end.astimezone(UTC))
    assert seen(session, None).minutes == 330
    assert seen(session, ((start, end),)).minutes == 330


def test_attended_leaves_out_whom_no_minute_is_left() -> None:
    agenda = [item(1, 0, 60), item(2, 60, 120)]
    found = attended(agenda, {1: (span(80, 90),), 2: (span(80, 90),)})
    assert found == [Attended(agenda[1], (span(80, 90),))]


# -- arrivals ------------------------------------------------------------------------------------


@given(st.lists(st.integers(-600, 900)), st.integers(1, 300))
def test_everybody_who_arrives_is_counted_once(minutes: list[int], length: int) -> None:
    session = item(1, 0, length)
    found = arrivals(session, [DAY + timedelta(minutes=minute) for minute in minutes])
    assert sum(step.number for step in found) == found[-1].total == len(minutes)
    assert (found[0].at, found[-1].at < session.ends_at) == (DAY - timedelta(minutes=30), True)


def test_arrivals_are_counted_by_five_minutes() -> None:
    session = item(1, 0, 10)
    found = arrivals(session, [DAY + timedelta(minutes=minute) for minute in (-90, -26, 0, 4, 90)])
    assert [step.number for step in found] == [2, 0, 0, 0, 0, 0, 2, 1]
