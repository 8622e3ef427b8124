"""What follows in the demo: attendance, certificates, materials, letters."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO

from sqlalchemy import insert, update

from interact_events.accounts.models import User
from interact_events.attendance.actions import close_attendance, note_no_shows
from interact_events.attendance.models import Presence
from interact_events.attendance.rules import Source
from interact_events.certificates.actions import (
    DesignValues,
    change_design,
    draft_certificate,
    issue_certificate,
)
from interact_events.core import words
from interact_events.core.db import db
from interact_events.core.files import keeping
from interact_events.core.outbox import MailState, OutboxMessage
from interact_events.events.models import Event
from interact_events.letters.actions import (
    LetterValues,
    press_letter,
    save_reminder,
    write_letter,
)
from interact_events.letters.rules import CONFIRMED, USUAL
from interact_events.materials.actions import FOLDER, NewFile, Sharing, add_files, add_link
from interact_events.materials.rules import Audience
from interact_events.reports import rules
from interact_events.reports.actions.network import GERMAN, Network

LETTERS = (
    LetterValues(
        subject="What would you like to hear?",
        text="Dear {{ name }},\n\nplease answer with a question for the speakers.",
        group=CONFIRMED,
    ),
    LetterValues(
        subject="Tomorrow: {{ event }}",
        text=(
            "Dear {{ name }},\n\nthe doors open **half an hour** before we begin.\n\n"
            "- When: {{ when }}\n- Where: {{ where }}\n\n"
            "All about it is on [your registration]({{ link }}).\n\nKind regards\\\n{{ contact }}"
        ),
        group=CONFIRMED,
    ),
)


def add_presences(
    network: Network, plan: rules.Plan, event: Event, registrations: Iterable[tuple[int, bool]]
) -> None:
    """Most were there all the time, some for a part, a few never; known accounts miss nothing."""
    begun = [s for s in event.agenda if s.is_learning and s.starts_at <= network.now]
    actor = network.staff[plan.office][1]
    rows = [
        {
            "registration_id": number,
            "session_id": session.id,
            "source": Source.DESK,
            "recorded_at": session.starts_at + timedelta(minutes=7),
            "recorded_by_id": actor.id,
        }
        for number, is_guest in registrations
        for session in rules.attended(network.rng, begun, is_diligent=is_guest)
    ]
    if rows:
        db.session.execute(insert(Presence), rows)
    if rows and event.ends_at <= network.now:
        note_no_shows(event, actor=actor, now=min(event.ends_at + timedelta(days=1), network.now))


def design_certificates(network: Network) -> None:
    """One office has a colour and words of its own, in its language."""
    closing = "{{ office }} dankt für die Teilnahme und die mitgebrachten Fragen."
    design = DesignValues(accent="#8a1c4a", texts={"de": {"closing": closing}})
    at, lead = network.now - timedelta(days=200), network.staff[GERMAN][0]
    change_design(network.offices[GERMAN], design, actor=lead, now=at)


def certify(network: Network, plan: rules.Plan, event: Event, registrations: Iterable[int]) -> None:
    """Real files, three days after the event; their mails count as sent."""
    issued_at = min(event.ends_at + timedelta(days=3), network.now)
    close_attendance(event, actor=network.staff[plan.office][0], now=issued_at)
    for number in registrations:
        draft = draft_certificate(number, now=issued_at)
        if draft:
            issue_certificate(draft, actor=network.staff[plan.office][0], now=issued_at)
    db.session.flush()


def share_materials(network: Network, plan: rules.Plan, event: Event) -> None:
    """What to know before the event, or a link and a table afterwards."""
    at = event.published_at
    if at is None or event.is_cancelled:
        return
    actor = network.staff[plan.office][0]
    if event.ends_at > network.now:
        _share_text(event, "Practical information.txt", _practical(event), actor, now=at)
        return
    after = event.ends_at
    table = "\n".join(f"{each.title};{each.minutes}" for each in event.agenda)
    _share_text(event, "Sessions and minutes.csv", table, actor, now=after)
    for_all = Sharing(audience=Audience.EVERYONE)
    add_link(event, "Projects on keep.eu", "https://keep.eu", for_all, actor=actor, now=after)


def _share_text(event: Event, name: str, text: str, actor: User, *, now: datetime) -> None:
    """For those with a seat."""
    with keeping(FOLDER, [BytesIO(text.encode())]) as stored:
        for_seated = Sharing(audience=Audience.CONFIRMED)
        add_files(event, [NewFile(stored[0], name)], for_seated, actor=actor, now=now)


def _practical(event: Event) -> str:
    starts = words.moment(event.starts_at, event.zone)
    contact = event.contact_name or event.office.name
    return f"{event.title}\n\nBegins: {starts}\nWhere: {event.full_place}\nContact: {contact}\n"


def write_letters(network: Network, plan: rules.Plan, event: Event) -> None:
    """To who has a seat at an event that comes: a letter that waits for the day before, a draft."""
    at = event.starts_at - timedelta(days=1)
    if not event.is_published or at < network.now + timedelta(days=1):
        return
    actor = network.staff[plan.office][0]
    _draft, first = [
        write_letter(event, each, [], actor=actor, now=network.now) for each in LETTERS
    ]
    press_letter(first, version=first.version, at=at, actor=actor, now=network.now)
    thanks = next(reminder for reminder in USUAL if reminder.key == "thanks")
    save_reminder(event, replace(thanks, is_on=True), actor=actor, now=network.now)


def send_nothing() -> None:
    """Made-up people have made-up addresses: what the actions wrote to them stays here."""
    db.session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.state == MailState.WAITING)
        .values(
            state=MailState.SENT, sent_at=OutboxMessage.created_at, answer="Not sent: demo data"
        )
    )
