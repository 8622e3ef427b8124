from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from interact_events.letters.rules import (
    LATE_FOR,
    MOST_DAYS,
    USUAL,
    WRITABLE,
    Answered,
    Came,
    Group,
    due,
    is_too_late,
    is_usual,
)

HELSINKI = "Europe/Helsinki"
ZONES = st.sampled_from([HELSINKI, "Europe/Dublin", "Australia/Lord_Howe", "America/New_York"])
INSTANTS = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001  # the zone comes beside it
    datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
REMINDERS = st.builds(
    lambda days, is_after, at: replace(USUAL[0], days=days, is_after=is_after, at=at),
    st.integers(0, MOST_DAYS),
    st.booleans(),
    st.builds(time, st.integers(0, 23), st.integers(0, 59)),
)


def helsinki(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(HELSINKI))  # type: ignore[misc, arg-type]


@given(REMINDERS, INSTANTS, ZONES)
def test_a_reminder_is_due_on_its_side_of_the_instant(reminder, anchor, zone) -> None:  # type: ignore[no-untyped-def]
    found = due(reminder, anchor, zone)
    if found is None:
        assert not reminder.is_after
        assert reminder.days <= 1  # where clocks skip a day's end, the first after may be too late
        return
    if reminder.is_after:
        assert found.since >= anchor
        assert found.until == found.since + LATE_FOR
    else:
        assert found.since < anchor == found.until
    assert not found.is_now(found.since - timedelta(seconds=1))
    assert found.is_now(found.since)
    assert not found.is_now(found.until)


@given(REMINDERS, INSTANTS, ZONES)
def test_the_wall_clock_shows_what_was_asked(reminder, anchor, zone) -> None:  # type: ignore[no-untyped-def]
    found = due(reminder, anchor, zone)
    if found is None or found.since == anchor:
        return
    shown, asked = found.since.astimezone(ZoneInfo(zone)), reminder.at
    minutes = (shown.hour - asked.hour) * 60 + shown.minute - asked.minute
    assert minutes == 0 or 0 < minutes <= 60  # as late as clocks skip in spring
    days = (shown.date() - anchor.astimezone(ZoneInfo(zone)).date()).days
    assert days == (reminder.days if reminder.is_after else -reminder.days) or minutes < 0


@given(REMINDERS, INSTANTS, ZONES, st.integers(1, 50))
def test_it_moves_with_the_event_day_by_day(reminder, anchor, zone, days) -> None:  # type: ignore[no-untyped-def]
    """At the same hour of another day: the reminder moves as many days, and is another one."""
    local = anchor.astimezone(ZoneInfo(zone)).replace(hour=15, minute=0, second=0, microsecond=0)
    before = due(reminder, local, zone)
    after = due(reminder, local + timedelta(days=days), zone)  # the wall clock's arithmetic
    assert (before is None) == (after is None)
    if before and after:
        assert after.day - before.day == timedelta(days=days)


def test_clocks_that_change_in_between_do_not_shift_the_hour() -> None:
    start = helsinki(2027, 3, 29, 9)  # the day after clocks went forward
    found = due(USUAL[0], start, HELSINKI)
    assert found
    assert found.since == helsinki(2027, 3, 26, 9)


def test_a_skipped_time_is_an_hour_later_and_a_double_one_is_the_first() -> None:
    night = replace(USUAL[0], at=time(3, 30), days=1)
    spring = due(night, helsinki(2027, 3, 29, 9), HELSINKI)
    autumn = due(night, helsinki(2027, 11, 1, 9), HELSINKI)
    assert spring
    assert autumn
    assert spring.since == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)  # 04:30 there
    assert autumn.since == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_no_instant_and_a_time_that_comes_too_late_are_never_due() -> None:
    assert due(USUAL[0], None, HELSINKI) is None
    on_the_day = replace(USUAL[0], days=0, at=time(10))
    assert due(on_the_day, helsinki(2027, 5, 12, 9), HELSINKI) is None


def test_an_hour_more_is_the_same_occurrence_another_day_is_not() -> None:
    days = [
        found.day
        for start in (helsinki(2027, 5, 12, 9), helsinki(2027, 5, 12, 10), helsinki(2027, 6, 1, 9))
        if (found := due(USUAL[0], start, HELSINKI))
    ]
    assert days[0] == days[1] != days[2]


@given(
    st.builds(
        Group,
        states=st.lists(st.sampled_from(WRITABLE), unique=True).map(tuple),
        role=st.none() | st.integers(1),
        programme=st.none() | st.integers(1),
        session=st.none() | st.integers(1),
        answered=st.none() | st.sampled_from(Answered),
        came=st.none() | st.sampled_from(Came),
    )
)
def test_a_group_is_kept_as_it_was(group: Group) -> None:
    assert Group.from_json(group.as_json) == group


@given(INSTANTS, st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_a_letter_is_too_late_after_days_and_never_before_its_time(planned, passed) -> None:  # type: ignore[no-untyped-def]
    assert is_too_late(planned, planned + passed) is (passed >= LATE_FOR)


@given(REMINDERS, INSTANTS, ZONES)
def test_nothing_is_due_longer_than_it_makes_sense(reminder, anchor, zone) -> None:  # type: ignore[no-untyped-def]
    """Whatever downtime lies between, what is caught up is at most so late."""
    if found := due(reminder, anchor, zone):
        last = found.until - timedelta(microseconds=1)
        assert found.is_now(last)
        assert last < (found.since + LATE_FOR if reminder.is_after else anchor)


def test_usual_reminders_have_names_of_their_own_and_are_meant_for_somebody() -> None:
    assert len({each.key for each in USUAL}) == len(USUAL)
    assert all(each.group.states for each in USUAL)
    assert [is_usual(key) for key in ("thanks", "own-1")] == [True, False]
