"""Everything that happens to registrations; whoever acts, `transition` moves them.

The order is always: lock the event, read what depends on it, decide, move.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import CursorResult, delete
from sqlalchemy.exc import IntegrityError

from interact_events.accounts import actions as accounts
from interact_events.accounts.models import Profile, User
from interact_events.accounts.queries import profiles_of, state_of, user_by_email
from interact_events.accounts.rules import CONFIRM_WITHIN
from interact_events.core import audit, outbox, words
from interact_events.core.audit import HasId
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.core.mail import Mail
from interact_events.events import actions as events
from interact_events.events.models import Event
from interact_events.interreg.models import Country, Programme, StakeholderRole
from interact_events.registrations import emails, queries
from interact_events.registrations.models import Needs, Registration, State
from interact_events.registrations.policies import (
    already,
    can_cancel,
    registration_notice,
    why_not,
)
from interact_events.registrations.rules import (
    MOVES,
    Decision,
    EventRules,
    SeatsTaken,
    promoted,
)
from interact_events.registrations.rules import (
    decide as decision_by_rules,
)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a person says when they register; every consent on its own."""

    diet: str = ""
    access: str = ""
    may_be_listed: bool = False
    may_be_photographed: bool = False
    wants_news: bool = False


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody without an account, as a form describes them."""

    email: str
    name: str
    zone: str
    institution: str
    role: StakeholderRole
    programme: Programme | None
    country: Country


# -- the one transition --------------------------------------------------------------------------


def transition(
    registration: Registration,
    to: State,
    *,
    actor: HasId | None,
    now: datetime,
    reason: str = "",
    upon_confirmation: bool = False,
) -> None:
    """Move the registration: state, the event's counts, the audit trail and the mail together.

    The one writer of all of them, for registrants, staff and jobs alike (`actor` is empty for what
    the rules did by themselves). The caller holds the event's lock. `upon_confirmation` keeps a
    newcomer unconfirmed and only notes what the mailed button will give them; what it promises
    counts from now on.
    """
    event, before = registration.event, registration.state
    if to not in MOVES[before]:
        raise DomainError(_impossible(registration, to))
    had_seat, had_waited = registration.holds_seat, registration.is_waiting
    if to is State.CONFIRMED and not had_seat and not event.seats_left:
        raise DomainError(f"All {words.count(event.capacity, 'seat')} are taken.")
    if upon_confirmation:
        registration.upon_confirmation = to
    else:
        registration.state, registration.upon_confirmation = to, None
        registration.reason = reason
        registration.decided_at = None if to is State.PENDING else now
    event.seats_taken += registration.holds_seat - had_seat
    event.waiting += registration.is_waiting - had_waited
    entry = audit.record(
        "promised" if upon_confirmation else to.value,
        registration,
        actor=actor,
        now=now,
        **{"from": before.value, "to": to.value},
    )
    if to is State.CANCELLED:
        _forget_needs(registration)
    if not upon_confirmation:
        _announce(registration, before, entry, actor=actor, now=now)


def _impossible(registration: Registration, to: State) -> str:
    stands = registration.state.label.lower()
    if to is registration.state:
        return f"{registration.name}: {stands} already."
    return (
        f"{registration.name}: this registration is {stands} and can’t become {to.label.lower()}."
    )


def _announce(
    registration: Registration,
    before: State,
    entry: audit.AuditEntry,
    *,
    actor: HasId | None,
    now: datetime,
) -> None:
    """One mail for each move; who is released from a cancelled event hears nothing more."""
    if registration.user.is_deleted or (actor is None and registration.event.is_cancelled):
        return
    db.session.flush()  # the entry gets its number
    is_own = actor is not None and actor.id == registration.user_id
    mail = emails.after_transition(
        registration, before=before, is_own=is_own, is_by_office=actor is not None
    )
    key = f"registration:{registration.id}:{registration.state}:{entry.id}"
    _post(mail, registration, key=key, now=now)


def _post(mail: Mail, registration: Registration, *, key: str, now: datetime) -> None:
    outbox.post(
        mail,
        emails.recipient(registration),
        key=key,
        now=now,
        reply_to=emails.reply_address(registration.event),
    )


def _forget_needs(registration: Registration) -> None:
    db.session.execute(delete(Needs).where(Needs.registration_id == registration.id))


# -- registering ---------------------------------------------------------------------------------


def register(profile: Profile, event: Event, answers: Answers, *, now: datetime) -> Registration:
    """Give the person of this profile what the rules have for them: a seat, a place in line."""
    lock(event)
    _refuse_unless_open(event, now)
    if profile.retired_at:
        raise DomainError("You have taken this profile off your list. Choose another.", "profile")
    _refuse_second(event, profile.user)
    registration = _enter(profile, event, answers, actor=profile.user, now=now)
    profile.user.wants_news = answers.wants_news
    return registration


def _refuse_unless_open(event: Event, now: datetime) -> None:
    notice = registration_notice(event, now)
    if notice:
        raise DomainError(notice)


def _refuse_second(event: Event, user: User) -> None:
    standing = queries.standing_registration(event, user)
    if standing:
        raise DomainError(already(standing))


def _enter(
    profile: Profile,
    event: Event,
    answers: Answers,
    *,
    actor: User,
    now: datetime,
    rules: EventRules | None = None,
    upon_confirmation: bool = False,
) -> Registration:
    """A new row at the end of the queue, moved to where the rules put it."""
    promote_waiting(event, now=now)  # who came earlier comes first, whatever happened since
    decision = decision_by_rules(
        rules or queries.rules_of(event),
        SeatsTaken(event.seats_taken),
        queries.applicant_of(profile),
    )
    state = _state_or_refusal(decision, event)
    registration = _new_row(profile, event, answers, now)
    transition(registration, state, actor=actor, now=now, upon_confirmation=upon_confirmation)
    return registration


def _state_or_refusal(decision: Decision, event: Event) -> State:
    if decision.state is None:
        raise DomainError(words.capitalised(why_not(event, decision)), "profile")
    return decision.state


def _new_row(profile: Profile, event: Event, answers: Answers, now: datetime) -> Registration:
    """The unique index is the last line against a second registration of the same person."""
    registration = Registration(
        event=event, user=profile.user, state=State.UNCONFIRMED, submitted_at=now
    )
    _freeze(registration, profile)
    try:
        with db.session.begin_nested():
            db.session.add(registration)
    except IntegrityError:
        raise DomainError("You are already registered for this event.") from None
    _keep_answers(registration, answers)
    return registration


def _freeze(registration: Registration, profile: Profile) -> None:
    """Who they are today, in the words of the event's period; profiles change afterwards."""
    user, programme = profile.user, profile.programme
    registration.profile_id = profile.id
    registration.name, registration.institution = user.name, profile.institution
    registration.role = profile.role
    registration.role_label = profile.role.label_in(registration.event.period_id)
    registration.programme, registration.country = programme, profile.country
    registration.search_text = words.folded(
        " ".join((user.name, user.email, profile.institution, programme.name if programme else ""))
    )


