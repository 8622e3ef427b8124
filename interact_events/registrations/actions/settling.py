"""What happens by the clock: answers that stay out, seats that rules release, people who go."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import CursorResult, delete, func, update

from interact_events.accounts.actions import on_deletion
from interact_events.accounts.models import User
from interact_events.core import outbox
from interact_events.core.db import db, write_changes
from interact_events.core.mail import Mail
from interact_events.events.models import Event
from interact_events.registrations import emails, queries
from interact_events.registrations.actions.book import SILENT, Move, open_book
from interact_events.registrations.actions.inviting import posting
from interact_events.registrations.actions.moving import transition, transition_all
from interact_events.registrations.actions.promoting import promote_waiting
from interact_events.registrations.models import (
    Needs,
    Registration,
    SeatInvitation,
    SeatRules,
    State,
)
from interact_events.registrations.policies import modes_of
from interact_events.registrations.rules import EventRules, next_change


def settle_if_due(event: Event, *, now: datetime) -> None:
    """Do first what time has brought since the last move; the caller holds the event's lock."""
    settings = queries.seat_rules_of(event)
    if settings.settle_at and settings.settle_at <= now:
        settle(event, now=now)


def settle(event: Event, *, now: datetime) -> int:
    """Everything that is due at an event whose lock the caller holds; says how many moved up.

    Run late, after a pause of any length, it does the same, once.
    """
    _fulfil_newcomers(event, now)
    _ask_to_reconfirm(event, now)  # before anybody is released: nobody is without a warning
    _release_silent(event, now)
    _close_list(event, now)
    _plan(event, now)
    return len(promote_waiting(event, now=now))


def plan_next(event: Event, *, now: datetime) -> None:
    """The rules or the times of the event have changed: note when the job has to look.

    At once where people may have to be asked already, else when time changes something. What is
    due and not done yet stays due.
    """
    settings = queries.seat_rules_of(event)
    if settings.settle_at and settings.settle_at <= now:
        return
    if settings in db.session and any(now >= at for at, *_ in _questions(event, settings, now)):
        settings.settle_at = now
    else:
        _plan(event, now)


def _plan(event: Event, now: datetime) -> None:
    settings = queries.seat_rules_of(event)
    if settings in db.session:
        rules = queries.rules_of(event, settings)
        settings.settle_at = next_instant(event, settings, rules, now)


def next_instant(
    event: Event, settings: SeatRules, rules: EventRules, now: datetime
) -> datetime | None:
    """When time alone changes something next: a rule, or that people have to be asked."""
    change = next_change(rules, now)
    instants = [change] if change else []
    if settings.selected_at and settings.is_selection_secret(now):
        instants.append(settings.selected_at)  # those who wait may move up from then on
    for ask_at, warn_at, *_ in _questions(event, settings, now):
        instants += [instant for instant in (ask_at, warn_at) if instant > now]
    return min(instants, default=None)


# -- answers that stay out -----------------------------------------------------------------------


def _fulfil_newcomers(event: Event, now: datetime) -> None:
    """Who confirmed their address by another way before the start gets what they were promised; a
    mail of it would be of no use any more once the event is over."""
    if not event.is_published:
        return
    notice = SILENT if now >= event.ends_at else ""
    rows = queries.newcomers_confirmed(event, before=event.starts_at)
    moves = [replace(promised(row), notice=notice) for row in rows]
    if moves:
        transition_all(open_book(event), moves, actor=None, now=now)


def promised(registration: Registration) -> Move:
    """The move to what was promised upon confirmation."""
    return Move(
        registration=registration,
        to=registration.upon_confirmation or State.PENDING,
        is_granted=True,
    )


SILENCE = {
    State.OFFERED: (
        "The seat was not accepted in time.",
        emails.OFFER_OVER.name,
    ),
    State.CONFIRMED: (
        "The seat was not reconfirmed in time.",
        emails.NOT_RECONFIRMED.name,
    ),
}
NOT_CONFIRMED = (
    "The e-mail address was not confirmed in time.",
    emails.RELEASED.name,
)
CONFIRMED_TOO_LATE = (
    "The e-mail address was not confirmed before the event began.",
    emails.RELEASED.name,
)
NOT_ACCEPTED = (
    "The nomination was not accepted in time.",
    emails.NOMINATION_OVER.name,
)


