"""Who registers in the demo, and what place they get."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any

from sqlalchemy import insert, select

from interact_events.core import words
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.events.models import Event, Mode
from interact_events.registrations.actions import recount
from interact_events.registrations.models import Needs, Registration, SeatInvitation, SessionChoice
from interact_events.registrations.queries import rules_of
from interact_events.registrations.rules import (
    SEATED,
    Applicant,
    SeatsTaken,
    State,
    decide,
    shortages,
)
from interact_events.reports import rules
from interact_events.reports.actions.afterwards import add_presences, certify
from interact_events.reports.actions.network import OLD_PERIOD, Candidate, Network, inserted

FEW_SEATS = "There were more applications than seats; other regions had no seat yet."
NEEDS = (
    {"diet": "Vegetarian"},
    {"diet": "Vegan"},
    {"diet": "No gluten"},
    {"diet": "No nuts"},
    {"access": "Step-free access, I use a wheelchair"},
    {"access": "A seat in front, I read lips"},
)


@dataclass(frozen=True)
class Place:
    """Somebody at an event, with what they have got."""

    candidate: Candidate
    state: State
    is_online: bool


def add_registrations(network: Network, plan: rules.Plan, event: Event) -> None:
    """The queue in order of arrival, with what each has got, and the event's counts."""
    queue = _queue(network, plan, event)
    last = min(event.closes_at, network.now)
    first = max(event.published_at or last, event.registration_opens_at or event.created_at)
    arrivals = rules.moments(network.rng, len(queue), first, last)
    code = db.session.scalar(select(SeatInvitation.id).filter_by(event_id=event.id))
    rows = [
        _registration(network, event, place, at) | {"invitation_id": code}
        for place, at in zip(queue, arrivals, strict=True)
    ]
    numbers = inserted(Registration, rows)
    _add_choices(plan, event, [n for n, row in zip(numbers, rows, strict=True) if _stands(row)])
    event.seats_taken = sum(place.state in SEATED for place in queue)
    event.waiting = sum(place.state is State.WAITLISTED for place in queue)
    recount(event)
    db.session.flush()
    guests = _guests(network)
    confirmed = [
        (number, place.candidate.user_id in guests)
        for number, place in zip(numbers, queue, strict=True)
        if place.state is State.CONFIRMED
    ]
    _add_trail(numbers, rows)
    _add_needs(network, event, [number for number, _ in confirmed])
    if plan.aftermath:
        add_presences(network, plan, event, confirmed)
    if plan.aftermath == "certified":
        certify(network, plan, event, [number for number, _ in confirmed])


def _stands(row: dict[str, Any]) -> bool:
    return row["state"] not in (State.CANCELLED, State.DECLINED)


def _guests(network: Network) -> set[int]:
    """The numbers of the known accounts."""
    return {c.user_id for candidates in network.guests.values() for c in candidates}


def _add_choices(plan: rules.Plan, event: Event, registrations: Sequence[int]) -> None:
    """Each chooses one of the sessions at the same time, where a seat is left."""
    rng = Random(plan.title)  # noqa: S311  # made-up people, not secrets
    left = {session.id: session.capacity or 0 for session in event.chosen_sessions}
    rows = []
    for _, together in groupby(event.chosen_sessions, key=lambda session: session.starts_at):
        numbers = [session.id for session in together]
        for registration in registrations:
            free = [number for number in numbers if left[number]]
            if free:
                chosen = rng.choice(free)
                left[chosen] -= 1
                rows.append({"registration_id": registration, "session_id": chosen})
    if rows:
        db.session.execute(insert(SessionChoice), rows)


def _queue(network: Network, plan: rules.Plan, event: Event) -> list[Place]:
    """Every twentieth has cancelled again; the others stand where the rules put them."""
    people = _applicants(network, plan, event)
    gone = len(people) // 20
    number, is_over = len(people) - gone, event.ends_at <= network.now
    states: list[State | None] = [None] * number
    if plan.by_selection:
        states = [*rules.selected(number, plan.capacity, is_over=is_over)]
    for _ in range(gone):
        states.insert(network.rng.randrange(len(states)), State.CANCELLED)
    asked = list(zip(people, states, strict=True))
    for who, state in plan.guests:
        asked = _with_guest(network, plan, event, asked, who, State(state))
    places = _placed(network, plan, event, asked)
    return _with_offer(network, places) if plan.rules == "offer" else places


Asked = tuple[Candidate, State | None]


def _placed(
    network: Network, plan: rules.Plan, event: Event, asked: Sequence[Asked]
) -> list[Place]:
    """Who has no state yet gets, one after the other, what the rules have for them."""
    rng = Random(plan.title)  # noqa: S311  # made-up people, not secrets
    wanted, taken = rules_of(event), SeatsTaken()
    places = []
    for candidate, state in asked:
        modes = _modes(event, wishes_online=rng.random() < 0.4)
        applicants = [_applicant(network, candidate, is_online=mode) for mode in modes]
        best = min(applicants, key=lambda one: bool(shortages(wanted, taken, one, network.now)))
        got = state or decide(wanted, taken, best, network.now).state or State.DECLINED
        if got in SEATED:
            taken.give(best)
        places.append(Place(candidate, got, best.is_online))
    return places


