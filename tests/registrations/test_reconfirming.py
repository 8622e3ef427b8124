"""Whether people still come: warnings before seats are released, another mode, another day."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import OutboxMessage
from interact_events.events.actions import values_of
from interact_events.events.models import Event, Mode
from interact_events.registrations import actions
from interact_events.registrations.models import Reconfirmation, Registration, SeatRules, State
from tests import make
from tests.client import Client, counted
from tests.registrations.test_changes import move
from tests.registrations.test_settling import (
    ASKS,
    DAY,
    HOUR,
    NOW,
    START,
    asking,
    event_with,
    last_text,
    mails,
    register,
    settled,
    states,
    wrong,
)

pytestmark = pytest.mark.usefixtures("app")

LATER = Reconfirmation(ask_days=5, warn_days=3, release_days=1)
ASKED = ["confirmed", "please_reconfirm"]


def daily(first: int, last: int) -> None:
    """The job runs once a day, from so many days before the start until so many."""
    for days in range(first, last - 1, -1):
        settled(START - days * DAY)


# -- nobody is released without a warning


def asked(**values: Any) -> Registration:
    event = event_with(2, reconfirmation=asking(on_site=ASKS), **values)
    row = register(event)
    settled(START - 14 * DAY)
    return row


def test_who_was_not_warned_is_warned_first_and_has_a_day() -> None:
    row, back = asked(), START - 2 * DAY
    for minutes in range(3):
        settled(back + timedelta(minutes=minutes))
    assert (row.state, row.answer_by) == (State.CONFIRMED, back + DAY)
    assert mails(row) == [*ASKED, "reconfirm_soon"]
    assert wrong(back) == []
    settled(back + DAY - timedelta(minutes=1))
    assert row.state is State.CONFIRMED
    settled(back + DAY)
    assert (row.state, mails(row)[3:]) == (State.CANCELLED, ["not_reconfirmed"])
    assert wrong(back + DAY) == []


def test_who_answers_a_late_warning_keeps_the_seat() -> None:
    row, back = asked(), START - 2 * DAY
    settled(back)
    assert actions.accept(row, now=back + 20 * HOUR) == "Thank you: you keep your seat."
    daily(1, 0)
    assert (row.state, mails(row)) == (State.CONFIRMED, [*ASKED, "reconfirm_soon"])


def test_a_warning_hours_before_the_deadline_moves_it() -> None:
    row, back = asked(), START - 3 * DAY - HOUR
    settled(back)
    assert row.answer_by == back + DAY
    settled(START - 3 * DAY)
    assert (row.state, mails(row)) == (State.CONFIRMED, [*ASKED, "reconfirm_soon"])


def test_a_late_warning_gives_no_time_beyond_the_start() -> None:
    row = asked()
    settled(START - 5 * HOUR)
    assert (row.answer_by, mails(row)[2:]) == (START, ["reconfirm_soon"])
    settled(START)
    assert (row.state, row.must_reconfirm) == (State.CONFIRMED, False)


def test_who_was_warned_in_time_is_released_however_late() -> None:
    row = asked()
    settled(START - 7 * DAY)
    settled(START - DAY)
    assert (row.state, mails(row)[2:]) == (State.CANCELLED, ["reconfirm_soon", "not_reconfirmed"])


def test_a_deadline_that_comes_before_the_warning_of_changed_rules_is_warned_of() -> None:
    row = asked()
    later = asking(on_site=Reconfirmation(ask_days=6, warn_days=2, release_days=1))
    db.session.get_one(SeatRules, row.event_id).reconfirmation = later
    settled(START - 3 * DAY)
    assert (row.state, row.answer_by) == (State.CONFIRMED, START - 2 * DAY)
    assert mails(row) == [*ASKED, "reconfirm_soon"]


def test_warning_many_costs_as_many_statements_as_warning_one(connection: Connection) -> None:
    counts = []
    for number in (1, 6):
        event = event_with(9, reconfirmation=asking(on_site=ASKS))
        for _ in range(number):
            register(event)
        settled(START - 14 * DAY)
        actions.lock_event(event)
        with counted(connection) as statements:
            actions.settle(event, now=START - 2 * DAY)
            db.session.flush()
        counts.append(len(statements))
    assert counts[0] == counts[1]


# -- another mode


def hybrid(**modes: Reconfirmation) -> Event:
    values = {"online_capacity": 4}
    return event_with(8, mode=Mode.HYBRID, values=values, reconfirmation=asking(**modes))


ON_SITE = Reconfirmation(ask_days=14, warn_days=10, release_days=7)
ONLINE = Reconfirmation(ask_days=14, warn_days=5, release_days=1)


def test_who_was_asked_and_changes_how_they_take_part_still_comes() -> None:
    row = register(hybrid(on_site=ON_SITE, online=ONLINE))
    settled(START - 14 * DAY)
    at = START - 12 * DAY
    said = actions.change_mode(row, is_online=True, now=at)
    assert said == ("You take part online. That also says that you still come: you keep your seat.")
    assert said in last_text(row)
    assert (row.answer_by, row.reconfirmed_at) == (None, at)
    daily(11, 0)
    assert (row.state, mails(row)) == (State.CONFIRMED, [*ASKED, "mode_changed"])
    assert wrong(START - HOUR) == []


def test_who_changes_before_the_question_is_asked_by_the_rule_of_their_new_mode() -> None:
    row = register(hybrid(on_site=ON_SITE, online=LATER))
    said = actions.change_mode(row, is_online=True, now=START - 15 * DAY)
    assert said == "You take part online."
    daily(14, 5)
    assert (row.answer_by, mails(row)[2:]) == (START - DAY, ["please_reconfirm"])
    daily(4, 1)
    assert row.state is State.CANCELLED
    assert mails(row)[3:] == ["reconfirm_soon", "not_reconfirmed"]


def test_who_joins_a_mode_that_was_asked_already_is_not_asked() -> None:
    row = register(hybrid(on_site=LATER, online=ON_SITE))
    settled(START - 14 * DAY)
    assert actions.change_mode(row, is_online=True, now=START - 9 * DAY) == "You take part online."
    daily(8, 0)
    assert (row.state, mails(row)) == (State.CONFIRMED, ["confirmed", "mode_changed"])


def test_in_a_mode_that_asks_nobody_nobody_is_asked() -> None:
    row = register(hybrid(on_site=ON_SITE))
    settled(START - 14 * DAY)
    actions.change_mode(row, is_online=True, now=START - 13 * DAY)
    daily(12, 0)
    assert (row.state, mails(row)) == (State.CONFIRMED, [*ASKED, "mode_changed"])


def test_an_offered_seat_keeps_its_deadline_in_another_mode() -> None:
    event = hybrid(on_site=ON_SITE, online=ONLINE)
    row = make.registration(event, state=State.OFFERED, answer_by=START - 6 * DAY)
    actions.change_mode(row, is_online=True, now=START - 8 * DAY)
    assert (row.answer_by, row.reconfirmed_at) == (START - 6 * DAY, None)


def test_whose_time_to_answer_is_over_changes_nothing() -> None:
    row = register(hybrid(on_site=ON_SITE, online=ONLINE))
    daily(14, 8)
    with pytest.raises(DomainError, match="The time to answer is over"):
        actions.change_mode(row, is_online=True, now=START - 7 * DAY)
    with pytest.raises(DomainError, match="The time to answer is over"):
        actions.accept(row, now=START - 7 * DAY)
    assert not row.is_online


def test_the_page_says_that_changing_is_an_answer(client: Client) -> None:
    event = make.event(mode=Mode.HYBRID, online_capacity=10)
    sentence = "Changing also says that you still come."
    for by, is_said in ((None, False), (make.days(2), True)):
        row = make.registration(event, answer_by=by)
        client.sign_in(row.user)
        page = client.get(f"/my/registrations/{row.id}").text
        assert (sentence in re.sub(r"\s+", " ", page)) is is_said


# -- another day


def moved(event: Event, by: timedelta, now: datetime, **values: Any) -> actions.Changed:
    values = {"joining_url": "https://meet.example/room"} | values
    changes = values_of(event, by, **values)
    done = actions.change_event(event, changes, actor=make.member(), now=now)
    db.session.flush()
    return done


def answered(now: datetime = START - 13 * DAY) -> tuple[Event, Registration, Registration]:
    """One who was asked and has said yes, and one who was asked."""
    event = event_with(3, reconfirmation=asking(on_site=ASKS))
    yes, silent = register(event), register(event)
    settled(START - 14 * DAY)
    actions.accept(yes, now=now)
    return event, yes, silent


def test_an_event_on_another_day_asks_everybody_anew() -> None:
    event, yes, silent = answered()
    changed = moved(event, 60 * DAY, START - 12 * DAY)
    assert (changed.lapsed, changed.asked) == (2, [])
    for row in (yes, silent):
        assert (row.answer_by, row.reconfirmed_at, row.must_reconfirm) == (None, None, False)
    new = event.starts_at
    for days in (61, 60, 53, 50, 14):
        settled(START + 60 * DAY - days * DAY)
    assert states(yes, silent) == [State.CONFIRMED] * 2
    for row in (yes, silent):
        assert mails(row) == [*ASKED, "event_changed", "please_reconfirm"]
        assert row.answer_by == new - 3 * DAY
    actions.accept(silent, now=new - 13 * DAY)
    settled(new - 7 * DAY)
    settled(new - 3 * DAY)
    assert states(yes, silent) == [State.CANCELLED, State.CONFIRMED]
    assert wrong(new - 3 * DAY) == []


def test_the_mail_about_the_new_day_says_what_became_of_their_answer() -> None:
    event, yes, silent = answered()
    moved(event, 60 * DAY, START - 12 * DAY)
    new = "Your answer whether you still come: not needed until we ask you again\nBefore: "
    assert f"{new}given on " in last_text(yes)
    assert f"{new}asked for by " in last_text(silent)


@pytest.mark.parametrize("minutes", [-90, 30])
def test_another_hour_of_the_same_day_asks_nobody_anew(minutes: int) -> None:
    now = NOW.replace(hour=10, minute=0, second=0)
    event = event_with(
        3,
        values={"starts_at": now + 30 * DAY, "ends_at": now + 30 * DAY + 5 * HOUR},
        reconfirmation=asking(on_site=ASKS),
    )
    yes, silent = register(event), register(event)
    settled(event.starts_at - 14 * DAY)
    by = event.starts_at - 3 * DAY
    actions.accept(yes, now=event.starts_at - 13 * DAY)
    said_at = yes.reconfirmed_at
    assert moved(event, timedelta(minutes=minutes), event.starts_at - 12 * DAY).lapsed == 0
    assert (yes.reconfirmed_at, silent.answer_by) == (said_at, by)
    assert "Your answer whether" not in last_text(yes)


def test_where_the_new_day_is_near_people_are_asked_at_once() -> None:
    event, yes, silent = answered()
    now = START - 12 * DAY
    changed = moved(event, -6 * DAY, now)
    assert [each.number for each in changed.asked] == [2]
    settled(now)
    assert yes.answer_by == silent.answer_by == event.starts_at - 3 * DAY
    assert mails(yes) == [*ASKED, "event_changed", "please_reconfirm"]


def test_who_reconfirmed_a_day_is_asked_again_once_it_is_moved_away_and_back() -> None:
    """The deadline is the same as before; the mails about it are others."""
    row = asked()
    settled(START - 7 * DAY)
    actions.accept(row, now=START - 6 * DAY)
    for days in (30, -30):
        moved(row.event, days * DAY, START - 6 * DAY + HOUR)
    settled(START - 5 * DAY)
    assert (row.answer_by, row.reconfirmed_at) == (row.event.starts_at - 3 * DAY, None)
    changed = ["event_changed", "event_changed"]
    assert mails(row) == [*ASKED, "reconfirm_soon", *changed, "please_reconfirm"]


def test_a_past_event_keeps_what_people_said() -> None:
    event, yes, _ = answered()
    assert moved(event, -2 * DAY, START + DAY).lapsed == 0
    assert yes.reconfirmed_at == START - 13 * DAY


def test_where_a_mode_is_gone_its_people_are_asked_by_the_rule_of_the_other() -> None:
    event = hybrid(on_site=ON_SITE, online=LATER)
    yes, silent, online = register(event), register(event), register(event, is_online=True)
    settled(START - 14 * DAY)
    actions.accept(yes, now=START - 13 * DAY)
    changed = moved(event, timedelta(), START - 12 * DAY, mode=Mode.ONLINE)
    assert changed.lapsed == 1
    daily(11, 5)
    assert (yes.answer_by, yes.reconfirmed_at) == (None, START - 13 * DAY)
    assert silent.answer_by == online.answer_by == event.starts_at - DAY
    assert mails(silent) == [*ASKED, "event_changed", "please_reconfirm"]
    assert wrong(START - 5 * DAY) == []


def test_a_seat_that_was_handed_over_is_asked_about_on_its_new_day() -> None:
    event, _, silent = answered()
    profile = make.profile(role_id=silent.role_id, programme_id=silent.programme_id)
    at = START - 12 * DAY
    new = actions.take_over(
        silent, profile, actions.Answers(), reason="Handed over.", notice="-", now=at
    )
    daily(11, 8)
    assert (new.answer_by, mails(new)) == (None, ["confirmed"])
    moved(event, 60 * DAY, START - 8 * DAY)
    settled(event.starts_at - 14 * DAY)
    assert (new.answer_by, mails(new)[-1]) == (event.starts_at - 3 * DAY, "please_reconfirm")


def test_staff_read_whose_answers_no_longer_count(client: Client) -> None:
    event = make.event()
    make.seat_rules(event, reconfirmation=asking(on_site=ASKS))
    make.registration(event, reconfirmed_at=clock.now())
    starts, ends = (
        clock.to_local(at, event.zone) + 20 * DAY for at in (event.starts_at, event.ends_at)
    )
    found = move(client, event, f"{starts:%Y-%m-%dT%H:%M}", f"{ends:%Y-%m-%dT%H:%M}")
    assert "1 person had been asked already whether they still come. That no longer counts" in found
    assert db.session.scalars(select(OutboxMessage)).one().kind == "registrations.event_changed"
