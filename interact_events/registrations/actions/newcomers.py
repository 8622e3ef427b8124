"""People without an account: one form makes the account and asks for the place."""

from dataclasses import replace
from datetime import datetime

from interact_events.accounts import actions as accounts
from interact_events.accounts.models import Profile, User
from interact_events.accounts.queries import state_of, user_by_email
from interact_events.core import outbox
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.registrations import emails, queries
from interact_events.registrations.actions.book import SILENT, book_for, lock_event, open_book
from interact_events.registrations.actions.inviting import posting
from interact_events.registrations.actions.moving import (
    count_instead,
    missing_for,
    transition,
    transition_all,
)
from interact_events.registrations.actions.promoting import promote_waiting, steps_in
from interact_events.registrations.actions.registering import (
    Answers,
    Person,
    Terms,
    enter,
    freeze,
    invitation_of,
    is_online_at,
    keep_answers,
    keep_sessions,
    profile_like,
    refusal_of,
    refuse_sessions,
    refuse_unless_open,
)
from interact_events.registrations.actions.settling import promised, released
from interact_events.registrations.models import Registration, SeatInvitation, State
from interact_events.registrations.policies import confirm_by, is_ahead
from interact_events.registrations.rules import Applicant, decide, full_sessions


def register_newcomer(
    person: Person, password: str, event: Event, answers: Answers, *, now: datetime
) -> None:
    """Account and registration by one form; the mailed button makes both firm.

    Who sends the form learns nothing about whether the address has an account: its owner does.
    """
    settings = lock_event(event)
    refuse_unless_open(event, now)
    email = person.email.strip().lower()
    invitation = invitation_of(event, settings, answers.code, email, is_theirs=False)
    known = user_by_email(person.email)
    kept = _own_sessions(known, password, event) if answers.sessions else set()
    _refuse_ineligible(person, event, answers, invitation, kept, now)
    accounts.check_password(password, email=person.email, name=person.name)
    if known and known.confirmed_at:
        accounts.hashed(password)  # as much work as for a new account
        _tell_owner(known, event, now)
        return
    user = _newcomers_account(known, person, password, now)
    accounts.choose_news(user, wants_news=answers.wants_news)
    registration = _newcomers_registration(user, person, event, answers, invitation, now)
    if registration.state is State.UNCONFIRMED:
        key = f"registration:{registration.id}:please-confirm:{state_of(user)}:{_tens(now)}"
        mail = emails.please_confirm(registration)
        asked_for = replace(posting(mail, registration, key=key), asked_for=True)
        outbox.post_all([asked_for], now=now)
    promote_waiting(event, now=now)  # a form that was corrected may have freed a seat


def _own_sessions(known: User | None, password: str, event: Event) -> set[int]:
    """Sent twice, the form finds its own seats taken. Only its password says that they are its
    own; it is asked for any address, so that the answer takes as long."""
    is_own = accounts.is_password_of(known, password)
    if known is None or known.confirmed_at or not is_own:
        return set()
    standing = queries.standing_registration(event, known)
    return queries.choices_by(standing) if standing else set()


def _refuse_ineligible(
    person: Person,
    event: Event,
    answers: Answers,
    invitation: SeatInvitation | None,
    kept: set[int],
    now: datetime,
) -> None:
    """Also for an address that has an account: the refusal must not tell the two apart."""
    profile = Profile(
        role_id=person.role.id,
        programme=person.programme,
        country_id=person.country.id,
        institution=person.institution,
    )
    applicant = queries.applicant_of(
        profile,
        is_online=is_online_at(event, answers),
        is_invited=invitation is not None,
        sessions=answers.sessions,
    )
    book = open_book(event, applicant)
    # Whoever has a seat at the event that comes first has an account, and signs in.
    applicant = replace(applicant, lacks_earlier=True)
    decision = decide(book.rules, book.taken, applicant, now)
    if decision.is_refused:
        raise refusal_of(decision, event, "role")
    refuse_sessions(book, answers.sessions, now, kept=kept)


