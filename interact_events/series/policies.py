"""Who may use which templates and series."""

from interact_events.accounts.models import User
from interact_events.accounts.policies import can_edit_in_office
from interact_events.events.models import Event
from interact_events.events.policies import can_duplicate_event
from interact_events.interreg.models import Office


def can_make_from(user: User, office: Office, source: Event) -> bool:
    """Make an event of that office: from its own templates, from the network's, or from an event
    that they may duplicate."""
    if not can_edit_in_office(user, office):
        return False
    if source.is_template:
        is_shared = source.office_id == office.id or source.office.is_secretariat
        return is_shared or can_duplicate_event(user, source)
    return can_duplicate_event(user, source)
