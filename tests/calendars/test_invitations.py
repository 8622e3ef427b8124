"""What mails about a seat do to their reader's calendar, from a real conversation on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from interact_events.accounts.actions import delete_account
from interact_events.accounts.models import User
from interact_events.accounts.queries import personal_data
from interact_events.calendars.actions import make_address
from interact_events.core import clock, outbox, words
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events import actions as events
from interact_events.events.models import Admission, Event, Mode
from interact_events.registrations import actions, jobs
from interact_events.registrations.emails import join_address
from interact_events.registrations.models import CalendarEntry, Reconfirmation, Registration, State
from tests import make
from tests.calendars.conftest import Post
from tests.calendars.inbox import PROGRAMS, SENDER, Entry, Inbox, Read
from tests.calendars.test_feeds import later, two_day_event
from tests.calendars.test_own import KEY, address
from tests.client import Client

NAME = 'Ζωή "Žižka" <b>O\'Neil</b>'


@pytest.fixture
def user(app: Flask) -> User:
    return make.user(NAME, email="zoi.o'neil+events@example.org")


@pytest.fixture(params=PROGRAMS, ids=lambda program: program.__name__.lower())
def inbox(request: pytest.FixtureRequest, read: Read, user: User) -> Inbox:
    program: type[Inbox] = request.param
    return program(user.email, read)


Deliver = Callable[[], list[EmailMessage]]


@pytest.fixture
def deliver(app: Flask, post: Post, inbox: Inbox) -> Deliver:
    """Let everything arrive; says which mails came."""

    def ask() -> list[EmailMessage]:
        mails = post.to(app, inbox.owner)
        for mail in mails:
            inbox.take(mail)
        return mails

    return ask


def seen(inbox: Inbox) -> list[tuple[str, float, float]]:
    return [(each["summary"], each["starts"], each["ends"]) for each in inbox.shown]


def body(mail: EmailMessage) -> str:
    text = mail.get_body(("plain",))
    assert text is not None
    content: str = text.get_content()
    return content.replace("\r\n", "\n")


def seat(event: Event, user: User, **values: Any) -> Registration:
    """A seat that they were told of."""
    row = make.registration(event, user, State.PENDING, **values)
    actions.decide(event, [row.id], State.CONFIRMED, actor=make.member(), now=clock.now())
    return row


def changed(event: Event, **changes: Any) -> None:
    values = events.values_of(event)
    actions.change_event(event, replace(values, **changes), actor=make.member(), now=clock.now())


def days_of(event: Event) -> list[tuple[float, float]]:
    first, second, third = event.sessions
    return [
        (first.starts_at.timestamp(), second.ends_at.timestamp()),
        (third.starts_at.timestamp(), third.ends_at.timestamp()),
    ]


# -- a seat


def test_a_seat_is_an_entry(inbox: Inbox, deliver: Deliver, user: User) -> None:
    event = make.event("Costs; und Kontrollen", mode=Mode.ONLINE, joining_url="https://x.example/")
    row = seat(event, user, is_online=True)
    (mail,) = deliver()
    (entry,) = inbox.shown
    assert (entry["uid"], entry["sequence"], entry["summary"]) == (event.uid, 0, event.title)
    assert (entry["starts"], entry["ends"]) == (
        event.starts_at.timestamp(),
        event.ends_at.timestamp(),
    )
    assert entry["attendees"] == [
        {
            "address": f"mailto:{user.email}",
            "name": NAME,
            "status": "ACCEPTED",
            "answer": "FALSE",
        }
    ]
    assert (entry["organizer"], entry["organizerAddress"]) == (
        event.office.name,
        f"mailto:{SENDER}",
    )
    assert (entry["status"], entry["class"], entry["transparency"], entry["alarms"]) == (
        "CONFIRMED",
        "PRIVATE",
        "OPAQUE",
        [],
    )
    assert entry["conference"] == join_address(row)
    assert entry["location"] == "Online"
    assert entry["url"] == f"http://localhost/events/{event.slug}"
    assert f"/my/registrations/{row.id}" in entry["description"]
    assert mail["Reply-To"].addresses[0].addr_spec == event.office.email


@pytest.mark.parametrize("state", [State.PENDING, State.WAITLISTED, State.OFFERED])
def test_who_has_no_seat_gets_no_entry(
    app: Flask, post: Post, user: User, state: State, read: Read
) -> None:
    event = full_event(admission=Admission.SELECTION, capacity=1 + (state is State.OFFERED))
    make.registration(event, user, state)
    changed(event, venue="Wäinö Aaltonen Museum")
    actions.cancel_event(event, "The trainer is ill.", actor=make.member(), now=clock.now())
    mails = post.to(app, user.email)
    inbox = Inbox(user.email, read)
    assert [inbox.found_in(mail) for mail in mails] == [None, None]


def full_event(**values: Any) -> Event:
    event = make.event("Costs", **{"capacity": 1} | values)
    make.registration(event)
    return event


def test_who_moves_up_gets_an_entry(inbox: Inbox, deliver: Deliver, user: User) -> None:
    event = make.event("Costs", capacity=1)
    first = make.registration(event)
    make.registration(event, user, State.WAITLISTED)
    actions.cancel_registration(first, actor=first.user, now=clock.now())
    (mail,) = deliver()
    assert mail["Subject"].startswith("You have a seat now")
    assert [each["uid"] for each in inbox.shown] == [event.uid]


def test_each_day_has_a_mail_of_its_own(inbox: Inbox, deliver: Deliver, user: User) -> None:
    """Mail programs read one entry of a mail, and RFC 5546 allows one UID in a REQUEST."""
    event = two_day_event(title="Costs")
    seat(event, user)
    first, second = deliver()
    assert first["Subject"].startswith("You have a seat")
    assert second["Subject"].startswith("For your calendar: Costs (day 2 of 2), ")
    assert "This is one more day of the event" in body(second)
    assert [each["summary"] for each in inbox.shown] == ["Costs (day 1 of 2)", "Costs (day 2 of 2)"]
    assert [(each["starts"], each["ends"]) for each in inbox.shown] == days_of(event)


# -- changes


def test_a_new_time_moves_the_entry(inbox: Inbox, deliver: Deliver, user: User) -> None:
    event = make.event("Costs")
    seat(event, user)
    deliver()
    starts = clock.to_local(event.starts_at, event.zone).replace(tzinfo=None)
    ends = clock.to_local(event.ends_at, event.zone).replace(tzinfo=None)
    hour = timedelta(hours=1)
    changed(event, starts=starts + hour, ends=ends + hour)
    (mail,) = deliver()
    assert "When: " in body(mail)
    assert "Before: " in body(mail)
    assert "The calendar entry is attached" in body(mail)
    (entry,) = inbox.shown
    assert (entry["uid"], entry["sequence"]) == (event.uid, 2)  # the event's, and its session's
    assert entry["starts"] == event.starts_at.timestamp()


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"title": "Unit costs"}, "summary", "Title: Unit costs\nBefore: Costs\n"),
        ({"venue": "Museum"}, "location", "Where: Museum, Turku, Finland\nBefore: Logomo, Turku"),
    ],
)
def test_a_new_title_or_place_reaches_the_entry(
    inbox: Inbox, deliver: Deliver, user: User, changes: dict[str, str], field: str, says: str
) -> None:
    event = make.event("Costs")
    seat(event, user)
    deliver()
    changed(event, **changes)
    (mail,) = deliver()
    assert says in body(mail)
    (entry,) = inbox.shown
    assert next(iter(changes.values())) in entry[field]
    assert (entry["uid"], len(inbox.entries), inbox.passed_over) == (event.uid, 1, 0)


def test_who_waits_hears_of_no_new_title(app: Flask, post: Post, user: User) -> None:
    event = full_event()
    make.registration(event, user, State.WAITLISTED)
    changed(event, title="Unit costs")
    assert post.to(app, user.email) == []


def test_another_way_of_taking_part_reaches_the_entry(
    inbox: Inbox, deliver: Deliver, user: User
) -> None:
    event = make.event(mode=Mode.HYBRID, online_capacity=5, joining_url="https://x.example/")
    row = seat(event, user)
    deliver()
    assert inbox.shown[0]["conference"] is None
    actions.change_mode(row, is_online=True, now=clock.now())
    deliver()
    (entry,) = inbox.shown
    assert (entry["location"], entry["conference"]) == ("Online", join_address(row))
    assert entry["sequence"] == 1


def few_seats(event: Event) -> None:
    """A plenary for all, and two sessions that people choose, the second alone on its day."""
    for session in event.sessions[1:]:
        session.capacity = 5
    db.session.commit()


def test_a_session_given_up_and_chosen_again(inbox: Inbox, deliver: Deliver, user: User) -> None:
    """Its REQUEST has to be of a higher SEQUENCE than the CANCEL was."""
    event = two_day_event(title="Costs")
    few_seats(event)
    row = seat(event, user)
    deliver()
    assert [each["uid"] for each in inbox.shown] == [event.uid]
    chosen, sequences = event.sessions[2], []
    for wanted in ([chosen.id], [], [chosen.id]):
        actions.choose_sessions(row, wanted, now=clock.now())
        deliver()
        assert len(inbox.shown) == 1 + len(wanted)
        day = next(e for uid, e in inbox.entries.items() if uid != event.uid)
        sequences.append((day["sequence"], day["status"]))
    assert sequences == [(0, "CONFIRMED"), (1, "CANCELLED"), (2, "CONFIRMED")]
    assert inbox.passed_over == 0


def test_a_day_that_is_lost_is_taken_out_by_a_mail_of_its_own(
    inbox: Inbox, deliver: Deliver, user: User
) -> None:
    """The mail about a seat that one keeps must not be headed "cancelled" by mail programs."""
    event = two_day_event(title="Costs")
    few_seats(event)
    row = seat(event, user)
    actions.choose_sessions(row, [event.sessions[2].id], now=clock.now())
    deliver()
    actions.choose_sessions(row, [], now=clock.now())
    about, removal = deliver()
    assert inbox.found_in(about) is None
    assert removal["Subject"].startswith("No longer: Costs (day 2 of 2), ")
    assert [each["summary"] for each in inbox.shown] == ["Costs (day 1 of 2)"]


# -- the end


def test_a_seat_given_up_leaves_the_calendar_empty(
    inbox: Inbox, deliver: Deliver, user: User
) -> None:
    event = two_day_event(title="Costs")
    row = seat(event, user)
    deliver()
    actions.cancel_registration(row, actor=user, now=clock.now())
    first, second = deliver()
    assert first["Subject"].startswith("You have cancelled")
    assert second["Subject"].startswith("No longer: Costs (day 2 of 2)")
    assert inbox.shown == []
    again = actions.register(make.profile(user), event, actions.Answers(), now=clock.now())
    deliver()
    assert again.state is State.CONFIRMED
    assert [(each["starts"], each["ends"]) for each in inbox.shown] == days_of(event)
    assert [each["sequence"] for each in inbox.shown] == [2, 2]


def test_a_cancelled_event_leaves_the_calendar_empty(
    inbox: Inbox, deliver: Deliver, user: User
) -> None:
    event = two_day_event(title="Costs")
    seat(event, user)
    deliver()
    actions.cancel_event(event, "The trainer is ill.", actor=make.member(), now=clock.now())
    deliver()
    assert inbox.shown == []
    assert {each["description"] for each in inbox.entries.values()} == {"The trainer is ill."}


# -- the agenda


def quiet(event: Event) -> None:
    """Nobody has edited it for a while."""
    long_ago = clock.now() - actions.QUIET_FOR - timedelta(seconds=1)
    past = long_ago - timedelta(minutes=1)
    db.session.execute(update(Event).where(Event.id == event.id).values(revised_at=long_ago))
    db.session.execute(update(CalendarEntry).values(checked_at=past, told_at=past))
    db.session.commit()


def test_edits_of_the_agenda_are_told_once_they_rest(
    inbox: Inbox, deliver: Deliver, user: User
) -> None:
    event = two_day_event(title="Costs", zone="Europe/Helsinki")
    seat(event, user)
    deliver()
    actor, now = make.member(), clock.now()
    actions.save_session(event.sessions[2], later(event, 2, hours=1), actor=actor, now=now)
    events.remove_session(event.sessions[1], actor=actor, now=now)
    jobs.tell_calendars()
    assert deliver() == []  # it has only just been changed
    quiet(event)
    jobs.tell_calendars()
    first, second = deliver()
    assert "No longer: “Unit costs”, " in body(first)
    start = clock.to_local(event.sessions[2].starts_at, event.zone)
    zone = clock.zone_name(event.sessions[2].starts_at, event.zone)
    old = start - timedelta(hours=1)
    assert f"Starts at {start:%H:%M} {zone} instead of {old:%H:%M} {zone}." in body(second)
    assert [(each["starts"], each["ends"]) for each in inbox.shown] == days_of(event)
    quiet(event)
    jobs.tell_calendars()
    assert deliver() == []


def three_days() -> Event:
    first = make.days(40).replace(hour=7)
    starts = [first + timedelta(days=number) for number in range(3)]
    hour = timedelta(hours=1)
    sessions = [(f"Session {n}", at, at + hour) for n, at in enumerate(starts, 1)]
    return make.event("Costs", starts_at=first, ends_at=starts[-1] + hour, sessions=sessions)


@pytest.mark.parametrize(
    ("lost", "subjects"),
    [
        (0, ["Changed: 1 of 2, 1", "Changed: 2 of 2, 2", "Counted anew: 3 of 3, 2"]),
        (1, ["Changed: 1 of 2, 0", "No longer: 2 of 3, 1", "Changed: 2 of 2, 2"]),
        (2, ["Changed: 1 of 2, 0", "Changed: 2 of 2, 1", "No longer: 3 of 3, 2"]),
    ],
)
def test_nobody_reads_that_they_lost_a_day_that_stays(
    inbox: Inbox, deliver: Deliver, user: User, lost: int, subjects: list[str]
) -> None:
    """Whichever day is removed; as the day's number, and how many days after the first it is."""
    event = three_days()
    seat(event, user)
    deliver()
    events.remove_session(event.sessions[lost], actor=make.member(), now=clock.now())
    quiet(event)
    jobs.tell_calendars()
    days = [words.day(each.starts_at, event.zone) for each in event.sessions]
    said = {mail["Subject"].replace("Costs (day ", "").replace(")", "") for mail in deliver()}
    for number, day in enumerate(days):
        said = {subject.replace(day, str(number)) for subject in said}
    assert said == set(subjects)
    assert len(inbox.shown) == 2


