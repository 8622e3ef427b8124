"""What people do with the address of their own calendar."""

import secrets
from datetime import datetime

from sqlalchemy import delete

from interact_events.accounts.actions import on_deletion
from interact_events.accounts.models import User
from interact_events.accounts.queries import token_hash
from interact_events.calendars import queries
from interact_events.calendars.models import CalendarAddress
from interact_events.calendars.rules.addresses import token_of
from interact_events.core import audit
from interact_events.core.db import db, lock


def make_address(user: User, *, key: str, now: datetime) -> CalendarAddress:
    """Give the person an address; the one that they had works no more."""
    owner = db.session.get_one(User, user.id)
    lock(owner)  # two presses in two tabs make their addresses one after the other
    seed = secrets.token_urlsafe(32)
    row = queries.address_of(owner) or CalendarAddress(user_id=owner.id)
    row.seed, row.token_hash, row.made_at = seed, token_hash(token_of(seed, key=key)), now
    db.session.add(row)
    audit.record("calendar_address_made", owner, actor=owner, now=now)
    return row


def stop_address(user: User, *, now: datetime) -> None:
    """From now on nobody reads the person's calendar."""
    owner = db.session.get_one(User, user.id)
    lock(owner)
    if row := queries.address_of(owner):
        db.session.delete(row)
        audit.record("calendar_address_stopped", owner, actor=owner, now=now)


@on_deletion
def forget_address(user: User, _gone: str, _now: datetime) -> None:
    """It ends with the account."""
    db.session.execute(delete(CalendarAddress).where(CalendarAddress.user_id == user.id))
