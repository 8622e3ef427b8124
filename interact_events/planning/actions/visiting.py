"""What somebody has seen of the plan."""

from datetime import datetime

from sqlalchemy import delete

from interact_events.accounts.actions import on_deletion
from interact_events.accounts.models import User
from interact_events.core.db import db, insert_once
from interact_events.planning.models import PlanningVisit


def note_visit(user: User, until: datetime, *, now: datetime) -> None:
    """They have seen what changed until then, which was when their page was made. Whoever presses
    on an old page takes back nothing."""
    until = min(until, now)
    is_first = insert_once([PlanningVisit.user_id], user_id=user.id, seen_at=until, before_at=None)
    visit = db.session.get_one(PlanningVisit, user.id, with_for_update=True)
    if not is_first and until > visit.seen_at:
        visit.seen_at, visit.before_at = until, visit.seen_at


@on_deletion
def forget_visits(user: User, _gone: str, _now: datetime) -> None:
    """When somebody looked at the plan is nobody's business any more."""
    db.session.execute(delete(PlanningVisit).where(PlanningVisit.user_id == user.id))
