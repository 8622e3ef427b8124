"""Reading what calendars show."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, lazyload, selectinload

from interact_events.accounts.models import User
from interact_events.accounts.queries import personal_part, token_hash
from interact_events.calendars.models import CalendarAddress
from interact_events.calendars.rules.addresses import token_of
from interact_events.core import words
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.events.queries import Filters
from interact_events.interreg.models import Office, StakeholderRole, Topic
from interact_events.registrations.models import Registration, State


def address_of(user: User) -> CalendarAddress | None:
    return db.session.get(CalendarAddress, user.id)


def token_of_address(row: CalendarAddress, *, key: str) -> str:
    """What it is; empty when it was made with another key."""
    token = token_of(row.seed, key=key)
    return token if token_hash(token) == row.token_hash else ""


def user_of_address(token: str) -> User | None:
    """Whose calendar it is."""
    return db.session.scalar(
        select(User)
        .join(CalendarAddress, CalendarAddress.user_id == User.id)
        .where(CalendarAddress.token_hash == token_hash(token))
        .options(lazyload(User.memberships))
    )


def registrations_of(user: User) -> Sequence[Registration]:
    """Those that stand, by time, with all that their entries say."""
    return db.session.scalars(
        select(Registration)
        .join(Registration.event)
        .where(Registration.user_id == user.id, Registration.state != State.CANCELLED)
        .options(
            contains_eager(Registration.event).options(
                joinedload(Event.office, innerjoin=True).lazyload(Office.country),
                selectinload(Event.sessions),
                selectinload(Event.topics),
            )
        )
        .order_by(Event.starts_at, Registration.id)
    ).all()


def feed_name(filters: Filters) -> str:
    """ "Interact events: Turku · open to controllers"; what nobody has heard of is left out.

    Without commas, which some programs show with the backslash that escapes them.
    """
    office = _coded(Office, filters.office)
    role = _coded(StakeholderRole, filters.role)
    topic = _coded(Topic, filters.topic)
    parts = (
        office and office.city,
        role and f"open to {words.within_sentence(role.plural_in())}",
        topic and topic.name,
        filters.kind and filters.kind.label,
        filters.mode and filters.mode.label,
        filters.q and f"“{filters.q}”",
        "past" if filters.past else "",
    )
    found = " · ".join(part for part in parts if part)
    return f"Interact events: {found}" if found else "Interact events"


def _coded(model: Any, code: str) -> Any:
    return db.session.scalar(select(model).where(model.code == code)) if code else None


@personal_part("calendar_address")
def own_address(user: User, _now: datetime) -> dict[str, Any] | None:
    """That there is one, not which: the file may go elsewhere."""
    row = address_of(user)
    return {"made_at": row.made_at.isoformat()} if row else None
