"""What the public page of an event says to whom."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Admission, Event, EventState, Mode
from interact_events.registrations.actions import (
    Answers,
    SeatValues,
    recount,
    register,
    set_seat_rules,
)
from interact_events.registrations.models import HeadStart, Promotion, SessionChoice, State
from interact_events.registrations.rules import Cap, Dimension, Step
from tests import make
from tests.client import Client, counted

NOW = clock.now()
SECRET = "https://meet.example/secret-room"


def page_of(client: Client, event: Event) -> str:
    answer = client.get(f"/events/{event.slug}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_event_page_tells_a_stranger_how_to_register(client: Client) -> None:
    event = make.event()
    page = page_of(client, event)
    assert "20 seats left" in page
    assert f'href="/events/{event.slug}/register">Register</a>' in page


def test_event_page_of_a_full_event_offers_the_waiting_list(client: Client) -> None:
    event = make.event(capacity=1)
    make.registration(event)
    page = page_of(client, event)
    assert "Join the waiting list</a>" in page
    assert "1 of 1 taken" in page


def test_event_page_where_the_office_selects_asks_to_apply(client: Client) -> None:
    page = page_of(client, make.event(admission=Admission.SELECTION))
    assert ">Apply</a>" in page


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"registration_opens_at": NOW + timedelta(days=1)}, "Registration opens on "),
        ({"registration_closes_at": NOW - timedelta(days=1)}, "Registration closed on "),
        (
            {"state": EventState.CANCELLED, "cancellation_reason": "Snow on the line."},
            "Snow on the line.",
        ),
        (
            {"starts_at": NOW - timedelta(days=2), "ends_at": NOW - timedelta(days=1)},
            "This event is over.",
        ),
    ],
)
def test_event_page_says_why_nobody_can_register(
    client: Client, values: dict[str, Any], sentence: str
) -> None:
    event = make.event(**values)
    page = page_of(client, event)
    assert sentence in page
    assert "/register" not in page


def test_event_page_of_a_draft_does_not_exist(client: Client) -> None:
    event = make.event(state=EventState.DRAFT)
    client.sign_in(make.member())
    assert client.get(f"/events/{event.slug}").status_code == 404


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (State.CONFIRMED, "You have a seat"),
        (State.PENDING, "You have applied"),
        (State.WAITLISTED, "2nd in line; 2nd of your programme."),
        (State.DECLINED, "No seat this time"),
    ],
)
def test_event_page_says_where_the_viewer_stands(
    client: Client, state: State, sentence: str
) -> None:
    event = make.event()
    make.registration(event, state=State.WAITLISTED)
    client.sign_in(make.registration(event, state=state).user)
    page = page_of(client, event)
    assert sentence in page
    assert "/register" not in page


@pytest.mark.parametrize("state", [state for state in State if state is not State.CONFIRMED])
def test_the_joining_link_is_hidden_without_a_seat(client: Client, state: State) -> None:
    event = make.event(mode=Mode.ONLINE, joining_url=SECRET)
    client.sign_in(make.registration(event, state=state).user)
    assert SECRET not in page_of(client, event)


def test_the_joining_link_is_for_the_confirmed(client: Client) -> None:
    event = make.event(mode=Mode.ONLINE, joining_url=SECRET)
    assert SECRET not in page_of(client, event)
    row = make.registration(event)
    client.sign_in(row.user)
    assert f'href="/my/registrations/{row.id}/join">Join online' in page_of(client, event)


def test_event_page_answers_for_each_profile(client: Client) -> None:
    event, person = make.event(), make.user()
    make.profile(person, role_id=make.role("NCP").id)
    make.profile(person)
    event.roles = [make.role("CTRL"), make.role("AA")]
    programme = make.programme().name
    client.sign_in(person)
    page = page_of(client, event)
    assert f"You can register as controller of {programme}." in page
    assert (
        f"As national contact point of {programme}, you can’t register: this event is for "
        "controllers and audit authorities. Ask Interact Office Turku." in page
    )


def test_event_page_answers_for_each_profile_before_registration_opens(client: Client) -> None:
    event = make.event(roles=[make.role("CTRL")], registration_opens_at=NOW + timedelta(days=1))
    person = make.user()
    make.profile(person, role_id=make.role("CTRL").id)
    make.profile(person, role_id=make.role("NCP").id)
    client.sign_in(person)
    page = page_of(client, event)
    assert "From then on:" in page
    programme = make.programme().name
    assert f"You can register as controller of {programme}." in page
    assert f"As national contact point of {programme}, you can’t register" in page
    assert ">Register</a>" not in page


def test_event_page_before_registration_opens_answers_by_the_rules_of_that_day(
    client: Client,
) -> None:
    opens = NOW + timedelta(days=2)
    event = make.event(registration_opens_at=opens)
    steps = (Step(None, 0), Step(opens, 2))
    make.seat_rules(event, caps=[Cap(Dimension.PROGRAMME, steps)])
    client.sign_in(make.profile().user)
    assert "You can register as" in page_of(client, event)


@pytest.mark.parametrize(
    ("state", "heading"),
    [(State.WAITLISTED, "You were on the waiting list"), (State.PENDING, "You had applied")],
)
def test_whoever_hoped_reads_that_the_event_has_begun(
    client: Client, state: State, heading: str
) -> None:
    event = make.event(starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(hours=6))
    row = make.registration(event, state=state)
    client.sign_in(row.user)
    own = client.get(f"/my/registrations/{row.id}").get_data(as_text=True)
    for page in (own, page_of(client, event)):
        assert heading in page
        assert "The event has begun without a seat for you." in page
        assert "1st in line" not in page
        assert "travel" not in page


def test_event_page_for_whom_no_profile_fits_offers_no_registration(client: Client) -> None:
    event = make.event()
    event.roles = [make.role("AA")]
    client.sign_in(make.profile().user)
    page = page_of(client, event)
    assert "this event is for audit authorities" in page
    assert "/register" not in page.replace("/register.ics", "")


def test_event_page_shows_no_way_to_the_staffs_pages(client: Client) -> None:
    event = make.event(internal_notes="Budget is tight")
    client.sign_in(make.user())
    page = page_of(client, event)
    assert "/offices/" not in page
    assert "Budget is tight" not in page


def test_event_page_escapes_what_people_type(client: Client) -> None:
    page = page_of(client, make.event('Ζωή "Žižka" <b>O\'Neil</b>'))
    assert "<b>O" not in page


def test_event_page_costs_the_same_with_more_of_everything(
    client: Client, connection: Connection
) -> None:
    event, person = make.event(), make.user()
    make.profile(person)
    event.roles.append(make.role("CTRL"))
    client.sign_in(person)
    page_of(client, event)
    with counted(connection) as few:
        page_of(client, event)
    for code in ("JS", "AA", "MA"):
        event.roles.append(make.role(code))
        make.profile(person, role_id=make.role(code).id)
        make.session(event, code, event.starts_at, event.ends_at)
        make.registration(event)
    db.session.commit()
    with counted(connection) as many:
        page_of(client, event)
    assert len(many) == len(few)


def test_who_is_not_invited_can_still_type_a_code(client: Client) -> None:
    event, profile = make.event(), make.profile()
    make.seat_rules(event, by_invitation=True)
    client.sign_in(profile.user)
    page = page_of(client, event)
    assert "this event is by invitation only" in page
    assert f'href="/events/{event.slug}/register">I have an invitation code</a>' in page


def test_a_stranger_reads_that_an_event_is_by_invitation(client: Client) -> None:
    event = make.event()
    make.seat_rules(event, by_invitation=True)
    page = page_of(client, event)
    assert "<strong>By invitation only</strong>" in page
    assert "seats left" not in page
    assert f'href="/events/{event.slug}/register">I have an invitation</a>' in page


def main_of(page: str) -> str:
    """From its title on."""
    return page.partition("<h1")[2].partition(">")[2].partition("</main>")[0]


def said(page: str) -> str:
    """Its words, whether they lead anywhere or not."""
    return " ".join(re.sub("<[^>]+>", " ", re.sub("</?a[^>]*>", "", main_of(page))).split())


@pytest.mark.parametrize(
    ("values", "rules"),
    [
        ({}, {}),
        ({}, {"by_invitation": True}),
        ({"mode": Mode.HYBRID, "capacity": 3, "online_capacity": 2}, {}),
        ({"admission": Admission.SELECTION}, {"promotion": Promotion.OFFICE}),
        ({"registration_opens_at": NOW + timedelta(days=1)}, {}),
    ],
)
def test_staff_preview_what_a_stranger_sees(
    client: Client, values: dict[str, Any], rules: dict[str, Any]
) -> None:
    """Nothing in it is about themselves, and nothing on it can be pressed."""
    event = make.event(**values)
    make.seat_rules(event, **rules)
    public = said(page_of(client, event))
    client.sign_in(make.member())
    preview = client.get(f"/offices/turku/events/{event.slug}/preview").text
    assert said(preview) == public
    assert "How seats are given" in public
    assert f"/events/{event.slug}/register" not in main_of(preview)


def test_a_draft_is_previewed_as_it_will_be(client: Client) -> None:
    event = make.event(state=EventState.DRAFT, published_at=None)
    make.seat_rules(event, by_invitation=True)
    client.sign_in(make.member())
    page = said(client.get(f"/offices/turku/events/{event.slug}/preview").text)
    assert "By invitation only Register by" in page
    assert "I have an invitation" in page
    assert "How seats are given By invitation only." in page
    assert "not published yet" not in page


def test_a_code_is_asked_of_nobody_whom_it_would_not_help(client: Client) -> None:
    event, profile = make.event(), make.profile()
    event.roles = [make.role("MA")]
    make.seat_rules(event, by_invitation=True)
    client.sign_in(profile.user)
    assert "invitation code" not in page_of(client, event)


def test_a_profile_is_offered_where_one_would_help(client: Client) -> None:
    uninvited, others = make.event(), make.event()
    others.roles = [make.role("MA")]
    make.seat_rules(uninvited, by_invitation=True)
    client.sign_in(make.profile().user)
    page = page_of(client, uninvited)
    assert "Add a profile" not in page
    assert "I have an invitation code</a>" in page
    assert "Add a profile" in page_of(client, others)
    after = make.event()
    make.seat_rules(after, after_event_id=others.id)
    assert "Add a profile" not in page_of(client, after)
    assert "Add a profile" not in client.get(f"/events/{after.slug}/register").text


def capped(**rules: Any) -> tuple[Event, Any]:
    """An event with seats left, and a person whose programme has its only one."""
    event, profile = make.event(capacity=15), make.profile()
    make.seat_rules(event, caps=[Cap(Dimension.PROGRAMME, (Step(None, 1),))], **rules)
    make.registration(event)
    return event, profile.user


def test_who_can_only_wait_is_not_offered_a_seat(client: Client) -> None:
    event, person = capped(promotion=Promotion.OFFER, offer_hours=12)
    client.sign_in(person)
    page = page_of(client, event)
    form = client.get(f"/events/{event.slug}/register").get_data(as_text=True)
    assert ">Join the waiting list</a>" in page
    assert "14 seats left" not in page
    assert "<strong>No seat for you now</strong>" in page
    assert ">Join the waiting list</button>" in form
    for text in (page, form):
        assert "you can join the waiting list. Your programme has its 1 seat." in text
        assert "is offered to the next in line whom the rules allow, who has 12 hours" in text


def test_who_can_only_wait_on_site_is_told_so_beside_the_choice(client: Client) -> None:
    event = make.event(mode=Mode.HYBRID, capacity=3, online_capacity=2)
    make.registration(event)
    client.sign_in(make.profile().user)
    form = client.get(f"/events/{event.slug}/register").get_data(as_text=True)
    assert re.findall(r"((?:On site|Online)[^<]*)</label>", form) == [
        "On site: full, waiting list",
        "Online: 2 seats left",
    ]
    assert ">Register</button>" in form


def test_the_agenda_says_which_sessions_are_full_and_which_are_mine(client: Client) -> None:
    event = make.event()
    starts_at = event.starts_at
    full, free, other = (
        make.session(event, title, starts_at, starts_at + timedelta(hours=1), capacity=seats)
        for title, seats in (("Audit trails", 1), ("Sampling", 3), ("Simplification", 2))
    )
    others, mine = make.registration(event), make.registration(event)
    db.session.add(SessionChoice(registration_id=others.id, session_id=full.id))
    db.session.add(SessionChoice(registration_id=mine.id, session_id=free.id))
    db.session.commit()
    recount(event)
    client.sign_in(others.user)
    assert "Full" not in page_of(client, event)
    client.sign_in(mine.user)
    agenda = page_of(client, event).partition('id="agenda"')[2].partition("</section>")[0]
    shown = [" ".join(re.sub("<[^>]+>", " ", part).split()) for part in agenda.split("<li>")]
    said = {s.title: next(text for text in shown if s.title in text) for s in (full, free, other)}
    assert said["Audit trails"].endswith("Full")
    assert said["Sampling"].endswith("3 seats, 2 left, choose in your registration Your seat")
    assert said["Simplification"].endswith("2 seats, choose in your registration")


def test_who_is_invited_first_is_answered_by_the_rules_of_now(client: Client) -> None:
    event = make.event(registration_opens_at=make.days(5), capacity=5)
    steps = (Step(None, 1), Step(make.days(4), 3))
    make.seat_rules(event, caps=[Cap(Dimension.PROGRAMME, steps)])
    make.registration(event)
    profile = make.profile()
    facts = {"user_id": profile.user_id, "from_at": make.days(-1)}
    db.session.add(HeadStart(event_id=event.id, **facts))
    db.session.commit()
    client.sign_in(profile.user)
    page = page_of(client, event)
    assert "You are invited first" in page
    assert "you can join the waiting list" in page


# -- the day by which the office decides


def promising(on: date) -> Event:
    """The office chooses among those who applied until two days ago, and promised that day."""
    event = make.event(admission=Admission.SELECTION, registration_closes_at=make.days(-2))
    make.seat_rules(event, decision_on=on)
    return event


def at_noon(monkeypatch: pytest.MonkeyPatch, on: date) -> None:
    """Noon in Turku."""
    noon = datetime.combine(on, time(10), tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: noon)


PROMISED = date(2027, 3, 9)
IS_TO_COME = "Interact Office Turku decides by 9 March 2027 and then writes to you."
IS_LATE = (
    "A decision was promised by 9 March 2027, but has not come yet. "
    "Interact Office Turku writes to you once it has."
)


@pytest.mark.parametrize(("day", "sentence"), [(8, IS_TO_COME), (9, IS_TO_COME), (10, IS_LATE)])
def test_who_has_applied_reads_when_the_office_decides(
    client: Client, monkeypatch: pytest.MonkeyPatch, day: int, sentence: str
) -> None:
    at_noon(monkeypatch, date(2027, 3, day))
    event = promising(PROMISED)
    row = make.registration(event, state=State.PENDING)
    client.sign_in(row.user)
    for page in (f"/events/{event.slug}", f"/my/registrations/{row.id}"):
        text = said(client.get(page).text)
        assert f"You have applied {sentence} Don’t book travel yet." in text
    assert ("and decides by 9 March 2027." in page_of(client, event)) is (sentence is IS_TO_COME)


@pytest.mark.parametrize(("day", "is_said"), [(9, True), (10, False)])
@pytest.mark.parametrize("state", [None, State.DECLINED, State.CONFIRMED])
def test_nobody_else_reads_of_a_promise_that_is_past(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    day: int,
    state: State | None,
    is_said: bool,
) -> None:
    at_noon(monkeypatch, date(2027, 3, day))
    event = promising(PROMISED)
    if state:
        client.sign_in(make.registration(event, state=state).user)
    page = page_of(client, event)
    assert ("9 March 2027" in page) is is_said
    assert "The office chooses among all who apply" in page


def test_a_decision_that_is_made_but_not_told_is_not_called_missing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they read is true both before and after it, and the same."""
    at_noon(monkeypatch, date(2027, 3, 10))
    event = promising(PROMISED)
    told_at = clock.now() + timedelta(minutes=5)
    row = make.registration(event, decided_at=told_at, told_at=told_at)
    client.sign_in(row.user)
    assert IS_LATE in said(page_of(client, event))


def test_the_mails_of_an_application_say_the_day(client: Client) -> None:
    event = make.event(admission=Admission.SELECTION, registration_closes_at=make.days(5))
    rules = make.seat_rules(event, decision_on=make.days(9).date())
    register(make.profile(), event, Answers(), now=NOW)
    rules.decision_on = None
    register(make.profile(), event, Answers(), now=NOW)
    first, second = [mail.text for mail in mails()]
    day = words.written(make.days(9).date())
    assert f"chooses among all who apply, decides by {day} and then writes to you." in first
    assert "Interact Office Turku chooses among all who apply and then writes to you." in second
    assert "decides by" not in second


def test_who_waited_reads_the_day_where_the_office_chooses_now(client: Client) -> None:
    event = make.event(capacity=1)
    make.registration(event)
    make.registration(event, state=State.WAITLISTED)
    day = make.days(9).date()
    values = SeatValues(
        admission=Admission.SELECTION,
        capacity=1,
        registration_closes=make.days(5).replace(tzinfo=None),
        decision_on=day,
    )
    set_seat_rules(event, values, actor=make.member(), now=NOW)
    (mail,) = mails()
    chooses = f"it now chooses among all who apply, decides by {words.written(day)} and then"
    assert chooses in mail.text


def mails() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))
