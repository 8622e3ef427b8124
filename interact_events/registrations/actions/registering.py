"""What people do about their own place: register, confirm, accept, choose, leave."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from sqlalchemy import delete

from interact_events.accounts import actions as accounts
from interact_events.accounts.models import Profile, User
from interact_events.accounts.queries import profiles_of
from interact_events.core import audit, words
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.events.models import Event, Mode
from interact_events.interreg.models import Country, Programme, StakeholderRole
from interact_events.registrations import emails, policies, queries
from interact_events.registrations.actions.moving import (
    Book,
    Move,
    announce_anew,
    book_for,
    count_instead,
    lock_event,
    open_book,
    promote_waiting,
    tell,
    transition,
    transition_all,
    undo_untold,
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
from interact_events.registrations.policies import notice_for, registration_notice
from interact_events.registrations.rules import (
    Applicant,
    Decision,
    NotInvited,
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


def register(
    profile: Profile, event: Event, answers: Answers, *, now: datetime, is_first: bool = False
) -> Registration:
    """Give the person of this profile what the rules have for them: a seat, a place in line.

    `is_first`: the caller has just seen that they are not registered yet.
    """
    if not is_first:  # a courtesy: the unique index sees who comes between
        refuse_second(event, profile.user, now)
    settings = lock_event(event)
    refuse_unless_open(event, now, profile.user)
    if profile.retired_at:
        raise DomainError("You have taken this profile off your list. Choose another.", "profile")
    user = profile.user
    is_theirs = user.confirmed_at is not None
    invitation = invitation_of(event, settings, answers.code, user.email, is_theirs=is_theirs)
    registration = enter(
        profile, event, answers, actor=profile.user, now=now, invitation=invitation
    )
    accounts.choose_news(profile.user, wants_news=answers.wants_news)
    return registration


def refuse_unless_open(event: Event, now: datetime, user: User | None = None) -> None:
    """Unless it is open to this person already: that is asked only while it is to nobody else."""
    notice = notice_for(event, user, now) if user else registration_notice(event, now)
    if notice:
        raise DomainError(notice)


def refuse_second(event: Event, user: User, now: datetime) -> None:
    standing = queries.standing_registration(event, user)
    if standing:
        raise DomainError(policies.already(standing, now))


def invitation_of(
    event: Event, settings: SeatRules, code: str, email: str, *, is_theirs: bool
) -> SeatInvitation | None:
    """Only a confirmed address, or the code in its mail, proves that a personal invitation is
    theirs; a code that lets them not in is refused in words."""
    if not settings.by_invitation:
        return None
    found = queries.invitation_for(event, email=email, code=code, is_theirs=is_theirs)
    if found is None and code:
        raise DomainError(policies.wrong_code(event, code, email), "code")
    return found


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
    has_earlier: bool = False,
    override: str = "",
) -> Registration:
    """A new row at the end of the queue, moved to where the rules put it.

    With `answer_by` it only promises that, until the person has confirmed. `has_earlier`: the
    caller has seen their seat at the event that comes first. Who `is_chosen` by staff does not
    stay pending; with an `override`, a reason in words, they get a seat anyway.
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
    book.lacks_earlier = not has_earlier and queries.lacks_earlier_seat(
        book.settings, profile.user_id, now
    )
    applicant = replace(applicant, lacks_earlier=book.lacks_earlier)
    refuse_sessions(book, answers.sessions, now)
    state = _state_for(book, applicant, now, is_chosen=is_chosen, override=override)
    registration = new_row(profile, event, answers, now, is_online=is_online)
    registration.invitation_id = invitation.id if invitation else None
    registration.nominated_by_id = nominated_by.id if nominated_by else None
    registration.answer_by = answer_by
    book.choices = {registration.id: set(answers.sessions)}
    transition_all(book, [_entry(registration, state, override)], actor=actor, now=now)
    return registration


