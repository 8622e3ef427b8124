"""Letters and reminders in words."""

from datetime import datetime

from interact_events.core import words
from interact_events.events.models import Event
from interact_events.letters.models import Letter
from interact_events.letters.rules import Anchor, Due, Group, Reminder
from interact_events.registrations.queries import Names

TONES = {"draft": "wait", "waiting": "wait", "sent": "good", "stopped": "bad"}


def group_in_words(event: Event, group: Group, names: Names) -> str:
    """ "confirmed, controllers, came"."""
    if not group.states:
        return "nobody"
    said = [words.listed([state.label.lower() for state in group.states], "or")]
    for sort, wanted in (
        ("roles", group.role),
        ("programmes", group.programme),
        ("countries", group.country),
    ):
        if wanted is not None:
            said.append(names.listed(sort, [wanted]) or "nobody any more")
    if group.session is not None:
        titles = [each.title for each in event.sessions if each.id == group.session]
        said.append(f"session “{titles[0]}”" if titles else "a session that is gone")
    said += [each.label for each in (group.answered, group.came) if each]
    return ", ".join(said)


def standing_of_letter(letter: Letter, now: datetime) -> str:
    """What has become of it, or will."""
    zone = letter.event.zone
    if letter.stopped_at:
        return f"{words.moment(letter.stopped_at, zone)}: {letter.why_stopped}"
    if letter.sent_at:
        people = words.count(letter.people, "person", "people")
        return f"To {people}, {words.moment(letter.sent_at, zone)}"
    if letter.send_at and letter.send_at <= now:
        return "Leaves now"
    return f"Leaves on {words.moment(letter.send_at, zone)}" if letter.send_at else ""


def timing_in_words(reminder: Reminder) -> str:
    """ "3 days before the event starts, at 09:00"."""
    side = "after" if reminder.is_after else "before"
    days = words.count(reminder.days, "day")
    when = f"{days} {side}" if reminder.days else f"On the day, {side}"
    return f"{when} {reminder.anchor.label}, at {reminder.at:%H:%M}"


def standing_of_reminder(
    event: Event, reminder: Reminder, at: Due | None, told: int, now: datetime
) -> str:
    """The same of a reminder; `told` is how many got it."""
    if at is None:
        return _never(event, reminder)
    if told:
        return f"Sent to {words.count(told, 'person', 'people')}."
    if event.is_cancelled:
        return "Not sent: the event is cancelled."
    if now >= at.until:
        return f"Not sent: its time was over on {words.moment(at.until, event.zone)}."
    if not reminder.is_on:
        return f"Would go out on {words.moment(at.since, event.zone)}."
    if event.is_draft:
        return "Not sent as long as the event is a draft."
    if now >= at.since:
        return "Due now, but there is nobody to tell."
    return f"Goes out on {words.moment(at.since, event.zone)}."


def _never(event: Event, reminder: Reminder) -> str:
    if reminder.anchor is Anchor.OPENING and not event.registration_opens_at:
        return "Not sent: no day is set on which registration opens."
    too_late = f"{reminder.at:%H:%M} on that day is after {reminder.anchor.label}"
    return f"Not sent: {too_late}. Choose an earlier day or time."
