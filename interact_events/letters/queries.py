"""Reading letters, reminders, and whom they are for."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import aliased, joinedload, lazyload

from interact_events.accounts.models import DELETED, User
from interact_events.attendance.models import Presence
from interact_events.core import words
from interact_events.core.db import db
from interact_events.core.outbox import MailState, OutboxMessage
from interact_events.events.models import Event, EventState
from interact_events.interreg.models import Programme
from interact_events.letters.models import Letter, LetterFile, LetterState, ReminderRule
from interact_events.letters.rules import (
    LATE_FOR,
    MOST_DAYS,
    USUAL,
    Anchor,
    Answered,
    Came,
    Due,
    Group,
    Reminder,
    due,
)
from interact_events.registrations.models import Registration, SessionChoice, State
from interact_events.registrations.rules import UNDONE

# -- whom ----------------------------------------------------------------------------------------


def recipients(event: Event, group: Group, now: datetime, *, q: str = "") -> Select[Registration]:
    """The people of the group as it is now, by what they may know themselves, in order of arrival.

    Of somebody who registered again only the latest registration counts.
    """
    return (
        select(Registration)
        .where(*_conditions(event, group, now))
        .where(*_named(q))
        .options(
            joinedload(Registration.user).lazyload(User.memberships),
            joinedload(Registration.programme).lazyload(Programme.strand),
            lazyload(Registration.event),
        )
        .order_by(Registration.id)
    )


def number_of_recipients(event: Event, group: Group, now: datetime) -> int:
    """Counted by the database: there may be thousands."""
    query = select(func.count(Registration.id)).where(*_conditions(event, group, now))
    return db.session.scalar(query) or 0


def _named(q: str) -> list[ColumnElement[bool]]:
    return [
        Registration.search_text.contains(word, autoescape=True) for word in words.folded(q).split()
    ]


def decided_before(people: Select[Registration], instant: datetime) -> Select[Registration]:
    """Those of them who have stood where they stand since before that instant."""
    decided_at = Registration.decided_at
    return people.where(or_(decided_at.is_(None), decided_at < instant))


def one_of(people: Select[Registration], wanted: int) -> Registration | None:
    """The registration of that number, else the first of them."""
    chosen = people.order_by(None).order_by(Registration.id != wanted, Registration.id)
    return db.session.scalar(chosen.limit(1))


def without_mail(people: Select[Registration], key: str, most: int) -> Sequence[Registration]:
    """The first of them to whom no mail with such a key was written, freshly read."""
    has_mail = exists().where(
        OutboxMessage.key == literal(key) + cast(Registration.user_id, String)
    )
    return db.session.scalars(
        people.where(~has_mail).limit(most).execution_options(populate_existing=True)
    ).all()


def _is_reachable() -> ColumnElement[bool]:
    later = aliased(Registration)
    came_again = exists().where(
        later.event_id == Registration.event_id,
        later.user_id == Registration.user_id,
        later.id > Registration.id,
    )
    return and_(Registration.user.has(~User.email.endswith(DELETED)), ~came_again)


def _conditions(event: Event, group: Group, now: datetime) -> list[ColumnElement[bool]]:
    if not group.states:
        return [false()]
    found = [
        Registration.event_id == event.id,
        Registration.state != State.UNCONFIRMED,
        _is_shown_as(group.states, now),
        _is_reachable(),
    ]
    for column, wanted in (
        (Registration.role_id, group.role),
        (Registration.programme_id, group.programme),
        (Registration.country_id, group.country),
    ):
        if wanted is not None:
            found.append(column == wanted)
    if group.session is not None:
        found.append(_chose(group.session, now))
    if group.answered is not None:
        found += [_is_told(now), _answered(group.answered)]
    if group.came is not None:
        found.append(_came(group.came))
    return found


def _is_told(now: datetime) -> ColumnElement[bool]:
    return or_(
        Registration.told_at.is_(None),
        Registration.told_at <= now,
        Registration.state.not_in(UNDONE),
    )


def _is_shown_as(states: Sequence[State], now: datetime) -> ColumnElement[bool]:
    """Whoever was not told of a selection is still pending, as far as they know."""
    shown = and_(_is_told(now), Registration.state.in_(states))
    return or_(shown, ~_is_told(now)) if State.PENDING in states else shown


def _chose(session_id: int, now: datetime) -> ColumnElement[bool]:
    return exists().where(
        SessionChoice.registration_id == Registration.id,
        SessionChoice.session_id == session_id,
        _is_known(now),
    )


def _is_known(now: datetime) -> ColumnElement[bool]:
    return or_(SessionChoice.left_at.is_(None), SessionChoice.left_at > now)


def _answered(answered: Answered) -> ColumnElement[bool]:
    if answered is Answered.YES:
        return Registration.reconfirmed_at.is_not(None)
    asked = Registration.state.in_((State.OFFERED, State.CONFIRMED))
    return and_(asked, Registration.answer_by.is_not(None))


def _came(came: Came) -> ColumnElement[bool]:
    was_there = exists().where(Presence.registration_id == Registration.id)
    return was_there if came is Came.YES else ~was_there


def sessions_known(people: Iterable[Registration], now: datetime) -> dict[int, set[int]]:
    """The sessions that each of them may know to have chosen."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    numbers = [row.id for row in people]
    rows = db.session.execute(
        select(SessionChoice.registration_id, SessionChoice.session_id).where(
            SessionChoice.registration_id.in_(numbers), _is_known(now)
        )
    )
    for registration_id, session_id in rows:
        found[registration_id].add(session_id)
    return found


