"""What mails say of an event and of a person’s place at it."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from flask import current_app

from interact_events.accounts.models import User
from interact_events.core import words
from interact_events.core.clock import is_same_wall_clock, to_local
from interact_events.core.links import url
from interact_events.events.models import Event, Mode, Session
from interact_events.registrations.models import Registration, State
from interact_events.registrations.policies import mode_name
from interact_events.registrations.queries import Purpose, sign_number


def when(event: Event, zone: str | None = None) -> str:
    """ "Wednesday 12 May 2027, 09:00–16:30 EEST", or first and last moment of several days."""
    zone = zone or event.zone
    start, end = event.starts_at, event.ends_at
    if to_local(start, zone).date() == to_local(end, zone).date():
        return f"{words.weekday(start, zone)}, {words.time_span(start, end, zone)}"
    return f"{words.moment(start, zone)} to {words.moment(end, zone)}"


def facts(
    registration: Registration, sessions: Iterable[Session] = (), lost: Iterable[Session] = ()
) -> dict[str, Any]:
    """What every mail about a registration can say; `sessions` are those that they chose.

    At a hybrid event each person reads of the one place where they take part.
    """
    event = registration.event
    is_hybrid = event.mode is Mode.HYBRID
    place = "Online" if is_hybrid and registration.is_online else event.place
    answer_by, decided_at = registration.answer_by, registration.decided_at
    return {
        **event_facts(event, registration.user),
        "name": registration.name,
        "as_": capacity(registration),
        "programme": registration.programme.name if registration.programme else "",
        "link": url("registrations.show", registration_id=registration.id),
        "state": registration.state.label.lower(),
        "sessions": [_session(session) for session in sessions],
        "lost_sessions": [_session(session) for session in lost],
        "joining_link": join_address(registration) if joins_online(registration) else "",
        "check_in_link": "" if registration.is_online else check_in_address(registration),
        "reason": registration.reason,
        "answer_by": words.moment(answer_by, event.zone) if answer_by else "",
        "has_seat": registration.holds_seat,
        "is_waiting": registration.is_waiting,
        "is_on_site": event.mode.has_place,
        "is_before_start": decided_at is None or decided_at < event.starts_at,
        "mode": f" {mode_name(registration)}" if is_hybrid else "",
        "where": "Online" if registration.is_online else event.full_place,
        "subject_facts": _subject_facts(event, place),
    }


def facts_known(
    registration: Registration, sessions: Iterable[Session], now: datetime
) -> dict[str, Any]:
    """What the person may know: nothing of a selection before its own mails, and the link to join
    only with a seat."""
    known, shown = facts(registration, sessions), registration.state_shown(now)
    if shown is not State.CONFIRMED:
        known |= {"joining_link": "", "check_in_link": ""}
    if registration.is_untold(now):
        known |= {
            "state": shown.label.lower(),
            "has_seat": False,
            "is_waiting": False,
            "is_before_start": True,
            "reason": "",
            "answer_by": "",
        }
    return known


def check_in_address(registration: Registration) -> str:
    """What the person's QR code holds; it tells a stranger nothing."""
    return _own_address("personal_codes.show", Purpose.CHECK_IN, registration)


def join_address(registration: Registration) -> str:
    """Their own way to the meeting, which notes that they joined."""
    return _own_address("joining.by_link", Purpose.JOIN, registration)


JOINING = re.compile(r"https?://\S+/join/[\w.-]+")


def without_joining(text: str) -> str:
    """For others' eyes: whoever uses such an address is noted as its owner."""
    return JOINING.sub("[personal link]", text)


def _own_address(endpoint: str, purpose: Purpose, registration: Registration) -> str:
    return url(endpoint, token=sign_number(purpose, registration.id, key=secret_key()))


def joins_online(registration: Registration) -> bool:
    """Whether there is a link for them to follow; who comes to the place needs none."""
    return registration.is_online and bool(registration.event.joining_url)


def _session(session: Session) -> str:
    """ "Sampling (Wednesday 12 May 2027, 09:00–10:30 EEST)"."""
    return f"{session.title} ({session_when(session)})"


def session_when(session: Session) -> str:
    """ "Wednesday 12 May 2027, 09:00–10:30 EEST"."""
    zone = session.event.zone
    time = words.time_span(session.starts_at, session.ends_at, zone)
    return f"{words.weekday(session.starts_at, zone)}, {time}"


def capacity(registration: Registration) -> str:
    """ "controller, Central Baltic"."""
    role = words.within_sentence(registration.role_label)
    return f"{role}, {registration.programme.name}" if registration.programme else role


def event_facts(event: Event, user: User | None) -> dict[str, Any]:
    """What a mail says of an event; who has no account has no zone of their own."""
    zone = user.zone if user else event.zone
    is_elsewhere = not is_same_wall_clock(event.zone, zone, event.starts_at)
    return {
        "event": event.title,
        "summary": event.summary,
        "cancellation_reason": event.cancellation_reason,
        "office": event.office.name,
        "contact": event.contact_name or event.office.name,
        "catalogue": url("events.catalogue"),
        "when": when(event),
        "own_time": when(event, zone) if is_elsewhere and event.mode.has_link else "",
        "where": where(event),
        "page": url("event_page.show", slug=event.slug),
        "subject_facts": _subject_facts(event, event.place),
    }


def where(event: Event) -> str:
    """The place, and that one can be elsewhere."""
    return event.full_place + (", and online" if event.mode is Mode.HYBRID else "")


def _subject_facts(event: Event, place: str) -> str:
    days = words.day_span(event.starts_at, event.ends_at, event.zone)
    return f"{event.title}, {days}, {place}"


def secret_key() -> str:
    return cast("str", current_app.secret_key)
