"""The words of mails about registrations."""

from collections.abc import Sequence
from typing import Any, cast

from flask import current_app

from interact_events.accounts.models import User
from interact_events.accounts.queries import sign_token
from interact_events.accounts.rules import RESET_WITHIN
from interact_events.core import words
from interact_events.core.clock import is_same_wall_clock, now, to_local
from interact_events.core.links import url
from interact_events.core.mail import Mail, compose
from interact_events.core.outbox import Recipient
from interact_events.events.ics import event_calendar
from interact_events.events.models import Event
from interact_events.registrations.models import Registration, State


def recipient(registration: Registration) -> Recipient:
    return Recipient(registration.name, registration.user.email)


def reply_address(event: Event) -> str:
    """Who answers questions about the event."""
    return event.contact_email or event.office.email


def after_transition(
    registration: Registration,
    *,
    before: State,
    actor_id: int | None,
    place: int = 0,
    notice: str = "",
) -> Mail:
    """What a person hears when their registration moves from `before` to where it stands.

    `place` is the one in line, `notice` the template where the usual one does not fit.
    """
    state = registration.state
    if notice:
        return _plain(notice, registration)
    if state is State.CONFIRMED:
        is_news = before is State.WAITLISTED
        return promoted(registration) if is_news else confirmed(registration)
    if state is State.WAITLISTED:
        return waitlisted(registration, place)
    if state in USUAL:
        return _plain(USUAL[state], registration)
    if actor_id == registration.user_id:
        return _plain("registrations/email/cancelled.txt", registration)
    by_office = actor_id is not None
    return _plain(
        "registrations/email/cancelled_by_office.txt" if by_office else RELEASED, registration
    )


RELEASED = "registrations/email/released.txt"
USUAL = {
    State.PENDING: "registrations/email/pending.txt",
    State.OFFERED: "registrations/email/offered.txt",
    State.DECLINED: "registrations/email/declined.txt",
}


def _plain(template: str, registration: Registration) -> Mail:
    return compose(template, **facts(registration))


def confirmed(registration: Registration) -> Mail:
    return compose(
        "registrations/email/confirmed.txt",
        calendar=_calendar(registration.event),
        **facts(registration),
    )


def promoted(registration: Registration) -> Mail:
    return compose(
        "registrations/email/promoted.txt",
        calendar=_calendar(registration.event),
        **facts(registration),
    )


def waitlisted(registration: Registration, place: int) -> Mail:
    return compose("registrations/email/waitlisted.txt", place=place, **facts(registration))


def please_reconfirm(registration: Registration) -> Mail:
    return _plain("registrations/email/please_reconfirm.txt", registration)


def reconfirm_soon(registration: Registration) -> Mail:
    return _plain("registrations/email/reconfirm_soon.txt", registration)


def seat_invitation(event: Event, code: str) -> Mail:
    """To an address, which may have no account yet."""
    return compose(
        "registrations/email/seat_invitation.txt",
        link=url("registrations.register", slug=event.slug, invitation=code),
        event=event,
        when=when(event),
        own_time="",
        page=url("event_page.show", slug=event.slug),
        subject_facts=_subject_facts(event),
    )


def please_confirm(registration: Registration) -> Mail:
    """The button behind this link makes a newcomer's address theirs and their place firm."""
    token = sign_token("confirm", registration.user, key=_key())
    said = facts(registration) | {"link": url("registrations.confirm", token=token)}
    return compose("registrations/email/please_confirm.txt", **said)


def invited(registration: Registration) -> Mail:
    """To somebody whom staff added by hand and who has no password yet."""
    token = sign_token("reset", registration.user, key=_key())
    said = facts(registration) | {"link": url("accounts.reset", token=token)}
    valid = words.count(int(RESET_WITHIN.total_seconds()) // 3600, "hour")
    return compose("registrations/email/invited.txt", valid=valid, **said)


def already_registered(user: User, event: Event) -> Mail:
    """To the owner of an address that somebody used in the form for newcomers."""
    return compose(
        "registrations/email/already_registered.txt",
        name=user.name,
        sign_in_link=url("accounts.sign_in", next=f"/events/{event.slug}/register"),
        **event_facts(event, user),
    )


def event_changed(registration: Registration, changes: Sequence[tuple[str, str, str]]) -> Mail:
    """`changes`: (what, before, after)."""
    has_calendar = registration.state is State.CONFIRMED
    return compose(
        "registrations/email/event_changed.txt",
        calendar=_calendar(registration.event) if has_calendar else None,
        has_calendar=has_calendar,
        changes=changes,
        **facts(registration),
    )


def event_cancelled(registration: Registration) -> Mail:
    has_calendar = registration.state is State.CONFIRMED
    return compose(
        "registrations/email/event_cancelled.txt",
        calendar=_calendar(registration.event) if has_calendar else None,
        **facts(registration),
    )


def when(event: Event, zone: str | None = None) -> str:
    """ "Wednesday 12 May 2027, 09:00–16:30 EEST", or first and last moment of several days."""
    zone = zone or event.zone
    start, end = event.starts_at, event.ends_at
    if to_local(start, zone).date() == to_local(end, zone).date():
        return f"{words.weekday(start, zone)}, {words.time_span(start, end, zone)}"
    return f"{words.moment(start, zone)} to {words.moment(end, zone)}"


def facts(registration: Registration) -> dict[str, Any]:
    """What every mail about a registration can say."""
    return {
        "registration": registration,
        "as_": capacity(registration),
        "link": url("registrations.show", registration_id=registration.id),
        **event_facts(registration.event, registration.user),
    }


def capacity(registration: Registration) -> str:
    """ "controller, Central Baltic"."""
    role = words.within_sentence(registration.role_label)
    return f"{role}, {registration.programme.name}" if registration.programme else role


def event_facts(event: Event, user: User | None) -> dict[str, Any]:
    """What a mail says of an event; who has no account has no zone of their own."""
    zone = user.zone if user else event.zone
    is_elsewhere = not is_same_wall_clock(event.zone, zone, event.starts_at)
    return {
        "event": event,
        "when": when(event),
        "own_time": when(event, zone) if is_elsewhere and event.mode.has_link else "",
        "page": url("event_page.show", slug=event.slug),
        "subject_facts": _subject_facts(event),
    }


def _subject_facts(event: Event) -> str:
    days = words.day_span(event.starts_at, event.ends_at, event.zone)
    return f"{event.title}, {days}, {event.place}"


def _calendar(event: Event) -> bytes:
    """The same for everybody, so made once for the many mails of an opening or a selection.

    Kept for this version of the event, and for a minute: a topic may be renamed.
    """
    minute = now().replace(second=0, microsecond=0)
    key = event.id, event.version, event.revised_at, minute
    kept: tuple[Any, bytes] | None = current_app.extensions.get("latest_calendar")
    if kept is None or kept[0] != key:
        page = url("event_page.show", slug=event.slug)
        kept = key, event_calendar(event, page_url=page, for_registrant=True)
        current_app.extensions["latest_calendar"] = kept
    return kept[1]


def _key() -> str:
    return cast("str", current_app.secret_key)
