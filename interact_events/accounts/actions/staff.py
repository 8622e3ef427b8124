"""Staff and their places in offices."""

from datetime import datetime

from interact_events.accounts import emails
from interact_events.accounts.actions.accounts import confirm_address, create_account
from interact_events.accounts.models import Invitation, Level, Membership, User
from interact_events.accounts.queries import (
    coordinators,
    invitations_to,
    leads_of,
    membership_of,
    user_by_email,
)
from interact_events.accounts.rules import INVITED_FOR
from interact_events.core import audit, outbox
from interact_events.core.db import db, lock
from interact_events.core.errors import DomainError
from interact_events.interreg.models import Office


def invite(
    email: str, *, office: Office | None, level: Level, actor: User, now: datetime
) -> Invitation:
    """Ask an address to join the office, or (no office) to coordinate; replaces an older asking."""
    email = email.strip().lower()
    _refuse_member(email, office)
    for older in invitations_to(office, now=now):
        if older.email == email:
            older.withdrawn_at = now
    invitation = Invitation(
        email=email,
        office=office,
        level=level,
        invited_by=actor,
        created_at=now,
        expires_at=now + INVITED_FOR,
    )
    db.session.add(invitation)
    place = office.code if office else "coordinators"
    audit.record("invited", invitation, actor=actor, now=now, place=place, level=level.value)
    to = outbox.Recipient("", email)
    outbox.post(emails.invitation(invitation), to, key=f"invitation:{invitation.id}", now=now)
    return invitation


def _refuse_member(email: str, office: Office | None) -> None:
    user = user_by_email(email)
    if user and office and membership_of(user, office):
        raise DomainError(f"{user.name} works in this office already.", "email")
    if user and not office and user.is_coordinator:
        raise DomainError(f"{user.name} is a coordinator already.", "email")


def withdraw_invitation(invitation: Invitation, *, actor: User, now: datetime) -> None:
    """The mailed link stops working."""
    invitation.withdrawn_at = now
    audit.record("invitation_withdrawn", invitation, actor=actor, now=now)


def accept_invitation(invitation: Invitation, user: User, *, now: datetime) -> None:
    """The invited person joins; who has a place there already keeps the higher level."""
    if invitation.email != user.email:
        raise DomainError("This invitation is for another address.")
    invitation.accepted_at = now
    audit.record("invitation_accepted", invitation, actor=user, now=now)
    if invitation.office is None:
        user.is_coordinator = True
        audit.record("coordinator_made", user, actor=user, now=now)
        return
    present = membership_of(user, invitation.office)
    if present is None:
        _begin_membership(user, invitation.office, invitation.level, now)
    elif invitation.level.includes(present.level):
        present.level = invitation.level


def _begin_membership(user: User, office: Office, level: Level, now: datetime) -> None:
    membership = Membership(user=user, office=office, level=level, started_at=now)
    db.session.add(membership)
    audit.record(
        "membership_begun", membership, actor=user, now=now, office=office.code, level=level.value
    )
    db.session.expire(user, ["memberships"])


def join_as_newcomer(invitation: Invitation, *, name: str, password: str, now: datetime) -> User:
    """Create the account that the invitation is for; the mailed link has shown the address.

    An account that waited for confirmation stays unconfirmed: confirming it brings more with it.
    """
    is_new = user_by_email(invitation.email) is None
    zone = invitation.office.zone if invitation.office else "Europe/Bratislava"
    user = create_account(email=invitation.email, name=name, password=password, zone=zone, now=now)
    if is_new:
        confirm_address(user, now=now)
    accept_invitation(invitation, user, now=now)
    return user


def change_level(membership: Membership, level: Level, *, actor: User, now: datetime) -> None:
    """Let a member do more or less."""
    if membership.level is level:
        return
    if actor.is_coordinator is False:
        keep_a_lead(membership)
    before, membership.level = membership.level, level
    audit.record(
        "level_changed", membership, actor=actor, now=now, before=before.value, after=level.value
    )
    db.session.expire(membership.user, ["memberships"])


def end_membership(membership: Membership, *, actor: User, now: datetime) -> None:
    """The person no longer works there; what they did stays theirs."""
    if actor.is_coordinator is False:
        keep_a_lead(membership)
    membership.ended_at = now
    audit.record("membership_ended", membership, actor=actor, now=now)
    db.session.expire(membership.user, ["memberships"])


def keep_a_lead(membership: Membership) -> None:
    """An office without a lead cannot publish; only the secretariat may leave one so."""
    if membership.level is not Level.LEAD:
        return
    lock(membership.office)  # two leads who leave at once
    if leads_of(membership.office_id) == 1:
        raise DomainError(
            f"{membership.user.name} is the only lead of {membership.office.name}. "
            "Make somebody else a lead first, or ask the secretariat."
        )


def make_coordinator(user: User, *, actor: User | None, now: datetime) -> None:
    """Let the person see all offices and administer the network's data."""
    user.is_coordinator = True
    audit.record("coordinator_made", user, actor=actor, now=now)


def end_coordinator(user: User, *, actor: User, now: datetime) -> None:
    """The person no longer coordinates; their places in offices stay."""
    keep_a_coordinator(user)
    user.is_coordinator = False
    audit.record("coordinator_ended", user, actor=actor, now=now)


def keep_a_coordinator(user: User) -> None:
    everybody = coordinators() if user.is_coordinator else []
    for person in everybody:
        lock(person)  # two who leave at once
    if everybody and not any(p.is_coordinator for p in everybody if p is not user):
        raise DomainError(
            "This is the only coordinator. Invite somebody else as coordinator first."
        )
