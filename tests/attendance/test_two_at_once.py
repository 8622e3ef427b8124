"""Two people press at the same moment: the later one learns what the first has done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from interact_events.accounts.models import User
from interact_events.attendance import queries
from interact_events.attendance.actions import (
    apply_import,
    correct,
    note_no_shows,
    press,
    start_room_code,
)
from interact_events.attendance.models import (
    AttendanceAlias,
    AttendanceImport,
    NoShow,
    Presence,
    RoomCode,
)
from interact_events.attendance.rules import report_of
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events.models import Event, Session
from interact_events.registrations.models import Registration
from tests import make
from tests.at_once import at_once
from tests.attendance.reports import at, online_event, zoom
from tests.attendance.test_imports import choose, sent


@dataclass
class Hall:
    """An event that has ended, with one who came to its first session and one who did not."""

    app: Flask
    numbers: tuple[int, int, int, int]  # the event, both registrations, staff

    def loaded(self) -> tuple[Event, Registration, Registration, User]:
        event, came, absent, staff = self.numbers
        return (
            db.session.get_one(Event, event),
            db.session.get_one(Registration, came),
            db.session.get_one(Registration, absent),
            db.session.get_one(User, staff),
        )

    def both(self, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
        """What the two say; the second begins when the first has done all but commit."""
        return at_once(self.app, first, second)


@pytest.fixture
def hall(crowded: Flask) -> Hall:
    with crowded.app_context():
        ends_at = clock.now() - timedelta(hours=1)
        event = make.event(starts_at=ends_at - timedelta(hours=6), ends_at=ends_at)
        came, absent = (make.registration(event, make.user(name)) for name in ("Zoë", "Søren"))
        make.presence(came, event.sessions[0])
        staff = make.member()
        db.session.commit()
        return Hall(crowded, (event.id, came.id, absent.id, staff.id))


def absent_ids() -> set[int]:
    return set(db.session.scalars(select(NoShow.registration_id)))


def test_no_shows_are_noted_once(hall: Hall) -> None:
    def press() -> int:
        event, _, _, staff = hall.loaded()
        return note_no_shows(event, actor=staff, now=clock.now())

    assert hall.both(press, press) == (1, 0)


def test_who_is_ticked_while_no_shows_are_noted_is_none(hall: Hall) -> None:
    def note() -> int:
        event, _, _, staff = hall.loaded()
        return note_no_shows(event, actor=staff, now=clock.now())

    def let_in() -> bool:
        event, _, absent, staff = hall.loaded()
        return press(absent, event.sessions[0], present=True, actor=staff, now=clock.now())

    assert hall.both(note, let_in) == (1, True)
    with hall.app.app_context():
        assert hall.numbers[2] not in absent_ids()


@pytest.mark.parametrize("was_noted", [True, False])
def test_of_two_corrections_the_later_one_holds(hall: Hall, was_noted: bool) -> None:
    def say(minutes: int) -> Callable[[], bool]:
        def act() -> bool:
            event, came, absent, staff = hall.loaded()
            session: Session = event.sessions[0]
            until = session.starts_at + timedelta(minutes=minutes)
            return correct(
                came if was_noted else absent,
                session,
                present=True,
                spans=((session.starts_at, until),),
                reason="They left.",
                actor=staff,
                now=clock.now(),
            )

        return act

    assert hall.both(say(20), say(30)) == (True, True)


def test_a_tick_taken_back_while_it_is_corrected_stays_corrected(hall: Hall) -> None:
    def take_back() -> bool:
        event, came, _, staff = hall.loaded()
        return press(came, event.sessions[0], present=False, actor=staff, now=clock.now())

    def put_right() -> bool:
        event, came, _, staff = hall.loaded()
        return correct(
            came,
            event.sessions[0],
            present=True,
            spans=((event.starts_at, event.starts_at + timedelta(minutes=30)),),
            reason="They left early.",
            actor=staff,
            now=clock.now(),
        )

    assert hall.both(take_back, put_right) == (True, True)
    with hall.app.app_context():
        assert (
            len(
                db.session.scalars(
                    select(Presence).where(Presence.registration_id == hall.numbers[1])
                ).all()
            )
            == 1
        )


def test_a_room_code_started_twice_is_one(hall: Hall) -> None:
    def start() -> None:
        event, _, _, staff = hall.loaded()
        start_room_code(event.sessions[0], actor=staff, now=clock.now())

    hall.both(start, start)
    with hall.app.app_context():
        assert len(db.session.scalars(select(RoomCode)).all()) == 1


def test_a_name_confirmed_at_two_events_at_once_is_kept_once(hall: Hall) -> None:
    content = zoom([("Anni V-nen", "anni@home.example", at(9), at(10))])
    with hall.app.app_context():
        _, came, _, _ = hall.loaded()
        rows = [sent(online_event(), content) for _ in range(2)]
        for row in rows:
            choose(row, line_2=make.registration(row.event, came.user).id)
        numbers = [row.id for row in rows]

    def note(number: int) -> Callable[[], int]:
        def act() -> int:
            _, _, _, staff = hall.loaded()
            row, report = db.session.get_one(AttendanceImport, number), report_of(content)
            seen = queries.preview(row, report, clock.now()).seen
            return apply_import(row, report, seen=seen, actor=staff, now=clock.now())

        return act

    assert hall.both(note(numbers[0]), note(numbers[1])) == (1, 1)
    with hall.app.app_context():
        keys = sorted(db.session.scalars(select(AttendanceAlias.key)))
        assert keys == ["anni nen v", "anni@home.example"]
