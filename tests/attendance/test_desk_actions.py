"""What desks send: late, twice, out of time, and about people who may not be ticked."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from interact_events.accounts.models import User
from interact_events.attendance.actions import (
    Outcome,
    Pressed,
    close_attendance,
    correct,
    forget_ticks,
    let_in,
    press,
    reopen_attendance,
    take,
)
from interact_events.attendance.models import DeskTick
from interact_events.attendance.queries import presence
from interact_events.attendance.rules import Source
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Event, Session
from interact_events.registrations.models import Registration, State
from tests import make


class Hall:
    """One person, one session that is running, and staff."""

    def __init__(self) -> None:
        self.event: Event = make.event()
        self.session: Session = self.event.sessions[0]
        self.row: Registration = make.registration(self.event, make.user("Søren Žižka"))
        self.staff: User = make.member()
        self.now: datetime = self.session.starts_at + timedelta(hours=1)

    def at(self, minute: int) -> datetime:
        return self.session.starts_at + timedelta(minutes=minute)

    def pressed(self, minute: int, *, present: bool = True) -> Pressed:
        return Pressed(str(uuid4()), self.row.id, self.session.id, present, self.at(minute))

    def take(self, desk: str, *presses: Pressed) -> list[Outcome]:
        answers = take(self.event, presses, desk=desk, actor=self.staff, now=self.now)
        return [answer.outcome for answer in answers]

    @property
    def is_present(self) -> bool:
        return presence(self.row, self.session) is not None


@pytest.fixture
def hall(app: Flask) -> Hall:
    return Hall()


def trail() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_the_same_press_counts_once_however_often_it_is_sent(hall: Hall) -> None:
    one = hall.pressed(1)
    assert hall.take("a", one, one) == [Outcome.TAKEN, Outcome.AGAIN]
    assert hall.take("a", one) == [Outcome.AGAIN]
    assert trail() == ["ticked"]


def test_a_resend_does_not_tick_again_who_was_unticked_meanwhile(hall: Hall) -> None:
    one = hall.pressed(1)
    hall.take("a", one)
    hall.take("b", hall.pressed(2, present=False))
    assert hall.take("a", one) == [Outcome.AGAIN]
    assert not hall.is_present


def test_a_queue_is_done_in_its_order(hall: Hall) -> None:
    presses = [hall.pressed(1), hall.pressed(2, present=False), hall.pressed(3)]
    assert hall.take("a", *presses) == [Outcome.TAKEN] * 3
    assert hall.is_present
    assert trail() == ["ticked", "unticked", "ticked"]


def test_a_late_older_tick_does_not_undo_another_desks_newer_one(hall: Hall) -> None:
    hall.take("a", hall.pressed(1))
    hall.take("b", hall.pressed(10, present=False))
    assert hall.take("c", hall.pressed(5)) == [Outcome.OLDER]
    assert not hall.is_present
    assert hall.take("c", hall.pressed(11)) == [Outcome.TAKEN]
    assert hall.is_present


def test_a_late_older_undo_does_not_take_back_a_newer_tick(hall: Hall) -> None:
    hall.take("b", hall.pressed(10))
    [answer] = take(
        hall.event, [hall.pressed(5, present=False)], desk="a", actor=hall.staff, now=hall.now
    )
    assert (answer.outcome, answer.message) == (
        Outcome.OLDER,
        "Marked as present elsewhere after you pressed, and that counts.",
    )
    assert hall.is_present


def test_an_older_tick_that_says_the_same_is_simply_taken(hall: Hall) -> None:
    hall.take("b", hall.pressed(10))
    assert hall.take("a", hall.pressed(5)) == [Outcome.TAKEN]
    assert trail() == ["ticked"]


def test_a_desk_is_never_older_than_itself(hall: Hall) -> None:
    """The line is slower for one request than for the next: what counts is the order."""
    hall.take("a", hall.pressed(10))
    assert hall.take("a", hall.pressed(9, present=False)) == [Outcome.TAKEN]
    assert not hall.is_present


def test_a_press_from_the_future_is_of_now(hall: Hall) -> None:
    hall.take("a", hall.pressed(600))
    noted = presence(hall.row, hall.session)
    assert noted
    assert noted.recorded_at == hall.now
    later = hall.now + timedelta(seconds=1)
    undo = Pressed(str(uuid4()), hall.row.id, hall.session.id, present=False, pressed_at=later)
    [answer] = take(hall.event, [undo], desk="b", actor=hall.staff, now=later)
    assert answer.outcome is Outcome.TAKEN


def test_presses_are_forgotten_once_nothing_older_is_taken(hall: Hall) -> None:
    hall.take("a", hall.pressed(1))
    hall.take("b", hall.pressed(30, present=False))
    late = hall.pressed(29)
    hall.now = hall.at(29) + timedelta(days=30)
    assert (forget_ticks(hall.now), hall.take("c", late)) == (0, [Outcome.OLDER])
    hall.now += timedelta(minutes=1)
    [answer] = take(hall.event, [late], desk="c", actor=hall.staff, now=hall.now)
    assert (answer.outcome, answer.message[:38]) == (
        Outcome.REFUSED,
        "The tick waited more than 30 days for ",
    )
    hall.now += timedelta(days=1, hours=1)
    assert (forget_ticks(hall.now), hall.is_present) == (2, False)


def test_presence_is_noted_for_when_it_was_pressed(hall: Hall) -> None:
    hall.take("a", hall.pressed(7))
    noted = presence(hall.row, hall.session)
    assert noted
    assert (noted.recorded_at, noted.source) == (hall.at(7), Source.DESK)
    kept = db.session.scalars(select(DeskTick)).one()
    assert (kept.pressed_at, kept.taken_at, kept.taken_by_id) == (
        hall.at(7),
        hall.now,
        hall.staff.id,
    )


def test_a_correction_made_since_then_counts(hall: Hall) -> None:
    make.presence(hall.row, hall.session)
    at = hall.at(30)
    correct(hall.row, hall.session, present=False, reason="It was Ann", actor=hall.staff, now=at)
    assert hall.take("a", hall.pressed(20)) == [Outcome.OLDER]
    assert hall.take("a", hall.pressed(40)) == [Outcome.TAKEN]


def test_what_they_scanned_since_then_is_not_taken_back(hall: Hall) -> None:
    make.presence(hall.row, hall.session, source=Source.QR)
    noted = presence(hall.row, hall.session)
    assert noted
    noted.recorded_at = hall.at(30)
    assert hall.take("a", hall.pressed(20, present=False)) == [Outcome.OLDER]
    assert hall.is_present


def test_a_refused_press_is_not_kept_and_may_be_taken_later(hall: Hall) -> None:
    hall.now = hall.event.ends_at + timedelta(hours=1)
    close_attendance(hall.event, actor=None, now=hall.now)
    one = hall.pressed(1)
    [answer] = take(hall.event, [one], desk="a", actor=hall.staff, now=hall.now)
    assert answer.outcome is Outcome.REFUSED
    assert answer.message.startswith("Attendance was closed on ")
    assert db.session.scalar(select(func.count()).select_from(DeskTick)) == 0
    reopen_attendance(hall.event, reason="A tick was late", actor=hall.staff, now=hall.now)
    assert hall.take("a", one) == [Outcome.TAKEN]


def test_who_lost_the_seat_meanwhile_is_refused_by_name(hall: Hall) -> None:
    hall.row.state = State.CANCELLED
    [answer] = take(hall.event, [hall.pressed(1)], desk="a", actor=hall.staff, now=hall.now)
    assert (answer.outcome, answer.message) == (
        Outcome.REFUSED,
        "Søren Žižka has no confirmed seat (cancelled).",
    )
    assert not hall.is_present


def test_a_press_without_script_is_kept_against_older_ones(hall: Hall) -> None:
    press(hall.row, hall.session, present=True, actor=hall.staff, now=hall.at(20))
    press(hall.row, hall.session, present=False, actor=hall.staff, now=hall.at(30))
    assert hall.take("a", hall.pressed(25)) == [Outcome.OLDER]
    hall.row.state = State.CANCELLED
    with pytest.raises(DomainError, match="no confirmed seat"):
        press(hall.row, hall.session, present=True, actor=hall.staff, now=hall.at(40))


def test_whom_the_rules_leave_in_line_is_not_let_in(hall: Hall) -> None:
    waiting = make.registration(hall.event, make.user("Zoë"), State.WAITLISTED)
    with pytest.raises(DomainError, match="leave no seat for Zoë") as refusal:
        let_in(waiting, hall.session, actor=hall.staff, now=hall.now)
    assert refusal.value.field == "beyond"
    let_in(hall.row, hall.session, actor=hall.staff, now=hall.now)
    assert hall.is_present


def test_on_a_shared_phone_what_somebody_pressed_earlier_is_older(hall: Hall) -> None:
    phone = str(uuid4())
    waited = hall.pressed(5, present=False)
    assert hall.take(phone, hall.pressed(1)) == [Outcome.TAKEN]
    hall.staff, first = make.member(), hall.staff
    assert hall.take(phone, hall.pressed(10)) == [Outcome.TAKEN]
    hall.staff = first
    assert hall.take(phone, waited) == [Outcome.OLDER]
    assert hall.is_present
