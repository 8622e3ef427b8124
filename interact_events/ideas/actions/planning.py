"""Making an event of an idea, and inviting its supporters first."""

from dataclasses import dataclass
from datetime import date, datetime, time

from interact_events.accounts.actions import recipient
from interact_events.accounts.models import User
from interact_events.core import audit, outbox, words
from interact_events.core.clock import to_local
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.core.outbox import Posting
from interact_events.events.actions import EventValues, create_event, on_publication
from interact_events.events.models import Event, Kind, Mode
from interact_events.events.queries import rows_of
from interact_events.ideas import emails, queries
from interact_events.ideas.models import Idea
from interact_events.interreg.models import Office, Period, StakeholderRole
from interact_events.registrations.actions import give_head_start
from interact_events.registrations.emails import reply_address

USUAL_SEATS = 30
ONLINE = (Kind.WEBINAR, Kind.ONLINE_MEETING)
HOURS = {Mode.ONLINE: (time(10), time(12)), Mode.IN_PERSON: (time(9), time(16))}


@dataclass(frozen=True, kw_only=True)
class DraftValues:
    """What an office says of the event that it makes; the draft has room for everything else.

    Supporters may register `head_start_days` before everybody else.
    """

    office: Office
    title: str
    kind: Kind
    first_day: date
    roles: tuple[StakeholderRole, ...] = ()
    head_start_days: int = 0


def plan_idea(idea: Idea, values: DraftValues, *, actor: User, now: datetime, host: str) -> Event:
    """A draft of the office, filled with what the idea knows; everybody behind it hears of it."""
    lock(idea)
    if not idea.is_open:
        raise DomainError("Only an open idea can become an event.")
    if idea.event_id:
        raise DomainError("Somebody has made an event of this idea already.")
    if values.first_day <= to_local(now, values.office.zone).date():
        raise DomainError("Choose a day that lies ahead.", "first_day")
    event = create_event(values.office, _as_event(idea, values), actor=actor, now=now, host=host)
    idea.office, idea.event, idea.head_start_days = values.office, event, values.head_start_days
    audit.record("idea planned", idea, actor=actor, now=now, event=event.slug)
    _tell_planned(idea, event, now)
    return event


def _as_event(idea: Idea, values: DraftValues) -> EventValues:
    office, mode = values.office, Mode.ONLINE if values.kind in ONLINE else Mode.IN_PERSON
    starts, ends = HOURS[mode]
    return EventValues(
        title=values.title,
        description=idea.text,
        kind=values.kind,
        mode=mode,
        language=queries.favourite_language(idea),
        period=rows_of(Period)[0],  # the newest
        roles=values.roles,
        topics=tuple(idea.topics),
        zone=office.zone,
        starts=datetime.combine(values.first_day, starts),
        ends=datetime.combine(values.first_day, ends),
        city=office.city,
        country=office.country,
        capacity=USUAL_SEATS,
        contact_name=office.name,
        contact_email=office.email,
    )


def _tell_planned(idea: Idea, event: Event, now: datetime) -> None:
    outbox.post_all(
        [
            Posting(
                mail=emails.planned(idea, user, event.office.name),
                to=recipient(user),
                key=f"idea:{idea.id}:planned:{event.id}:{user.id}",
                reply_to=event.office.email,
            )
            for user in queries.people_behind(idea)
        ],
        now=now,
    )


@on_publication
def invite_supporters(event: Event, now: datetime) -> None:
    """Who said that they would come to this is told at once, while the news to everybody else
    goes once a week, and registers first where the office has said so."""
    idea = queries.idea_of(event)
    if idea is None:
        return
    lock(idea)  # who says just now that they would come is invited as well, or refused
    people = queries.people_behind(idea)
    opens, everybody = event.registration_opens_at, ""
    if idea.head_start_days and people:
        numbers = [user.id for user in people]
        opens = give_head_start(event, numbers, idea.head_start_days, now=now)
        everybody = _moment(event.registration_opens_at, event, now)
    db.session.flush()
    outbox.post_all(
        [
            Posting(
                mail=emails.invited_first(idea, event, user, _moment(opens, event, now), everybody),
                to=recipient(user),
                key=f"idea:{idea.id}:published:{event.id}:{user.id}",
                reply_to=reply_address(event),
                event_id=event.id,
            )
            for user in people
        ],
        now=now,
    )
    audit.record("supporters invited", event, actor=None, now=now, people=len(people))


def _moment(instant: datetime | None, event: Event, now: datetime) -> str:
    """In the event's zone; empty for what has come to pass."""
    return words.moment(instant, event.zone) if instant and instant > now else ""
