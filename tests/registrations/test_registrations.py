"""A person's own registrations: registering, finding, changing, cancelling them."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import Connection, select

from interact_events.accounts.queries import sign_token, user_by_email
from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Admission, Event, Mode
from interact_events.registrations.actions import (
    Move,
    add_code,
    cancel_registration,
    decide,
    invite,
    open_book,
    recount,
    transition_all,
)
from interact_events.registrations.emails import join_address
from interact_events.registrations.jobs import settle_events
from interact_events.registrations.models import (
    Needs,
    Promotion,
    Registration,
    SeatInvitation,
    SessionChoice,
    State,
)
from interact_events.registrations.rules import Cap, Dimension, Step
from tests import make
from tests.client import TOKEN, Client, counted

KEY = "a key for tests only"
NEWCOMER = {
    "email": "Zoe@Example.org",
    "name": "Ζωή Žižka",
    "password": "seven green bicycles sing",
    "institution": "Region of Crete",
}


def newcomer() -> dict[str, Any]:
    return NEWCOMER | {"role": make.role().id, "country": make.country("GR").id}


def all_of(event: Event) -> list[Registration]:
    query = select(Registration).where(Registration.event_id == event.id)
    return list(db.session.scalars(query.order_by(Registration.id)))


def newest_mail() -> OutboxMessage:
    return db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()  # type: ignore[return-value]


def link_in(mail: OutboxMessage, path: str) -> str:
    found = re.search(rf"http://localhost({path}\S+)", mail.text)
    assert found
    return found.group(1)


# -- with an account


def test_register_as_one_of_ones_profiles(client: Client) -> None:
    event, person = make.event(), make.user()
    make.profile(person)
    second = make.profile(person, role_id=make.role("AA").id)
    client.sign_in(person)
    answer = client.press(
        f"/events/{event.slug}/register",
        profile=second.id,
        diet="vegan",
        may_be_listed="y",
    )
    (row,) = all_of(event)
    assert answer.headers["Location"] == f"/my/registrations/{row.id}"
    assert (row.state, row.role_label, row.may_be_listed, row.may_be_photographed) == (
        State.CONFIRMED,
        "Audit authority",
        True,
        False,
    )
    assert db.session.get_one(Needs, row.id).diet == "vegan"
    assert "You have a seat" in client.get(answer.headers["Location"]).get_data(as_text=True)


def test_register_pressed_twice_gives_one_registration(client: Client) -> None:
    event, profile = make.event(), make.profile()
    client.sign_in(profile.user)
    address = f"/events/{event.slug}/register"
    client.press(address, profile=profile.id)
    answer = client.press(address, profile=profile.id)
    registration = db.session.scalars(select(Registration)).one()
    assert answer.headers["Location"] == f"/my/registrations/{registration.id}"
    page = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert "You are already registered" in page


def test_register_with_somebody_elses_profile_is_refused(client: Client) -> None:
    event, own, other = make.event(), make.profile(), make.profile()
    client.sign_in(own.user)
    answer = client.press(f"/events/{event.slug}/register", profile=other.id)
    assert answer.status_code == 200
    assert all_of(event) == []


def test_register_online_asks_for_no_needs(client: Client) -> None:
    event, profile = make.event(mode=Mode.ONLINE), make.profile()
    client.sign_in(profile.user)
    assert "Dietary" not in client.get(f"/events/{event.slug}/register").get_data(as_text=True)
    client.press(f"/events/{event.slug}/register", profile=profile.id, diet="vegan")
    assert db.session.scalars(select(Needs)).all() == []


def test_register_without_a_profile_leads_to_making_one(client: Client) -> None:
    event = make.event()
    client.sign_in(make.user())
    page = client.get(f"/events/{event.slug}/register").get_data(as_text=True)
    assert f"/my/profiles/new?next=/events/{event.slug}/register" in page


def test_register_for_a_closed_event_leads_to_its_page(client: Client) -> None:
    event = make.event(registration_closes_at=clock.now())
    profile = make.profile()
    client.sign_in(profile.user)
    answer = client.press(f"/events/{event.slug}/register", profile=profile.id)
    assert answer.headers["Location"] == f"/events/{event.slug}"
    assert all_of(event) == []


def test_register_keeps_consents_apart(client: Client) -> None:
    event, profile = make.event(), make.profile()
    client.sign_in(profile.user)
    client.press(f"/events/{event.slug}/register", profile=profile.id, wants_news="y")
    (row,) = all_of(event)
    assert (row.may_be_listed, row.may_be_photographed, row.user.wants_news) == (
        False,
        False,
        True,
    )


# -- newcomers


def test_a_newcomer_registers_confirms_and_finds_it(client: Client) -> None:
    event = make.event(capacity=1)
    answer = client.press(f"/events/{event.slug}/register", **newcomer())
    assert answer.headers["Location"] == "/check-mail"
    (row,) = all_of(event)
    assert row.state is State.UNCONFIRMED
    link = link_in(newest_mail(), "/confirm/")
    assert event.title in client.get(link).get_data(as_text=True)
    assert all_of(event)[0].state is State.UNCONFIRMED  # looking changes nothing
    answer = client.press(link, password=newcomer()["password"])
    assert all_of(event)[0].state is State.CONFIRMED
    assert answer.headers["Location"] == f"/my/registrations/{row.id}"
    page = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert "your address is confirmed, and you are signed in." in page
    assert f"{event.title}: you have a seat." in page


def confirmed_after(
    client: Client, monkeypatch: pytest.MonkeyPatch, hours: int, *, has_settled: bool
) -> tuple[str, str]:
    """What the page behind the link says, and the one after it, where the event begins in an hour
    and lasts for two; the job has come before, or not."""
    now = clock.now()
    event = make.event(starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=3))
    client.press(f"/events/{event.slug}/register", **newcomer())
    link = link_in(newest_mail(), "/confirm/")
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=hours))
    if has_settled:
        settle_events()
    before = client.get(link).text
    answer = client.press(link, page=link, password=newcomer()["password"])
    assert answer.location == "/my/"
    assert [row.state for row in all_of(event)] == [State.CANCELLED]
    return unescape(before), unescape(client.get("/my/").text)


@pytest.mark.parametrize("has_settled", [True, False])
@pytest.mark.parametrize(("hours", "has"), [(2, "has begun"), (10, "is over")])
def test_who_confirms_too_late_reads_that_the_event_has_begun_or_is_over(
    client: Client, monkeypatch: pytest.MonkeyPatch, hours: int, has: str, has_settled: bool
) -> None:
    before, after = confirmed_after(client, monkeypatch, hours, has_settled=has_settled)
    said = f"“Simplified cost options” {has}, so your registration there has lapsed."
    assert (said in before, said in after) == (True, True)
    assert "That also confirms your registration" not in before
    assert "Thank you, your address is confirmed, and you are signed in." in after


def test_the_newcomers_form_says_for_how_long_the_place_is_held(client: Client) -> None:
    later, now = make.event(), clock.now().replace(microsecond=0)
    soon = make.event(starts_at=now + timedelta(hours=1), ends_at=now + timedelta(hours=3))
    page = client.get(f"/events/{later.slug}/register").text
    assert "Your place is held for 24 hours." in page
    until = words.moment(soon.starts_at, soon.zone)
    page = client.get(f"/events/{soon.slug}/register").text
    assert f"Your place is held until the event begins, {until}." in page


def test_confirming_renews_the_session(client: Client) -> None:
    """Whoever knew the token before does not know the one after."""
    make.registration(make.event(), user := make.user(confirmed_at=None), State.UNCONFIRMED)
    link = f"/confirm/{sign_token('confirm', user, key=KEY)}"
    client.get(link)
    with client.session_transaction() as session:
        before = session["csrf_token"]
    client.press(link, page=link, password=make.PASSWORD)
    client.get("/my/")
    with client.session_transaction() as session:
        assert session["_user_id"]
        assert session.permanent
        assert session["csrf_token"] != before


def test_a_wrong_password_signs_nobody_in(client: Client) -> None:
    user = make.user(confirmed_at=None)
    link = f"/confirm/{sign_token('confirm', user, key=KEY)}"
    assert client.press(link, page=link, password="not theirs at all").status_code == 200
    assert client.get("/my/").status_code == 302


def test_a_used_link_no_longer_works(client: Client) -> None:
    event = make.event()
    client.press(f"/events/{event.slug}/register", **newcomer())
    link = link_in(newest_mail(), "/confirm/")
    client.press(link, password=newcomer()["password"])
    assert client.get(link).status_code == 410
    assert client.press(link).status_code == 410


def test_nobody_confirms_a_password_that_a_stranger_has_planted(client: Client) -> None:
    """The stranger can't read the mail; its reader doesn't know the stranger's password."""
    event = make.event()
    client.press(f"/events/{event.slug}/register", **newcomer())
    planted = newcomer() | {"password": "the stranger knows this one"}
    client.press(f"/events/{event.slug}/register", **planted)
    answer = client.press(link_in(newest_mail(), "/confirm/"), password=newcomer()["password"])
    assert "That is not the password of the form" in answer.get_data(as_text=True)
    owner = user_by_email("zoe@example.org")
    assert owner
    assert owner.confirmed_at is None


