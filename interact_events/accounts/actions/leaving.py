"""An account that is deleted."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import delete, update

from interact_events.accounts.actions.staff import keep_a_coordinator, keep_a_lead
from interact_events.accounts.models import DELETED, Invitation, SignIn, User
from interact_events.accounts.queries import profiles_of
from interact_events.core import audit, outbox
from interact_events.core.db import db

Eraser: TypeAlias = Callable[[User, str, datetime], None]
_erasers: list[Eraser] = []


def on_deletion(erase: Eraser) -> Eraser:
    """For features on top: what they know by the address has to go while it is still known.

    `erase` is called with the person, the address that stands for theirs from now on, and now.
    """
    _erasers.append(erase)
    return erase


def delete_account(user: User, *, now: datetime) -> None:
    """Forget who the person is; rows that an audit needs keep pointing at somebody unnamed.

    The personal fields of registrations belong to registrations, which come on top of this.
    """
    keep_a_coordinator(user)
    for membership in user.memberships:
        keep_a_lead(membership)
        membership.ended_at = now
    for profile in profiles_of(user):
        profile.retired_at, profile.is_default, profile.institution = now, False, ""
    db.session.execute(delete(SignIn).where(SignIn.user_id == user.id))
    outbox.forget_address(user.email)
    gone = f"deleted-{user.id}{DELETED}"
    db.session.execute(update(Invitation).where(Invitation.email == user.email).values(email=gone))
    for erase in _erasers:
        erase(user, gone, now)
    user.email, user.name, user.certificate_name = gone, "Deleted person", ""
    user.password_hash, user.is_coordinator, user.wants_news = "", False, False
    audit.record("account_deleted", user, actor=user, now=now)
    db.session.expire(user, ["memberships", "profiles"])