def _keep_answers(registration: Registration, answers: Answers) -> None:
    registration.may_be_listed = answers.may_be_listed
    registration.may_be_photographed = answers.may_be_photographed
    _forget_needs(registration)
    if registration.event.mode.has_place and (answers.diet or answers.access):
        db.session.add(
            Needs(registration_id=registration.id, diet=answers.diet, access=answers.access)
        )


def change_answers(registration: Registration, answers: Answers, *, now: datetime) -> None:
    """Give or take back consents and needs; only that they changed is noted."""
    user = registration.user
    lock(registration)
    if registration.state in (State.CANCELLED, State.DECLINED):
        raise DomainError("This registration is over, so there is nothing to change.")
    _keep_answers(registration, answers)
    user.wants_news = answers.wants_news
    audit.record(
        "answers changed",
        registration,
        actor=user,
        now=now,
        may_be_listed=answers.may_be_listed,
        may_be_photographed=answers.may_be_photographed,
        wants_news=answers.wants_news,
    )


# -- newcomers -----------------------------------------------------------------------------------


def register_newcomer(
    person: Person, password: str, event: Event, answers: Answers, *, now: datetime
) -> None:
    """Account and registration by one form; the mailed button makes both firm.

    Who sends the form learns nothing about whether the address has an account: its owner does.
    """
    lock(event)
    _refuse_unless_open(event, now)
    _refuse_ineligible(person, event)
    accounts.check_password(password, email=person.email, name=person.name)
    known = user_by_email(person.email)
    if known and known.confirmed_at:
        accounts.hashed(password)  # as much work as for a new account
        _tell_owner(known, event, now)
        return
    user = _newcomers_account(known, person, password, now)
    user.wants_news = answers.wants_news
    registration = _newcomers_registration(user, person, event, answers, now)
    if registration.state is State.UNCONFIRMED:
        key = f"registration:{registration.id}:please-confirm:{state_of(user)}:{_tens(now)}"
        _post(emails.please_confirm(registration), registration, key=key, now=now)