def test_a_forged_link_confirms_nobody(client: Client) -> None:
    user = make.user(confirmed_at=None)
    token = sign_token("reset", user, key=KEY)
    assert client.press(f"/confirm/{token}").status_code == 410
    assert user.confirmed_at is None


def test_the_confirming_link_leads_on_inside_this_site_only(client: Client) -> None:
    user = make.user(confirmed_at=None)
    token = sign_token("confirm", user, key=KEY)
    answer = client.press(f"/confirm/{token}?next=//evil.example/", password=make.PASSWORD)
    assert answer.headers["Location"] == "/my/"


def test_the_answer_is_the_same_whether_an_address_has_an_account(client: Client) -> None:
    event = make.event()
    make.user(email="zoe@example.org")
    known = client.press(f"/events/{event.slug}/register", **newcomer())
    new = client.press(
        f"/events/{event.slug}/register", **newcomer() | {"email": "new@example.org"}
    )
    assert (known.status_code, known.data, known.headers["Location"]) == (
        new.status_code,
        new.data,
        new.headers["Location"],
    )
    assert [row.user.email for row in all_of(event)] == ["new@example.org"]


def test_a_newcomers_mistakes_keep_the_answers(client: Client) -> None:
    event = make.event()
    answer = client.press(
        f"/events/{event.slug}/register", **newcomer() | {"password": "short", "diet": "vegan"}
    )
    page = answer.get_data(as_text=True)
    assert "Use at least 12 characters" in page
    assert 'value="Region of Crete"' in page
    assert 'value="vegan"' in page
    assert "Enter your password again" not in page
    assert all_of(event) == []


