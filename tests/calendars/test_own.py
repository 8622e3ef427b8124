"""People's own calendars: what they show, and who reads them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from interact_events.accounts.actions import delete_account
from interact_events.accounts.models import User
from interact_events.accounts.queries import personal_data
from interact_events.calendars.actions import make_address, stop_address
from interact_events.calendars.models import CalendarAddress
from interact_events.calendars.queries import address_of, token_of_address, user_of_address
from interact_events.calendars.rules.addresses import ways
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events.actions import cancel_event
from interact_events.events.models import Event, Mode
from interact_events.registrations.emails import join_address
from interact_events.registrations.models import Registration, SessionChoice, State
from tests import make
from tests.calendars.test_feeds import two_day_event, unfolded
from tests.client import Client, counted

Read = Callable[[bytes], dict[str, Any]]
KEY = "a key for tests only"


@pytest.fixture
def user(client: Client) -> User:
    """Somebody who has an address."""
    person = make.user('Ζωή "Žižka" <b>O\'Neil</b>')
    make_address(person, key=KEY, now=clock.now())
    return person


def address(user: User) -> str:
    row = address_of(user)
    assert row
    return f"/calendar/{token_of_address(row, key=KEY)}/mine.ics"


def entries(client: Client, read: Read, user: User, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(client.get(address(user) + query).data)["events"]
    return found


def seen(found: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(each["summary"], each["status"]) for each in found]


# -- what it shows


def test_a_seat_is_an_entry_with_the_own_link_and_reminders(
    client: Client, read: Read, user: User
) -> None:
    event = make.event("Costs", mode=Mode.ONLINE, joining_url="https://join.example/secret")
    row = make.registration(event, user)
    (found,) = entries(client, read, user)
    assert (found["uid"], found["summary"]) == (event.sessions[0].uid, "Costs")
    assert (found["status"], found["transparency"], found["class"]) == (
        "CONFIRMED",
        "OPAQUE",
        "PRIVATE",
    )
    assert found["conference"] == join_address(row)
    assert found["alarms"] == ["-P1D", "-PT15M"]
    assert found["location"] == "Online"
    assert f"Your registration: http://localhost/my/registrations/{row.id}" in found["description"]
    assert b"secret" not in unfolded(client.get(address(user)).data)


def test_who_has_a_way_to_go_is_reminded_an_hour_before(
    client: Client, read: Read, user: User
) -> None:
    """On each day once, the day before only once, and of nothing that is over."""
    make.registration(two_day_event(), user)
    past = make.event(starts_at=make.days(-9))
    make.registration(past, user)
    assert [each["alarms"] for each in entries(client, read, user)] == [
        [],
        ["-P1D", "-PT1H"],
        [],
        ["-PT1H"],
    ]


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (State.WAITLISTED, "You are on the waiting list."),
        (State.PENDING, "You have applied, and the office has not decided yet."),
        (State.OFFERED, "A seat is offered to you: accept it by "),
    ],
)
def test_what_is_open_is_tentative_and_holds_no_way_to_join(
    client: Client, read: Read, user: User, state: State, sentence: str
) -> None:
    event = make.event("Costs", mode=Mode.ONLINE, joining_url="https://join.example/secret")
    make.registration(event, user, state)
    (found,) = entries(client, read, user)
    assert (found["summary"], found["status"]) == ("Not confirmed: Costs", "TENTATIVE")
    assert found["description"].startswith(sentence)
    assert (found["conference"], found["alarms"]) == (None, [])


def test_what_ended_is_no_entry(client: Client, read: Read, user: User) -> None:
    for state in (State.CANCELLED, State.DECLINED, State.UNCONFIRMED):
        make.registration(make.event(), user, state)
    make.registration(make.event(starts_at=make.days(-9)), user, State.WAITLISTED)
    make.registration(make.event())  # somebody else's
    assert entries(client, read, user) == []


def test_a_cancelled_event_stays_as_cancelled(client: Client, read: Read, user: User) -> None:
    event = make.event("Costs")
    make.registration(event, user)
    cancel_event(event, "The speaker is ill.", actor=make.user(), now=clock.now())
    assert seen(entries(client, read, user)) == [("Costs", "CANCELLED")]
    assert entries(client, read, user)[0]["alarms"] == []


def test_nobody_reads_of_a_selection_before_its_mails(
    client: Client, read: Read, user: User
) -> None:
    """Not from the state, and not from the time at which something changed."""
    row = make.registration(make.event("Costs"), user, State.PENDING)
    before = client.get(address(user)).data
    row.state, row.decided_at = State.CONFIRMED, clock.now() + timedelta(minutes=1)
    row.told_at = clock.now() + timedelta(minutes=15)
    assert client.get(address(user)).data == before
    row.told_at = clock.now()
    assert seen(entries(client, read, user)) == [("Costs", "CONFIRMED")]


def with_choice(user: User) -> tuple[Event, Registration]:
    """A plenary for all, and two sessions of few seats, one of which they chose."""
    event = two_day_event(title="Costs")
    for session in event.sessions[1:]:
        session.capacity = 5
    row = make.registration(event, user)
    db.session.add(SessionChoice(registration_id=row.id, session_id=event.sessions[2].id))
    db.session.commit()
    return event, row


def test_of_sessions_with_few_seats_only_the_chosen_ones(
    client: Client, read: Read, user: User
) -> None:
    event, _ = with_choice(user)
    theirs = [event.sessions[0].uid, event.sessions[2].uid]
    assert [each["uid"] for each in entries(client, read, user)] == theirs
    days = entries(client, read, user, "?by=day")
    assert ["Unit costs" in each["description"] for each in days] == [False, False]


def test_who_is_online_at_a_hybrid_event_goes_nowhere(
    client: Client, read: Read, user: User
) -> None:
    make.registration(make.event(mode=Mode.HYBRID, online_capacity=5), user, is_online=True)
    (found,) = entries(client, read, user)
    assert (found["location"], found["alarms"]) == ("Online", ["-P1D", "-PT15M"])


def test_it_costs_a_fixed_number_of_queries(
    client: Client, connection: Connection, user: User
) -> None:
    make.registration(two_day_event(), user)
    where = address(user)
    with counted(connection) as at_one:
        client.get(where)
    for code in ("vienna", "valencia"):
        make.registration(two_day_event(office=make.office(code)), user)
    with counted(connection) as at_three:
        client.get(where)
    assert len(at_one) == len(at_three)
    assert len(at_one) <= 6


# -- who reads it


def test_it_is_for_whoever_has_the_address_and_for_no_cache(client: Client, user: User) -> None:
    answer = client.get(address(user))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, max-age=0, must-revalidate"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "Set-Cookie" not in answer.headers
    token = address(user).split("/")[2]
    assert len(token) == 43  # of 6 bits each
    for wrong in (token[:-1], token[::-1], "x", "%20", "None"):
        assert client.get(f"/calendar/{wrong}/mine.ics").status_code == 404


def test_the_database_alone_opens_nothing(client: Client, user: User) -> None:
    row = address_of(user)
    assert row
    assert {row.seed, row.token_hash} & {address(user).split("/")[2]} == set()
    for kept in (row.seed, row.token_hash):
        assert client.get(f"/calendar/{kept}/mine.ics").status_code == 404


def test_a_new_address_ends_the_old_one(client: Client, user: User) -> None:
    old = address(user)
    make_address(user, key=KEY, now=clock.now())
    assert (client.get(old).status_code, client.get(address(user)).status_code) == (404, 200)
    new = address(user)
    stop_address(user, now=clock.now())
    assert client.get(new).status_code == 404


def test_it_ends_with_the_account(client: Client, user: User) -> None:
    where = address(user)
    delete_account(user, now=clock.now())
    assert client.get(where).status_code == 404
    assert db.session.scalars(select(CalendarAddress)).all() == []


def test_an_address_works_after_the_sites_key_has_changed(user: User) -> None:
    row = address_of(user)
    assert row
    token = token_of_address(row, key=KEY)
    assert token_of_address(row, key="another") == ""
    assert user_of_address(token) == user


def test_what_one_downloads_of_oneself_says_that_there_is_one(user: User) -> None:
    data = personal_data(user, clock.now())
    assert list(data["calendar_address"]) == ["made_at"]
    assert personal_data(make.user(), clock.now())["calendar_address"] is None


# -- the page


def test_strangers_subscribe_to_what_they_filter(client: Client) -> None:
    page = client.get("/calendar/subscribe?office=turku&role=CTRL&q=lump%20%3Cb%3E").text
    assert '<h2 id="chosen">Interact events: Turku · open to ' in page
    query = "q=lump+%3Cb%3E&amp;office=turku&amp;role=CTRL"
    assert f'value="http://localhost/events.ics?{query}"' in page
    assert f'value="webcal://localhost/events.ics?{query}"' in page
    assert '<input type="hidden" name="q" value="lump &lt;b&gt;">' in page
    assert "/mine.ics" not in page
    assert 'href="/sign-in?next=/calendar/subscribe"' in page
    assert "?by=day" in client.get("/calendar/subscribe?by=day").text


def test_a_person_makes_reads_renews_and_ends_their_address(client: Client) -> None:
    user = make.user()
    client.sign_in(user)
    page = "/calendar/subscribe"
    assert "/mine.ics" not in client.get(page).text
    client.press("/calendar/subscribe/mine", page=page)
    first = address(user)
    assert f"http://localhost{first}" in client.get(page).text
    assert f"http://localhost{first}?by=day" in client.get(f"{page}?by=day").text
    assert client.get("/my/").text.count('href="/calendar/subscribe#mine"') == 1
    client.press("/calendar/subscribe/mine", page=page)
    assert first not in client.get(page).text
    client.press("/calendar/subscribe/mine/stop", page=page)
    assert address_of(user) is None
    client.press("/calendar/subscribe/mine/stop", page=page)  # pressed twice
    assert "Make my calendar’s address" in client.get(page).text


def test_nobody_sees_another_persons_address(client: Client, user: User) -> None:
    client.sign_in(make.member("vienna"))
    assert address(user) not in client.get("/calendar/subscribe").text


def test_each_program_gets_the_address_as_it_takes_it() -> None:
    feed = "e.example/events.ics?office=turku&by=day"
    quoted = "%2F%2Fe.example%2Fevents.ics%3Foffice%3Dturku%26by%3Dday"
    adding = f"/calendar/0/addfromweb?url=https%3A{quoted}&name=Events%3A+Turku+%26+more"
    assert [way.address for way in ways(f"https://{feed}", "Events: Turku & more")] == [
        f"webcal://{feed}",
        f"https://calendar.google.com/calendar/r?cid=webcal%3A{quoted}",
        f"https://outlook.office.com{adding}",
        f"https://outlook.live.com{adding}",
    ]
