"""Requests that took the lock later than they came, and changes that meet at one moment."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask

from interact_events.accounts.actions import delete_account
from interact_events.accounts.models import Profile, User
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events.models import Admission, Event, Mode
from interact_events.nominations import actions as nominations
from interact_events.nominations.models import ProgrammeCoordinator
from interact_events.registrations import actions, checks, queries
from interact_events.registrations.actions import Answers, Person, SeatValues
from interact_events.registrations.models import Registration, State
from interact_events.registrations.rules import Hold
from interact_events.series import actions as series_actions
from interact_events.series.models import Series, SeriesEvent
from tests import make
from tests.at_once import PATIENCE, at_once

NOW = clock.now()
UNTIL = NOW + timedelta(minutes=5)
JUST_BEFORE = UNTIL - timedelta(milliseconds=100)


def held_event() -> Event:
    """Its only seat is held for managing authorities for five minutes."""
    event = make.event(capacity=1)
    make.seat_rules(event, holds=[Hold(frozenset({make.role("MA").id}), 1, UNTIL)])
    return event


def settle(event: Event, now: object) -> None:
    actions.lock_event(event)
    actions.settle(event, now=now)  # type: ignore[arg-type]


def wrong() -> list[str]:
    db.session.flush()
    return [finding.line for finding in checks.findings(UNTIL + timedelta(days=1))]


@pytest.mark.usefixtures("app")
def test_who_pressed_before_a_release_and_got_the_lock_after_it_is_looked_at_again() -> None:
    event = held_event()
    settle(event, UNTIL)
    row = actions.register(make.profile(), event, Answers(), now=JUST_BEFORE)
    assert (row.state, queries.events_to_settle(UNTIL)) == (State.WAITLISTED, [event.id])
    settle(event, UNTIL)
    assert row.state is State.CONFIRMED
    assert queries.events_to_settle(UNTIL) == []


@pytest.mark.usefixtures("app")
def test_a_seat_that_is_given_back_late_finds_who_waits() -> None:
    event = held_event()
    seated = make.registration(event)
    waiting = actions.register(make.profile(), event, Answers(), now=NOW)
    settle(event, UNTIL)
    actions.cancel_registration(seated, actor=seated.user, now=JUST_BEFORE)
    assert waiting.is_waiting
    for number in queries.events_to_settle(UNTIL):
        settle(db.session.get_one(Event, number), UNTIL)
    assert waiting.state is State.CONFIRMED


def held_hybrid() -> Event:
    """The only seat on site that is not held is taken; those online are free."""
    event = make.event(mode=Mode.HYBRID, capacity=3, online_capacity=2)
    make.seat_rules(event, holds=[Hold(frozenset({make.role("MA").id}), 2, UNTIL)])
    return event


@pytest.mark.usefixtures("app")
def test_a_mode_that_is_changed_late_finds_who_waits() -> None:
    event = held_hybrid()
    seated = make.registration(event)
    waiting = actions.register(make.profile(), event, Answers(), now=NOW)
    settle(event, UNTIL)
    assert waiting.state is State.WAITLISTED
    actions.change_mode(seated, is_online=True, now=JUST_BEFORE)
    db.session.flush()
    assert queries.events_to_settle(UNTIL) == [event.id]


@pytest.mark.usefixtures("app")
def test_a_mode_that_is_changed_while_a_selection_is_told_finds_who_waits() -> None:
    event = make.event(
        mode=Mode.HYBRID, capacity=3, online_capacity=2, admission=Admission.SELECTION
    )
    make.seat_rules(event, selected_at=UNTIL)
    seated, _ = make.registration(event), make.registration(event, state=State.WAITLISTED)
    settle(event, UNTIL)
    seated.told_at = UNTIL
    actions.change_mode(seated, is_online=True, now=JUST_BEFORE)
    db.session.flush()
    assert queries.events_to_settle(UNTIL) == [event.id]


@pytest.mark.usefixtures("app")
def test_a_newcomers_form_that_is_corrected_late_finds_who_waits() -> None:
    event, profile = held_hybrid(), make.profile()
    who = Person(
        email="zoi@example.org",
        name="Ζωή",
        zone="Europe/Athens",
        institution="Περιφέρεια",
        role=profile.role,
        programme=profile.programme,
        country=profile.country,
    )
    password = "correct horse battery staple"  # nobody's
    actions.register_newcomer(who, password, event, Answers(), now=NOW)
    actions.register(profile, event, Answers(), now=NOW)
    settle(event, UNTIL)
    actions.register_newcomer(who, password, event, Answers(is_online=True), now=JUST_BEFORE)
    db.session.flush()
    assert queries.events_to_settle(UNTIL) == [event.id]


def test_the_job_looks_again_also_where_the_two_meet(crowded: Flask) -> None:
    with crowded.app_context():
        number, profile = held_event().id, make.profile().id

    def register() -> int:
        event = db.session.get_one(Event, number)
        who = db.session.get_one(Profile, profile)
        return actions.register(who, event, Answers(), now=JUST_BEFORE).id

    _, row = at_once(crowded, lambda: settle(db.session.get_one(Event, number), UNTIL), register)
    with crowded.app_context():
        assert db.session.get_one(Registration, row).state is State.WAITLISTED
        assert number in queries.events_to_settle(UNTIL)


def test_moving_a_series_keeps_the_rules_that_somebody_saves_meanwhile(crowded: Flask) -> None:
    with crowded.app_context():
        event, actor = make.event(capacity=20), make.member()
        series = Series(office_id=event.office_id, name="S", created_at=NOW, created_by_id=actor.id)
        db.session.add(series)
        db.session.flush()
        db.session.add(SeriesEvent(event_id=event.id, series_id=series.id, position=1))
        db.session.commit()
        numbers = event.id, series.id, actor.id

    def rule() -> None:
        event, actor = db.session.get_one(Event, numbers[0]), db.session.get_one(User, numbers[2])
        values = SeatValues(admission=Admission.FIRST_COME, capacity=50, roles=(make.role(),))
        actions.set_seat_rules(event, values, actor=actor, now=NOW)

    def move() -> list[str]:
        series = db.session.get_one(Series, numbers[1])
        actor = db.session.get_one(User, numbers[2])
        done = series_actions.move_events(series, [numbers[0]], 7, actor=actor, now=NOW)
        return [each.refusal for each in done]

    _, refusals = at_once(crowded, rule, move)
    with crowded.app_context():
        event = db.session.get_one(Event, numbers[0])
        assert refusals == [""]
        assert (event.capacity, event.roles) == (50, [make.role()])


def test_two_coordinators_nominate_the_same_new_people(crowded: Flask) -> None:
    addresses = [f"new{number}@example.org" for number in range(10)]
    with crowded.app_context():
        numbers = [make.event().id for _ in range(2)]
        actors = [make.user().id for _ in numbers]
        for actor in actors:
            facts = {"named_by": "Letter", "added_by_id": actor, "started_at": NOW}
            programme = make.programme().id
            db.session.add(ProgrammeCoordinator(programme_id=programme, user_id=actor, **facts))
        db.session.commit()
    barrier = Barrier(2)

    def nominate(at: int) -> int:
        with crowded.app_context():
            event, actor = (
                db.session.get_one(Event, numbers[at]),
                db.session.get_one(User, actors[at]),
            )
            people = [nominee(address) for address in (addresses if at else addresses[::-1])]
            db.session.commit()
            barrier.wait(PATIENCE)
            found = nominations.nominate(make.programme(), event, people, actor=actor, now=NOW)
            db.session.commit()
            return len(found)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(nominate, (0, 1))) == [10, 10]


def nominee(address: str) -> nominations.Nominee:
    return nominations.Nominee(
        email=address,
        name="Niko New",
        zone="Europe/Helsinki",
        institution="Region",
        role=make.role(),
        programme=make.programme(),
        country=make.country(),
    )


@pytest.mark.usefixtures("app")
def test_a_deleted_persons_offer_is_given_back_by_the_counts_that_it_was_given_with() -> None:
    start = NOW + timedelta(hours=1)
    event = make.event(capacity=2, starts_at=start, ends_at=start + timedelta(hours=7))
    row = make.registration(event, state=State.OFFERED, answer_by=start)
    delete_account(row.user, now=NOW)
    later = start + timedelta(seconds=30)
    actions.forget_deleted_people(event, now=later)
    assert wrong() == []
    settle(event, later)
    assert (row.state, wrong()) == (State.CANCELLED, [])
    actions.forget_deleted_people(event, now=later)
    assert (row.name, row.institution, row.search_text) == ("Deleted person", "", "")


@pytest.mark.usefixtures("app")
def test_who_gives_a_seat_back_while_a_selection_is_told_leaves_it_to_the_next() -> None:
    event = make.event(capacity=1, admission=Admission.SELECTION)
    make.seat_rules(event, selected_at=NOW)
    seated = make.registration(event)
    waiting = make.registration(event, state=State.WAITLISTED)
    late = NOW + timedelta(seconds=5)
    settle(event, late)
    early = NOW - timedelta(seconds=1)
    actions.cancel_registration(seated, actor=seated.user, now=early)
    assert queries.events_to_settle(late) == [event.id]
    settle(event, late)
    assert waiting.state is State.CONFIRMED