def test_a_newcomer_is_told_that_the_password_is_not_kept(client: Client) -> None:
    address = f"/events/{make.event().slug}/register"
    assert "Enter your password again" not in client.get(address).get_data(as_text=True)
    page = client.press(address, **newcomer() | {"name": ""}).get_data(as_text=True)
    assert page.count("Enter your password again.") == 2  # beside the field, and on top


def test_a_newcomer_in_the_wrong_role_reads_for_whom_the_event_is(client: Client) -> None:
    event = make.event()
    event.roles = [make.role("AA")]
    answer = client.press(f"/events/{event.slug}/register", **newcomer())
    assert "This event is for audit authorities. Ask Interact Office Turku." in answer.get_data(
        as_text=True
    )
    assert user_by_email("zoe@example.org") is None


def test_newcomers_are_slowed_down_and_members_are_not(client: Client) -> None:
    event, profile = make.event(), make.profile()
    address = f"/events/{event.slug}/register"
    for _ in range(6):
        assert client.press(address).status_code == 200  # mistakes write to nobody
    people = [newcomer() | {"email": f"zoe{number}@example.org"} for number in range(6)]
    codes = [client.press(address, **person).status_code for person in people]
    assert codes == [303] * 5 + [429]
    client.sign_in(profile.user)
    assert client.press(address, profile=profile.id).status_code == 303


# -- one's own list


def test_mine_is_private(client: Client) -> None:
    assert client.get("/my/").headers["Location"].startswith("/sign-in")


