"""A made-up network to look at: offices at work, people, events past, running and coming."""

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import groupby, islice
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from uuid import uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.orm import selectinload

from interact_events.accounts.actions import hashed
from interact_events.accounts.models import Level, Membership, Profile, User
from interact_events.accounts.queries import user_by_email
from interact_events.accounts.rules import DEMO_ACCOUNTS, DEMO_PASSWORD
from interact_events.attendance.models import Presence
from interact_events.certificates.actions import draft_certificate, issue_certificate
from interact_events.core import words
from interact_events.core.audit import AuditEntry
from interact_events.core.clock import to_local, to_utc
from interact_events.core.db import Base, db
from interact_events.core.outbox import MailState, OutboxMessage
from interact_events.events.actions import EventValues, cancel_event, create_event, publish_event
from interact_events.events.models import Admission, Event, Kind, Mode, Session
from interact_events.interreg.models import (
    Country,
    Objective,
    Office,
    Period,
    Programme,
    StakeholderRole,
    Topic,
)
from interact_events.nominations.actions import name_coordinator
from interact_events.registrations.actions import (
    CapValues,
    HoldValues,
    SeatValues,
    StepValues,
    add_code,
    recount,
    set_seat_rules,
)
from interact_events.registrations.models import (
    Needs,
    Promotion,
    Reconfirmation,
    Registration,
    SeatInvitation,
    SessionChoice,
)
from interact_events.registrations.queries import rules_of
from interact_events.registrations.rules import (
    SEATED,
    Applicant,
    Dimension,
    SeatsTaken,
    State,
    decide,
    shortages,
)
from interact_events.reports import rules

Coded = TypeVar("Coded", Country, Office, Period, StakeholderRole, Topic)

DATA = Path(__file__).parent / "data"
SEED = 20211
PEOPLE = 400  # in the usual demo; a larger one adds ten for each further event
ROOMS = ("Hall A", "Hall B", "Room 3", "Room 4", "Room 5")
OLD_PERIOD = "2014-2020"
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
class Candidate:
    """A person in one capacity, ready to register."""

    user_id: int
    name: str
    email: str
    profile_id: int
    country_id: int
    capacity: rules.Capacity


@dataclass(frozen=True)
class Network:
    """What every step of loading needs at hand."""

    now: datetime
    host: str
    rng: Random
    themes: dict[str, dict[str, Any]]
    agendas: dict[str, list[list[list[str]]]]
    venues: dict[str, tuple[str, str]]
    seat_rules: dict[str, dict[str, Any]]
    offices: dict[str, Office]
    countries: dict[str, Country]
    periods: dict[str, Period]
    roles: dict[str, StakeholderRole]
    topics: dict[str, Topic]
    objectives: dict[tuple[str, str], Objective]
    staff: dict[str, list[User]] = field(default_factory=lambda: defaultdict(list))
    guests: dict[str, list[Candidate]] = field(default_factory=lambda: defaultdict(list))
    pools: dict[tuple[str, bool], list[Candidate]] = field(
        default_factory=lambda: defaultdict(list)
    )


def is_demo_loaded() -> bool:
    """Whether the demo's people are here already."""
    return user_by_email(DEMO_ACCOUNTS[0][0]) is not None


def load_demo(
    *,
    now: datetime,
    host: str,
    scale: int = 0,
    seed: int = SEED,
    step: Callable[[int], object] = lambda _done: None,
) -> bool:
    """Fill the database with about `scale` events, never fewer than those of events.csv.

    Does nothing, and says so by False, where the demo is already. `step(n)` follows the progress.
    """
    if is_demo_loaded():
        return False
    network = _network(now, host, Random(seed))  # noqa: S311  # made-up people, not secrets
    plans = _plans(network, scale)
    _add_people(network, PEOPLE + 10 * max(0, len(plans) - len(_written_plans())))
    _add_programme_coordinator(network)
    for plan in plans:
        _add_event(network, plan)
        step(1)
    _send_nothing()
    return True


