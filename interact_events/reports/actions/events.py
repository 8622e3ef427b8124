"""The events of the demo, with their rules and agendas."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from interact_events.certificates.actions import set_languages
from interact_events.core import words
from interact_events.core.clock import to_local, to_utc
from interact_events.core.db import db
from interact_events.events.actions import EventValues, cancel_event, create_event, publish_event
from interact_events.events.models import Admission, Event, Kind, Mode, Session
from interact_events.interreg.models import Objective
from interact_events.registrations.actions import (
    CapValues,
    HoldValues,
    SeatValues,
    StepValues,
    add_code,
    set_seat_rules,
)
from interact_events.registrations.models import Promotion, Reconfirmation
from interact_events.registrations.rules import Dimension
from interact_events.reports import rules
from interact_events.reports.actions.network import GERMAN, OLD_PERIOD, Network
from interact_events.reports.actions.places import add_registrations

LANGUAGES = {GERMAN: ("de", "en"), "turku": ("en", "fi"), "valencia": ("en", "es")}  # of those
ROOMS = ("Hall A", "Hall B", "Room 3", "Room 4", "Room 5")


def add_event(network: Network, plan: rules.Plan) -> Event:
    """The event as its office would have made it, on the days when it would have."""
    slots = _slots(network, plan)
    values = _values(network, plan, slots)
    office, actor = network.offices[plan.office], network.staff[plan.office][0]
    published_at = _published_at(network, values)
    event = create_event(
        office, values, actor=actor, now=published_at - timedelta(days=9), host=network.host
    )
    event.sessions = [_session(network, event, slot) for slot in slots if plan.agenda]
    _set_rules(network, plan, event, values, now=published_at - timedelta(days=8))
    db.session.flush()
    if spoken := LANGUAGES.get(plan.office):
        set_languages(event, spoken, actor=actor, now=published_at - timedelta(days=8))
    if plan.state == "draft":
        return event
    publish_event(event, actor=actor, now=published_at)
    add_registrations(network, plan, event)
    if plan.state == "cancelled":
        cancel_event(event, plan.extra, actor=actor, now=network.now - timedelta(days=2))
    db.session.flush()
    return event


def _slots(network: Network, plan: rules.Plan) -> list[rules.Slot]:
    """The agenda; a plan without one still needs times: those of a usual day."""
    shape = network.agendas[plan.agenda or "day"]
    first = rules.workday(_today(network, plan), plan.offset)
    days = rules.days_around(first, len(shape))
    return rules.agenda(days, shape, network.themes[plan.theme]["sessions"])


def _today(network: Network, plan: rules.Plan) -> date:
    return to_local(network.now, network.offices[plan.office].zone).date()


def _published_at(network: Network, values: EventValues) -> datetime:
    """Two months ahead, but some days ago at the latest."""
    two_months_ahead = to_utc(values.starts, values.zone) - timedelta(days=60)
    return min(two_months_ahead, network.now - timedelta(days=network.rng.randint(4, 25)))


def _values(network: Network, plan: rules.Plan, slots: Sequence[rules.Slot]) -> EventValues:
    theme, office = network.themes[plan.theme], network.offices[plan.office]
    period, mode = network.periods[plan.period], Mode(plan.mode)
    is_bare = plan.extra == "bare"
    return EventValues(
        title=plan.title or theme["titles"][0],
        summary="" if is_bare else theme["summary"],
        description="" if is_bare else theme["description"],
        learning_objectives="" if is_bare else theme["objectives"],
        kind=Kind(plan.kind),
        mode=mode,
        language="de" if plan.theme.endswith("-de") else "en",
        period=period,
        objective=_objective(network, plan.period, theme["objective"]),
        roles=tuple(network.roles[code] for code in theme["roles"]),
        topics=tuple(network.topics[code] for code in theme["topics"]),
        co_organisers=tuple(network.offices[code] for code in plan.organisers),
        zone=office.zone,
        starts=slots[0].starts,
        ends=max(slot.ends for slot in slots),
        admission=Admission.SELECTION if plan.by_selection else Admission.FIRST_COME,
        capacity=plan.capacity,
        registration_opens=_day_at(network, plan, plan.opens, 10),
        registration_closes=_closes(network, plan, slots[0].starts),
        contact_name=network.staff[plan.office][1].name,
        contact_email=office.email,
        **_where(network, plan, mode, is_bare=is_bare),
        **_costs(plan, mode),
    )


def _objective(network: Network, period: str, code: str) -> Objective:
    return network.objectives[period, f"SO{code}" if period == OLD_PERIOD else code]


def _where(network: Network, plan: rules.Plan, mode: Mode, *, is_bare: bool) -> dict[str, Any]:
    office, values = network.offices[plan.office], dict[str, Any]()
    if mode.has_place and not is_bare:
        venue, address, coordinates = network.venues[plan.office]
        values |= {"venue": venue, "address": address, "coordinates": coordinates}
        values |= {"city": office.city, "country": office.country}
    if mode.has_link and not is_bare:
        values["joining_url"] = f"https://meet.example/{words.slug(plan.title)}"
    return values


def _costs(plan: rules.Plan, mode: Mode) -> dict[str, Any]:
    budget = Decimal(plan.capacity * (140 if mode.has_place else 6))
    notes = "The room is booked; catering for all seats." if mode.has_place else ""
    is_over = plan.offset < 0
    return {
        "budgeted_cost": budget,
        "actual_cost": budget * Decimal("0.93") if is_over else None,
        "internal_notes": notes,
    }


def _day_at(network: Network, plan: rules.Plan, offset: int | None, hour: int) -> datetime | None:
    if offset is None:
        return None
    return datetime.combine(rules.workday(_today(network, plan), offset), time(hour))


def _closes(network: Network, plan: rules.Plan, starts: datetime) -> datetime | None:
    """As planned; else a week before where people travel, and at the start where they don't."""
    if plan.closes is not None:
        return _day_at(network, plan, plan.closes, 18)
    if plan.mode == "online" or not plan.agenda:
        return None
    return datetime.combine(starts.date() - timedelta(days=7), time(18))


