"""How people come in: with a profile, at the end of the queue, where the rules put them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from sqlalchemy import delete

from interact_events.accounts import actions as accounts
from interact_events.accounts.models import Profile, User
from interact_events.accounts.queries import profiles_of
from interact_events.core import words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Event, Mode
from interact_events.interreg.models import Country, Programme, StakeholderRole
from interact_events.registrations import policies, queries
from interact_events.registrations.actions.book import Book, Move, lock_event, open_book
from interact_events.registrations.actions.moving import transition_all
from interact_events.registrations.actions.settling import settle_if_due
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


def register(
    profile: Profile, event: Event, answers: Answers, *, now: datetime, is_first: bool = False
) -> Registration:
    """Give the person of this profile what the rules have for them: a seat, a place in line.

    `is_first`: the caller has just seen that they are not registered yet.
    """
    user = profile.user
    if not is_first:  # a courtesy: the unique index sees who comes between
        refuse_second(event, user, now)
    settings = lock_event(event)
    refuse_unless_open(event, now, user)
    if profile.retired_at:
        raise DomainError("You have taken this profile off your list. Choose another.", "profile")
    is_theirs = user.confirmed_at is not None
    invitation = invitation_of(event, settings, answers.code, user.email, is_theirs=is_theirs)
    terms = Terms(invitation=invitation)
    registration = enter(profile, event, answers, terms, actor=user, now=now)
    accounts.choose_news(user, wants_news=answers.wants_news)
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


@dataclass(frozen=True, kw_only=True)
class Terms:
    """On what terms somebody comes in; usually on none but the event's own.

    With `answer_by` they only get a promise, until they have confirmed. Who `is_chosen` by staff
    does not stay pending; with an `override`, a reason in words, they get a seat anyway.
    `has_earlier`: the caller has seen their seat at the event that comes first.
    """

    invitation: SeatInvitation | None = None
    nominated_by: User | None = None
    answer_by: datetime | None = None
    is_chosen: bool = False
    has_earlier: bool = False
    override: str = ""


def enter(
    profile: Profile, event: Event, answers: Answers, terms: Terms, *, actor: User, now: datetime
) -> Registration:
    """A new row at the end of the queue, moved to where the rules put it."""
    settle_if_due(event, now=now)  # who came earlier comes first, whatever happened since
    book, applicant = _asking(profile, event, answers, terms, now)
    refuse_sessions(book, answers.sessions, now)
    state = _state_for(book, applicant, terms, now)
    registration = new_row(profile, event, answers, now, is_online=applicant.is_online)
    registration.invitation_id = terms.invitation.id if terms.invitation else None
    registration.nominated_by_id = terms.nominated_by.id if terms.nominated_by else None
    registration.answer_by = terms.answer_by
    book.choices = {registration.id: set(answers.sessions)}
    transition_all(book, [_entry(registration, state, terms)], actor=actor, now=now)
    return registration


def _asking(
    profile: Profile, event: Event, answers: Answers, terms: Terms, now: datetime
) -> tuple[Book, Applicant]:
    """The event's book, and in which capacity they ask."""
    applicant = queries.applicant_of(
        profile,
        is_online=is_online_at(event, answers),
        is_invited=terms.invitation is not None or terms.is_chosen,
        sessions=answers.sessions,
    )
    book = open_book(event, applicant)
    book.lacks_earlier = not terms.has_earlier and queries.lacks_earlier_seat(
        book.settings, profile.user_id, now
    )
    return book, replace(applicant, lacks_earlier=book.lacks_earlier)


def _entry(registration: Registration, to: State, terms: Terms) -> Move:
    """The first move; an override is looked into again, so that only who needs it is marked."""
    return Move(
        registration=registration,
        to=to,
        is_granted=not terms.override,
        is_promise=terms.answer_by is not None,
        override=terms.override,
    )


def _state_for(book: Book, applicant: Applicant, terms: Terms, now: datetime) -> State:
    if terms.override:
        return State.CONFIRMED
    line = () if terms.is_chosen else queries.line_at(book.event, book.rules)
    decision = decide(book.rules, book.taken, applicant, now, line=line)
    if decision.state is None:
        raise refusal_of(decision, book.event)
    if decision.state is State.PENDING and terms.is_chosen:
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
        state=State.UNCONFIRMED, submitted_at=now, is_online=is_online, override="", moves=0
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
