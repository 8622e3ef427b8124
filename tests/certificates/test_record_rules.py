import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.attendance.rules import attended, attended_minutes
from interact_events.certificates.rules import (
    AttendedSession,
    Days,
    RecordedEvent,
    RecordFacts,
    record_as_json,
    record_from_json,
    recorded,
)
from interact_events.interreg.models import Publicity

few = st.sampled_from(["", "Audit", "Flat rates", "Ζωή <b>"])
years = st.dictionaries(st.integers(2014, 2030), st.integers(0, 2000), max_size=3)
events = st.builds(
    RecordedEvent,
    *[few] * 5,
    topics=st.lists(few.filter(bool), unique=True).map(tuple),
    objective=few,
    certificate=few,
    sessions=st.lists(
        st.builds(AttendedSession, few, st.dates(), st.integers(0, 500)), max_size=3
    ).map(tuple),
    minutes_by_year=years.map(lambda found: tuple(found.items())),
    learning_minutes=st.integers(0, 5000),
    is_part=st.booleans(),
)
days = st.builds(Days, st.none() | st.dates(), st.none() | st.dates())
facts = st.builds(
    RecordFacts,
    few,
    days,
    st.lists(events, max_size=4).map(tuple),
    st.sampled_from(Publicity),
    st.dates(),
)


@given(facts)
def test_hours_by_year_and_by_objective_are_all_hours(record: RecordFacts) -> None:
    for totals in (record.by_year, record.by_objective):
        assert sum(total.minutes for total in totals) == record.attended_minutes
        assert len({total.name for total in totals}) == len(totals)


@given(facts)
def test_an_event_counts_in_full_for_each_of_its_topics(record: RecordFacts) -> None:
    for total in record.by_topic:
        bearing = [e for e in record.events if total.name in (e.topics or ("",))]
        assert (total.minutes, total.events) == (
            sum(event.attended_minutes for event in bearing),
            len(bearing),
        )
        assert total.minutes <= record.attended_minutes
    named = {topic for event in record.events for topic in event.topics or ("",)}
    assert {total.name for total in record.by_topic} == named


@given(facts)
def test_a_record_comes_back_from_json_as_it_was(record: RecordFacts) -> None:
    assert record_from_json(json.loads(json.dumps(record_as_json(record)))) == record


@dataclass(frozen=True)
class Item:
    id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    is_learning: bool


NEW_YEAR = datetime(2026, 12, 31, 12, tzinfo=UTC)
sessions = st.builds(
    lambda after, lasts, is_learning: (
        NEW_YEAR + timedelta(hours=after),
        timedelta(minutes=lasts),
        is_learning,
    ),
    *(st.integers(0, 40), st.integers(1, 300), st.booleans()),
)
ABOUT = RecordedEvent("Course", "Academy course", "", "Online", "Turku", (), "")


@given(st.lists(sessions, max_size=6), st.data())
def test_years_part_what_was_attended(
    planned: list[tuple[datetime, timedelta, bool]], data: st.DataObject
) -> None:
    agenda = [
        Item(i, "x", start, start + lasts, is_learning)
        for i, (start, lasts, is_learning) in enumerate(planned)
    ]
    there = data.draw(st.sets(st.sampled_from(range(len(agenda))))) if agenda else set()
    presence = dict.fromkeys(there)
    of = {
        name: recorded(ABOUT, agenda, presence, "UTC", days)
        for name, days in {
            "all": Days(),
            "old": Days.of_year(2026),
            "new": Days(date(2027, 1, 1), None),
        }.items()
    }
    parts = [each for each in (of["old"], of["new"]) if each]
    whole = of["all"]
    assert bool(whole) == bool(parts)
    if whole:
        assert sum(each.attended_minutes for each in parts) == whole.attended_minutes
        assert sum(len(each.sessions) for each in parts) == len(whole.sessions)
        assert dict(whole.minutes_by_year) == {
            year: minutes for each in parts for year, minutes in each.minutes_by_year
        }
        if len(parts) == 1:  # nothing overlaps the turn of the year: the one function says the same
            assert whole.attended_minutes == attended_minutes(attended(agenda, presence))
        assert not whole.is_part


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (None, None, "All years"),
        (date(2027, 1, 1), date(2027, 12, 31), "2027"),
        (date(2026, 1, 1), date(2027, 12, 31), "2026–2027"),
        (date(2027, 5, 1), date(2027, 6, 3), "1 May 2027 – 3 June 2027"),
        (date(2027, 5, 1), date(2027, 5, 1), "1 May 2027"),
        (date(2027, 5, 1), None, "From 1 May 2027 on"),
        (None, date(2027, 5, 1), "Until 1 May 2027"),
    ],
)
def test_days_in_words(first: date | None, last: date | None, words: str) -> None:
    assert Days(first, last).in_words == words
