"""The date finder keeps what is stated, and proposes the best by its own score."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from interact_events.scheduling.policies import passed_over, proposed_days, why
from interact_events.scheduling.rules import (
    Around,
    Calendar,
    Closed,
    Found,
    Named,
    Obstacle,
    Plan,
    Wish,
    find,
)
from interact_events.scheduling.rules.finding import BEST
from tests.scheduling.plans import WEDNESDAY, around, off, plan

TODAY = date(2027, 1, 4)  # a Monday
WORKDAYS = frozenset(range(5))
CONTROLLERS = Named("role-1", "Controllers")


def wish(**values: Any) -> Wish:
    """One day in May for Finland and Portugal."""
    defaults: dict[str, Any] = {
        "first": date(2027, 5, 1),
        "last": date(2027, 5, 31),
        "days": 1,
        "weekdays": WORKDAYS,
        "office": 1,
        "host": "FI",
        "countries": ("FI", "PT"),
    }
    return Wish(**(defaults | values))


def test_ten_best_of_a_month() -> None:
    found = find(wish(), around(), TODAY)
    assert (len(found.proposals), found.fitting) == (10, 21)
    assert found.proposals[0].first == date(2027, 5, 4)  # a Tuesday
    assert (found.proposals[0].score, found.passed_over) == (100, {Obstacle.WEEKDAY: 10})


def test_days_in_a_row_end_within_the_window() -> None:
    found = find(wish(days=3, first=date(2027, 5, 11), last=date(2027, 5, 13)), around(), TODAY)
    (only,) = found.proposals
    assert proposed_days(only) == "11–13 May 2027"
    assert found.passed_over == {Obstacle.WINDOW: 2}


def test_weekend_only_if_it_is_asked_for() -> None:
    weekend = wish(weekdays=frozenset((5, 6)), days=2)
    assert {each.first.weekday() for each in find(weekend, around(), TODAY).proposals} == {5}


def test_holiday_closure_and_lead_time_are_kept() -> None:
    tuesday = date(2027, 5, 4)
    closed = Closed("Away", date(2027, 5, 5), date(2027, 5, 6), office=1)
    where = around(homes={1: off((tuesday, "Feast"))}, closures=[closed])
    week = wish(first=date(2027, 5, 3), last=date(2027, 5, 7))
    found = find(week, where, date(2027, 3, 23))  # six weeks before the Tuesday
    assert [each.first for each in found.proposals] == [date(2027, 5, 7)]
    assert passed_over(found) == [
        "1 day with too little time to prepare",
        "1 day with a holiday where it takes place",
        "2 days in a closure",
    ]


def test_reasons_in_words() -> None:
    tuesday = date(2027, 5, 11)
    calendars = {"FI": off(), "PT": off((tuesday, "Feast")), "AT": off((tuesday, "Fair"))}
    beside = plan(
        2, office=2, roles=frozenset((CONTROLLERS,)), title="Sampling", office_city="Vienna"
    )
    own = plan(3, starts_at=WEDNESDAY - timedelta(days=1), title="Retreat")
    one = wish(
        first=tuesday,
        last=tuesday,
        countries=("AT", "FI", "PT", "ZZ"),
        roles=frozenset((CONTROLLERS,)),
    )
    (only,) = find(one, around(beside, own, calendars=calendars), TODAY).proposals
    assert why(only, 14, has_target=True) == [
        "free of holidays in 1 of 4 countries: not in Austria (Fair) and Portugal (Feast)",
        "holidays not known for Nowhere",
        "within 14 days: Vienna’s “Sampling” (12 May 2027)",
        "the office has “Retreat” then",
        "18 weeks to prepare",
    ]


def test_no_country_known_is_not_free() -> None:
    one = find(wish(countries=("ZZ",)), around(), TODAY).proposals[0]
    assert (one.free, one.unknown) == (0, ("Nowhere",))
    assert why(one, 14, has_target=False) == [
        "free of holidays in 0 of 1 countries",
        "holidays not known for Nowhere",
        "no other event of the office then",
        "17 weeks to prepare",
    ]


def test_draft_that_moves_is_not_in_its_own_way() -> None:
    own = plan(3)
    found = find(wish(event=3, first=own.first, last=own.last), around(own), TODAY)
    assert found.proposals[0].own == ()


def test_cancelled_event_is_in_nobodys_way() -> None:
    roles = frozenset((CONTROLLERS,))
    gone = plan(2, office=2, roles=roles, is_cancelled=True)
    found = find(wish(roles=roles), around(gone), TODAY)
    assert [each for each in found.proposals if each.near] == []


def test_window_that_is_over_before_it_begins_has_no_date() -> None:
    assert find(wish(last=date(2027, 4, 1)), around(), TODAY) == Found([], {}, 0)


# -- whatever is asked ---------------------------------------------------------------------------

DAYS = st.dates(date(2027, 1, 1), date(2027, 6, 30))
HOLIDAYS = st.dictionaries(DAYS, st.just("Feast"), max_size=40).map(Calendar)


@st.composite
def wishes(draw: st.DrawFn) -> Wish:
    first = draw(DAYS)
    return wish(
        first=first,
        last=first + timedelta(days=draw(st.integers(0, 90))),
        days=draw(st.integers(1, 4)),
        weekdays=frozenset(draw(st.sets(st.integers(0, 6), min_size=1))),
        countries=tuple(sorted(draw(st.sets(st.sampled_from(["AT", "FI", "PT", "ZZ"]))))),
        roles=draw(st.sampled_from([frozenset(), frozenset((CONTROLLERS,))])),
    )


@st.composite
def surroundings(draw: st.DrawFn) -> Around:
    others: list[Plan] = [
        plan(
            number,
            office=draw(st.integers(1, 2)),
            starts_at=WEDNESDAY + timedelta(days=draw(st.integers(-120, 50))),
            roles=frozenset((CONTROLLERS,)),
            is_cancelled=draw(st.booleans()),
        )
        for number in range(1, draw(st.integers(0, 5)) + 1)
    ]
    away = draw(DAYS)
    closure = Closed("Away", away, away + timedelta(days=draw(st.integers(0, 20))))
    return around(
        *others,
        homes={1: draw(HOLIDAYS)},
        calendars={"AT": draw(HOLIDAYS), "FI": draw(HOLIDAYS), "PT": draw(HOLIDAYS)},
        closures=[closure],
        lead_days=draw(st.integers(0, 60)),
    )


@given(wishes(), surroundings())
def test_no_proposal_breaks_a_stated_rule(asked: Wish, where: Around) -> None:
    for each in find(asked, where, TODAY).proposals:
        days = [each.first + timedelta(n) for n in range(asked.days)]
        assert days[-1] == each.last
        assert asked.first <= each.first
        assert each.last <= asked.last
        assert each.first >= TODAY + timedelta(days=where.lead_days)
        assert {day.weekday() for day in days} <= asked.weekdays
        assert not {*days} & {*where.homes[1].off}
        assert not {*days} & {*where.closures[0].days}


@given(wishes(), surroundings())
def test_best_of_all_days_come_first(asked: Wish, where: Around) -> None:
    """Each day looked for alone gives the same score, and none left out has a higher one."""
    found = find(asked, where, TODAY)
    alone = [
        find(_on(asked, asked.first + timedelta(n)), where, TODAY)
        for n in range((asked.last - asked.first).days - asked.days + 2)
    ]
    every = [each for one in alone for each in one.proposals]
    best = sorted(every, key=lambda each: (-each.score, each.first))[:BEST]
    assert [(p.first, p.score) for p in found.proposals] == [(p.first, p.score) for p in best]
    assert found.fitting == len(every)
    assert all(0 <= each.score <= 100 for each in every)


def _on(asked: Wish, first: date) -> Wish:
    values = {name: getattr(asked, name) for name in asked.__dataclass_fields__}
    return Wish(**(values | {"first": first, "last": first + timedelta(asked.days - 1)}))


@given(wishes(), surroundings())
def test_every_day_of_the_window_is_proposed_or_told_why_not(asked: Wish, where: Around) -> None:
    found = find(asked, where, TODAY)
    days = (asked.last - asked.first).days + 1
    assert found.fitting + sum(found.passed_over.values()) == days
