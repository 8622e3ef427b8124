"""What a check-in desk reads: it asks every few seconds, so columns instead of objects."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, String, cast, null, select, union_all

from interact_events.accounts.models import User
from interact_events.attendance.models import Correction, DeskTick, NoShow, Presence
from interact_events.attendance.rules import Source, plain
from interact_events.core.db import db
from interact_events.core.words import folded
from interact_events.events.models import Event
from interact_events.interreg.models import Country
from interact_events.registrations.models import Registration, State

Pair = tuple[int, int]  # registration, session


@dataclass(frozen=True)
class Person:
    """A row of the desk's list."""

    id: int
    name: str
    institution: str
    country: str

    @property
    def latin_name(self) -> str:
        return _latin(self.name)

    @property
    def latin_institution(self) -> str:
        return _latin(self.institution)


def _latin(text: str) -> str:
    """What search finds it by where a browser can't know: a browser takes off marks alone."""
    written = folded(text)
    return "" if written == plain(text) else written


def people(event: Event) -> list[Person]:
    """The confirmed, in the order of their numbers."""
    rows = db.session.execute(
        select(Registration.id, Registration.name, Registration.institution, Country.name)
        .join(Country, Country.id == Registration.country_id)
        .where(Registration.event_id == event.id, Registration.state == State.CONFIRMED)
        .order_by(Registration.id)
    )
    return [Person(*row) for row in rows]


def locked_registrations(event: Event, numbers: Collection[int]) -> dict[int, Registration]:
    """Those of the event, held until the transaction ends: two desks may tick one person."""
    rows = db.session.scalars(
        select(Registration)
        .where(Registration.event_id == event.id, Registration.id.in_(numbers))
        .order_by(Registration.id)
        .with_for_update(of=Registration)
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


@dataclass(frozen=True)
class Before:
    """What is known of those whom ticks are about, before they are taken."""

    keys: set[str]  # of ticks that have counted already
    noted: dict[Pair, tuple[Source, datetime]]  # how and when they were noted
    newest: dict[Pair, datetime]  # when they were last ticked elsewhere, or staff corrected them
    no_shows: set[int]  # registrations


def before(numbers: Collection[int], desk: str, actor: User) -> Before:
    """By one read for all of those registrations.

    Elsewhere is another desk, or another person at this one: on a shared phone each person's
    presses wait in a queue of their own.
    """
    found = Before(set(), {}, {}, set())
    for number, session, at, source, key, *by in db.session.execute(_known_of(numbers)):
        if source is not None:
            found.noted[number, session] = Source(source), at
        elif session is None:
            found.no_shows.add(number)
        else:
            if key:
                found.keys.add(key)
            if by != [desk, actor.id]:
                _newer(found.newest, (number, session), at)
    return found


def _newer(newest: dict[Pair, datetime], pair: Pair, at: datetime) -> None:
    newest[pair] = max(at, newest.get(pair, at))


def _known_of(numbers: Collection[int]) -> CompoundSelect[Any, Any, Any, Any, Any, Any, Any]:
    """Presences by their source, desks' ticks by their key; corrections have neither, no-shows no
    session."""
    here, tick, put_right, absent = Presence, DeskTick, Correction, NoShow
    source, who, key, desk = cast(here.source, String), here.registration_id, tick.key, tick.desk
    nothing = [null()] * 4
    columns: tuple[tuple[Any, ...], ...] = (
        (who, here.session_id, here.recorded_at, source, null(), null(), null()),
        (
            tick.registration_id,
            tick.session_id,
            tick.pressed_at,
            null(),
            key,
            desk,
            tick.taken_by_id,
        ),
        (put_right.registration_id, put_right.session_id, put_right.corrected_at, *nothing),
        (absent.registration_id, null(), absent.noted_at, *nothing),
    )
    return union_all(
        *(select(number, *rest).where(number.in_(numbers)) for number, *rest in columns)
    )
