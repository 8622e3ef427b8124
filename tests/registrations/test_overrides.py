"""Seats that staff give against the rules: by a tick and a written reason, and never otherwise."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from interact_events.accounts.models import Level, User
from interact_events.accounts.queries import user_by_email
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Admission, Event
from interact_events.registrations import actions, checks
from interact_events.registrations.actions import Answers
from interact_events.registrations.models import Registration, State
from interact_events.registrations.rules import Cap, Dimension, Hold, Step
from tests import make
from tests.client import Client

NOW = clock.now()
WHY = "She speaks at ten."
BEYOND = {"beyond": "y", "override": WHY}


def address(event: Event, page: str = "") -> str:
    return f"/offices/{event.office.code}/events/{event.slug}/registrations{page}"


def add(client: Client, event: Event, person: User, **fields: str) -> TestResponse:
    """As the form for somebody with an account sends it."""
    page = address(event, f"/add?email={person.email}")
    fields = {"profile": str(person.profiles[0].id)} | fields
    return client.press(page, page=page, **fields)


def decide(client: Client, event: Event, *rows: Registration, **fields: object) -> TestResponse:
    chosen = {"registration": [row.id for row in rows], "decision": "confirmed"}
    return client.press(address(event), page=address(event), **(chosen | fields))


def entered(person: User) -> Registration | None:
    return db.session.scalar(select(Registration).where(Registration.user_id == person.id))


def placed(person: User) -> tuple[State, str] | None:
    row = entered(person)
    return (row.state, row.override) if row else None


def trail(row: Registration) -> list[str | None]:
    """What the audit trail says of an override, move by move."""
    entries = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_type == "registrations", AuditEntry.subject_id == row.id)
        .order_by(AuditEntry.id)
    )
    return [entry.changes.get("override") for entry in entries]


@pytest.fixture
def staff(client: Client) -> Client:
    client.sign_in(make.member())
    return client


@pytest.fixture(autouse=True)
def everything_adds_up(client: Client) -> Iterator[None]:
    """Whatever a test did, the audit finds nothing wrong."""
    yield
    db.session.commit()
    assert [f.line for f in checks.findings(clock.now()) if not f.is_note] == []


def capped(seats: int = 1) -> Event:
    """Room enough, but so many seats for a programme, which are given."""
    event = make.event()
    for _ in range(seats):
        make.registration(event)
    make.seat_rules(event, caps=[Cap(Dimension.PROGRAMME, (Step(None, seats),))])
    return event


def full(seats: int = 1) -> Event:
    event = make.event(capacity=seats)
    for _ in range(seats):
        make.registration(event)
    return event


def controller() -> User:
    return make.profile().user


# -- adding somebody


@pytest.mark.parametrize("make_event", [capped, full])
def test_a_seat_above_a_limit_is_marked_everywhere(staff: Client, make_event: type[Event]) -> None:
    event, person = make_event(), controller()
    assert add(staff, event, person, **BEYOND).status_code == 303
    row = entered(person)
    assert row
    assert (row.state, row.override, trail(row)) == (State.CONFIRMED, WHY, [WHY])
    page = staff.get(address(event)).get_data(as_text=True)
    assert f"<strong>Beyond the rules:</strong> {WHY}" in page
    assert event.seats_taken == 2


def test_a_seat_for_somebody_whom_the_event_does_not_invite(staff: Client) -> None:
    event, person = make.event(), controller()
    event.roles = [make.role("MA")]
    answer = add(staff, event, person)
    assert "managing authorities" in answer.get_data(as_text=True)
    assert entered(person) is None
    assert add(staff, event, person, **BEYOND).status_code == 303
    assert placed(person) == (State.CONFIRMED, WHY)


def test_a_seat_that_is_held_for_others(staff: Client) -> None:
    event, person = make.event(capacity=1), controller()
    make.seat_rules(event, holds=[Hold(frozenset({make.role("MA").id}), 1, make.days(3))])
    add(staff, event, person, **BEYOND)
    assert placed(person) == (State.CONFIRMED, WHY)


def test_a_new_person_gets_a_seat_against_the_rules(staff: Client) -> None:
    event = full()
    page = address(event, "/add?email=zoe@example.org")
    facts = {
        "email": "zoe@example.org",
        "name": "Ζωή Žižka",
        "institution": "Region of Crete",
        "role": make.role().id,
        "country": make.country("GR").id,
    }
    assert staff.press(page, page=page, **facts, **BEYOND).status_code == 303
    person = user_by_email("zoe@example.org")
    assert person
    assert placed(person) == (State.CONFIRMED, WHY)


def test_a_tick_without_a_reason_gives_nothing(staff: Client) -> None:
    event, person = full(), controller()
    answer = add(staff, event, person, beyond="y", override="   ")
    assert answer.status_code == 200
    assert "Write why this person gets a seat anyway." in answer.get_data(as_text=True)
    assert entered(person) is None


def test_a_reason_without_the_tick_changes_nothing(staff: Client) -> None:
    event, person = full(), controller()
    add(staff, event, person, override=WHY)
    assert placed(person) == (State.WAITLISTED, "")


def test_a_seat_that_the_rules_give_anyway_is_not_marked(staff: Client) -> None:
    event, person = make.event(), controller()
    add(staff, event, person, **BEYOND)
    row = entered(person)
    assert row
    assert (row.state, row.override, trail(row)) == (State.CONFIRMED, "", [None])


def test_a_seat_where_the_office_selects_is_not_against_the_rules(staff: Client) -> None:
    event, person = make.event(admission=Admission.SELECTION), controller()
    add(staff, event, person, **BEYOND)
    assert placed(person) == (State.CONFIRMED, "")


# -- deciding on somebody


def waiting_at(event: Event, number: int = 1) -> list[Registration]:
    return [make.registration(event, state=State.WAITLISTED) for _ in range(number)]


def test_without_a_tick_nobody_is_decided_above_a_limit(staff: Client) -> None:
    event = capped()
    (row,) = waiting_at(event)
    said = decide(staff, event, row, override=WHY).get_data(as_text=True)
    assert (row.state, row.override) == (State.WAITLISTED, "")
    assert "Their programme has its 1 seat. Nothing was changed." in said


def test_a_tick_without_a_reason_decides_nothing(staff: Client) -> None:
    event = full()
    (row,) = waiting_at(event)
    said = decide(staff, event, row, beyond="y").get_data(as_text=True)
    assert row.state is State.WAITLISTED
    assert "Write why these people get seats against the rules." in said


def test_only_those_who_needed_it_are_marked(staff: Client) -> None:
    event = make.event(capacity=2, admission=Admission.SELECTION)
    make.registration(event)
    first, second = waiting_at(event, 2)
    decide(staff, event, first, second, **BEYOND)
    assert [(r.state, r.override, trail(r)) for r in (first, second)] == [
        (State.CONFIRMED, "", [None]),
        (State.CONFIRMED, WHY, [WHY]),
    ]
    assert event.seats_taken == 3


def test_a_decision_that_gives_no_seat_marks_nobody(staff: Client) -> None:
    event = full()
    (row,) = waiting_at(event)
    decide(staff, event, row, decision="declined", **BEYOND)
    assert (row.state, row.override) == (State.DECLINED, "")


# -- who may


@pytest.mark.parametrize(
    ("office", "level", "status"),
    [("turku", Level.VIEWER, 403), ("vienna", Level.LEAD, 404), ("vienna", Level.EDITOR, 404)],
)
def test_it_is_for_editors_of_the_event(
    client: Client, office: str, level: Level, status: int
) -> None:
    event, person = full(), controller()
    (row,) = waiting_at(event)
    client.sign_in(make.member(office, level))
    where = address(event, f"/add?email={person.email}")
    profile = person.profiles[0].id
    answers = [
        client.press(where, profile=profile, **BEYOND),
        client.press(address(event), one=f"{row.id}:confirmed", **BEYOND),
    ]
    assert [answer.status_code for answer in answers] == [status, status]
    assert (entered(person), row.state) == (None, State.WAITLISTED)


def test_nobody_gives_themselves_a_seat_by_a_stray_field(client: Client) -> None:
    event, person = full(), controller()
    client.sign_in(person)
    page = f"/events/{event.slug}/register"
    fields = {"profile": person.profiles[0].id, "is_chosen": "y", "state": "confirmed"}
    client.press(f"{page}?beyond=y&override={WHY}", page=page, **fields, **BEYOND)
    assert placed(person) == (State.WAITLISTED, "")


def test_staff_register_themselves_by_the_rules(client: Client) -> None:
    event, person = full(), make.member()
    make.profile(person)
    client.sign_in(person)
    page = f"/events/{event.slug}/register"
    client.press(page, page=page, profile=person.profiles[0].id, **BEYOND)
    assert placed(person) == (State.WAITLISTED, "")


# -- what follows


def test_nobody_moves_up_before_the_limit_is_kept_again(app: object) -> None:
    event = full(2)
    plain = db.session.scalars(select(Registration)).first()
    waiting = actions.register(make.profile(), event, Answers(), now=NOW)
    beyond = actions.add_by_hand(make.profile(), event, actor=make.member(), now=NOW, override=WHY)
    assert plain
    actions.cancel_registration(plain, actor=plain.user, now=NOW)
    assert (waiting.state, event.seats_taken) == (State.WAITLISTED, 2)
    actions.cancel_registration(beyond, actor=beyond.user, now=NOW)
    assert (waiting.state, event.seats_taken, beyond.override) == (State.CONFIRMED, 2, WHY)


def test_a_seat_beyond_a_cap_counts_for_the_cap(app: object) -> None:
    event = capped(2)
    actions.add_by_hand(make.profile(), event, actor=make.member(), now=NOW, override=WHY)
    elsewhere = make.profile(programme_id=make.programme("Alpine").id)
    same, other = (
        actions.register(profile, event, Answers(), now=NOW)
        for profile in (make.profile(), elsewhere)
    )
    assert (same.state, other.state) == (State.WAITLISTED, State.CONFIRMED)


def test_who_was_let_in_against_the_rules_may_come_back_only_by_the_rules(app: object) -> None:
    event = make.event()
    event.roles = [make.role("MA")]
    profile = make.profile()
    row = actions.add_by_hand(profile, event, actor=make.member(), now=NOW, override=WHY)
    actions.cancel_registration(row, actor=profile.user, now=NOW)
    with pytest.raises(DomainError, match="managing authorities"):
        actions.register(profile, event, Answers(), now=NOW)


def test_a_reason_with_marks_is_shown_as_it_was_written(staff: Client) -> None:
    event, person = full(), controller()
    add(staff, event, person, beyond="y", override="<b>Žižka</b> & Co")
    page = staff.get(address(event)).get_data(as_text=True)
    assert "</strong> &lt;b&gt;Žižka&lt;/b&gt; &amp; Co" in page
