"""The words of mails about hand-overs, nominations and coordinators."""

from typing import cast

from flask import current_app

from interact_events.accounts.queries import sign_token
from interact_events.accounts.rules import RESET_WITHIN
from interact_events.core import words
from interact_events.core.links import url
from interact_events.core.mail import Mail, compose
from interact_events.nominations.models import Handover, ProgrammeCoordinator
from interact_events.registrations.emails import capacity, event_facts, facts
from interact_events.registrations.models import Registration

HANDED_OVER = "nominations/email/handed_over.txt"


def handover(row: Handover, token: str) -> Mail:
    """To the colleague, of whom we know nothing but the address."""
    registration = row.registration
    return compose(
        "nominations/email/handover.txt",
        registration=registration,
        as_=capacity(registration),
        until=words.moment(row.expires_at, registration.event.zone),
        link=url("handovers.show", token=token),
        **event_facts(registration.event, None),
    )


def seat_kept(registration: Registration, why: str) -> Mail:
    """To who offered the seat and still has it."""
    return compose("nominations/email/seat_kept.txt", why=why, **facts(registration))


def nomination(registration: Registration) -> Mail:
    """To somebody who has an account."""
    return compose("nominations/email/nomination.txt", **facts(registration))


def nomination_newcomer(registration: Registration) -> Mail:
    """To somebody who has yet to choose a password."""
    token = sign_token("reset", registration.user, key=cast("str", current_app.secret_key))
    return compose(
        "nominations/email/nomination_newcomer.txt",
        valid=words.count(int(RESET_WITHIN.total_seconds()) // 3600, "hour"),
        **(facts(registration) | {"link": url("accounts.reset", token=token)}),
        own=url("registrations.show", registration_id=registration.id),
    )


def coordinator_named(row: ProgrammeCoordinator) -> Mail:
    return compose(
        "nominations/email/coordinator_named.txt",
        coordination=row,
        link=url("programmes.show", programme_id=row.programme_id),
    )
