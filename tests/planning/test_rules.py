"""Weeks and days of the board, what a move meets, and whose work an event is."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.core.clock import to_local
from interact_events.core.words import days_in_short
from interact_events.planning.rules import (
    Task,
    Zoom,
    collisions,
    placed,
    range_of,
    shares,
    shifted,
    week_of,
)

DAYS = st.dates(date(2001, 1, 10), date(2099, 12, 20))
ZOOMS = st.sampled_from(list(Zoom))


@dataclass(frozen=True)
class Topic:
    id: int
    name: str


@dataclass(frozen=True)
class Event:
    starts_at: datetime
    ends_at: datetime
    id: int = 1
    office_id: int = 1
    zone: str = "Europe/Helsinki"
    topics: tuple[Topic, ...] = ()


def event(first: date, days: int = 1, zone: str = "Europe/Helsinki") -> Event:
    """From nine in the morning (UTC) on that day."""
    starts_at = datetime(first.year, first.month, first.day, 9, tzinfo=UTC)
    return Event(starts_at, starts_at + timedelta(days=days - 1, hours=2), zone=zone)


# -- the board -----------------------------------------------------------------------------------


@given(ZOOMS, DAYS)
def test_slots_follow_each_other_without_a_gap(zoom: Zoom, day: date) -> None:
    slots = range_of(zoom, day).slots
    for slot, later in itertools.pairwise(slots):
        assert later.first == slot.last + timedelta(days=1)


@given(ZOOMS, DAYS)
def test_pages_follow_each_other_and_each_day_stands_on_one(zoom: Zoom, day: date) -> None:
    shown = range_of(zoom, day)
    assert day in shown
    assert shown.after
    assert range_of(zoom, shown.after).first == shown.last + timedelta(days=1)
    if shown.before:
        assert range_of(zoom, shown.before).last == shown.first - timedelta(days=1)
    assert range_of(zoom, shown.middle) == shown


@given(DAYS)
def test_a_year_has_the_weeks_that_iso_8601_gives_it(day: date) -> None:
    year, _, _ = day.isocalendar()
    numbers = [slot.number for slot in range_of(Zoom.YEAR, day).slots]
    assert numbers == list(range(1, date(year, 12, 28).isocalendar().week + 1))


def test_months_have_their_weeks_by_thursday() -> None:
    months = range_of(Zoom.QUARTER, date(2027, 1, 1)).months
    assert [(month.first, len(month.slots)) for month in months] == [
        (date(2026, 10, 1), 5),
        (date(2026, 11, 1), 4),
        (date(2026, 12, 1), 5),  # week 53 holds 1 January 2027
    ]
    assert [len(month.slots) for month in range_of(Zoom.MONTH, date(2028, 2, 9)).months] == [29]


@given(DAYS, st.integers(1, 40), ZOOMS)
def test_an_event_stands_in_each_slot_that_it_touches_and_is_whole_once(
    first: date, days: int, zoom: Zoom
) -> None:
    shown, held = range_of(zoom, first), event(first, days)
    cells = placed([held], shown.slots)
    last = first + timedelta(days=days - 1)
    touched = [slot.first for slot in shown.slots if slot.first <= last and first <= slot.last]
    assert [day for _, day in cells] == touched
    stands = [stand for parts in cells.values() for stand in parts]
    assert [stand.is_first for stand in stands] == [True, *[False] * (len(touched) - 1)]


def test_the_zone_of_the_event_decides_its_day() -> None:
    late = datetime(2027, 5, 9, 22, tzinfo=UTC)  # Monday at 01:00 in Turku
    shown = range_of(Zoom.YEAR, date(2027, 5, 9))
    for zone, monday in (("Europe/Helsinki", 10), ("Europe/Lisbon", 3)):
        cells = placed([Event(late, late + timedelta(minutes=30), zone=zone)], shown.slots)
        assert list(cells) == [(1, date(2027, 5, monday))]


def test_what_begins_before_the_page_is_whole_in_its_first_slot() -> None:
    shown = range_of(Zoom.MONTH, date(2027, 6, 1))
    cells = placed([event(date(2027, 5, 30), 4)], shown.slots)
    assert [day.day for _, day in cells] == [1, 2]
    assert cells[1, date(2027, 6, 1)][0].is_first
    assert placed([event(date(2027, 4, 30))], shown.slots) == {}


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2027, 5, 12), date(2027, 5, 12), "12 May"),
        (date(2027, 5, 12), date(2027, 5, 13), "12–13 May"),
        (date(2027, 6, 28), date(2027, 7, 4), "28 Jun – 4 Jul"),
    ],
)
def test_days_in_short(first: date, last: date, said: str) -> None:
    assert days_in_short(first, last) == said


# -- moving --------------------------------------------------------------------------------------

LOCAL = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1))  # noqa: DTZ001  # wall clocks
MAYBE = st.none() | LOCAL


@given(MAYBE, MAYBE, st.integers(-400, 400), st.booleans())
def test_registration_keeps_its_distance_and_never_closes_again_what_is_open(
    opens: datetime | None, closes: datetime | None, days: int, has_opened: bool
) -> None:
    by = timedelta(days=days)
    moved = shifted(opens, closes, by, has_opened=has_opened)
    assert moved[1] == (closes + by if closes else None)
    assert moved[0] == (opens if has_opened or opens is None else opens + by)
    assert shifted(*moved, -by, has_opened=has_opened) == (opens, closes)


COSTS, AUDIT = Topic(1, "Costs"), Topic(2, "Audit")


def test_others_collide_on_the_same_days_or_about_the_same() -> None:
    monday = date(2027, 5, 10)
    others = [
        Event(*_times(10), id=1, topics=(AUDIT,)),
        Event(*_times(12), id=2, topics=(AUDIT,)),
        Event(*_times(13), id=3, topics=(COSTS, AUDIT)),
        Event(*_times(10), id=4, topics=(COSTS,)),
    ]
    met = collisions(monday, monday + timedelta(days=1), {COSTS.id}, others)
    assert [(each.event.id, each.is_same_days, each.topics) for each in met] == [
        (4, True, ("Costs",)),
        (3, False, ("Costs",)),
        (1, True, ()),
    ]


def _times(day: int) -> tuple[datetime, datetime]:
    starts_at = datetime(2027, 5, day, 9, tzinfo=UTC)
    return starts_at, starts_at + timedelta(hours=2)


@given(DAYS, st.integers(1, 10), DAYS, st.integers(1, 10))
def test_colliding_by_days_is_mutual(first: date, days: int, other: date, length: int) -> None:
    one, two = event(first, days), event(other, length)

    def meets(mine: Event, theirs: Event) -> bool:
        begins, ends = (to_local(at, mine.zone).date() for at in (mine.starts_at, mine.ends_at))
        return bool(collisions(begins, ends, frozenset(), [theirs]))

    assert meets(one, two) == meets(two, one)


@given(DAYS)
def test_a_week_is_from_monday_to_sunday(day: date) -> None:
    week = week_of(day)
    assert (week.first.weekday(), week.last.weekday()) == (0, 6)
    assert week.first <= day <= week.last


# -- workload ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    id: int
    name: str
    email: str


@dataclass(frozen=True)
class Talk:
    speakers: str


@dataclass(frozen=True)
class Plan:
    contact_name: str = ""
    contact_email: str = ""
    created_by_id: int | None = None
    agenda: tuple[Talk, ...] = field(default=())


ANNA = Person(1, "Anna Virtanen", "anna@example.org")
ZOI = Person(2, 'Ζωή "Žižka" <b>O\'Neil</b>', "zoi@example.org")
NOBODY = Person(3, "", "nobody@example.org")
STAFF = [ANNA, ZOI, NOBODY]


def found(plan: Plan) -> dict[int, tuple[Task, ...]]:
    return {share.person_id: share.tasks for share in shares(plan, STAFF)}


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (Plan(), {}),
        (Plan(contact_name="anna  virtanen"), {1: (Task.CONTACT,)}),
        (Plan(contact_email="ANNA@example.org"), {1: (Task.CONTACT,)}),
        (Plan(contact_name="Interact Office Turku", created_by_id=2), {2: (Task.CREATED,)}),
        (Plan(contact_name="Anna Virtanen", created_by_id=2), {1: (Task.CONTACT,)}),
        (Plan(created_by_id=99), {}),
        (Plan(agenda=(Talk("Anna Virtanen, Turku"),)), {1: (Task.SPEAKS,)}),
        (Plan(agenda=(Talk("Joanna Virtanen"), Talk("Anna Virtanenová"))), {}),
        (
            Plan(contact_name="zoi zizka b o neil b", agenda=(Talk("with " + ZOI.name),)),
            {2: (Task.SPEAKS,)},
        ),
        (
            Plan(created_by_id=1, agenda=(Talk("Anna Virtanen"), Talk("Anna Virtanen"))),
            {1: (Task.CREATED, Task.SPEAKS)},
        ),
    ],
)
def test_whose_work_an_event_is(plan: Plan, expected: dict[int, tuple[Task, ...]]) -> None:
    assert found(plan) == expected


@given(st.text(max_size=40), st.text(max_size=40))
def test_two_speakers_of_one_event_are_two_names(first: str, second: str) -> None:
    """Names of several sessions never grow together into another one."""
    people = [Person(1, "Anna Virtanen", "a@example.org")]
    plan = Plan(agenda=(Talk(first + " Anna"), Talk("Virtanen " + second)))
    separate = [shares(Plan(agenda=(talk,)), people) for talk in plan.agenda]
    assert bool(shares(plan, people)) == any(separate)
