"""People's calendars go along with the mails about their seats.

Whatever has happened, the mail that tells of it carries what makes the person's calendar right:
what they were sent of each entry is compared with what is so now. So no action has to know which
entries it touches.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update

from interact_events.accounts.actions import on_deletion
from interact_events.accounts.models import User
from interact_events.core import itip, outbox
from interact_events.core.db import db, put_all
from interact_events.core.ics import Entry, Method
from interact_events.core.mail import Mail
from interact_events.core.outbox import Posting
from interact_events.events.ics import invited_days
from interact_events.events.models import Event
from interact_events.registrations import emails, queries
from interact_events.registrations.models import CalendarEntry, Registration, State

QUIET_FOR = timedelta(minutes=15)  # an agenda is rarely changed in one press


def posting(mail: Mail, registration: Registration, *, key: str) -> Posting:
    """A mail to the registrant, whose answers go to the event's contact."""
    return Posting(
        mail=mail,
        to=emails.recipient(registration),
        key=key,
        reply_to=emails.reply_address(registration.event),
        event_id=registration.event_id,
    )


@dataclass(frozen=True, kw_only=True)
class Told:
    """A mail to somebody registered, whose sessions are `chosen`; with `gives_seat` it carries
    their entries whatever they were sent before."""

    registration: Registration
    posting: Posting
    chosen: Collection[int] = ()
    gives_seat: bool = False


def post_with_entries(
    event: Event, told: Sequence[Told], *, now: datetime, tell_at: datetime | None = None
) -> None:
    """Post the mails, each with what its reader's calendar needs.

    A mail carries one entry, since mail programs read no second one; each further one has a mail
    of its own behind it. They leave in this order, each after the ones before.
    """
    people = [each.registration.user_id for each in told if _may_have_entries(each.registration)]
    held = queries.entries_held(event, people, now) if people else {}
    days = Days()
    postings: list[Posting] = []
    rows: list[dict[str, Any]] = []
    for each in told:
        entries, said = _messages(
            days,
            each.registration,
            each.chosen,
            held.get(each.registration.user_id, {}),
            now=now,
            tell_at=tell_at,
            all_of_them=each.gives_seat,
        )
        postings += _carrying(each, said, entries, at=tell_at or now)
        rows += [_row(each.registration, message, now, tell_at or now) for message in said]
    put_all(CalendarEntry, rows)
    outbox.post_all(postings, now=now, leave_at=tell_at)


def _may_have_entries(row: Registration) -> bool:
    """Who has just come to the line has none, so an opening need not ask."""
    return row.state is State.CONFIRMED or row.moves > 1


class Days:
    """The days of people, worked out once for all who take part in the same way: a selection
    tells a thousand at once."""

    def __init__(self) -> None:
        self._known: dict[Any, list[tuple[Entry, itip.Facts]]] = {}

    def of(self, row: Registration, chosen: Collection[int]) -> list[tuple[Entry, itip.Facts]]:
        place, page_url = emails.own_place(row, chosen), emails.page_of(row.event)
        key = row.event_id, place.sessions, place.is_online
        if key not in self._known:
            anybodys = emails.anybodys_place(row, frozenset(chosen))
            self._known[key] = invited_days(row.event, page_url=page_url, place=anybodys)
        return [(emails.personally(entry, place), facts) for entry, facts in self._known[key]]


def _messages(
    days: Days,
    row: Registration,
    chosen: Collection[int],
    held: Mapping[str, itip.Held],
    *,
    now: datetime,
    tell_at: datetime | None = None,
    all_of_them: bool = False,
) -> tuple[dict[str, Entry], list[itip.Message]]:
    """Nobody reads of a decision in their calendar before its own mail."""
    if tell_at is None and row.is_untold(now):
        return {}, []
    found = days.of(row, chosen) if row.state is State.CONFIRMED else []
    wanted = {
        entry.uid: itip.Wanted(entry.sequence, facts, is_cancelled=row.event.is_cancelled)
        for entry, facts in found
    }
    said = itip.messages(held, wanted, now=now, all_of_them=all_of_them)
    return {entry.uid: entry for entry, _ in found}, said


