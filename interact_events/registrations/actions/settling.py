"""What happens by the clock: answers that stay out, seats that rules release, people who go."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete

from interact_events.core import outbox
from interact_events.core.db import db, lock
from interact_events.core.mail import Mail
from interact_events.events.models import Event
from interact_events.registrations import emails, queries
from interact_events.registrations.actions.moving import (
    Move,
    open_book,
    posting,
    promote_waiting,
    transition,
    transition_all,
)
from interact_events.registrations.models import (
    Needs,
    Reconfirmation,
    Registration,
    SeatRules,
    State,
)
from interact_events.registrations.policies import modes_of
from interact_events.registrations.rules import SEATED, next_change


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
    _release_silent(event, now)
    _ask_to_reconfirm(event, now)
    plan_next(event, now=now)
    return len(promote_waiting(event, now=now))


def plan_next(event: Event, *, now: datetime) -> None:
    """Note when time will change something by itself."""
    settings = queries.seat_rules_of(event)
    if settings in db.session:
        instants = [*_changes(event, settings, now), *_reconfirmations(event, settings, now)]
        settings.settle_at = min(instants, default=None)


def _changes(event: Event, settings: SeatRules, now: datetime) -> Iterator[datetime]:
    """A rule changes by itself; a selection is final, and those who wait may move up again."""
    change = next_change(queries.rules_of(event, settings), now)
    if change:
        yield change
    if settings.selected_at and settings.is_selection_secret(now):
        yield settings.selected_at


def _reconfirmations(event: Event, settings: SeatRules, now: datetime) -> Iterator[datetime]:
    for is_online in modes_of(event):
        asks = settings.reconfirmation_for(online=is_online)
        if asks:
            instants = (
                event.starts_at - timedelta(days=d) for d in (asks.ask_days, asks.warn_days)
            )
            yield from (instant for instant in instants if instant > now)


# -- answers that stay out -----------------------------------------------------------------------


def _fulfil_newcomers(event: Event, now: datetime) -> None:
    """Who confirmed their address by another way gets what they were promised."""
    if event.is_published:
        moves = [promised(row) for row in queries.newcomers_confirmed(event)]
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
        "registrations/email/offer_over.txt",
    ),
    State.CONFIRMED: (
        "The seat was not reconfirmed in time.",
        "registrations/email/not_reconfirmed.txt",
    ),
}
NOT_CONFIRMED = (
    "The e-mail address was not confirmed within 24 hours.",
    "registrations/email/released.txt",
)
NOT_ACCEPTED = (
    "The nomination was not accepted in time.",
    "registrations/email/nomination_over.txt",
)


def _release_silent(event: Event, now: datetime) -> None:
    """Places of those who did not answer in time become free.

    From the start on, or once the event is called off, nobody is asked to reconfirm any more.
    """
    late = queries.late_answers(event, now)
    is_on = event.is_published and now < event.starts_at
    for row in late:
        if not is_on and row.state in SEATED:
            row.answer_by = None
    moves = [_release(row) for row in late if row.answer_by is not None]
    if moves:
        transition_all(open_book(event), moves, actor=None, now=now)


def _release(registration: Registration) -> Move:
    silent = NOT_ACCEPTED if registration.nominated_by_id else NOT_CONFIRMED
    reason, notice = SILENCE.get(registration.state, silent)
    return Move(registration=registration, to=State.CANCELLED, reason=reason, notice=notice)


# -- reconfirmation ------------------------------------------------------------------------------


def _ask_to_reconfirm(event: Event, now: datetime) -> None:
    """Ask each mode's people once, warn them once; somebody who came later is not asked."""
    settings = queries.seat_rules_of(event)
    if not event.is_published or now >= event.starts_at:
        return
    for is_online in modes_of(event):
        asks = settings.reconfirmation_for(online=is_online)
        if asks and now >= event.starts_at - timedelta(days=asks.ask_days):
            _ask(event, is_online, asks, now)


def _ask(event: Event, is_online: bool, asks: Reconfirmation, now: datetime) -> None:
    """A deadline that downtime has eaten up is moved, so that everybody has a day to answer."""
    asked_at = event.starts_at - timedelta(days=asks.ask_days)
    release_at = event.starts_at - timedelta(days=asks.release_days)
    by = min(max(release_at, now + timedelta(days=1)), event.starts_at)
    people = queries.to_reconfirm(event, is_online=is_online, decided_before=asked_at)
    for row in people:
        row.answer_by = by
    _mail("please-reconfirm", emails.please_reconfirm, people, now)
    if now >= event.starts_at - timedelta(days=asks.warn_days):
        silent = queries.not_reconfirmed(event, is_online=is_online)
        _mail("reconfirm-soon", emails.reconfirm_soon, silent, now)


def _mail(
    kind: str,
    mail: Callable[[Registration], Mail],
    people: Iterable[Registration],
    now: datetime,
) -> None:
    """The key names the seat, not the instant: each is asked and warned once."""
    outbox.post_all(
        [
            posting(mail(row), row, key=f"registration:{row.id}:{kind}:{row.moves}")
            for row in people
        ],
        now=now,
    )


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
        if registration.may_become(State.CANCELLED, now) and now < event.starts_at:
            transition(registration, State.CANCELLED, actor=None, now=now)
            promote_waiting(event, now=now)
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
