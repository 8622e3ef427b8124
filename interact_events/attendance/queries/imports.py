"""Reading imported reports: what was sent, whom a report means, and what it would note."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from interact_events.accounts.models import User
from interact_events.attendance import rules
from interact_events.attendance.models import AttendanceAlias, AttendanceImport, Presence
from interact_events.attendance.rules import (
    Attendee,
    Candidate,
    Effect,
    How,
    Known,
    Match,
    OnAgenda,
    Order,
    Planned,
    Reading,
    Report,
    Source,
    from_json,
)
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.core.words import folded
from interact_events.events.models import Event, Session
from interact_events.registrations.models import Registration, State

NOBODY = 0  # staff said so
MOST_IN_LISTS = 500  # people in each list to choose from; beyond that only the likeliest


# -- what was sent -------------------------------------------------------------------------------


def imports_of(event: Event) -> Sequence[AttendanceImport]:
    """The event's imports, latest first."""
    return db.session.scalars(
        _imports(event).order_by(AttendanceImport.id.desc()).options(*_with_people())
    ).all()


def import_of(event: Event, number: int) -> AttendanceImport | None:
    """One import of the event."""
    found = _imports(event).where(AttendanceImport.id == number).options(*_with_people())
    return db.session.scalar(found)


def same_file(event: Event, sha256: str) -> AttendanceImport | None:
    """The event's import of the same bytes, as long as they are kept."""
    same = _imports(event).where(
        AttendanceImport.sha256 == sha256, AttendanceImport.stored_as.is_not(None)
    )
    return db.session.scalar(same.order_by(AttendanceImport.id.desc()).limit(1))


def imports_after(row: AttendanceImport) -> Sequence[AttendanceImport]:
    """Those of the same event that were applied later and not undone, the latest first."""
    return db.session.scalars(
        select(AttendanceImport)
        .where(
            AttendanceImport.event_id == row.event_id,
            AttendanceImport.id != row.id,
            AttendanceImport.applied_at >= row.applied_at,
        )
        .order_by(AttendanceImport.applied_at.desc())
    ).all()


def imports_before(instant: datetime) -> Sequence[AttendanceImport]:
    """Those sent before it whose files are still there."""
    return db.session.scalars(
        select(AttendanceImport).where(
            AttendanceImport.uploaded_at < instant, AttendanceImport.stored_as.is_not(None)
        )
    ).all()


def stored_reports() -> set[str]:
    """The names of all files that an import has in the storage."""
    names = select(AttendanceImport.stored_as).where(AttendanceImport.stored_as.is_not(None))
    return {name for name in db.session.scalars(names) if name}


def reports_with_files() -> Sequence[AttendanceImport]:
    return db.session.scalars(
        select(AttendanceImport)
        .where(AttendanceImport.stored_as.is_not(None))
        .options(joinedload(AttendanceImport.event))
        .order_by(AttendanceImport.id)
    ).all()


def presences_of_import(row: AttendanceImport) -> set[int]:
    """The numbers of those that it has noted."""
    return set(db.session.scalars(select(Presence.id).where(Presence.import_id == row.id)))


def pairs_of_import(row: AttendanceImport) -> set[tuple[int, int]]:
    """Of whom and where it has noted what still holds: (registration, session)."""
    pairs = select(Presence.registration_id, Presence.session_id)
    mine = pairs.where(Presence.import_id == row.id, Presence.source == Source.IMPORT)
    return {(number, session) for number, session in db.session.execute(mine)}


def _imports(event: Event) -> Select[AttendanceImport]:
    return select(AttendanceImport).where(AttendanceImport.event_id == event.id)


def _with_people() -> list[Any]:
    people = (
        AttendanceImport.uploaded_by,
        AttendanceImport.applied_by,
        AttendanceImport.undone_by,
    )
    return [joinedload(person).lazyload(User.memberships) for person in people]


# -- whom it may mean ----------------------------------------------------------------------------


def candidates(event: Event) -> list[Candidate]:
    """Everybody with a confirmed seat, with the names and the address they are known by."""
    rows = db.session.execute(
        select(
            Registration.id,
            Registration.user_id,
            Registration.name,
            Registration.institution,
            User.name,
            User.certificate_name,
            User.email,
        )
        .join(User, User.id == Registration.user_id)
        .where(Registration.event_id == event.id, Registration.state == State.CONFIRMED)
        .order_by(Registration.id)
    )
    return [
        Candidate(number, user, name, institution, tuple(filter(None, others)), (email,))
        for number, user, name, institution, *others, email in rows
    ]


def aliases(event: Event) -> dict[str, set[int]]:
    """Under what the event's people were confirmed before: {folded name or address: users}."""
    confirmed = select(Registration.user_id).where(
        Registration.event_id == event.id, Registration.state == State.CONFIRMED
    )
    rows = db.session.execute(
        select(AttendanceAlias.key, AttendanceAlias.user_id).where(
            AttendanceAlias.user_id.in_(confirmed)
        )
    )
    found: defaultdict[str, set[int]] = defaultdict(set)
    for key, user_id in rows:
        found[key].add(user_id)
    return found


def known_presences(event: Event) -> dict[tuple[int, int], Known]:
    """What is noted at the event: {(registration, session): …}."""
    rows = db.session.execute(
        select(
            Presence.registration_id,
            Presence.session_id,
            Presence.id,
            Presence.source,
            Presence.parts,
            Presence.import_id,
        )
        .join(Presence.session)
        .where(Session.event_id == event.id)
    )
    return {
        (registration_id, session_id): Known(number, source, from_json(parts), import_id)
        for registration_id, session_id, number, source, parts, import_id in rows
    }