def number_of_events(scale: int) -> int:
    """How many events `load_demo` will make."""
    return max(scale, len(_written_plans()))


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _read(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def _by_code(table: type[Coded]) -> dict[str, Coded]:
    return {row.code: row for row in db.session.scalars(select(table))}


def _network(now: datetime, host: str, rng: Random) -> Network:
    objectives = db.session.scalars(select(Objective))
    return Network(
        now=now,
        host=host,
        rng=rng,
        themes=_read("themes"),
        agendas=_read("agendas"),
        seat_rules=_read("rules"),
        venues={row["office"]: (row["venue"], row["address"]) for row in _rows("venues")},
        offices=_by_code(Office),
        countries=_by_code(Country),
        periods=_by_code(Period),
        roles=_by_code(StakeholderRole),
        topics=_by_code(Topic),
        objectives={(o.period.code, o.code): o for o in objectives},
    )


def _written_plans() -> list[rules.Plan]:
    return [rules.plan_of(row) for row in _rows("events")]


def _plans(network: Network, scale: int) -> list[rules.Plan]:
    written = _written_plans()
    titles = {
        code: theme["titles"]
        for code, theme in network.themes.items()
        if code not in ("fair", "basics-de")
    }
    invented = rules.invented(network.rng, titles, list(network.venues))
    return written + list(islice(invented, max(0, scale - len(written))))


def _inserted(table: type[Base], rows: Sequence[dict[str, Any]]) -> list[int]:
    """Write many rows at once; gives back their numbers in the same order."""
    if not rows:
        return []
    number = table.id  # type: ignore[attr-defined]  # every table used here has one
    query = insert(table).returning(number, sort_by_parameter_order=True)
    return list(db.session.scalars(query, rows))


# -- people --------------------------------------------------------------------------------------


def _add_people(network: Network, number: int) -> None:
    secret = hashed(DEMO_PASSWORD)
    _add_staff(network, secret)
    _add_participants(network, secret)
    _add_crowd(network, secret, number)


def _user(network: Network, email: str, name: str, zone: str, secret: str) -> dict[str, Any]:
    since = network.now - timedelta(days=network.rng.randint(30, 1200))
    return {
        "email": email,
        "name": name,
        "zone": zone,
        "password_hash": secret,
        "created_at": since,
        "confirmed_at": since,
    }


def _add_staff(network: Network, secret: str) -> None:
    for row in _rows("staff"):
        user = User(**_user(network, row["email"], row["name"], row["zone"], secret))
        user.is_coordinator = not row["office"]
        db.session.add(user)
        db.session.flush()
        if row["office"]:
            _sign_as_head(network.offices[row["office"]], user)
            network.staff[row["office"]].append(user)
            db.session.add(
                Membership(
                    user_id=user.id,
                    office_id=network.offices[row["office"]].id,
                    level=Level(row["level"]),
                    started_at=user.created_at,
                )
            )
    db.session.flush()


def _sign_as_head(office: Office, user: User) -> None:
    """The first of an office's staff signs its certificates."""
    office.signatory_name = office.signatory_name or user.name


def _add_participants(network: Network, secret: str) -> None:
    """The known accounts of registrants, each with one profile or more."""
    programmes = {p.name: p.id for p in db.session.scalars(select(Programme))}
    people: dict[str, rules.Person] = {}
    for row in _rows("participants"):
        known = people.get(row["email"])
        capacity = rules.Capacity(
            row["institution"], row["role"], programmes[row["programme"]], row["programme"]
        )
        people[row["email"]] = rules.Person(
            row["name"],
            row["email"],
            row["country"],
            row["zone"],
            (*(known.capacities if known else ()), capacity),
        )
    for candidate in _saved_people(network, list(people.values()), secret):
        network.guests[candidate.email.partition("@")[0]].append(candidate)


def _add_programme_coordinator(network: Network) -> None:
    """One of the known accounts speaks for its programme."""
    known = network.guests["authority"][0]
    secretariat = user_by_email(DEMO_ACCOUNTS[0][0])
    assert secretariat  # the staff are here already
    name_coordinator(
        db.session.get_one(Programme, known.capacity.programme_id),
        known.email,
        "Letter of the joint secretariat",
        actor=secretariat,
        now=network.now,
    )


def _add_crowd(network: Network, secret: str, number: int) -> None:
    names = [rules.names_of(row) for row in _rows("names")]
    institutions = [rules.Institution(**row) for row in _rows("institutions")]
    people = rules.people(network.rng, names, institutions, _programmes())
    for candidate in _saved_people(network, list(islice(people, number)), secret):
        key = candidate.capacity.role, candidate.capacity.is_closed
        network.pools[key].append(candidate)


def _programmes() -> list[rules.KnownProgramme]:
    query = select(Programme).options(selectinload(Programme.countries)).order_by(Programme.id)
    return [
        rules.KnownProgramme(
            programme.id,
            programme.name,
            frozenset(country.code for country in programme.countries),
            programme.strand.period.code == OLD_PERIOD,
        )
        for programme in db.session.scalars(query)
    ]


def _saved_people(
    network: Network, people: Sequence[rules.Person], secret: str
) -> Iterator[Candidate]:
    user_ids = _inserted(User, [_user(network, p.email, p.name, p.zone, secret) for p in people])
    owned = [
        (person, user_id, number, capacity)
        for person, user_id in zip(people, user_ids, strict=True)
        for number, capacity in enumerate(person.capacities)
    ]
    profile_ids = _inserted(
        Profile,
        [
            {
                "user_id": user_id,
                "institution": capacity.institution,
                "role_id": network.roles[capacity.role].id,
                "programme_id": capacity.programme_id,
                "country_id": network.countries[person.country].id,
                "is_default": number == 0,
            }
            for person, user_id, number, capacity in owned
        ],
    )
    for (person, user_id, _, capacity), profile_id in zip(owned, profile_ids, strict=True):
        country_id = network.countries[person.country].id
        yield Candidate(user_id, person.name, person.email, profile_id, country_id, capacity)


# -- events --------------------------------------------------------------------------------------


def _add_event(network: Network, plan: rules.Plan) -> Event:
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
    if plan.state == "draft":
        return event
    publish_event(event, actor=actor, now=published_at)
    _add_registrations(network, plan, event)
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
        venue, address = network.venues[plan.office]
        values |= {"venue": venue, "address": address}
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


# -- registrations and attendance ----------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Somebody at an event, with what they have got."""

    candidate: Candidate
    state: State
    is_online: bool


def _add_registrations(network: Network, plan: rules.Plan, event: Event) -> None:
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
    numbers = _inserted(Registration, rows)
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
        _add_presences(network, plan, event, confirmed)
    if plan.aftermath == "certified":
        _certify(network, plan, event, [number for number, _ in confirmed])


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


def _add_presences(
    network: Network, plan: rules.Plan, event: Event, registrations: Iterable[tuple[int, bool]]
) -> None:
    """Most were there all the time, some for a part, a few never; known accounts miss nothing."""
    begun = [s for s in event.agenda if s.is_learning and s.starts_at <= network.now]
    rows = [
        {
            "registration_id": number,
            "session_id": session.id,
            "recorded_at": session.starts_at + timedelta(minutes=7),
            "recorded_by_id": network.staff[plan.office][1].id,
        }
        for number, is_guest in registrations
        for session in rules.attended(network.rng, begun, is_diligent=is_guest)
    ]
    if rows:
        db.session.execute(insert(Presence), rows)


def _certify(
    network: Network, plan: rules.Plan, event: Event, registrations: Iterable[int]
) -> None:
    """Real files, three days after the event; their mails count as sent."""
    issued_at = min(event.ends_at + timedelta(days=3), network.now)
    for number in registrations:
        draft = draft_certificate(number, now=issued_at)
        if draft:
            issue_certificate(draft, actor=network.staff[plan.office][0], now=issued_at)
    db.session.flush()


def _send_nothing() -> None:
    """Made-up people have made-up addresses: what the actions wrote to them stays here."""
    db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.state == MailState.WAITING)
        .values(
            state=MailState.SENT, sent_at=OutboxMessage.created_at, answer="Not sent: demo data"
        )
    )
