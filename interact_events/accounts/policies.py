"""What staff may do in an office."""

from interact_events.accounts.models import Level, User
from interact_events.interreg.models import Office


def can_view_office(user: User, office: Office) -> bool:
    """See its drafts, lists and people."""
    return user.level_in(office.id) is not None


def can_edit_in_office(user: User, office: Office) -> bool:
    """Create events and decide on registrations."""
    return _is(user, office, Level.EDITOR)


def can_lead_office(user: User, office: Office) -> bool:
    """Publish, cancel, issue certificates, invite staff."""
    return _is(user, office, Level.LEAD)


def _is(user: User, office: Office, level: Level) -> bool:
    own = user.level_in(office.id)
    return own is not None and own.includes(level)
