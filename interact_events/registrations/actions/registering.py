"""What people do about their own place: register, confirm, accept, choose, leave."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from sqlalchemy import delete

from interact_events.accounts.models import Profile, User
from interact_events.core import audit, words
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.events.models import Event, Mode
from interact_events.interreg.models import Country, Programme, StakeholderRole
from interact_events.registrations import emails, policies, queries
from interact_events.registrations.actions.moving import (
    Book,
    Move,
    book_for,
    count_instead,
    lock_event,
    open_book,
    promote_waiting,
    transition,
    transition_all,
)
from interact_events.registrations.actions.settling import promised, settle_if_due
from interact_events.registrations.models import (
    Needs,
    Registration,
    SeatInvitation,
    SeatRules,
    SessionChoice,
    State,
)
from interact_events.registrations.policies import registration_notice
from interact_events.registrations.rules import (
    Applicant,
    Decision,
    decide,
    full_sessions,
    shortages,
)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What a person says when they register; every consent on its own.

    `sessions` are those with seats of their own that they choose. `is_online` matters where an
    event is hybrid. `code` is that of an invitation.
    """

    diet: str = ""
    access: str = ""
    may_be_listed: bool = False
    may_be_photographed: bool = False
    wants_news: bool = False
    is_online: bool = False
    sessions: tuple[int, ...] = ()
    code: str = ""


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


# -- registering ---------------------------------------------------------------------------------


def register(profile: Profile, event: Event, answers: Answers, *, now: datetime) -> Registration:
    """Give the person of this profile what the rules have for them: a seat, a place in line."""
    refuse_second(event, profile.user, now)  # a courtesy: the unique index sees who comes between
    settings = lock_event(event)
    refuse_unless_open(event, now)
    if profile.retired_at:
        raise DomainError("You have taken this profile off your list. Choose another.", "profile")
    invitation = invitation_of(event, settings, answers.code, profile.user)
    registration = enter(
        profile, event, answers, actor=profile.user, now=now, invitation=invitation
    )
    profile.user.wants_news = answers.wants_news
    return registration


def refuse_unless_open(event: Event, now: datetime) -> None:
    notice = registration_notice(event, now)
    if notice:
        raise DomainError(notice)


def refuse_second(event: Event, user: User, now: datetime) -> None:
    standing = queries.standing_registration(event, user)
    if standing:
        raise DomainError(policies.already(standing, now))


def invitation_of(
    event: Event, settings: SeatRules, code: str, user: User | None
) -> SeatInvitation | None:
    """Only a confirmed address proves that a personal invitation is theirs."""
    if not settings.by_invitation:
        return None
    email = user.email if user and user.confirmed_at else None
    return queries.invitation_for(event, email=email, code=code)


def enter(
    profile: Profile,
    event: Event,
    answers: Answers,
    *,
    actor: User,
    now: datetime,
    invitation: SeatInvitation | None = None,
    answer_by: datetime | None = None,
    nominated_by: User | None = None,
    is_chosen: bool = False,
    override: str = "",
) -> Registration:
    """A new row at the end of the queue, moved to where the rules put it.

    With `answer_by` it only promises that, until the person has confirmed. Who `is_chosen` by
    staff does not stay pending; with an `override`, a reason in words, they get a seat anyway.
    """
    settle_if_due(event, now=now)  # who came earlier comes first, whatever happened since
    is_online = is_online_at(event, answers)
    applicant = queries.applicant_of(
        profile,
        is_online=is_online,
        is_invited=invitation is not None or is_chosen,
        sessions=answers.sessions,
    )
    book = open_book(event, applicant)
    refuse_sessions(book, answers.sessions)
    state = _state_for(book, applicant, now, is_chosen=is_chosen, override=override)
    registration = new_row(profile, event, answers, now, is_online=is_online)
    registration.invitation_id = invitation.id if invitation else None
    registration.nominated_by = nominated_by
    registration.answer_by = answer_by
    book.choices = {registration.id: set(answers.sessions)}
    move = Move(
        registration=registration,
        to=state,
        is_granted=not override,  # one is looked into again: only who needs it is marked
        is_promise=answer_by is not None,
        override=override,
    )
    transition_all(book, [move], actor=actor, now=now)
    return registration


