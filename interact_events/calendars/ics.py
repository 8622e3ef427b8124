"""One person's own calendar."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from interact_events.core import ics, words
from interact_events.core.links import url
from interact_events.events.ics import Place, event_entries
from interact_events.registrations.emails import own_place
from interact_events.registrations.models import CalendarEntry, Registration, State

WAITING = {
    State.PENDING: "You have applied, and the office has not decided yet.",
    State.WAITLISTED: "You are on the waiting list.",
}


def own_entries(
    registrations: Sequence[Registration],
    chosen: Mapping[int, set[int]],
    sent: Mapping[int, Sequence[CalendarEntry]],
    *,
    by_day: bool,
    now: datetime,
) -> Iterator[ics.Entry]:
    """Seats as they are, what is still open as tentative. What never became a seat is gone once it
    is over. `chosen` are sessions of few seats, by registration, `sent` what mails have brought,
    by event: both ways an entry has one SEQUENCE."""
    for row in registrations:
        shown, event = row.state_shown(now), row.event
        is_open = shown in (State.OFFERED, *WAITING) and event.ends_at > now
        if shown is State.CONFIRMED or is_open:
            yield from event_entries(
                event,
                page_url=url("event_page.show", slug=event.slug),
                place=_place(row, shown, chosen.get(row.id, set()), sent.get(event.id, ()), now),
                by_day=by_day,
            )


def _place(
    row: Registration,
    shown: State,
    chosen: set[int],
    sent: Sequence[CalendarEntry],
    now: datetime,
) -> Place:
    place = own_place(row, chosen)
    has_seat = shown is State.CONFIRMED
    told = [entry.told_at for entry in sent if entry.told_at <= now]
    return replace(
        place,
        since=max([_known_since(row, now), *told]),
        joining_url=place.joining_url if has_seat else "",
        is_tentative=not has_seat,
        status=_status(row, shown),
        reminds_from=now,
        held={entry.uid: entry.held(now) for entry in sent},
    )


def _known_since(row: Registration, now: datetime) -> datetime:
    """The instant of a decision says as much as the decision."""
    if row.is_untold(now):
        return row.submitted_at
    return max(each for each in (row.submitted_at, row.decided_at, row.told_at) if each)


def _status(row: Registration, shown: State) -> str:
    if shown is State.OFFERED and row.answer_by:
        answer_by = words.moment(row.answer_by, row.event.zone)
        return f"A seat is offered to you: accept it by {answer_by}."
    return WAITING.get(shown, "")