def _refuse_ineligible(person: Person, event: Event) -> None:
    profile = Profile(role_id=person.role.id, programme=person.programme)
    decision = decision_by_rules(
        queries.rules_of(event), SeatsTaken(event.seats_taken), queries.applicant_of(profile)
    )
    if decision.is_refused:
        raise DomainError(words.capitalised(why_not(event, decision)), "role")


def _tell_owner(owner: User, event: Event, now: datetime) -> None:
    outbox.post(
        emails.already_registered(owner, event),
        accounts.recipient(owner),
        key=f"account_exists:{owner.id}:{event.id}:{_tens(now)}",
        now=now,
        reply_to=emails.reply_address(event),
    )


def _tens(now: datetime) -> int:
    """Asked for again and again, a link goes once in ten minutes."""
    return int(now.timestamp()) // 600


def _newcomers_account(known: User | None, person: Person, password: str, now: datetime) -> User:
    """The same form sent twice must not break the link that the first one mailed."""
    if known and accounts.is_password_of(known, password):
        return known
    return accounts.create_account(
        email=person.email, name=person.name, password=password, zone=person.zone, now=now
    )


def _newcomers_registration(
    user: User, person: Person, event: Event, answers: Answers, now: datetime
) -> Registration:
    """Sent again, the form corrects what it said and keeps its place in the queue."""
    profile = _profile_like(user, person, now)
    standing = queries.standing_registration(event, user)
    if standing is None:
        return _enter(profile, event, answers, actor=user, now=now, upon_confirmation=True)
    if standing.state is State.UNCONFIRMED:
        _freeze(standing, profile)
        _keep_answers(standing, answers)
    return standing


def _profile_like(user: User, person: Person, now: datetime) -> Profile:
    wanted = (person.institution.casefold(), person.role, person.programme, person.country)
    for profile in profiles_of(user):
        own = profile.institution.casefold(), profile.role, profile.programme, profile.country
        if own == wanted:
            return profile
    profile = accounts.add_profile(
        user,
        institution=person.institution,
        role=person.role,
        programme=person.programme,
        country=person.country,
        now=now,
    )
    db.session.flush()
    return profile


def confirm_newcomer(user: User, *, now: datetime) -> list[Registration]:
    """The address is theirs: what they registered for meanwhile gets what it was promised."""
    promised = queries.unconfirmed_of(user)
    for registration in promised:
        lock(registration.event)
        db.session.refresh(registration)  # the job may have released it before we held the lock
    accounts.confirm_address(user, now=now)  # after the locks, as everybody takes them
    standing = [
        row for row in promised if row.state is State.UNCONFIRMED and row.event.is_published
    ]
    for registration in standing:
        _fulfil(registration, now)
    return standing


def _fulfil(registration: Registration, now: datetime) -> None:
    to = registration.upon_confirmation or State.PENDING
    transition(registration, to, actor=registration.user, now=now)


def expire_unconfirmed(*, now: datetime) -> int:
    """Release the places of newcomers who stayed silent for a day; says how many.

    Who confirmed their address by another way, such as a new password, gets what they were
    promised. The next ones move up in the same transaction.
    """
    released = 0
    for event in queries.events_to_settle(now - CONFIRM_WITHIN):
        lock(event)
        for registration in queries.unconfirmed_for(event):
            if registration.user.confirmed_at and event.is_published:
                _fulfil(registration, now)
            elif registration.submitted_at <= now - CONFIRM_WITHIN:
                reason = "The e-mail address was not confirmed within 24 hours."
                transition(registration, State.CANCELLED, actor=None, now=now, reason=reason)
                released += 1
        promote_waiting(event, now=now)
    return released