def test_mine_parts_what_is_coming_undecided_and_past(client: Client) -> None:
    person = make.user()
    past = clock.now() - timedelta(days=9)
    make.registration(make.event("Alpha"), person)
    make.registration(make.event("Beta"), person, State.WAITLISTED)
    make.registration(
        make.event("Gamma", starts_at=past, ends_at=past + timedelta(hours=2)), person
    )
    make.registration(make.event("Delta"))
    client.sign_in(person)
    page = client.get("/my/").get_data(as_text=True)
    order = re.findall(r"id=\"(coming|undecided|past)\"|>(Alpha|Beta|Gamma|Delta)</a>", page)
    assert ["".join(pair) for pair in order] == [
        *("coming", "Alpha"),
        *("undecided", "Beta"),
        *("past", "Gamma"),
    ]
    assert "Number 1 in line" in page


def test_the_presses_of_an_opening_ask_the_database_little(
    client: Client, connection: Connection
) -> None:
    """The form, the post and the page of a place in line, with a limit that says why."""
    event, profile = make.event(capacity=1), make.profile()
    make.seat_rules(event, caps=[Cap(Dimension.PROGRAMME, (Step(None, 1),))])
    client.sign_in(profile.user)
    make.registration(event)
    address, number = f"/events/{event.slug}/register", profile.id
    with counted(connection) as form:
        token = TOKEN.search(client.get(address).get_data(as_text=True))
    assert token
    with counted(connection) as post:
        answer = client.post(address, data={"profile": number, "csrf_token": token.group(1)})
    with counted(connection) as result:
        assert "1st in line" in client.get(answer.location).get_data(as_text=True)
    assert len(form) <= 6
    assert len(post) <= 12  # the last one is the new version of the public pages
    assert len(result) <= 6


def test_mine_costs_the_same_with_more_rows(client: Client, connection: Connection) -> None:
    person = make.user()
    for state in (State.CONFIRMED, State.WAITLISTED):
        make.registration(make.event(), person, state)
    client.sign_in(person)
    assert client.get("/my/").status_code == 200
    with counted(connection) as few:
        client.get("/my/")
    for state in (State.CONFIRMED, State.WAITLISTED, State.CANCELLED):
        for code in ("turku", "vienna"):
            make.registration(make.event(office=make.office(code)), person, state)
    with counted(connection) as many:
        client.get("/my/")
    assert len(many) == len(few)


@pytest.mark.parametrize("page", ["", "/cancel"])
def test_a_registration_is_its_owners_alone(client: Client, page: str) -> None:
    row = make.registration(make.event())
    address = f"/my/registrations/{row.id}{page}"
    for person in (make.user(), make.member(), make.registration(row.event).user):
        client.sign_in(person)
        assert client.press(address).status_code == 404
    assert row.state is State.CONFIRMED


def test_show_takes_consents_back(client: Client) -> None:
    row = make.registration(make.event(), may_be_listed=True, may_be_photographed=True)
    client.sign_in(row.user)
    client.press(f"/my/registrations/{row.id}", may_be_listed="y", access="ramp")
    assert (row.may_be_listed, row.may_be_photographed) == (True, False)
    assert db.session.get_one(Needs, row.id).access == "ramp"


def test_cancel_frees_the_seat_for_the_next_in_line(client: Client) -> None:
    event = make.event(capacity=1)
    row = make.registration(event)
    waiting = make.registration(event, state=State.WAITLISTED)
    client.sign_in(row.user)
    answer = client.press(f"/my/registrations/{row.id}/cancel")
    assert answer.headers["Location"] == "/my/"
    assert (row.state, waiting.state) == (State.CANCELLED, State.CONFIRMED)
    assert (event.seats_taken, event.waiting) == (1, 0)


