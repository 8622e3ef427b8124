"""Papers for an event: made at once for few people, in the background for many."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum

from interact_events.accounts.models import User
from interact_events.attendance import pdf, queries
from interact_events.attendance.pdf import Attendee, Occasion, SignedList
from interact_events.core import jobs, words
from interact_events.core.clock import to_local
from interact_events.core.db import db, one_moment
from interact_events.core.errors import DomainError
from interact_events.core.jobs import Job, report
from interact_events.events.models import Event, Session
from interact_events.events.policies import can_view_event
from interact_events.registrations.emails import check_in_address
from interact_events.registrations.models import Registration
from interact_events.registrations.queries import choices_of

LinkOf = Callable[[Registration], str]
Told = Callable[[int], None]


class Kind(StrEnum):
    LISTS = "lists"
    BADGES = "badges"
    SIGNS = "signs"

    @property
    def label(self) -> str:
        return {
            "lists": "Attendance lists",
            "badges": "Name badges",
            "signs": "Table signs",
        }[self.value]


@dataclass(frozen=True)
class Order:
    """What is to be printed, in values that a job's row can hold.

    `about` is "session-12", "day-2027-05-12" or "sessions" for all of them; `role_id` 0 is any.
    """

    kind: str
    about: str = ""
    size: str = ""
    role_id: int = 0


@dataclass(frozen=True)
class Paper:
    """All that goes onto it, read already: laying it out takes time and asks no database."""

    name: str
    number: int  # of people, each as often as they stand there
    write: Callable[[Told | None], bytes]


def paper_of(event: Event, order: Order, link_of: LinkOf = check_in_address) -> Paper:
    """Read what `order` asks for; refuses what would be empty."""
    occasion = occasion_of(event)
    kind = Kind(order.kind)
    name = f"{event.slug}-{kind.label.lower().replace(' ', '-')}.pdf"
    if kind is Kind.LISTS:
        lists = _lists(event, order.about)
        if not lists:
            raise DomainError("That session is not on the agenda any more.")
        number = sum(len(each.people) for each in lists)
        return Paper(name, number, lambda told: pdf.lists_pdf(occasion, lists, told))
    rows = _some(queries.on_site(event, order.role_id))
    if kind is Kind.SIGNS:
        people = [_attendee(event, row) for row in rows]
        return Paper(name, len(people), lambda told: pdf.signs_pdf(occasion, people, told))
    people = [_attendee(event, row, link_of) for row in rows]
    return Paper(name, len(people), lambda told: pdf.badges_pdf(occasion, people, order.size, told))


def _some(rows: Sequence[Registration]) -> Sequence[Registration]:
    if not rows:
        raise DomainError("Nobody of those has a confirmed seat on site.")
    return rows


def occasion_of(event: Event) -> Occasion:
    return Occasion(
        title=event.title,
        dates=words.day_span(event.starts_at, event.ends_at, event.zone),
        place=event.full_place,
        office=event.office.name,
        hue=event.office.hue.value,
        publicity=event.period.publicity.lines,
    )


def _attendee(event: Event, row: Registration, link_of: LinkOf | None = None) -> Attendee:
    return Attendee(
        name=row.name,
        institution=row.institution,
        role=row.role_label,
        programme=row.programme.name if row.programme else "",
        country=row.country.name,
        link=link_of(row) if link_of else "",
    )


# -- lists ---------------------------------------------------------------------------------------


def _lists(event: Event, about: str) -> list[SignedList]:
    rows = _some(queries.on_site(event))
    people = {row.id: _attendee(event, row) for row in rows}
    if about.startswith("day-"):
        return [_of_day(event, date.fromisoformat(about.removeprefix("day-")), people)]
    chosen = choices_of(event)
    return [
        _of_session(session, people, chosen)
        for session in event.agenda
        if about in ("sessions", f"session-{session.id}")
    ]


def _of_day(event: Event, day: date, people: dict[int, Attendee]) -> SignedList:
    sessions = [s for s in event.agenda if to_local(s.starts_at, event.zone).date() == day]
    hours = ""
    if sessions:
        ends_at = max(each.ends_at for each in sessions)
        hours = words.time_span(sessions[0].starts_at, ends_at, event.zone)
    return SignedList(f"{day:%A} {words.written(day)}", hours, "", [*people.values()])


def _of_session(
    session: Session, people: dict[int, Attendee], chosen: dict[int, set[int]]
) -> SignedList:
    """Of a session with seats of its own, those who chose it."""
    event = session.event
    hours = words.time_span(session.starts_at, session.ends_at, event.zone)
    expected = [
        person
        for number, person in people.items()
        if not session.capacity or session.id in chosen.get(number, ())
    ]
    when = f"{words.weekday(session.starts_at, event.zone)}, {hours}"
    return SignedList(session.title, when, session.room, expected)


# -- in the background ---------------------------------------------------------------------------


def _may_fetch(person: User, job: Job) -> bool:
    event = db.session.get(Event, job.arguments["event_id"])
    return event is not None and can_view_event(person, event)


@jobs.task_with_file(_may_fetch)
def make_paper(job: Job, event_id: int, **order: str | int) -> str:
    """Lists to sign, badges or table signs, as people are registered at one moment."""
    with one_moment():
        event = db.session.get_one(Event, event_id)
        paper = paper_of(event, Order(**order))  # type: ignore[arg-type]  # as asdict gave them
        db.session.rollback()
    report(job, 0, paper.number)
    body = paper.write(lambda done: report(job, done, paper.number))
    with jobs.result_file(job, paper.name) as file:
        file.write(body)
    report(job, paper.number, paper.number)
    return f"Ready to print: {words.count(paper.number, 'line or card', 'lines or cards')}."


def start_paper(event: Event, order: Order, *, actor: User, now: datetime, back_url: str) -> Job:
    """Let a worker make it."""
    title = f"{Kind(order.kind).label} of {event.title}"
    return jobs.start(
        make_paper,
        title,
        actor=actor,
        now=now,
        back_url=back_url,
        event_id=event.id,
        **asdict(order),
    )
