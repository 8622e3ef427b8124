"""The rules of an event on another day, in another zone, or of its copy."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from interact_events.accounts.models import User
from interact_events.core import audit
from interact_events.core.clock import to_local, to_utc
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Admission, Event
from interact_events.registrations import queries
from interact_events.registrations.actions.ruling import sentences_of
from interact_events.registrations.models import SeatRules, limits_of
from interact_events.registrations.rules import Cap, Hold, Step


def move_seat_rules(
    event: Event, starts_at: datetime, zone: str, *, actor: User, now: datetime
) -> bool:
    """The event started at `starts_at` in `zone`: its rules keep their distance in days and their
    hours on the wall clock. Nothing stays after the start. Says whether anything moved."""
    settings = queries.seat_rules_of(event)
    if settings not in db.session:
        return False
    before = sentences_of(event, settings)
    days = _day(event.starts_at, event.zone) - _day(starts_at, zone)
    limits = _moved_limits(settings, event, zone, days, now=now)
    last = _day(event.starts_at, event.zone)
    decision_on = settings.decision_on and min(settings.decision_on, last)
    if (limits, decision_on) == (settings.limits, settings.decision_on):
        return False
    settings.limits, settings.decision_on = limits, decision_on
    db.session.flush()
    fields = {"rules": [before, sentences_of(event, settings)]}
    audit.record("rules moved with the event", event, actor=actor, now=now, fields=fields)
    return True


def copy_seat_rules(event: Event, copy: Event, shift: timedelta) -> None:
    """Give a copy of an event the same rules, `shift` later on the wall clock."""
    settings = queries.seat_rules_of(event)
    if settings not in db.session:
        return
    limits = _moved_limits(settings, copy, event.zone, shift)
    db.session.flush()
    db.session.add(
        SeatRules(
            event_id=copy.id,
            by_invitation=settings.by_invitation,
            promotion=settings.promotion,
            offer_hours=settings.offer_hours,
            decision_on=settings.decision_on and settings.decision_on + shift,
            limits=limits,
            reconfirmation=settings.reconfirmation,
        )
    )


def _day(instant: datetime, zone: str) -> date:
    return to_local(instant, zone).date()


def _moved_limits(
    settings: SeatRules,
    event: Event,
    zone: str,
    shift: timedelta,
    *,
    now: datetime | None = None,
) -> dict[str, object]:
    """The limits, written for `zone`, on the clocks of the event; `shift` is whole days.

    What has come to pass by `now` has: no phase ends again, no seat is held again.
    """
    is_first_come = event.admission is Admission.FIRST_COME
    closes = (is_first_come and event.registration_closes_at) or event.starts_at

    def moved(instant: datetime, last: datetime) -> datetime:
        if now and instant <= now:
            return instant
        local = to_local(instant, zone).replace(tzinfo=None, fold=0) + shift
        ahead = min(_instant_at(local, event.zone), last)
        return max(ahead, now) if now else ahead

    def steps(cap: Cap) -> tuple[Step, ...]:
        last = {s.since and moved(s.since, event.starts_at): s.most for s in cap.steps}
        return tuple(Step(since, most) for since, most in last.items())

    caps = [Cap(cap.per, steps(cap), cap.role) for cap in settings.caps]
    holds = [
        Hold(h.roles, h.seats, moved(h.until, min(closes, event.starts_at)), h.is_online)
        for h in settings.holds
    ]
    before_start = [_before(event.starts_at, cap) for cap in caps]
    return limits_of(settings.programmes, settings.countries, tuple(before_start), tuple(holds))


def _instant_at(local: datetime, zone: str) -> datetime:
    """A time that clocks skip on that day is an hour later."""
    try:
        return to_utc(local, zone)
    except DomainError:
        return to_utc(local + timedelta(hours=1), zone)


def _before(start: datetime, cap: Cap) -> Cap:
    """Without the phases that nobody would live to see."""
    return replace(cap, steps=tuple(s for s in cap.steps if s.since is None or s.since < start))