def test_a_stale_button_takes_no_seat_that_came_meanwhile(client: Client) -> None:
    event = make.event(capacity=1)
    seated = make.registration(event)
    row = make.registration(event, state=State.WAITLISTED)
    client.sign_in(row.user)
    page = client.get(f"/my/registrations/{row.id}").get_data(as_text=True)
    assert f"/my/registrations/{row.id}/cancel?seen=waitlisted" in page
    cancel_registration(seated, actor=seated.user, now=clock.now())
    db.session.commit()
    answer = client.press(f"/my/registrations/{row.id}/cancel?seen=waitlisted")
    assert row.holds_seat
    assert "Meanwhile you have a seat." in client.get(answer.location).get_data(as_text=True)
    client.press(f"/my/registrations/{row.id}/cancel?seen=confirmed")
    assert row.state is State.CANCELLED


def test_cancel_asks_first_and_says_what_follows(client: Client) -> None:
    row = make.registration(make.event())
    client.sign_in(row.user)
    page = client.get(f"/my/registrations/{row.id}").get_data(as_text=True)
    question = page.partition("<details>")[2].partition("</details>")[0]
    assert "Cancel my registration</summary>" in question
    assert "You give up your seat. A seat that becomes free goes to the next in line" in question
    assert "only at the end of the line" in question
    assert ">Yes, cancel it</button>" in question


def test_an_offered_seat_is_declined_by_one_press(client: Client) -> None:
    event = make.event(capacity=1)
    make.seat_rules(event, promotion=Promotion.OFFER)
    row = make.registration(event, state=State.OFFERED)
    waiting = make.registration(event, state=State.WAITLISTED)
    client.sign_in(row.user)
    page = client.get(f"/my/registrations/{row.id}").get_data(as_text=True)
    assert re.findall(r'<button class="btn [^"]*btn-lg">(\w+)</button>', page) == [
        "Accept",
        "Decline",
    ]
    assert "Cancel my registration" not in page
    answer = client.press(f"/my/registrations/{row.id}/cancel")
    assert "You have declined the seat" in client.get(answer.headers["Location"]).get_data(True)
    assert (row.state, waiting.state) == (State.CANCELLED, State.OFFERED)
    declined = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.to_address == row.user.email)
    ).one()
    assert declined.subject.startswith("You have declined the seat: ")


def test_cancel_is_no_link(client: Client) -> None:
    row = make.registration(make.event())
    client.sign_in(row.user)
    assert client.get(f"/my/registrations/{row.id}/cancel").status_code == 405


# -- mails


def test_the_confirmation_says_when_where_and_how_to_cancel(client: Client) -> None:
    event = make.event(contact_email="trainer@interact.example")
    profile = make.profile(make.user("Bo\nBcc: all@example.org"))
    client.sign_in(profile.user)
    client.press(f"/events/{event.slug}/register", profile=profile.id)
    mail = newest_mail()
    assert (mail.kind, mail.reply_to) == ("registrations.confirmed", "trainer@interact.example")
    assert mail.subject.startswith("You have a seat: Simplified cost options, ")
    assert mail.subject.endswith(", Turku, Finland")
    assert "Where: Logomo, Turku, Finland" in mail.text
    assert link_in(mail, "/my/registrations/") == f"/my/registrations/{all_of(event)[0].id}"
    assert mail.calendar is not None
    assert mail.calendar.startswith(b"BEGIN:VCALENDAR")


def test_mails_tell_the_joining_link_to_the_confirmed_only(client: Client) -> None:
    secret = "https://meet.example/secret-room"
    event = make.event(
        mode=Mode.ONLINE, joining_url=secret, admission=Admission.SELECTION, capacity=5
    )
    profile = make.profile()
    client.sign_in(profile.user)
    client.press(f"/events/{event.slug}/register", profile=profile.id)
    assert "/join/" not in newest_mail().text
    client.sign_in(make.member())
    client.press(
        f"/offices/turku/events/{event.slug}/registrations",
        one=f"{all_of(event)[0].id}:confirmed",
    )
    assert f"Join here: {join_address(all_of(event)[0])}\n" in newest_mail().text


def test_a_name_cannot_write_html_into_a_mail(client: Client) -> None:
    profile = make.profile(make.user('Ζωή "Žižka" <b>O\'Neil</b>'))
    client.sign_in(profile.user)
    client.press(f"/events/{make.event().slug}/register", profile=profile.id)
    assert "<b>" not in newest_mail().html


