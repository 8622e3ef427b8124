"""What pages say about one place: sessions to choose, where somebody stands in line."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from interact_events.core import clock, words
from interact_events.core.web.forms import SelectChoice
from interact_events.events.models import Event, Mode, Session
from interact_events.registrations import queries
from interact_events.registrations.actions import Asked
from interact_events.registrations.forms import SessionChoices
from interact_events.registrations.models import Registration, State
from interact_events.registrations.policies import (
    can_cancel,
    in_line,
    is_ahead,
    vacancy,
    why_no_seat,
)
from interact_events.registrations.rules import (
    OthersWait,
    barred,
    decide,
    reasons_against,
    reasons_to_wait,
)


def session_choices(
    event: Event, kept: Iterable[int] = (), *, has_seat: bool = False
) -> SessionChoices:
    """The sessions with seats of their own, in slots of time, each with what is left; one that is
    full can't be chosen, but those `kept` can be left: of who `has_seat` they hold one."""
    if not event.has_choice:
        return []
    sessions = queries.sessions_to_choose(event)
    left = queries.seats_left_in_sessions(event, clock.now())
    chosen = set(kept)
    return [
        SelectChoice(
            str(session.id),
            _described(session, left[session.id], is_own=has_seat and session.id in chosen),
            {} if left[session.id] or session.id in chosen else {"disabled": True},
            _slot(session),
        )
        for session in sorted(sessions, key=lambda each: (each.starts_at, each.ends_at, each.id))
    ]


def _described(session: Session, left: int, *, is_own: bool) -> str:
    """ "Sampling (3 seats left)"."""
    if is_own:
        return f"{session.title} (your seat)"
    seats = f"{words.count(left, 'seat')} left" if left else "full"
    return f"{session.title} ({seats})"


def _slot(session: Session) -> str:
    """ "Wednesday 12 May 2027, 09:00–10:30 EEST"."""
    zone = session.event.zone
    time = words.time_span(session.starts_at, session.ends_at, zone)
    return f"{words.weekday(session.starts_at, zone)}, {time}"


def line_in_words(registration: Registration, now: datetime) -> str:
    """ "3rd in line; 2nd of your programme, which has its 2 seats." And what comes then, where
    the rules let a seat become theirs."""
    event, programme = registration.event, registration.programme_id
    applicant = queries.applicant_behind(registration)
    settings = queries.seat_rules_of(event)
    rules, taken = queries.rules_and_known_taken(event, settings, applicant, now)
    place, of_programme = queries.place_in_line(registration, now)
    reasons = reasons_to_wait(rules, taken, applicant, now)
    line = in_line(event, place, of_programme if programme else None, reasons)
    if barred(rules, applicant):
        return line
    if OthersWait() in reasons:
        return f"{line} We write to you when it is yours."
    return f"{line} {vacancy(event, settings, now)} We write to you when a seat is yours."


def has_seat_elsewhere(registration: Registration, now: datetime) -> bool:
    """Whether who waits at a hybrid event would get a seat at once by coming the other way."""
    event = registration.event
    waits = registration.state_shown(now) is State.WAITLISTED
    if event.mode is not Mode.HYBRID or not waits or not can_cancel(registration, now):
        return False
    settings = queries.seat_rules_of(event)
    applicant = queries.applicant_behind(registration, queries.choices_by(registration))
    other = replace(applicant, is_online=not applicant.is_online)
    rules, taken = queries.rules_and_known_taken(event, settings, other, now)
    if rules.is_promoting:
        is_secret = settings.is_selection_secret(now)
        return not (is_secret or reasons_against(rules, taken, other, now))
    if now >= event.closes_at:
        return False
    line = queries.line_at(event, rules, but=registration)
    return decide(rules, taken, other, now, line=line).state is State.CONFIRMED


def reasons_in_line(event: Event, rows: Iterable[Registration], now: datetime) -> dict[int, str]:
    """Why each of those who wait has no seat, for staff; the same few queries for any number."""
    waiting = [row for row in rows if row.is_waiting]
    if not waiting:
        return {}
    rules, taken = queries.rules_and_taken(event, queries.seat_rules_of(event))
    names, places = queries.names_for(event), queries.places_in_line(waiting)
    why_they = reasons_to_wait if is_ahead(event, now) else reasons_against
    found = {}
    for row in waiting:
        applicant = queries.applicant_behind(row)
        reasons = why_they(rules, taken, applicant, now)
        why = why_no_seat(event, reasons, whose="Their", names=names)
        found[row.id] = f"{words.ordinal(places[row.id])} in line. {why}"
    return found


def asked_in_words(event: Event, asked: Asked) -> str:
    """What happens at once where people have to say whether they still come."""
    where = "who take part online " if asked.is_online else "who come on site "
    who = f"{words.count(asked.number, 'person', 'people')} "
    if event.mode is Mode.HYBRID:
        who += where
    are = "is" if asked.number == 1 else "are"
    by = words.moment(asked.by, event.zone)
    return (
        f"{who}{are} asked at once, by a mail, whether they still come. Who has not answered by "
        f"{by} loses the seat, and it goes to somebody who waits."
    )
