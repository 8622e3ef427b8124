"""Who may see what of certificates."""

from interact_events.accounts.models import User
from interact_events.certificates.models import Certificate
from interact_events.events.policies import can_view_event


def can_download_certificate(user: User, certificate: Certificate) -> bool:
    """Its owner and the event's staff; everybody else verifies it by its code."""
    registration = certificate.registration
    return registration.user_id == user.id or can_view_event(user, registration.event)
