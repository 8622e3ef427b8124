"""Events on their way from one office to another."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import joinedload, lazyload

from interact_events.accounts.models import Level, Membership, User
from interact_events.accounts.queries import coordinators
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.interreg.models import Office
from interact_events.planning.models import EventHandOver, OfferKind, OfferState


def _offers(*where: ColumnElement[bool]) -> Select[EventHandOver]:
    row = EventHandOver
    return (
        select(row)
        .options(
            joinedload(row.event).selectinload(Event.co_organisers),
            joinedload(row.from_office),
            joinedload(row.to_office),
            joinedload(row.asked_by).lazyload(User.memberships),
            joinedload(row.answered_by).lazyload(User.memberships),
        )
        .where(*where)
        .order_by(row.id.desc())
    )


def offer_numbered(number: int) -> EventHandOver | None:
    return db.session.scalar(_offers(EventHandOver.id == number))


def open_offers(now: datetime, *where: ColumnElement[bool]) -> Sequence[EventHandOver]:
    """Those that wait for an answer about events that are not over."""
    is_open, is_coming = EventHandOver.state == OfferState.ASKED, Event.ends_at > now
    query = _offers(is_open, is_coming, *where).join(EventHandOver.event)
    return db.session.scalars(query).all()


def offers_between(office: Office, now: datetime) -> Sequence[EventHandOver]:
    """What other offices have asked this one, or it has asked them."""
    row = EventHandOver
    return open_offers(now, or_(row.to_office_id == office.id, row.from_office_id == office.id))


def offers_of(event: Event) -> Sequence[EventHandOver]:
    """Everything that was ever asked about the event, newest first."""
    return db.session.scalars(_offers(EventHandOver.event_id == event.id)).all()


def event_handed_on(code: str, slug: str) -> Event | None:
    """The event that this office led before it handed it to another one."""
    row = EventHandOver
    handed = select(row.id).where(
        row.event_id == Event.id,
        row.kind == OfferKind.HAND_OVER,
        row.state == OfferState.ACCEPTED,
        row.from_office.has(Office.code == code),
    )
    return db.session.scalar(select(Event).where(Event.slug == slug, handed.exists()))


def leads_of(office: Office) -> Sequence[User]:
    """Who decides for the office; for the secretariat also those who coordinate."""
    leads = db.session.scalars(
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .options(lazyload(User.memberships))
        .where(
            Membership.office_id == office.id,
            Membership.level == Level.LEAD,
            Membership.ended_at.is_(None),
        )
        .order_by(User.id)
    ).all()
    others = coordinators() if office.is_secretariat else []
    return [*leads, *(each for each in others if each not in leads)]