def test_an_edit_that_was_undone_is_no_news(inbox: Inbox, deliver: Deliver, user: User) -> None:
    event = two_day_event(title="Costs")
    seat(event, user)
    deliver()
    for hours in (1, -1):
        values = later(event, 2, hours=hours)
        actions.save_session(event.sessions[2], values, actor=make.member(), now=clock.now())
    quiet(event)
    jobs.tell_calendars()
    assert deliver() == []


def test_a_link_to_join_that_comes_later_reaches_the_entry(
    inbox: Inbox, deliver: Deliver, user: User
) -> None:
    event = make.event(mode=Mode.ONLINE, joining_url="")
    row = seat(event, user)
    deliver()
    assert [each["conference"] for each in inbox.shown] == [None]
    changed(event, joining_url="https://join.example/secret")
    quiet(event)
    jobs.tell_calendars()
    (mail,) = deliver()
    assert [each["conference"] for each in inbox.shown] == [join_address(row)]
    assert "It has a link to join now.\n\n" in body(mail)
    assert f"Join here: {join_address(row)}" in body(mail)
    changed(event, joining_url="https://other.example/")
    quiet(event)
    jobs.tell_calendars()
    assert deliver() == []  # their own link stays


def test_who_never_got_an_entry_is_not_told_of_edits(app: Flask, post: Post, user: User) -> None:
    """As everybody with a seat from before there were any."""
    event = two_day_event(title="Costs")
    make.registration(event, user)
    events.remove_session(event.sessions[1], actor=make.member(), now=clock.now())
    quiet(event)
    jobs.tell_calendars()
    assert post.to(app, user.email) == []


