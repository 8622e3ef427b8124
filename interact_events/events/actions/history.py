"""What the history says of a change: every field in words."""

from datetime import datetime
from typing import Any

from interact_events.core import words
from interact_events.events.actions.values import INSTANTS, PLAIN, SEVERAL
from interact_events.events.models import Event, Session
from interact_events.interreg.models import StakeholderRole

# The history outlives people and is read by viewers: that these changed is all it says.
UNQUOTED = ("internal_notes", "contact_name", "contact_email", "joining_url", "speakers")


def described(event: Event) -> dict[str, str]:
    """Every field in words, as the history will quote it."""
    plain = {field: _worded(getattr(event, field)) for field in PLAIN}
    several = {
        field: words.listed([_worded(row) for row in getattr(event, field)]) for field in SEVERAL
    }
    times = {field: _worded_instant(getattr(event, field), event.zone) for field in INSTANTS}
    return plain | several | times


def described_session(session: Session) -> dict[str, str]:
    zone = session.event.zone
    return {
        "title": session.title,
        "starts_at": words.moment(session.starts_at, zone),
        "ends_at": words.moment(session.ends_at, zone),
        "room": session.room,
        "speakers": session.speakers,
        "capacity": str(session.capacity or ""),
        "is_learning": "yes" if session.is_learning else "no",
    }


def _worded(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, StakeholderRole):
        return value.label_in()
    return str(getattr(value, "label", None) or getattr(value, "name", None) or value)


def _worded_instant(instant: datetime | None, zone: str) -> str:
    return words.moment(instant, zone) if instant else ""


def changes_between(before: dict[str, str], after: dict[str, str]) -> dict[str, list[str]]:
    """Field by field [from, to]; an empty list where the content is not kept."""
    return {
        field: [] if field in UNQUOTED else [before[field], after[field]]
        for field in before
        if before[field] != after[field]
    }
