"""The mails of a letter or a reminder: one to each person, each with their own words."""

from collections.abc import Callable, Sequence
from datetime import datetime

from interact_events.core import outbox
from interact_events.core.mail import Mail
from interact_events.events.models import Event
from interact_events.letters import emails, queries
from interact_events.letters.emails import Said
from interact_events.registrations.emails import recipient, reply_address
from interact_events.registrations.models import Registration

BATCH = 500  # people whose mails are written in one transaction


def said_to_each(
    event: Event,
    people: Sequence[Registration],
    subject: str,
    text: str,
    *,
    now: datetime,
    is_for_others: bool = False,
) -> list[Said]:
    """What each of them reads, in their order; `is_for_others` where somebody else looks at it."""
    chosen = queries.sessions_known(people, now)
    return [
        emails.said_to(
            row,
            subject,
            text,
            sessions=[each for each in event.agenda if each.id in chosen.get(row.id, ())],
            now=now,
            is_for_others=is_for_others,
        )
        for row in people
    ]


def post(
    event: Event,
    people: Sequence[Registration],
    words: tuple[str, str],
    mail: Callable[[Said], Mail],
    *,
    key: str,
    now: datetime,
    expires_at: datetime | None = None,
) -> None:
    """Write to them; `words` are subject and text, and `key` names the cause without the person."""
    said = said_to_each(event, people, *words, now=now)
    postings = [
        outbox.Posting(
            mail=mail(each),
            to=recipient(row),
            key=f"{key}{row.user_id}",
            reply_to=reply_address(event),
            event_id=event.id,
            expires_at=expires_at,
        )
        for row, each in zip(people, said, strict=True)
    ]
    outbox.post_all(postings, now=now)
