"""Whom an office invites: people by personal mails, others by a code."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime

from interact_events.accounts.models import User
from interact_events.core import audit, outbox
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import Posting, Recipient
from interact_events.events.actions import refuse_cancelled, refuse_template
from interact_events.events.models import Event
from interact_events.registrations import emails, policies, queries
from interact_events.registrations.actions.book import lock_event
from interact_events.registrations.models import SeatInvitation

MOST_INVITED = 2000  # addresses at once
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is easily misread


def invite(
    event: Event, addresses: Sequence[str], *, actor: User, now: datetime
) -> tuple[int, int]:
    """Invite these people by personal mails; says how many are new and how many were before."""
    lock_event(event)
    _refuse_inviting(event, now)
    wanted = list(dict.fromkeys(address.lower() for address in addresses))
    if not wanted:
        raise DomainError("Give at least one address.", "addresses")
    if len(wanted) > MOST_INVITED:
        raise DomainError(f"Invite at most {MOST_INVITED:,} people at once.", "addresses")
    known = {each.email: each for each in queries.invitations_of_every_kind(event)}
    again = [known[a] for a in wanted if a in known and known[a].withdrawn_at]
    new = [_invitation(event, actor, now, email=a) for a in wanted if a not in known]
    for invitation in again:
        invitation.withdrawn_at, invitation.code = None, _new_code()
    db.session.add_all(new)
    db.session.flush()
    audit.record("people invited", event, actor=actor, now=now, number=len(new) + len(again))
    _mail_invitations(event, [*new, *again], now)
    return len(new) + len(again), len(wanted) - len(new) - len(again)


def _refuse_inviting(event: Event, now: datetime) -> None:
    refuse_template(event)
    if why := policies.why_nobody_is_invited(event, now):
        raise DomainError(why)


def _mail_invitations(
    event: Event, invitations: Iterable[SeatInvitation], now: datetime, *, after: str = ""
) -> None:
    """`after` tells one that is sent again from those before it."""
    reply_to = emails.reply_address(event)
    outbox.post_all(
        [
            Posting(
                mail=emails.seat_invitation(event, each.code),
                to=Recipient("", each.email),
                key=f"seat_invitation:{each.id}:{each.code}{after}",
                reply_to=reply_to,
                event_id=event.id,
            )
            for each in invitations
            if each.email
        ],
        now=now,
    )


def send_invitation_again(
    invitation: SeatInvitation, *, seen: int, actor: User, now: datetime
) -> bool:
    """The same link once more, to who has lost the mail; says whether it is sent.

    `seen` is the latest mail that whoever presses knew of, so the second of two presses sends none.
    """
    event = db.session.get_one(Event, invitation.event_id)
    lock_event(event)  # the second press reads what the first has written
    db.session.refresh(invitation)
    _refuse_inviting(event, now)
    _refuse_useless(event, invitation)
    if seen != queries.latest_invitation_mails(event, [invitation]).get(invitation.id, 0):
        return False
    _mail_invitations(event, [invitation], now, after=f":again:{seen}")
    audit.record(
        "invitation sent again", event, actor=actor, now=now, invitation=invitation.id, after=seen
    )
    return True


def _refuse_useless(event: Event, invitation: SeatInvitation) -> None:
    if invitation.email is None:
        raise DomainError("A code goes to nobody by mail. Pass it on yourself.")
    if invitation.withdrawn_at:
        raise DomainError("This invitation is withdrawn, so nothing was sent.")
    if queries.registered_among(event, [invitation]):
        raise DomainError("They have registered already, so nothing was sent.")


def add_code(
    event: Event, label: str, most_uses: int, *, actor: User, now: datetime
) -> SeatInvitation:
    """A code that an office passes on itself, good for so many registrations."""
    lock_event(event)
    refuse_cancelled(event)
    if now >= event.closes_at:
        raise DomainError("Registration is over, so a code would let in nobody.")
    if not 1 <= most_uses <= 10_000:
        raise DomainError("Give a number from 1 to 10,000.", "most_uses")
    invitation = _invitation(event, actor, now, label=label, most_uses=most_uses)
    db.session.add(invitation)
    audit.record("code made", event, actor=actor, now=now, note=label)
    return invitation


def _invitation(event: Event, actor: User, now: datetime, **values: object) -> SeatInvitation:
    return SeatInvitation(
        event_id=event.id, code=_new_code(), created_at=now, created_by_id=actor.id, **values
    )


def _new_code() -> str:
    """12 letters of 31: 59 bits, which nobody guesses however often they ask."""
    return "".join(secrets.choice(LETTERS) for _ in range(12))


def withdraw_invitation(invitation: SeatInvitation, *, actor: User, now: datetime) -> None:
    """Let nobody else in by it; who has registered stays."""
    event = db.session.get_one(Event, invitation.event_id)
    refuse_cancelled(event)
    if invitation.withdrawn_at is None:
        invitation.withdrawn_at = now
        audit.record("invitation withdrawn", event, actor=actor, now=now)
