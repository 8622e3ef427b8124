from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from interact_events.attendance.actions import (
    Noted,
    close_attendance,
    correct,
    note,
    note_all,
    note_no_shows,
    press,
    reopen_attendance,
    take_back_no_shows,
)
from interact_events.attendance.models import Presence
from interact_events.attendance.queries import (
    closings_of,
    corrections_of,
    no_show_ids,
    presences_of,
)
from interact_events.attendance.rules import Source, as_json
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import EventState
from interact_events.registrations.models import State
from tests import make


def trail() -> list[tuple[str, str, int, dict[str, object]]]:
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(e.action, e.subject_type, e.subject_id, e.changes) for e in entries]


def test_tick_notes_who_saw_whom_and_when(app: Flask) -> None:
    event, desk = make.event(), make.member()
    row, session, now = make.registration(event), event.sessions[0], event.starts_at
    assert press(row, session, present=True, actor=desk, now=now) is True
    presence = db.session.scalars(select(Presence)).one()
    assert (presence.registration_id, presence.session_id) == (row.id, session.id)
    assert (presence.recorded_at, presence.recorded_by_id) == (now, desk.id)
    assert trail() == [("ticked", "registrations", row.id, {"session_id": session.id})]


def test_tick_twice_is_one_presence_and_one_entry(app: Flask) -> None:
    event, desk = make.event(), make.member()
    row, session = make.registration(event), event.sessions[0]
    news = [press(row, session, present=True, actor=desk, now=session.starts_at) for _ in range(2)]
    assert news == [True, False]
    assert presences_of(event) == {row.id: {session.id: None}}
    assert len(trail()) == 1


def test_a_refused_second_tick_leaves_the_rest_of_the_transaction(app: Flask) -> None:
    event, desk = make.event(), make.member()
    row, session = make.registration(event), event.sessions[0]
    make.presence(row, session)
    row.reason = "written before the tick"
    press(row, session, present=True, actor=desk, now=session.starts_at)
    db.session.commit()
    db.session.refresh(row)
    assert row.reason == "written before the tick"


def test_tick_is_taken_back(app: Flask) -> None:
    event, desk = make.event(), make.member()
    row, session = make.registration(event), event.sessions[0]
    make.presence(row, session)
    news = [press(row, session, present=False, actor=desk, now=session.starts_at) for _ in range(2)]
    assert news == [True, False]
    assert presences_of(event) == {}
    assert [action for action, *_ in trail()] == ["unticked"]


def test_tick_refuses_another_events_session(app: Flask) -> None:
    event, other, desk = make.event(), make.event(), make.member()
    row = make.registration(event)
    with pytest.raises(DomainError, match="not in this event"):
        press(row, other.sessions[0], present=True, actor=desk, now=other.starts_at)
    assert presences_of(event) == presences_of(other) == {}


def test_attendance_of_a_cancelled_event_stays_as_it_is(app: Flask) -> None:
    event, desk = make.event(), make.member()
    row = make.registration(event)
    event.state = EventState.CANCELLED
    with pytest.raises(DomainError, match="cancelled"):
        press(row, event.sessions[0], present=True, actor=desk, now=event.starts_at)
    assert presences_of(event) == {}


@pytest.mark.parametrize("state", [state for state in State if state is not State.CONFIRMED])
def test_tick_refuses_who_has_no_seat(app: Flask, state: State) -> None:
    event, desk = make.event(), make.member()
    row = make.registration(event, state=state)
    with pytest.raises(DomainError, match="no confirmed seat"):
        press(row, event.sessions[0], present=True, actor=desk, now=event.starts_at)
    assert presences_of(event) == {}


# -- when ----------------------------------------------------------------------------------------


def test_tick_opens_a_day_before_the_session(app: Flask) -> None:
    event, desk = make.event(), make.member()
    row, session = make.registration(event), event.sessions[0]
    opens_at = session.starts_at - timedelta(days=1)
    with pytest.raises(DomainError, match="opens a day before"):
        press(row, session, present=True, actor=desk, now=opens_at - timedelta(seconds=1))
    assert press(row, session, present=True, actor=desk, now=opens_at) is True