# -- a selection


def test_a_selection_that_is_undone_leaves_no_trace(
    inbox: Inbox, deliver: Deliver, client: Client, user: User
) -> None:
    event = two_day_event(title="Costs", admission=Admission.SELECTION)
    row = make.registration(event, user, State.PENDING)
    make_address(user, key=KEY, now=clock.now())
    feed = f"{address(user)}?by=day"
    before = client.get(feed).data
    tell_at = clock.now() + timedelta(minutes=15)
    book = actions.open_book(event)
    move = actions.Move(registration=row, to=State.CONFIRMED)
    actions.transition_all(book, [move], actor=make.member(), now=clock.now(), tell_at=tell_at)
    db.session.commit()
    assert db.session.scalars(select(CalendarEntry)).all()
    assert client.get(feed).data == before
    assert deliver() == []
    actions.undo_untold(event, [row], actor=make.member(), now=clock.now())
    states = {mail.state.value for mail in db.session.scalars(select(OutboxMessage))}
    assert states == {"cancelled"}
    assert client.get(feed).data == before
    actions.decide(event, [row.id], State.CONFIRMED, actor=make.member(), now=clock.now())
    deliver()
    assert [(each["starts"], each["ends"]) for each in inbox.shown] == days_of(event)


# -- the feed


def test_ones_own_calendar_by_day_agrees_with_the_mails(
    inbox: Inbox, deliver: Deliver, client: Client, user: User, read: Read
) -> None:
    """The same entries, and no SEQUENCE that goes back."""
    event = two_day_event(title="Costs")
    few_seats(event)
    row = seat(event, user)
    make_address(user, key=KEY, now=clock.now())
    highest: dict[str, int] = {}

    def compare() -> None:
        deliver()
        content = client.get(f"{address(user)}?by=day").data
        assert client.get(f"{address(user)}?by=day").data == content
        found: list[Entry] = read(content)["events"]
        same = ("uid", "sequence", "starts", "ends", "summary", "location", "organizerAddress")
        assert [{n: e[n] for n in same} for e in found] == [
            {n: e[n] for n in same} for e in inbox.shown
        ]
        for each in found:
            assert each["sequence"] >= highest.get(each["uid"], 0)
            highest[each["uid"]] = each["sequence"]

    compare()
    for wanted in ([event.sessions[2].id], [], [s.id for s in event.sessions[1:]]):
        actions.choose_sessions(row, wanted, now=clock.now())
        compare()
    changed(event, venue="Museum")
    compare()