# -- leaving and moving up -----------------------------------------------------------------------


def cancel_registration(registration: Registration, *, actor: User, now: datetime) -> None:
    """Give up a seat or a place in line; pressed twice it does the same."""
    event = registration.event
    lock(event)
    db.session.refresh(registration)
    if registration.state is State.CANCELLED:
        return
    if not can_cancel(registration, now):
        raise DomainError(
            "This can’t be cancelled here any more. Write to "
            f"{emails.reply_address(event)} if you have questions."
        )
    transition(registration, State.CANCELLED, actor=actor, now=now)
    promote_waiting(event, now=now)


def promote_waiting(event: Event, *, now: datetime) -> int:
    """Give free seats to those who wait, as the rules allow; says how many moved up.

    The caller holds the event's lock, and calls this after whatever may have freed a seat.
    """
    if not (event.waiting and event.seats_left and event.is_published and now < event.starts_at):
        return 0
    numbers = promoted(
        queries.rules_of(event), SeatsTaken(event.seats_taken), queries.queue_of(event)
    )
    for registration in queries.registrations_by_number(event, numbers):
        transition(
            registration,
            State.CONFIRMED,
            actor=None,
            now=now,
            upon_confirmation=registration.state is State.UNCONFIRMED,
        )
    return len(numbers)


# -- staff ---------------------------------------------------------------------------------------

DECISIONS = (State.CONFIRMED, State.WAITLISTED, State.DECLINED, State.CANCELLED)
DONE = {
    State.CONFIRMED: "given a seat",
    State.WAITLISTED: "put on the waiting list",
    State.DECLINED: "declined",
    State.CANCELLED: "cancelled",
}


def decide(
    event: Event,
    numbers: Iterable[int],
    to: State,
    *,
    actor: User,
    now: datetime,
    reason: str = "",
) -> str:
    """Move all of them or, where there are too few seats, none; says what happened."""
    lock(event)
    _refuse_decision(event, to, now)
    chosen = queries.registrations_by_number(event, numbers)
    if not chosen:
        raise DomainError("Choose at least one person.")
    movable = [row for row in chosen if _may_decide(row, to)]
    if to is State.CONFIRMED and len(movable) > event.seats_left:
        raise DomainError(_too_many(event, len(movable)))
    for registration in movable:
        transition(registration, to, actor=actor, now=now, reason=reason)
    return _happened(movable, chosen, to, promote_waiting(event, now=now))


def _refuse_decision(event: Event, to: State, now: datetime) -> None:
    if to not in DECISIONS:
        raise DomainError("Choose a decision.")
    if event.is_cancelled:
        raise DomainError("The event is cancelled, so there is nothing left to decide.")
    if now >= event.ends_at:
        raise DomainError("The event is over, so there is nothing left to decide.")


def _may_decide(registration: Registration, to: State) -> bool:
    """Newcomers wait for their own button; staff can only take them off the list."""
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
    moved: Sequence[Registration], chosen: Sequence[Registration], to: State, up: int
) -> str:
    """ "3 people given a seat. 1 left as it was, because it can’t be moved there." """
    sentences = [f"{_people(moved)} {DONE[to]}."] if moved else []
    kept = len(chosen) - len(moved)
    if kept:
        sentences.append(
            f"{words.count(kept, 'registration')} left as {'it was' if kept == 1 else 'they were'}:"
            f" that decision does not fit where {'it stands' if kept == 1 else 'they stand'}."
        )
    if up:
        sentences.append(f"{words.count(up, 'person', 'people')} moved up from the waiting list.")
    return " ".join(sentences)


def _people(rows: Sequence[Registration]) -> str:
    return rows[0].name if len(rows) == 1 else words.count(len(rows), "person", "people")


def add_by_hand(profile: Profile, event: Event, *, actor: User, now: datetime) -> Registration:
    """Staff register somebody: a seat if one is free, else a place in line, at any time before
    the end. To add is to choose, so nobody stays pending."""
    lock(event)
    _refuse_adding(event, now)
    standing = queries.standing_registration(event, profile.user)
    if standing:
        raise DomainError(f"{standing.name} is on the list already ({standing.state.label}).")
    rules = replace(queries.rules_of(event), by_selection=False)
    return _enter(profile, event, Answers(), actor=actor, now=now, rules=rules)


