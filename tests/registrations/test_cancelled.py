"""What staff can still do with an event that is cancelled: read it, and nothing more."""

import re
from typing import Any

import pytest
from sqlalchemy import select

from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Event, EventState
from interact_events.registrations import actions
from interact_events.registrations.models import SeatInvitation
from tests import make
from tests.client import Client

SENTENCE = "This event is cancelled, so it stays as it is."


def cancelled() -> Event:
    """With a person, a session and a code."""
    event = make.event()
    make.registration(event)
    actions.add_code(event, "Alpine Space", 5, actor=make.member(), now=clock.now())
    event.state, event.cancelled_at = EventState.CANCELLED, clock.now()
    event.cancellation_reason = "Snow."
    db.session.commit()
    return event


def address(event: Event, page: str) -> str:
    return f"/offices/turku/events/{event.slug}/{page}"


def main(page: str) -> str:
    found = re.search(r"<main.*?</main>", page, flags=re.S)
    assert found
    return found[0]


@pytest.mark.parametrize(
    ("page", "fact"),
    [
        ("seats", "20 seats."),
        ("seats/invitations", "Alpine Space"),
        ("agenda", "What an auditor asks for"),
        ("registrations", "Anna Virtanen"),
        ("", "Snow."),
    ],
)
def test_pages_say_what_was_and_offer_no_change(client: Client, page: str, fact: str) -> None:
    event = cancelled()
    client.sign_in(make.member())
    shown = main(client.get(address(event, page)).text)
    assert fact in shown
    assert re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)"', shown) == (
        [address(event, page)] if page == "registrations" else []
    )
    for word in ("Add a session", "Remove", "Save", ">Edit<", ">Details<", "Add some"):
        assert word not in shown


@pytest.mark.parametrize("page", ["edit", "agenda/new", "agenda/{}", "registrations/add"])
def test_forms_lead_back_with_a_sentence(client: Client, page: str) -> None:
    event = cancelled()
    client.sign_in(make.member())
    where = address(event, page.format(event.agenda[0].id))
    shown = client.get(where)
    assert SENTENCE in client.get(shown.location).text
    pressed = client.press(where, title="Another")
    assert SENTENCE in client.get(pressed.location).text


def sent() -> dict[str, Any]:
    return {"capacity": "99", "admission": "first-come", "promotion": "automatic", "save": "yes"}


@pytest.mark.parametrize(
    ("page", "answers"),
    [
        ("seats", sent()),
        ("seats/codes", {"label": "More", "most_uses": "3"}),
        ("seats/invitations/{}/withdraw", {}),
        ("agenda/{}/remove", {}),
    ],
)
def test_presses_change_nothing(client: Client, page: str, answers: dict[str, Any]) -> None:
    event = cancelled()
    code = db.session.scalars(select(SeatInvitation)).one()
    number = code.id if "invitations" in page else event.agenda[0].id
    before = len(db.session.scalars(select(AuditEntry)).all())
    client.sign_in(make.member())
    client.press(address(event, page.format(number)), **answers)
    db.session.expire_all()
    assert (event.capacity, len(event.agenda), code.withdrawn_at) == (20, 1, None)
    assert len(db.session.scalars(select(SeatInvitation)).all()) == 1
    assert len(db.session.scalars(select(AuditEntry)).all()) == before


@pytest.mark.usefixtures("app")
def test_a_code_is_not_made_for_it() -> None:
    event = cancelled()
    with pytest.raises(DomainError, match=SENTENCE):
        actions.add_code(event, "More", 3, actor=make.member(), now=clock.now())


def test_lists_are_still_exported(client: Client) -> None:
    event = cancelled()
    client.sign_in(make.member())
    assert "Anna Virtanen" in client.get(address(event, "registrations.csv")).text
