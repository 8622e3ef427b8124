"""Who may open a material."""

from collections.abc import Sequence
from datetime import datetime

from interact_events.accounts.models import User
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.events.policies import can_view_event
from interact_events.materials.models import Material
from interact_events.materials.queries import needs_seat, viewer_at
from interact_events.materials.rules import Viewer, may_open


def openable(
    event: Event, materials: Sequence[Material], user: User | None, now: datetime
) -> list[Material]:
    """Those that somebody (None: a stranger) may open now."""
    viewer = _viewer(event, materials, user, now)
    return [row for row in materials if may_open(row, viewer, is_draft=event.is_draft, now=now)]


def can_open_material(user: User | None, material: Material, now: datetime) -> bool:
    return bool(openable(material.event, [material], user, now))


def _viewer(
    event: Event, materials: Sequence[Material], user: User | None, now: datetime
) -> Viewer:
    """Their seat is looked up only where it matters."""
    if user is None:
        return Viewer()
    if can_view_event(user, event):
        return Viewer(is_staff=True)
    return viewer_at(event, user, now) if needs_seat(materials) else Viewer()


def check_tellable(event: Event) -> None:
    """Refuse to write to people about an event that they can't see, or that is off."""
    if event.is_draft:
        raise DomainError("Nobody sees this event yet. Publish it first, then tell people.")
    if event.is_cancelled:
        raise DomainError(
            "This event is cancelled. What is shared stays on its page, but nobody is written to."
        )