def test_a_full_session_is_shown_but_cannot_be_chosen(client: Client) -> None:
    event, profile = make.event(), make.profile()
    starts_at = event.starts_at
    full = make.session(event, "Full", starts_at, starts_at + timedelta(hours=1), capacity=1)
    make.session(event, "Free", starts_at, starts_at + timedelta(hours=1), capacity=2)
    db.session.add(SessionChoice(registration_id=make.registration(event).id, session_id=full.id))
    db.session.commit()
    recount(event)
    client.sign_in(profile.user)
    address = f"/events/{event.slug}/register"
    page = client.get(address).get_data(as_text=True)
    assert re.findall(r"(Full|Free) \((.+?)\)", page) == [
        ("Full", "full"),
        ("Free", "2 seats left"),
    ]
    boxes = re.findall(r'<input[^>]*name="sessions"[^>]*>', page)
    assert ["disabled" in box for box in boxes] == [True, False]
    assert page.count('class="slot-time"') == 1
    assert re.search(r'id="slot-1">[^<]+ <span class="optional">\(one at most\)', page)
    answer = client.press(address, profile=profile.id, sessions=full.id)
    assert "No seat is left in “Full”. Choose another session." in answer.get_data(as_text=True)
    assert len(all_of(event)) == 1


def test_who_joins_online_is_not_asked_what_they_need_on_site(client: Client) -> None:
    event = make.event(mode=Mode.HYBRID, online_capacity=10)
    profile = make.profile()
    client.sign_in(profile.user)
    address = f"/events/{event.slug}/register"
    answer = client.press(address, profile=profile.id, mode="online", diet="vegan")
    page = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert ("Dietary needs" in page, db.session.scalars(select(Needs)).all()) == (False, [])


# -- by invitation -------------------------------------------------------------------------------


def closed_event() -> Event:
    event = make.event()
    make.seat_rules(event, by_invitation=True)
    return event


def personal_link(event: Event, email: str) -> str:
    invite(event, [email], actor=make.member(), now=clock.now())
    db.session.commit()
    code = db.session.scalars(select(SeatInvitation.code)).one()
    return f"/events/{event.slug}/register?invitation={code}"


def test_the_code_is_not_optional_where_it_is_needed(client: Client) -> None:
    event = closed_event()
    label = '<label class="form-label" for="code">Invitation code</label>'
    address = f"/events/{event.slug}/register"
    assert label in client.get(address).get_data(as_text=True)
    page = client.press(address, page=address, **newcomer()).get_data(as_text=True)
    assert '<a href="#code">Invitation code: This event is by invitation only' in page
    client.sign_in(make.profile().user)
    assert label in client.get(address).get_data(as_text=True)


def test_a_wrong_code_is_said_beside_it(client: Client) -> None:
    event = closed_event()
    address = f"/events/{event.slug}/register"
    page = client.press(address, page=address, **newcomer(), code="WRONG").get_data(as_text=True)
    assert '<a href="#code">Invitation code: This event has no such code.' in page


def test_a_link_to_somebody_else_is_said_at_once(client: Client) -> None:
    event, other = closed_event(), make.profile()
    link = personal_link(event, "guest@example.org")
    client.sign_in(other.user)
    page = client.get(link).get_data(as_text=True)
    assert "This invitation was sent to another e-mail address" in page


def test_who_is_invited_by_their_address_types_no_code(client: Client) -> None:
    event, guest = closed_event(), make.profile()
    link = personal_link(event, guest.user.email)
    client.sign_in(guest.user)
    assert 'name="code"' not in client.get(link).get_data(as_text=True)
    client.press(link, page=link, profile=guest.id)
    assert db.session.scalars(select(Registration.state)).all() == [State.CONFIRMED]


def test_an_invitation_is_not_lost_on_the_way_to_sign_in_or_to_a_profile(client: Client) -> None:
    link = f"/events/{closed_event().slug}/register?invitation=ABC"
    found = quote(link, safe="/?")
    assert f"/sign-in?next={found}" in client.get(link).get_data(as_text=True)
    client.sign_in(make.user())
    assert f"next={found}" in client.get(link).get_data(as_text=True)