def _set_rules(
    network: Network, plan: rules.Plan, event: Event, values: EventValues, *, now: datetime
) -> None:
    """What the event asks beyond the usual; two of five seats of a hybrid one are online."""
    online = plan.capacity * 2 // 5 if event.mode is Mode.HYBRID else 0
    event.online_capacity = online
    if not plan.rules:
        return
    asked = network.seat_rules[plan.rules]
    actor = network.staff[plan.office][0]
    for session in rules.parallel(event.sessions) if "choices" in asked else ():
        session.capacity = asked["choices"]
    db.session.flush()
    seats = SeatValues(
        admission=values.admission,
        capacity=values.capacity,
        online_capacity=online,
        registration_opens=values.registration_opens,
        registration_closes=values.registration_closes,
        roles=values.roles,
        strands=values.strands,
        by_invitation=asked.get("by_invitation", False),
        promotion=Promotion(asked.get("promotion", "automatic")),
        offer_hours=asked.get("offer_hours", 48),
        decision_on=_workday(network, plan, asked.get("decision_on")),
        caps=tuple(_cap(network, plan, cap) for cap in asked.get("caps", ())),
        holds=tuple(_hold(network, plan, hold) for hold in asked.get("holds", ())),
        reconfirm_on_site=_reconfirmation(asked, "reconfirm_on_site"),
        reconfirm_online=_reconfirmation(asked, "reconfirm_online"),
    )
    set_seat_rules(event, seats, actor=actor, now=now)
    if "code" in asked:
        add_code(event, asked["code"], plan.capacity, actor=actor, now=now)


def _workday(network: Network, plan: rules.Plan, offset: int | None) -> date | None:
    return None if offset is None else rules.workday(_today(network, plan), offset)


def _cap(network: Network, plan: rules.Plan, cap: dict[str, Any]) -> CapValues:
    return CapValues(
        per=Dimension(cap["per"]),
        role=network.roles.get(cap.get("role", "")),
        steps=tuple(
            StepValues(since=_day_at(network, plan, since, 12), most=most)
            for since, most in cap["steps"]
        ),
    )


def _hold(network: Network, plan: rules.Plan, hold: dict[str, Any]) -> HoldValues:
    until = _day_at(network, plan, hold["until"], 12)
    assert until
    roles = tuple(network.roles[code] for code in hold["roles"])
    return HoldValues(roles=roles, seats=hold["seats"], until=until)


def _reconfirmation(asked: dict[str, Any], name: str) -> Reconfirmation | None:
    return Reconfirmation(*asked[name]) if name in asked else None


def _session(network: Network, event: Event, slot: rules.Slot) -> Session:
    return Session(
        uid=f"{uuid4()}@{network.host}",
        title=slot.title,
        starts_at=to_utc(slot.starts, event.zone),
        ends_at=to_utc(slot.ends, event.zone),
        room=ROOMS[slot.room] if event.mode.has_place and slot.is_learning else "",
        speakers=_speakers(network) if slot.is_learning else "",
        is_learning=slot.is_learning,
        sequence=0,
        revised_at=event.created_at,
    )


def _speakers(network: Network) -> str:
    experts = network.pools["JS", False] + network.pools["MA", False]
    return words.listed([c.name for c in network.rng.sample(experts, network.rng.randint(1, 2))])
