"""Who is told what, by the clock."""

from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select

from interact_events.accounts.actions import delete_account, recipient, save_settings
from interact_events.accounts.emails import password_changed
from interact_events.accounts.models import User
from interact_events.core import clock, outbox
from interact_events.core.audit import AuditEntry
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.core.mail import Mail
from interact_events.core.outbox import MailState, as_email
from interact_events.events.models import Admission, Event, EventState
from interact_events.news import actions, queries
from interact_events.news.jobs import tell_news
from interact_events.news.models import NewsChoice
from interact_events.registrations.actions import Answers, change_answers, register
from interact_events.registrations.models import State
from tests import make
from tests.client import counted
from tests.news.conftest import choice_of, mails, new_event, reader, topic, without_profiles


def subjects() -> list[str]:
    return [mail.subject for mail in mails()]


def test_new_event_is_told_once(app: Flask) -> None:
    person = reader()
    event = new_event()
    tell_news()
    tell_news()
    (mail,) = mails()
    assert mail.subject.startswith("New event: Simplified cost options, ")
    assert (mail.to_address, mail.person_id, mail.kind, mail.event_id) == (
        person.email,
        person.id,
        "news.digest",
        None,
    )
    assert f"/events/{event.slug}" in mail.text
    assert "For you as controller of " in mail.text
    assert db.session.scalars(select(AuditEntry.action)).all().count("news_told") == 1


def test_next_week_tells_only_what_was_published_since(app: Flask) -> None:
    person = reader()
    new_event("First")
    tell_news()
    choice = choice_of(person)
    choice.looked_at, choice.told_week = clock.now() - timedelta(days=8), "2020-W01"
    choice.told_until = clock.now() - timedelta(minutes=30)
    new_event("Second", published_at=clock.now() - timedelta(minutes=10))
    for mail in mails():
        mail.key = "last week’s"
    db.session.commit()
    tell_news()
    assert [s.partition(",")[0] for s in subjects()] == ["New event: First", "New event: Second"]


def test_second_mail_in_one_week_is_never_written(app: Flask) -> None:
    person = reader()
    new_event("First")
    tell_news()
    choice_of(person).looked_at = clock.now() - timedelta(days=8)
    new_event("Second", published_at=clock.now() - timedelta(minutes=5))
    now = clock.now()
    choice_of(person).told_week = "2020-W01"  # even if we forgot that we told
    db.session.commit()
    tell_news()
    week = to_local(now, person.zone).isocalendar()
    assert [mail.key for mail in mails()] == [f"news:{person.id}:{week.year}-W{week.week:02}"]


def test_without_news_there_is_no_mail_and_the_look_is_noted(app: Flask) -> None:
    person = reader()
    tell_news()
    choice = choice_of(person)
    assert mails() == []
    assert clock.now() - choice.looked_at < timedelta(minutes=1)
    assert choice.told_week == ""


@pytest.mark.parametrize(
    "values",
    [
        {"wants_news": False},
        {"confirmed_at": None},
        {"is_due": False},
    ],
)
def test_nobody_is_told_who_should_not_be(app: Flask, values: dict[str, Any]) -> None:
    reader(**values)
    new_event()
    tell_news()
    assert mails() == []


def test_address_that_does_not_work_gets_no_news(app: Flask) -> None:
    person = reader()
    new_event()
    outbox.post(make_mail(), recipient(person), key="earlier", now=clock.now())
    outbox.mark_bounced(mails()[0], "550 no", now=clock.now())
    db.session.commit()
    tell_news()
    assert [mail.key for mail in mails()] == ["earlier"]


def make_mail() -> Mail:
    return password_changed(make.user())


NOW = clock.now()


@pytest.mark.parametrize(
    "values",
    [
        {"state": EventState.DRAFT},
        {"state": EventState.CANCELLED},
        {"published_at": NOW - timedelta(days=9)},
        {"starts_at": NOW - timedelta(hours=2)},
        {"registration_closes_at": NOW - timedelta(minutes=1)},
    ],
)
def test_event_that_is_not_new_open_and_ahead_is_no_news(
    app: Flask, values: dict[str, Any]
) -> None:
    reader()
    new_event(**values)
    tell_news()
    assert mails() == []


