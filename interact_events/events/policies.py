"""What staff may do with an event: the lead office all of it, co-organisers edit and see."""

from interact_events.accounts.models import Level, User
from interact_events.accounts.policies import can_edit_in_office, can_lead_office
from interact_events.events.models import Event


def can_view_event(user: User, event: Event) -> bool:
    """See it before publication, its lists and its people; check people in. The others' offices
    are not read for whoever works in the lead one: desks ask this at each tick."""
    return user.level_in(event.office_id) is not None or _best_level(user, event) is not None


def can_edit_event(user: User, event: Event) -> bool:
    """Change it and decide who gets a seat."""
    level = _best_level(user, event)
    return level is not None and level.includes(Level.EDITOR)


def can_lead_event(user: User, event: Event) -> bool:
    """Publish and cancel it, issue its certificates: the lead office's leads alone."""
    return can_lead_office(user, event.office)


def can_duplicate_event(user: User, event: Event) -> bool:
    """The copy is one more event of the lead office: for its editors."""
    return can_edit_in_office(user, event.office)


def can_delete_event(user: User, event: Event) -> bool:
    """Remove a draft: for the editors of the lead office."""
    return can_edit_in_office(user, event.office)


def _best_level(user: User, event: Event) -> Level | None:
    """Most people work in no office, and of them nothing more is asked."""
    if not (user.memberships or user.is_coordinator):
        return None
    levels = [user.level_in(office.id) for office in (event.office, *event.co_organisers)]
    return max((level for level in levels if level), key=list(Level).index, default=None)
