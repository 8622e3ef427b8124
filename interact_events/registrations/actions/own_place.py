"""What people do about their own place: answer, choose, accept, leave."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from interact_events.accounts import actions as accounts
from interact_events.accounts.models import Profile, User
from interact_events.core import audit
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.events.models import Mode
from interact_events.registrations import emails, policies, queries
from interact_events.registrations.actions.announcing import announce_anew, tell
from interact_events.registrations.actions.book import Book, Move, book_for, lock_event, open_book
from interact_events.registrations.actions.moving import (
    count_instead,
    missing_for,
    transition,
    transition_all,
    undo_untold,
)
from interact_events.registrations.actions.promoting import moving_up, promote_waiting, steps_in
from interact_events.registrations.actions.registering import (
    Answers,
    Person,
    freeze,
    keep_answers,
    keep_sessions,
    profile_like,
    refuse_sessions,
)
from interact_events.registrations.actions.settling import modes_asking, promised, settle_if_due
from interact_events.registrations.models import Registration, SeatRules, State
from interact_events.registrations.rules import Applicant


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


LOOK_AGAIN = "Nothing was changed: look again, and press once more if you still want to."
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


def change_mode(registration: Registration, *, is_online: bool, now: datetime) -> str:
    """Come online instead of on site, or the other way round, where a seat is free for them; says
    how they take part.

    Who waits gets a free seat there at once, where the office chooses unless others wait for it,
    else keeps their number: the place in line is the same in both modes. Who has a seat says by
    this that they still come.
    """
    event = registration.event
    settings = lock_event(event)
    settle_if_due(event, now=now)  # time may have taken the seat away
    db.session.refresh(registration)
    if event.mode is not Mode.HYBRID or not policies.can_cancel(registration, now):
        raise DomainError("This can’t be changed here any more.")
    if registration.is_online is is_online:
        return policies.mode_in_words(registration, now)
    _refuse_mode_now(registration, settings, now)
    book = _move_to(registration, is_online=is_online, now=now)
    is_answer = _answer_by_changing(registration, now)
    db.session.flush()
    if registration.state is State.WAITLISTED and _has_seat_at_once(registration, now):
        return _take_free_seat(registration, now)
    announce_anew(book, registration, now=now)
    _tell_of_mode(registration, is_answer=is_answer, now=now)
    promote_waiting(event, now=now)
    return policies.mode_in_words(registration, now, is_answer=is_answer)


def _refuse_mode_now(registration: Registration, settings: SeatRules, now: datetime) -> None:
    if registration.must_reconfirm and not policies.can_accept(registration, now):
        raise DomainError(_too_late(registration, now))
    is_known = registration.holds_seat and not registration.is_untold(now)
    if is_known and settings.is_selection_secret(now):  # a full mode would tell of it
        raise DomainError(MODE_NOT_NOW)


def _move_to(registration: Registration, *, is_online: bool, now: datetime) -> Book:
    old = queries.applicant_behind(registration, queries.choices_by(registration))
    book = open_book(registration.event)
    if registration.holds_seat:
        _change_seat(book, registration, old, replace(old, is_online=is_online), now)
    registration.is_online = is_online
    mode = policies.mode_name(registration)
    audit.record("mode changed", registration, actor=registration.user, now=now, mode=mode)
    return book


def _has_seat_at_once(registration: Registration, now: datetime) -> bool:
    applicant = queries.applicant_behind(registration, queries.choices_by(registration))
    moves_up = registration in moving_up(registration.event, now=now)
    return moves_up or steps_in(registration, applicant, now=now)


def _take_free_seat(registration: Registration, now: datetime) -> str:
    """They have asked for it, so nothing is offered first; one mail says all."""
    to, notice = State.CONFIRMED, emails.CONFIRMED.name
    actor = registration.user
    transition(registration, to, actor=actor, now=now, is_granted=True, notice=notice)
    promote_waiting(registration.event, now=now)
    return f"You have a seat {policies.mode_name(registration)}."


def _tell_of_mode(registration: Registration, *, is_answer: bool, now: datetime) -> None:
    known = queries.choices_shown(registration, now)  # of a secret decision the mail says nothing
    sessions = [session for session in registration.event.chosen_sessions if session.id in known]
    mail = emails.mode_changed(registration, sessions, now, is_answer=is_answer)
    tell(registration, "mode", mail, sessions, now)


def _answer_by_changing(registration: Registration, now: datetime) -> bool:
    """Who was asked whether they still come has answered, and so has who joins a mode whose people
    have been asked; others are asked with their new mode. Says whether they were asked."""
    was_asked = registration.must_reconfirm
    has_seat = registration.state_shown(now) is State.CONFIRMED
    if was_asked or (has_seat and registration.is_online in modes_asking(registration.event, now)):
        _reconfirm(registration, now)
    return was_asked


def _reconfirm(registration: Registration, now: datetime) -> None:
    registration.answer_by, registration.reconfirmed_at = None, now
    audit.record("reconfirmed", registration, actor=registration.user, now=now)


def _change_seat(
    book: Book, registration: Registration, old: Applicant, new: Applicant, now: datetime
) -> None:
    """Who does not know yet that they have a seat must not learn it from a refusal: where there
    is none for them the other way, the office has to decide about them again."""
    lacking = missing_for(book, old, new, now)
    if not lacking:
        count_instead(book, old, new)
    elif registration.is_untold(now):
        undo_untold(book.event, [registration], actor=registration.user, now=now)
    else:
        why = policies.why_no_seat(book.event, lacking)
        raise DomainError(f"{why} You keep your seat.")


def accept(registration: Registration, *, now: datetime) -> str:
    """Take the offered seat, accept the nomination, or say that one still comes; says what."""
    event, user = registration.event, registration.user
    lock_event(event)
    db.session.refresh(registration)
    if not policies.can_accept(registration, now):
        raise DomainError(_too_late(registration, now))
    if registration.must_reconfirm:
        _reconfirm(registration, now)
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


def _too_late(registration: Registration, now: datetime) -> str:
    if registration.event.is_cancelled:
        return "The event is cancelled, so there is nothing to accept."
    is_asked = registration.must_reconfirm and policies.can_cancel(registration, now)
    if registration.state is State.CONFIRMED and not is_asked:
        return "You have your seat; there is nothing to confirm."
    if registration.state is State.CANCELLED:
        return "The time to answer is over, and the seat has gone to the next one in line."
    if registration.answer_by:
        return "The time to answer is over, and the seat goes to the next one in line."
    return "There is nothing to accept here any more."


def cancel_registration(
    registration: Registration, *, actor: User, now: datetime, seen: str = ""
) -> None:
    """Give up a seat or a place in line; pressed twice it does the same.

    `seen` is the state on the page of whoever pressed: who gives up a place in line keeps the
    seat that they got meanwhile.
    """
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
    shown = registration.state_shown(now)
    if seen not in ("", shown):
        now_is = policies.OWN.get(shown, "this has changed")
        raise DomainError(f"Meanwhile {now_is}. {LOOK_AGAIN}")
    transition(registration, State.CANCELLED, actor=actor, now=now)
    promote_waiting(event, now=now)