def test_event_that_opens_later_is_news_and_says_when(app: Flask) -> None:
    reader(zone="Europe/Madrid")
    new_event(registration_opens_at=make.days(3), registration_closes_at=make.days(9))
    tell_news()
    assert "Register from " in mails()[0].text
    assert "CE" in mails()[0].text.partition("Register from ")[2].partition(":")[2][:20]


def test_event_for_other_roles_is_news_only_by_its_topic(app: Flask) -> None:
    plain, curious = reader("Plain"), reader("Curious")
    choice_of(curious).topics = [topic()]
    new_event(roles=[make.role("AA")], topics=[topic()])
    tell_news()
    (mail,) = mails()
    assert (mail.person_id, plain.id == curious.id) == (curious.id, False)
    assert f"For audit authorities. Topic: {topic().name}." in mail.text


def test_event_by_invitation_is_no_news(app: Flask) -> None:
    reader()
    make.seat_rules(new_event(), by_invitation=True)
    tell_news()
    assert mails() == []


def test_event_for_other_programmes_is_no_news(app: Flask) -> None:
    reader()
    make.seat_rules(new_event(), programmes=[make.programme("Romania-Bulgaria").id])
    tell_news()
    assert mails() == []


@pytest.mark.parametrize(("state", "told"), [(State.CONFIRMED, 0), (State.CANCELLED, 1)])
def test_event_where_they_have_a_place_is_no_news(app: Flask, state: State, told: int) -> None:
    person = reader()
    make.registration(new_event(), person, state)
    tell_news()
    assert len(mails()) == told


def test_only_chosen_offices(app: Flask) -> None:
    person = reader()
    choice_of(person).offices = [make.office("vienna")]
    new_event("In Turku")
    new_event("In Vienna", office=make.office("vienna"))
    tell_news()
    assert [s.partition(",")[0] for s in subjects()] == ["New event: In Vienna"]


def test_who_has_no_profile_hears_of_what_is_open_to_everybody(app: Flask) -> None:
    without_profiles(reader())
    new_event("For all")
    new_event("For auditors", roles=[make.role("AA")])
    tell_news()
    assert [s.partition(",")[0] for s in subjects()] == ["New event: For all"]
    assert "Open to everybody." in mails()[0].text


def test_many_events_are_one_mail_that_leaves_the_rest_to_the_catalogue(app: Flask) -> None:
    reader()
    for number in range(17):
        new_event(f"Event {number}", starts_at=make.days(10 + number))
    tell_news()
    (mail,) = mails()
    assert mail.subject == "New events: Event 0, and 16 more"
    assert mail.text.count("\nWhen: ") == 15
    assert "And 2 more new events for you: http://localhost/events" in mail.text


def test_an_event_that_is_full_is_told_with_its_waiting_list(app: Flask) -> None:
    reader()
    event = new_event(capacity=1)
    make.registration(event)
    tell_news()
    assert "All seats are taken; join the waiting list by " in mails()[0].text


def test_news_say_nothing_of_a_secret_selection(app: Flask) -> None:
    reader()
    event, tell_at = new_event(capacity=1, admission=Admission.SELECTION), make.days(1)
    make.seat_rules(event, selected_at=tell_at)
    make.registration(event, told_at=tell_at)
    tell_news()
    assert "Apply by " in mails()[0].text
    assert "Register" not in mails()[0].text


def by_settings(person: User, _event: Event) -> None:
    save_settings(
        person,
        name=person.name,
        certificate_name="",
        zone=person.zone,
        wants_news=False,
        now=clock.now(),
    )


def by_registering(person: User, event: Event) -> None:
    register(person.profiles[0], event, Answers(), now=clock.now())


def by_the_answers_of_a_registration(person: User, event: Event) -> None:
    change_answers(make.registration(event, person), Answers(), now=clock.now())


def by_the_link(person: User, _event: Event) -> None:
    actions.switch_off(person, now=clock.now())


