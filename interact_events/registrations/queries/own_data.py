"""What registrations hold about a person, for the person to download."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from interact_events.accounts.models import User
from interact_events.accounts.queries import personal_part
from interact_events.core.db import db
from interact_events.events.models import Session
from interact_events.registrations.models import CalendarEntry, Needs, Registration, SessionChoice
from interact_events.registrations.queries.asked import counts


@personal_part("registrations")
def own_registrations(user: User, now: datetime) -> list[dict[str, Any]]:
    """All they ever had, by five reads at most; of a selection nothing before its mails."""
    rows = db.session.scalars(
        select(Registration)
        .where(Registration.user_id == user.id)
        .options(
            joinedload(Registration.event),
            joinedload(Registration.programme),
            joinedload(Registration.country),
        )
        .order_by(Registration.id)
    ).all()
    sessions, needs = _sessions(user, now), _needs(user)
    return [
        _facts(row, now) | {"sessions": sessions[row.id], "needs": needs.get(row.id)}
        for row in rows
    ]


@personal_part("calendar_entries")
def own_calendar_entries(user: User, now: datetime) -> list[dict[str, Any]]:
    """What they were sent for their calendar, as it was said last."""
    rows = db.session.scalars(
        select(CalendarEntry)
        .where(CalendarEntry.user_id == user.id, CalendarEntry.told_at <= now)
        .order_by(CalendarEntry.told_at, CalendarEntry.uid)
    )
    return [
        {
            "uid": row.uid,
            "title": row.facts["title"],
            "starts_at": row.facts["starts_at"],
            "ends_at": row.facts["ends_at"],
            "is_cancelled": row.is_cancelled,
            "sent_at": row.told_at.isoformat(),
        }
        for row in rows
    ]


def _facts(row: Registration, now: datetime) -> dict[str, Any]:
    return {
        "number": row.id,
        "event": row.event.title,
        "starts_at": row.event.starts_at.isoformat(),
        "ends_at": row.event.ends_at.isoformat(),
        "name": row.name,
        "institution": row.institution,
        "role": row.role_label,
        "programme": row.programme.label if row.programme else None,
        "country": row.country.name,
        "takes_part": "online" if row.is_online else "on site",
        "submitted_at": row.submitted_at.isoformat(),
        "reconfirmed_at": _iso(row.reconfirmed_at),
        "was_nominated": row.nominated_by_id is not None,
        "may_be_listed": row.may_be_listed,
        "may_be_photographed": row.may_be_photographed,
        **_decision(row, now),
    }


def _decision(row: Registration, now: datetime) -> dict[str, Any]:
    is_untold = row.is_untold(now)
    return {
        "state": row.state_shown(now).value,
        "decided_at": None if is_untold else _iso(row.decided_at),
        "answer_by": None if is_untold else _iso(row.answer_by),
        "reason": "" if is_untold else row.reason,
    }


def _sessions(user: User, now: datetime) -> defaultdict[int, list[str]]:
    """What they have chosen, as they may know it: {registration: titles}."""
    rows = db.session.execute(
        select(SessionChoice.registration_id, Session.title)
        .join(SessionChoice.session)
        .join(SessionChoice.registration)
        .where(Registration.user_id == user.id, or_(counts, SessionChoice.left_at > now))
        .order_by(Session.starts_at, Session.id)
    )
    found: defaultdict[int, list[str]] = defaultdict(list)
    for number, title in rows:
        found[number].append(title)
    return found


def _needs(user: User) -> dict[int, dict[str, str]]:
    rows = db.session.scalars(
        select(Needs).join(Needs.registration).where(Registration.user_id == user.id)
    )
    return {row.registration_id: {"diet": row.diet, "access": row.access} for row in rows}


def _iso(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None
