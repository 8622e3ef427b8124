"""What the plan holds about a person."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from interact_events.accounts.models import User
from interact_events.accounts.queries import personal_part
from interact_events.core.db import db
from interact_events.planning.models import EventHandOver, PlanningVisit


@personal_part("planning")
def own_planning(user: User, _now: datetime) -> dict[str, Any]:
    """When they looked at the plan, and what they asked other offices or answered them."""
    visit = db.session.get(PlanningVisit, user.id)
    row = EventHandOver
    theirs = or_(row.asked_by_id == user.id, row.answered_by_id == user.id)
    offers = db.session.scalars(select(row).where(theirs).order_by(row.id))
    return {
        "seen_at": visit.seen_at.isoformat() if visit else None,
        "offers": [_offer(offer, user) for offer in offers],
    }


def _offer(offer: EventHandOver, user: User) -> dict[str, Any]:
    is_asker, is_answerer = offer.asked_by_id == user.id, offer.answered_by_id == user.id
    return {
        "event": offer.event.title,
        "kind": offer.kind.value,
        "state": offer.state.value,
        "asked_at": offer.asked_at.isoformat() if is_asker else None,
        "message": offer.message if is_asker else None,
        "answered_at": offer.answered_at.isoformat() if is_answerer and offer.answered_at else None,
        "answer": offer.answer if is_answerer else None,
    }