def _tell_owner(owner: User, event: Event, now: datetime) -> None:
    outbox.post(
        emails.already_registered(owner, event),
        accounts.recipient(owner),
        key=f"account_exists:{owner.id}:{event.id}:{_tens(now)}",
        now=now,
        reply_to=emails.reply_address(event),
        event_id=event.id,
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
    user: User,
    person: Person,
    event: Event,
    answers: Answers,
    invitation: SeatInvitation | None,
    now: datetime,
) -> Registration:
    """Sent again, the form corrects what it said and keeps its place in the queue.

    In a capacity for which there is no seat left it is a new registration, at the queue's end.
    """
    profile = profile_like(user, person, now)
    standing = queries.standing_registration(event, user)
    if standing and standing.state is State.UNCONFIRMED and standing.nominated_by_id:
        _keep_for_nominee(standing, answers, now)
        return standing
    is_theirs = standing and standing.state is State.UNCONFIRMED
    if standing and is_theirs and not _stands(standing, profile, answers, now):
        transition(standing, State.CANCELLED, actor=user, now=now, notice=SILENT)
        promote_waiting(event, now=now)  # who came earlier comes before them
        standing = None
    terms = Terms(invitation=invitation, answer_by=confirm_by(event, now))
    return standing or enter(profile, event, answers, terms, actor=user, now=now)


def _stands(registration: Registration, profile: Profile, answers: Answers, now: datetime) -> bool:
    """Their place, corrected, unless it is too late or there is none for them that way."""
    in_time = registration.answer_by is None or now < registration.answer_by
    return in_time and _recast(registration, profile, answers, now)


def _keep_for_nominee(registration: Registration, answers: Answers, now: datetime) -> None:
    """A nominee stays who the coordinator has nominated, but says how they come. Where there is no
    seat for them the other way they keep the one that is held."""
    event, had = registration.event, queries.choices_by(registration)
    old, book = queries.applicant_behind(registration, had), open_book(event)
    refuse_sessions(book, answers.sessions, now, kept=had)
    new = replace(old, is_online=is_online_at(event, answers), sessions=frozenset(answers.sessions))
    if registration.holds_seat:
        if missing_for(book, old, new, now):
            new = replace(new, is_online=old.is_online)
        full = full_sessions(book.capacities, book.taken, new.sessions)  # in secret, perhaps
        new = replace(new, sessions=new.sessions - full)
        count_instead(book, old, new)
    registration.is_online = new.is_online
    keep_answers(registration, answers)
    keep_sessions(registration, new.sessions)


def _recast(registration: Registration, profile: Profile, answers: Answers, now: datetime) -> bool:
    """Correct what a newcomer said, where the rules have the place for them that way too, and no
    better one."""
    old = queries.applicant_behind(registration, queries.choices_by(registration))
    is_online = is_online_at(registration.event, answers)
    new = queries.applicant_of(
        profile, is_online=is_online, is_invited=True, sessions=answers.sessions
    )
    book = open_book(registration.event)
    if registration.holds_seat:
        lacking = missing_for(book, old, new, now)
        if lacking or full_sessions(book.capacities, book.taken, new.sessions):
            return False
        count_instead(book, old, new)
    elif _is_other_kind(old, new) and steps_in(registration, new, now=now):
        return False
    freeze(registration, profile)
    registration.is_online = is_online
    keep_answers(registration, answers)
    keep_sessions(registration, answers.sessions)
    return True


def _is_other_kind(old: Applicant, new: Applicant) -> bool:
    """Who sends the same form again gets no other place by it."""
    groups = ("is_online", "role", "programme", "country", "institution")
    return any(getattr(old, group) != getattr(new, group) for group in groups)


def confirm_newcomer(user: User, *, now: datetime) -> list[Registration]:
    """The address is theirs: what they registered for meanwhile gets what it was promised, where
    the event has not begun. Else it lapses without a mail: they are here, and read it at once."""
    held = queries.unconfirmed_of(user)
    for registration in held:
        lock_event(registration.event)
        db.session.refresh(registration)  # the job may have released it before we held the lock
    accounts.confirm_address(user, now=now)  # after the locks, as everybody takes them
    standing = [row for row in held if row.state is State.UNCONFIRMED and row.event.is_published]
    for registration in standing:
        _keep_promise(registration, user, now)
    return [row for row in standing if row.state is not State.CANCELLED]


def _keep_promise(registration: Registration, user: User, now: datetime) -> None:
    book = book_for(registration)
    if is_ahead(registration.event, now):
        transition_all(book, [promised(registration)], actor=user, now=now)
    else:
        too_late = replace(released(registration, now), notice=SILENT)
        transition_all(book, [too_late], actor=None, now=now)