def coded(event: Event, most_uses: int = 1) -> SeatInvitation:
    add_code(event, label="Partners", most_uses=most_uses, actor=make.member(), now=clock.now())
    db.session.commit()
    return db.session.scalars(select(SeatInvitation)).one()


USED = "This code has been used as often as it may be."


@pytest.mark.parametrize("is_member", [False, True])
def test_a_code_that_lets_nobody_in_is_said_at_once(client: Client, is_member: bool) -> None:
    event = closed_event()
    code, good = coded(event), "This event has no such code."
    if is_member:
        client.sign_in(make.profile().user)
    link = f"/events/{event.slug}/register?invitation="
    assert "error-summary" not in client.get(link + code.code).text
    assert good in client.get(link + "NOSUCHCODE").text
    make.registration(event, invitation_id=code.id)
    assert f'<a href="#code">Invitation code: {USED}' in client.get(link + code.code).text
    code.withdrawn_at = clock.now()
    assert "This invitation was withdrawn." in client.get(link + code.code).text


def test_who_has_no_profile_reads_of_a_used_code_too(client: Client) -> None:
    event = closed_event()
    code = coded(event)
    make.registration(event, invitation_id=code.id)
    client.sign_in(make.user())
    assert USED in client.get(f"/events/{event.slug}/register?invitation={code.code}").text


def test_a_personal_link_says_nothing_of_its_address_to_a_stranger(client: Client) -> None:
    event, guest = closed_event(), make.profile()
    link = personal_link(event, guest.user.email)
    before = client.get(link).text
    make.registration(event, guest.user, invitation_id=db.session.scalar(select(SeatInvitation.id)))
    for page in (before, client.get(link).text):
        assert "error-summary" not in page
        assert guest.user.email not in page


# -- leaving -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "said", "badge"),
    [
        (State.WAITLISTED, "You have left the waiting list", "Waiting list left"),
        (State.PENDING, "You have withdrawn your application", "Application withdrawn"),
        (State.OFFERED, "You have declined the seat", "Seat declined"),
        (State.CONFIRMED, "You have cancelled", "Cancelled"),
    ],
)
def test_leaving_is_called_what_it_is(client: Client, state: State, said: str, badge: str) -> None:
    row = make.registration(make.event(), state=state)
    client.sign_in(row.user)
    page = client.get(client.press(f"/my/registrations/{row.id}/cancel").location).text
    notice = said if state is not State.CONFIRMED else "Your registration for"
    assert notice in page
    assert f">{badge}</span>" in page
    mail = newest_mail()
    assert mail.subject.startswith(f"{said}: ")
    assert ("cancelled your registration" in mail.text) is (state is State.CONFIRMED)
    own = client.get(f"/my/registrations/{row.id}").text
    assert (said if state is not State.CONFIRMED else "This registration is cancelled") in own


def test_who_was_taken_off_the_list_has_not_left_it(client: Client) -> None:
    row = make.registration(make.event(), state=State.WAITLISTED)
    decide(row.event, [row.id], State.CANCELLED, actor=make.member(), now=clock.now())
    client.sign_in(row.user)
    page = client.get("/my/").text
    assert ">Cancelled</span>" in page
    assert "Waiting list left" not in page


def test_leaving_beside_a_secret_decision_is_withdrawing(client: Client) -> None:
    """What was decided is not told by what they leave."""
    event = make.event(admission=Admission.SELECTION)
    make.seat_rules(event)
    row = make.registration(event, state=State.PENDING)
    tell_at = clock.now() + timedelta(minutes=15)
    moves = [Move(registration=row, to=State.WAITLISTED)]
    transition_all(open_book(event), moves, actor=None, now=clock.now(), tell_at=tell_at)
    db.session.commit()
    client.sign_in(row.user)
    page = client.get(client.press(f"/my/registrations/{row.id}/cancel").location).text
    assert "You have withdrawn your application" in page
    assert ">Application withdrawn</span>" in page
    assert "aiting list" not in page + newest_mail().text


