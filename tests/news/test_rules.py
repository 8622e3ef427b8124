"""When a mail is due and what belongs in it, for any clock and any choice."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.news.rules import (
    HOURS,
    Offer,
    Reader,
    Reason,
    is_due,
    latest_slot,
    news_for,
    next_slot,
    reason_for,
    week_of,
)
from interact_events.registrations.rules import Applicant, EventRules

ZONES = ("Europe/Helsinki", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Apia", "UTC")
zones = st.sampled_from(ZONES)
weekdays = st.integers(0, 6)
hours = st.sampled_from(HOURS)
minutes_of_three_years = st.integers(0, 3 * 365 * 24 * 60)
instants = minutes_of_three_years.map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2027-05-11T05:00", "2027-05-11T05:00"),  # Tuesday, 08:00 in Helsinki
        ("2027-05-11T04:59", "2027-05-04T05:00"),
        ("2027-05-10T12:00", "2027-05-04T05:00"),
        ("2027-03-30T05:00", "2027-03-30T05:00"),  # clocks were put forward on the 28th
        ("2027-03-30T04:59", "2027-03-23T06:00"),
        ("2027-11-02T06:00", "2027-11-02T06:00"),  # and back on 31 October
    ],
)
def test_latest_slot_follows_the_clocks(now: str, slot: str) -> None:
    assert latest_slot(utc(now), "Europe/Helsinki", 1, 8) == utc(slot)


@given(now=instants, zone=zones, weekday=weekdays, hour=hours)
def test_latest_slot_has_passed_by_less_than_a_week(
    now: datetime, zone: str, weekday: int, hour: int
) -> None:
    slot = latest_slot(now, zone, weekday, hour)
    local = slot.astimezone(ZoneInfo(zone))
    assert (local.weekday(), local.hour, local.minute) == (weekday, hour, 0)
    assert slot <= now < slot + timedelta(days=7, hours=1)


@given(now=instants, zone=zones, weekday=weekdays, hour=hours, is_told=st.booleans())
def test_next_slot_is_when_the_next_mail_is_due(
    now: datetime, zone: str, weekday: int, hour: int, is_told: bool
) -> None:
    told_week = week_of(now, zone) if is_told else ""
    slot = next_slot(now, zone=zone, weekday=weekday, hour=hour, told_week=told_week)

    def due(at: datetime) -> bool:
        return is_due(at, zone=zone, weekday=weekday, hour=hour, looked_at=now, told_week=told_week)

    assert now < slot < now + timedelta(days=15)
    assert due(slot)
    assert not due(slot - timedelta(minutes=1))


@given(
    start=instants,
    steps=st.lists(st.integers(1, 3 * 24 * 60), min_size=1, max_size=60),
    choices=st.lists(st.tuples(zones, weekdays, hours), min_size=1, max_size=5),
    has_news=st.lists(st.booleans(), min_size=1, max_size=7),
)
def test_nobody_gets_two_in_one_week_however_the_job_runs_and_what_they_choose(
    start: datetime,
    steps: list[int],
    choices: list[tuple[str, int, int]],
    has_news: list[bool],
) -> None:
    """The key that drops a second mail never has to: what it would drop would be lost."""
    now, looked_at, told_week = start, start, ""
    keys: list[str] = []
    for run, minutes in enumerate(steps):
        now += timedelta(minutes=minutes)
        zone, weekday, hour = choices[run * len(choices) // len(steps)]
        if is_due(
            now, zone=zone, weekday=weekday, hour=hour, looked_at=looked_at, told_week=told_week
        ):
            looked_at = now
            if has_news[run % len(has_news)]:
                told_week = week_of(now, zone)
                keys.append(told_week)
    assert len(keys) == len(set(keys))


@given(now=instants, zone=zones, weekday=weekdays, hour=hours, weeks=st.integers(2, 30))
def test_downtime_of_weeks_is_caught_up_once(
    now: datetime, zone: str, weekday: int, hour: int, weeks: int
) -> None:
    back = now + timedelta(weeks=weeks)
    values: dict[str, Any] = {"zone": zone, "weekday": weekday, "hour": hour}
    assert is_due(back, looked_at=now, told_week="", **values)
    assert not is_due(back, looked_at=back, told_week=week_of(back, zone), **values)
    assert not is_due(back, looked_at=back, told_week="", **values)


def test_travelling_back_across_the_date_line_brings_no_second_mail() -> None:
    """Monday 06:00 of week 20 in Samoa is still Sunday of week 19 in Los Angeles."""
    told_at, sunday_evening = utc("2027-05-16T17:00"), utc("2027-05-17T03:00")
    told_week = week_of(told_at, "Pacific/Apia")
    assert (told_week, week_of(sunday_evening, "America/Los_Angeles")) == ("2027-W20", "2027-W19")
    assert not is_due(
        sunday_evening,
        zone="America/Los_Angeles",
        weekday=6,
        hour=20,
        looked_at=told_at,
        told_week=told_week,
    )


# -- what ----------------------------------------------------------------------------------------

MONDAY = utc("2027-05-10T08:00")
CONTROLLER = Applicant(role=1, country=1, programme=3, strand=2)
AUDITOR = Applicant(role=2, country=1)


def offer(number: int = 1, **values: object) -> Offer:
    rules = {
        name: values.pop(name)
        for name in ("roles", "strands", "programmes", "countries", "by_invitation")
        if name in values
    }
    facts = {
        "number": number,
        "published_at": MONDAY,
        "rules": EventRules(on_site=20, **rules),  # type: ignore[arg-type]
        "topics": frozenset(),
        "offices": frozenset({1}),
    }
    return Offer(**(facts | values))  # type: ignore[arg-type]


def reader(*capacities: Applicant, **values: object) -> Reader:
    facts = {"since": MONDAY - timedelta(days=7), "capacities": capacities}
    return Reader(**(facts | values))  # type: ignore[arg-type]


ONLY_AUDITORS = {"roles": frozenset({2})}


@pytest.mark.parametrize(
    ("event", "who", "reason"),
    [
        ({}, reader(CONTROLLER), Reason(0, frozenset())),
        (ONLY_AUDITORS, reader(CONTROLLER), None),
        (ONLY_AUDITORS, reader(CONTROLLER, AUDITOR), Reason(1, frozenset())),
        (ONLY_AUDITORS, reader(), None),
        ({}, reader(), Reason(None, frozenset(), is_for_all=True)),
        ({"programmes": frozenset({9})}, reader(CONTROLLER), None),
        ({"countries": frozenset({9})}, reader(CONTROLLER), None),
        ({"strands": frozenset({2})}, reader(CONTROLLER, AUDITOR), Reason(0, frozenset())),
        (
            ONLY_AUDITORS | {"topics": frozenset({5, 6})},
            reader(CONTROLLER, topics=frozenset({6, 7})),
            Reason(None, frozenset({6})),
        ),
        ({"by_invitation": True}, reader(CONTROLLER), None),
        (
            {"by_invitation": True, "topics": frozenset({5})},
            reader(CONTROLLER, topics=frozenset({5})),
            None,
        ),
        ({}, reader(CONTROLLER, offices=frozenset({2})), None),
        (
            {"offices": frozenset({1, 2})},
            reader(CONTROLLER, offices=frozenset({2})),
            Reason(0, frozenset()),
        ),
        ({}, reader(CONTROLLER, known=frozenset({1})), None),
        ({}, reader(CONTROLLER, since=MONDAY), None),
    ],
)
def test_reason(event: dict[str, Any], who: Reader, reason: Reason | None) -> None:
    assert reason_for(offer(**event), who) == reason


numbers = st.frozensets(st.integers(1, 4), max_size=3)
applicants = st.builds(
    Applicant, role=st.integers(1, 4), country=st.integers(1, 4), programme=st.integers(1, 4)
)
offers = st.lists(
    st.builds(
        offer,
        number=st.integers(1, 50),
        roles=numbers,
        countries=numbers,
        by_invitation=st.booleans(),
        topics=numbers,
        offices=st.frozensets(st.integers(1, 4), min_size=1),
        published_at=instants,
    ),
    unique_by=lambda each: each.number,
    max_size=12,
)
people = st.lists(applicants, max_size=3).map(tuple)


@given(offers, people, numbers, numbers, numbers)
def test_topics_only_add_and_offices_only_take_away(
    all_: list[Offer],
    capacities: tuple[Applicant, ...],
    topics: frozenset[int],
    more: frozenset[int],
    offices: frozenset[int],
) -> None:
    few = set(news_for(all_, reader(*capacities, topics=topics)))
    many = set(news_for(all_, reader(*capacities, topics=topics | more)))
    some = set(news_for(all_, reader(*capacities, topics=topics, offices=offices)))
    assert some <= few <= many


@given(offers, people, numbers)
def test_what_was_told_once_is_not_told_again(
    all_: list[Offer], capacities: tuple[Applicant, ...], topics: frozenset[int]
) -> None:
    first = news_for(all_, reader(*capacities, topics=topics))
    latest = max((each.published_at for each in all_), default=MONDAY)
    assert news_for(all_, reader(*capacities, topics=topics, since=latest)) == {}
    assert all(not each.rules.by_invitation for each in all_ if each.number in first)
