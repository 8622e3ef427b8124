"""Events, saved or typed, as plans."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.core.words import folded
from interact_events.events.models import (
    Event,
    EventState,
    Mode,
    Session,
    event_roles,
    event_topics,
)
from interact_events.interreg.models import Office
from interact_events.registrations.models import Registration, SeatRules
from interact_events.registrations.queries import REACHED
from interact_events.scheduling.queries.network import Network
from interact_events.scheduling.rules import Named, Plan, Slot, named, speakers_of

COLUMNS = (
    *(Event.id, Event.office_id, Event.state, Event.title, Event.slug, Event.mode, Event.zone),
    *(Event.starts_at, Event.ends_at, Event.published_at, Event.country_id),
    *(Event.venue, Event.city, Event.contact_name),
)


@dataclass
class _Gathered:
    """What other tables say of the events, by their numbers."""

    roles: dict[int, set[Named]] = field(default_factory=lambda: defaultdict(set))
    topics: dict[int, set[Named]] = field(default_factory=lambda: defaultdict(set))
    sessions: dict[int, list[Any]] = field(default_factory=lambda: defaultdict(list))
    limits: dict[int, dict[str, Any]] = field(default_factory=dict)
    people: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    partners: dict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))


def plans_within(start: datetime, end: datetime, network: Network) -> dict[int, Plan]:
    """What takes place between the instants, or may: drafts of every office among it."""
    may_be = (Event.state != EventState.CANCELLED, ~Event.is_template)
    within = (Event.starts_at < end, Event.ends_at > start, *may_be)
    rows = db.session.execute(select(*COLUMNS).where(*within).order_by(Event.starts_at, Event.id))
    gathered = _gathered(within, network)
    return {row.id: _plan(row, gathered, network) for row in rows}


def plan_of_event(event: Event, network: Network) -> Plan | None:
    """Nothing of a cancelled one."""
    return plans_within(event.starts_at, event.ends_at, network).get(event.id)


def _gathered(within: Iterable[ColumnElement[bool]], network: Network) -> _Gathered:
    gathered, ids = _Gathered(), select(Event.id).where(*within)
    for link, known, found in (
        (event_roles, network.roles, gathered.roles),
        (event_topics, network.topics, gathered.topics),
    ):
        for event, number in db.session.execute(select(link).where(link.c.event_id.in_(ids))):
            if number in known:
                found[event].add(known[number])
    columns = (Session.event_id, Session.starts_at, Session.ends_at, Session.room, Session.speakers)
    on_agenda = (Session.event_id.in_(ids), Session.cancelled_at.is_(None))
    for row in db.session.execute(select(*columns).where(*on_agenda)):
        gathered.sessions[row.event_id].append(row)
    limits = select(SeatRules.event_id, SeatRules.limits).where(SeatRules.event_id.in_(ids))
    gathered.limits = {row[0]: row[1] for row in db.session.execute(limits)}
    _count_people(gathered, ids, network)
    return gathered


def _count_people(gathered: _Gathered, ids: Any, network: Network) -> None:
    """Who is coming, waits or hopes: all of them have the day in their diaries."""
    by = (Registration.event_id, Registration.country_id, Registration.programme_id)
    query = (
        select(*by, func.count())
        .where(Registration.event_id.in_(ids), Registration.state.in_(REACHED))
        .group_by(*by)
    )
    for event, country, programme, number in db.session.execute(query):
        gathered.people[event][network.code_of(country) or ""] += number
        if programme:
            gathered.partners[event][programme] += number


def _plan(row: Any, gathered: _Gathered, network: Network) -> Plan:
    office, limits = network.offices[row.office_id], gathered.limits.get(row.id, {})
    return Plan(
        id=row.id,
        office=office.id,
        zone=row.zone,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        host=_host(office, row.mode, row.country_id, network),
        title=row.title,
        slug=row.slug,
        office_code=office.code,
        office_city=office.city,
        is_draft=row.state is EventState.DRAFT,
        has_place=row.mode.has_place,
        has_link=row.mode.has_link,
        venue=_venue(row.mode, row.venue, row.city),
        contact=_contact(row.contact_name, network),
        slots=tuple(_slot(session, row.zone) for session in gathered.sessions.get(row.id, ())),
        roles=frozenset(gathered.roles.get(row.id, ())),
        topics=frozenset(gathered.topics.get(row.id, ())),
        countries=network.meant_by(limits.get("countries", ()), limits.get("programmes", ())),
        programmes=frozenset(limits.get("programmes", ())),
        published_at=row.published_at,
        people=gathered.people.get(row.id, {}),
        partners=gathered.partners.get(row.id, {}),
    )


def _slot(session: Any, zone: str) -> Slot:
    return Slot(
        day=to_local(session.starts_at, zone).date(),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        room=named(session.room),
        speakers=speakers_of(session.speakers),
    )


def _host(office: Office, mode: Mode, country_id: int | None, network: Network) -> str:
    """Where it takes place; online, or while nobody has said it, at the office."""
    there = network.code_of(country_id) if mode.has_place else None
    return there or office.country.code


def _venue(mode: Mode, venue: str, city: str) -> Named | None:
    house = named(venue) if mode.has_place else None
    return house and Named(f"{house.key}|{folded(city)}", house.text)


def _contact(name: str, network: Network) -> Named | None:
    return None if folded(name) in network.office_names else named(name)


# -- while somebody types ------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class TypedDates:
    """What a form says so far of an event that is new, or of `event`. Roles are empty where the
    form does not ask for them."""

    office: Office
    event: Event | None
    zone: str
    starts_at: datetime
    ends_at: datetime
    mode: Mode
    venue: str = ""
    city: str = ""
    country_id: int | None = None
    contact_name: str = ""
    roles: frozenset[int] | None = None
    topics: frozenset[int] = frozenset()


def typed_plan(typed: TypedDates, network: Network) -> Plan:
    """The plan as it would be saved."""
    saved = plan_of_event(typed.event, network) if typed.event else None
    base = saved or Plan(
        id=None,
        office=typed.office.id,
        zone=typed.zone,
        starts_at=typed.starts_at,
        ends_at=typed.ends_at,
        host="",
        countries=network.participating,
    )
    return replace(
        base,
        zone=typed.zone,
        starts_at=typed.starts_at,
        ends_at=typed.ends_at,
        host=_host(typed.office, typed.mode, typed.country_id, network),
        has_place=typed.mode.has_place,
        has_link=typed.mode.has_link,
        venue=_venue(typed.mode, typed.venue, typed.city),
        contact=_contact(typed.contact_name, network),
        slots=_moved_along(base, typed),
        roles=base.roles if typed.roles is None else _known(network.roles, typed.roles),
        topics=_known(network.topics, typed.topics),
    )


def _known(names: Mapping[int, Named], numbers: Iterable[int]) -> frozenset[Named]:
    return frozenset(names[number] for number in numbers if number in names)


def _moved_along(base: Plan, typed: TypedDates) -> tuple[Slot, ...]:
    """As saving does it: an agenda that would no longer fit moves with the start."""
    if all(typed.starts_at <= s.starts_at and s.ends_at <= typed.ends_at for s in base.slots):
        return base.slots
    return _shifted(base, typed.starts_at, typed.zone)


def _shifted(base: Plan, starts_at: datetime, zone: str) -> tuple[Slot, ...]:
    shift = starts_at - base.starts_at
    return tuple(
        replace(
            slot,
            day=to_local(slot.starts_at + shift, zone).date(),
            starts_at=slot.starts_at + shift,
            ends_at=slot.ends_at + shift,
        )
        for slot in base.slots
    )


def moved_plan(plan: Plan, starts_at: datetime, ends_at: datetime) -> Plan:
    """The plan at other times, its agenda along with it."""
    slots = _shifted(plan, starts_at, plan.zone)
    return replace(plan, starts_at=starts_at, ends_at=ends_at, slots=slots)
