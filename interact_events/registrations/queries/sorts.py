"""Sorts of registrations, as conditions."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    literal_column,
    or_,
)

from interact_events.registrations.models import (
    Registration,
    State,
)
from interact_events.registrations.rules import (
    SEATED,
)

ACTIVE = (
    State.UNCONFIRMED,
    State.PENDING,
    State.CONFIRMED,
    State.OFFERED,
    State.WAITLISTED,
)
REACHED = (*ACTIVE[1:],)  # whose address is known to be theirs
WHOLE_LINE = 1000  # a place is counted up to here, so that no page costs more in a longer line

# Written out, not bound: so PostgreSQL sees that its partial index fits.
_WAITLISTED: ColumnElement[Any] = literal_column("'waitlisted'")
is_waiting: ColumnElement[bool] = or_(
    Registration.state == _WAITLISTED, Registration.upon_confirmation == _WAITLISTED
)
is_pending: ColumnElement[bool] = or_(
    Registration.state == State.PENDING, Registration.upon_confirmation == State.PENDING
)
holds_seat: ColumnElement[bool] = or_(
    Registration.state.in_(SEATED), Registration.upon_confirmation.in_(SEATED)
)
is_newcomer: ColumnElement[bool] = and_(
    Registration.state == State.UNCONFIRMED, Registration.nominated_by_id.is_(None)
)
