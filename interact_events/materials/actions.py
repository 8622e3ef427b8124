"""Sharing files and links, and telling people of them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert

from interact_events.accounts.models import User
from interact_events.core import audit, files, outbox
from interact_events.core.clock import to_utc
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.core.file_kinds import title_of
from interact_events.events.models import Event
from interact_events.materials import queries, rules
from interact_events.materials.emails import shared
from interact_events.materials.models import Material, MaterialNotice
from interact_events.materials.policies import check_tellable
from interact_events.materials.queries import Untold
from interact_events.materials.rules import Audience
from interact_events.registrations.actions import on_duplication
from interact_events.registrations.emails import recipient, reply_address

MOST = 200  # of one event; more belongs into an archive
FOLDER = "materials"  # of the storage


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """With whom and from when; `available` is the wall clock's in the event's zone."""

    session_id: int | None = None
    audience: Audience
    available: datetime | None = None


@dataclass(frozen=True)
class NewFile:
    """A file that is stored already, under the name that people save it as."""

    stored: files.Stored
    name: str
    title: str = ""


def add_files(
    event: Event, new: Sequence[NewFile], sharing: Sharing, *, actor: User, now: datetime
) -> list[Material]:
    """Put files at the end of the event's materials."""
    position = _room_for(event, len(new))
    added = []
    for number, each in enumerate(new):
        material = _new(event, position + number, sharing, actor=actor, now=now)
        material.title = each.title or title_of(each.name)
        _put(material, each)
        added.append(material)
    _added(event, added, actor=actor, now=now)
    return added


def add_link(
    event: Event, title: str, url: str, sharing: Sharing, *, actor: User, now: datetime
) -> Material:
    """Put a link at the end of the event's materials."""
    _check_link(url)
    material = _new(event, _room_for(event, 1), sharing, actor=actor, now=now)
    material.title, material.url = title, url
    _added(event, [material], actor=actor, now=now)
    return material


def change_material(
    material: Material, title: str, sharing: Sharing, *, url: str = "", actor: User, now: datetime
) -> None:
    """Change what is said of it and with whom it is shared; `url` only of a link."""
    event = material.event
    lock(event)
    if material.url:
        _check_link(url)
        material.url = url
    material.title = title
    _share(material, event, sharing)
    audit.record("material edited", event, actor=actor, now=now, material=title)


def replace_file(material: Material, new: NewFile, *, actor: User, now: datetime) -> None:
    """Another file at the same address; the former one is gone for good."""
    event = material.event
    lock(event)
    db.session.refresh(material)
    if not material.stored_as:
        raise DomainError("A link has no file to replace.")
    files.remove_later(material.stored_as)
    _put(material, new)
    material.replaced_at = now
    audit.record("material replaced", event, actor=actor, now=now, material=material.title)


def move_material(material: Material, *, up: bool, actor: User, now: datetime) -> None:
    """One place up or down among the event's materials; the first and the last stay there."""
    event = material.event
    lock(event)
    order = list(queries.materials_of(event))
    place = order.index(material)
    other = place + (-1 if up else 1)
    if not 0 <= other < len(order):
        return
    order[place], order[other] = order[other], order[place]
    for position, each in enumerate(order):
        each.position = position
    audit.record("material moved", event, actor=actor, now=now, material=material.title)


def delete_material(material: Material, *, actor: User, now: datetime) -> None:
    """Remove it for good, its file after the row is gone."""
    event = material.event
    lock(event)
    if material.stored_as:
        files.remove_later(material.stored_as)
    audit.record("material deleted", event, actor=actor, now=now, material=material.title)
    db.session.delete(material)
    db.session.flush()


def tell(event: Event, *, actor: User, now: datetime) -> list[Untold]:
    """Write to everybody who may open something that they have not been told of, one mail each."""
    lock(event)
    check_tellable(event)
    people = queries.untold(event, queries.materials_of(event), now)
    if not people:
        raise DomainError("Everybody who may open these has been told already.")
    outbox.post_all([_posting(event, each) for each in people], now=now)
    notices = [
        {"material_id": row.id, "registration_id": each.registration.id, "told_at": now}
        for each in people
        for row in each.materials
    ]
    db.session.execute(insert(MaterialNotice), notices)
    told = sorted({row.id for each in people for row in each.materials})
    audit.record(
        "told of materials", event, actor=actor, now=now, people=len(people), materials=told
    )
    return people


def _posting(event: Event, to: Untold) -> outbox.Posting:
    """The key names the first of the materials, by its code, which never comes again: of each, a
    person is told once."""
    first = min(to.materials, key=lambda row: row.id)
    return outbox.Posting(
        mail=shared(to.registration, to.materials),
        to=recipient(to.registration),
        key=f"material:{first.code}:{to.registration.id}",
        reply_to=reply_address(event),
        event_id=event.id,
    )


@on_duplication
def copy_links(event: Event, copy: Event) -> None:
    """Links come along, as far from the start as they were; a file belongs to one event alone."""
    sessions = {one.id: its.id for one, its in zip(event.agenda, copy.agenda, strict=True)}
    shift = copy.starts_at - event.starts_at
    db.session.add_all(
        [
            Material(
                event_id=copy.id,
                session_id=sessions.get(row.session_id or 0),
                code=secrets.token_hex(16),
                position=row.position,
                title=row.title,
                audience=row.audience,
                available_at=row.available_at and row.available_at + shift,
                url=row.url,
                created_at=row.created_at,
                created_by_id=row.created_by_id,
            )
            for row in queries.materials_of(event)
            if row.url
        ]
    )


# -- pieces --------------------------------------------------------------------------------------


def _room_for(event: Event, number: int) -> int:
    """The first free position; two who add at the same time go one after the other."""
    lock(event)
    there = queries.materials_of(event)
    if len(there) + number > MOST:
        raise DomainError(f"An event can have {MOST} materials. Put some into one ZIP archive.")
    return max((row.position for row in there), default=-1) + 1


def _new(event: Event, position: int, sharing: Sharing, *, actor: User, now: datetime) -> Material:
    material = Material(
        event_id=event.id,
        code=secrets.token_hex(16),
        position=position,
        url="",
        created_at=now,
        created_by_id=actor.id,
    )
    _share(material, event, sharing)
    return material


def _share(material: Material, event: Event, sharing: Sharing) -> None:
    known = {session.id for session in event.agenda} | {material.session_id, None}
    if sharing.session_id not in known:
        raise DomainError("Choose a session of this event's agenda.", "session")
    material.session_id = sharing.session_id
    material.audience = sharing.audience
    material.available_at = sharing.available and to_utc(
        sharing.available, event.zone, field="available"
    )


def _put(material: Material, new: NewFile) -> None:
    material.stored_as, material.file_name = new.stored.name, new.name
    material.size, material.sha256 = new.stored.size, new.stored.sha256


def _check_link(url: str) -> None:
    if not rules.is_web_address(url):
        raise DomainError("Give an address that starts with https:// or http://.", "url")


def _added(event: Event, added: Sequence[Material], *, actor: User, now: datetime) -> None:
    db.session.add_all(added)
    for material in added:
        audit.record("material added", event, actor=actor, now=now, material=material.title)
