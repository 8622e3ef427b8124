"""What the offices do with events."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.actions import (
    EventValues,
    SessionValues,
    add_session,
    cancel_event,
    create_event,
    delete_draft,
    duplicate_event,
    publish_event,
    remove_session,
    save_event,
    save_session,
)
from interact_events.events.models import Admission, Event, EventState, Kind, Mode, Session
from interact_events.interreg.models import Objective, Topic
from tests import make

pytestmark = pytest.mark.usefixtures("app")

NOW = datetime(2027, 1, 10, 12, tzinfo=UTC)


def wall(text: str) -> datetime:
    """A wall clock: "2027-05-12 09:00"."""
    return datetime.fromisoformat(text)


def values(**changes: Any) -> EventValues:
    """A workshop in Turku from 12 May 2027, 09:00, to 13 May, 16:00."""
    usual: dict[str, Any] = {
        "title": "Simplified cost options",
        "summary": "Two days of cases.",
        "description": "Flat rates and more.",
        "kind": Kind.WORKSHOP,
        "mode": Mode.IN_PERSON,
        "period": make.period(),
        "zone": "Europe/Helsinki",
        "starts": wall("2027-05-12 09:00"),
        "ends": wall("2027-05-13 16:00"),
        "city": "Turku",
        "country": make.country(),
        "capacity": 20,
        "contact_email": "turku@interact.example",
    }
    return EventValues(**(usual | changes))


def session_values(**changes: Any) -> SessionValues:
    """The first hour of the event."""
    usual: dict[str, Any] = {
        "title": "Flat rates",
        "starts": wall("2027-05-12 09:00"),
        "ends": wall("2027-05-12 10:00"),
    }
    return SessionValues(**(usual | changes))


def created(**changes: Any) -> Event:
    event = create_event(
        make.office(), values(**changes), actor=make.member(), now=NOW, host="ie.example"
    )
    db.session.commit()
    return event


def published(**changes: Any) -> Event:
    """One with a session from 09:00 to 10:00."""
    event = created(**changes)
    add_session(event, session_values(), actor=make.member(), now=NOW)
    publish_event(event, actor=make.member(), now=NOW)
    db.session.commit()
    return event


def save(event: Event, **changes: Any) -> bool:
    is_revised = save_event(
        event, values(**changes), actor=make.member(), now=NOW + timedelta(days=1)
    )
    db.session.commit()
    db.session.expire_all()
    return is_revised


def refusal(call: Any, *arguments: Any, **keywords: Any) -> tuple[str | None, str]:
    """Field and sentence of what the action refuses."""
    with pytest.raises(DomainError) as caught:
        call(*arguments, actor=make.member(), now=NOW, **keywords)
    return caught.value.field, caught.value.message


def entries(event: Event) -> list[tuple[str, dict[str, Any]]]:
    query = select(AuditEntry).where(
        AuditEntry.subject_type == "events", AuditEntry.subject_id == event.id
    )
    return [(e.action, e.changes) for e in db.session.scalars(query.order_by(AuditEntry.id))]


# -- create --------------------------------------------------------------------------------------


def test_create_event_makes_a_draft_with_a_uid_of_the_host() -> None:
    event = created()
    assert (event.state, event.version, event.uid.partition("@")[2]) == (
        EventState.DRAFT,
        0,
        "ie.example",
    )


def test_create_event_reads_times_in_the_events_zone() -> None:
    event = created(registration_closes=wall("2027-03-01 18:00"))
    assert [event.starts_at, event.registration_closes_at] == [
        datetime(2027, 5, 12, 6, tzinfo=UTC),  # summer
        datetime(2027, 3, 1, 16, tzinfo=UTC),  # winter
    ]


def test_create_event_numbers_the_slug_of_a_title_that_is_taken() -> None:
    assert [created().slug, created().slug, created(title="New").slug] == [
        "simplified-cost-options",
        "simplified-cost-options-2",
        "new-2",
    ]


def test_create_event_folds_title_summary_topics_and_city_for_search() -> None:
    topic = db.session.scalars(select(Topic).where(Topic.code == "audit")).one()
    event = created(title="Ζωή", summary="Čo je nové", topics=(topic,), city="Åbo")
    assert event.search_text == "zoi co je nove audit and control abo"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends": wall("2027-05-12 09:00")}, "ends"),
        ({"starts": wall("2027-03-28 03:30")}, "starts"),  # clocks go from 03:00 to 04:00
        ({"registration_opens": wall("2027-03-28 03:30")}, "registration_opens"),
        ({"registration_closes": wall("2027-05-12 09:01")}, "registration_closes"),
        ({"registration_opens": wall("2027-05-12 09:00")}, "registration_opens"),
        ({"admission": Admission.SELECTION}, "registration_closes"),
        (
            {
                "registration_opens": wall("2027-04-02 09:00"),
                "registration_closes": wall("2027-04-01 09:00"),
            },
            "registration_opens",
        ),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"capacity": 0}, "capacity"),
        ({"certificate_threshold": 0}, "certificate_threshold"),
        ({"certificate_threshold": 101}, "certificate_threshold"),
        ({"budgeted_cost": Decimal(-1)}, "budgeted_cost"),
        ({"actual_cost": Decimal("-0.01")}, "actual_cost"),
        ({"joining_url": "javascript:alert(1)"}, "joining_url"),
        ({"joining_url": "https://"}, "joining_url"),
        ({"joining_url": "https://[meet"}, "joining_url"),
        ({"joining_url": "meet.example/room"}, "joining_url"),
    ],
)
def test_create_event_refuses(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(DomainError) as caught:
        created(**changes)
    assert caught.value.field == field


def test_create_event_refuses_an_objective_of_another_period() -> None:
    objective = db.session.scalars(select(Objective).where(Objective.code == "SO1")).one()
    with pytest.raises(DomainError) as caught:
        created(objective=objective)
    assert caught.value.field == "objective"


def test_create_event_refuses_the_lead_office_as_co_organiser() -> None:
    with pytest.raises(DomainError) as caught:
        created(co_organisers=(make.office(),))
    assert caught.value.field == "co_organisers"


def test_a_time_that_comes_twice_in_autumn_is_the_first() -> None:
    event = created(starts=wall("2027-10-31 03:30"), ends=wall("2027-10-31 12:00"))
    assert event.starts_at == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


# -- save ----------------------------------------------------------------------------------------


def test_save_event_without_a_change_leaves_no_trace() -> None:
    event = created()
    assert (save(event), event.version, len(entries(event))) == (False, 0, 1)


def test_save_event_notes_each_field_in_words() -> None:
    event = created()
    save(event, title="Unit costs", starts=wall("2027-05-12 10:00"), mode=Mode.HYBRID)
    assert entries(event)[-1] == (
        "edited",
        {
            "fields": {
                "title": ["Simplified cost options", "Unit costs"],
                "mode": ["In person", "Hybrid"],
                "starts_at": ["12 May 2027, 09:00 EEST", "12 May 2027, 10:00 EEST"],
            },
            "sessions_moved": 0,
        },
    )


def test_save_event_does_not_quote_notes_people_or_the_link() -> None:
    event = created()
    save(
        event,
        internal_notes="The hotel is dear.",
        contact_name="Ζωή",
        contact_email="zoi@example.org",
        joining_url="https://meet.example/secret",
    )
    assert entries(event)[-1][1]["fields"] == {
        "joining_url": [],
        "contact_name": [],
        "contact_email": [],
        "internal_notes": [],
    }


def test_save_event_keeps_the_slug() -> None:
    event = created()
    save(event, title="Something else")
    assert event.slug == "simplified-cost-options"


def test_save_event_over_a_newer_version_is_refused() -> None:
    event = created()
    save(event, title="From the first tab", version=0)
    with pytest.raises(DomainError, match="Somebody else has saved"):
        save(event, title="From the second tab", version=0)
    assert event.title == "From the first tab"


def test_save_event_refuses_fewer_seats_than_are_given() -> None:
    event = created()
    make.registration(event)
    make.registration(event)
    assert refusal(save_event, event, values(capacity=1)) == (
        "capacity",
        "2 seats are given already. Offer at least as many.",
    )


def test_save_event_keeps_a_capacity_that_staff_went_beyond() -> None:
    event = created(capacity=1)
    for _ in range(2):
        make.registration(event)
    save(event, venue="Logomo", capacity=1)
    assert (event.venue, event.capacity) == ("Logomo", 1)


def test_save_event_of_a_draft_never_revises_calendars() -> None:
    event = created()
    assert (save(event, city="Helsinki"), event.sequence) == (False, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Another title"},
        {"starts": wall("2027-05-12 08:30")},
        {"ends": wall("2027-05-13 15:00")},
        {"venue": "Logomo"},
        {"city": "Naantali"},
        {"mode": Mode.HYBRID},
        {"joining_url": "https://meet.example/x"},
        {"summary": "Anew."},
    ],
)
def test_save_event_revises_calendars_when_time_place_or_title_changes(
    changes: dict[str, Any],
) -> None:
    event = published()
    assert save(event, **changes) is True
    assert (event.sequence, event.sessions[0].sequence) == (1, 1)
    assert event.revised_at == event.sessions[0].revised_at == NOW + timedelta(days=1)


def test_save_event_leaves_calendars_alone_when_other_things_change() -> None:
    event = published()
    is_revised = save(event, capacity=40, internal_notes="x", language="fi")
    assert (is_revised, event.sequence, event.sessions[0].sequence) == (False, 0, 0)
    assert event.revised_at == NOW


def test_save_event_moves_the_agenda_along_in_local_time() -> None:
    event = published()
    save(event, starts=wall("2027-11-10 10:00"), ends=wall("2027-11-11 16:00"))
    assert [(s.starts_at, s.ends_at) for s in event.sessions] == [
        (datetime(2027, 11, 10, 8, tzinfo=UTC), datetime(2027, 11, 10, 9, tzinfo=UTC))
    ]
    assert entries(event)[-1][1]["sessions_moved"] == 1


def test_save_event_keeps_the_agendas_wall_clock_in_a_new_zone() -> None:
    event = published()
    save(event, zone="Europe/Vienna")
    assert event.sessions[0].starts_at == datetime(2027, 5, 12, 7, tzinfo=UTC)


def test_save_event_leaves_an_agenda_that_still_fits() -> None:
    event = published()
    save(event, starts=wall("2027-05-12 08:00"))
    assert event.sessions[0].starts_at == datetime(2027, 5, 12, 6, tzinfo=UTC)


def test_save_event_refuses_to_leave_a_session_outside() -> None:
    event = published()
    field, sentence = refusal(
        save_event,
        event,
        values(starts=wall("2027-05-12 09:00"), ends=wall("2027-05-12 09:30")),
    )
    assert field == "ends"
    assert sentence.startswith("Session “Flat rates” would lie outside the event.")


def test_save_event_names_the_session_that_a_gap_would_swallow() -> None:
    event = created(starts=wall("2027-05-12 02:00"))
    add_session(
        event,
        session_values(starts=wall("2027-05-12 03:30"), ends=wall("2027-05-12 05:00")),
        actor=make.member(),
        now=NOW,
    )
    sentence = refusal(
        save_event,
        event,
        values(starts=wall("2027-03-28 02:00"), ends=wall("2027-03-28 16:00")),
    )[1]
    assert sentence.startswith("Session “Flat rates”: 03:30 does not exist on that day")


# -- publish, cancel, delete ---------------------------------------------------------------------


def test_publish_event_says_everything_that_is_missing() -> None:
    event = created(summary="", description="", city="", country=None, contact_email="")
    assert refusal(publish_event, event)[1] == (
        "Write a summary: it is what people read first. Write a description. "
        "Add at least one session to the agenda. Say where it takes place: city and country. "
        "Give a contact address for questions."
    )


def test_publish_event_needs_no_place_online() -> None:
    event = published(mode=Mode.ONLINE, city="", country=None)
    assert (event.state, event.published_at, event.sequence) == (EventState.PUBLISHED, NOW, 0)


def test_publish_event_refuses_what_is_over_and_what_is_public() -> None:
    event = created(starts=wall("2027-01-09 09:00"), ends=wall("2027-01-09 16:00"))
    add_session(
        event,
        session_values(starts=wall("2027-01-09 09:00"), ends=wall("2027-01-09 10:00")),
        actor=make.member(),
        now=NOW,
    )
    assert [refusal(publish_event, event)[1], refusal(publish_event, published())[1]] == [
        "The event lies in the past: choose new dates.",
        "This event has been published already.",
    ]


def test_publish_event_refuses_a_registration_that_is_closed_already() -> None:
    event = created(registration_closes=wall("2027-01-10 10:00"))
    add_session(event, session_values(), actor=make.member(), now=NOW)
    assert refusal(publish_event, event)[1].startswith("Registration would be closed already")


def test_cancel_event_keeps_it_for_calendars() -> None:
    event = published()
    cancel_event(event, " The trainer is ill. ", actor=make.member(), now=NOW)
    assert (event.state, event.cancellation_reason, event.cancelled_at) == (
        EventState.CANCELLED,
        "The trainer is ill.",
        NOW,
    )
    assert (event.sequence, event.sessions[0].sequence) == (1, 1)


def test_cancel_event_refuses_drafts_empty_reasons_and_what_is_over() -> None:
    over = make.event(starts_at=NOW - timedelta(days=2))
    assert [
        refusal(cancel_event, created(), "Why")[1],
        refusal(cancel_event, published(), "  ")[0],
        refusal(cancel_event, over, "Why")[1],
    ] == [
        "Only a published event can be cancelled.",
        "reason",
        "This event is over and can no longer be cancelled.",
    ]


def test_delete_draft_removes_it_with_its_agenda() -> None:
    event = created()
    add_session(event, session_values(), actor=make.member(), now=NOW)
    number = event.id
    delete_draft(event, actor=make.member(), now=NOW)
    db.session.commit()
    assert db.session.get(Event, number) is None
    assert db.session.scalars(select(Session).where(Session.event_id == number)).all() == []


def test_delete_draft_refuses_what_was_published() -> None:
    sentence = "Only a draft can be deleted. A published event can be cancelled."
    assert refusal(delete_draft, published()) == (None, sentence)


def test_delete_draft_with_a_registration_is_refused_in_words() -> None:
    event = created()
    make.registration(event)
    sentence = "This draft has registrations and cannot be deleted."
    assert refusal(delete_draft, event) == (None, sentence)
    db.session.rollback()
    assert db.session.get(Event, event.id) is event


# -- duplicate -----------------------------------------------------------------------------------


def test_duplicate_event_keeps_the_hours_across_daylight_saving() -> None:
    event = published(
        registration_closes=wall("2027-05-01 18:00"),
        internal_notes="Dear hotel",
        actual_cost=Decimal(100),
        budgeted_cost=Decimal(200),
    )
    copy = duplicate_event(
        event, "In winter", date(2027, 11, 10), actor=make.member(), now=NOW, host="ie.example"
    )
    db.session.commit()
    assert (copy.state, copy.slug, copy.internal_notes, copy.actual_cost, copy.budgeted_cost) == (
        EventState.DRAFT,
        "in-winter",
        "",
        None,
        Decimal(200),
    )
    instants = [copy.starts_at, copy.registration_closes_at, copy.sessions[0].starts_at]
    assert [clock.to_local(i, copy.zone).isoformat() for i in instants if i] == [
        "2027-11-10T09:00:00+02:00",
        "2027-10-30T18:00:00+03:00",
        "2027-11-10T09:00:00+02:00",
    ]
    assert len({copy.uid, event.uid, copy.sessions[0].uid, event.sessions[0].uid}) == 4


def test_duplicate_event_leaves_out_removed_sessions() -> None:
    event = published()
    remove_session(event.sessions[0], actor=make.member(), now=NOW)
    copy = duplicate_event(
        event, "Copy", date(2027, 6, 1), actor=make.member(), now=NOW, host="ie.example"
    )
    assert copy.sessions == []


def test_duplicate_event_to_a_day_without_that_hour_is_refused() -> None:
    event = created(starts=wall("2027-05-12 03:30"))
    assert (
        refusal(duplicate_event, event, "Copy", date(2027, 3, 28), host="ie.example")[0] == "starts"
    )


# -- agenda --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("2027-05-12 08:59", "2027-05-12 10:00", "starts"),
        ("2027-05-13 15:00", "2027-05-13 16:01", "ends"),
        ("2027-05-12 10:00", "2027-05-12 10:00", "ends"),
    ],
)
def test_add_session_refuses(start: str, end: str, field: str) -> None:
    asked = session_values(starts=wall(start), ends=wall(end))
    assert refusal(add_session, created(), asked)[0] == field


def test_add_session_allows_parallel_ones_and_revises_what_is_published() -> None:
    event = published()
    session = add_session(event, session_values(title="B"), actor=make.member(), now=NOW)
    db.session.commit()
    assert (event.sequence, session.sequence, event.learning_minutes) == (1, 0, 60)
    assert session.uid.endswith("@ie.example")


def test_save_session_revises_only_itself_and_its_event() -> None:
    event = published()
    other = add_session(event, session_values(title="B"), actor=make.member(), now=NOW)
    first = event.sessions[0]
    before = event.sequence
    moved = replace(session_values(), ends=wall("2027-05-12 11:00"))
    assert save_session(first, moved, actor=make.member(), now=NOW) is True
    assert (event.sequence - before, first.sequence, other.sequence) == (1, 1, 0)


def test_save_session_leaves_calendars_alone_when_they_do_not_show_it() -> None:
    event = published()
    changed = session_values(is_learning=False)
    is_revised = save_session(event.sessions[0], changed, actor=make.member(), now=NOW)
    assert (is_revised, event.sequence, event.version) == (False, 0, 3)
    assert entries(event)[-1] == (
        "session edited",
        {"session": "Flat rates", "fields": {"is_learning": ["yes", "no"]}},
    )


def test_save_session_revises_calendars_for_its_speakers_but_quotes_none() -> None:
    event = published()
    changed = session_values(speakers="Zoë")
    assert save_session(event.sessions[0], changed, actor=make.member(), now=NOW) is True
    assert event.sessions[0].sequence == 1
    assert entries(event)[-1][1]["fields"] == {"speakers": []}


def test_remove_session_of_a_draft_forgets_it() -> None:
    event = created()
    session = add_session(event, session_values(), actor=make.member(), now=NOW)
    remove_session(session, actor=make.member(), now=NOW)
    db.session.commit()
    assert event.sessions == []


def test_remove_session_of_a_published_event_keeps_it_as_cancelled() -> None:
    event = published()
    session = event.sessions[0]
    remove_session(session, actor=make.member(), now=NOW)
    remove_session(session, actor=make.member(), now=NOW)
    db.session.commit()
    assert (event.agenda, event.sessions, session.sequence) == ([], [session], 1)
    assert refusal(save_session, session, session_values())[1] == (
        "This session has been removed from the agenda."
    )


def test_a_point_on_the_map_is_one_or_none() -> None:
    asked = values(coordinates="in the middle of Turku")
    field, sentence = refusal(save_event, created(), asked)
    assert field == "coordinates"
    assert sentence.endswith("like 60.4458, 22.2530.")
    event = published()
    assert event.map_url == ""
    again = values(coordinates="60.4458, 22.2530", title=event.title)
    assert save_event(event, again, actor=make.member(), now=NOW) is True
    assert event.position == (60.4458, 22.253)
    assert event.map_url == (
        "https://www.openstreetmap.org/?mlat=60.4458&mlon=22.253#map=17/60.4458/22.253"
    )