def test_who_deletes_their_account_is_forgotten(app: Flask, user: User) -> None:
    """And until then they can read what is kept."""
    event = make.event("Costs")
    seat(event, user)
    db.session.commit()
    (kept,) = personal_data(user, clock.now())["calendar_entries"]
    assert (kept["uid"], kept["title"], kept["is_cancelled"]) == (event.uid, "Costs", False)
    delete_account(user, now=clock.now())
    assert db.session.scalars(select(CalendarEntry)).all() == []


def test_mails_leave_in_the_order_of_what_happened(
    inbox: Inbox, deliver: Deliver, user: User
) -> None:
    """A seat given and taken within one moment, while the mail server was away."""
    event = make.event("Costs")
    row = seat(event, user)
    actions.cancel_registration(row, actor=user, now=clock.now())
    assert len(deliver()) == 2
    assert inbox.shown == []
    assert inbox.entries[event.uid]["sequence"] == 1


def test_a_mail_that_was_held_and_comes_late_changes_nothing(
    inbox: Inbox, app: Flask, post: Post, user: User
) -> None:
    """What staff send again after its successor has left."""
    event = make.event("Costs")
    row = seat(event, user)
    actions.cancel_registration(row, actor=user, now=clock.now())
    first, second = post.to(app, user.email)
    for mail in (second, first):
        inbox.take(mail)
    assert (inbox.shown, inbox.passed_over) == ([], 1)