def _release_silent(event: Event, now: datetime) -> None:
    """Places of those who did not answer in time become free."""
    asking = modes_asking(event, now)
    late = queries.late_answers(event, now)
    for row in late:
        if row.state is State.CONFIRMED and row.is_online not in asking:
            row.answer_by = None
    write_changes(late)
    moves = [released(row, now) for row in late if row.answer_by is not None]
    if moves:
        transition_all(open_book(event), moves, actor=None, now=now)


def modes_asking(event: Event, now: datetime) -> set[bool]:
    """The modes, by `is_online`, whose people have to reconfirm; none from the start on, once the
    event is called off, or where its rules have changed since so that they are asked later."""
    if not event.is_published or now >= event.starts_at:
        return set()
    questions = _questions(event, queries.seat_rules_of(event), now)
    return {question.is_online for question in questions if now >= question.ask_at}


def released(registration: Registration, now: datetime) -> Move:
    """The move of who did not answer in time; the reason says what they were asked for."""
    has_begun = now >= registration.event.starts_at
    silent = CONFIRMED_TOO_LATE if has_begun else NOT_CONFIRMED
    if registration.nominated_by_id:
        silent = NOT_ACCEPTED
    reason, notice = SILENCE.get(registration.state, silent)
    return Move(registration=registration, to=State.CANCELLED, reason=reason, notice=notice)


# -- reconfirmation ------------------------------------------------------------------------------


class Question(NamedTuple):
    """When those of one mode are asked whether they still come, and what follows."""

    ask_at: datetime
    warn_at: datetime
    release_at: datetime
    is_online: bool


def _questions(event: Event, settings: SeatRules, now: datetime) -> list[Question]:
    """What is asked before the start, for each mode that asks."""
    if now >= event.starts_at:
        return []
    asked = [(mode, settings.reconfirmation_for(online=mode)) for mode in modes_of(event)]
    return [
        Question(
            event.starts_at - timedelta(days=asks.ask_days),
            event.starts_at - timedelta(days=asks.warn_days),
            event.starts_at - timedelta(days=asks.release_days),
            is_online,
        )
        for is_online, asks in asked
        if asks
    ]


def _ask_to_reconfirm(event: Event, now: datetime) -> None:
    """Ask each mode's people once, warn them once; somebody who came later is not asked."""
    if not event.is_published:
        return
    for question in _questions(event, queries.seat_rules_of(event), now):
        if now >= question.ask_at:
            _ask(event, question, now)


def _ask(event: Event, question: Question, now: datetime) -> None:
    """A deadline that downtime has eaten up is moved, so that everybody has a day to answer.

    Who is asked as late as others are warned gets that one mail only.
    """
    people = _to_ask(event, question)
    for row in people:
        row.answer_by = _answer_by(event, question, now)
    write_changes(people)
    is_late = now >= question.warn_at
    _mail(WARNED if is_late else ASKED, emails.please_reconfirm, people, now)
    _warn(event, question, event.starts_at if is_late else now, now)


def _warn(event: Event, question: Question, until: datetime, now: datetime) -> None:
    """Warn the silent who have to answer until then, and have not been warned of that deadline.

    One that comes sooner than in a day is moved, so that they have a day from the warning on.
    """
    silent = queries.not_reconfirmed(event, is_online=question.is_online, until=until)
    warned = outbox.known_keys([_key(WARNED, row) for row in silent])
    people = [row for row in silent if _key(WARNED, row) not in warned]
    for row in people:
        row.answer_by = max(row.answer_by or now, _in_a_day(event, now))
    write_changes(people)
    _mail(WARNED, emails.reconfirm_soon, people, now)


def _to_ask(event: Event, question: Question) -> Sequence[Registration]:
    return queries.to_reconfirm(event, is_online=question.is_online, decided_before=question.ask_at)


