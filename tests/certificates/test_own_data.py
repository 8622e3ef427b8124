"""What people download of themselves: each feature adds what it holds."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection

from interact_events.attendance.models import AttendanceAlias
from interact_events.attendance.rules import Source
from interact_events.certificates.actions import revoke_certificate
from interact_events.certificates.rules import printed
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.registrations.models import Needs, Registration, SessionChoice, State
from tests import make
from tests.certificates.test_actions import ended_event, issue, participant
from tests.client import Client, counted


@pytest.fixture
def event(app: Flask) -> Event:
    return ended_event(title="Kostenoptionen")


def downloaded(client: Client, row: Registration) -> dict[str, Any]:
    client.sign_in(row.user)
    answer = client.get("/my/settings/my-data.json").json
    assert answer
    return dict(answer)


def test_registrations_attendance_and_certificates_are_told(client: Client, event: Event) -> None:
    row = participant(event, 'Ζωή "Žižka"')
    certificate = issue(row)
    assert certificate
    revoke_certificate(certificate, reason="Misspelt", actor=make.member(), now=clock.now())
    chosen = event.sessions[1]
    db.session.add(SessionChoice(registration_id=row.id, session_id=chosen.id))
    db.session.add(Needs(registration_id=row.id, diet="vegan", access="A ramp"))
    told = downloaded(client, row)
    [registration] = told["registrations"]
    assert (registration["event"], registration["state"]) == ("Kostenoptionen", "confirmed")
    assert (registration["name"], registration["sessions"], registration["needs"]) == (
        'Ζωή "Žižka"',
        ["Audit trail"],
        {"diet": "vegan", "access": "A ramp"},
    )
    assert [(s["session"], s["minutes"]) for s in told["attendance"]["sessions"]] == [
        ("Flat rates", 180),
        ("Audit trail", 180),
    ]
    [of_certificate] = told["certificates"]
    assert (of_certificate["code"], of_certificate["state"], of_certificate["reason"]) == (
        printed(certificate.code),
        "revoked",
        "Misspelt",
    )
    assert of_certificate["facts"]["attended_minutes"] == 360


def test_spans_no_shows_and_names_in_meetings_are_told(client: Client, event: Event) -> None:
    row, session = make.registration(event), event.sessions[0]
    span = [session.starts_at, session.starts_at + timedelta(minutes=20)]
    parts = [[each.isoformat() for each in span]]
    make.presence(row, session, source=Source.IMPORT, parts=parts)
    absent = make.registration(ended_event(), row.user)
    make.no_show(absent)
    known = {"confirmed_at": clock.now(), "confirmed_by_id": make.member().id}
    db.session.add(AttendanceAlias(key="anni nen v", user_id=row.user_id, **known))
    told = downloaded(client, row)["attendance"]
    [part] = told["sessions"]
    assert (part["minutes"], part["from_until"]) == (20, parts)
    assert (part["known_by"], part["number"]) == ("Attendance report", row.id)
    assert [each["number"] for each in told["noted_as_not_come"]] == [absent.id]
    assert told["known_in_meetings_as"] == ["anni nen v"]


def test_of_a_selection_nothing_is_told_before_its_mails(client: Client) -> None:
    row = make.registration(
        make.event(),
        state=State.DECLINED,
        reason="Too many",
        decided_at=clock.now(),
        told_at=clock.now() + timedelta(minutes=10),
    )
    [told] = downloaded(client, row)["registrations"]
    assert (told["state"], told["reason"], told["decided_at"]) == ("pending", "", None)


def test_nobody_reads_of_others_and_more_rows_cost_the_same(
    client: Client, event: Event, connection: Connection
) -> None:
    participant(event, "Somebody else")
    row, costs = participant(event), []
    for number in (1, 3):
        for _ in range(number - 1):
            other = make.registration(ended_event(), row.user)
            make.presence(other, *other.event.sessions)
        with counted(connection) as statements:
            told = downloaded(client, row)
        assert len(told["registrations"]) == number
        assert "Somebody else" not in str(told)
        costs.append(len(statements))
    assert costs[0] == costs[1]
