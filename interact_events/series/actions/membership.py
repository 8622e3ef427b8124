"""Which events are in a series, in which order, and which of them comes first."""

from datetime import datetime

from sqlalchemy import func, select

from interact_events.accounts.models import User
from interact_events.core import audit
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.events.actions import refuse_template
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event
from interact_events.interreg.models import Office
from interact_events.registrations import actions as registrations
from interact_events.series import queries
from interact_events.series.models import Series, SeriesEvent
from interact_events.series.rules import reordered

MOST = 40  # events of one series


def add_series(
    office: Office, name: str, *, is_ordered: bool, actor: User, now: datetime
) -> Series:
    series = Series(
        office=office, name=name, is_ordered=is_ordered, created_at=now, created_by_id=actor.id
    )
    db.session.add(series)
    audit.record("created", series, actor=actor, now=now, name=name)
    return series


def change_series(
    series: Series, name: str, *, is_ordered: bool, actor: User, now: datetime
) -> None:
    """Without an order, no event of it comes first any more."""
    lock(series)
    if (series.name, series.is_ordered) == (name, is_ordered):
        return
    series.name, series.is_ordered = name, is_ordered
    if not is_ordered:
        for member in _by_number(series):
            _free(member, actor=actor, now=now)
    audit.record("edited", series, actor=actor, now=now, name=name, is_ordered=is_ordered)


def put_into(series: Series, event: Event, *, actor: User, now: datetime) -> None:
    """At the end; an event is in one series at most."""
    lock(series)
    refuse_template(event)
    db.session.flush()
    place = queries.place_of(event)
    if place and place.series_id == series.id:
        return
    if place:
        raise DomainError(f"“{event.title}” is in the series “{place.series.name}” already.")
    position, number = db.session.execute(
        select(func.coalesce(func.max(SeriesEvent.position), 0), func.count()).where(
            SeriesEvent.series_id == series.id
        )
    ).one()
    if number >= MOST:
        raise DomainError(f"A series can have {MOST} events.")
    db.session.add(SeriesEvent(event_id=event.id, series_id=series.id, position=position + 1))
    audit.record("put into a series", event, actor=actor, now=now, about=series.name)


def take_out(series: Series, event: Event, *, actor: User, now: datetime) -> None:
    """The event stays as it is; that it, or another one because of it, comes later ends."""
    lock(series)
    for member in _by_number(series):
        if event.id in (member.event.id, member.after_id):
            _free(member, actor=actor, now=now)
    place = queries.place_of(event)
    if place and place.series_id == series.id:
        db.session.delete(place)
        db.session.flush()
        audit.record("taken out of a series", event, actor=actor, now=now, about=series.name)


def delete_series(series: Series, *, actor: User, now: datetime) -> None:
    """Its events stay, each for itself."""
    for member in _by_number(series):
        take_out(series, member.event, actor=actor, now=now)
    audit.record("deleted", series, actor=actor, now=now, name=series.name)
    db.session.delete(series)


def move_in_order(series: Series, event: Event, *, up: bool, actor: User, now: datetime) -> None:
    lock(series)
    rows = db.session.scalars(
        select(SeriesEvent)
        .where(SeriesEvent.series_id == series.id)
        .order_by(SeriesEvent.position, SeriesEvent.event_id)
    ).all()
    by_number = {row.event_id: row for row in rows}
    if event.id not in by_number:
        return
    for position, number in enumerate(reordered(list(by_number), event.id, up=up), start=1):
        by_number[number].position = position
    audit.record("order changed", series, actor=actor, now=now, event=event.id)


def put_after(
    series: Series, event: Event, earlier: Event | None, *, actor: User, now: datetime
) -> bool:
    """Only who has a seat at `earlier` may register from now on; nobody who is on the list loses
    anything by it. Says whether that is new."""
    lock(series)
    if earlier and not series.is_ordered:
        raise DomainError("The events of this series follow no order. Change that first.")
    numbers = {member.event.id for member in queries.members_of(series)}
    if not {event.id, earlier.id if earlier else event.id} <= numbers:
        raise DomainError("Choose an event of this series.")
    return registrations.put_after(event, earlier, actor=actor, now=now)


def _by_number(series: Series) -> list[queries.Member]:
    """In the order in which events are locked."""
    return sorted(queries.members_of(series), key=lambda member: member.event.id)


def _free(member: queries.Member, *, actor: User, now: datetime) -> None:
    """What is cancelled stays as it was: nobody registers there any more. Another office's event
    is opened to everybody by its own editors only."""
    event = member.event
    if member.after_id is None or event.is_cancelled:
        return
    if not can_edit_event(actor, event):
        raise DomainError(
            f"“{event.title}” would be open to people without a seat at another event first. "
            f"Only editors of {event.office.name} can change that."
        )
    registrations.put_after(event, None, actor=actor, now=now)
