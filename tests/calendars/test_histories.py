"""Whatever happens, and in whichever order: when all mails have come, every program shows just
what the person's seat says."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import MailState, OutboxMessage, send_again
from interact_events.events import actions as events
from interact_events.events.models import Mode, Session
from interact_events.registrations import actions, queries
from interact_events.registrations.emails import join_address
from interact_events.registrations.models import Registration, State
from tests import make
from tests.calendars.conftest import Post
from tests.calendars.inbox import PROGRAMS, Read
from tests.conftest import rolled_back

DAY = timedelta(days=1)


class History(RuleBasedStateMachine):
    """One person's dealings with an event of three days, whose mails come when they come."""

    app: ClassVar[Flask]
    post: ClassVar[Post]
    readers: ClassVar[list[Read]]

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(rolled_back(self.app))
        self.post.kept.clear()
        start = make.days(40).replace(hour=7)
        self.event = make.event(
            "Costs",
            starts_at=start,
            ends_at=start + timedelta(hours=58),
            mode=Mode.HYBRID,
            online_capacity=10,
            joining_url="https://join.example/secret",
            sessions=[
                ("Plenary", start, start + timedelta(hours=2)),
                ("Lump sums", start + timedelta(hours=3), start + timedelta(hours=5)),
                ("Unit costs", start + DAY, start + DAY + timedelta(hours=2)),
                ("Clinic", start + 2 * DAY, start + 2 * DAY + timedelta(hours=3)),
            ],
        )
        for session in self.event.sessions[1:]:
            session.capacity = 5
        self.user = make.user("Ζωή")
        self.profile = make.profile(self.user)
        self.staff = make.member()
        self.inboxes = [program(self.user.email, self.readers[0]) for program in PROGRAMS]
        self.is_read = True

    def teardown(self) -> None:
        self.stack.close()

    # -- what the person does

    @property
    def row(self) -> Registration | None:
        return queries.standing_registration(self.event, self.user)

    def tried(self, action: Any, *args: Any, **values: Any) -> None:
        """What the rules refuse changes nothing."""
        self.is_read = False
        try:
            with db.session.begin_nested():
                action(*args, now=clock.now(), **values)
                db.session.flush()
        except DomainError:
            db.session.expire_all()
        db.session.commit()

    @rule(number=st.integers(0, 3))
    def register(self, number: int) -> None:
        chosen = tuple(each.id for each in self.event.chosen_sessions[:number])
        answers = actions.Answers(sessions=chosen)
        self.tried(actions.register, self.profile, self.event, answers)

    @precondition(lambda self: self.row)
    @rule(wanted=st.sets(st.integers(0, 3)))
    def choose(self, wanted: set[int]) -> None:
        chosen = self.event.chosen_sessions
        numbers = [chosen[number].id for number in wanted if number < len(chosen)]
        self.tried(actions.choose_sessions, self.row, numbers)

    @precondition(lambda self: self.row)
    @rule(is_online=st.booleans())
    def change_mode(self, is_online: bool) -> None:
        self.tried(actions.change_mode, self.row, is_online=is_online)

    @precondition(lambda self: self.row)
    @rule(by_staff=st.booleans())
    def cancel(self, by_staff: bool) -> None:
        if by_staff:
            self.decide(State.CANCELLED)
        else:
            self.tried(actions.cancel_registration, self.row, actor=self.user)

    # -- what the office does

    def decide(self, to: State) -> None:
        assert self.row
        self.tried(actions.decide, self.event, [self.row.id], to, actor=self.staff)

    @precondition(lambda self: self.row)
    @rule(to=st.sampled_from([State.CONFIRMED, State.WAITLISTED, State.DECLINED]))
    def decide_again(self, to: State) -> None:
        self.decide(to)

    @rule(hours=st.sampled_from([-48, -24, -1, 1, 24]))
    def move_the_event(self, hours: int) -> None:
        length = timedelta(hours=hours)
        values = events.values_of(self.event, length)
        self.tried(actions.change_event, self.event, values, actor=self.staff)

    @rule(title=st.sampled_from(["Costs", "Kosten"]), venue=st.sampled_from(["Logomo", "Museo"]))
    def rename_the_event(self, title: str, venue: str) -> None:
        values = events.values_of(self.event, title=title)
        values = replace(values, venue=venue)
        self.tried(actions.change_event, self.event, values, actor=self.staff)

    @rule(link=st.sampled_from(["", "https://join.example/secret"]))
    def change_the_link(self, link: str) -> None:
        values = events.values_of(self.event)
        values = replace(values, joining_url=link)
        self.tried(actions.change_event, self.event, values, actor=self.staff)

    @precondition(lambda self: self.event.agenda)
    @rule(
        which=st.integers(0, 5),
        hours=st.sampled_from([-24, 0, 1, 24]),
        capacity=st.sampled_from([None, 5]),
    )
    def change_a_session(self, which: int, hours: int, capacity: int | None) -> None:
        session = self.event.agenda[which % len(self.event.agenda)]
        values = events.session_values(session, self.event.zone, timedelta(hours=hours))
        values = replace(values, capacity=capacity)
        self.tried(actions.save_session, session, values, actor=self.staff)

    @precondition(lambda self: self.event.agenda)
    @rule(which=st.integers(0, 5))
    def remove_a_session(self, which: int) -> None:
        session = self.event.agenda[which % len(self.event.agenda)]
        self.tried(events.remove_session, session, actor=self.staff)

    @rule(day=st.integers(0, 2), capacity=st.sampled_from([None, 5]))
    def add_a_session(self, day: int, capacity: int | None) -> None:
        starts = clock.to_local(self.event.starts_at, self.event.zone).replace(tzinfo=None)
        starts += day * DAY + timedelta(hours=6)
        values = events.SessionValues(
            title="Added", starts=starts, ends=starts + timedelta(hours=1), capacity=capacity
        )
        self.tried(events.add_session, self.event, values, actor=self.staff)

    @rule()
    def cancel_the_event(self) -> None:
        if self.row and self.row.moves > 3:  # rarely, for it is the end
            self.tried(actions.cancel_event, self.event, "The trainer is ill.", actor=self.staff)

    # -- what the mails do

    @rule()
    def hold_a_mail(self) -> None:
        """As when its worker dies: it leaves when staff say so, after those that came later."""
        waiting = select(OutboxMessage).where(OutboxMessage.state == MailState.WAITING)
        mail = db.session.scalars(waiting.order_by(OutboxMessage.id).limit(1)).first()
        if mail:
            mail.state = MailState.HELD
            db.session.commit()

    @rule()
    def deliver(self) -> None:
        for mail in self.post.to(self.app, self.user.email):
            for inbox in self.inboxes:
                inbox.take(mail)

    @rule()
    def read_everything(self) -> None:
        """The agenda has rested, and what was held is sent as well."""
        self.deliver()
        actions.tell_of_agenda(self.event, now=clock.now())
        send_again(OutboxMessage.state == MailState.HELD, now=clock.now())
        self.deliver()
        self.is_read = True

    @invariant()
    def calendars_are_right(self) -> None:
        if self.is_read:
            expected = self.expected()
            for inbox in self.inboxes:
                found = [(e["starts"], e["ends"], e["location"]) for e in inbox.shown]
                assert (type(inbox), found) == (type(inbox), expected)
                links = {each["conference"] for each in inbox.shown}
                assert links == ({self.link()} if expected else set())
                titles = {each["summary"].partition(" (day")[0] for each in inbox.shown}
                assert titles <= {self.event.title}

    def expected(self) -> list[tuple[float, float, str]]:
        """Reckoned from the seat alone."""
        row = self.row
        if row is None or row.state is not State.CONFIRMED or self.event.is_cancelled:
            return []
        chosen = queries.choices_by(row)
        where = "Online" if row.is_online else self.event.full_place
        days: dict[Any, list[Session]] = {}
        for each in self.event.agenda:
            if each.capacity is None or each.id in chosen:
                days.setdefault(self.day(each.starts_at), []).append(each)
        if not days:
            return [(self.event.starts_at.timestamp(), self.event.ends_at.timestamp(), where)]
        return [
            (
                min(each.starts_at for each in of_day).timestamp(),
                max(each.ends_at for each in of_day).timestamp(),
                where,
            )
            for _, of_day in sorted(days.items())
        ]

    def link(self) -> str | None:
        row = self.row
        return join_address(row) if row and row.is_online and self.event.joining_url else None

    def day(self, instant: datetime) -> Any:
        return clock.to_local(instant, self.event.zone).date()


def test_calendars_never_lie(
    migrated_app: Flask,
    post_office: tuple[Post, str],
    read: Read,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    box, address = post_office
    mail_settings = replace(migrated_app.extensions["settings"], mail_url=address)
    monkeypatch.setitem(migrated_app.extensions, "settings", mail_settings)
    History.app, History.post, History.readers = migrated_app, box, [read]
    run_state_machine_as_test(
        History,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