def _refuse_adding(event: Event, now: datetime) -> None:
    if event.is_draft:
        raise DomainError("Publish the event first, then add people.")
    if event.is_cancelled or now >= event.ends_at:
        raise DomainError(registration_notice(event, now))


def add_person_by_hand(person: Person, event: Event, *, actor: User, now: datetime) -> Registration:
    """Staff register somebody without an account: it is made, and they choose its password."""
    lock(event)
    _refuse_adding(event, now)
    if user_by_email(person.email):
        raise DomainError("There is an account with this address. Search for it above.", "email")
    user = accounts.create_account(
        email=person.email,
        name=person.name,
        password=secrets.token_urlsafe(32),
        zone=person.zone,
        now=now,
    )
    registration = add_by_hand(_profile_like(user, person, now), event, actor=actor, now=now)
    mail = emails.invited(registration)
    _post(mail, registration, key=f"registration:{registration.id}:invited", now=now)
    return registration


# -- changes of the event ------------------------------------------------------------------------


def change_event(
    event: Event, values: events.EventValues, *, actor: User, now: datetime
) -> tuple[int, int]:
    """Save the event, give new seats to those who wait, tell people of a new time or place.

    Says how many moved up and how many mails were queued.
    """
    lock(event)
    before = _time_and_place(event)
    events.save_event(event, values, actor=actor, now=now)
    db.session.flush()
    changes = [
        (what, old, new)
        for (what, old), (_, new) in zip(before, _time_and_place(event), strict=True)
        if old != new
    ]
    concerned = queries.registrants_to_tell(event) if changes and event.is_published else []
    up = promote_waiting(event, now=now)
    told = _tell(concerned, "changed", lambda row: emails.event_changed(row, changes), event, now)
    return up, told


def _time_and_place(event: Event) -> list[tuple[str, str]]:
    return [("When", emails.when(event)), ("Where", event.full_place)]


def cancel_event(event: Event, reason: str, *, actor: User, now: datetime) -> int:
    """Call the event off and tell everybody who is coming, waiting or hoping; says how many.

    Registrations stay as they are: the event's own state says that there is nothing to come to.
    """
    lock(event)
    events.cancel_event(event, reason, actor=actor, now=now)
    db.session.flush()
    concerned = queries.registrants_to_tell(event)
    return _tell(concerned, "event-cancelled", emails.event_cancelled, event, now)


def _tell(
    concerned: Sequence[Registration],
    what: str,
    mail: Callable[[Registration], Mail],
    event: Event,
    now: datetime,
) -> int:
    for row in concerned:
        key = f"registration:{row.id}:{what}:{event.version}"
        _post(mail(row), row, key=key, now=now)
    return len(concerned)


# -- keeping no longer than needed ---------------------------------------------------------------


def forget_deleted_people(*, now: datetime) -> int:
    """Let go of what people held who have deleted their account; says of how many registrations.

    Seats at coming events go to the next in line. The names of those who had a seat at an event
    stay, because an audit asks for them; nothing leads from them to an address any more.
    """
    found = queries.registrations_of_deleted()
    for registration in found:
        event = registration.event
        lock(event)
        db.session.refresh(registration)
        if State.CANCELLED in MOVES[registration.state] and now < event.starts_at:
            transition(registration, State.CANCELLED, actor=None, now=now)
            promote_waiting(event, now=now)
        if registration.state is not State.CONFIRMED:
            registration.name, registration.institution = registration.user.name, ""
        registration.search_text = ""
        registration.may_be_listed = registration.may_be_photographed = False
        _forget_needs(registration)
    return len(found)


def delete_needs(*, ended_before: datetime) -> int:
    """Delete what people needed at events that ended before that; says how many."""
    done = db.session.execute(
        delete(Needs)
        .where(Needs.registration_id.in_(queries.needs_to_delete(ended_before)))
        .execution_options(synchronize_session=False)
    )
    return done.rowcount if isinstance(done, CursorResult) else 0
