"""Reading imports of planned events, and the events that they may be about."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from interact_events.accounts.models import User
from interact_events.calendars.models import EventImport, ImportedEvent
from interact_events.calendars.rules.plans import Known
from interact_events.core.clock import zones
from interact_events.core.db import db
from interact_events.core.words import folded
from interact_events.events.models import LANGUAGES, Event, Kind, Mode, Session
from interact_events.events.queries import rows_of
from interact_events.interreg.models import Country, Office


def imports_of(office: Office) -> Sequence[EventImport]:
    """What waits for a press, latest first."""
    with_people = joinedload(EventImport.uploaded_by).lazyload(User.memberships)
    query = select(EventImport).where(EventImport.office_id == office.id).options(with_people)
    return db.session.scalars(query.order_by(EventImport.id.desc())).all()


def import_of(office: Office, number: int) -> EventImport | None:
    query = select(EventImport).where(EventImport.office_id == office.id, EventImport.id == number)
    return db.session.scalar(query)


def is_waiting(number: int) -> bool:
    """Whether nobody has applied it or thrown it away meanwhile."""
    return db.session.scalar(select(EventImport.id).where(EventImport.id == number)) is not None


def known_at(office: Office) -> Known:
    """What the texts of a file may mean."""
    countries = rows_of(Country)
    codes = {folded(country.code): country.code for country in countries}
    return Known(
        zone=office.zone,
        zones={folded(zone): zone for zone in zones()},
        countries=codes | {folded(country.name): country.code for country in countries},
        languages={folded(text): code for code, name in LANGUAGES.items() for text in (code, name)},
        kinds={folded(text): kind.value for kind in Kind for text in (kind.value, kind.label)},
        modes={folded(text): mode.value for mode in Mode for text in (mode.value, mode.label)},
    )


def countries_by_code() -> dict[str, Country]:
    return {country.code: country for country in rows_of(Country)}


def events_known_as(office: Office, uids: Collection[str]) -> dict[str, Event]:
    """The office's events by the ids of a file: those that a file gave them, and their own."""
    events = _planned_by(office).options(*_with_everything())
    own = db.session.scalars(events.where(Event.uid.in_(uids))).unique()
    imported = events.join(ImportedEvent, ImportedEvent.event_id == Event.id)
    rows = db.session.execute(
        imported.where(ImportedEvent.uid.in_(uids)).add_columns(ImportedEvent.uid)
    ).unique()
    return {event.uid: event for event in own} | {uid: event for event, uid in rows}


def events_of_sessions(office: Office, uids: Collection[str]) -> dict[str, Event]:
    """The office's events by the ids of their sessions, which is what their calendars hold."""
    query = _planned_by(office).join(Session, Session.event_id == Event.id)
    rows = db.session.execute(query.where(Session.uid.in_(uids)).add_columns(Session.uid))
    return {uid: event for event, uid in rows.unique()}


def _planned_by(office: Office) -> Select[Event]:
    """No file reaches a template."""
    return select(Event).where(Event.office_id == office.id, ~Event.is_template)


def _with_everything() -> list[Any]:
    several = (Event.roles, Event.strands, Event.topics, Event.co_organisers, Event.sessions)
    return [selectinload(each) for each in several]
