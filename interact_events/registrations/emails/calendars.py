"""What mails about registrations put into calendars."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from email.utils import parseaddr

from flask import current_app

from interact_events.core import itip, words
from interact_events.core.ics import Entry, Method
from interact_events.core.links import url
from interact_events.core.mail import Mail, compose
from interact_events.events.ics import Place
from interact_events.events.models import Event
from interact_events.registrations.emails.kinds import CALENDAR_ENTRY, REGISTRATION
from interact_events.registrations.emails.values import facts, join_address, joins_online
from interact_events.registrations.ics import invitation
from interact_events.registrations.models import Registration

SOMEBODYS_JOINING = "https://join.invalid/"
SOMEBODYS_PAGE = "https://page.invalid/"


def anybodys_place(registration: Registration, chosen: frozenset[int]) -> Place:
    """What the entries of everybody say who takes part in this way, until `personally`."""
    return Place(
        sessions=chosen,
        joining_url=SOMEBODYS_JOINING if joins_online(registration) else "",
        is_online=registration.is_online,
        page_url=SOMEBODYS_PAGE,
        organizer_email=own_sender(),
    )


def personally(entry: Entry, place: Place) -> Entry:
    """An entry of anybody's as this person has it."""
    description = entry.description.replace(SOMEBODYS_PAGE, place.page_url)
    return replace(
        entry,
        description=description.replace(SOMEBODYS_JOINING, place.joining_url),
        joining_url=place.joining_url,
    )


def own_place(registration: Registration, chosen: Collection[int]) -> Place:
    """What the entries of somebody with a seat say; `chosen` are sessions with few seats."""
    joins = joins_online(registration)
    return Place(
        sessions=frozenset(chosen),
        joining_url=join_address(registration) if joins else "",
        is_online=registration.is_online,
        page_url=url("registrations.show", registration_id=registration.id),
        organizer_email=own_sender(),
    )


def own_sender() -> str:
    """The address that our mails come from: where a mail program sends its answers, and without
    which it takes no invitation from us."""
    return parseaddr(current_app.extensions["settings"].mail_from)[1]


def page_of(event: Event) -> str:
    return url("event_page.show", slug=event.slug)


def calendar_entry(
    registration: Registration, message: itip.Message, beside: Mail | None = None
) -> Mail:
    """To somebody whose calendar has to change and whom no other mail tells of it. It says what
    the one `beside` it does of the registration, which need not be found out again."""
    known = {each.name: beside.values[each.name] for each in REGISTRATION} if beside else None
    entry, before = message.facts, message.before
    is_removed = message.method is Method.CANCEL
    return compose(
        CALENDAR_ENTRY,
        entry=entry.title,
        entry_day=words.day(entry.starts_at, entry.zone),
        entry_when=_span(entry),
        entry_where=entry.where,
        entry_sessions=_items(entry),
        is_removed=is_removed,
        is_day_kept=message.is_day_kept,
        entry_changes=itip.differences(before, entry) if before and not is_removed else [],
        **(known or facts(registration)),
    )


def _span(entry: itip.Facts) -> str:
    start, end, zone = entry.starts_at, entry.ends_at, entry.zone
    if words.is_one_day(start, end, zone):
        return f"{words.weekday(start, zone)}, {words.time_span(start, end, zone)}"
    return f"{words.moment(start, zone)} to {words.moment(end, zone)}"


def _items(entry: itip.Facts) -> list[str]:
    return [
        f"{words.time_span(item.starts_at, item.ends_at, entry.zone)} {item.title}"
        for item in entry.items
    ]


def about_calendar(mail: Mail, *, is_attached: bool) -> Mail:
    """The mail with whether it carries an entry, where its words say so."""
    if "has_calendar" not in mail.values:
        return mail
    return replace(mail, values={**mail.values, "has_calendar": is_attached})


def carrying(
    mail: Mail,
    registration: Registration,
    message: itip.Message,
    entries: Mapping[str, Entry],
    at: datetime,
) -> Mail:
    """The mail with what its reader's mail program puts into their calendar, or takes out."""
    calendar = invitation(message, entries, registration, sender=own_sender(), at=at)
    return replace(mail, calendar=calendar)
