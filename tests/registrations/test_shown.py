"""How many seats are left, as everybody may read it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Admission, Event, Mode
from interact_events.registrations.actions import (
    Move,
    add_by_hand,
    change_mode,
    decide,
    mail_key,
    open_book,
    transition_all,
)
from interact_events.registrations.models import Promotion, Registration, State
from interact_events.registrations.rules import Cap, Dimension, Hold, Step
from tests import make
from tests.client import Client, counted

NOW = clock.now()


def hybrid(**values: Any) -> Event:
    """One seat on site, which is taken, and two online."""
    event = make.event(mode=Mode.HYBRID, capacity=3, online_capacity=2, **values)
    make.registration(event)
    return event


def standing(page: str) -> list[str]:
    """The lines of the first event of a list, or of the event's own page."""
    found = re.search(r'<div class="(?:seats|standing)">(.*?)</div>', page, flags=re.S)
    assert found
    return re.findall(r"<(?:strong|span)>([^<]*)</", found[1])


def beside_the_form(page: str) -> list[str]:
    found = re.search(r"<dt>Seats</dt><dd>(.*?)</dd>", page, flags=re.S)
    assert found
    return [line.strip() for line in found[1].split("<br>")]


def secretly(event: Event, *states: State) -> None:
    """A selection has decided that on new applicants, and tells them in a quarter of an hour."""
    decide_in_secret([make.registration(event, state=State.PENDING) for _ in states], *states)


def decide_in_secret(rows: list[Registration], *states: State) -> None:
    event = rows[0].event
    tell_at = NOW + timedelta(minutes=15)
    moves = [Move(registration=r, to=to) for r, to in zip(rows, states, strict=True)]
    transition_all(open_book(event), moves, actor=rows[0].user, now=NOW, tell_at=tell_at)
    db.session.commit()


MODES = ["On site: full, waiting list", "Online: 2 seats left"]


def test_a_hybrid_event_says_where_seats_are_left(client: Client) -> None:
    event = hybrid()
    for path in ("/", "/events", f"/events/{event.slug}"):
        assert standing(client.get(path).text) == ["2 seats left", *MODES]


def test_the_newcomers_form_says_so_beside_the_choice(client: Client) -> None:
    event = hybrid()
    page = client.get(f"/events/{event.slug}/register").text
    assert re.findall(r"((?:On site|Online)[^<]*)</label>", page) == MODES
    assert beside_the_form(page) == ["2 of 3 left", *MODES]


def test_who_has_no_seat_in_a_mode_that_has_some_reads_that(client: Client) -> None:
    event = make.event(mode=Mode.HYBRID, capacity=30, online_capacity=20)
    hold = Hold(frozenset({make.role("MA").id}), 10, NOW + timedelta(days=1))
    make.seat_rules(event, holds=[hold])
    client.sign_in(make.profile().user)
    page = client.get(f"/events/{event.slug}/register").text
    assert re.findall(r"((?:On site|Online)[^<]*)</label>", page) == [
        "On site: no seat for you now, waiting list",
        "Online: 20 seats left",
    ]


def test_who_has_no_profile_reads_the_same(client: Client) -> None:
    event = hybrid()
    client.sign_in(make.user())
    page = client.get(f"/events/{event.slug}/register").text
    assert beside_the_form(page) == ["2 of 3 left", *MODES]


def limited() -> Event:
    event = make.event()
    make.registration(event)
    make.seat_rules(
        event,
        holds=[Hold(frozenset({make.role("MA").id}), 5, NOW + timedelta(days=1))],
        caps=[Cap(Dimension.PROGRAMME, (Step(None, 2),))],
    )
    return event


def test_a_list_says_that_seats_are_held_and_limited(client: Client) -> None:
    limited()
    assert standing(client.get("/events").text) == [
        "19 seats left",
        "1 of 20 taken",
        "5 of them held for certain roles",
        "Limited per programme",
    ]


def test_the_event_and_its_form_say_for_whom(client: Client) -> None:
    event = limited()
    page = client.get(f"/events/{event.slug}").text
    form = client.get(f"/events/{event.slug}/register").text
    held, most = standing(page)[2:]
    assert held.startswith("5 of them are held for managing authorities until ")
    assert most == "At most 2 per programme."
    assert beside_the_form(form) == ["19 of 20 left", held, most]


def test_seats_that_their_people_have_are_held_no_more(client: Client) -> None:
    event = make.event(capacity=2)
    role = make.role("MA").id
    make.seat_rules(event, holds=[Hold(frozenset({role}), 1, NOW + timedelta(days=1))])
    person = make.user()
    make.profile(person, role_id=role)
    make.registration(event, person)
    assert standing(client.get("/events").text) == ["1 seat left", "1 of 2 taken"]


