"""Two people press at the same moment: the later one learns what the first has done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from interact_events.accounts.models import Profile, User
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Event
from interact_events.ideas.actions import (
    IdeaValues,
    SupportValues,
    merge_ideas,
    plan_idea,
    propose,
    support,
)
from interact_events.ideas.models import Idea
from tests import make
from tests.at_once import at_once
from tests.ideas.conftest import draft_values, mails, new_idea, publish, supports_of


@dataclass
class Board:
    """Two open ideas, somebody who would come, and staff."""

    app: Flask
    numbers: tuple[int, int, int, int]

    def loaded(self) -> tuple[Idea, Idea, Profile, User]:
        one, other, profile, staff = self.numbers
        return (
            db.session.get_one(Idea, one),
            db.session.get_one(Idea, other),
            db.session.get_one(Profile, profile),
            db.session.get_one(User, staff),
        )

    def both(self, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[Any, Any]:
        """What the two say; the second has read and begins to act when the first has done all
        but commit."""
        return at_once(self.app, first, second)


@pytest.fixture
def board(crowded: Flask) -> Board:
    with crowded.app_context():
        rows = (new_idea("Lump sums"), new_idea("Simplified costs"), make.profile(), make.member())
        return Board(crowded, tuple(row.id for row in rows))  # type: ignore[arg-type]  # four


def refused(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except DomainError as refusal:
        db.session.rollback()
        return refusal.message


def test_of_two_merges_into_each_other_one_happens(board: Board) -> None:
    def merge(at: int) -> Callable[[], Any]:
        def act() -> Any:
            one, other, _, staff = board.loaded()
            pair = (one, other) if at == 0 else (other, one)
            return refused(lambda: merge_ideas(*pair, actor=staff, now=clock.now()))

        return act

    assert board.both(merge(0), merge(1)) == (
        0,
        "The other idea is not open any more. Choose another.",
    )


def test_support_for_what_is_merged_just_now_goes_to_the_other(board: Board) -> None:
    def merge() -> int:
        one, other, _, staff = board.loaded()
        return merge_ideas(one, other, actor=staff, now=clock.now())

    def come() -> int:
        one, _, profile, _ = board.loaded()
        said = SupportValues(profile=profile, language="en")
        return support(one, said, actor=profile.user, now=clock.now()).id

    assert board.both(merge, come) == (0, board.numbers[1])
    with board.app.app_context():
        _, other, profile, _ = board.loaded()
        assert supports_of(other) == {profile.user_id: 0}


def test_who_presses_twice_is_counted_once(board: Board) -> None:
    def come() -> int:
        one, _, profile, _ = board.loaded()
        said = SupportValues(profile=profile, language="en")
        return support(one, said, actor=profile.user, now=clock.now()).id

    assert board.both(come, come) == (board.numbers[0], board.numbers[0])
    with board.app.app_context():
        assert len(supports_of(board.loaded()[0])) == 1


def test_a_proposal_pressed_twice_is_one(board: Board) -> None:
    def press() -> int:
        profile = board.loaded()[2]
        idea = propose(IdeaValues(title="Pressed twice"), actor=profile.user, now=clock.now())
        db.session.flush()
        return idea.id

    first, second = board.both(press, press)
    assert first == second


def test_an_idea_becomes_one_draft_when_two_make_it(board: Board) -> None:
    def plan() -> Any:
        one, _, _, staff = board.loaded()
        now = clock.now()
        values = draft_values(title="Made by two")
        made = refused(lambda: plan_idea(one, values, actor=staff, now=now, host="ie.example"))
        return made if isinstance(made, str) else "made"

    assert board.both(plan, plan) == ("made", "Somebody has made an event of this idea already.")
    with board.app.app_context():
        titled = select(func.count(Event.id)).where(Event.title == "Made by two")
        assert db.session.scalar(titled) == 1


def test_who_comes_while_the_event_is_published_is_sent_to_register(board: Board) -> None:
    with board.app.app_context():
        one, _, _, staff = board.loaded()
        values = draft_values(title="Published meanwhile")
        event = plan_idea(one, values, actor=staff, now=clock.now(), host="ie.example")
        db.session.commit()
        number = event.id

    def publication() -> str:
        event = db.session.get_one(Event, number)
        publish(event, commits=False)
        return event.state

    def come() -> Any:
        one, _, profile, _ = board.loaded()
        said = SupportValues(profile=profile, language="en")
        assert one.event
        return refused(lambda: support(one, said, actor=profile.user, now=clock.now()))

    assert board.both(publication, come) == (
        "published",
        "There is an event on this idea already: register for it.",
    )
    with board.app.app_context():
        assert mails("invited_first")[board.loaded()[2].user.email] == 0
