"""The words of the weekly mail."""

from typing import cast

from flask import current_app

from interact_events.accounts.models import User
from interact_events.core import words
from interact_events.core.clock import is_same_wall_clock
from interact_events.core.links import url
from interact_events.core.mail import Mail, Owner, Variable, compose, kind
from interact_events.events.models import Admission
from interact_events.news.queries import Digest, Item, sign_off_token
from interact_events.registrations.emails import when, where

SAMPLE = "Sampling\nWhen: Wednesday 12 May 2027, 09:00–16:30 EEST\nWhere: Logomo, Turku, Finland"

DIGEST = kind(
    "news.digest",
    "New events of the week",
    Variable("name", "the person’s name", "Ζωή Παπαδοπούλου"),
    Variable("subject", "the first event, and how many more", "New event: Sampling, 12 May 2027"),
    Variable("items", "the events, a list; each in a few lines", [SAMPLE]),
    Variable("more", "how many more there are, if any", "2 more new events"),
    Variable("catalogue", "address of all events", "https://events.example.eu/events"),
    Variable("settings", "where to choose topics and day", "https://events.example.eu/my/settings"),
    Variable("off", "where one press ends these mails", "https://events.example.eu/news/off/x"),
    owner=Owner.ACCOUNT,
)


def digest(user: User, told: Digest) -> Mail:
    """New events for somebody's roles and topics."""
    return compose(
        DIGEST,
        name=user.name,
        subject=_subject(told),
        items=[_in_lines(item, user) for item in told.items],
        more=words.count(told.more, "more new event") if told.more else "",
        catalogue=url("events.catalogue"),
        settings=url("news.settings"),
        off=off_link(user),
    )


def off_link(user: User) -> str:
    """Where one press ends these mails."""
    return url("news.off", token=sign_off_token(user.id, key=cast("str", current_app.secret_key)))


def _subject(told: Digest) -> str:
    """ "New event: Sampling, 12 May 2027, Turku, Finland", "New events: Sampling, and 3 more"."""
    first, others = told.items[0].event, len(told.items) - 1 + told.more
    if others:
        return f"New events: {first.title}, and {others:,} more"
    days = words.day_span(first.starts_at, first.ends_at, first.zone)
    return f"New event: {first.title}, {days}, {first.place}"


def _in_lines(item: Item, user: User) -> str:
    """What, when, where, for whom and how, each in a line."""
    event = item.event
    is_elsewhere = not is_same_wall_clock(event.zone, user.zone, event.starts_at)
    page = url("event_page.show", slug=event.slug)
    lines = [
        " ".join(event.title.split()),
        f"When: {when(event)}",
        f"In your time zone: {when(event, user.zone)}" if is_elsewhere else "",
        f"Where: {where(event)}",
        why(item),
        f"{_how(item, user.zone)}: {page}",
    ]
    return "\n".join(line for line in lines if line)


def why(item: Item) -> str:
    """ "For you as controller of Central Baltic. Topic: State aid." """
    topics = f"{'Topic' if len(item.topics) == 1 else 'Topics'}: {words.listed(item.topics)}."
    sentences = [_for_whom(item), topics if item.topics else ""]
    return " ".join(sentence for sentence in sentences if sentence)


def _for_whom(item: Item) -> str:
    profile, period = item.profile, item.event.period_id
    if profile:
        role = words.within_sentence(profile.role.label_in(period))
        return f"For you as {role}{f' of {profile.programme.name}' if profile.programme else ''}."
    roles = [words.within_sentence(role.plural_in(period)) for role in item.event.roles]
    if roles:
        return f"For {words.listed(roles)}."
    return "" if item.topics else "Open to everybody."


def _how(item: Item, zone: str) -> str:
    """From when until when one registers, or waits for a seat, on the reader's clocks."""
    event = item.event
    verb = "Apply" if event.admission is Admission.SELECTION else "Register"
    if item.is_full:
        verb = "All seats are taken; join the waiting list"
    until = f"by {words.moment(event.closes_at, zone)}"
    opens = event.registration_opens_at
    return f"{verb} {f'from {words.moment(opens, zone)} ' if opens else ''}{until}"
