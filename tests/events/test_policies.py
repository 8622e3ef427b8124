"""Who may do what with an event."""

import pytest

from interact_events.accounts.models import Level, User
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.events.policies import (
    can_delete_event,
    can_duplicate_event,
    can_edit_event,
    can_lead_event,
    can_view_event,
)
from tests import make

pytestmark = pytest.mark.usefixtures("app")


def together() -> Event:
    """An event of Turku with Vienna as co-organiser."""
    event = make.event()
    event.co_organisers = [make.office("vienna")]
    db.session.commit()
    return event


def rights(person: User) -> list[bool]:
    """View, edit, lead, duplicate, delete."""
    event = together()
    policies = (
        can_view_event,
        can_edit_event,
        can_lead_event,
        can_duplicate_event,
        can_delete_event,
    )
    return [policy(person, event) for policy in policies]


@pytest.mark.parametrize(
    ("office", "level", "expected"),
    [
        ("turku", Level.VIEWER, [True, False, False, False, False]),
        ("turku", Level.EDITOR, [True, True, False, True, True]),
        ("turku", Level.LEAD, [True, True, True, True, True]),
        ("vienna", Level.VIEWER, [True, False, False, False, False]),
        ("vienna", Level.EDITOR, [True, True, False, False, False]),
        ("vienna", Level.LEAD, [True, True, False, False, False]),
        ("viborg", Level.LEAD, [False, False, False, False, False]),
    ],
)
def test_rights_of_staff(office: str, level: Level, expected: list[bool]) -> None:
    assert rights(make.member(office, level)) == expected


def test_rights_of_a_stranger_and_of_the_coordinator() -> None:
    assert [rights(make.user()), rights(make.coordinator())] == [[False] * 5, [True] * 5]


def test_the_best_of_two_memberships_counts() -> None:
    person = make.member("turku", Level.VIEWER)
    other = make.member("vienna", Level.EDITOR)
    other.memberships[0].user_id = person.id
    db.session.commit()
    db.session.expire_all()
    assert can_edit_event(person, together())
