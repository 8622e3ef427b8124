"""What staff decide about people."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

from interact_events.accounts import actions as accounts
from interact_events.accounts.models import Profile, User
from interact_events.accounts.queries import user_by_email
from interact_events.core import outbox, words
from interact_events.core.errors import DomainError
from interact_events.events.actions import refuse_template
from interact_events.events.models import Event
from interact_events.registrations import emails, queries
from interact_events.registrations.actions.book import Move, lock_event, open_book
from interact_events.registrations.actions.inviting import posting
from interact_events.registrations.actions.moving import transition_all
from interact_events.registrations.actions.promoting import promote_waiting
from interact_events.registrations.actions.registering import (
    Answers,
    Person,
    Terms,
    enter,
    profile_like,
)
from interact_events.registrations.models import Registration, State
from interact_events.registrations.policies import registration_notice
from interact_events.registrations.rules import MOVES

DECISIONS = (State.CONFIRMED, State.WAITLISTED, State.DECLINED, State.CANCELLED)
DONE = {
    State.CONFIRMED: "given a seat",
    State.WAITLISTED: "put on the waiting list",
    State.DECLINED: "declined",
    State.CANCELLED: "taken off the list",
}


def decide(
    event: Event,
    numbers: Iterable[int],
    to: State,
    *,
    actor: User,
    now: datetime,
    reason: str = "",
    override: str = "",
) -> str:
    """Move all of them or, where the rules have too few seats, none; says what happened.

    `override` is the written reason for going beyond the rules; it marks those who needed it.
    """
    lock_event(event)
    _refuse_decision(event, to, now)
    chosen = queries.registrations_by_number(event, numbers)
    if not chosen:
        raise DomainError("Choose at least one person.")
    movable = [row for row in chosen if _may_decide(row, to)]
    asking = sum(not row.holds_seat for row in movable)
    if to is State.CONFIRMED and not override and asking > event.seats_left:
        raise DomainError(_too_many(event, asking), "beyond")
    moves = [Move(registration=r, to=to, reason=reason, override=override) for r in movable]
    transition_all(open_book(event), moves, actor=actor, now=now)
    return _happened(movable, chosen, to, promote_waiting(event, now=now))


def _refuse_decision(event: Event, to: State, now: datetime) -> None:
    if to not in DECISIONS:
        raise DomainError("Choose a decision.")
    if event.is_cancelled:
        raise DomainError("The event is cancelled, so there is nothing left to decide.")
    if now >= event.ends_at:
        raise DomainError("The event is over, so there is nothing left to decide.")


def _may_decide(registration: Registration, to: State) -> bool:
    """Who has not said yes yet can only be taken off the list."""
    if registration.state is State.UNCONFIRMED:
        return to is State.CANCELLED
    return to in MOVES[registration.state]


def _too_many(event: Event, wanted: int) -> str:
    left = event.seats_left
    if not left:
        return f"All {words.count(event.capacity, 'seat')} are taken. Nothing was changed."
    are = "is" if left == 1 else "are"
    return (
        f"You chose {words.count(wanted, 'person', 'people')}, but only "
        f"{words.count(left, 'seat')} {are} left. Nothing was changed."
    )


def _happened(
    moved: Sequence[Registration],
    chosen: Sequence[Registration],
    to: State,
    up: Sequence[Registration],
) -> str:
    """ "3 people were given a seat. 1 registration stays as it is, because …" """
    was = "was" if len(moved) == 1 else "were"
    sentences = [f"{_people(moved)} {was} {DONE[to]}."] if moved else []
    kept = len(chosen) - len(moved)
    if kept:
        stays, they = ("stays as it is", "it") if kept == 1 else ("stay as they are", "they")
        sentences.append(
            f"{words.count(kept, 'registration')} {stays}, because {they} can’t be {DONE[to]}."
        )
    return " ".join([*sentences, *up_in_words(up)])


def up_in_words(rows: Sequence[Registration]) -> list[str]:
    """ "1 person moved up from the waiting list.", and where the event asks first "2 people on the
    waiting list are offered a seat."; newcomers are promised theirs there too."""
    offered = sum(row.state is State.OFFERED for row in rows)
    said = []
    if given := len(rows) - offered:
        said.append(f"{words.count(given, 'person', 'people')} moved up from the waiting list.")
    if offered:
        is_, are = "person on the waiting list is", "people on the waiting list are"
        said.append(f"{words.count(offered, is_, are)} offered a seat.")
    return said


def _people(rows: Sequence[Registration]) -> str:
    return rows[0].name if len(rows) == 1 else words.count(len(rows), "person", "people")


def add_by_hand(
    profile: Profile,
    event: Event,
    *,
    actor: User,
    now: datetime,
    is_online: bool = False,
    override: str = "",
) -> Registration:
    """Staff register somebody: a seat if the rules have one, else a place in line, at any time
    before the end. To add is to choose, so nobody stays pending; an `override`, the written
    reason for it, gives them a seat whatever the rules say."""
    lock_event(event)
    _refuse_adding(event, now)
    standing = queries.standing_registration(event, profile.user)
    if standing:
        raise DomainError(f"{standing.name} is on the list already ({standing.state.label}).")
    answers, terms = Answers(is_online=is_online), Terms(is_chosen=True, override=override)
    return enter(profile, event, answers, terms, actor=actor, now=now)


def _refuse_adding(event: Event, now: datetime) -> None:
    refuse_template(event)
    if event.is_draft:
        raise DomainError("Publish the event first, then add people.")
    if event.is_cancelled or now >= event.ends_at:
        raise DomainError(registration_notice(event, now))


def add_person_by_hand(
    person: Person,
    event: Event,
    *,
    actor: User,
    now: datetime,
    is_online: bool = False,
    override: str = "",
) -> Registration:
    """Staff register somebody without an account: it is made, and they choose its password."""
    lock_event(event)
    _refuse_adding(event, now)
    if user_by_email(person.email):
        raise DomainError("There is an account with this address. Search for it above.", "email")
    user = account_for(person, now=now)
    registration = add_by_hand(
        profile_like(user, person, now),
        event,
        actor=actor,
        now=now,
        is_online=is_online,
        override=override,
    )
    key = f"registration:{registration.id}:invited"
    outbox.post_all([posting(emails.invited(registration), registration, key=key)], now=now)
    return registration


def account_for(person: Person, *, now: datetime) -> User:
    """An account that somebody else made for them; its owner chooses the password."""
    return accounts.create_account(
        email=person.email,
        name=person.name,
        password=secrets.token_urlsafe(32),
        zone=person.zone,
        now=now,
    )
