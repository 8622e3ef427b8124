"""An event that is put off, and what time has done to its rules already; sessions that fill up."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from interact_events.core import clock
from interact_events.core.clock import to_local
from interact_events.core.db import db, table_of
from interact_events.core.errors import DomainError
from interact_events.core.outbox import OutboxMessage
from interact_events.events.actions import session_values, values_of
from interact_events.events.models import Event, Mode, Session, event_roles
from interact_events.registrations import actions, checks, queries
from interact_events.registrations.forms.invitations import written_addresses
from interact_events.registrations.models import Registration, SessionChoice, State
from interact_events.registrations.rules import Cap, Dimension, Hold, Step
from tests import make
from tests.client import Client
from tests.registrations.test_actions import PASSWORD, newcomer
from tests.registrations.test_changes import change_mode, move
from tests.selections.test_actions import LATER, NO, NOW, SEAT, applicants, decided, selecting

pytestmark = pytest.mark.usefixtures("app")


def put_off(client: Client, event: Event, days: int) -> None:
    start, end = (
        to_local(at, event.zone) + timedelta(days=days) for at in (event.starts_at, event.ends_at)
    )
    move(client, event, f"{start:%Y-%m-%dT%H:%M}", f"{end:%Y-%m-%dT%H:%M}")
    db.session.expire_all()


def authorities(seats: int, until: datetime) -> Hold:
    return Hold(frozenset({make.role("MA").id}), seats, until)


@pytest.mark.parametrize("days", [20, -5])
def test_a_phase_that_has_begun_never_ends_again(client: Client, days: int) -> None:
    event, since = make.event(), clock.now() - timedelta(days=2)
    steps = (Step(None, 1), Step(since, 3), Step(make.days(3), 5))
    make.seat_rules(event, caps=[Cap(Dimension.PROGRAMME, steps)])
    for name in "ABC":
        make.registration(event, make.user(name))
    put_off(client, event, days)
    (cap,) = queries.rules_of(event).caps
    most = cap.most(clock.now())
    assert most
    assert most >= 3
    assert [step.most for step in cap.steps] == [1, 3, 5]
    assert list(checks.findings(clock.now())) == []


def test_seats_that_were_released_are_not_held_again(client: Client) -> None:
    event, until = make.event(capacity=2), clock.now() - timedelta(days=2)
    make.seat_rules(event, holds=[authorities(1, until)])
    make.registration(event, make.user("A"))
    put_off(client, event, 20)
    row = actions.register(make.profile(), event, actions.Answers(), now=clock.now())
    assert row.state is State.CONFIRMED


def test_no_seat_is_held_longer_than_anybody_can_register(client: Client) -> None:
    closes = make.days(25)
    event = make.event(capacity=2, registration_closes_at=closes)
    make.seat_rules(event, holds=[authorities(1, closes - timedelta(days=1))])
    put_off(client, event, 30)
    (hold,) = queries.seat_rules_of(event).holds
    assert hold.until == event.registration_closes_at


# -- sessions that are full when a selection is decided -------------------------------------------


def chosen_by_two(capacity: int) -> tuple[Event, list[Registration], int]:
    event = selecting(capacity=5)
    session = make.session(event, "Lab", event.starts_at, event.ends_at, capacity=capacity)
    rows = list(applicants(event, 2))
    db.session.add_all([SessionChoice(registration_id=r.id, session_id=session.id) for r in rows])
    db.session.commit()
    return event, rows, session.id


def test_what_is_due_when_the_event_changes_is_still_done() -> None:
    event, rows, _ = chosen_by_two(1)
    decided(event, rows, SEAT, SEAT)
    later = LATER + timedelta(seconds=20)
    values = values_of(event, title="New title")
    actions.change_event(event, values, actor=make.member(), now=later)
    db.session.commit()
    assert event.id in queries.events_to_settle(later)
    actions.settle(event, now=later)
    assert event.id not in queries.events_to_settle(later)


def test_who_takes_the_lock_sees_what_others_have_changed_meanwhile() -> None:
    event = make.event(capacity=5)
    assert (len(event.agenda), event.roles, event.capacity) == (1, [], 5)  # all of it is known
    (held,) = event.agenda
    db.session.execute(update(table_of(Event)).values(capacity=7))
    db.session.execute(update(table_of(Session)).values(room="Aula"))
    role = make.role("MA")
    db.session.execute(insert(event_roles).values(event_id=event.id, role_id=role.id))
    values = {"title": "Sampling", "starts_at": event.starts_at, "ends_at": event.ends_at}
    values |= {"uid": "sampling@localhost", "revised_at": NOW, "event_id": event.id}
    db.session.execute(insert(table_of(Session)).values(values))
    actions.lock_event(event)
    assert "Sampling" in [each.title for each in event.agenda]
    assert (held.room, event.roles) == ("Aula", [role])
    assert event.capacity == 7


def test_a_session_gets_seats_anew_before_those_it_lost_are_forgotten() -> None:
    event, rows, number = chosen_by_two(1)
    decided(event, rows, SEAT, SEAT)
    session = next(each for each in event.agenda if each.id == number)
    values, by = session_values(session, event.zone, timedelta()), make.member()
    actions.save_session(session, replace(values, capacity=None), actor=by, now=NOW)
    db.session.commit()
    later = LATER + timedelta(seconds=20)
    seating = actions.save_session(session, replace(values, capacity=5), actor=by, now=later)
    db.session.commit()
    assert len(seating.seated) == 2
    assert list(checks.findings(later)) == []


def test_seats_left_in_sessions_tell_nothing_of_a_secret_decision(client: Client) -> None:
    event, rows, number = chosen_by_two(3)

    def shown(row: Registration) -> str:
        client.sign_in(row.user)
        page = client.get(f"/my/registrations/{row.id}").get_data(as_text=True)
        found = re.search(r"Lab \((.*?)\)", page)
        assert found
        return found[1]

    before = shown(rows[0])
    decided(event, rows, SEAT, NO)
    assert [shown(row) for row in rows] == [before, before]
    for row in rows:
        with pytest.raises(DomainError, match="quarter of an hour"):
            actions.choose_sessions(row, [], now=NOW)
    assert queries.seats_left_in_sessions(event, LATER + timedelta(seconds=1))[number] == 2


def test_a_session_that_a_secret_decision_filled_refuses_nobody() -> None:
    event, rows, number = chosen_by_two(1)
    decided(event, rows, SEAT, SEAT)
    answers = actions.Answers(sessions=(number,))
    row = actions.register(make.profile(), event, answers, now=NOW)
    assert row.state is State.PENDING
    actions.register_newcomer(newcomer(), PASSWORD, event, answers, now=NOW)
    db.session.commit()
    later = LATER + timedelta(seconds=1)
    with pytest.raises(DomainError, match="No seat is left in “Lab”"):
        actions.register(make.profile(), event, answers, now=later)


@pytest.mark.parametrize("is_nominated", [True, False])
def test_who_holds_a_seat_gets_none_in_a_session_that_a_secret_decision_filled(
    is_nominated: bool,
) -> None:
    event, rows, number = chosen_by_two(1)
    person = make.user("New", email="zoe@example.org", confirmed_at=None)
    make.registration(
        event,
        person,
        State.UNCONFIRMED,
        upon_confirmation=State.CONFIRMED,
        nominated_by_id=make.user().id if is_nominated else None,
        answer_by=make.days(1),
    )
    decided(event, rows, SEAT, SEAT)
    choice = actions.Answers(sessions=(number,))
    actions.register_newcomer(newcomer(), PASSWORD, event, choice, now=NOW)
    db.session.commit()
    assert list(checks.findings(NOW)) == []


# -- newcomers and sessions that fill up ----------------------------------------------------------


def with_few_seats() -> tuple[Event, actions.Answers]:
    """An event with a session of one seat, and who chooses that."""
    event = make.event()
    session = make.session(event, "Lab", event.starts_at, event.ends_at, capacity=1)
    return event, actions.Answers(sessions=(session.id,))


@pytest.mark.parametrize("is_known", [True, False])
def test_a_full_session_is_refused_to_known_and_unknown_addresses(is_known: bool) -> None:
    event, choice = with_few_seats()
    actions.register(make.profile(), event, choice, now=NOW)
    person = newcomer(make.user().email if is_known else "zoe@example.org")
    with pytest.raises(DomainError, match="No seat is left in “Lab”"):
        actions.register_newcomer(person, PASSWORD, event, choice, now=NOW)


def test_a_newcomers_form_sent_twice_keeps_the_last_seat_of_its_session() -> None:
    event, choice = with_few_seats()
    for _ in range(2):
        actions.register_newcomer(newcomer(), PASSWORD, event, choice, now=NOW)
    db.session.commit()
    row = db.session.scalars(select(Registration)).one()
    assert queries.choices_by(row) == set(choice.sessions)
    assert list(checks.findings(NOW)) == []


def test_a_newcomers_last_seat_shields_nobody_elses_form() -> None:
    event, choice = with_few_seats()
    actions.register_newcomer(newcomer(), PASSWORD, event, choice, now=NOW)
    with pytest.raises(DomainError, match="No seat is left in “Lab”"):
        actions.register_newcomer(newcomer(), f"{PASSWORD}!", event, choice, now=NOW)


def test_a_newcomer_who_corrects_the_form_gets_no_seat_in_a_full_session() -> None:
    event, choice = with_few_seats()
    actions.register_newcomer(newcomer(), PASSWORD, event, actions.Answers(), now=NOW)
    actions.register(make.profile(), event, choice, now=NOW)
    db.session.commit()
    with pytest.raises(DomainError, match="No seat is left in “Lab”"):
        actions.register_newcomer(newcomer(), PASSWORD, event, choice, now=NOW)
    assert list(checks.findings(NOW)) == []


def test_who_has_not_confirmed_their_address_is_not_counted_among_those_told() -> None:
    event = make.event()
    session = event.agenda[0]
    make.registration(event, make.user("Ann"))
    make.registration(
        event,
        make.user("New", confirmed_at=None),
        State.UNCONFIRMED,
        upon_confirmation=State.CONFIRMED,
        answer_by=make.days(1),
    )
    values = replace(session_values(session, event.zone, timedelta()), capacity=5)
    seating = actions.save_session(session, values, actor=make.member(), now=clock.now())
    db.session.commit()
    assert seating.told == len(db.session.scalars(select(OutboxMessage)).all()) == 1


def test_nobody_loses_the_seat_that_they_had_in_a_session(client: Client) -> None:
    event = make.event(capacity=5)
    session = make.session(event, "Lab", event.starts_at, event.ends_at, capacity=2)
    rows = [make.registration(event, make.user(name)) for name in ("Ann", "Bo")]
    db.session.add_all([SessionChoice(registration_id=r.id, session_id=session.id) for r in rows])
    db.session.flush()
    actions.recount(event)
    values, by = session_values(session, event.zone, timedelta()), make.member()
    actions.save_session(session, replace(values, capacity=None), actor=by, now=NOW)
    seating = actions.save_session(session, replace(values, capacity=1), actor=by, now=NOW)
    assert (seating.seated, seating.over) == (["Ann", "Bo"], 1)
    db.session.rollback()


def test_many_commas_are_read_in_no_time() -> None:
    """A square of these took minutes."""
    assert len(list(written_addresses('a,"' * 60_000))) > 1


def test_who_is_asked_at_once_because_the_mode_changed_is_said(client: Client) -> None:
    event = make.event(
        mode=Mode.HYBRID,
        capacity=6,
        online_capacity=3,
        starts_at=make.days(5).replace(hour=9),
        joining_url="https://meet.example.org/",
    )
    asks = {"ask_days": 14, "warn_days": 10, "release_days": 4}
    make.seat_rules(event, reconfirmation={"online": asks})
    make.registration(event, make.user("A"), decided_at=clock.now() - timedelta(days=20))
    change_mode(client, event, Mode.IN_PERSON)
    page = client.get(f"/offices/{event.office.code}/events/{event.slug}/").get_data(as_text=True)
    assert "1 person is asked at once, by a mail, whether they still come." in page