def _state_for(
    book: Book, applicant: Applicant, now: datetime, *, is_chosen: bool, override: str
) -> State:
    if override:
        return State.CONFIRMED
    waiting = 0 if is_chosen else book.event.waiting
    decision = decide(book.rules, book.taken, applicant, now, waiting=waiting)
    if decision.state is None:
        raise refusal_of(decision, book.event)
    if decision.state is State.PENDING and is_chosen:
        return _chosen_state(book, applicant, now)
    return decision.state


def _chosen_state(book: Book, applicant: Applicant, now: datetime) -> State:
    first_come = replace(book.rules, by_selection=False)
    return decide(first_come, book.taken, applicant, now).state or State.WAITLISTED


def refusal_of(decision: Decision, event: Event, field: str = "profile") -> DomainError:
    why = policies.why_not(event, decision.reasons)
    return DomainError(words.capitalised(why), field)


def is_online_at(event: Event, answers: Answers) -> bool:
    return answers.is_online if event.mode is Mode.HYBRID else event.mode is Mode.ONLINE


def refuse_sessions(book: Book, sessions: Iterable[int], *, kept: Iterable[int] = ()) -> None:
    """A session that filled up, or two at the same time, are said beside the question.

    `kept` are seats in sessions that they have already.
    """
    wanted = set(sessions)
    chosen = [s for s in book.event.chosen_sessions if s.id in wanted] if wanted else []
    full = full_sessions(book.capacities, book.taken, wanted - set(kept))
    if full:
        titles = words.listed([f"“{s.title}”" for s in chosen if s.id in full])
        raise DomainError(f"No seat is left in {titles}. Choose another session.", "sessions")
    for earlier, later in pairwise(chosen):
        if later.starts_at < earlier.ends_at:
            raise DomainError(
                f"“{earlier.title}” and “{later.title}” are at the same time. Choose one of them.",
                "sessions",
            )


def new_row(
    profile: Profile, event: Event, answers: Answers, now: datetime, *, is_online: bool
) -> Registration:
    """Not in the database before it moves to where it belongs."""
    registration = Registration(
        event=event,
        user=profile.user,
        state=State.UNCONFIRMED,
        submitted_at=now,
        is_online=is_online,
        override="",
        moves=0,
    )
    freeze(registration, profile)
    db.session.add(registration)
    keep_answers(registration, answers)
    keep_sessions(registration, answers.sessions)
    return registration


def freeze(registration: Registration, profile: Profile) -> None:
    """Who they are today, in the words of the event's period; profiles change afterwards."""
    user, programme = profile.user, profile.programme
    registration.profile_id = profile.id
    registration.name, registration.institution = user.name, profile.institution
    registration.role = profile.role
    registration.role_label = profile.role.label_in(registration.event.period_id)
    registration.programme, registration.country = programme, profile.country
    registration.role_id, registration.country_id = profile.role_id, profile.country_id
    registration.programme_id = profile.programme_id  # counted before they are in the database
    registration.search_text = words.folded(
        " ".join((user.name, user.email, profile.institution, programme.name if programme else ""))
    )


def keep_answers(registration: Registration, answers: Answers) -> None:
    registration.may_be_listed = answers.may_be_listed
    registration.may_be_photographed = answers.may_be_photographed
    if registration.moves:
        db.session.execute(delete(Needs).where(Needs.registration_id == registration.id))
    if not registration.is_online and (answers.diet or answers.access):
        db.session.add(Needs(registration=registration, diet=answers.diet, access=answers.access))


def keep_sessions(registration: Registration, sessions: Iterable[int]) -> None:
    if registration.moves:
        db.session.execute(
            delete(SessionChoice).where(SessionChoice.registration_id == registration.id)
        )
    db.session.add_all(
        [
            SessionChoice(registration=registration, session_id=session)
            for session in sorted(set(sessions))
        ]
    )


def change_answers(registration: Registration, answers: Answers, *, now: datetime) -> None:
    """Give or take back consents and needs; only that they changed is noted."""
    user = registration.user
    lock(registration)
    if registration.state_shown(now) in (State.CANCELLED, State.DECLINED):
        raise DomainError("This registration is over, so there is nothing to change.")
    keep_answers(registration, answers)
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


