"""What time ends."""

from datetime import timedelta

import pytest

from interact_events.accounts.actions import delete_account
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs import TASKS
from interact_events.core.outbox import OutboxMessage
from interact_events.nominations import actions
from interact_events.nominations.jobs import end_coordinations, end_handovers
from interact_events.registrations.actions import cancel_registration
from interact_events.registrations.models import State
from tests import make

NOW = clock.now()


@pytest.mark.usefixtures("app")
def test_expired_offers_end_and_the_holder_hears_that_the_seat_is_theirs() -> None:
    old, new, gone = (
        make.registration(make.event(), make.user(name)) for name in ("Old", "New", "Gone")
    )
    earlier = NOW - timedelta(days=3)
    expired = actions.offer_seat(old, "bo@example.org", now=earlier)
    lasting = actions.offer_seat(new, "bo@example.org", now=NOW)
    dead = actions.offer_seat(gone, "bo@example.org", now=NOW)
    cancel_registration(gone, actor=gone.user, now=NOW)
    db.session.commit()
    end_handovers()
    end_handovers()
    db.session.expire_all()
    assert [bool(h.ended_at) for h in (expired, lasting, dead)] == [True, False, True]
    assert (expired.email, lasting.email) == ("", "bo@example.org")
    assert old.state is State.CONFIRMED
    told = db.session.query(OutboxMessage).filter_by(kind="nominations.seat_kept").all()
    assert [mail.to_address for mail in told] == [old.user.email]
    assert "has not answered in time" in told[0].text


@pytest.mark.usefixtures("app")
def test_coordinators_who_delete_their_account_are_none_any_more() -> None:
    staff, stays, goes = make.coordinator(), make.user(), make.user()
    rows = [
        actions.name_coordinator(make.programme(), user.email, "Letter", actor=staff, now=NOW)
        for user in (stays, goes)
    ]
    delete_account(goes, now=NOW)
    db.session.commit()
    end_coordinations()
    assert [bool(row.ended_at) for row in rows] == [False, True]


def test_both_run_by_the_clock() -> None:
    names = ("end_handovers", "end_coordinations")
    assert [TASKS[f"nominations.{name}"].minutes for name in names] == [5, 5]
