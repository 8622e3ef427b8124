"""The words of mails about registrations."""

from collections.abc import Sequence
from typing import Any, cast

from flask import current_app

from interact_events.accounts.models import User
from interact_events.accounts.queries import sign_token
from interact_events.accounts.rules import RESET_WITHIN
from interact_events.core import words
from interact_events.core.clock import is_same_wall_clock, to_local
from interact_events.core.links import url
from interact_events.core.mail import Mail, compose
from interact_events.core.outbox import Recipient
from interact_events.events.ics import event_calendar
from interact_events.events.models import Event
from interact_events.registrations.models import Registration, State
from interact_events.registrations.policies import within_sentence
from interact_events.registrations.queries import place_in_line


def recipient(registration: Registration) -> Recipient:
    return Recipient(registration.name, registration.user.email)


def reply_address(event: Event) -> str:
    """Who answers questions about the event."""
    return event.contact_email or event.office.email


def after_transition(
    registration: Registration, *, before: State, is_own: bool, is_by_office: bool
) -> Mail:
    """What a person hears when their registration moves from `before` to where it stands."""
    state = registration.state
    if state is State.CONFIRMED:
        return promoted(registration) if before is State.WAITLISTED else confirmed(registration)
    if state is State.WAITLISTED:
        return waitlisted(registration)
    if state is State.PENDING:
        return compose("registrations/email/pending.txt", **_facts(registration))
    if state is State.DECLINED:
        return compose("registrations/email/declined.txt", **_facts(registration))
    if is_own:
        return compose("registrations/email/cancelled.txt", **_facts(registration))
    if is_by_office:
        return compose("registrations/email/cancelled_by_office.txt", **_facts(registration))
    return compose("registrations/email/released.txt", **_facts(registration))


def confirmed(registration: Registration) -> Mail:
    return compose(
        "registrations/email/confirmed.txt",
        calendar=_calendar(registration.event),
        **_facts(registration),
    )


def promoted(registration: Registration) -> Mail:
    return compose(
        "registrations/email/promoted.txt",
        calendar=_calendar(registration.event),
        **_facts(registration),
    )


def waitlisted(registration: Registration) -> Mail:
    return compose(
        "registrations/email/waitlisted.txt",
        place=place_in_line(registration),
        **_facts(registration),
    )


def please_confirm(registration: Registration) -> Mail:
    """The button behind this link makes a newcomer's address theirs and their place firm."""
    token = sign_token("confirm", registration.user, key=_key())
    facts = _facts(registration) | {"link": url("registrations.confirm", token=token)}
    return compose("registrations/email/please_confirm.txt", **facts)


def invited(registration: Registration) -> Mail:
    """To somebody whom staff added by hand and who has no password yet."""
    token = sign_token("reset", registration.user, key=_key())
    facts = _facts(registration) | {"link": url("accounts.reset", token=token)}
    valid = words.count(int(RESET_WITHIN.total_seconds()) // 3600, "hour")
    return compose("registrations/email/invited.txt", valid=valid, **facts)


def already_registered(user: User, event: Event) -> Mail:
    """To the owner of an address that somebody used in the form for newcomers."""
    return compose(
        "registrations/email/already_registered.txt",
        name=user.name,
        sign_in_link=url("accounts.sign_in", next=f"/events/{event.slug}/register"),
        **_event_facts(event, user),
    )


def event_changed(registration: Registration, changes: Sequence[tuple[str, str, str]]) -> Mail:
    """`changes`: (what, before, after)."""
    has_calendar = registration.state is State.CONFIRMED
    return compose(
        "registrations/email/event_changed.txt",
        calendar=_calendar(registration.event) if has_calendar else None,
        has_calendar=has_calendar,
        changes=changes,
        **_facts(registration),
    )


def event_cancelled(registration: Registration) -> Mail:
    has_calendar = registration.state is State.CONFIRMED
    return compose(
        "registrations/email/event_cancelled.txt",
        calendar=_calendar(registration.event) if has_calendar else None,
        **_facts(registration),
    )


def when(event: Event, zone: str | None = None) -> str:
    """ "Wednesday 12 May 2027, 09:00–16:30 EEST", or first and last moment of several days."""
    zone = zone or event.zone
    start, end = event.starts_at, event.ends_at
    if to_local(start, zone).date() == to_local(end, zone).date():
        return f"{words.weekday(start, zone)}, {words.time_span(start, end, zone)}"
    return f"{words.moment(start, zone)} to {words.moment(end, zone)}"


def _facts(registration: Registration) -> dict[str, Any]:
    return {
        "registration": registration,
        "as_": _capacity(registration),
        "link": url("registrations.show", registration_id=registration.id),
        **_event_facts(registration.event, registration.user),
    }


def _capacity(registration: Registration) -> str:
    """ "controller, Central Baltic"."""
    role = within_sentence(registration.role_label)
    return f"{role}, {registration.programme.name}" if registration.programme else role


def _event_facts(event: Event, user: User) -> dict[str, Any]:
    is_elsewhere = not is_same_wall_clock(event.zone, user.zone, event.starts_at)
    days = words.day_span(event.starts_at, event.ends_at, event.zone)
    return {
        "event": event,
        "when": when(event),
        "own_time": when(event, user.zone) if is_elsewhere and event.mode.has_link else "",
        "page": url("event_page.show", slug=event.slug),
        "subject_facts": f"{event.title}, {days}, {event.place}",
    }


def _calendar(event: Event) -> bytes:
    page = url("event_page.show", slug=event.slug)
    return event_calendar(event, page_url=page, for_registrant=True)


def _key() -> str:
    return cast("str", current_app.secret_key)