def _carrying(
    told: Told, said: Sequence[itip.Message], entries: Mapping[str, Entry], *, at: datetime
) -> Iterator[Posting]:
    """The mail itself, with the first of what it is about, and then those of the others.

    A mail about a seat that somebody has never says in the mail program that it was cancelled.
    """
    row = told.registration
    is_coming = any(message.method is Method.REQUEST for message in said) or (
        row.state is State.CONFIRMED and not row.event.is_cancelled
    )
    main = Method.REQUEST if is_coming else Method.CANCEL
    first = next((message for message in said if message.method is main), None)
    mail = emails.about_calendar(told.posting.mail, is_attached=first is not None)
    if first:
        mail = emails.carrying(mail, row, first, entries, at)
    yield replace(told.posting, mail=mail)
    for message in said:
        if message is not first:
            further = emails.calendar_entry(row, message, beside=mail)
            key = further_key(told.posting.key, message.uid)
            yield replace(
                told.posting, mail=emails.carrying(further, row, message, entries, at), key=key
            )


def further_key(key: str, uid: str) -> str:
    """Of the mail that follows the one of `key` with another entry."""
    return f"{key}:{uid}"


def _row(
    registration: Registration, message: itip.Message, now: datetime, at: datetime
) -> dict[str, Any]:
    return {
        "user_id": registration.user_id,
        "uid": message.uid,
        "event_id": registration.event_id,
        "sequence": message.sequence,
        "is_cancelled": message.method is Method.CANCEL,
        "facts": message.facts.to_json(),
        "told_at": at,
        "checked_at": now,
    }


# -- what is taken back before it leaves ---------------------------------------------------------


def keys_of_untold(
    event: Event, rows: Iterable[Registration], key: Any, now: datetime
) -> list[str]:
    """Of all mails that tell these people of a decision; `key` names each one's first."""
    by_person = {row.user_id: key(row) for row in rows}
    further = queries.untold_entries(event, list(by_person), now)
    return [
        *by_person.values(),
        *(further_key(by_person[entry.user_id], entry.uid) for entry in further),
    ]


def forget_untold(event: Event, rows: Iterable[Registration], now: datetime) -> None:
    """What will not leave is in nobody's calendar."""
    db.session.execute(
        update(CalendarEntry)
        .where(
            CalendarEntry.event_id == event.id,
            CalendarEntry.user_id.in_([row.user_id for row in rows]),
            CalendarEntry.told_at > now,
        )
        .values(is_cancelled=True)
        .execution_options(synchronize_session=False)
    )


@on_deletion
def forget_entries(user: User, _gone: str, _now: datetime) -> None:
    """Nothing is sent to them any more."""
    db.session.execute(delete(CalendarEntry).where(CalendarEntry.user_id == user.id))


# -- what changes without a mail of its own ------------------------------------------------------


def tell_of_agenda(event: Event, *, now: datetime) -> int:
    """Tell everybody with a seat of what the agenda has made of their days since they heard of
    it last; says how many are told. Many edits make one mail, and what was undone none.

    The caller holds the event's lock.
    """
    people = queries.people_with_entries(event, now)
    held = queries.entries_held(event, [row.user_id for row in people], now)
    choices = queries.choices_of(event)
    days = Days()
    postings: list[Posting] = []
    rows: list[dict[str, Any]] = []
    for row in people:
        entries, said = _messages(days, row, choices.get(row.id, ()), held[row.user_id], now=now)
        postings += [_calendar_mail(row, message, entries, now) for message in said]
        rows += [_row(row, message, now, now) for message in said]
    put_all(CalendarEntry, rows)
    _note_compared(event, now)
    outbox.post_all(postings, now=now)
    return len({row["user_id"] for row in rows})


def _calendar_mail(
    row: Registration, message: itip.Message, entries: Mapping[str, Entry], at: datetime
) -> Posting:
    mail = emails.carrying(emails.calendar_entry(row, message), row, message, entries, at)
    key = f"registration:{row.id}:calendar:{message.uid}:{message.sequence}"
    return posting(mail, row, key=key)


def _note_compared(event: Event, now: datetime) -> None:
    db.session.execute(
        update(CalendarEntry)
        .where(CalendarEntry.event_id == event.id, CalendarEntry.told_at <= now)
        .values(checked_at=now)
        .execution_options(synchronize_session=False)
    )