def choose_sessions(registration: Registration, sessions: Iterable[int], *, now: datetime) -> None:
    """Change the sessions with seats of their own; where one of them is full nothing changes."""
    event = registration.event
    lock_event(event)
    db.session.refresh(registration)
    if not policies.can_cancel(registration, now):
        raise DomainError("This registration is over, so there is nothing to change.")
    before = queries.choices_by(registration)
    wanted = {session.id for session in event.chosen_sessions} & set(sessions)
    if wanted == before:
        return
    book = open_book(event, queries.applicant_behind(registration, before | wanted))
    refuse_sessions(book, wanted, kept=before)
    if registration.holds_seat:
        old, new = (queries.applicant_behind(registration, s) for s in (before, wanted))
        count_instead(book, old, new)
    keep_sessions(registration, wanted)
    audit.record(
        "sessions chosen", registration, actor=registration.user, now=now, sessions=sorted(wanted)
    )


def change_mode(registration: Registration, *, is_online: bool, now: datetime) -> None:
    """Come online instead of on site, or the other way round, where a seat is free for them.

    Who waits keeps their number: the place in line is the same in both modes.
    """
    event = registration.event
    lock_event(event)
    settle_if_due(event, now=now)  # time may have taken the seat away
    db.session.refresh(registration)
    if event.mode is not Mode.HYBRID or not policies.can_cancel(registration, now):
        raise DomainError("This can’t be changed here any more.")
    if registration.is_online is is_online:
        return
    chosen = queries.choices_by(registration)
    old = queries.applicant_behind(registration, chosen)
    new = replace(old, is_online=is_online)
    if registration.holds_seat:
        book = open_book(event)
        book.taken.take_back(old)
        lacking = shortages(book.rules, book.taken, new, now)
        if lacking:
            kept = "" if registration.is_untold(now) else " You keep your seat."
            raise DomainError(policies.why_no_seat(event, lacking) + kept)
        count_instead(book, old, new)
    registration.is_online = is_online
    if is_online:  # nobody cooks for them any more
        db.session.execute(delete(Needs).where(Needs.registration_id == registration.id))
    mode = "online" if is_online else "on site"
    audit.record("mode changed", registration, actor=registration.user, now=now, mode=mode)
    db.session.flush()
    promote_waiting(event, now=now)


# -- saying yes, leaving -------------------------------------------------------------------------


def accept(registration: Registration, *, now: datetime) -> str:
    """Take the offered seat, accept the nomination, or say that one still comes; says what."""
    event, user = registration.event, registration.user
    lock_event(event)
    db.session.refresh(registration)
    if not policies.can_accept(registration, now):
        raise DomainError(_too_late(registration))
    if registration.must_reconfirm:
        registration.answer_by, registration.reconfirmed_at = None, now
        audit.record("reconfirmed", registration, actor=user, now=now)
        return "Thank you: you keep your seat."
    if registration.nominated_by_id:
        registration.name = user.name  # as they write it, no longer as somebody else did
    move = (
        promised(registration)
        if registration.state is State.UNCONFIRMED
        else Move(registration=registration, to=State.CONFIRMED, is_granted=True)
    )
    transition_all(book_for(registration), [move], actor=user, now=now)
    return f"Thank you: {policies.OWN[registration.state]}."


def _too_late(registration: Registration) -> str:
    if registration.state is State.CONFIRMED:
        return "You have your seat; there is nothing to confirm."
    if registration.state is State.CANCELLED:
        return "The time to answer is over, and the seat has gone to the next one in line."
    if registration.answer_by:
        return "The time to answer is over, and the seat goes to the next one in line."
    return "There is nothing to accept here any more."


def cancel_registration(registration: Registration, *, actor: User, now: datetime) -> None:
    """Give up a seat or a place in line; pressed twice it does the same."""
    event = registration.event
    lock_event(event)
    db.session.refresh(registration)
    if registration.state is State.CANCELLED:
        return
    if not policies.can_cancel(registration, now):
        raise DomainError(
            "This can’t be cancelled here any more. Write to "
            f"{emails.reply_address(event)} if you have questions."
        )
    transition(registration, State.CANCELLED, actor=actor, now=now)
    promote_waiting(event, now=now)
