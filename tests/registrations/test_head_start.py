"""Some register before registration opens to everybody."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.registrations.actions import (
    Answers,
    delete_head_starts,
    give_head_start,
    register,
)
from interact_events.registrations.models import HeadStart, State
from interact_events.registrations.policies import comes_first
from interact_events.registrations.rules import head_start
from tests import make

moments = st.integers(0, 527_040).map(
    lambda m: datetime(2027, 1, 1, tzinfo=UTC) + timedelta(minutes=m)
)


@given(st.none() | moments, moments, st.integers(1, 60))
def test_everybody_waits_as_long_as_was_said(
    opens_at: datetime | None, published_at: datetime, days: int
) -> None:
    first, everybody = head_start(opens_at, published_at, days)
    assert first >= published_at
    assert timedelta(days=days) <= everybody - first < timedelta(days=days, hours=1)
    assert opens_at is None or everybody >= opens_at


def test_opening_that_the_office_chose_stays_where_it_leaves_time() -> None:
    noon = datetime(2027, 3, 1, 12, tzinfo=UTC)
    later = noon + timedelta(days=10)
    assert head_start(later, noon, 3) == (later - timedelta(days=3), later)
    assert head_start(later, noon, 11) == (noon, noon + timedelta(days=11))
    assert head_start(None, noon + timedelta(minutes=7), 3) == (
        noon + timedelta(minutes=7),
        noon + timedelta(days=3, hours=1),
    )


def early_event() -> tuple[Event, datetime]:
    """Opens in three days, and one person has a head start from now on."""
    now = clock.now()
    return make.event(registration_opens_at=now + timedelta(days=3)), now


@pytest.mark.usefixtures("app")
def test_only_who_has_a_head_start_registers_early() -> None:
    event, now = early_event()
    first, other = make.profile(), make.profile()
    give_head_start(event, [first.user_id], 3, now=now)
    assert register(first, event, Answers(), now=now).state is State.CONFIRMED
    with pytest.raises(DomainError, match="Registration opens on"):
        register(other, event, Answers(), now=now)


@pytest.mark.usefixtures("app")
def test_a_head_start_begins_when_it_was_said() -> None:
    event, now = early_event()
    person = make.user()
    event.registration_opens_at = now + timedelta(days=10)
    from_at = give_head_start(event, [person.id], 3, now=now)
    just_before = from_at - timedelta(minutes=1)
    assert [comes_first(event, person, at) for at in (now, just_before, from_at)] == [
        False,
        False,
        True,
    ]
    assert not comes_first(event, person, now + timedelta(days=10))  # as everybody


@pytest.mark.usefixtures("app")
def test_a_head_start_leads_past_no_closing() -> None:
    event, now = early_event()
    person = make.user()
    give_head_start(event, [person.id], 3, now=now)
    assert not comes_first(event, person, event.starts_at)


@pytest.mark.usefixtures("app")
def test_head_starts_go_with_the_event() -> None:
    event, now = early_event()
    give_head_start(event, [make.user().id], 3, now=now)
    delete_head_starts(now=event.ends_at - timedelta(minutes=1))
    assert db.session.query(HeadStart).count() == 1
    delete_head_starts(now=event.ends_at)
    assert db.session.query(HeadStart).count() == 0
