"""Reading events."""

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, selectinload

from interact_events.core.db import db
from interact_events.events.models import Event, EventState
from interact_events.interreg.models import Office


def office_event(code: str, slug: str) -> Event | None:
    """The event of that lead office, in whatever state."""
    return db.session.scalar(
        select(Event)
        .join(Event.office)
        .where(Event.slug == slug, Office.code == code)
        .options(contains_eager(Event.office), selectinload(Event.co_organisers))
    )


def public_event(slug: str) -> Event | None:
    """The event that everybody may see: published or cancelled, never a draft."""
    return db.session.scalar(
        select(Event).where(Event.slug == slug, Event.state != EventState.DRAFT)
    )