def _entry(registration: Registration, to: State, override: str) -> Move:
    """The first move; an override is looked into again, so that only who needs it is marked."""
    return Move(
        registration=registration,
        to=to,
        is_granted=not override,
        is_promise=registration.answer_by is not None,
        override=override,
    )


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
    """Beside the code where an invitation is all that is missing."""
    why = policies.why_not(event, decision.reasons)
    lacks_code = all(isinstance(reason, NotInvited) for reason in decision.reasons)
    return DomainError(words.capitalised(why), "code" if lacks_code else field)


def is_online_at(event: Event, answers: Answers) -> bool:
    return answers.is_online if event.mode is Mode.HYBRID else event.mode is Mode.ONLINE


def refuse_sessions(
    book: Book, sessions: Iterable[int], now: datetime, *, kept: Iterable[int] = ()
) -> None:
    """A session that filled up, or two at the same time, are said beside the question.

    `kept` are seats in sessions that they have already.
    """
    wanted = set(sessions)
    chosen = [s for s in book.event.chosen_sessions if s.id in wanted] if wanted else []
    full = _known_full(book, wanted - set(kept), now)
    if full:
        titles = words.listed([f"“{s.title}”" for s in chosen if s.id in full])
        raise DomainError(f"No seat is left in {titles}. Choose another session.", "sessions")
    for earlier, later in pairwise(chosen):
        if later.starts_at < earlier.ends_at:
            raise DomainError(
                f"“{earlier.title}” and “{later.title}” are at the same time. Choose one of them.",
                "sessions",
            )


def _known_full(book: Book, sessions: set[int], now: datetime) -> frozenset[int]:
    """Who applies beside a secret decision gets no seat yet: one that it filled is not full."""
    full = full_sessions(book.capacities, book.taken, sessions)
    if not (full and book.settings.is_selection_secret(now)):
        return full
    left = queries.seats_left_in_sessions(book.event, now)
    return frozenset(session for session in full if not left[session])


def new_row(
    profile: Profile, event: Event, answers: Answers, now: datetime, *, is_online: bool
) -> Registration:
    """Not in the database before it moves to where it belongs."""
    registration = Registration(
        state=State.UNCONFIRMED,
        submitted_at=now,
        is_online=is_online,
        override="",
        moves=0,
    )
    registration.relate(event=event, user=profile.user)
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
    registration.role_label = profile.role.label_in(registration.event.period_id)
    registration.relate(role=profile.role, programme=programme, country=profile.country)
    registration.search_text = words.folded(
        " ".join((user.name, user.email, profile.institution, programme.name if programme else ""))
    )


def profile_like(user: User, person: Person, now: datetime) -> Profile:
    """The person's profile in that capacity; a new one if they have none."""
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


def keep_answers(registration: Registration, answers: Answers) -> None:
    registration.may_be_listed = answers.may_be_listed
    registration.may_be_photographed = answers.may_be_photographed
    if registration.moves:
        db.session.execute(delete(Needs).where(Needs.registration_id == registration.id))
    # Who changes to online keeps what they wrote, for the case that they come after all.
    if (registration.moves or not registration.is_online) and (answers.diet or answers.access):
        db.session.add(Needs(registration=registration, diet=answers.diet, access=answers.access))


def keep_sessions(registration: Registration, sessions: Iterable[int]) -> None:
    """In the place of what they chose before."""
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
    accounts.choose_news(user, wants_news=answers.wants_news)
    audit.record(
        "answers changed",
        registration,
        actor=user,
        now=now,
        may_be_listed=answers.may_be_listed,
        may_be_photographed=answers.may_be_photographed,
        wants_news=answers.wants_news,
    )


NOT_NOW = "Sessions can’t be changed for a few minutes. Please try again in a quarter of an hour."
MODE_NOT_NOW = "This can’t be changed for a few minutes. Please try again in a quarter of an hour."


