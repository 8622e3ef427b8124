"""What the public page of an event says to whom."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events.models import Admission, Event, EventState, Mode
from interact_events.registrations.models import State
from tests import make
from tests.client import Client, counted

NOW = clock.now()
SECRET = "https://meet.example/secret-room"


def page_of(client: Client, event: Event) -> str:
    answer = client.get(f"/events/{event.slug}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_event_page_tells_a_stranger_how_to_register(client: Client) -> None:
    event = make.event()
    page = page_of(client, event)
    assert "20 seats left" in page
    assert f'href="/events/{event.slug}/register">Register</a>' in page


def test_event_page_of_a_full_event_offers_the_waiting_list(client: Client) -> None:
    event = make.event(capacity=1)
    make.registration(event)
    page = page_of(client, event)
    assert "Join the waiting list</a>" in page
    assert "1 of 1 taken" in page


def test_event_page_where_the_office_selects_asks_to_apply(client: Client) -> None:
    page = page_of(client, make.event(admission=Admission.SELECTION))
    assert ">Apply</a>" in page


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"registration_opens_at": NOW + timedelta(days=1)}, "Registration opens on "),
        ({"registration_closes_at": NOW - timedelta(days=1)}, "Registration closed on "),
        (
            {"state": EventState.CANCELLED, "cancellation_reason": "Snow on the line."},
            "Snow on the line.",
        ),
        (
            {"starts_at": NOW - timedelta(days=2), "ends_at": NOW - timedelta(days=1)},
            "This event is over.",
        ),
    ],
)
def test_event_page_says_why_nobody_can_register(
    client: Client, values: dict[str, Any], sentence: str
) -> None:
    event = make.event(**values)
    page = page_of(client, event)
    assert sentence in page
    assert "/register" not in page


def test_event_page_of_a_draft_does_not_exist(client: Client) -> None:
    event = make.event(state=EventState.DRAFT)
    client.sign_in(make.member())
    assert client.get(f"/events/{event.slug}").status_code == 404


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (State.CONFIRMED, "You have a seat"),
        (State.PENDING, "You have applied"),
        (State.WAITLISTED, "2nd in line; 2nd of your programme."),
        (State.DECLINED, "No seat this time"),
    ],
)
def test_event_page_says_where_the_viewer_stands(
    client: Client, state: State, sentence: str
) -> None:
    event = make.event()
    make.registration(event, state=State.WAITLISTED)
    client.sign_in(make.registration(event, state=state).user)
    page = page_of(client, event)
    assert sentence in page
    assert "/register" not in page


@pytest.mark.parametrize("state", [state for state in State if state is not State.CONFIRMED])
def test_the_joining_link_is_hidden_without_a_seat(client: Client, state: State) -> None:
    event = make.event(mode=Mode.ONLINE, joining_url=SECRET)
    client.sign_in(make.registration(event, state=state).user)
    assert SECRET not in page_of(client, event)


def test_the_joining_link_is_for_the_confirmed(client: Client) -> None:
    event = make.event(mode=Mode.ONLINE, joining_url=SECRET)
    assert SECRET not in page_of(client, event)
    client.sign_in(make.registration(event).user)
    assert SECRET in page_of(client, event)


def test_event_page_answers_for_each_profile(client: Client) -> None:
    event, person = make.event(), make.user()
    make.profile(person, role_id=make.role("NCP").id)
    make.profile(person)
    event.roles = [make.role("CTRL"), make.role("AA")]
    programme = make.programme().name
    client.sign_in(person)
    page = page_of(client, event)
    assert f"You can register as controller of {programme}." in page
    assert (
        f"As national contact point of {programme} you can’t: this event is for controllers and "
        "audit authorities. Ask Interact Office Turku." in page
    )


def test_event_page_for_whom_no_profile_fits_offers_no_registration(client: Client) -> None:
    event = make.event()
    event.roles = [make.role("AA")]
    client.sign_in(make.profile().user)
    page = page_of(client, event)
    assert "this event is for audit authorities" in page
    assert "/register" not in page.replace("/register.ics", "")


def test_event_page_shows_no_way_to_the_staffs_pages(client: Client) -> None:
    event = make.event(internal_notes="Budget is tight")
    client.sign_in(make.user())
    page = page_of(client, event)
    assert "/offices/" not in page
    assert "Budget is tight" not in page


def test_event_page_escapes_what_people_type(client: Client) -> None:
    page = page_of(client, make.event('Ζωή "Žižka" <b>O\'Neil</b>'))
    assert "<b>O" not in page


def test_event_page_costs_the_same_with_more_of_everything(
    client: Client, connection: Connection
) -> None:
    event, person = make.event(), make.user()
    make.profile(person)
    event.roles.append(make.role("CTRL"))
    client.sign_in(person)
    page_of(client, event)
    with counted(connection) as few:
        page_of(client, event)
    for code in ("JS", "AA", "MA"):
        event.roles.append(make.role(code))
        make.profile(person, role_id=make.role(code).id)
        make.session(event, code, event.starts_at, event.ends_at)
        make.registration(event)
    db.session.commit()
    with counted(connection) as many:
        page_of(client, event)
    assert len(many) == len(few)


def test_who_is_not_invited_can_still_type_a_code(client: Client) -> None:
    event, profile = make.event(), make.profile()
    make.seat_rules(event, by_invitation=True)
    client.sign_in(profile.user)
    page = page_of(client, event)
    assert "this event is by invitation only" in page
    assert f'href="/events/{event.slug}/register">I have an invitation code</a>' in page