def test_what_a_standing_registration_has_replaced_is_not_shown(client: Client) -> None:
    event, person = make.event(), make.user()
    old = make.registration(event, person, State.CANCELLED)
    client.sign_in(person)
    assert f"/my/registrations/{old.id}" in client.get("/my/").text
    new = make.registration(event, person)
    page = client.get("/my/").text
    assert f"/my/registrations/{new.id}" in page
    assert f"/my/registrations/{old.id}" not in page


def test_ones_own_session_is_not_called_full(client: Client) -> None:
    event = make.event()
    at = event.starts_at
    only = make.session(event, "Werkstatt A", at, at + timedelta(hours=1), capacity=1)
    holder, waits = make.registration(event), make.registration(event, state=State.WAITLISTED)
    for row in (holder, waits):
        db.session.add(SessionChoice(registration_id=row.id, session_id=only.id))
    db.session.commit()
    recount(event)
    for row, said in ((holder, "your seat"), (waits, "full")):
        client.sign_in(row.user)
        assert f"Werkstatt A ({said})" in client.get(f"/my/registrations/{row.id}").text


def test_who_waits_where_the_rules_no_longer_want_them_reads_so(client: Client) -> None:
    event = make.event()
    row = make.registration(event, state=State.WAITLISTED)
    event.roles = [make.role("NA")]
    client.sign_in(row.user)
    for page in (f"/my/registrations/{row.id}", f"/events/{event.slug}"):
        text = unescape(client.get(page).text)
        assert "1st in line, but no seat comes to you by itself any more: this event is for" in text
        assert f"Ask {event.office.name}. You may also leave the list." in text
        assert "We write to you when a seat is yours" not in text
        assert "goes to the next in line" not in text.partition("</aside>")[0].rpartition("own-")[2]


# -- languages -----------------------------------------------------------------------------------


def test_a_title_says_in_which_language_it_is(client: Client) -> None:
    title = "Vergaberichtlinienkonferenz"
    event = make.event(title, language="de", description="Auf Deutsch.")
    row = make.registration(event)
    assert f'<h1 lang="de">{title}</h1>' in client.get(f"/events/{event.slug}").text
    assert '<div class="prose" lang="de">' in client.get(f"/events/{event.slug}").text
    assert f'<h1 lang="de">{title}</h1>' in client.get(f"/events/{event.slug}/register").text
    assert 'class="event-title" lang="de">' in client.get("/events").text
    client.sign_in(row.user)
    assert f'<h1 lang="de">{title}</h1>' in client.get(f"/my/registrations/{row.id}").text
    assert 'class="event-title" lang="de">' in client.get("/my/").text


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("seen", list(State))
def test_a_stale_button_is_answered_in_words_whatever_came(
    client: Client, state: State, seen: State
) -> None:
    row = make.registration(make.event(), state=state)
    client.sign_in(row.user)
    client.press(f"/my/registrations/{row.id}/cancel?seen={seen}")
    said = client.get(f"/my/registrations/{row.id}").text
    if state in (State.DECLINED, State.CANCELLED):
        assert row.state is state
        assert ("can’t be cancelled here any more" in said) == (state is State.DECLINED)
    else:
        assert row.state is (State.CANCELLED if seen is state else state)
        assert ("Meanwhile " in said) == (seen is not state)


def test_who_may_still_correct_their_form_is_not_told_that_its_code_is_used(client: Client) -> None:
    event = closed_event()
    code = coded(event)
    make.registration(event, state=State.UNCONFIRMED, invitation_id=code.id)
    assert USED not in client.get(f"/events/{event.slug}/register?invitation={code.code}").text


def test_colleagues_behind_one_address_all_read_that_their_code_is_used(client: Client) -> None:
    event = closed_event()
    code = coded(event)
    make.registration(event, invitation_id=code.id)
    link = f"/events/{event.slug}/register?invitation={code.code}"
    assert all(USED in client.get(link).text for _ in range(12))


def test_confirming_says_whom_it_signs_out(client: Client) -> None:
    bea, newcomer_ = make.user("Bea Bauer"), make.user("Zoi", confirmed_at=None)
    client.sign_in(bea)
    link = f"/confirm/{sign_token('confirm', newcomer_, key=KEY)}"
    assert "Bea Bauer is signed in here. Confirming signs Zoi in instead." in client.get(link).text