# -- what it would note --------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A line of the preview: somebody of the report, and who they are."""

    match: Match
    who: Candidate | None
    is_chosen: bool  # staff said it
    minutes: list[tuple[OnAgenda, int]]
    noted: list[Planned]

    @property
    def attendee(self) -> Attendee:
        return self.match.attendee

    @property
    def is_open(self) -> bool:
        """Staff have not said yet who it is."""
        return self.who is None and not self.is_chosen


@dataclass
class Preview:
    """Everything that follows from a report, the choices so far, and what is noted already."""

    event: Event
    report: Report
    order: Order | None  # nothing: staff have to say which number is the day
    zone: str
    reading: Reading
    offered: list[OnAgenda]  # the sessions in whose time anybody was there
    without: set[int]  # those that staff leave out
    people: list[Candidate]
    matches: list[Match]
    chosen: dict[int, int]  # by the line of the report
    known: Mapping[tuple[int, int], Known] = field(default_factory=dict)

    @cached_property
    def by_id(self) -> dict[int, Candidate]:
        return {each.id: each for each in self.people}

    @cached_property
    def sessions(self) -> list[OnAgenda]:
        return [each for each in self.offered if each.id not in self.without]

    def who(self, match: Match) -> Candidate | None:
        """Staff's choice, else the sure one."""
        choice = self.chosen.get(match.attendee.line)
        return match.sure if choice is None else self.by_id.get(choice)

    def is_chosen(self, match: Match) -> bool:
        choice = self.chosen.get(match.attendee.line)
        return choice == NOBODY or choice in self.by_id

    @cached_property
    def planned(self) -> list[Planned]:
        pairs = [(who.id, m.attendee) for m in self.matches if (who := self.who(m))]
        return rules.plan(rules.by_registration(pairs), self.sessions, self.known)

    @property
    def changes(self) -> list[Planned]:
        return [each for each in self.planned if each.is_change]

    @property
    def built_on(self) -> list[Known]:
        """What earlier reports have noted and this one says as well, be it more or the same."""
        on = (Effect.MORE, Effect.SAME)
        return [each.known for each in self.planned if each.known and each.effect in on]

    @cached_property
    def changing(self) -> list[int]:
        """The registrations of which anything new is known."""
        return sorted({each.registration_id for each in self.changes})

    @cached_property
    def open_count(self) -> int:
        return sum(self.who(m) is None and not self.is_chosen(m) for m in self.matches)

    @property
    def seen(self) -> str:
        """What was chosen for staff, in short: where it differs, they have to look again."""
        sure = [(m.attendee.line, m.sure.id) for m in self.matches if m.sure]
        agenda = [(s.id, s.starts_at.isoformat(), s.ends_at.isoformat()) for s in self.sessions]
        facts = [sure, self.order, self.zone, agenda]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]

    @cached_property
    def in_order(self) -> list[Match]:
        """Those to be decided first, then those that nobody was found for."""
        return sorted(self.matches, key=lambda m: (self._rank(m), m.attendee.line))

    def _rank(self, match: Match) -> int:
        if match.sure:
            return 2
        return 0 if match.how is How.SIMILAR else 1

    def lines(self, start: int, stop: int) -> list[Line]:
        """Some lines of the preview."""
        noted = defaultdict(list)
        for each in self.planned:
            noted[each.registration_id].append(each)
        return [self._line(match, noted) for match in self.in_order[start:stop]]

    def _line(self, match: Match, noted: Mapping[int, list[Planned]]) -> Line:
        who = self.who(match)
        minutes = [(s, rules.seen(s, match.attendee.spans).minutes) for s in self.sessions]
        mine = noted[who.id] if who else []
        return Line(match, who, self.is_chosen(match), minutes, mine)

    @cached_property
    def others(self) -> list[Candidate]:
        """Those to choose from beside the suggested."""
        if len(self.people) > MOST_IN_LISTS:
            return []
        return sorted(self.people, key=lambda each: (folded(each.name), each.id))


def preview(row: AttendanceImport, report: Report, now: datetime) -> Preview:
    """What the report would note, by the choices kept on its row."""
    event, choices = row.event, row.choices
    order = _order(event, report, choices)
    zone = choices.get("zone") or report.stated_zone or event.zone
    reading = rules.read(report, order or Order.DAY_FIRST, rules.zone_of(zone))
    people = candidates(event)
    return Preview(
        event=event,
        report=report,
        order=order,
        zone=zone,
        reading=reading,
        offered=rules.covered(event.agenda, reading.attendees, now),
        without=set(choices.get("without", ())),
        people=people,
        matches=rules.match_all(reading.attendees, people, aliases(event)),
        chosen={int(line): who for line, who in choices.get("people", {}).items()},
        known=known_presences(event),
    )


def _order(event: Event, report: Report, choices: Mapping[str, Any]) -> Order | None:
    if choices.get("order"):
        return Order(choices["order"])
    return likely_order(event, report)


def likely_order(event: Event, report: Report) -> Order | None:
    """Which number is the day, by the event's days."""
    first, last = to_local(event.starts_at, event.zone), to_local(event.ends_at, event.zone)
    return report.likely_order(first.date(), last.date())