# -- every way to a seat


def test_who_accepts_an_offer_gets_an_entry(inbox: Inbox, deliver: Deliver, user: User) -> None:
    event = make.event("Costs")
    row = make.registration(event, user, State.OFFERED)
    actions.accept(row, now=clock.now())
    deliver()
    assert [each["uid"] for each in inbox.shown] == [event.uid]


def test_who_was_added_by_staff_gets_an_entry(inbox: Inbox, deliver: Deliver, user: User) -> None:
    event = make.event("Costs")
    actions.add_by_hand(make.profile(user), event, actor=make.member(), now=clock.now())
    deliver()
    assert [each["uid"] for each in inbox.shown] == [event.uid]


def test_a_seat_that_is_handed_over_changes_calendars(
    inbox: Inbox, deliver: Deliver, app: Flask, post: Post, user: User, read: Read
) -> None:
    event = make.event("Costs")
    row = seat(event, user)
    deliver()
    colleague = make.user("Bo")
    theirs = Inbox(colleague.email, read)
    actions.take_over(
        row,
        make.profile(colleague),
        actions.Answers(),
        reason="Handed to a colleague.",
        notice="registrations.cancelled_by_office",
        now=clock.now(),
    )
    for recipient, mail in post.deliver(app):
        (inbox if recipient == user.email else theirs).take(mail)
    assert inbox.shown == []
    assert [each["uid"] for each in theirs.shown] == [event.uid]


