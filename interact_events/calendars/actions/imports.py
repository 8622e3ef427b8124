"""Making drafts of what a file of planned events says."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import delete, select

from interact_events.accounts.models import User
from interact_events.calendars import queries
from interact_events.calendars.models import EventImport, ImportedEvent
from interact_events.calendars.rules.plans import DEFAULT_SEATS, Plan, Reading
from interact_events.core import audit, words
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.events.actions import (
    EventValues,
    check_event,
    create_event,
    save_event,
    values_of,
)
from interact_events.events.models import Event, Kind, Mode
from interact_events.events.queries import rows_of
from interact_events.interreg.models import Country, Office, Period

# -- what it would do ----------------------------------------------------------------------------


class Outcome(StrEnum):
    """What a press makes of a planned event; in the order in which they are shown."""

    WRONG = "wrong"
    CHANGED = "changed"
    NEW = "new"
    KEPT = "kept"
    SAME = "same"

    @property
    def label(self) -> str:
        return {
            "wrong": "Left out",
            "changed": "Draft changes",
            "new": "New draft",
            "kept": "Not touched",
            "same": "As it is",
        }[self.value]

    def counted(self, number: int) -> str:
        """ "2 new drafts"."""
        return {
            "wrong": f"{number} left out",
            "changed": words.count(number, "draft changes", "drafts change"),
            "new": words.count(number, "new draft"),
            "kept": f"{number} not touched",
            "same": f"{number} as before",
        }[self.value]


@dataclass(frozen=True)
class Change:
    """A field before and after, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """A planned event, and what becomes of it."""

    plan: Plan
    outcome: Outcome
    values: EventValues | None = None
    event: Event | None = None  # that it is already
    changes: tuple[Change, ...] = ()
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preview:
    """What a press would do with all of a file."""

    lines: list[Line]
    notes: tuple[str, ...]

    @cached_property
    def counts(self) -> dict[Outcome, int]:
        return {o: sum(line.outcome is o for line in self.lines) for o in Outcome}

    @property
    def is_anything(self) -> bool:
        return bool(self.counts[Outcome.NEW] or self.counts[Outcome.CHANGED])

    @cached_property
    def in_order(self) -> list[Line]:
        order = list(Outcome)
        return sorted(self.lines, key=lambda line: (order.index(line.outcome), line.plan.line))

    @property
    def seen(self) -> str:
        """What somebody saw, in short: where it differs, they have to look again."""
        facts = [
            [line.plan.line, line.outcome, [asdict(change) for change in line.changes]]
            for line in self.lines
        ]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]


def preview(row: EventImport) -> Preview:
    """What a press would do as things are now."""
    reading = _reading(row)
    maker = _Maker(row.office, [plan.uid for plan in reading.plans])
    return Preview([maker.line(plan) for plan in reading.plans], reading.notes)


class _Maker:
    """Compares the plans of an office with its events, whose rows are read at once."""

    def __init__(self, office: Office, uids: list[str]) -> None:
        self.office = office
        self.events = queries.events_known_as(office, uids)
        self.of_sessions = queries.events_of_sessions(office, uids)
        self.countries = queries.countries_by_code()
        self.period = max(rows_of(Period), key=lambda period: period.starts_on)

    def line(self, plan: Plan) -> Line:
        if plan.problems:
            return Line(plan, Outcome.WRONG, sentences=plan.problems)
        event = self.events.get(plan.uid) or self.of_sessions.get(plan.uid)
        if event and (plan.uid not in self.events or not event.is_draft):
            return Line(plan, Outcome.KEPT, event=event, sentences=(self._why_kept(plan, event),))
        before = values_of(event) if event else self._usual(plan)
        values = replace(before, **_typed(plan.values, self.countries))
        try:
            check_event(values, self.office, event)
        except DomainError as refusal:
            return Line(plan, Outcome.WRONG, event=event, sentences=(refusal.message,))
        if event is None:
            return Line(plan, Outcome.NEW, values, sentences=plan.notes)
        changes = _changes(before, values)
        outcome = Outcome.CHANGED if changes else Outcome.SAME
        return Line(plan, outcome, values, event, changes, plan.notes)

    def _why_kept(self, plan: Plan, event: Event) -> str:
        if plan.uid not in self.events:
            return f"It is a session of “{event.title}”, which is here already."
        state = "cancelled" if event.is_cancelled else "published"
        return f"It is {state} here: change it on its own page, which tells its registrants."

    def _usual(self, plan: Plan) -> EventValues:
        """What a new draft is where the file does not say."""
        has_place = plan.values.get("city") or plan.values.get("venue")
        never = datetime.min  # noqa: DTZ901  # a wall clock; each plan without problems has its own
        return EventValues(
            title="",
            kind=Kind.WORKSHOP,
            mode=Mode.IN_PERSON if has_place else Mode.ONLINE,
            period=self.period,
            zone=self.office.zone,
            starts=never,
            ends=never,
            capacity=DEFAULT_SEATS,
            contact_name=self.office.name,
            contact_email=self.office.email,
        )