def _answer_by(event: Event, question: Question, now: datetime) -> datetime:
    return max(question.release_at, _in_a_day(event, now))


def _in_a_day(event: Event, now: datetime) -> datetime:
    return min(now + timedelta(days=1), event.starts_at)


@dataclass(frozen=True)
class Asked:
    """How many people of one mode are asked at once whether they still come, and by when."""

    number: int
    by: datetime
    is_online: bool


def asked_now(event: Event, *, now: datetime) -> list[Asked]:
    """Whom the event's rules have asked as soon as the job looks; nobody is asked by this."""
    if not event.is_published:
        return []
    found = [
        Asked(len(_to_ask(event, each)), _answer_by(event, each, now), each.is_online)
        for each in _questions(event, queries.seat_rules_of(event), now)
        if now >= each.ask_at
    ]
    return [each for each in found if each.number]


ASKED, WARNED = "please-reconfirm", "reconfirm-soon"


def _mail(
    kind: str,
    mail: Callable[[Registration], Mail],
    people: Iterable[Registration],
    now: datetime,
) -> None:
    postings = [posting(mail(row), row, key=_key(kind, row)) for row in people]
    outbox.post_all(postings, now=now)


def _key(kind: str, row: Registration) -> str:
    """Names the seat and the deadline, not the present: each mail goes out once."""
    return f"registration:{row.id}:{kind}:{row.moves}:{row.answer_by:%Y%m%dT%H%M}"


def forget_answers(rows: Sequence[Registration]) -> None:
    """Whether they come is open again: they are asked when others are, with mails anew, even if
    the deadline is one that they had before."""
    for row in rows:
        row.answer_by = row.reconfirmed_at = None
        row.moves += 1
    write_changes(rows)


# -- the start -----------------------------------------------------------------------------------


def _close_list(event: Event, now: datetime) -> None:
    """From the start on nobody moves up: who still waits hears so, once."""
    if event.is_published and now >= event.starts_at:
        closed = f"list-closed:{event.starts_at:%Y%m%dT%H%M}"
        outbox.post_all(
            [
                posting(emails.list_closed(row), row, key=f"registration:{row.id}:{closed}")
                for row in queries.without_seat(event, now)
            ],
            now=now,
        )


# -- keeping no longer than needed ---------------------------------------------------------------


@on_deletion
def forget_invitations(user: User, gone: str, now: datetime) -> None:
    """Personal invitations hold an address; where one let somebody in, the row has to stay."""
    db.session.execute(
        update(SeatInvitation)
        .where(SeatInvitation.email == user.email)
        .values(email=gone, withdrawn_at=func.coalesce(SeatInvitation.withdrawn_at, now))
    )


def forget_deleted_people(event: Event, *, now: datetime) -> int:
    """Let go of what people held here who have deleted their account; says of how many
    registrations. The caller holds the event's lock.

    Seats at coming events go to the next in line. The names of those who had a seat at an event
    stay, because an audit asks for them; nothing leads from them to an address any more.
    """
    found = queries.registrations_of_deleted(event)
    for registration in found:
        if registration.may_become(State.CANCELLED, now) and now < event.starts_at:
            transition(registration, State.CANCELLED, actor=None, now=now)
            promote_waiting(event, now=now)
        elif registration.holds_seat and registration.state is not State.CONFIRMED:
            continue  # silence gives it back in a minute, by the counts that it was given with
        if registration.state is not State.CONFIRMED:
            registration.name, registration.institution = registration.user.name, ""
        registration.search_text = ""
        registration.may_be_listed = registration.may_be_photographed = False
        db.session.execute(delete(Needs).where(Needs.registration_id == registration.id))
    return len(found)


def delete_needs(*, ended_before: datetime) -> int:
    """Delete what people needed at events that ended before that; says how many."""
    done = db.session.execute(
        delete(Needs)
        .where(Needs.registration_id.in_(queries.needs_to_delete(ended_before)))
        .execution_options(synchronize_session=False)
    )
    return done.rowcount if isinstance(done, CursorResult) else 0
