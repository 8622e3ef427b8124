"""A hybrid event: who takes part in which way, and what pages and mails say of it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.outbox import MailState, OutboxMessage
from interact_events.events.models import Admission, Event, Mode
from interact_events.registrations import actions, checks
from interact_events.registrations.actions import (
    Move,
    cancel_registration,
    open_book,
    recount,
    transition_all,
)
from interact_events.registrations.emails import join_address, mode_changed
from interact_events.registrations.models import (
    Needs,
    Promotion,
    Registration,
    SessionChoice,
    State,
)
from interact_events.registrations.policies import vacancy
from interact_events.registrations.queries import seat_rules_of
from tests import make
from tests.client import Client
from tests.registrations.test_changes import change_mode, session_fields

pytestmark = pytest.mark.usefixtures("app")

ROOM = "https://meet.example/secret-room"


def hybrid(**values: Any) -> Event:
    usual: dict[str, Any] = {
        "mode": Mode.HYBRID,
        "capacity": 10,
        "online_capacity": 5,
        "joining_url": ROOM,
    }
    return make.event(**(usual | values))


def mails() -> list[OutboxMessage]:
    """Those that leave, or have left."""
    leaving = select(OutboxMessage).where(OutboxMessage.state != MailState.CANCELLED)
    return list(db.session.scalars(leaving.order_by(OutboxMessage.id)))


def kinds() -> list[str]:
    return [mail.kind.removeprefix("registrations.") for mail in mails()]


def change(client: Client, row: Registration, mode: str) -> str:
    """What the page says after the press."""
    client.sign_in(row.user)
    answer = client.press(f"/my/registrations/{row.id}/mode", mode=mode)
    return said(client, answer.headers.get("Location", f"/my/registrations/{row.id}"))


def said(client: Client, address: str) -> str:
    page = client.get(address).get_data(as_text=True)
    found = re.search(r'<div class="notice notice-\w+" role="\w+">(.*?)</div>', page, re.S)
    return found.group(1) if found else ""


# -- mails


@pytest.mark.parametrize(
    ("mode", "how", "where", "joins"),
    [
        ("on-site", "a seat on site at", "Where: Logomo, Turku, Finland\n", False),
        ("online", "a seat online at", "Where: Online\n", True),
    ],
)
def test_the_confirmation_says_how_they_take_part(
    client: Client, mode: str, how: str, where: str, joins: bool
) -> None:
    event, profile = hybrid(), make.profile()
    make.session(event, "Sampling", event.starts_at, event.ends_at, capacity=3)
    client.sign_in(profile.user)
    sampling = event.chosen_sessions[0].id
    address = f"/events/{event.slug}/register"
    client.press(address, profile=profile.id, mode=mode, sessions=sampling)
    (mail,) = mails()
    assert (how in mail.text, where in mail.text) == (True, True)
    assert "Your sessions:\nSampling (" in mail.text
    assert mail.calendar
    assert ("/join/" in mail.text, "/check-in/" in mail.text) == (joins, not joins)
    calendar = mail.calendar.replace(b"\r\n ", b"")
    assert (b"/join/" in calendar, ROOM.encode() in calendar) == (joins, False)


def test_who_comes_to_the_place_is_not_asked_to_join_online(client: Client) -> None:
    event = hybrid()
    on_site, online = make.registration(event), make.registration(event, is_online=True)
    for row, joins in ((on_site, False), (online, True)):
        client.sign_in(row.user)
        for address in (f"/events/{event.slug}", f"/my/registrations/{row.id}"):
            assert (f"/my/registrations/{row.id}/join" in client.get(address).text) is joins


def test_another_way_to_take_part_is_mailed(client: Client) -> None:
    row = make.registration(hybrid())
    assert change(client, row, "online") == "You take part online."
    (mail,) = mails()
    assert mail.subject.startswith("Now online: Simplified cost options, ")
    assert mail.subject.endswith(", Online")
    assert ("You take part online." in mail.text, join_address(row) in mail.text) == (True, True)
    assert mail.calendar is not None
    change(client, row, "online")  # pressed twice
    assert kinds() == ["mode_changed"]


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (State.WAITLISTED, "You wait for a seat online; your place in line is the same."),
        (State.OFFERED, "The seat that is offered to you is online."),
        (State.PENDING, "You apply for a seat online."),
    ],
)
def test_nobody_without_a_seat_reads_that_they_take_part(
    client: Client, state: State, sentence: str
) -> None:
    event = hybrid(online_capacity=1)
    if state is State.WAITLISTED:
        make.registration(event, is_online=True)
    row = make.registration(event, state=state)
    assert change(client, row, "online") == sentence
    (mail,) = mails()
    assert (sentence in mail.text, "/join/" in mail.text, mail.calendar) == (True, False, None)


def test_other_sessions_are_mailed(client: Client) -> None:
    event = make.event()
    make.session(event, "Sampling", event.starts_at, event.ends_at, capacity=3)
    row = make.registration(event)
    client.sign_in(row.user)
    address = f"/my/registrations/{row.id}/sessions"
    client.press(address, sessions=event.chosen_sessions[0].id)
    client.press(address)
    chosen, none = mails()
    assert "have a seat in them:\nSampling (" in chosen.text
    assert "You have given up your sessions" in none.text


def test_an_event_that_is_on_site_only_tells_those_who_were_online(client: Client) -> None:
    event = hybrid()
    row = make.registration(event, is_online=True)
    change_mode(client, event, Mode.IN_PERSON)
    (mail,) = mails()
    assert mail.to_address == row.user.email
    assert (
        "Where: Logomo, Turku, Finland\nBefore: Logomo, Turku, Finland, and online\n" in mail.text
    )


# -- a selection that nobody knows of


def untold(event: Event, row: Registration, to: State) -> None:
    """The office has decided, and people are told in ten minutes."""
    now = clock.now()
    tell_at = now + timedelta(minutes=10)
    make.seat_rules(event, selected_at=tell_at)
    moves = [Move(registration=row, to=to)]
    transition_all(open_book(event), moves, actor=make.member(), now=now, tell_at=tell_at)
    db.session.commit()


@pytest.mark.parametrize("decision", [State.CONFIRMED, State.WAITLISTED, State.DECLINED, None])
def test_no_answer_gives_a_secret_decision_away(client: Client, decision: State | None) -> None:
    event = hybrid(admission=Admission.SELECTION, online_capacity=1)
    make.registration(event, is_online=True)  # no seat online is left
    row = make.registration(event, state=State.PENDING)
    if decision:
        untold(event, row, decision)
    assert change(client, row, "online") == "You apply for a seat online."
    assert row.state_shown(clock.now()) is State.PENDING
    assert [mail.kind for mail in mails() if mail.next_attempt_at <= clock.now()] == [
        "registrations.mode_changed"
    ]
    assert list(checks.findings(clock.now())) == []


@pytest.mark.parametrize("decision", [State.CONFIRMED, State.WAITLISTED, State.DECLINED])
def test_an_offices_own_words_can_say_nothing_of_a_secret_decision(decision: State) -> None:
    event = hybrid(admission=Admission.SELECTION, joining_url="https://meet.example.org/x")
    row = make.registration(event, state=State.PENDING, is_online=True)
    before = mode_changed(row, [], clock.now())
    untold(event, row, decision)
    after = mode_changed(row, [], clock.now())
    assert {n: v for n, v in after.values.items() if v != before.values[n]} == {}
    assert before.values["joining_link"] == ""


def test_who_was_chosen_for_a_mode_that_is_full_is_decided_about_again(client: Client) -> None:
    event = hybrid(admission=Admission.SELECTION, online_capacity=1)
    make.registration(event, is_online=True)
    row = make.registration(event, state=State.PENDING)
    untold(event, row, State.CONFIRMED)
    change(client, row, "online")
    assert (row.state, row.told_at, row.is_online) == (State.PENDING, None, True)
    assert (event.seats_taken, kinds()) == (1, ["mode_changed"])


def test_a_decision_that_still_fits_is_told_as_it_is_now(client: Client) -> None:
    event = hybrid(admission=Admission.SELECTION)
    row = make.registration(event, state=State.PENDING)
    untold(event, row, State.CONFIRMED)
    change(client, row, "online")
    assert (row.state, row.is_online) == (State.CONFIRMED, True)
    told = next(mail for mail in mails() if mail.kind == "registrations.confirmed")
    assert ("a seat online at" in told.text, told.next_attempt_at) == (True, row.told_at)


# -- needs


def test_who_changes_to_online_is_told_what_becomes_of_their_needs(client: Client) -> None:
    row = make.registration(hybrid())
    db.session.add(Needs(registration_id=row.id, diet="vegan"))
    client.sign_in(row.user)
    address = f"/my/registrations/{row.id}"
    assert "is then shown to nobody" in client.get(address).get_data(as_text=True)
    change(client, row, "online")
    page = client.get(address).get_data(as_text=True)
    assert ('value="vegan"' in page, "is then shown to nobody" in page) == (True, False)
    client.press(address, diet="")
    assert db.session.scalars(select(Needs)).all() == []


# -- what becomes of a free seat


@pytest.mark.parametrize(
    ("admission", "rules", "sentence"),
    [
        (Admission.FIRST_COME, {}, "goes to the next in line whom the rules allow."),
        (
            Admission.FIRST_COME,
            {"promotion": Promotion.OFFER, "offer_hours": 12},
            "is offered to the next in line whom the rules allow, who has 12 hours to accept.",
        ),
        (Admission.SELECTION, {}, "The office chooses who gets a seat"),
        (Admission.SELECTION, {"promotion": Promotion.OFFER}, "The office chooses who gets a seat"),
        (Admission.SELECTION, {"selected_at": make.days(-1)}, "goes to the next in line"),
        (Admission.SELECTION, {"selected_at": make.days(1)}, "The office chooses who gets a seat"),
    ],
)
def test_those_who_wait_read_what_becomes_of_a_free_seat(
    client: Client, admission: Admission, rules: dict[str, Any], sentence: str
) -> None:
    event = make.event(capacity=1, admission=admission)
    make.registration(event)
    row = make.registration(event, state=State.PENDING)
    make.seat_rules(event, **rules)
    now = clock.now()
    move = Move(registration=row, to=State.WAITLISTED)
    transition_all(open_book(event), [move], actor=make.member(), now=now)
    db.session.commit()
    assert sentence in mails()[0].text.replace("\n", " ")
    client.sign_in(row.user)
    for address in (f"/events/{event.slug}", f"/my/registrations/{row.id}"):
        assert sentence in client.get(address).get_data(as_text=True)


def test_a_second_secret_selection_does_not_change_what_those_who_wait_read(
    client: Client,
) -> None:
    event = make.event(capacity=1, admission=Admission.SELECTION)
    make.registration(event)
    row = make.registration(event, state=State.WAITLISTED, told_at=make.days(-1))
    client.sign_in(row.user)
    addresses = f"/events/{event.slug}", f"/my/registrations/{row.id}"
    settings = make.seat_rules(event, selected_at=make.days(-1))
    sentence = "goes to the next in line whom the rules allow."
    assert [sentence in client.get(address).text for address in addresses] == [True, True]
    settings.selected_at = make.days(1)
    db.session.commit()
    assert [sentence in client.get(address).text for address in addresses] == [True, True]


def test_whom_a_selection_puts_on_the_list_reads_what_comes_after_it() -> None:
    event = make.event(admission=Admission.SELECTION)
    settings, now = seat_rules_of(event), clock.now()
    assert vacancy(event, settings, now).startswith("The office chooses")
    assert "goes to the next in line" in vacancy(event, settings, now, is_told=True)


def test_lists_and_headings_say_where_each_person_is(client: Client) -> None:
    event = hybrid()
    row = make.registration(event, is_online=True)
    client.sign_in(row.user)
    own = client.get(f"/my/registrations/{row.id}").get_data(as_text=True)
    assert "<span>Online</span>" in own
    assert "<span>Online</span>" in client.get("/my/").get_data(as_text=True)
    assert "Online, controller" in client.get(f"/events/{event.slug}").get_data(as_text=True)
    client.sign_in(make.profile().user)
    form = client.get(f"/events/{event.slug}/register").get_data(as_text=True)
    assert "<span>Turku, Finland and online</span>" in form


# -- a session that was full when the seat came


def one_who_waits(client: Client, **rules: Any) -> tuple[Event, Registration, Registration]:
    """A full event, and somebody on its list who chose a session that is full by now."""
    event = make.event(capacity=1)
    make.seat_rules(event, **rules)
    starts = event.starts_at
    few = make.session(event, "Sampling", starts, starts + timedelta(hours=1), capacity=1)
    make.session(event, "Appeals", starts, starts + timedelta(hours=1), capacity=9)
    first = make.registration(event)
    row = make.registration(event, state=State.WAITLISTED)
    other = make.registration(event)
    db.session.add_all([SessionChoice(registration=r, session=few) for r in (other, row)])
    recount(event)
    db.session.commit()
    event.capacity = 2
    client.sign_in(row.user)
    return event, first, row


@pytest.mark.parametrize("promotion", [Promotion.AUTOMATIC, Promotion.OFFER])
def test_who_loses_a_session_reads_which_one(client: Client, promotion: Promotion) -> None:
    _, first, row = one_who_waits(client, promotion=promotion)
    cancel_registration(first, actor=first.user, now=clock.now())
    db.session.commit()
    kind = "promoted" if promotion is Promotion.AUTOMATIC else "offered"
    mail = next(mail for mail in mails() if mail.kind == f"registrations.{kind}")
    assert "No seat was left for you in what you had chosen:\nSampling (" in mail.text
    page = client.get(f"/my/registrations/{row.id}").text
    assert "When your seat came, no seat was left in “Sampling”." in page
    assert list(checks.findings(clock.now())) == []


def test_who_chooses_another_session_reads_no_more_of_the_lost_one(client: Client) -> None:
    event, first, row = one_who_waits(client)
    cancel_registration(first, actor=first.user, now=clock.now())
    db.session.commit()
    appeals = next(session for session in event.agenda if session.title == "Appeals")
    address = f"/my/registrations/{row.id}"
    client.press(f"{address}/sessions", page=address, sessions=[str(appeals.id)])
    assert "no seat was left" not in client.get(address).text


def test_a_lost_session_that_is_open_to_all_is_lost_no_more(client: Client) -> None:
    event, first, row = one_who_waits(client)
    cancel_registration(first, actor=first.user, now=clock.now())
    few = next(session for session in event.agenda if session.title == "Sampling")
    few.capacity = None
    db.session.commit()
    assert "no seat was left" not in client.get(f"/my/registrations/{row.id}").text


def test_a_lost_session_with_seats_anew_takes_in_who_lost_it(client: Client) -> None:
    event, first, row = one_who_waits(client)
    cancel_registration(first, actor=first.user, now=clock.now())
    db.session.commit()
    few = next(session for session in event.agenda if session.title == "Sampling")
    client.sign_in(make.member())
    for capacity in ("", "5"):
        page = f"/offices/turku/events/{event.slug}/agenda/{few.id}"
        client.press(page, **session_fields(few, capacity=capacity, save="1"))
    client.sign_in(row.user)
    assert "no seat was left" not in client.get(f"/my/registrations/{row.id}").text


# -- waiting, with a seat free the other way -----------------------------------------------------


def waits_on_site(**rules: Any) -> Registration:
    """The only seat on site is taken, two online are free."""
    event = make.event(mode=Mode.HYBRID, capacity=3, online_capacity=2)
    make.seat_rules(event, **rules)
    make.registration(event)
    return make.registration(event, state=State.WAITLISTED)


def kinds_of_mails(row: Registration) -> list[str]:
    query = select(OutboxMessage.kind).where(OutboxMessage.person_id == row.user_id)
    return list(db.session.scalars(query.order_by(OutboxMessage.id)))


@pytest.mark.parametrize("promotion", list(Promotion))
def test_who_waits_reads_that_a_seat_is_free_the_other_way_and_gets_it(
    client: Client, promotion: Promotion
) -> None:
    row = waits_on_site(promotion=promotion)
    client.sign_in(row.user)
    page = client.get(f"/my/registrations/{row.id}").get_data(as_text=True)
    assert "A seat is free for you there: you get it at once, and leave the waiting list." in page
    answer = client.press(f"/my/registrations/{row.id}/mode", mode="online")
    assert "You have a seat online." in client.get(answer.location).get_data(as_text=True)
    assert (row.state, row.is_online, row.event.waiting) == (State.CONFIRMED, True, 0)
    assert kinds_of_mails(row) == ["registrations.confirmed"]


def test_where_the_office_chooses_and_others_wait_the_place_in_line_is_kept(
    client: Client,
) -> None:
    row = waits_on_site(promotion=Promotion.OFFICE)
    make.registration(row.event, state=State.WAITLISTED, is_online=True)
    client.sign_in(row.user)
    page = client.get(f"/my/registrations/{row.id}").get_data(as_text=True)
    assert "You keep your place in line." in page
    client.press(f"/my/registrations/{row.id}/mode", mode="online")
    assert (row.state, row.is_online) == (State.WAITLISTED, True)
    assert kinds_of_mails(row) == ["registrations.mode_changed"]


def test_both_ways_full_the_place_in_line_is_kept(client: Client) -> None:
    row = waits_on_site()
    for _ in range(2):
        make.registration(row.event, is_online=True)
    client.sign_in(row.user)
    page = client.get(f"/my/registrations/{row.id}").get_data(as_text=True)
    assert "You keep your place in line." in page


def test_a_nominee_who_changes_mode_has_not_accepted_by_that() -> None:
    event = make.event(mode=Mode.HYBRID, capacity=3, online_capacity=2)
    make.registration(event)
    row = make.registration(
        event,
        state=State.UNCONFIRMED,
        upon_confirmation=State.WAITLISTED,
        nominated_by_id=make.coordinator().id,
        answer_by=make.days(3),
    )
    actions.change_mode(row, is_online=True, now=clock.now())
    assert (row.state, row.upon_confirmation) == (State.UNCONFIRMED, State.CONFIRMED)
    assert list(checks.findings(clock.now())) == []