# -- mails ---------------------------------------------------------------------------------------


def letter_key(letter: Letter) -> str:
    return key_of_letter(letter.id)


def key_of_letter(number: int | str) -> str:
    """What the keys of a letter's mails begin with; the person's number follows."""
    return f"letter:{number}:"


def reminder_key(event: Event, reminder: Reminder, at: Due) -> str:
    """What the keys of a reminder's mails begin with; the day names the occurrence."""
    return f"reminder:{event.id}:{reminder.key}:{at.day.isoformat()}:"


def mails_of(event_id: int, key: str) -> ColumnElement[bool]:
    """An index finds the event's; only among those are the keys compared."""
    return and_(
        OutboxMessage.event_id == event_id, OutboxMessage.key.startswith(key, autoescape=True)
    )


def mails_by_state(letter: Letter) -> dict[MailState, int]:
    """How many mails of a letter stand where."""
    rows = db.session.execute(
        select(OutboxMessage.state, func.count())
        .where(mails_of(letter.event_id, letter_key(letter)))
        .group_by(OutboxMessage.state)
    )
    found = {row[0]: row[1] for row in rows}
    return {state: found[state] for state in MailState if state in found}


def mails_by_key(event: Event, keys: Sequence[str]) -> dict[str, int]:
    """How many mails have keys that begin so, by one statement."""
    if not keys:
        return {}
    counts = [
        func.count().filter(OutboxMessage.key.startswith(key, autoescape=True)) for key in keys
    ]
    row = db.session.execute(select(*counts).where(OutboxMessage.event_id == event.id)).one()
    return dict(zip(keys, row, strict=True))


# -- letters -------------------------------------------------------------------------------------


def letters_of(event: Event) -> Select[Letter]:
    """The event's letters, the newest first."""
    return (
        select(Letter)
        .where(Letter.event_id == event.id)
        .options(joinedload(Letter.created_by).lazyload(User.memberships))
        .order_by(Letter.id.desc())
    )


def letter_of(event: Event, letter_id: int) -> Letter | None:
    return db.session.scalar(
        select(Letter).where(Letter.id == letter_id, Letter.event_id == event.id)
    )


def files_of(letter_id: int) -> Sequence[LetterFile]:
    return db.session.scalars(
        select(LetterFile).where(LetterFile.letter_id == letter_id).order_by(LetterFile.id)
    ).all()


def stored_names() -> set[str]:
    """Every file that a row names."""
    return set(db.session.scalars(select(LetterFile.stored_as)))


def letters_due(now: datetime) -> Sequence[int]:
    """The numbers of letters whose mails are to be written."""
    return db.session.scalars(
        select(Letter.id)
        .where(Letter.state == LetterState.WAITING, Letter.send_at <= now)
        .order_by(Letter.send_at, Letter.id)
    ).all()


# -- reminders -----------------------------------------------------------------------------------


def rule_of(event: Event, key: str) -> ReminderRule | None:
    return db.session.scalar(
        select(ReminderRule).where(ReminderRule.event_id == event.id, ReminderRule.key == key)
    )


def rules_of(events: Iterable[int]) -> dict[int, list[ReminderRule]]:
    """What these events say differently, by their number."""
    found: defaultdict[int, list[ReminderRule]] = defaultdict(list)
    for row in db.session.scalars(
        select(ReminderRule)
        .where(ReminderRule.event_id.in_(list(events)))
        .order_by(ReminderRule.id)
    ):
        found[row.event_id].append(row)
    return found


def reminders_of(event: Event) -> list[Reminder]:
    """The usual ones, as the event has changed them, and its own."""
    return _with_usual(rules_of([event.id])[event.id])


def _with_usual(rows: Iterable[ReminderRule]) -> list[Reminder]:
    changed = {row.key: row.reminder for row in rows}
    usual = [changed.pop(reminder.key, reminder) for reminder in USUAL]
    return [*usual, *changed.values()]


def reminder_of(event: Event, key: str) -> Reminder | None:
    return next((each for each in reminders_of(event) if each.key == key), None)


def due_of(event: Event, reminder: Reminder) -> Due | None:
    instants = {
        Anchor.OPENING: event.registration_opens_at,
        Anchor.DEADLINE: event.closes_at,
        Anchor.START: event.starts_at,
        Anchor.END: event.ends_at,
    }
    return due(reminder, instants[reminder.anchor], event.zone)


def reminders_due(now: datetime) -> list[tuple[int, str]]:
    """Which reminders of which events go out now: (the event's number, the reminder's key)."""
    events = _events_near(now)
    rules = rules_of(event.id for event in events)
    return [
        (event.id, reminder.key)
        for event in events
        for reminder in _with_usual(rules[event.id])
        if reminder.is_on and (at := due_of(event, reminder)) and at.is_now(now)
    ]


def _events_near(now: datetime) -> Sequence[Event]:
    """Published events with an instant that may be near enough for a reminder."""
    reach = timedelta(days=MOST_DAYS + 2)
    instants = (
        Event.registration_opens_at,
        Event.registration_closes_at,
        Event.starts_at,
        Event.ends_at,
    )
    near = [column.between(now - reach - LATE_FOR, now + reach) for column in instants]
    return db.session.scalars(
        select(Event)
        .where(Event.state == EventState.PUBLISHED, or_(*near))
        .options(lazyload("*"))
        .order_by(Event.starts_at, Event.id)
    ).all()
