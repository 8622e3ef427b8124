"""The catalogue, an office's list and the history."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from interact_events.core import words
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.events.models import Event, EventState, Kind, Mode
from interact_events.events.queries import (
    FieldChange,
    Filters,
    Obstacle,
    Shown,
    catalogue,
    coming_by_office,
    history,
    next_events,
    obstacles,
    office_events,
    on_offer,
    session_of,
    warnings,
)
from interact_events.interreg.models import Topic
from tests import make

pytestmark = pytest.mark.usefixtures("app")

NOW = datetime(2027, 1, 10, 12, tzinfo=UTC)


def on(text: str) -> datetime:
    """09:00 UTC of the day."""
    return datetime.fromisoformat(f"{text}T09:00+00:00")


def found(**filters: Any) -> list[str]:
    return [e.title for e in db.session.scalars(catalogue(Filters(**filters), NOW)).unique()]


def topic(code: str) -> Topic:
    return db.session.scalars(select(Topic).where(Topic.code == code)).one()


def test_catalogue_shows_what_comes_by_time_and_never_a_draft() -> None:
    make.event("Later", starts_at=on("2027-06-01"))
    make.event("Sooner", starts_at=on("2027-05-01"))
    make.event("Called off", starts_at=on("2027-07-01"), state=EventState.CANCELLED)
    make.event("Draft", starts_at=on("2027-05-02"), state=EventState.DRAFT)
    make.event("Over", starts_at=on("2026-05-01"))
    assert found() == ["Sooner", "Later", "Called off"]


def test_catalogue_shows_a_running_event_as_coming() -> None:
    make.event("Running", starts_at=on("2027-01-10"))
    assert [found(), found(past=True)] == [["Running"], []]


def test_catalogue_of_the_past_begins_with_the_latest() -> None:
    make.event("Old", starts_at=on("2026-01-01"))
    make.event("Recent", starts_at=on("2026-12-01"))
    make.event("Coming", starts_at=on("2027-05-01"))
    assert found(past=True) == ["Recent", "Old"]


def two_events() -> None:
    """One in Turku that differs in everything from one in Vienna."""
    one = make.event("One", starts_at=on("2027-05-01"), language="fi")
    two = make.event(
        "Two",
        office=make.office("vienna"),
        starts_at=on("2027-06-01"),
        kind=Kind.WEBINAR,
        mode=Mode.ONLINE,
        seats_taken=20,
    )
    one.roles, two.roles = [make.role("CTRL")], [make.role("MA")]
    one.topics, two.topics = [topic("audit")], [topic("jems")]
    db.session.commit()


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"office": "turku"}, ["One"]),
        ({"office": "vienna"}, ["Two"]),
        ({"role": "CTRL"}, ["One"]),
        ({"topic": "jems"}, ["Two"]),
        ({"kind": Kind.WORKSHOP}, ["One"]),
        ({"mode": Mode.ONLINE}, ["Two"]),
        ({"language": "fi"}, ["One"]),
        ({"has_seats": True}, ["One"]),
        ({"first": date(2027, 5, 1)}, ["One", "Two"]),
        ({"first": date(2027, 5, 2)}, ["Two"]),
        ({"last": date(2027, 6, 1)}, ["One", "Two"]),
        ({"last": date(2027, 5, 31)}, ["One"]),
        ({"office": "turku", "topic": "jems"}, []),
        ({"office": "nowhere"}, []),
    ],
)
def test_catalogue_filters(filters: dict[str, Any], expected: list[str]) -> None:
    two_events()
    assert found(**filters) == expected


def test_catalogue_finds_an_office_by_what_it_co_organises() -> None:
    event = make.event("Together", starts_at=on("2027-05-01"))
    event.co_organisers = [make.office("viborg")]
    db.session.commit()
    assert found(office="viborg") == ["Together"]


def test_catalogue_counts_an_event_without_roles_as_open_to_all() -> None:
    make.event("For all", starts_at=on("2027-05-01"))
    assert found(role="AA") == ["For all"]


def test_catalogue_with_seats_leaves_out_closed_and_cancelled_ones() -> None:
    make.event("Closed", starts_at=on("2027-05-01"), registration_closes_at=on("2027-01-09"))
    make.event("Called off", starts_at=on("2027-05-01"), state=EventState.CANCELLED)
    make.event("Open", starts_at=on("2027-05-01"), registration_closes_at=on("2027-01-11"))
    assert found(has_seats=True) == ["Open"]


@pytest.mark.parametrize(
    "search", ["ZOI", "Ζωή", "co je", "nove cost", "thessaloniki", "Θεσσαλονίκη"]
)
def test_catalogue_search_minds_no_marks_and_takes_several_words(search: str) -> None:
    text = words.folded("Ζωή: Čo je nové cost Θεσσαλονίκη")
    make.event("Found", starts_at=on("2027-05-01"), search_text=text)
    make.event("Other", starts_at=on("2027-05-01"))
    assert found(q=search) == ["Found"]


def test_catalogue_search_takes_percent_signs_as_they_are() -> None:
    make.event("Flat", starts_at=on("2027-05-01"), search_text="flat rate of 40%")
    make.event("Other", starts_at=on("2027-05-01"), search_text="flat rate of 400")
    assert [found(q="40%"), found(q="flat_rate")] == [["Flat"], []]


def test_filters_survive_their_own_address() -> None:
    filters = Filters(
        q="audit",
        office="turku",
        role="CTRL",
        topic="jems",
        kind=Kind.QA,
        mode=Mode.HYBRID,
        language="sk",
        first=date(2027, 1, 1),
        last=date(2027, 12, 31),
        has_seats=True,
        past=True,
    )
    assert Filters.from_args(filters.to_args) == filters


def test_filters_ignore_what_makes_no_sense() -> None:
    args = {"kind": "party", "mode": "x", "language": "xx", "from": "soon", "to": "9999-12-31"}
    assert Filters.from_args(args) == Filters()


def test_next_events_leave_out_the_cancelled_and_the_running() -> None:
    make.event("Running", starts_at=on("2027-01-10"))
    make.event("Called off", starts_at=on("2027-02-01"), state=EventState.CANCELLED)
    make.event("Third", starts_at=on("2027-02-04"))
    make.event("First", starts_at=on("2027-02-02"))
    make.event("Second", starts_at=on("2027-02-03"))
    assert [e.title for e in next_events(NOW, 2)] == ["First", "Second"]


def test_coming_by_office_counts_published_ones() -> None:
    make.event(starts_at=on("2027-02-01"))
    make.event(starts_at=on("2027-02-01"), state=EventState.DRAFT)
    make.event(starts_at=on("2026-02-01"))
    assert coming_by_office(NOW) == {make.office().id: 1}


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (Shown.COMING, ["Draft", "Coming", "Helped"]),
        (Shown.DRAFTS, ["Draft"]),
        (Shown.PAST, ["Over"]),
        (Shown.CANCELLED, ["Called off"]),
        (Shown.ALL, ["Helped", "Called off", "Coming", "Draft", "Over"]),
    ],
)
def test_office_events(shown: Shown, expected: list[str]) -> None:
    vienna = make.office("vienna")
    helped = make.event("Helped", office=vienna, starts_at=on("2027-05-04"))
    helped.co_organisers = [make.office()]
    make.event("Not ours", office=vienna, starts_at=on("2027-05-04"))
    make.event("Called off", starts_at=on("2027-05-03"), state=EventState.CANCELLED)
    make.event("Coming", starts_at=on("2027-05-02"))
    make.event("Draft", starts_at=on("2027-05-01"), state=EventState.DRAFT)
    make.event("Over", starts_at=on("2026-05-01"))
    query = office_events(make.office(), shown, "", NOW)
    assert [e.title for e in db.session.scalars(query).unique()] == expected


def test_session_of_knows_only_its_own_events_sessions() -> None:
    event, other = make.event(), make.event()
    assert session_of(event, event.sessions[0].id) is event.sessions[0]
    assert session_of(event, other.sessions[0].id) is None


def test_obstacles_of_a_complete_event_are_none() -> None:
    event = make.event(
        starts_at=on("2027-05-01"), description="Cases.", contact_email="turku@interact.example"
    )
    assert obstacles(event, NOW) == []


@pytest.mark.parametrize(
    ("online", "where"), [(0, "online"), (20, "on site")], ids=["none online", "none on site"]
)
def test_a_hybrid_event_without_seats_of_one_kind_is_not_published(online: int, where: str) -> None:
    event = make.event(
        mode=Mode.HYBRID,
        online_capacity=online,
        starts_at=on("2027-05-01"),
        description="Cases.",
        contact_email="turku@interact.example",
    )
    sentence = f"There are no seats {where}: say how many of this hybrid event’s seats are online."
    assert obstacles(event, NOW) == [Obstacle(sentence, "seats")]


def test_warnings_tell_what_may_follow() -> None:
    event = make.event(mode=Mode.HYBRID, venue="")
    event.sessions[0].is_learning = False
    db.session.commit()
    assert [sentence.split(".")[0] for sentence in warnings(event)] == [
        "There is no joining link yet",
        "There is no venue yet",
        "No session counts as learning time, so nobody will get a certificate",
        "Without a topic the event is harder to find",
    ]


def test_on_offer_keeps_a_retired_row_only_where_it_is_chosen() -> None:
    retired = topic("jems")
    retired.is_retired = True
    db.session.commit()
    assert [retired in on_offer(Topic), retired in on_offer(Topic, [retired])] == [False, True]


def test_history_tells_who_did_what_newest_first() -> None:
    event, person = make.event(), make.user("Ζωή O'Neil")
    _note("created", event, person.id)
    _note("edited", event, person.id, fields={"capacity": ["20", "30"], "internal_notes": []})
    _note("session removed", event, None, session="Flat rates")
    _note("letter sent", event, None, letter=1, about="News")
    assert [(e.who, e.did, e.note, e.changes) for e in history(event)] == [
        ("The system", "letter sent", "News", []),
        ("The system", "session removed", "Flat rates", []),
        (
            "Ζωή O'Neil",
            "edited",
            "",
            [
                FieldChange("Capacity", "20", "30", is_quoted=True),
                FieldChange("Internal notes", "", "", is_quoted=False),
            ],
        ),
        ("Ζωή O'Neil", "created", "", []),
    ]


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("A. B of 1 Feb. at C.", "A. B of 1 Feb. at C. D.", ("", "D.")),
        ("A. B. C.", "A. E. C.", ("B.", "E.")),
        ("A. B.", "A.", ("B.", "")),
        ("A. B.", "B. A.", ("A. B.", "B. A.")),
    ],
)
def test_history_tells_of_rules_only_what_is_other(
    before: str, after: str, shown: tuple[str, str]
) -> None:
    event = make.event()
    _note("rules changed", event, None, fields={"rules": [before, after]})
    (entry,) = history(event)
    assert entry.changes == [FieldChange("Rules", *shown, is_quoted=True, is_part=True)]


def _note(action: str, event: Event, actor_id: int | None, **changes: Any) -> None:
    db.session.add(
        AuditEntry(
            at=NOW,
            actor_id=actor_id,
            action=action,
            subject_type="events",
            subject_id=event.id,
            changes=changes,
        )
    )
    db.session.commit()
