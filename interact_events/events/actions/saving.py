"""New events, and what their offices change of them."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeAlias

from interact_events.accounts.models import User
from interact_events.core import audit, words
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.events.actions.agenda import move_agenda, moves_of, new_uid, revise
from interact_events.events.actions.history import changes_between, described
from interact_events.events.actions.refusals import Checked, checked_values, refuse_cancelled
from interact_events.events.actions.values import INSTANTS, PLAIN, SEVERAL, EventValues
from interact_events.events.models import Admission, Event, EventState, Mode
from interact_events.events.queries import is_slug_taken
from interact_events.interreg.models import Office

# What calendars show of an event.
IN_CALENDARS = (
    *("title", "starts_at", "ends_at", "zone", "mode", "kind", "summary"),
    *("venue", "address", "city", "country", "coordinates", "joining_url"),
    *("contact_name", "contact_email"),
)

Following: TypeAlias = Callable[[Event, datetime], object]

_following_creation: list[Following] = []


def on_creation(follow: Following) -> Following:
    """For features on top: what every new event begins with; a copy has what its original has."""
    _following_creation.append(follow)
    return follow


def create_event(
    office: Office, values: EventValues, *, actor: User, now: datetime, host: str
) -> Event:
    """A new draft of the office, with what every event begins with."""
    if values.admission is Admission.SELECTION and values.registration_closes is None:
        raise DomainError("Say until when people may apply.", "registration_closes")
    event = new_event(office, values, actor=actor, now=now, host=host)
    db.session.flush()
    for follow in _following_creation:
        follow(event, now)
    return event


def new_event(
    office: Office, values: EventValues, *, actor: User, now: datetime, host: str
) -> Event:
    """Its slug and UID stay for good."""
    lock(office)  # two of the same title, one slug
    event = Event(
        uid=new_uid(host),
        slug=_new_slug(values.title),
        office=office,
        state=EventState.DRAFT,
        seats_taken=0,
        version=0,
        sequence=0,
        created_at=now,
        created_by_id=actor.id,
        revised_at=now,
    )
    with db.session.no_autoflush:
        _apply(event, checked_values(values, office, None))
    event.online_capacity = event.capacity // 2 if event.mode is Mode.HYBRID else 0
    db.session.add(event)
    audit.record("created", event, actor=actor, now=now, title=event.title)
    return event


def _refuse_fewer_than_online(event: Event, values: EventValues) -> None:
    """How many of all seats are online is said beside the rules of the seats."""
    stays_hybrid = event.mode is values.mode is Mode.HYBRID
    if stays_hybrid and values.capacity <= event.online_capacity:
        online = words.count(event.online_capacity, "seat")
        raise DomainError(
            f"{online} {'is' if event.online_capacity == 1 else 'are'} online, and some have to "
            "be on site. Offer more seats, or fewer of them online, under Seats.",
            "capacity",
        )


def save_event(event: Event, values: EventValues, *, actor: User, now: datetime) -> bool:
    """Change the event; says whether its entries in calendars have to change.

    An agenda that would fall outside the event, or whose zone changes, moves along with its start.
    """
    lock(event)
    refuse_cancelled(event)
    if values.version not in (None, event.version):
        raise DomainError(
            "Somebody else has saved this event since you opened it. Your entries are kept below: "
            "open the event in a new tab, make your changes there and save that one."
        )
    checked = checked_values(values, event.office, event)
    _refuse_fewer_than_online(event, values)
    before, shown_before = described(event), _shown(event)
    moves = moves_of(event, checked)
    _apply(event, checked)
    changes = changes_between(before, described(event))
    if not changes:
        return False
    event.version += 1
    moved = move_agenda(event, moves)
    revised = event.is_published and _shown(event) != shown_before
    if revised:
        revise(event, *event.agenda, now=now)
    audit.record("edited", event, actor=actor, now=now, fields=changes, sessions_moved=moved)
    return revised


def change_office(event: Event, office: Office, *, actor: User, now: datetime) -> None:
    """The event is that office's from now on; the former one is no longer part of it."""
    former = event.office.name
    event.co_organisers = [each for each in event.co_organisers if each != office]
    event.office = office
    event.version += 1
    if event.is_published:
        revise(event, *event.agenda, now=now)
    fields = {"office": [former, office.name]}
    audit.record("handed over", event, actor=actor, now=now, fields=fields)


def change_co_organisers(
    event: Event, did: str, offices: list[Office], *, actor: User, now: datetime
) -> None:
    """These help from now on; `did` says in the history what happened."""
    before = described(event)
    event.co_organisers = offices
    event.version += 1
    fields = changes_between(before, described(event))
    audit.record(did, event, actor=actor, now=now, fields=fields)


def _apply(event: Event, checked: Checked) -> None:
    for field in PLAIN:
        setattr(event, field, getattr(checked.values, field))
    for field in SEVERAL:
        setattr(event, field, list(getattr(checked.values, field)))
    for field in INSTANTS:
        setattr(event, field, getattr(checked, field))
    topics = " ".join(topic.name for topic in event.topics)
    event.search_text = words.folded(f"{event.title} {event.summary} {topics} {event.city}")


def _shown(event: Event) -> list[Any]:
    return [getattr(event, field) for field in IN_CALENDARS]


def _new_slug(title: str) -> str:
    wished = words.slug(title)
    return next(slug for slug in _numbered(wished) if not is_slug_taken(slug))


def _numbered(slug: str) -> Iterator[str]:
    yield slug
    number = 2
    while True:
        yield f"{slug}-{number}"
        number += 1
