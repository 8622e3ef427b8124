"""On which days of a calendar an event stands."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.calendars.rules.days import (
    FIRST,
    LAST,
    MOST_IN_A_DAY,
    Layout,
    cut,
    days_of,
    placed,
    range_of,
)
from interact_events.core.clock import midnight

ZONES = ["Europe/Helsinki", "Europe/Madrid", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"]
DAYS = st.dates(FIRST, LAST)
INSTANTS = st.datetimes(
    datetime(2001, 1, 1),  # noqa: DTZ001  # the strategy adds the zone
    datetime(2099, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@dataclass(frozen=True)
class Timed:
    id: int
    starts_at: datetime
    ends_at: datetime
    zone: str


@st.composite
def timed(draw: st.DrawFn, around: date) -> Timed:
    """An event within some weeks of the day, up to ten days long."""
    start = datetime(around.year, around.month, around.day, tzinfo=UTC)
    starts_at = start + timedelta(minutes=draw(st.integers(-60_000, 60_000)))
    ends_at = starts_at + timedelta(minutes=draw(st.integers(1, 14_400)))
    return Timed(draw(st.integers(1, 10**6)), starts_at, ends_at, draw(st.sampled_from(ZONES)))


@given(st.sampled_from(Layout), DAYS)
def test_a_page_shows_its_day_and_whole_weeks_but_for_the_agenda(layout: Layout, day: date) -> None:
    page = range_of(layout, day)
    assert day in page.own
    assert set(page.own) <= set(page.days)
    assert [b - a for a, b in zip(page.days, page.days[1:], strict=False)] == (
        [timedelta(days=1)] * (len(page.days) - 1)
    )
    if layout is not Layout.AGENDA:
        assert {len(week) for week in page.weeks} == {7}
        assert {week[0].weekday() for week in page.weeks} == {0}


@given(st.sampled_from(Layout), DAYS)
def test_the_next_page_begins_where_this_one_ends_and_leads_back(layout: Layout, day: date) -> None:
    page = range_of(layout, day)
    if page.after:
        following = range_of(layout, page.after)
        assert following.own[0] == page.own[-1] + timedelta(days=1)
        assert following.before is None or following.before in page.own
    if page.before:
        assert range_of(layout, page.before).own[-1] == page.own[0] - timedelta(days=1)


@given(st.data(), st.sampled_from(Layout), DAYS, st.sampled_from([None, *ZONES]))
def test_an_event_stands_on_each_of_its_days_and_on_no_other(
    data: st.DataObject, layout: Layout, day: date, zone: str | None
) -> None:
    page = range_of(layout, day)
    events = data.draw(st.lists(timed(around=day), max_size=6, unique_by=lambda e: e.id))
    found = placed(events, page.days, lambda event: zone or event.zone)
    assert list(found) == list(page.days)
    for event in events:
        first, last = days_of(event.starts_at, event.ends_at, zone or event.zone)
        on = [(d, part) for d, parts in found.items() for part in parts if part.event is event]
        assert [d for d, _ in on] == [d for d in page.days if first <= d <= last]
        assert all(part.number == (d - first).days + 1 for d, part in on)
        assert all(part.of == (last - first).days + 1 for _, part in on)
        start, end = page.span
        assert not on or (event.starts_at < end and event.ends_at > start), "the query finds it"


@given(st.data(), DAYS)
def test_those_of_several_days_come_first_and_keep_their_order(
    data: st.DataObject, day: date
) -> None:
    events = data.draw(st.lists(timed(around=day), max_size=8, unique_by=lambda e: e.id))
    found = placed(events, range_of(Layout.MONTH, day).days, lambda event: event.zone)
    orders = []
    for parts in found.values():
        several = [part.of > 1 for part in parts]
        assert several == sorted(several, reverse=True)
        orders.append([part.event.id for part in parts if part.of > 1])
    for one in orders:
        for other in orders:
            assert [n for n in one if n in other] == [n for n in other if n in one]


@given(INSTANTS, st.integers(1, 50_000), st.sampled_from(ZONES))
def test_days_begin_at_midnight_whatever_the_clocks_do(
    start: datetime, minutes: int, zone: str
) -> None:
    end = start + timedelta(minutes=minutes)
    first, last = days_of(start, end, zone)
    assert midnight(first, zone) <= start < midnight(first + timedelta(days=1), zone)
    assert midnight(last, zone) < end <= midnight(last + timedelta(days=1), zone)


@pytest.mark.parametrize(
    ("start", "hours", "zone", "expected"),
    [
        ((2027, 5, 12, 6), 10, "Europe/Helsinki", (date(2027, 5, 12), date(2027, 5, 12))),
        ((2027, 5, 12, 6), 15, "Europe/Helsinki", (date(2027, 5, 12), date(2027, 5, 12))),
        ((2027, 5, 12, 6), 16, "Europe/Helsinki", (date(2027, 5, 12), date(2027, 5, 13))),
        ((2027, 5, 12, 6), 16, "Europe/Madrid", (date(2027, 5, 12), date(2027, 5, 12))),
        ((2027, 3, 27, 22), 23, "Europe/Helsinki", (date(2027, 3, 28), date(2027, 3, 28))),
        ((2027, 10, 30, 21), 25, "Europe/Helsinki", (date(2027, 10, 31), date(2027, 10, 31))),
        ((2027, 5, 12, 13), 1, "Pacific/Kiritimati", (date(2027, 5, 13), date(2027, 5, 13))),
    ],
    ids=[
        "a day",
        "until midnight",
        "beyond it",
        "elsewhere until midnight",
        "23 hours",
        "25 hours",
        "far east",
    ],
)
def test_days_of_an_event(
    start: tuple[int, int, int, int], hours: int, zone: str, expected: tuple[date, date]
) -> None:
    at = datetime(*start, tzinfo=UTC)
    assert days_of(at, at + timedelta(hours=hours), zone) == expected


@given(st.integers(0, 40), st.sets(st.integers(0, 40)))
def test_a_full_day_shows_ones_own_and_says_how_many_more_there_are(
    number: int, own: set[int]
) -> None:
    at = datetime(2027, 5, 12, 9, tzinfo=UTC)
    events = [Timed(n, at, at + timedelta(hours=1), "UTC") for n in range(number)]
    parts = placed(events, [at.date()], lambda event: event.zone)[at.date()]
    shown, more = cut(parts, own)
    assert len(shown) + more == number
    assert more != 1
    assert len(shown) <= MOST_IN_A_DAY + 1
    numbers = [part.event.id for part in shown]
    assert numbers == sorted(numbers)
    assert len(own & set(numbers)) == min(len(own & set(range(number))), len(shown))