def _typed(texts: Mapping[str, str], countries: Mapping[str, Country]) -> dict[str, Any]:
    kinds: dict[str, Any] = {
        "kind": Kind,
        "mode": Mode,
        "capacity": int,
        "country": countries.get,
        "starts": datetime.fromisoformat,
        "ends": datetime.fromisoformat,
    }
    return {name: kinds.get(name, str)(text) for name, text in texts.items()}


LABELS = {"starts": "Start", "ends": "End", "mode": "Format", "capacity": "Seats"}
LABELS |= {"zone": "Time zone", "contact_email": "Contact address"}


def _changes(before: EventValues, after: EventValues) -> tuple[Change, ...]:
    pairs = ((f.name, getattr(before, f.name), getattr(after, f.name)) for f in fields(before))
    return tuple(
        Change(LABELS.get(name) or words.capitalised(name), _worded(old), _worded(new))
        for name, old, new in pairs
        if old != new
    )


def _worded(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{words.written(value.date())}, {value:%H:%M}"
    text = str(getattr(value, "label", None) or getattr(value, "name", None) or value or "")
    return text if len(text) <= 120 else text[:119] + "…"


# -- what is done --------------------------------------------------------------------------------


def add_import(
    office: Office, reading: Reading, file_name: str, *, actor: User, now: datetime
) -> EventImport:
    """Keep what a file says until somebody has looked at it."""
    row = EventImport(
        office_id=office.id,
        file_name=file_name,
        reading={"plans": [p.to_json for p in reading.plans], "notes": list(reading.notes)},
        uploaded_at=now,
        uploaded_by_id=actor.id,
    )
    db.session.add(row)
    audit.record("events sent", row, actor=actor, now=now, number=len(reading.plans))
    return row


def _reading(row: EventImport) -> Reading:
    plans = tuple(Plan.from_json(plan) for plan in row.reading["plans"])
    return Reading(plans, tuple(row.reading["notes"]))


GONE = "Somebody has applied this file or thrown it away meanwhile."
LOOK_AGAIN = "The office’s events have changed since you looked at this. Look at it once more."


def apply_import(
    row: EventImport, *, seen: str, actor: User, now: datetime, host: str
) -> dict[Outcome, int]:
    """Make and change the drafts as the preview said, all of them or, by a refusal, none."""
    office = row.office
    lock(office)  # two presses at once would make everything twice
    if not queries.is_waiting(row.id):
        raise DomainError(GONE)
    found = preview(row)
    if found.seen != seen:
        raise DomainError(LOOK_AGAIN)
    for line in found.lines:
        _apply(line, office, actor=actor, now=now, host=host)
    counts = {outcome.value: number for outcome, number in found.counts.items()}
    audit.record("events imported", row, actor=actor, now=now, **counts)
    db.session.delete(row)
    return found.counts


def _apply(line: Line, office: Office, *, actor: User, now: datetime, host: str) -> None:
    try:
        if line.outcome is Outcome.NEW and line.values:
            event = create_event(office, line.values, actor=actor, now=now, host=host)
            known = ImportedEvent(event=event, office_id=office.id, uid=line.plan.uid)
            db.session.add(known)
        elif line.outcome is Outcome.CHANGED and line.values and line.event:
            save_event(line.event, line.values, actor=actor, now=now)
    except DomainError as refusal:
        raise DomainError(
            f"Number {line.plan.line}, {line.plan.title}: {refusal.message}"
        ) from None


def keep_known(event: Event, office: Office) -> None:
    """The office leads the event now, so its files find it by the id that a file gave it, unless
    one of them has given that id to another event."""
    known = db.session.get(ImportedEvent, event.id)
    if known is None:
        return
    row = ImportedEvent
    same = select(row.event_id).where(row.office_id == office.id, row.uid == known.uid)
    if db.session.scalar(same.where(row.event_id != event.id)) is not None:
        db.session.delete(known)
    else:
        known.office_id = office.id


def discard_import(row: EventImport, *, actor: User, now: datetime) -> None:
    audit.record("events thrown away", row, actor=actor, now=now)
    db.session.delete(row)


def forget_imports(*, sent_before: datetime) -> None:
    """Throw away what nobody has pressed the button for."""
    db.session.execute(delete(EventImport).where(EventImport.uploaded_at < sent_before))
