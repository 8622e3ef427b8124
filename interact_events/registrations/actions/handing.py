"""A seat that goes from one person to another and is free at no moment in between."""

from dataclasses import replace
from datetime import datetime

from interact_events.accounts import actions as accounts
from interact_events.accounts.models import Profile
from interact_events.core.db import db
from interact_events.registrations import queries
from interact_events.registrations.actions.book import SILENT, Move, open_book
from interact_events.registrations.actions.moving import transition, transition_all
from interact_events.registrations.actions.promoting import promote_waiting
from interact_events.registrations.actions.registering import Answers, new_row
from interact_events.registrations.models import Registration, State


def take_over(
    old: Registration,
    profile: Profile,
    answers: Answers,
    *,
    reason: str,
    notice: str,
    now: datetime,
) -> Registration:
    """Give the seat, with its mode and its sessions, to the person of the profile.

    The caller holds the event's lock and has checked that this seat may move. What else the
    person has at the event gives way to it; nobody moves up before they have it. `reason` and
    `notice` are for who had it.
    """
    event, user = old.event, profile.user
    standing = queries.standing_registration(event, user)
    if standing:
        transition(standing, State.CANCELLED, actor=user, now=now, notice=SILENT)
    new = _successor(old, profile, answers, now)
    db.session.flush()  # it needs a number to be in the book
    book = open_book(event)
    sessions = queries.choices_by(old)
    book.choices |= {old.id: set(sessions), new.id: set(sessions)}
    moves = [
        Move(registration=old, to=State.CANCELLED, reason=reason, notice=notice),
        Move(registration=new, to=State.CONFIRMED, is_granted=True, keeps_sessions=True),
    ]
    transition_all(book, moves, actor=user, now=now)
    accounts.choose_news(user, wants_news=answers.wants_news)
    promote_waiting(event, now=now)
    return new


def _successor(
    old: Registration, profile: Profile, answers: Answers, now: datetime
) -> Registration:
    """A row that has no seat yet; the invitation that let the old one in stays used, and what
    staff wrote when the seat went beyond the rules goes with it."""
    sessions = tuple(sorted(queries.choices_by(old)))
    answers = replace(answers, sessions=sessions, is_online=old.is_online)
    new = new_row(profile, old.event, answers, now, is_online=old.is_online)
    new.invitation_id, new.override = old.invitation_id, old.override
    return new