# -- secrets -------------------------------------------------------------------------------------


def test_a_secret_decision_moves_no_count(client: Client) -> None:
    event = make.event(capacity=2, admission=Admission.SELECTION)
    make.seat_rules(event, selected_at=NOW + timedelta(minutes=15))
    paths = ("/", "/events", "/events?seats=1", f"/events/{event.slug}")
    before = [standing(client.get(path).text) for path in paths]
    secretly(event, State.CONFIRMED, State.CONFIRMED, State.WAITLISTED)
    assert [standing(client.get(path).text) for path in paths] == before
    assert before[0][0].startswith("Application by ")


def test_a_secret_decision_moves_no_count_after_registration_has_closed(client: Client) -> None:
    closed = NOW - timedelta(days=1)
    event = make.event(admission=Admission.SELECTION, registration_closes_at=closed)
    make.seat_rules(event, selected_at=NOW + timedelta(minutes=15))
    secretly(event, State.CONFIRMED)
    assert standing(client.get("/events").text) == ["Registration closed", "0 of 20 taken"]


def test_a_mail_beside_a_secret_decision_counts_who_is_known_to_be_in_line(client: Client) -> None:
    event = make.event(capacity=1, admission=Admission.SELECTION)
    secretly(event, State.CONFIRMED, State.WAITLISTED, State.WAITLISTED)
    make.seat_rules(event, selected_at=NOW + timedelta(minutes=15))
    by, row = make.member(), make.registration(event, state=State.PENDING)
    decide(event, [row.id], State.WAITLISTED, actor=by, now=NOW)
    added = add_by_hand(make.profile(), event, actor=by, now=NOW)
    db.session.commit()
    places = []
    for each in (row, added):
        mail = db.session.scalars(select(OutboxMessage).filter_by(key=mail_key(each))).one()
        places += re.findall(r"number (\d+)\s+in\s+line", mail.text)
        client.sign_in(each.user)
        places += re.findall(r"Number (\d+) in line", client.get("/my/").text)
    assert places == ["1", "1", "2", "2"]


@pytest.mark.parametrize("is_full", [True, False])
def test_whether_a_secret_decision_filled_a_mode_changes_no_answer(
    client: Client, is_full: bool
) -> None:
    event = make.event(
        mode=Mode.HYBRID, capacity=9, online_capacity=1, admission=Admission.SELECTION
    )
    row, applicant = make.registration(event), make.registration(event, state=State.PENDING)
    applicant.is_online = is_full
    decide_in_secret([applicant], State.CONFIRMED)
    make.seat_rules(event, selected_at=NOW + timedelta(minutes=15))
    with pytest.raises(DomainError, match="quarter of an hour"):
        change_mode(row, is_online=True, now=NOW)


def test_what_people_were_told_counts(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    event = make.event(capacity=2, admission=Admission.SELECTION)
    make.seat_rules(event, selected_at=NOW + timedelta(minutes=15))
    secretly(event, State.CONFIRMED, State.CONFIRMED, State.WAITLISTED)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=16))
    assert standing(client.get("/events").text) == [
        "Waiting list open",
        "2 of 2 taken, 1 waiting",
    ]
    assert "No event matches" in client.get("/events?seats=1").text


def test_a_secret_decision_moves_nobody_in_line(client: Client) -> None:
    event = make.event(capacity=2, admission=Admission.SELECTION)
    make.seat_rules(event, selected_at=NOW + timedelta(minutes=15), promotion=Promotion.OFFICE)
    applicants = [make.registration(event, state=State.PENDING) for _ in range(3)]
    row = make.registration(event, state=State.WAITLISTED, told_at=NOW - timedelta(days=1))
    client.sign_in(row.user)
    paths = ("/my/", f"/my/registrations/{row.id}", f"/events/{event.slug}")
    before = [line_of(client.get(path).text) for path in paths]
    decide_in_secret(applicants, State.CONFIRMED, State.CONFIRMED, State.WAITLISTED)
    assert [line_of(client.get(path).text) for path in paths] == before
    assert before[0] == "Number 1 in line"
    assert before[1].startswith("1st in line; 1st of your programme. The office chooses")


def line_of(page: str) -> str:
    found = re.search(r"(Number \d+|\d+\w\w) in line[^<]*", page)
    assert found
    return found[0].strip()


def test_lists_cost_the_same_for_one_and_three_events_with_limits(
    client: Client, connection: Connection
) -> None:
    limited()
    client.get("/events")
    with counted(connection) as one:
        client.get("/events")
    hybrid()
    limited()
    with counted(connection) as three:
        assert standing(client.get("/events").text)
    assert len(three) == len(one)
