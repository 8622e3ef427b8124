"""Who may see what of certificates."""

from interact_events.accounts.models import User
from interact_events.certificates.models import Certificate
from interact_events.certificates.queries import Standing
from interact_events.certificates.rules import Why
from interact_events.events.policies import can_view_event


def can_download_certificate(user: User, certificate: Certificate) -> bool:
    """Its owner and the event's staff; everybody else verifies it by its code."""
    registration = certificate.registration
    return registration.user_id == user.id or can_view_event(user, registration.event)


def why_in_words(standing: Standing) -> str:
    """Why somebody gets a certificate, or none; staff read it."""
    noted = standing.exception
    percent, needed = standing.percent, standing.registration.event.certificate_threshold
    return {
        Why.REACHED: f"{percent} % of the learning time; {needed} % are needed.",
        Why.GIVEN: f"Exception: {noted.reason if noted else ''}",
        Why.WITHHELD: f"Withheld: {noted.reason if noted else ''}",
        Why.NO_SHOW: "No-show: did not come.",
        Why.NOTHING: "No attendance is noted.",
        Why.NO_LEARNING: "Noted only where there was no learning time.",
        Why.BELOW: f"Only {_share(standing, needed)} of the learning time; {needed} % are needed.",
    }[standing.why]


def _share(standing: Standing, needed: int) -> str:
    """Never a share that looks as if it were enough."""
    if standing.percent < needed:
        return f"{standing.percent} %"
    return f"{standing.attended_minutes} of {standing.registration.event.learning_minutes} minutes"
