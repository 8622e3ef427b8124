"""What pages say about one place: sessions to choose, where somebody stands in line."""

from collections.abc import Iterable
from datetime import datetime

from interact_events.core import words
from interact_events.core.web.forms import SelectChoice
from interact_events.events.models import Event, Session
from interact_events.registrations import queries
from interact_events.registrations.forms import SessionChoices
from interact_events.registrations.models import Registration
from interact_events.registrations.policies import in_line, why_no_seat
from interact_events.registrations.rules import barred, shortages


def session_choices(event: Event, kept: Iterable[int] = ()) -> SessionChoices:
    """The sessions with seats of their own, by time, each with what is left; one that is full
    can't be chosen, but those `kept` can be left."""
    sessions = queries.sessions_to_choose(event)
    left = queries.seats_left_in_sessions(event) if sessions else {}
    chosen = set(kept)
    return [
        SelectChoice(
            str(session.id),
            _described(session, left[session.id]),
            {} if left[session.id] or session.id in chosen else {"disabled": True},
        )
        for session in sessions
    ]


def _described(session: Session, left: int) -> str:
    """ "Wednesday 12 May 2027, 09:00–10:30 EEST: Sampling (3 seats left)"."""
    zone = session.event.zone
    day = words.weekday(session.starts_at, zone)
    time = words.time_span(session.starts_at, session.ends_at, zone)
    seats = f"{words.count(left, 'seat')} left" if left else "full"
    return f"{day}, {time}: {session.title} ({seats})"


def line_in_words(registration: Registration, now: datetime, *, whose: str = "Your") -> str:
    """ "3rd in line; 2nd of your programme, which has its 2 seats." """
    event, programme = registration.event, registration.programme_id
    applicant = queries.applicant_behind(registration)
    rules, taken = queries.rules_of(event), queries.seats_taken(event, applicant)
    return in_line(
        event,
        queries.place_in_line(registration),
        queries.place_in_line(registration, programme=programme) if programme else None,
        (*barred(rules, applicant), *shortages(rules, taken, applicant, now)),
        whose=whose,
    )


def reasons_in_line(event: Event, rows: Iterable[Registration], now: datetime) -> dict[int, str]:
    """Why each of those who wait has no seat, for staff; the same few queries for any number."""
    waiting = [row for row in rows if row.is_waiting]
    if not waiting:
        return {}
    rules, taken = queries.rules_of(event), queries.seats_taken(event)
    names, places = queries.names_for(event), queries.places_in_line(waiting)
    found = {}
    for row in waiting:
        applicant = queries.applicant_behind(row)
        reasons = (*barred(rules, applicant), *shortages(rules, taken, applicant, now))
        why = why_no_seat(event, reasons, whose="Their", names=names)
        found[row.id] = f"{words.ordinal(places[row.id])} in line. {why}"
    return found
