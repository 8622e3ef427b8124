"""Reading an event's people with what is noted of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import joinedload, lazyload

from interact_events.attendance.models import Correction, NoShow, Presence
from interact_events.attendance.rules import Spans, from_json
from interact_events.core import words
from interact_events.core.db import db
from interact_events.events.models import Event, Session
from interact_events.interreg.models import Programme
from interact_events.registrations.models import Registration, State


class Noted(StrEnum):
    """What of a person is noted."""

    PRESENT = "present"
    NOTHING = "nothing"
    NO_SHOW = "no-show"
    CORRECTED = "corrected"

    @property
    def label(self) -> str:
        return {
            "present": "Somewhere present",
            "nothing": "Nothing noted",
            "no-show": "No-show",
            "corrected": "Corrected",
        }[self.value]


@dataclass(frozen=True)
class PeopleFilters:
    """What the list of people is narrowed to."""

    q: str = ""
    noted: Noted | None = None

    @classmethod
    def from_args(cls, args: Mapping[str, str]) -> "PeopleFilters":
        noted = args.get("noted", "")
        return cls(args.get("q", ""), Noted(noted) if noted in list(Noted) else None)

    @property
    def kept(self) -> bool:
        return bool(self.q or self.noted)


_was_there = exists().where(Presence.registration_id == Registration.id)
_missed = exists().where(NoShow.registration_id == Registration.id)
_was_corrected = exists().where(Correction.registration_id == Registration.id)

_CONDITIONS: dict[Noted, ColumnElement[bool]] = {
    Noted.PRESENT: _was_there,
    Noted.NOTHING: ~_was_there & ~_missed,
    Noted.NO_SHOW: _missed,
    Noted.CORRECTED: _was_corrected,
}


def listed_people(event: Event, filters: PeopleFilters) -> Select[Registration]:
    """Those with a seat, and those of whom something is noted though they have none any more."""
    query = select(Registration).where(
        Registration.event_id == event.id,
        (Registration.state == State.CONFIRMED) | _was_there | _missed,
    )
    if filters.noted:
        query = query.where(_CONDITIONS[filters.noted])
    for word in words.folded(filters.q).split():
        query = query.where(Registration.search_text.contains(word, autoescape=True))
    return query.options(
        joinedload(Registration.programme).lazyload(Programme.strand),
        joinedload(Registration.country),
        lazyload(Registration.event),
    ).order_by(Registration.search_text, Registration.id)


def spans_among(numbers: Sequence[int]) -> dict[int, dict[int, Spans]]:
    """When each of these registrations was where: {registration_id: {session_id: spans}}."""
    rows = db.session.execute(
        select(Presence.registration_id, Presence.session_id, Presence.parts).where(
            Presence.registration_id.in_(numbers)
        )
    )
    noted: defaultdict[int, dict[int, Spans]] = defaultdict(dict)
    for registration_id, session_id, parts in rows:
        noted[registration_id][session_id] = from_json(parts)
    return noted


def corrected_ids(event: Event) -> set[int]:
    """The registrations of whom something was corrected."""
    rows = select(Correction.registration_id).join(
        Registration, Registration.id == Correction.registration_id
    )
    return set(db.session.scalars(rows.where(Registration.event_id == event.id)))


def arrivals_at(session: Session) -> list[datetime]:
    """When those present arrived, as far as it is known, else when they were noted."""
    rows = db.session.execute(
        select(Presence.parts, Presence.recorded_at)
        .join(Presence.registration)
        .where(Presence.session_id == session.id, Registration.state == State.CONFIRMED)
    )
    return [_arrived(from_json(parts), recorded_at) for parts, recorded_at in rows]


def _arrived(spans: Spans, recorded_at: datetime) -> datetime:
    return spans[0][0] if spans else recorded_at
