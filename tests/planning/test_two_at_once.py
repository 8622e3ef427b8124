"""Two people press at the same moment: the later one learns what the first has done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from interact_events.accounts.models import Level, User
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.planning import actions
from interact_events.planning.models import EventHandOver, OfferKind, OfferState
from interact_events.planning.rules import Registration
from interact_events.registrations.actions import lock_event
from tests import make
from tests.at_once import at_once
from tests.planning.days import draft, event, first_day, monday

CONTACT = actions.Contact("Desk", "desk@example.org")


@dataclass
class Table:
    """An event of Turku, offered to Vienna, with a lead of each office."""

    app: Flask
    event_id: int
    offer_id: int
    turku_id: int
    vienna_id: int

    def event(self) -> Event:
        return db.session.get_one(Event, self.event_id)

    def offer(self) -> EventHandOver:
        return db.session.get_one(EventHandOver, self.offer_id)

    def lead(self, number: int) -> User:
        return db.session.get_one(User, number)

    def both(self, first: Callable[[], object], second: Callable[[], object]) -> str:
        """What the second is refused with; it begins when the first has done all but commit."""

        def refused() -> str:
            try:
                second()
            except DomainError as refusal:
                db.session.rollback()
                return refusal.message
            return ""

        return str(at_once(self.app, first, refused)[1])

    def accept(self) -> None:
        lead = self.lead(self.vienna_id)
        actions.accept_offer(self.offer(), CONTACT, "", actor=lead, now=clock.now())

    def withdraw(self) -> None:
        actions.withdraw_offer(self.offer(), actor=self.lead(self.turku_id), now=clock.now())

    def ask(self) -> None:
        lead = self.lead(self.turku_id)
        to = make.office("viborg")
        actions.offer_event(self.event(), to, OfferKind.HAND_OVER, "", actor=lead, now=clock.now())

    def move(self, weeks: int, version: int) -> None:
        to = monday() + timedelta(weeks=weeks)
        move = actions.Move(to, Registration.MOVES, version)
        lead = self.lead(self.turku_id)
        actions.move_event(self.event(), move, actor=lead, now=clock.now())


@pytest.fixture
def table(crowded: Flask) -> Table:
    with crowded.app_context():
        turku, vienna = (make.member(code, Level.LEAD) for code in ("turku", "vienna"))
        make.member("viborg", Level.LEAD)
        row = event()
        to = make.office("vienna")
        offer = actions.offer_event(row, to, OfferKind.HAND_OVER, "", actor=turku, now=clock.now())
        db.session.commit()
        return Table(crowded, row.id, offer.id, turku.id, vienna.id)


def test_of_two_who_accept_the_second_reads_that_it_is_done(table: Table) -> None:
    assert table.both(table.accept, table.accept).startswith("This offer was accepted already on")


def test_what_is_withdrawn_at_that_moment_is_not_accepted(table: Table) -> None:
    said = table.both(table.withdraw, table.accept)
    assert said.startswith("This offer was withdrawn already on")
    with table.app.app_context():
        assert table.event().office == make.office()


def test_what_is_accepted_at_that_moment_is_not_withdrawn(table: Table) -> None:
    assert table.both(table.accept, table.withdraw).startswith("This offer was accepted already on")
    with table.app.app_context():
        assert table.event().office == make.office("vienna")


def test_who_waits_for_an_event_that_changes_hands_gets_it(table: Table) -> None:
    """Like whoever registers at that moment: the row is there, though it belongs elsewhere."""
    assert table.both(table.accept, lambda: lock_event(table.event())) == ""


def test_of_two_offers_at_once_one_is_made(table: Table) -> None:
    with table.app.app_context():
        table.withdraw()
        db.session.commit()
    assert "is offered to Interact Office Viborg already" in table.both(
        table.ask, lambda: ask_vienna(table)
    )
    with table.app.app_context():
        waiting = select(EventHandOver).filter_by(event_id=table.event_id, state=OfferState.ASKED)
        assert len(db.session.scalars(waiting).all()) == 1


def ask_vienna(table: Table) -> None:
    lead, to = table.lead(table.turku_id), make.office("vienna")
    actions.offer_event(table.event(), to, OfferKind.HAND_OVER, "", actor=lead, now=clock.now())


def test_of_two_who_move_one_draft_the_second_overwrites_nothing(table: Table) -> None:
    with table.app.app_context():
        row = draft()
        table.event_id, version = row.id, row.version
    said = table.both(lambda: table.move(1, version), lambda: table.move(2, version))
    assert said.startswith("This event has changed since you opened this page.")
    with table.app.app_context():
        assert first_day(table.event()) == monday() + timedelta(weeks=1)
