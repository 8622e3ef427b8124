"""Reading materials."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from interact_events.accounts.models import DELETED, User
from interact_events.attendance.models import Presence
from interact_events.attendance.queries import presences_of
from interact_events.core.db import db
from interact_events.events.models import Event, EventState
from interact_events.materials.models import Material, MaterialNotice
from interact_events.materials.rules import Audience, Viewer, is_available, is_for, may_open
from interact_events.registrations.models import Registration, State
from interact_events.registrations.queries import fresh, standing_registration

IN_ORDER = (Material.position, Material.id)


# Asked at each page about an event: made once.
_MATERIALS = (
    select(Material)
    .where(Material.event_id == bindparam("event_id"))
    .options(joinedload(Material.session))
    .order_by(*IN_ORDER)
)


def materials_of(event: Event) -> Sequence[Material]:
    """All that the event has, in the office's order."""
    return db.session.scalars(_MATERIALS, {"event_id": event.id}).all()


def material_of(event: Event, material_id: int) -> Material | None:
    return db.session.scalar(
        select(Material).where(Material.id == material_id, Material.event_id == event.id)
    )


def material_by_code(code: str) -> Material | None:
    """The material at that address, and its event."""
    return db.session.scalar(
        select(Material)
        .where(Material.code == code)
        .options(joinedload(Material.event).selectinload(Event.co_organisers))
    )


def viewer_at(event: Event, user: User, now: datetime) -> Viewer:
    """Where somebody stands at the event, as they may know it."""
    mine = standing_registration(event, user)
    if mine is None or mine.state_shown(now) is not State.CONFIRMED:
        return Viewer()
    sessions = select(Presence.session_id).where(Presence.registration_id == mine.id)
    return Viewer(is_confirmed=True, came_to=frozenset(db.session.scalars(sessions)))


@dataclass(frozen=True)
class Shared:
    """What of an event somebody may open."""

    event: Event
    materials: list[Material]


def materials_for(user: User, now: datetime) -> list[Shared]:
    """What somebody may open of the events at which they have a seat, latest event first."""
    seats = _seats_of(user, now)
    came: defaultdict[int, set[int]] = defaultdict(set)
    for registration_id, session_id in db.session.execute(
        select(Presence.registration_id, Presence.session_id)
        .join(Presence.registration)
        .where(Registration.user_id == user.id)
    ):
        came[registration_id].add(session_id)
    viewers = {r.event_id: Viewer(is_confirmed=True, came_to=frozenset(came[r.id])) for r in seats}
    open_: defaultdict[int, list[Material]] = defaultdict(list)
    for row in _materials_at(viewers):
        if may_open(row, viewers[row.event_id], is_draft=False, now=now):
            open_[row.event_id].append(row)
    return [Shared(row.event, open_[row.event_id]) for row in seats if row.event_id in open_]


def _seats_of(user: User, now: datetime) -> list[Registration]:
    rows = db.session.scalars(
        select(Registration)
        .join(Registration.event)
        .where(
            Registration.user_id == user.id,
            Registration.state == State.CONFIRMED,
            Event.state != EventState.DRAFT,
        )
        .options(contains_eager(Registration.event))
        .order_by(Event.starts_at.desc(), Registration.id.desc())
    )
    return [row for row in rows if row.state_shown(now) is State.CONFIRMED]


def _materials_at(event_ids: Iterable[int]) -> Sequence[Material]:
    return db.session.scalars(
        select(Material)
        .where(Material.event_id.in_(list(event_ids)))
        .options(joinedload(Material.session))
        .order_by(*IN_ORDER)
    ).all()


# -- whom to tell --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Untold:
    """Somebody with a confirmed seat, and what they may open and have not been told of."""

    registration: Registration
    materials: list[Material]


def untold(event: Event, materials: Sequence[Material], now: datetime) -> list[Untold]:
    """Everybody whom a press would write to, in order of arrival."""
    ready = [each for each in materials if is_available(each, now)]
    if not ready:
        return []
    came, told = presences_of(event), told_of(event)
    found = []
    for row in _confirmed(event, now):
        viewer = Viewer(is_confirmed=True, came_to=frozenset(came.get(row.id, ())))
        new = [each for each in ready if is_for(each, viewer) and (each.id, row.id) not in told]
        if new:
            found.append(Untold(row, new))
    return found


def _confirmed(event: Event, now: datetime) -> Iterator[Registration]:
    """Those whom a mail can reach, and who know that they have a seat."""
    has_address = Registration.user.has(~User.email.endswith(DELETED))
    rows = fresh(event, (Registration.state == State.CONFIRMED) & has_address)
    return (row for row in rows if row.state_shown(now) is State.CONFIRMED)


def told_of(event: Event) -> set[tuple[int, int]]:
    """Who was told of what: {(material_id, registration_id), …}."""
    rows = db.session.execute(
        select(MaterialNotice.material_id, MaterialNotice.registration_id)
        .join(Material, Material.id == MaterialNotice.material_id)
        .where(Material.event_id == event.id)
    )
    return {(material_id, registration_id) for material_id, registration_id in rows}


def needs_seat(materials: Iterable[Material]) -> bool:
    """Whether it depends on the viewer's seat what they may open."""
    return any(each.audience is not Audience.EVERYONE for each in materials)


# -- for the sweep and the check -----------------------------------------------------------------


def stored_names() -> set[str]:
    """Every file that a row names."""
    return set(
        db.session.scalars(select(Material.stored_as).where(Material.stored_as.is_not(None)))
    )


def materials_with_files() -> Sequence[Material]:
    return db.session.scalars(
        select(Material)
        .where(Material.stored_as.is_not(None))
        .options(joinedload(Material.event), selectinload(Material.session))
        .order_by(Material.id)
    ).all()
