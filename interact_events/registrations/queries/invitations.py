"""Whom an event by invitation has invited, and who is invited first."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Select,
    and_,
    func,
    not_,
    or_,
    select,
)

from interact_events.accounts.models import User
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import (
    Event,
)
from interact_events.registrations.models import (
    HeadStart,
    Registration,
    SeatInvitation,
    State,
)
from interact_events.registrations.queries.sorts import is_newcomer


def invitation_for(
    event: Event, *, email: str, code: str | None, is_theirs: bool = True
) -> SeatInvitation | None:
    """The invitation that lets this person in: to their own address, or by a code with uses left.

    A personal one lets in nobody but its address. Where the address is not known to be theirs,
    they have to show its code as well, which went to that mailbox only.
    """
    is_own = SeatInvitation.email == email
    by_code = and_(SeatInvitation.code == code, or_(SeatInvitation.email.is_(None), is_own))
    found = db.session.scalars(
        select(SeatInvitation)
        .where(SeatInvitation.event_id == event.id, SeatInvitation.withdrawn_at.is_(None))
        .where(or_(is_own, by_code) if is_theirs else by_code)
        .order_by(SeatInvitation.email.is_(None), SeatInvitation.id)
    ).all()
    used = _used_by_others(found, email)
    return next((each for each in found if used.get(each.id, 0) < each.most_uses), None)


def invitation_by_code(event: Event, code: str) -> SeatInvitation | None:
    """Whatever it is worth: to say why it lets somebody not in."""
    return db.session.scalar(
        select(SeatInvitation).where(
            SeatInvitation.event_id == event.id, SeatInvitation.code == code
        )
    )


def _used_by_others(invitations: Sequence[SeatInvitation], email: str) -> dict[int, int]:
    """Who corrects their form before they have confirmed it does not use a code twice.

    Nor does the owner of a personal invitation use it up for themselves: an answer that differs
    would tell a stranger that they are registered.
    """
    is_personal = SeatInvitation.email.is_not(None)
    is_their_own = and_(User.email == email, or_(is_personal, is_newcomer))
    if not invitations:
        return {}
    rows = db.session.execute(
        _uses([each.id for each in invitations])
        .join(User, User.id == Registration.user_id)
        .join(SeatInvitation, SeatInvitation.id == Registration.invitation_id)
        .where(not_(is_their_own))
    )
    return dict(rows.all())


def has_unconfirmed_use(invitation: SeatInvitation) -> bool:
    """Whether a newcomer who has used it may still correct their form."""
    used = Registration.invitation_id == invitation.id
    query = select(Registration.id).where(used, is_newcomer).limit(1)
    return db.session.scalar(query) is not None


def uses_of(invitations: Iterable[int]) -> dict[int, int]:
    """How many standing registrations each invitation has let in."""
    return dict(db.session.execute(_uses(invitations)).all())


def _uses(invitations: Iterable[int]) -> Any:
    return (
        select(Registration.invitation_id, func.count())
        .where(
            Registration.invitation_id.in_(list(invitations)),
            Registration.state != State.CANCELLED,
        )
        .group_by(Registration.invitation_id)
    )


def invitations_of_every_kind(event: Event) -> Sequence[SeatInvitation]:
    """Withdrawn ones too."""
    return db.session.scalars(
        select(SeatInvitation).where(SeatInvitation.event_id == event.id)
    ).all()


def seat_invitation(event: Event, number: int) -> SeatInvitation | None:
    """One of the event's, by its number."""
    return db.session.scalar(
        select(SeatInvitation).where(
            SeatInvitation.id == number, SeatInvitation.event_id == event.id
        )
    )


def personal_invitations(event: Event) -> Select[SeatInvitation]:
    """Those to one address each that are in force, by address."""
    return _in_force(event).where(SeatInvitation.email.is_not(None)).order_by(SeatInvitation.email)


def codes_of(event: Event) -> Sequence[SeatInvitation]:
    """The codes in force that an office passes on, in the order in which they were made."""
    query = _in_force(event).where(SeatInvitation.email.is_(None)).order_by(SeatInvitation.id)
    return db.session.scalars(query).all()


def _in_force(event: Event) -> Select[SeatInvitation]:
    return select(SeatInvitation).where(
        SeatInvitation.event_id == event.id, SeatInvitation.withdrawn_at.is_(None)
    )


def registered_among(event: Event, invited: Sequence[SeatInvitation]) -> dict[int, State]:
    """Where those stand who registered by these invitations, or with their addresses."""
    numbers = {each.id for each in invited}
    by_address = {each.email: each.id for each in invited}
    rows = db.session.execute(
        select(Registration.invitation_id, User.email, Registration.state)
        .join(User, User.id == Registration.user_id)
        .where(
            Registration.event_id == event.id,
            Registration.state != State.CANCELLED,
            or_(Registration.invitation_id.in_(numbers), User.email.in_(by_address)),
        )
    )
    return {
        number if number in numbers else by_address[address]: state
        for number, address, state in rows
    }


def latest_invitation_mails(event: Event, invited: Sequence[SeatInvitation]) -> dict[int, int]:
    """The number of the latest mail of each of these invitations, by the invitation's."""
    by_address = {each.email: each.id for each in invited}
    rows = db.session.execute(
        select(OutboxMessage.to_address, func.max(OutboxMessage.id))
        .where(
            OutboxMessage.event_id == event.id,
            OutboxMessage.kind == SEAT_INVITATION,
            OutboxMessage.to_address.in_(by_address),
        )
        .group_by(OutboxMessage.to_address)
    )
    return {by_address[address]: number for address, number in rows}


SEAT_INVITATION = "registrations.seat_invitation"  # the kind of the mail


def has_head_start(event: Event, user: User, now: datetime) -> bool:
    """Whether this person may register already, though registration is not open to everybody."""
    found = db.session.scalar(
        select(HeadStart.from_at).where(
            HeadStart.event_id == event.id, HeadStart.user_id == user.id
        )
    )
    return found is not None and found <= now


def first_head_start(event: Event) -> datetime | None:
    """From when the first of those may register who come before everybody else."""
    return db.session.scalar(
        select(func.min(HeadStart.from_at)).where(HeadStart.event_id == event.id)
    )
