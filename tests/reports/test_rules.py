"""Made-up people, days and agendas."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.events.models import Session
from interact_events.registrations.rules import State
from interact_events.reports import rules

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
MONDAY = date(2027, 5, 10)


@given(DAYS, st.integers(-300, 300))
def test_workday_is_never_a_weekend_nor_christmas(today: date, offset: int) -> None:
    day = rules.workday(today, offset)
    assert day.weekday() < 5
    assert not (day.month == 12 and day.day >= 20)


@given(DAYS, st.integers(-60, 59))
def test_workdays_come_in_the_order_of_their_offsets(today: date, offset: int) -> None:
    assert rules.workday(today, offset) < rules.workday(today, offset + 1)


@pytest.mark.parametrize(
    ("offset", "day"),
    [
        (0, MONDAY),
        (4, date(2027, 5, 14)),
        (5, date(2027, 5, 17)),
        (-1, date(2027, 5, 7)),
    ],
)
def test_workday_counts_over_weekends(offset: int, day: date) -> None:
    assert rules.workday(MONDAY, offset) == day


def test_workday_of_a_sunday_is_the_monday_after_it() -> None:
    assert rules.workday(date(2027, 5, 9), 0) == MONDAY


@given(DAYS.filter(rules.is_workday), st.integers(1, 3))
def test_days_around_hold_no_weekend(first: date, number: int) -> None:
    days = rules.days_around(first, number)
    assert len(days) == number
    assert days == [days[0] + timedelta(days=n) for n in range(number)]
    assert all(rules.is_workday(day) for day in days)


def test_days_around_a_friday_begin_before_it() -> None:
    friday = date(2027, 5, 14)
    assert rules.days_around(friday, 2) == [date(2027, 5, 13), friday]


def test_agenda_takes_titles_in_turn_and_gives_parallel_sessions_rooms() -> None:
    shape = [
        [["09:00", "10:00"], ["10:00", "11:00"], ["10:00", "11:00"]],
        [["09:00", "09:30", "Lunch"]],
    ]
    days = [MONDAY, date(2027, 5, 11)]
    slots = rules.agenda(days, shape, ["One", "Two"])
    assert [(f"{s.starts:%d May %H:%M}", s.title, s.room, s.is_learning) for s in slots] == [
        ("10 May 09:00", "One", 0, True),
        ("10 May 10:00", "Two", 0, True),
        ("10 May 10:00", "One", 1, True),
        ("11 May 09:00", "Lunch", 0, False),
    ]


@given(st.integers(0, 80), st.integers(1, 40), st.booleans())
def test_a_selection_never_seats_more_than_the_capacity(
    applicants: int, capacity: int, is_over: bool
) -> None:
    states = rules.selected(applicants, capacity, is_over=is_over)
    assert len(states) == applicants
    assert states.count(State.CONFIRMED) <= capacity


def test_a_selection_in_progress_leaves_most_pending() -> None:
    states = rules.selected(20, 10, is_over=False)
    assert {state: states.count(state) for state in set(states)} == {
        State.CONFIRMED: 6,
        State.DECLINED: 2,
        State.PENDING: 12,
    }


def test_sessions_at_the_same_time_are_parallel() -> None:
    nine, ten = (datetime(2027, 5, 12, hour, tzinfo=UTC) for hour in (9, 10))
    items = [
        Session(starts_at=start, title=title, is_learning=is_learning)
        for start, title, is_learning in (
            (nine, "one", True),
            (nine, "other", True),
            (nine, "coffee", False),
            (ten, "alone", True),
            (ten, "lunch", False),
        )
    ]
    assert [item.title for item in rules.parallel(items)] == ["one", "other"]


@pytest.mark.parametrize(
    ("programme", "short"),
    [
        ("Interreg VI-A Finland-Estonia-Latvia-Sweden (Central Baltic)", "Central Baltic"),
        ("Interreg VI-A Meuse-Rhine (NL-BE-DE)", "Meuse-Rhine (NL-BE-DE)"),
        ("Interreg VI-A IPA Croatia-Serbia", "Croatia-Serbia"),
        ("Interreg VI-B NEXT Black Sea Basin", "Black Sea Basin"),
        ("Interreg Europe", "Interreg Europe"),
    ],
)
def test_short_name_is_what_people_say(programme: str, short: str) -> None:
    assert rules.short_name(programme) == short


def some_people(seed: int, number: int) -> list[rules.Person]:
    greek = rules.Names("GR", "Europe/Athens", (["Ζωή"], ["Νίκος"]), (["Βλάχου"], ["Βλάχος"]))
    spanish = rules.Names("ES", "Europe/Madrid", (["Inés"], ["Íñigo"]), (["Vidal", "Ortega"],) * 2)
    institutions = [
        rules.Institution(country, kind, f"{kind} of {country}")
        for country in ("GR", "ES")
        for kind in ("ministry", "region")
    ]
    programmes = [
        rules.KnownProgramme(1, "Interreg VI-A Greece-Bulgaria", frozenset({"GR", "BG"}), False),
        rules.KnownProgramme(2, "Interreg Europe", frozenset(), False),
        rules.KnownProgramme(3, "ENI CBC Greece", frozenset({"GR"}), True),
    ]
    made = rules.people(Random(seed), [greek, spanish], institutions, programmes)
    return list(islice(made, number))


@given(st.integers(0, 1000))
def test_people_have_addresses_of_their_own(seed: int) -> None:
    addresses = [person.email for person in some_people(seed, 40)]
    assert len(set(addresses)) == 40
    assert all(a.isascii() and a == a.lower() and a.endswith(".example") for a in addresses)


@given(st.integers(0, 1000))
def test_people_work_in_programmes_that_reach_their_country(seed: int) -> None:
    reached = {"GR": {1, 2, 3, None}, "ES": {2, None}}
    assert all(
        {c.programme_id for c in person.capacities} <= reached[person.country]
        for person in some_people(seed, 40)
    )


def test_people_of_one_seed_are_the_same_again() -> None:
    assert some_people(7, 30) == some_people(7, 30)
    assert some_people(7, 30) != some_people(8, 30)


@given(st.integers(0, 1000), st.integers(0, 50))
def test_moments_come_in_order_between_their_limits(seed: int, number: int) -> None:
    first = datetime(2027, 5, 1, tzinfo=UTC)
    last = first + timedelta(days=3)
    found = rules.moments(Random(seed), number, first, last)
    assert len(found) == number
    assert found == sorted(found)
    assert all(first <= moment < last for moment in found)


@given(st.integers(0, 1000))
def test_attended_by_the_diligent_is_everything(seed: int) -> None:
    assert rules.attended(Random(seed), [1, 2, 3, 4], is_diligent=True) == [1, 2, 3, 4]


def test_plan_fills_empty_cells_with_what_is_usual() -> None:
    names = "offset office theme title kind mode agenda capacity applicants period state admission"
    more = "opens closes aftermath guests organisers extra rules"
    row = dict.fromkeys([*names.split(), *more.split()], "")
    row |= {"offset": "-3", "capacity": "20", "applicants": "7", "guests": "controller=confirmed"}
    plan = rules.plan_of(row)
    assert (plan.offset, plan.period, plan.state, plan.opens) == (
        -3,
        "2021-2027",
        "published",
        None,
    )
    assert plan.guests == (("controller", "confirmed"),)