def test_a_seat_that_is_released_leaves_the_calendar(
    inbox: Inbox, deliver: Deliver, user: User
) -> None:
    """Which nobody has pressed for: it was not reconfirmed, a day after the warning."""
    event = make.event("Costs", starts_at=make.days(4))
    make.seat_rules(event, reconfirmation={"on-site": vars(Reconfirmation(7, 6, 5))})
    row = seat(event, user)
    deliver()
    row.answer_by = clock.now()
    db.session.commit()
    actions.settle(event, now=clock.now())
    actions.settle(event, now=clock.now() + timedelta(days=1))
    at_once = {"due_at": clock.now(), "next_attempt_at": clock.now()}
    db.session.execute(update(OutboxMessage).values(at_once))
    deliver()
    assert (row.state, inbox.shown) == (State.CANCELLED, [])


def test_a_selection_that_is_told_brings_entries(
    inbox: Inbox, deliver: Deliver, user: User
) -> None:
    """At the instant of the mails: nothing leaves before, and the version is of that instant."""
    event = make.event("Costs", admission=Admission.SELECTION)
    row = make.registration(event, user, State.PENDING)
    tell_at = clock.now() + timedelta(minutes=15)
    actions.transition_all(
        actions.open_book(event),
        [actions.Move(registration=row, to=State.CONFIRMED)],
        actor=make.member(),
        now=clock.now(),
        tell_at=tell_at,
    )
    assert deliver() == []
    db.session.execute(
        update(OutboxMessage).values(due_at=clock.now(), next_attempt_at=clock.now())
    )
    outbox.sweep_outbox()
    deliver()
    (entry,) = inbox.shown
    assert entry["revised"] == int(tell_at.timestamp())


def test_the_mail_says_both_methods_the_same(inbox: Inbox, deliver: Deliver, user: User) -> None:
    event = make.event("Costs")
    row = seat(event, user)
    actions.cancel_registration(row, actor=user, now=clock.now())
    found = []
    for mail in deliver():
        (part,) = (each for each in mail.walk() if each.get_content_type() == "text/calendar")
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        inside = [line for line in content.splitlines() if line.startswith(b"METHOD:")]
        found.append((part.get_param("method"), part.get_content_charset(), inside))
    assert found == [
        ("REQUEST", "utf-8", [b"METHOD:REQUEST"]),
        ("CANCEL", "utf-8", [b"METHOD:CANCEL"]),
    ]
