"""Reminders: what is due goes out once, to those whom it is for, as long as it is of use."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import MailState, OutboxMessage
from interact_events.events.models import Event, EventState, Mode
from interact_events.letters import actions, jobs, queries
from interact_events.letters.actions import reminding
from interact_events.letters.rules import CONFIRMED, USUAL, Group
from interact_events.registrations.actions import cancel_event, duplicate_event
from interact_events.registrations.emails import check_in_address, join_address
from interact_events.registrations.models import Registration, State
from tests import make
from tests.client import counted

pytestmark = pytest.mark.usefixtures("app")


def mails() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def names() -> list[str]:
    return [mail.to_name for mail in mails()]


def recorded() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def soon(hours: float = 48, **values: Any) -> Event:
    start = clock.now() + timedelta(hours=hours)
    return make.event(starts_at=start, **values)


def test_the_confirmed_are_reminded_once_without_any_row() -> None:
    event = soon(joining_url="https://meet.example/1")
    make.registration(event, make.user("Anna"))
    make.registration(event, make.user("Waits"), State.WAITLISTED)
    jobs.send_reminders()
    jobs.send_reminders()
    assert names() == ["Anna"]
    assert "Where: Logomo" in mails()[0].text
    assert mails()[0].expires_at == event.starts_at
    assert recorded() == ["reminder sent"]


def test_who_gets_a_seat_afterwards_is_told_once_while_it_is_ahead() -> None:
    event = soon()
    make.registration(event, make.user("Anna"))
    jobs.send_reminders()
    make.registration(event, make.user("Bo"))
    jobs.send_reminders()
    jobs.send_reminders()
    assert names() == ["Anna", "Bo"]
    make.registration(event, make.user("Late"))
    assert actions.remind(event, "before-start", now=event.starts_at) is False


def joined_late(event: Event) -> Registration:
    """After the instant of the usual reminder."""
    at = queries.due_of(event, USUAL[0])
    assert at
    return make.registration(event, make.user("Late"), decided_at=at.since)


def test_whose_seat_is_newer_is_not_told_the_same_once_more() -> None:
    event = soon(hours=30)
    at = queries.due_of(event, USUAL[0])
    assert at
    before = at.since - timedelta(seconds=1)
    make.registration(event, make.user("Anna"), decided_at=before)
    joined_late(event)
    jobs.send_reminders()
    assert names() == ["Anna"]


def test_other_words_reach_who_joins_late_as_well() -> None:
    event = soon(hours=30)
    joined_late(event)
    jobs.send_reminders()
    assert mails() == []
    own = replace(USUAL[0], text="Bring your laptop, {{ name }}.")
    actions.save_reminder(event, own, actor=make.member(), now=clock.now())
    jobs.send_reminders()
    assert names() == ["Late"]


def test_a_reminder_is_not_sent_before_its_time_nor_of_what_is_not_public() -> None:
    for event in (make.event(), soon(state=EventState.CANCELLED), soon(state=EventState.DRAFT)):
        make.registration(event)
    jobs.send_reminders()
    assert mails() == []


def test_an_event_that_moves_to_another_day_reminds_anew() -> None:
    event = soon(hours=30)
    make.registration(event)
    jobs.send_reminders()
    event.starts_at += timedelta(minutes=1)
    event.ends_at += timedelta(days=1)
    jobs.send_reminders()
    event.starts_at += timedelta(days=1)
    jobs.send_reminders()
    jobs.send_reminders()
    assert len(mails()) == 2


def test_thanks_are_off_by_default_and_go_to_those_who_came() -> None:
    thanks = USUAL[2]
    ended = clock.now() - timedelta(days=2)
    event = make.event(starts_at=ended - timedelta(hours=5), ends_at=ended)
    came = make.registration(event, make.user("Came"))
    make.registration(event, make.user("Stayed away"))
    make.presence(came, event.sessions[0])
    jobs.send_reminders()
    assert mails() == []
    actions.save_reminder(event, replace(thanks, is_on=True), actor=make.member(), now=clock.now())
    jobs.send_reminders()
    assert names() == ["Came"]


def test_a_usual_one_is_switched_off_changed_and_as_usual_again() -> None:
    event, actor = soon(), make.member()
    make.registration(event)
    off = replace(USUAL[0], is_on=False, days=5)
    actions.save_reminder(event, off, actor=actor, now=clock.now())
    jobs.send_reminders()
    assert mails() == []
    assert queries.reminders_of(event)[0] == off
    actions.reset_reminder(event, off.key, actor=actor, now=clock.now())
    assert queries.reminders_of(event) == list(USUAL)
    assert recorded() == ["reminder set", "reminder reset"]


def test_a_reminder_to_nobody_or_with_wrong_words_is_refused() -> None:
    event, actor = soon(), make.member()
    for wrong, why in (
        (replace(USUAL[0], group=Group()), "Choose at least one state"),
        (replace(USUAL[0], text="a\n{{ b }}"), "Line 2"),
        (replace(USUAL[0], text="{{ name * 9 }}"), "Line 1"),
    ):
        with pytest.raises(DomainError, match=why):
            actions.save_reminder(event, wrong, actor=actor, now=clock.now())
    for number in range(20):
        own = replace(USUAL[0], key=f"own-{number}", name=f"Number {number}")
        if number < 17:
            actions.save_reminder(event, own, actor=actor, now=clock.now())
        else:
            with pytest.raises(DomainError, match="20 reminders"):
                actions.save_reminder(event, own, actor=actor, now=clock.now())


def test_one_that_is_added_by_a_double_press_is_there_once() -> None:
    event, actor = soon(), make.member()
    for key in ("own-1", "own-2"):
        own = replace(USUAL[0], key=key, name="Bring a laptop")
        actions.save_reminder(event, own, actor=actor, now=clock.now())
    assert [each.key for each in queries.reminders_of(event)[len(USUAL) :]] == ["own-1"]
    assert recorded() == ["reminder set"]


def test_reminders_of_a_cancelled_event_stay_as_they_are() -> None:
    event, actor = make.event(state=EventState.CANCELLED), make.member()
    with pytest.raises(DomainError, match="stays as it is"):
        actions.save_reminder(event, USUAL[0], actor=actor, now=clock.now())
    with pytest.raises(DomainError, match="stays as it is"):
        actions.reset_reminder(event, USUAL[0].key, actor=actor, now=clock.now())


def test_one_that_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = soon(), soon(hours=50)
    for event in (first, second):
        make.registration(event)
    db.session.commit()
    usual = actions.remind

    def breaks(event: Event, key: str, **named: Any) -> bool:
        if event.id == first.id:
            raise RuntimeError
        return usual(event, key, **named)

    monkeypatch.setattr(actions, "remind", breaks)
    jobs.send_reminders()
    assert [mail.event_id for mail in mails()] == [second.id]


def test_many_people_are_reminded_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    event = soon()
    for name in ("Anna", "Bo", "Cy"):
        make.registration(event, make.user(name))
    monkeypatch.setattr(reminding, "BATCH", 2)
    assert actions.remind(event, "before-start", now=clock.now())
    assert names() == ["Anna", "Bo"]
    jobs.send_reminders()
    assert names() == ["Anna", "Bo", "Cy"]


def test_a_cancelled_event_takes_back_reminders_that_have_not_left() -> None:
    event = soon()
    for _ in range(2):
        make.registration(event)
    jobs.send_reminders()
    mails()[0].state = MailState.SENT
    db.session.flush()
    cancel_event(event, "The speaker is ill.", actor=make.member(), now=clock.now())
    assert [(m.kind, m.state.value) for m in mails()] == [
        ("letters.reminder", "sent"),
        ("letters.reminder", "cancelled"),
        *[("registrations.event_cancelled", "waiting")] * 2,
    ]
    assert mails()[1].answer == "Not sent: the event was cancelled."


def test_an_event_that_moves_away_is_reminded_of_later() -> None:
    event = soon()
    make.registration(event)
    event.starts_at += timedelta(days=20)
    event.ends_at += timedelta(days=20)
    jobs.send_reminders()
    assert mails() == []
    at = queries.due_of(event, USUAL[0])
    assert at
    assert not actions.remind(event, "before-start", now=at.since)
    assert len(mails()) == 1


def test_a_copy_of_an_event_has_its_reminders_and_no_letter() -> None:
    event, actor, now = make.event(), make.member(), clock.now()
    start = event.starts_at
    second = make.session(event, "Cases", start, event.ends_at)
    off = replace(USUAL[0], is_on=False)
    own = replace(USUAL[2], key="own-1", group=replace(CONFIRMED, session=second.id))
    for each in (off, own):
        actions.save_reminder(event, each, actor=actor, now=now)
    values = actions.LetterValues(subject="News", text="News", group=CONFIRMED)
    actions.write_letter(event, values, [], actor=actor, now=now)
    first_day = start.date() + timedelta(days=7)
    db.session.refresh(event)
    copy = duplicate_event(event, "Again", first_day, actor=actor, now=now, host="localhost")
    theirs = replace(CONFIRMED, session=copy.agenda[1].id)
    assert copy.agenda[1].title == "Cases"
    assert queries.reminders_of(copy) == [off, *USUAL[1:], replace(own, group=theirs)]
    assert queries.reminders_of(event) == [off, *USUAL[1:], own]
    assert db.session.scalars(queries.letters_of(copy)).all() == []


def test_what_is_due_is_found_by_two_statements(connection: Connection) -> None:
    soon()
    with counted(connection) as one:
        queries.reminders_due(clock.now())
    for _ in range(2):
        soon()
    with counted(connection) as three:
        due = queries.reminders_due(clock.now())
    assert [key for _, key in due] == ["before-start"] * 3
    assert len(one) == len(three) == 2


@pytest.mark.parametrize("link", ["", "https://meet.example/1"])
def test_the_usual_words_keep_their_paragraphs(link: str) -> None:
    event = soon(mode=Mode.ONLINE, joining_url=link)
    row = make.registration(event)
    jobs.send_reminders()
    assert "\n\nIf you can’t come" in mails()[0].text
    assert "</ul>\n<p>If you can’t come" in mails()[0].html
    assert (f"Join here: {join_address(row)}\n" in mails()[0].text) is bool(link)


def test_who_comes_to_the_place_reads_of_their_code_for_the_desk() -> None:
    row = make.registration(soon())
    jobs.send_reminders()
    assert f"At the desk: your code ({check_in_address(row)})\n" in mails()[0].text