def _modes(event: Event, *, wishes_online: bool) -> tuple[bool, ...]:
    """In which way somebody would come, first choice first."""
    if event.mode is Mode.HYBRID:
        return wishes_online, not wishes_online
    return (event.mode is Mode.ONLINE,)


def _applicant(network: Network, candidate: Candidate, *, is_online: bool) -> Applicant:
    capacity = candidate.capacity
    return Applicant(
        role=network.roles[capacity.role].id,
        country=candidate.country_id,
        institution=words.folded(capacity.institution),
        programme=capacity.programme_id,
        is_online=is_online,
        is_invited=True,
    )


def _with_offer(network: Network, places: list[Place]) -> list[Place]:
    """The last of those who had a seat has given it up: it is offered to the first in line."""
    guests = _guests(network)
    leaves = max(i for i, p in enumerate(places) if p.state is State.CONFIRMED)
    gets = min(i for i, p in enumerate(places) if p.state is State.WAITLISTED)
    assert places[gets].candidate.user_id not in guests
    changed = {leaves: State.CANCELLED, gets: State.OFFERED}
    return [replace(p, state=changed.get(i, p.state)) for i, p in enumerate(places)]


def _applicants(network: Network, plan: rules.Plan, event: Event) -> list[Candidate]:
    """Different people whom the event invites, by chance."""
    is_old = plan.period == OLD_PERIOD
    codes = [role.code for role in event.roles] or list(network.roles)
    pool = [c for code in codes for c in network.pools[code, is_old]]
    chosen: dict[int, Candidate] = {}
    for candidate in network.rng.sample(pool, min(len(pool), plan.applicants * 2)):
        chosen.setdefault(candidate.user_id, candidate)
    return list(chosen.values())[: plan.applicants]


def _with_guest(
    network: Network,
    plan: rules.Plan,
    event: Event,
    asked: list[Asked],
    who: str,
    wanted: State,
) -> list[Asked]:
    """A known account in the last place in which it gets the wanted state."""
    invited = {role.code for role in event.roles}
    capacities = [c for c in network.guests[who] if not invited or c.capacity.role in invited]
    guests = _guests(network)
    for place in reversed(range(len(asked))):
        candidate, state = asked[place]
        if candidate.user_id in guests or state not in (None, wanted):
            continue
        tried = [*asked[:place], (capacities[-1], state), *asked[place + 1 :]]
        if _placed(network, plan, event, tried)[place].state is wanted:
            return tried
    raise ValueError(f"no place for {who} as {wanted} at {plan.title}")


def _registration(network: Network, event: Event, place: Place, at: datetime) -> dict[str, Any]:
    """A row as the one transition function would have left it."""
    candidate, state = place.candidate, place.state
    capacity, role = candidate.capacity, network.roles[candidate.capacity.role]
    is_offered = state is State.OFFERED
    decided_at = network.now if is_offered else at
    return {
        "event_id": event.id,
        "user_id": candidate.user_id,
        "profile_id": candidate.profile_id,
        "state": state,
        "submitted_at": at,
        "decided_at": None if state is State.PENDING else decided_at,
        "answer_by": network.now + timedelta(hours=48) if is_offered else None,
        "moves": 2 if is_offered else 1,
        "is_online": place.is_online,
        "reason": FEW_SEATS if state is State.DECLINED else "",
        "name": candidate.name,
        "institution": capacity.institution,
        "role_id": role.id,
        "role_label": role.label_in(event.period_id),
        "programme_id": capacity.programme_id,
        "country_id": candidate.country_id,
        "search_text": words.folded(
            f"{candidate.name} {candidate.email} {capacity.institution} {capacity.programme}"
        ),
        "may_be_listed": at.minute % 3 > 0,
        "may_be_photographed": at.minute % 2 > 0,
    }


def _add_trail(numbers: Sequence[int], rows: Sequence[dict[str, Any]]) -> None:
    """What the audit trail says of each: they registered, and what they got."""
    trail = [
        {
            "at": row["submitted_at"],
            "actor_id": row["user_id"],
            "action": row["state"].value,
            "subject_type": Registration.__tablename__,
            "subject_id": number,
            "changes": {"from": "unconfirmed", "to": row["state"].value, "reason": row["reason"]},
        }
        for number, row in zip(numbers, rows, strict=True)
    ]
    if trail:
        db.session.execute(insert(AuditEntry), trail)


def _add_needs(network: Network, event: Event, registrations: Sequence[int]) -> None:
    """What the kitchen and the doors should know, while an event still needs it."""
    if not event.mode.has_place or event.ends_at < network.now:
        return
    having = [number for number in registrations if network.rng.random() < 0.15]
    rows = [{"registration_id": number} | network.rng.choice(NEEDS) for number in having]
    if rows:
        db.session.execute(insert(Needs), rows)