def test_what_a_report_says_is_not_unticked_without_a_reason(app: Flask) -> None:
    event, desk = make.event(), make.member()
    row, session, now = make.registration(event), event.sessions[0], event.starts_at
    make.presence(row, session, source=Source.IMPORT)
    with pytest.raises(DomainError, match="say why"):
        press(row, session, present=False, actor=desk, now=now)
    assert presences_of(event) == {row.id: {session.id: None}}


def test_note_keeps_what_is_there(app: Flask) -> None:
    event = make.event()
    row, session, now = make.registration(event), event.sessions[0], event.starts_at
    late = ((now + timedelta(hours=1), session.ends_at),)
    by_code: dict[str, Any] = {"source": Source.ROOM_CODE, "actor": row.user, "now": now}
    news = [note(row, session, spans=spans, **by_code) for spans in (late, None)]
    assert news == [True, False]
    assert presences_of(event) == {row.id: {session.id: late}}


def test_note_all_writes_many_and_forgets_that_they_were_missed(app: Flask) -> None:
    event, desk = make.event(), make.member()
    rows, session = [make.registration(event) for _ in range(3)], event.sessions[0]
    make.no_show(rows[0])
    half = ((session.starts_at, session.starts_at + timedelta(minutes=30)),)
    noted = [Noted(row.id, session.id, half) for row in rows]
    note_all(noted, source=Source.IMPORT, actor=desk, now=event.ends_at)
    assert presences_of(event) == {row.id: {session.id: half} for row in rows}
    assert no_show_ids(event) == set()


# -- correcting ----------------------------------------------------------------------------------


def test_a_correction_keeps_what_was_noted_before(app: Flask) -> None:
    event, desk = make.event(), make.member()
    row, session, now = make.registration(event), event.sessions[0], event.ends_at
    half = ((session.starts_at, session.starts_at + timedelta(minutes=30)),)
    values: dict[str, Any] = {"reason": " Left early ", "actor": desk, "now": now}
    make.presence(row, session)
    assert correct(row, session, present=True, spans=half, **values) is True
    assert correct(row, session, present=True, spans=half, **values) is False
    assert correct(row, session, present=False, **values) is True
    latest, first = corrections_of(row)
    assert (first.before, first.after) == (
        {"source": "desk", "parts": None, "by": row.user_id},
        {"source": "correction", "parts": as_json(half), "by": desk.id},
    )
    assert (latest.before, latest.after) == (first.after, None)
    assert (first.reason, first.corrected_by_id) == ("Left early", desk.id)
    assert presences_of(event) == {}
    assert [action for action, *_ in trail()] == ["attendance corrected"] * 2


def test_a_correction_can_say_that_somebody_was_there(app: Flask) -> None:
    event, desk = make.event(), make.member()
    row, session = make.registration(event), event.sessions[0]
    make.no_show(row)
    correct(row, session, present=True, reason="On the list", actor=desk, now=event.ends_at)
    assert presences_of(event) == {row.id: {session.id: None}}
    assert no_show_ids(event) == set()


def test_who_lost_the_seat_can_only_be_said_not_to_have_been_there(app: Flask) -> None:
    event, desk = make.event(), make.member()
    row, session, now = make.registration(event), event.sessions[0], event.ends_at
    make.presence(row, session)
    row.state = State.CANCELLED
    with pytest.raises(DomainError, match="no confirmed seat"):
        correct(row, session, present=True, reason="x", actor=desk, now=now)
    assert correct(row, session, present=False, reason="x", actor=desk, now=now) is True
    assert presences_of(event) == {}