@pytest.mark.parametrize(
    "switch_off", [by_settings, by_registering, by_the_answers_of_a_registration, by_the_link]
)
def test_what_has_not_left_stays_here_when_news_is_switched_off(
    app: Flask, switch_off: Callable[[User, Event], None]
) -> None:
    person, other = reader("Anna"), reader("Bo")
    event = new_event()
    tell_news()
    switch_off(person, event)
    db.session.commit()
    states = {mail.person_id: mail.state for mail in mails() if mail.kind == "news.digest"}
    assert states == {person.id: MailState.CANCELLED, other.id: MailState.WAITING}


def test_times_are_said_on_the_readers_clocks_too(app: Flask) -> None:
    reader(zone="Atlantic/Azores")
    new_event()
    tell_news()
    assert "In your time zone: " in mails()[0].text


def test_mail_carries_the_link_that_ends_it_in_sight_and_for_programs(app: Flask) -> None:
    reader("""Ζωή "Žižka" <b>O'Neil</b>""")
    new_event()
    tell_news()
    (row,) = mails()
    assert row.unsubscribe_url
    assert row.unsubscribe_url.startswith("http://localhost/news/off/")
    assert f"by one press: {row.unsubscribe_url}" in row.text
    read = message_from_bytes(
        as_email(row, row.words, "Interact Events <events@interact.example>").content,
        policy=default,
    )
    assert read["List-Unsubscribe"] == f"<{row.unsubscribe_url}>"
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_mails_about_ones_own_seat_have_no_such_link(app: Flask) -> None:
    person = make.user(wants_news=True)
    outbox.post(make_mail(), recipient(person), key="seat", now=clock.now())
    row = mails()[0]
    mail = as_email(row, row.words, "Interact Events <events@interact.example>")
    assert row.unsubscribe_url is None
    assert b"List-Unsubscribe" not in mail.content


def test_who_switched_news_on_elsewhere_hears_from_the_next_time_on(app: Flask) -> None:
    person = make.user(wants_news=True)
    new_event()
    tell_news()
    choice = choice_of(person)
    assert (mails(), choice.weekday, choice.hour, choice.topics) == ([], 1, 8, [])
    assert clock.now() - choice.told_until > timedelta(days=6)


def test_time_goes_by_for_who_wants_no_news(app: Flask) -> None:
    """Who switches it on after a year is not told a year of events at once."""
    person = reader(wants_news=False)
    choice_of(person).told_until = clock.now() - timedelta(days=365)
    db.session.commit()
    tell_news()
    choice = choice_of(person)
    assert clock.now() - choice.looked_at < timedelta(minutes=1)
    assert clock.now() - choice.told_until < timedelta(days=8)


@pytest.mark.parametrize("batch", [1, 100])
def test_one_mail_that_fails_holds_up_no_other(
    app: Flask, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    first, second = reader("First"), reader("Second")
    new_event()
    monkeypatch.setattr("interact_events.news.jobs.BATCH", batch)
    told = actions.tell

    def tell(numbers: list[int], *, now: object) -> int:
        if first.id in numbers:
            raise RuntimeError
        return told(numbers, now=now)  # type: ignore[arg-type]

    monkeypatch.setattr(actions, "tell", tell)
    tell_news()
    assert [mail.person_id for mail in mails()] == [second.id]


def test_a_batch_costs_the_same_for_one_and_for_many(app: Flask, connection: Connection) -> None:
    counts = []
    for number in (1, 3):
        for n in range(number):
            choice_of(reader(f"Reader {n}")).topics = [topic()]
            new_event(f"Event {number} {n}", topics=[topic()])
        due = queries.due_readers(clock.now())
        db.session.expire_all()
        with counted(connection) as said:
            actions.tell(due, now=clock.now())
            db.session.commit()
        counts.append(len([line for line in said if not line.startswith("UPDATE")]))
    assert counts[0] == counts[1]


def test_choices_go_with_the_account(app: Flask) -> None:
    person, other = reader(), reader()
    choice_of(person).topics = [topic()]
    db.session.commit()
    delete_account(person, now=clock.now())
    tell_news()
    assert db.session.scalars(select(NewsChoice.user_id)).all() == [other.id]
