"""What attendance holds about a person, for the person to download."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from interact_events.accounts.models import User
from interact_events.accounts.queries import personal_part
from interact_events.attendance.models import AttendanceAlias, NoShow, Presence
from interact_events.attendance.rules import seen
from interact_events.core.db import db
from interact_events.events.models import Session
from interact_events.registrations.models import Registration


@personal_part("attendance")
def own_attendance(user: User, _now: datetime) -> dict[str, Any]:
    """`number` is that of the registration."""
    no_shows = select(NoShow.registration_id, NoShow.noted_at).join(
        Registration, Registration.id == NoShow.registration_id
    )
    keys = select(AttendanceAlias.key).where(AttendanceAlias.user_id == user.id)
    return {
        "sessions": [_facts(row) for row in _presences(user)],
        "noted_as_not_come": [
            {"number": number, "noted_at": noted_at.isoformat()}
            for number, noted_at in db.session.execute(
                no_shows.where(Registration.user_id == user.id).order_by(NoShow.registration_id)
            )
        ],
        "known_in_meetings_as": list(db.session.scalars(keys.order_by(AttendanceAlias.key))),
    }


def _presences(user: User) -> list[Presence]:
    rows = db.session.scalars(
        select(Presence)
        .join(Presence.registration)
        .join(Presence.session)
        .where(Registration.user_id == user.id)
        .options(contains_eager(Presence.session))
        .order_by(Session.starts_at, Session.id)
    )
    return list(rows)


def _facts(row: Presence) -> dict[str, Any]:
    """Of several spans of time each; the minutes are those within the session."""
    saw = seen(row.session, row.spans)
    return {
        "number": row.registration_id,
        "session": row.session.title,
        "minutes": saw.minutes,
        "from_until": [[start.isoformat(), end.isoformat()] for start, end in saw.parts],
        "known_by": row.source.label,
        "noted_at": row.recorded_at.isoformat(),
    }
