"""One event after another: only who has a seat at the first may register for the second."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection

from interact_events.accounts.models import Profile
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.actions import publish_event
from interact_events.events.models import Event, EventState, Mode
from interact_events.registrations import actions, queries
from interact_events.registrations.actions import Answers
from interact_events.registrations.models import State
from interact_events.registrations.policies import rules_for_staff
from tests import make
from tests.client import Client, counted

WHY = "This event is for people who have a seat at “Module 1”. Ask Interact Office Turku."


def modules(**values: Any) -> tuple[Event, Event]:
    """The second one comes after the first."""
    first = make.event("Module 1")
    second = make.event("Module 2", starts_at=first.starts_at + timedelta(days=7), **values)
    actions.put_after(second, first, actor=make.member(), now=clock.now())
    db.session.commit()
    return first, second


def register(profile: Profile, event: Event) -> State:
    row = actions.register(profile, event, Answers(), now=clock.now())
    db.session.commit()
    return row.state


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "state", [None, State.PENDING, State.WAITLISTED, State.OFFERED, State.CANCELLED]
)
def test_without_a_seat_at_the_first_nobody_registers(state: State | None) -> None:
    first, second = modules()
    profile = make.profile()
    if state:
        make.registration(first, profile.user, state)
    with pytest.raises(DomainError) as refusal:
        register(profile, second)
    assert (refusal.value.message, refusal.value.field) == (WHY, "profile")


@pytest.mark.usefixtures("app")
def test_a_seat_at_the_first_opens_the_second_also_when_it_is_over() -> None:
    first, second = modules()
    profile = make.profile()
    make.registration(first, profile.user)
    first.starts_at, first.ends_at = make.days(-3), make.days(-2)
    db.session.commit()
    assert register(profile, second) is State.CONFIRMED


@pytest.mark.usefixtures("app")
def test_who_is_not_told_of_their_seat_yet_learns_nothing_by_it() -> None:
    first, second = modules()
    profile = make.profile()
    make.registration(first, profile.user, told_at=make.days(1))
    with pytest.raises(DomainError, match="have a seat at “Module 1”"):
        register(profile, second)


@pytest.mark.usefixtures("app")
def test_who_loses_the_first_seat_keeps_the_second_one_and_moves_up() -> None:
    first, second = modules(capacity=1)
    people = [make.profile(), make.profile()]
    seats = [make.registration(first, each.user) for each in people]
    assert [register(each, second) for each in people] == [State.CONFIRMED, State.WAITLISTED]
    for seat in seats:
        actions.cancel_registration(seat, actor=seat.user, now=clock.now())
    kept, waiting = (queries.standing_registration(second, each.user) for each in people)
    assert kept
    assert waiting
    assert kept.state is State.CONFIRMED
    actions.cancel_registration(kept, actor=kept.user, now=clock.now())
    assert waiting.state is State.CONFIRMED


@pytest.mark.usefixtures("app")
def test_staff_let_somebody_in_with_a_written_reason_only() -> None:
    _, second = modules()
    profile, actor = make.profile(), make.member()
    with pytest.raises(DomainError, match="have a seat at “Module 1”"):
        actions.add_by_hand(profile, second, actor=actor, now=clock.now())
    db.session.rollback()
    row = actions.add_by_hand(
        profile, second, actor=actor, now=clock.now(), override="Knows module 1 by heart"
    )
    assert (row.state, row.override) == (State.CONFIRMED, "Knows module 1 by heart")


@pytest.mark.usefixtures("app")
def test_who_has_the_first_seat_needs_no_reason_of_staff() -> None:
    first, second = modules()
    profile = make.profile()
    make.registration(first, profile.user)
    row = actions.add_by_hand(
        profile, second, actor=make.member(), now=clock.now(), override="For sure"
    )
    assert (row.state, row.override) == (State.CONFIRMED, "")


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("is_known", [False, True])
def test_a_form_without_an_account_is_refused_and_tells_nothing_of_one(is_known: bool) -> None:
    first, second = modules()
    known = make.profile()
    make.registration(first, known.user)
    person = actions.Person(
        email=known.user.email if is_known else "new@example.org",
        name="Jo",
        zone="Europe/Helsinki",
        institution="A",
        role=make.role(),
        programme=make.programme(),
        country=make.country(),
    )
    with pytest.raises(DomainError) as refusal:
        actions.register_newcomer(person, make.PASSWORD, second, Answers(), now=clock.now())
    assert (refusal.value.message, refusal.value.field) == (WHY, "role")


@pytest.mark.usefixtures("app")
def test_the_rules_say_it_and_changing_them_keeps_it() -> None:
    first, second = modules()
    settings = queries.seat_rules_of(second)
    said = rules_for_staff(second, settings, queries.rules_of(second, settings))
    assert said[1] == "Only for people who have a seat at “Module 1”."
    assert not actions.put_after(second, first, actor=make.member(), now=clock.now())
    assert actions.put_after(second, None, actor=make.member(), now=clock.now())
    assert register(make.profile(), second) is State.CONFIRMED


@pytest.mark.usefixtures("app")
def test_what_starts_later_cannot_come_first() -> None:
    first, second = modules()
    with pytest.raises(DomainError, match="“Module 2” does not start before “Module 1”"):
        actions.put_after(first, second, actor=make.member(), now=clock.now())


@pytest.mark.usefixtures("app")
def test_events_never_wait_for_each_other() -> None:
    """After a move the second one starts first; then each could be put after the other."""
    first, second = modules()
    third = make.event("Module 3", starts_at=make.days(70), ends_at=make.days(71))
    actions.put_after(third, second, actor=make.member(), now=clock.now())
    first.starts_at, first.ends_at = make.days(80), make.days(81)
    db.session.commit()
    assert queries.numbers_before(third) == {first.id, second.id}
    for later in (second, third):
        with pytest.raises(DomainError, match=f"“{later.title}” comes after “Module 1” itself"):
            actions.put_after(first, later, actor=make.member(), now=clock.now())


@pytest.mark.usefixtures("app")
def test_what_is_cancelled_cannot_come_first_any_more() -> None:
    first, second = make.event("Module 1"), make.event(starts_at=make.days(40))
    first.state, first.cancelled_at = EventState.CANCELLED, clock.now()
    with pytest.raises(DomainError, match="“Module 1” is cancelled"):
        actions.put_after(second, first, actor=make.member(), now=clock.now())


@pytest.mark.usefixtures("app")
def test_a_first_one_that_is_called_off_later_is_said_to_be() -> None:
    first, second = modules()
    actions.cancel_event(first, "Snow", actor=make.member(), now=clock.now())
    db.session.commit()
    with pytest.raises(DomainError) as refusal:
        register(make.profile(), second)
    assert refusal.value.message == (
        "This event is for people who have a seat at “Module 1”, which is cancelled. "
        "Ask Interact Office Turku."
    )


@pytest.mark.usefixtures("app")
def test_what_comes_first_is_published_first() -> None:
    first, second = make.event("Module 1"), make.event("Module 2", starts_at=make.days(40))
    first.state, first.published_at = EventState.DRAFT, None
    with pytest.raises(DomainError, match="Publish “Module 1” first"):
        actions.put_after(second, first, actor=make.member(), now=clock.now())
    second.state, second.published_at = EventState.DRAFT, None
    second.description, second.contact_email = "Cases.", "turku@example.org"
    assert actions.put_after(second, first, actor=make.member(), now=clock.now())
    with pytest.raises(DomainError, match="Publish “Module 1” first: only who has a seat there"):
        publish_event(second, actor=make.member(), now=clock.now())


@pytest.mark.usefixtures("app")
def test_a_copy_does_not_come_after_anything() -> None:
    _, second = modules()
    copy = actions.duplicate_event(
        second,
        "Again",
        make.days(60).date(),
        actor=make.member(),
        now=clock.now(),
        host="localhost",
    )
    assert queries.seat_rules_of(copy).after_event_id is None


def test_the_deleted_draft_of_a_first_one_frees_the_second(app: Flask) -> None:
    first, second = modules()
    first.state, first.published_at = EventState.DRAFT, None
    db.session.commit()
    db.session.delete(first)
    db.session.commit()
    db.session.expire_all()
    assert queries.seat_rules_of(second).after_event_id is None


def test_pages_say_what_comes_first(client: Client) -> None:
    first, second = modules(mode=Mode.ONLINE)
    page = client.get(f"/events/{second.slug}").text
    assert "Only for people who have a seat at “Module 1”." in page
    answer = client.get(f"/events/{second.slug}/register")
    assert answer.location == f"/sign-in?next=/events/{second.slug}/register"
    profile = make.profile()
    client.sign_in(profile.user)
    assert "you can’t register: this event is for people who have a seat at “Module 1”" in (
        client.get(f"/events/{second.slug}").text
    )
    make.registration(first, profile.user)
    assert "You can register as" in client.get(f"/events/{second.slug}").text


def test_a_press_asks_once_more_where_something_comes_first_and_else_never(
    app: Flask, connection: Connection
) -> None:
    first, second = modules()
    free = make.event()
    make.seat_rules(free)
    people = [make.profile() for _ in range(4)]
    for each in people:
        make.registration(first, each.user)
    counts = []
    for event, profile in zip((free, second, free, second), people, strict=True):
        with counted(connection) as statements:
            register(profile, event)
        counts.append(len(statements))
    assert counts[3] == counts[2] + 1  # once all that never changes is read
