"""The words of mails about hand-overs, nominations and coordinators."""

from typing import cast

from flask import current_app

from interact_events.accounts.models import User
from interact_events.core import words
from interact_events.core.links import url
from interact_events.core.mail import Mail, Owner, Variable, compose, kind
from interact_events.nominations.models import Handover, ProgrammeCoordinator
from interact_events.nominations.queries import sign_nomination
from interact_events.registrations.emails import (
    EVENT,
    REGISTRATION,
    capacity,
    event_facts,
    facts,
)
from interact_events.registrations.models import Registration

AS_THEY_COME = ("where", "subject_facts", "mode")  # on site or online
WHY = Variable("why", "what stands against a seat, or what happened", "All seats are taken.")

HANDED_OVER = kind("nominations.handed_over", "A colleague has taken the seat", *REGISTRATION)
NOMINATION_DECLINED = kind(
    "nominations.nomination_declined", "A nomination is declined", *REGISTRATION
)
NOMINATION_WITHDRAWN = kind(
    "nominations.nomination_withdrawn", "A nomination is withdrawn", *REGISTRATION
)
NOMINATION_WITHDRAWN_BESIDE = kind(
    "nominations.nomination_withdrawn_beside",
    "A nomination of somebody who is registered already is withdrawn",
    *REGISTRATION,
)
SEAT_KEPT = kind("nominations.seat_kept", "A colleague did not take the seat", *REGISTRATION, WHY)
HANDOVER = kind(
    "nominations.handover",
    "A seat is handed to somebody",
    *EVENT,
    Variable("mode", "“ on site” or “ online” at a hybrid event", ""),
    Variable("name", "who hands it over", "Anna Virtanen"),
    Variable("as_", "in which role", "controller, Central Baltic"),
    Variable("until", "how long they may answer", "12 May 2027, 12:00 EEST"),
    Variable("link", "where to answer", "https://events.example.eu/handovers/secret"),
)
NOMINATION = kind(
    "nominations.nomination",
    "A programme has nominated somebody",
    *REGISTRATION,
    WHY,
    Variable("nominated_by", "who nominated them", "Anna Virtanen"),
    Variable("is_known", "whether they have an account", True),
    Variable("is_listed", "whether they are registered already", False),
)
COORDINATOR_NAMED = kind(
    "nominations.coordinator_named",
    "Somebody coordinates a programme’s places",
    Variable("name", "the person’s name", "Ζωή Παπαδοπούλου"),
    Variable("programme", "the programme", "Central Baltic"),
    Variable("programme_label", "the same with its period", "Central Baltic (2021–2027)"),
    Variable("named_by", "who named them", "Letter of 3 May"),
    Variable("link", "the programme’s page", "https://events.example.eu/programmes/7"),
    owner=Owner.ACCOUNT,
)


def handover(row: Handover, token: str) -> Mail:
    """To the colleague, of whom we know nothing but the address."""
    registration = row.registration
    said, own = event_facts(registration.event, None), facts(registration)
    as_they_come = {name: own[name] for name in AS_THEY_COME}
    return compose(
        HANDOVER,
        name=registration.name,
        as_=capacity(registration),
        until=words.moment(row.expires_at, registration.event.zone),
        link=url("handovers.show", token=token),
        **said | as_they_come,
    )


def seat_kept(registration: Registration, why: str) -> Mail:
    """To who offered the seat and still has it."""
    return compose(SEAT_KEPT, why=why, **facts(registration))


def nomination(registration: Registration, nominee: User, why: str, *, is_listed: bool) -> Mail:
    """With the link that is all the person needs; `why` there is no seat for them, if there is
    none."""
    key = cast("str", current_app.secret_key)
    token = sign_nomination(registration, nominee, key=key)
    own = facts(registration)
    said = own | event_facts(registration.event, nominee)
    as_they_come = {name: own[name] for name in AS_THEY_COME}
    return compose(
        NOMINATION,
        why=why,
        nominated_by=registration.nominated_by.name if registration.nominated_by else "",
        is_known=nominee.confirmed_at is not None,
        is_listed=is_listed,
        **(said | as_they_come | {"link": url("nominations.show", token=token)}),
    )


def withdrawn_beside(registration: Registration, nominee: User) -> Mail:
    """To who was nominated besides being registered already."""
    said = facts(registration) | event_facts(registration.event, nominee)
    return compose(NOMINATION_WITHDRAWN_BESIDE, **(said | {"link": url("registrations.mine")}))


def coordinator_named(row: ProgrammeCoordinator) -> Mail:
    return compose(
        COORDINATOR_NAMED,
        name=row.user.name,
        programme=row.programme.name,
        programme_label=row.programme.label,
        named_by=row.named_by,
        link=url("programmes.show", programme_id=row.programme_id),
    )