def choose_sessions(registration: Registration, sessions: Iterable[int], *, now: datetime) -> None:
    """Change the sessions with seats of their own; where one of them is full nothing changes."""
    event = registration.event
    lock_event(event)
    db.session.refresh(registration)
    if not policies.can_cancel(registration, now):
        raise DomainError("This registration is over, so there is nothing to change.")
    if queries.seat_rules_of(event).is_selection_secret(now):  # a full session would tell of it
        raise DomainError(NOT_NOW)
    before = queries.choices_by(registration)
    wanted = {session.id for session in event.chosen_sessions} & set(sessions)
    if wanted == before:
        return
    book = open_book(event, queries.applicant_behind(registration, before | wanted))
    refuse_sessions(book, wanted, now, kept=before)
    if registration.holds_seat:
        old, new = (queries.applicant_behind(registration, s) for s in (before, wanted))
        count_instead(book, old, new)
    keep_sessions(registration, wanted)
    audit.record(
        "sessions chosen", registration, actor=registration.user, now=now, sessions=sorted(wanted)
    )
    chosen = [session for session in event.chosen_sessions if session.id in wanted]
    mail = emails.sessions_changed(registration, chosen, now)
    tell(registration, "sessions", mail, chosen, now)


def change_mode(registration: Registration, *, is_online: bool, now: datetime) -> None:
    """Come online instead of on site, or the other way round, where a seat is free for them.

    Who waits keeps their number: the place in line is the same in both modes.
    """
    event = registration.event
    settings = lock_event(event)
    settle_if_due(event, now=now)  # time may have taken the seat away
    db.session.refresh(registration)
    if event.mode is not Mode.HYBRID or not policies.can_cancel(registration, now):
        raise DomainError("This can’t be changed here any more.")
    if registration.is_online is is_online:
        return
    is_known = registration.holds_seat and not registration.is_untold(now)
    if is_known and settings.is_selection_secret(now):  # a full mode would tell of it
        raise DomainError(MODE_NOT_NOW)
    chosen = queries.choices_by(registration)
    old = queries.applicant_behind(registration, chosen)
    new = replace(old, is_online=is_online)
    book = open_book(event)
    if registration.holds_seat:
        _change_seat(book, registration, old, new, now)
    registration.is_online = is_online
    mode = policies.mode_name(registration)
    audit.record("mode changed", registration, actor=registration.user, now=now, mode=mode)
    db.session.flush()
    announce_anew(book, registration, now=now)
    known = queries.choices_shown(registration, now)  # of a secret decision the mail says nothing
    sessions = [session for session in event.chosen_sessions if session.id in known]
    mail = emails.mode_changed(registration, sessions, now)
    tell(registration, "mode", mail, sessions, now)
    promote_waiting(event, now=now)


def _change_seat(
    book: Book, registration: Registration, old: Applicant, new: Applicant, now: datetime
) -> None:
    """Who does not know yet that they have a seat must not learn it from a refusal: where there
    is none for them the other way, the office has to decide about them again."""
    book.taken.take_back(old)
    lacking = shortages(book.rules, book.taken, new, now)
    if not lacking:
        count_instead(book, old, new)
    elif registration.is_untold(now):
        undo_untold(book.event, [registration], actor=registration.user, now=now)
    else:
        why = policies.why_no_seat(book.event, lacking)
        raise DomainError(f"{why} You keep your seat.")


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
    if registration.nominated_by_id and registration.state is State.UNCONFIRMED:
        freeze(registration, _own_profile(registration, now))
    move = (
        promised(registration)
        if registration.state is State.UNCONFIRMED
        else Move(registration=registration, to=State.CONFIRMED, is_granted=True)
    )
    transition_all(book_for(registration), [move], actor=user, now=now)
    return f"Thank you: {policies.OWN[registration.state]}."


def _own_profile(registration: Registration, now: datetime) -> Profile:
    """The capacity in which a coordinator has nominated them, which is theirs by their yes."""
    user = registration.user
    person = Person(
        email=user.email,
        name=user.name,
        zone=user.zone,
        institution=registration.institution,
        role=registration.role,
        programme=registration.programme,
        country=registration.country,
    )
    return profile_like(user, person, now)


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
