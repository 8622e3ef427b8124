"""Warnings as data: what, whom they hit and how many; between two events always both ways."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.scheduling.policies import heading_of, said
from interact_events.scheduling.rules import (
    BETWEEN_EVENTS,
    Around,
    Closed,
    DateWarning,
    Kind,
    Named,
    Plan,
    Slot,
    named,
    speakers_of,
)
from tests.scheduling.plans import NOW, WEDNESDAY, around, found, kinds, off, plan

DAY = date(2027, 5, 12)
CONTROLLERS, AUDIT = Named("role-1", "Controllers"), Named("topic-1", "Audit")
HOUSE = Named("logomo|turku", "Logomo")


def only(one: Plan, where: Around, now: datetime = NOW) -> DateWarning:
    (warning,) = found(one, where, now)
    return warning


def sentence(one: Plan, where: Around, now: datetime = NOW) -> str:
    return said(only(one, where, now))


def test_nothing_speaks_against_a_usual_day() -> None:
    assert found(plan(), around()) == []


# -- days ----------------------------------------------------------------------------------------


def test_holiday_on_the_days_of_the_host() -> None:
    where = around(homes={1: off((DAY, "Feast"))})
    one = plan(people={"FI": 3, "PT": 2})
    assert sentence(one, where) == (
        "Wednesday 12 May 2027 is a day off in Finland, where it takes place: Feast. "
        "That concerns 3 registered people."
    )


def test_event_online_takes_place_nowhere() -> None:
    where = around(homes={1: off((DAY, "Feast"))})
    assert sentence(plan(has_place=False, has_link=True), where) == (
        "Wednesday 12 May 2027 is a day off in Finland, where its office is: Feast."
    )


def test_of_two_days_only_the_second_is_a_holiday() -> None:
    where = around(homes={1: off((DAY + timedelta(days=1), "Feast"))})
    warning = only(plan(ends_at=WEDNESDAY + timedelta(days=1, hours=6)), where)
    assert (warning.kind, warning.day) == (Kind.HOLIDAY_THERE, DAY + timedelta(days=1))


def test_event_that_ends_at_midnight_leaves_the_next_day_alone() -> None:
    where = around(homes={1: off((DAY + timedelta(days=1), "Feast"))})
    ends_at = datetime(2027, 5, 12, 21, tzinfo=UTC)  # 00:00 in Helsinki
    assert kinds(plan(ends_at=ends_at), where) == [Kind.TOO_LATE]


def test_holiday_in_target_countries_names_them_and_counts_their_people() -> None:
    calendars = {"FI": off(), "PT": off((DAY, "Feast")), "AT": off((DAY, "Fair"))}
    one = plan(countries=("AT", "FI", "PT"), people={"PT": 4, "AT": 1, "FI": 9})
    assert sentence(one, around(calendars=calendars)) == (
        "Wednesday 12 May 2027 is a day off in 2 of 3 target countries: Austria and Portugal "
        "(Fair; Feast). That concerns 5 registered people."
    )


def test_event_held_abroad_has_the_holidays_there() -> None:
    where = around(calendars={"FI": off(), "PT": off((DAY, "Feast"))})
    assert kinds(plan(host="PT"), where) == [Kind.HOLIDAY_THERE]


def test_bridge_days_here_and_elsewhere() -> None:
    friday = plan(starts_at=WEDNESDAY + timedelta(days=2))
    thursday = off((DAY + timedelta(days=1), "Feast"))
    assert kinds(friday, around(homes={1: thursday})) == [Kind.BRIDGE_THERE]
    where = around(calendars={"FI": off(), "PT": thursday})
    assert sentence(friday, where) == (
        "Friday 14 May 2027 is a bridge day in 1 of 2 target countries: Portugal (beside Feast)."
    )


def test_country_of_which_nothing_is_known_is_said() -> None:
    one = plan(countries=("FI", "ZZ"))
    assert sentence(one, around()) == (
        "The public holidays of Nowhere are not known here. Ask somebody there."
    )
    where = around(unknown_regions={1: "Finland, region 99"})
    assert only(plan(), where).whom == ("Finland, region 99",)


def test_weekend_is_the_one_of_the_host() -> None:
    saturday = plan(
        starts_at=WEDNESDAY + timedelta(days=2), ends_at=WEDNESDAY + timedelta(days=3, hours=6)
    )
    assert sentence(saturday, around()) == ("Saturday 15 May 2027 falls on the weekend.")


def test_closures_concern_their_own() -> None:
    def closed(**whose: Any) -> list[DateWarning]:
        one = plan(programmes=frozenset((7,)), partners={8: 2})
        closure = Closed("Summer", DAY, DAY + timedelta(days=4), **whose)
        names = {7: "Central Baltic", 8: "Baltic Sea", 9: "Alpine Space"}
        return found(one, around(closures=[closure], programme_names=names))

    assert [said(w) for w in closed()] == ["Everyone is away on 12 May 2027: Summer."]
    assert [said(w) for w in closed(office=1)] == ["The office is closed on 12 May 2027: Summer."]
    assert closed(office=2) == []
    assert [said(w) for w in closed(programme=7)] == [
        "Central Baltic is closed on 12 May 2027: Summer."
    ]
    assert [said(w) for w in closed(programme=8)] == [
        "Baltic Sea is closed on 12 May 2027: Summer. 2 registered people with it."
    ]
    assert closed(programme=9) == []
    assert closed(is_working=True) == []


# -- other events --------------------------------------------------------------------------------


def other(number: int = 2, **values: Any) -> Plan:
    """An event of Vienna, elsewhere."""
    usual = {"office": 2, "title": "Sampling", "office_city": "Vienna", "zone": "Europe/Vienna"}
    return plan(number, **(usual | values))


@pytest.mark.parametrize(("days", "is_near"), [(0, True), (14, True), (15, False), (-14, True)])
def test_same_role_at_two_offices_within_the_chosen_days(days: int, is_near: bool) -> None:
    roles = frozenset((CONTROLLERS,))
    beside = other(roles=roles, starts_at=WEDNESDAY + timedelta(days=days))
    assert kinds(plan(roles=roles), around(beside)) == [Kind.NEAR] * is_near


def test_near_event_is_told_with_what_both_share() -> None:
    both: dict[str, Any] = {
        "roles": frozenset((CONTROLLERS,)),
        "topics": frozenset((AUDIT,)),
    }
    beside = other(starts_at=WEDNESDAY + timedelta(days=3), is_draft=True, **both)
    assert sentence(plan(**both), around(beside)) == (
        "Vienna’s draft “Sampling” (15 May 2027) is 3 days away, also for controllers, about audit."
    )


def test_own_events_and_other_roles_are_not_near() -> None:
    roles = frozenset((CONTROLLERS,))
    own = other(office=1, roles=roles)
    auditors = other(3, roles=frozenset((Named("role-2", "Auditors"),)))
    for_all = other(4)
    assert found(plan(roles=roles), around(own, auditors, for_all)) == []


def test_cancelled_event_never_clashes() -> None:
    roles = frozenset((CONTROLLERS,))
    beside = other(roles=roles, is_cancelled=True)
    assert found(plan(roles=roles), around(beside)) == []
    assert found(plan(roles=roles, is_cancelled=True), around(other(roles=roles))) == []


def slots(room: str = "", speakers: str = "", hours: float = 0, days: int = 0) -> tuple[Slot, ...]:
    start = WEDNESDAY + timedelta(hours=hours, days=days)
    name = Named(room, room) if room else None
    end = start + timedelta(hours=1)
    return (Slot(start.date(), start, end, name, speakers_of(speakers)),)


def test_same_room_at_the_same_time() -> None:
    one = plan(venue=HOUSE, slots=slots("Hall A"))
    beside = other(venue=HOUSE, slots=slots("Hall A"))
    assert sentence(one, around(beside)) == (
        "Hall A, Logomo is taken by Vienna’s “Sampling” (12 May 2027)."
    )
    later = other(venue=HOUSE, slots=slots("Hall A", hours=2))
    next_door = other(venue=HOUSE, slots=slots("Hall B"))
    assert found(one, around(later)) == found(one, around(next_door)) == []


def test_same_house_counts_where_nobody_names_a_room() -> None:
    assert kinds(plan(venue=HOUSE), around(other(venue=HOUSE))) == [Kind.ROOM]
    next_day = other(venue=HOUSE, starts_at=WEDNESDAY + timedelta(days=1))
    assert found(plan(venue=HOUSE), around(next_day)) == []


def test_speaker_at_two_places_on_a_day_or_at_two_sessions_at_once() -> None:
    one = plan(venue=HOUSE, slots=slots(speakers="Anna Virtanen, Bo Ek"))
    afternoon = slots(speakers="bo EK and Ζωή", hours=5)
    elsewhere = other(venue=Named("fair|wien", "Fair"), slots=afternoon)
    assert sentence(one, around(elsewhere)) in (
        "Bo Ek speaks at Vienna’s “Sampling” (12 May 2027).",
        "bo EK speaks at Vienna’s “Sampling” (12 May 2027).",
    )
    assert found(one, around(other(slots=afternoon))) == []  # online, at another hour
    at_once = other(slots=slots(speakers="Bo Ek", hours=0.5))
    assert kinds(one, around(at_once)) == [Kind.SPEAKER]


def test_contact_of_two_events_at_once() -> None:
    contact = Named("bo ek", "Bo Ek")
    assert sentence(plan(contact=contact), around(other(contact=contact))) == (
        "Bo Ek is the contact of Vienna’s “Sampling” (12 May 2027) as well."
    )
    week_later = other(contact=contact, starts_at=WEDNESDAY + timedelta(days=7))
    assert found(plan(contact=contact), around(week_later)) == []


def test_people_with_a_seat_at_both() -> None:
    booked = {frozenset((1, 2)): 5}
    assert sentence(plan(), around(other(), booked=booked)) == (
        "5 registered people have a seat at Vienna’s “Sampling” (12 May 2027) at the same time."
    )
    next_day = other(starts_at=WEDNESDAY + timedelta(days=1))
    assert found(plan(), around(next_day, booked=booked)) == []


# -- hours and lead time -------------------------------------------------------------------------


def test_eight_in_helsinki_is_six_in_lisbon() -> None:
    eight = WEDNESDAY - timedelta(hours=2)
    online = plan(starts_at=eight, has_link=True, people={"PT": 2})
    assert sentence(online, around()) == (
        "It begins at 06:00 in Portugal. That concerns 2 registered people."
    )
    assert found(plan(starts_at=eight), around()) == []  # who travels to Turku has its clocks


def test_late_for_those_further_east() -> None:
    late = plan(starts_at=WEDNESDAY + timedelta(hours=3), zone="Europe/Vienna", has_link=True)
    warning = only(late, around())  # until 18:00 in Vienna
    assert (warning.kind, warning.whom, warning.amount) == (Kind.TOO_LATE, ("Finland",), 19 * 60)


def test_end_after_midnight_is_late_not_early() -> None:
    assert kinds(plan(ends_at=WEDNESDAY + timedelta(hours=15)), around()) == [Kind.TOO_LATE]


def test_early_session_of_the_second_day() -> None:
    second = slots(days=1, hours=-4)  # 06:00 in Helsinki
    long = plan(ends_at=WEDNESDAY + timedelta(days=1, hours=6), slots=second)
    warning = only(long, around())
    assert (warning.kind, warning.day) == (Kind.TOO_EARLY, DAY + timedelta(days=1))


def test_too_little_time_between_publication_and_start() -> None:
    published = plan(published_at=WEDNESDAY - timedelta(days=30))
    assert sentence(published, around()) == (
        "People have 4 weeks between publication and start; 6 weeks are the least that the "
        "network wants."
    )
    draft = plan(published_at=None)
    assert found(draft, around(), WEDNESDAY - timedelta(days=42)) == []
    assert kinds(draft, around(), WEDNESDAY - timedelta(days=41)) == [Kind.LEAD_TIME]


def test_nothing_is_said_of_what_is_over() -> None:
    one = plan(ends_at=WEDNESDAY + timedelta(days=4))
    assert kinds(one, around()) == [Kind.WEEKEND]
    assert found(one, around(), one.ends_at) == []


def test_slip_of_the_pen_that_takes_years_is_looked_at_all_the_same() -> None:
    assert kinds(plan(ends_at=WEDNESDAY + timedelta(days=10_000)), around()) == [Kind.WEEKEND]


# -- whatever the plans --------------------------------------------------------------------------

NAMES = st.frozensets(st.sampled_from("abc").map(lambda c: Named(c, c.upper())), max_size=2)
VENUES = st.sampled_from([None, HOUSE, Named("fair|wien", "Fair")])


@st.composite
def slots_of(draw: st.DrawFn, start: datetime) -> tuple[Slot, ...]:
    hours = draw(st.lists(st.integers(0, 5), max_size=3))
    return tuple(
        Slot(
            (start + timedelta(hours=hour)).date(),
            start + timedelta(hours=hour),
            start + timedelta(hours=hour + 1),
            draw(st.sampled_from([None, *(Named(c, c) for c in "xy")])),
            draw(NAMES),
        )
        for hour in hours
    )


@st.composite
def plans(draw: st.DrawFn, number: int) -> Plan:
    start = WEDNESDAY + timedelta(hours=draw(st.integers(-20 * 24, 20 * 24)))
    return plan(
        number,
        office=draw(st.integers(1, 2)),
        zone=draw(st.sampled_from(["Europe/Helsinki", "Europe/Lisbon", "Pacific/Auckland"])),
        starts_at=start,
        ends_at=start + timedelta(hours=draw(st.integers(1, 72))),
        venue=draw(VENUES),
        contact=draw(st.sampled_from([None, Named("bo", "Bo")])),
        roles=draw(NAMES),
        topics=draw(NAMES),
        slots=draw(slots_of(start)),
        is_cancelled=draw(st.integers(0, 5)) == 0,
    )


@given(plans(1), plans(2), st.integers(0, 30), st.integers(0, 3))
def test_one_warns_of_the_other_if_the_other_warns_of_it(
    one: Plan, two: Plan, near_days: int, booked: int
) -> None:
    where = around(one, two, near_days=near_days, booked={frozenset((1, 2)): booked})

    def about(plan: Plan, beside: Plan) -> set[Kind]:
        return {w.kind for w in found(plan, where) if w.other and w.other.id == beside.id}

    assert about(one, two) == about(two, one)
    assert about(one, two) <= BETWEEN_EVENTS


@given(plans(1))
def test_no_event_clashes_with_itself(one: Plan) -> None:
    typed = plan(1, **{name: getattr(one, name) for name in ("starts_at", "roles", "venue")})
    where = around(one, booked={frozenset((1,)): 9})
    assert [w for each in (one, typed) for w in found(each, where) if w.other] == []


@given(plans(1), plans(2), plans(3))
def test_each_warning_has_a_key_and_words_of_its_own(one: Plan, two: Plan, three: Plan) -> None:
    holidays = off((one.first, "Feast"), (one.last, "Fair"))
    where = around(two, three, homes={1: holidays}, calendars={"FI": off(), "PT": holidays})
    told = found(one, where)
    assert len({warning.key for warning in told}) == len(told)
    assert all(heading_of(each) and said(each).endswith(".") for each in told)
    assert [w.key for w in found(one, where)] == [w.key for w in told]


def test_what_joins_a_clash_later_is_another_warning() -> None:
    """A lead has dismissed that Anna speaks twice, not that Bo does."""
    anna = plan(slots=slots(speakers="Anna Virtanen"))
    both = plan(slots=slots(speakers="Anna Virtanen, Bo Ek"))
    where = around(other(roles=frozenset(), slots=slots(speakers="Bo Ek and Anna Virtanen")))
    keys = [
        [each.key for each in found(one, where) if each.kind is Kind.SPEAKER]
        for one in (anna, both, anna)
    ]
    assert keys[0] == keys[2] != keys[1]


def test_region_of_the_office_concerns_nobody_abroad() -> None:
    where = around(unknown_regions={1: "Finland, region ZZ"})
    assert Kind.UNKNOWN in kinds(plan(), where)
    assert Kind.UNKNOWN not in kinds(plan(host="AT"), where)


@pytest.mark.parametrize("nobody", ["N.N.", "tbc", "TBA", "to be confirmed", "To be announced"])
def test_whoever_is_yet_to_be_named_is_nobody_twice(nobody: str) -> None:
    one = plan(slots=slots(nobody, speakers=nobody), venue=named(nobody), contact=named(nobody))
    two = other(
        roles=frozenset(),
        slots=slots(nobody, speakers=nobody),
        venue=one.venue,
        contact=one.contact,
    )
    assert kinds(one, around(two)) == []
