"""Those who wait move up into seats that are free."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.registrations import queries
from interact_events.registrations.actions.book import Book, Move, open_book
from interact_events.registrations.actions.moving import look_again, transition_all
from interact_events.registrations.models import Promotion, Registration, State
from interact_events.registrations.rules import Applicant, decide, promoted


def promote_waiting(event: Event, *, now: datetime) -> Sequence[Registration]:
    """Give free seats to those who wait, as the rules allow; says who moved up.

    The caller holds the event's lock, and calls this after whatever may have freed a seat. While
    a selection can be undone nobody moves up: they would be told of a seat that it gave away.
    """
    rows = moving_up(event, now=now)
    if rows:
        book = open_book(event)
        transition_all(book, [upward(book, row, now) for row in rows], actor=None, now=now)
    return rows


def moving_up(event: Event, *, now: datetime) -> Sequence[Registration]:
    """Those who wait to whom the rules give a seat now."""
    if not (event.waiting and event.is_published and now < event.starts_at):
        return []
    db.session.flush()
    settings = queries.seat_rules_of(event)
    rules, taken = queries.rules_and_taken(event, settings)
    look_again(event, settings, rules, now)
    if settings.is_selection_secret(now):
        return []
    numbers = promoted(rules, taken, queries.queue_of(event), now)
    return queries.registrations_by_number(event, numbers) if numbers else []


def steps_in(registration: Registration, applicant: Applicant, *, now: datetime) -> bool:
    """Where the office promotes: whether who waits has a seat as `applicant` at once, because
    somebody would who came anew, while people may."""
    event = registration.event
    if now >= event.closes_at:
        return False
    rules, taken = queries.rules_and_taken(event, queries.seat_rules_of(event), applicant)
    line = queries.line_at(event, rules, but=registration)
    decision = decide(rules, taken, applicant, now, line=line)
    return not rules.is_promoting and decision.state is State.CONFIRMED


def upward(book: Book, registration: Registration, now: datetime) -> Move:
    """A seat, or the offer of one where the event asks first."""
    if registration.state is State.UNCONFIRMED:
        return Move(registration=registration, to=State.CONFIRMED, is_promise=True, is_granted=True)
    if book.settings.promotion is not Promotion.OFFER:
        return Move(registration=registration, to=State.CONFIRMED, is_granted=True)
    answer_by = min(now + timedelta(hours=book.settings.offer_hours), book.event.starts_at)
    return Move(registration=registration, to=State.OFFERED, is_granted=True, answer_by=answer_by)
