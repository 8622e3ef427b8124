"""Changes of an event that its registrants feel, through the pages."""

from datetime import timedelta
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select

from interact_events.accounts.models import Level
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.forms import EventForm
from interact_events.events.models import Event, EventState
from interact_events.registrations.models import State
from tests import make
from tests.client import Client


def address(event: Event, page: str) -> str:
    return f"/offices/{event.office.code}/events/{event.slug}/{page}"


def fields_of(event: Event) -> dict[str, Any]:
    """What the edit form sends when nothing is changed."""
    with current_app.test_request_context():
        form = EventForm(event.office, event)
        found = {
            field.name: field._value() if hasattr(field, "_value") else field.data
            for field in form
            if field.name != "csrf_token"
        }
    return {name: value for name, value in found.items() if value not in (None, "")}


def mails() -> list[tuple[str, str]]:
    rows = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    return [(row.kind.removeprefix("registrations."), row.to_address) for row in rows]


def test_a_new_place_is_told_to_everybody_concerned(client: Client) -> None:
    event = make.event()
    told = [
        make.registration(event, state=state)
        for state in (State.CONFIRMED, State.PENDING, State.WAITLISTED)
    ]
    for state in (State.CANCELLED, State.DECLINED, State.UNCONFIRMED):
        make.registration(event, state=state)
    event.admission = event.admission.SELECTION
    db.session.commit()
    client.sign_in(make.member())
    client.press(address(event, "edit"), **fields_of(event) | {"venue": "Wäinö Aaltonen Museum"})
    assert mails() == [("event_changed", row.user.email) for row in told]
    text = db.session.scalars(select(OutboxMessage.text)).first()
    assert text is not None
    assert "Where: Wäinö Aaltonen Museum, Turku, Finland (before: Logomo, Turku, Finland)" in text


def test_a_new_text_is_not_worth_a_mail(client: Client) -> None:
    event = make.event()
    make.registration(event)
    client.sign_in(make.member())
    client.press(address(event, "edit"), **fields_of(event) | {"summary": "Three days of cases."})
    assert event.summary == "Three days of cases."
    assert mails() == []


def test_cancelling_tells_everybody_and_shows_why(client: Client) -> None:
    event = make.event()
    row = make.registration(event)
    make.registration(event, state=State.CANCELLED)
    client.sign_in(make.member(level=Level.LEAD))
    answer = client.press(address(event, "cancel"), reason="The trainer is ill.")
    assert answer.status_code == 303
    assert event.state is EventState.CANCELLED
    assert row.state is State.CONFIRMED
    assert mails() == [("event_cancelled", row.user.email)]
    assert "The trainer is ill." in client.get(f"/events/{event.slug}").get_data(as_text=True)


def test_cancelling_needs_a_reason(client: Client) -> None:
    event = make.event()
    client.sign_in(make.member(level=Level.LEAD))
    answer = client.press(address(event, "cancel"), reason=" ")
    assert answer.status_code == 200
    assert event.state is EventState.PUBLISHED


@pytest.mark.parametrize(
    ("office", "level", "page", "status"),
    [
        ("turku", Level.VIEWER, "edit", 403),
        ("turku", Level.EDITOR, "edit", 200),
        ("turku", Level.EDITOR, "cancel", 403),
        ("turku", Level.LEAD, "cancel", 200),
        ("vienna", Level.LEAD, "edit", 404),
        ("vienna", Level.LEAD, "cancel", 404),
    ],
)
def test_changes_are_for_those_who_may(
    client: Client, office: str, level: Level, page: str, status: int
) -> None:
    event = make.event()
    client.sign_in(make.member(office, level))
    assert client.get(address(event, page)).status_code == status


def test_changes_are_hidden_from_registrants(client: Client) -> None:
    event = make.event(starts_at=clock.now() + timedelta(days=3))
    client.sign_in(make.registration(event).user)
    assert client.get(address(event, "edit")).status_code == 404
