"""Calendars as files: one event, whatever the catalogue lists, and a person's own."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TypeAlias

from flask import Blueprint, Response, request
from sqlalchemy import Select

from interact_events.calendars import queries
from interact_events.calendars.ics import own_entries
from interact_events.calendars.views.answers import (
    ONES_OWN,
    calendar_answer,
    conditional,
    streamed_answer,
)
from interact_events.core import clock, ics
from interact_events.core.db import db, one_moment
from interact_events.core.links import url
from interact_events.core.web.access import public, visible
from interact_events.core.web.headers import NOT_INDEXED
from interact_events.core.web.kept import kept, stamped_version, version_shown
from interact_events.events.ics import event_entries
from interact_events.events.models import Event
from interact_events.events.queries import Filters, public_event
from interact_events.registrations.queries import catalogue as events_of_catalogue
from interact_events.registrations.queries import choices_shown_of, entries_of

blueprint = Blueprint("calendars", __name__)
AT_ONCE = 200  # events that are in memory
MOST_KNOWN = 5000  # events whose entries are remembered
_Key: TypeAlias = tuple[str | None, int, bool]
_Written: TypeAlias = tuple[bytes, ics.Used]
_known: dict[_Key, _Written] = {}


def _is_by_day() -> bool:
    """Whether the reader prefers one entry a day."""
    return request.args.get("by") == "day"


def _page(event: Event) -> str:
    return url("event_page.show", slug=event.slug)


@blueprint.get("/events/<slug>/event.ics")
@public
@kept
def event(slug: str) -> Response:
    """The sessions of one event; cancelled ones stay, a draft does not exist."""
    found = public_event(slug)
    visible(found)
    assert found  # visible() has answered 404 otherwise
    entries = event_entries(found, page_url=_page(found), by_day=_is_by_day())
    return calendar_answer(ics.written(entries), f"{found.slug}.ics")


@blueprint.get("/events.ics")
@public
@kept
def catalogue() -> Response:
    """The events that `/events` lists for the same filters; they leave the reader's time free."""
    filters, now, by_day = Filters.from_args(request.args), clock.now(), _is_by_day()
    found = events_of_catalogue(filters, now)
    name = queries.feed_name(filters)
    with one_moment():
        first = db.session.scalars(found.with_only_columns(Event.id).limit(AT_ONCE + 1)).all()
        if len(first) <= AT_ONCE:
            return calendar_answer(_written(first, by_day=by_day), "events.ics", name=name)
    return streamed_answer(
        lambda: _parts(found.options(*queries.ENTRIES_ALONE), name, by_day=by_day),
        "events.ics",
        tag=_tag(filters, now),
    )


def _entries(events: Iterable[Event], *, by_day: bool) -> Iterator[ics.Entry]:
    for each in events:
        yield from event_entries(each, page_url=_page(each), by_day=by_day, is_busy=False)


def _written(numbers: Sequence[int], *, by_day: bool) -> _Written:
    """Feeds of other filters hold the same events: what one has written the next ones take, while
    nothing that is shown has changed. Only the others are read."""
    version = stamped_version()
    known = {number: _known.get((version, number, by_day)) for number in numbers}
    for event in queries.with_entries([number for number in numbers if known[number] is None]):
        known[event.id] = ics.written(_entries([event], by_day=by_day))
        _remember((version, event.id, by_day), known[event.id])
    return ics.joined(written for written in known.values() if written)


def _remember(key: _Key, written: _Written | None) -> None:
    """Without a version nothing says how long it holds."""
    if len(_known) >= MOST_KNOWN:
        _known.clear()
    if key[0] and written:
        _known[key] = written


def _parts(found: Select[Event], name: str, *, by_day: bool) -> Iterator[bytes]:
    """All of them, so many at a time that no number of events takes more memory."""
    with one_moment():
        years = queries.years()
        rows = db.session.scalars(found.execution_options(yield_per=AT_ONCE))
        batches = (_entries(batch, by_day=by_day) for batch in rows.partitions())
        yield from ics.pieces(batches, name=name, refresh=ics.REFRESH, years=years)


def _tag(filters: Filters, now: datetime) -> str | None:
    """All that decides what a long feed holds: its address, the version of all that is shown, and
    as time goes by, which event has ended last and, where seats are asked for, the minute."""
    version = version_shown()
    if version is None:
        return None
    minute = now.replace(second=0, microsecond=0) if filters.has_seats else None
    return f"{request.full_path} {version} {queries.last_end(now)} {minute}"


@blueprint.get("/calendar/<token>/mine.ics")
@public
def mine(token: str) -> Response:
    """Of whoever has the address, which is as good as a password: programs can't sign in."""
    user = queries.user_of_address(token)
    visible(user)
    assert user  # visible() has answered 404 otherwise
    now = clock.now()
    entries = own_entries(
        queries.registrations_of(user),
        choices_shown_of(user, now),
        entries_of(user),
        by_day=_is_by_day(),
        now=now,
    )
    answer = calendar_answer(
        ics.written(entries), "my-events.ics", name="My Interact events", cache=ONES_OWN
    )
    answer.headers.update(NOT_INDEXED)
    return conditional(answer)
