import pytest
from flask import Flask
from sqlalchemy import select

from interact_events.attendance.actions import tick
from interact_events.attendance.models import Presence
from interact_events.attendance.queries import presences_of
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.registrations.models import State
from tests import make


def trail() -> list[tuple[str, str, int, dict[str, object]]]:
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(e.action, e.subject_type, e.subject_id, e.changes) for e in entries]


def test_tick_notes_who_saw_whom_and_when(app: Flask) -> None:
    event, desk, now = make.event(), make.member(), clock.now()
    row, session = make.registration(event), event.sessions[0]
    assert tick(row, session, present=True, actor=desk, now=now) is True
    presence = db.session.scalars(select(Presence)).one()
    assert (presence.registration_id, presence.session_id) == (row.id, session.id)
    assert (presence.recorded_at, presence.recorded_by_id) == (now, desk.id)
    assert trail() == [("ticked", "registrations", row.id, {"session_id": session.id})]


def test_tick_twice_is_one_presence_and_one_entry(app: Flask) -> None:
    event, desk = make.event(), make.member()
    row, session = make.registration(event), event.sessions[0]
    news = [tick(row, session, present=True, actor=desk, now=clock.now()) for _ in range(2)]
    assert news == [True, False]
    assert presences_of(event) == {row.id: {session.id}}
    assert len(trail()) == 1


def test_a_refused_second_tick_leaves_the_rest_of_the_transaction(app: Flask) -> None:
    event, desk = make.event(), make.member()
    row, session = make.registration(event), event.sessions[0]
    make.presence(row, session)
    row.reason = "written before the tick"
    tick(row, session, present=True, actor=desk, now=clock.now())
    db.session.commit()
    db.session.refresh(row)
    assert row.reason == "written before the tick"


def test_tick_is_taken_back(app: Flask) -> None:
    event, desk = make.event(), make.member()
    row, session = make.registration(event), event.sessions[0]
    make.presence(row, session)
    news = [tick(row, session, present=False, actor=desk, now=clock.now()) for _ in range(2)]
    assert news == [True, False]
    assert presences_of(event) == {}
    assert [action for action, *_ in trail()] == ["unticked"]


def test_tick_refuses_another_events_session(app: Flask) -> None:
    event, other, desk = make.event(), make.event(), make.member()
    row = make.registration(event)
    with pytest.raises(DomainError, match="another event"):
        tick(row, other.sessions[0], present=True, actor=desk, now=clock.now())
    assert presences_of(event) == presences_of(other) == {}


@pytest.mark.parametrize("state", [state for state in State if state is not State.CONFIRMED])
def test_tick_refuses_who_has_no_seat(app: Flask, state: State) -> None:
    event, desk = make.event(), make.member()
    row = make.registration(event, state=state)
    with pytest.raises(DomainError, match="no confirmed seat"):
        tick(row, event.sessions[0], present=True, actor=desk, now=clock.now())
    assert presences_of(event) == {}