@pytest.mark.parametrize(("reason", "hint"), [(" ", "Say why"), ("x" * 1001, "1,000")])
def test_a_correction_needs_a_reason(app: Flask, reason: str, hint: str) -> None:
    event, desk = make.event(), make.member()
    row, session, now = make.registration(event), event.sessions[0], event.ends_at
    with pytest.raises(DomainError, match=hint) as refusal:
        correct(row, session, present=True, reason=reason, actor=desk, now=now)
    assert refusal.value.field == "reason"


def test_a_correction_outside_the_session_is_refused(app: Flask) -> None:
    event, desk = make.event(), make.member()
    row, session, now = make.registration(event), event.sessions[0], event.ends_at
    after = ((now, now + timedelta(hours=1)),)
    with pytest.raises(DomainError, match="outside"):
        correct(row, session, present=True, spans=after, reason="x", actor=desk, now=now)


# -- closing -------------------------------------------------------------------------------------


def test_closed_attendance_stays_as_it_is_until_a_lead_opens_it(app: Flask) -> None:
    event, lead = make.event(), make.member()
    row, session, now = make.registration(event), event.sessions[0], event.ends_at
    assert [close_attendance(event, actor=lead, now=now) for _ in range(2)] == [True, False]
    with pytest.raises(DomainError, match="Attendance was closed on"):
        press(row, session, present=True, actor=lead, now=now)
    with pytest.raises(DomainError, match="Attendance was closed on"):
        correct(row, session, present=True, reason="x", actor=lead, now=now)
    with pytest.raises(DomainError, match="Attendance was closed on"):
        note_no_shows(event, actor=lead, now=now)
    reopen_attendance(event, reason="A page was missing", actor=lead, now=now)
    assert press(row, session, present=True, actor=lead, now=now) is True
    assert close_attendance(event, actor=lead, now=now) is True
    assert [c.reason for c in closings_of(event)] == ["", "A page was missing"]


def test_attendance_is_not_closed_before_the_end_nor_opened_without_reason(app: Flask) -> None:
    event, lead = make.event(), make.member()
    with pytest.raises(DomainError, match="once the event has ended"):
        close_attendance(event, actor=lead, now=event.ends_at - timedelta(seconds=1))
    with pytest.raises(DomainError, match="open already"):
        reopen_attendance(event, reason="x", actor=lead, now=event.ends_at)
    close_attendance(event, actor=lead, now=event.ends_at)
    with pytest.raises(DomainError, match="Say why"):
        reopen_attendance(event, reason="", actor=lead, now=event.ends_at)


# -- no-shows ------------------------------------------------------------------------------------


def test_no_shows_are_those_with_a_seat_of_whom_nothing_is_noted(app: Flask) -> None:
    event, desk = make.event(), make.member()
    came, missed = make.registration(event), make.registration(event)
    make.registration(event, state=State.WAITLISTED)
    now = event.ends_at
    with pytest.raises(DomainError, match="Nobody is noted"):
        note_no_shows(event, actor=desk, now=now)
    make.presence(came, event.sessions[0])
    with pytest.raises(DomainError, match="once the event has ended"):
        note_no_shows(event, actor=desk, now=now - timedelta(seconds=1))
    assert [note_no_shows(event, actor=desk, now=now) for _ in range(2)] == [1, 0]
    assert no_show_ids(event) == {missed.id}
    press(missed, event.sessions[0], present=True, actor=desk, now=now)
    assert no_show_ids(event) == set()


def test_a_tick_removes_a_no_show_also_of_an_event_that_has_moved(app: Flask) -> None:
    event, desk = make.event(), make.member()
    row = make.registration(event)
    make.no_show(row)
    press(row, event.sessions[0], present=True, actor=desk, now=event.starts_at)
    assert no_show_ids(event) == set()


def test_no_shows_are_taken_back(app: Flask) -> None:
    event, desk = make.event(), make.member()
    make.presence(make.registration(event), event.sessions[0])
    make.no_show(make.registration(event))
    taken = [take_back_no_shows(event, actor=desk, now=event.ends_at) for _ in range(2)]
    assert taken == [1, 0]
    assert no_show_ids(event) == set()
