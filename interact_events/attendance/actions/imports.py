"""Importing attendance reports: kept, chosen from, applied at once, undone."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from interact_events.accounts.actions import on_deletion
from interact_events.accounts.models import User
from interact_events.attendance import queries, rules
from interact_events.attendance.actions.presence import (
    Noted,
    change_all,
    check_open,
    give_way,
    note_all,
    put_back,
    take_back_import,
)
from interact_events.attendance.models import (
    AttendanceAlias,
    AttendanceImport,
    NoShow,
    Presence,
)
from interact_events.attendance.queries import Preview
from interact_events.attendance.rules import Effect, Planned, Report, Source, as_json, from_json
from interact_events.core import audit, files
from interact_events.core.db import db, insert_new, lock
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.registrations.models import Registration, State

REPORTS = "attendance-reports"  # of the storage


# -- sending and choosing ------------------------------------------------------------------------


def check_report(event: Event, report: Report, now: datetime) -> None:
    """Refuse a report of other days than the event's."""
    choices = {"zone": report.stated_zone or event.zone}
    order = queries.likely_order(event, report) or rules.Order.DAY_FIRST
    reading = rules.read(report, order, rules.zone_of(choices["zone"]))
    rules.refuse_elsewhen(reading, event.starts_at, event.ends_at, event.zone)


def add_import(
    event: Event,
    report: Report,
    stored: files.Stored,
    name: str,
    *,
    actor: User,
    now: datetime,
) -> AttendanceImport:
    """Keep a report that is stored already; nothing is noted yet."""
    check_open(event)
    row = AttendanceImport(
        event_id=event.id,
        kind=report.kind,
        file_name=name,
        stored_as=stored.name,
        size=stored.size,
        sha256=stored.sha256,
        rows=len(report.entries),
        uploaded_at=now,
        uploaded_by_id=actor.id,
        choices={},
        people=0,
    )
    db.session.add(row)
    audit.record("attendance report sent", row, actor=actor, now=now, event_id=event.id)
    return row


def choose(
    row: AttendanceImport,
    *,
    zone: str,
    order: str,
    without: Sequence[int],
    people: Mapping[int, int | None],
) -> None:
    """Keep what staff chose, `people` by the line of the report (None: not decided)."""
    lock(row.event)
    db.session.refresh(row)
    if row.applied_at or not row.stored_as:
        return
    kept = dict(row.choices.get("people", {}))
    for line, who in people.items():
        kept.pop(str(line), None)
        if who is not None:
            kept[str(line)] = who
    row.choices = {"zone": zone, "order": order, "without": sorted(without), "people": kept}


# -- applying ------------------------------------------------------------------------------------


def apply_import(
    row: AttendanceImport, report: Report, *, seen: str, actor: User, now: datetime
) -> int:
    """Note what the report says, in one transaction; of how many people. `seen` names what staff
    looked at. A second press finds it done and changes nothing."""
    lock(row.event)
    check_open(row.event)
    db.session.refresh(row)
    if row.applied_at:
        return row.people
    preview = queries.preview(row, report, now)
    _check(row, preview, seen)
    changes = preview.changes
    new = [_noted(each) for each in changes if each.effect is Effect.NEW]
    more = [each for each in changes if each.known and each.effect is Effect.MORE]
    better = [each for each in changes if each.known and each.effect is Effect.BETTER]
    row.before = {
        "parts": [[each.id, as_json(each.spans)] for each in preview.built_on],
        "joins": give_way([each.known.id for each in better if each.known]),
        "no_shows": _no_shows(row.event, {each.registration_id for each in new}),
    }
    note_all(
        [*new, *map(_noted, better)], source=Source.IMPORT, actor=actor, now=now, import_id=row.id
    )
    change_all([(each.known.id, each.spans) for each in more if each.known])
    _remember(row, preview, actor, now)
    row.people = len(preview.changing)
    row.applied_at, row.applied_by_id = now, actor.id
    row.undone_at = row.undone_by_id = None
    facts = {"event_id": row.event_id, "people": row.people, "presences": len(changes)}
    audit.record("attendance imported", row, actor=actor, now=now, **facts)
    return row.people


def _check(row: AttendanceImport, preview: Preview, seen: str) -> None:
    if not row.stored_as:
        raise DomainError("The file was deleted meanwhile. Send the report again.")
    if preview.order is None:
        raise DomainError("Say first which number is the day.", "order")
    if preview.seen != seen:
        raise DomainError(
            "Meanwhile the agenda, the people or what is known of them has changed. "
            "Nothing is noted yet: look at the list once more."
        )
    if not preview.changes:
        raise DomainError(
            "There is nothing to note: choose people first, or all of it is noted already."
        )


def _noted(planned: Planned) -> Noted:
    return Noted(planned.registration_id, planned.session.id, planned.spans)


