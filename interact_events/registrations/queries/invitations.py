"""Whom an event by invitation has invited."""

from collections.abc import Iterable, Sequence

from sqlalchemy import (
    Select,
    func,
    or_,
    select,
)

from interact_events.accounts.models import User
from interact_events.core.db import db
from interact_events.events.models import (
    Event,
)
from interact_events.registrations.models import (
    Registration,
    SeatInvitation,
    State,
)


def invitation_for(event: Event, *, email: str | None, code: str | None) -> SeatInvitation | None:
    """The invitation that lets this person in: to their own address, or by a code with uses left.

    `email` must be known to be theirs, or be None.
    """
    ways = []
    if email:
        ways.append(SeatInvitation.email == email)
    if code:
        ways.append(SeatInvitation.code == code)  # a personal one went to one mailbox only
    if not ways:
        return None
    found = db.session.scalars(
        select(SeatInvitation)
        .where(SeatInvitation.event_id == event.id, SeatInvitation.withdrawn_at.is_(None))
        .where(or_(*ways))
        .order_by(SeatInvitation.email.is_(None), SeatInvitation.id)
    ).all()
    used = uses_of([each.id for each in found])
    return next((each for each in found if used.get(each.id, 0) < each.most_uses), None)


def uses_of(invitations: Iterable[int]) -> dict[int, int]:
    """How many standing registrations each invitation has let in."""
    rows = db.session.execute(
        select(Registration.invitation_id, func.count())
        .where(
            Registration.invitation_id.in_(list(invitations)),
            Registration.state != State.CANCELLED,
        )
        .group_by(Registration.invitation_id)
    )
    return {number: count for number, count in rows if number}


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