def _no_shows(event: Event, people: set[int]) -> list[list[Any]]:
    """Who was noted as not having come and now turns out to have: for undoing."""
    rows = db.session.scalars(
        select(NoShow)
        .join(Registration, Registration.id == NoShow.registration_id)
        .where(Registration.event_id == event.id)
    )
    return [
        [row.registration_id, row.noted_at.isoformat(), row.noted_by_id]
        for row in rows
        if row.registration_id in people
    ]


def _remember(row: AttendanceImport, preview: Preview, actor: User, now: datetime) -> None:
    """Under what name or address each of those joins whom staff have chosen."""
    chosen = [
        (m.attendee, who)
        for m in preview.matches
        if preview.is_chosen(m) and (who := preview.who(m)) and who != m.sure
    ]
    there = queries.aliases(row.event) if chosen else {}
    pairs = {
        (key, who.user_id)
        for attendee, who in chosen
        for key in rules.alias_keys(attendee)
        if who.user_id not in there.get(key, ())
    }
    common = {"import_id": row.id, "confirmed_at": now, "confirmed_by_id": actor.id}
    rows = [{"key": key, "user_id": user_id, **common} for key, user_id in sorted(pairs)]
    if rows:  # another event's staff may confirm the same at this moment
        insert_new([AttendanceAlias.key, AttendanceAlias.user_id], rows)


# -- undoing -------------------------------------------------------------------------------------


def undo_import(row: AttendanceImport, *, actor: User, now: datetime) -> int | None:
    """Restore what was noted before; how many presences stay because somebody corrected them
    since. Nothing where it is undone already."""
    event = row.event
    lock(event)
    check_open(event)
    db.session.refresh(row)
    if not row.applied_at:
        return None
    before = row.before or {"parts": [], "no_shows": []}
    _refuse_overlaid(row, before)
    mine = queries.pairs_of_import(row)
    stay = take_back_import(row.id)
    put_back([each for each in before.get("joins", ()) if (each[0], each[1]) in mine])
    change_all([(number, from_json(parts)) for number, parts in before["parts"]])
    _restore_no_shows(before["no_shows"])
    db.session.execute(delete(AttendanceAlias).where(AttendanceAlias.import_id == row.id))
    row.undone_at, row.undone_by_id = now, actor.id
    row.applied_at = row.applied_by_id = row.before = None
    facts = {"event_id": event.id, "people": row.people, "stay": stay}
    audit.record("attendance import undone", row, actor=actor, now=now, **facts)
    return stay


def _refuse_overlaid(row: AttendanceImport, before: dict[str, Any]) -> None:
    """What a later report has said as well is undone from the last one on."""
    mine = queries.presences_of_import(row) | {number for number, _ in before["parts"]}
    for later in queries.imports_after(row):
        if mine & {number for number, _ in (later.before or {}).get("parts", ())}:
            raise DomainError(
                f"“{later.file_name}” was noted later and builds on this one. Undo that first."
            )


def _restore_no_shows(rows: Sequence[Sequence[Any]]) -> None:
    """Unless they have been noted as present otherwise, or have given their seat back."""
    if not rows:
        return
    came = select(Presence.registration_id)
    absent = {
        number
        for at in range(0, len(rows), 1000)
        for number in db.session.scalars(
            select(Registration.id).where(
                Registration.id.in_([row[0] for row in rows[at : at + 1000]]),
                Registration.state == State.CONFIRMED,
                Registration.id.not_in(came),
            )
        )
    }
    values = [
        {"registration_id": number, "noted_at": datetime.fromisoformat(at), "noted_by_id": by}
        for number, at, by in rows
        if number in absent
    ]
    if values:
        insert_new([NoShow.registration_id], values)


# -- keeping no longer than needed ---------------------------------------------------------------


def discard_import(row: AttendanceImport, *, actor: User, now: datetime) -> None:
    """Delete the file of a report that is not noted; that it was sent stays."""
    lock(row.event)
    db.session.refresh(row)
    if row.applied_at:
        raise DomainError("Its attendance is noted. Undo that first.")
    if row.stored_as:
        _forget(row)
        audit.record("attendance report deleted", row, actor=actor, now=now)


def forget_reports(*, sent_before: datetime, now: datetime) -> int:
    """Delete the files that came before that, with the choices about them; how many."""
    rows = queries.imports_before(sent_before)
    for row in rows:
        _forget(row)
        audit.record("attendance report deleted", row, actor=None, now=now)
    return len(rows)


def _forget(row: AttendanceImport) -> None:
    if row.stored_as:
        files.remove_later(row.stored_as)
    row.stored_as, row.choices = None, {}


@on_deletion
def forget_aliases(user: User, _gone: str, _now: datetime) -> None:
    """The names and addresses under which somebody joins go with their account."""
    db.session.execute(delete(AttendanceAlias).where(AttendanceAlias.user_id == user.id))
