"""The board, the page before the press, and the presses, as staff see them."""

import re
from dataclasses import replace
from html import unescape

import pytest
from flask import Flask
from markupsafe import escape
from sqlalchemy import Connection, select
from werkzeug.test import TestResponse

from interact_events.accounts.models import Level
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.jobs import Job, JobState, run_queued
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Event, EventState, Mode
from interact_events.registrations import actions as registrations
from interact_events.registrations.models import Registration, State
from interact_events.registrations.rules import CAPPED, Cap, Dimension, Hold, Step
from interact_events.selections.models import Selection, SelectionWish
from interact_events.selections.queries import wishes_at
from interact_events.selections.views import board, decide
from tests import make
from tests.client import Client, counted
from tests.registrations.test_changes import fields_of
from tests.selections.test_actions import ZOI, applicant, applicants, selecting, states

SEAT, WAIT, NO, PENDING = State.CONFIRMED, State.WAITLISTED, State.DECLINED, State.PENDING


def address(event: Event, page: str = "") -> str:
    return f"/offices/{event.office.code}/events/{event.slug}/selection{page}"


def text(client: Client, where: str) -> str:
    """What a person reads there."""
    answer = client.get(where)
    assert answer.status_code == 200
    bare = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True).split("<main")[1])
    return " ".join(unescape(bare).split())


def field(client: Client, where: str, name: str) -> str:
    """The value of a hidden field of the page."""
    page = client.get(where).get_data(as_text=True)
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    assert found
    return found.group(1)


def save(client: Client, event: Event, choices: dict[Registration, str], then: str = "") -> None:
    where = address(event)
    shown = field(client, where, "shown")
    sent = {f"choice-{row.id}": value for row, value in choices.items()}
    client.press(address(event, "/save"), page=where, shown=shown, then=then, **sent)


def sent(client: Client, event: Event, choices: dict[Registration, str], page: str) -> TestResponse:
    """What the board's script asks while these choices are not saved yet."""
    where = address(event, page)
    fields = {f"choice-{row.id}": value for row, value in choices.items()}
    shown = field(client, where, "shown")
    return client.press(address(event, "/summary"), page=where, shown=shown, **fields)


def live(client: Client, event: Event, choices: dict[Registration, str], page: str = "") -> str:
    """What a person reads of the answer."""
    answer = sent(client, event, choices, page)
    assert answer.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).split())


def press(client: Client, event: Event, **fields: str) -> None:
    where = address(event, "/decide")
    client.press(where, page=where, seen=field(client, where, "seen"), **fields)


def messages(client: Client, where: str) -> list[str]:
    page = client.get(where).get_data(as_text=True)
    return [
        unescape(m) for m in re.findall(r'<div class="notice[^>]*role="[^>]*>(.*?)</div>', page)
    ]


# -- who may


@pytest.mark.parametrize(
    ("office", "level", "status"),
    [
        ("turku", Level.VIEWER, 403),
        ("turku", Level.EDITOR, 200),
        ("turku", Level.LEAD, 200),
        ("vienna", Level.LEAD, 404),
    ],
)
@pytest.mark.parametrize("page", ["", "/decide"])
def test_the_board_is_for_those_who_decide(
    client: Client, office: str, level: Level, status: int, page: str
) -> None:
    event = selecting()
    client.sign_in(make.member(office, level))
    assert client.get(address(event, page)).status_code == status


@pytest.mark.parametrize(
    ("office", "level", "status"),
    [("turku", Level.VIEWER, 403), ("vienna", Level.LEAD, 404)],
)
def test_the_presses_are_for_those_who_decide(
    client: Client, office: str, level: Level, status: int
) -> None:
    event = selecting()
    row = applicant(event)
    client.sign_in(make.member(office, level))
    pages = ("/propose", "/save", "/summary", "/decide", "/1/undo")
    answers = [client.press(address(event, page)).status_code for page in pages]
    assert answers == [status] * 5
    assert states([row]) == [PENDING]


def test_strangers_are_asked_to_sign_in_and_registrants_see_nothing(client: Client) -> None:
    event = selecting()
    row = applicant(event)
    assert client.get(address(event)).status_code == 302
    client.sign_in(row.user)
    assert client.get(address(event)).status_code == 404


def test_there_is_no_board_where_the_office_does_not_select(client: Client) -> None:
    event = make.event()
    client.sign_in(make.member())
    assert client.get(address(event)).status_code == 404
    shown = client.get(f"/offices/turku/events/{event.slug}/").get_data(as_text=True)
    assert address(event) not in shown


@pytest.mark.parametrize(("level", "is_shown"), [(Level.EDITOR, True), (Level.VIEWER, False)])
def test_the_tab_is_for_those_who_may(client: Client, level: Level, is_shown: bool) -> None:
    event = selecting()
    client.sign_in(make.member(level=level))
    shown = client.get(f"/offices/turku/events/{event.slug}/").get_data(as_text=True)
    assert (f'href="{address(event)}"' in shown) == is_shown


def test_a_press_of_another_event_cannot_be_undone_here(client: Client) -> None:
    other = selecting()
    applicants(other, 1)
    client.sign_in(make.member())
    client.press(address(other, "/propose"))
    press(client, other)
    selection = db.session.scalars(select(Selection)).one()
    here = selecting()
    assert client.press(address(here, f"/{selection.id}/undo")).status_code == 404


# -- the board


def test_an_empty_board_says_so(client: Client) -> None:
    event = selecting()
    client.sign_in(make.member())
    assert "Nobody has applied yet" in text(client, address(event))


def test_a_board_without_anybody_left_says_so(client: Client) -> None:
    event = selecting()
    make.registration(event)
    client.sign_in(make.member())
    assert "Everybody is decided" in text(client, address(event))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": EventState.CANCELLED}, "The event is cancelled"),
        ({"starts_at": make.days(-3), "ends_at": make.days(-2)}, "The event is over"),
    ],
)
def test_a_board_of_what_is_cancelled_or_over_offers_no_press(
    app: Flask, client: Client, values: dict[str, object], words: str
) -> None:
    event = selecting()
    row = applicant(event)
    for name, value in values.items():
        setattr(event, name, value)
    client.sign_in(make.member())
    for page in ("", "/decide"):
        shown = client.get(address(event, page)).get_data(as_text=True)
        assert words in shown
        assert 'method="post" action="/offices' not in shown
    client.press(address(event, "/propose"))
    assert words in messages(client, "/contact")[0]
    assert states([row]) == [PENDING]


@pytest.mark.parametrize(
    ("by", "headings"),
    [
        (
            "",
            ["Interreg VI-A Finland-Estonia-Latvia-Sweden (Central Baltic)", "Without a programme"],
        ),
        ("?by=nonsense", None),
        ("?by=country", ["Austria", "Finland"]),
        ("?by=role", ["Controller", "Managing authority"]),
    ],
)
def test_the_board_groups_people(client: Client, by: str, headings: list[str] | None) -> None:
    event = selecting()
    applicant(event)
    other = make.user("Bo")
    make.profile(
        other,
        programme_id=None,
        country_id=make.country("AT").id,
        role_id=make.role("MA").id,
    )
    make.registration(event, other, PENDING)
    client.sign_in(make.member())
    page = client.get(address(event, by)).get_data(as_text=True)
    found = re.findall(r'id="group-\d+">(.*?) <span', page)
    assert found == (headings or [make.programme().name, "Without a programme"])


def test_the_board_escapes_what_people_type(client: Client) -> None:
    event = selecting()
    row = applicant(event, ZOI)
    client.sign_in(make.member())
    client.press(address(event, "/propose"))
    page = client.get(address(event)).get_data(as_text=True)
    assert "<b>" not in page
    assert f"<strong>{escape(ZOI)}</strong>" in page
    page = client.get(address(event, "/decide")).get_data(as_text=True)
    assert f"<li>{escape(ZOI)}</li>" in page
    registrations.transition(row, State.CANCELLED, actor=row.user, now=clock.now())
    client.press(address(event, "/save"), shown=f"{row.id}:undecided", **{f"choice-{row.id}": NO})
    page = client.get(address(event)).get_data(as_text=True)
    assert "<b>" not in page
    assert f"no longer pending: {escape(ZOI)} (cancelled)" in page


def test_the_board_tells_of_the_last_twelve_months_at_other_events(client: Client) -> None:
    """Only what is over has been attended or missed."""
    person, other = make.user("Anna"), make.user("Bo")
    was_there, was_not, unrecorded, running, coming, old = (
        make.event(starts_at=make.days(day), ends_at=make.days(day + 0.2))
        for day in (-30, -60, -90, -0.1, 60, -400)
    )
    for event in (unrecorded, running, coming):
        make.registration(event, person)
    make.presence(make.registration(was_there, person), was_there.sessions[0])
    for event in (was_not, old):
        make.no_show(make.registration(event, person))
    board = selecting()
    make.registration(board, person, PENDING)
    make.registration(board, other, PENDING)
    client.sign_in(make.member())
    shown = text(client, address(board))
    assert "Accepted 3 times at events that ended in the last 12 months, 1 no-show" in shown
    assert "No seat at events that ended in the last 12 months" in shown


def test_the_board_costs_the_same_with_more_people(client: Client, connection: Connection) -> None:
    event = selecting()
    applicant(event)
    client.sign_in(make.member())
    client.press(address(event, "/propose"))
    text(client, address(event))
    with counted(connection) as few:
        text(client, address(event))
    applicant(event, programme="Alpine")
    applicant(event, programme="Danube")
    with counted(connection) as many:
        text(client, address(event))
    assert len(many) == len(few)


# -- proposing and choosing


def test_a_proposal_is_explained_for_each(client: Client) -> None:
    event = selecting(capacity=1)
    applicants(event, 2)
    client.sign_in(make.member())
    client.press(address(event, "/propose"), by="country")
    shown = text(client, address(event))
    assert (
        "Proposed: 1 seat, 1 on the waiting list, 0 declined, 0 undecided. Correct it below as "
        "you like." in shown
    )
    assert "1 of 1 free seat chosen, 1 to the waiting list, 0 declined, 0 undecided" in shown
    assert (
        "When their turn came, their programme had none, their country none, their role none."
        in shown
    )
    assert (
        "When their turn came, their programme had 1 seat, their country 1 seat, their role 1 "
        "seat. The only seat is taken." in shown
    )


def test_who_comes_without_a_programme_reads_of_their_institution(client: Client) -> None:
    """By which the method counts them; the others of it may be of a programme."""
    event = selecting(capacity=1)
    make.registration(event, make.profile(institution="Ministry of Finance").user)
    event.capacity = 2
    for _ in range(2):
        profile = make.profile(
            programme_id=None, institution="Ministry of Finance", role_id=make.role("NA").id
        )
        make.registration(event, profile.user, State.PENDING)
    client.sign_in(make.member())
    client.press(address(event, "/propose"))
    shown = text(client, address(event))
    assert "their institution had 1 seat, their country 1 seat, their role none." in shown
    assert "their institution had 2 seats, their country 2 seats, their role 1 seat." in shown
    assert "their programme had" not in shown


def test_what_was_changed_by_hand_is_marked_beside_the_methods_words(client: Client) -> None:
    event = selecting(capacity=1)
    rows = applicants(event, 2)
    client.sign_in(make.member())
    client.press(address(event, "/propose"))
    save(client, event, {rows[0]: "declined"})
    shown = text(client, address(event))
    assert "Changed by hand. The method proposes: seat. When their turn came" in shown
    assert "Now it would be: seat. When their turn came" in shown


def test_saving_touches_only_what_was_changed_on_this_page(client: Client) -> None:
    event = selecting()
    rows = applicants(event, 2)
    client.sign_in(make.member())
    old = field(client, address(event), "shown")
    save(client, event, {rows[0]: "confirmed", rows[1]: "undecided"})
    assert "1 choice saved." in text(client, address(event))
    client.press(  # a colleague's page, opened before that
        address(event, "/save"),
        shown=old,
        **{f"choice-{rows[0].id}": "undecided", f"choice-{rows[1].id}": "declined"},
    )
    found = {n: (w.state, w.is_by_hand) for n, w in wishes_at(event).items()}
    assert found == {rows[0].id: (SEAT, True), rows[1].id: (NO, True)}


@pytest.mark.parametrize("value", ["", "offered", "cancelled", "1", "<b>"])
def test_senseless_choices_are_as_if_they_were_not_there(client: Client, value: str) -> None:
    event = selecting()
    row = applicant(event)
    client.sign_in(make.member())
    save(client, event, {row: value})
    client.press(address(event, "/save"), shown="x:y 1 :: 99999999999:confirmed")
    assert wishes_at(event) == {}


@pytest.mark.parametrize(
    ("page", "button", "leads_to"),
    [
        ("/save", {"regroup": "country"}, "?by=country"),
        ("/save", {"to_page": "2"}, "?by=role&page=2"),
        ("/save", {}, "?by=role"),
        ("/propose", {"keep": "y"}, "?by=role"),
    ],
)
def test_no_button_of_the_board_loses_what_was_chosen(
    client: Client, page: str, button: dict[str, str], leads_to: str
) -> None:
    event = selecting()
    row = applicant(event)
    client.sign_in(make.member())
    answer = client.press(
        address(event, page),
        by="role",
        page="1",
        shown=f"{row.id}:undecided",
        **{f"choice-{row.id}": "declined"},
        **button,
    )
    assert answer.headers["Location"] == address(event, leads_to)
    assert wishes_at(event)[row.id].state is NO
    assert "1 choice saved." in text(client, address(event)) or page == "/propose"


def test_going_on_without_a_choice_says_nothing(client: Client) -> None:
    event = selecting()
    row = applicant(event)
    client.sign_in(make.member())
    shown = f"{row.id}:undecided"
    client.press(address(event, "/save"), shown=shown, regroup="country")
    assert messages(client, address(event)) == []


def test_a_long_board_comes_in_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "ROWS", 2)
    event = selecting()
    rows = applicants(event, 3)
    client.sign_in(make.member())
    save(client, event, {rows[0]: "confirmed"})
    first, second = (text(client, address(event, f"?page={n}")) for n in (1, 2))
    assert "3 applicants Person 000" in first
    assert "Person 001" in first
    assert "Person 002" not in first
    assert "3 applicants Person 002" in second
    for shown in (first, second):
        assert "1 of 2 free seats chosen, 0 to the waiting list, 0 declined, 2 undecided" in shown
    assert "1 of 2 free seats chosen" in live(client, event, {rows[2]: "undecided"}, "?page=2")
    assert field(client, address(event, "?page=2"), "shown") == f"{rows[2].id}:undecided"


def test_limits_that_the_choices_break_are_said_in_words(client: Client) -> None:
    event = selecting(capacity=1)
    make.seat_rules(event, caps=[Cap(Dimension.PROGRAMME, (Step(None, 1),))])
    rows = applicants(event, 2)
    client.sign_in(make.member())
    save(client, event, dict.fromkeys(rows, "confirmed"))
    shown = text(client, address(event))
    assert "With these choices: 2 seats given, 1 more than there are." in shown
    assert f"{make.programme().name} has 2 seats, 1 more than the limit of 1." in shown


def test_a_hybrid_event_counts_each_mode(client: Client) -> None:
    event = selecting(mode=Mode.HYBRID, capacity=4, online_capacity=2)
    make.registration(event, is_online=True)
    rows = applicants(event, 3)
    client.sign_in(make.member())
    save(client, event, dict.fromkeys(rows, "confirmed"))
    shown = text(client, address(event))
    assert "3 of 2 free seats chosen on site, 0 of 1 online, 0 to the waiting list" in shown
    assert "3 seats on site given, 1 more than there are." in shown


# -- while choosing


def test_what_the_choices_come_to_is_said_before_they_are_saved(client: Client) -> None:
    event = selecting(capacity=2)
    make.seat_rules(event, caps=[Cap(Dimension.PROGRAMME, (Step(None, 1),))])
    rows = [applicant(event), applicant(event), applicant(event, programme="Alpine")]
    client.sign_in(make.member())
    save(client, event, {rows[0]: "confirmed"})
    baltic, alpine = (make.programme(name).name for name in ("Central Baltic", "Alpine"))
    shown = live(client, event, {})
    assert "1 of 2 free seats chosen, 0 to the waiting list, 0 declined, 2 undecided" in shown
    assert "Within the rules, 1 limit reached Limits reached: " in shown
    assert f"{baltic} has 1 seat, which is its limit." in shown
    shown = live(client, event, {rows[1]: "confirmed", rows[2]: "waitlisted"})
    assert "2 of 2 free seats chosen, 1 to the waiting list, 0 declined, 0 undecided" in shown
    assert "1 rule broken , 1 limit reached With these choices: " in shown
    assert f"{baltic} has 2 seats, 1 more than the limit of 1." in shown
    assert "All 2 seats are taken." in shown
    shown = live(client, event, {rows[0]: "undecided", rows[2]: "confirmed"})
    assert f"{alpine} has 1 seat, which is its limit." in shown
    assert "Overall 1 of 3, 33 %" in shown
    assert f"{alpine} 1 of 1, 100 % , overall 33 %" in shown
    assert f"{baltic} 0 of 2, 0 % , overall 33 %" in shown
    assert "Within the rules" in live(client, event, {rows[0]: "undecided"})


def test_looking_at_what_choices_come_to_saves_nothing(client: Client) -> None:
    event = selecting()
    row = applicant(event)
    client.sign_in(make.member())
    before = len(db.session.scalars(select(AuditEntry)).all())
    live(client, event, {row: "confirmed"})
    assert wishes_at(event) == {}
    assert len(db.session.scalars(select(AuditEntry)).all()) == before
    assert messages(client, address(event)) == []


def test_the_parts_that_follow_each_choice_are_those_of_the_page(client: Client) -> None:
    event = selecting(capacity=1)
    rows = applicants(event, 2)
    client.sign_in(make.member())
    unsaved = parts(sent(client, event, dict.fromkeys(rows, "confirmed"), ""))
    save(client, event, dict.fromkeys(rows, "confirmed"))
    assert unsaved == parts(client.get(address(event)))
    assert len(unsaved) == 7


def parts(answer: TestResponse) -> list[str]:
    """The opening of each part that the script replaces, and the text it holds."""
    page = re.sub(r"\s+", " ", answer.get_data(as_text=True))
    found = re.findall(r"<(span|p|div|ul)([^>]* data-live=[^>]*>)(.*?)</\1>", page)
    return sorted("".join(each) for each in found)


def test_who_is_no_longer_pending_changes_nothing_of_it(client: Client) -> None:
    event = selecting()
    rows = applicants(event, 2)
    client.sign_in(make.member())
    shown = " ".join(f"{row.id}:undecided" for row in rows)
    registrations.transition(rows[0], State.CANCELLED, actor=rows[0].user, now=clock.now())
    choices = {f"choice-{row.id}": "confirmed" for row in rows}
    answer = client.press(address(event, "/summary"), shown=shown, **choices)
    assert "1 of 2 free seats chosen" in re.sub(r"<[^>]+>", "", answer.get_data(as_text=True))


def test_a_summary_asked_by_another_site_is_refused(app: Flask, client: Client) -> None:
    event = selecting()
    client.sign_in(make.member())
    assert client.post(address(event, "/summary"), data={"csrf_token": "x"}).status_code == 400


def test_a_summary_costs_the_same_with_more_people(client: Client, connection: Connection) -> None:
    event = selecting(capacity=1)
    make.seat_rules(event, caps=[Cap(each, (Step(None, 1),)) for each in CAPPED])
    rows = applicants(event, 2)
    client.sign_in(make.member())
    save(client, event, {rows[0]: "confirmed"})

    def asked(choices: dict[Registration, str]) -> int:
        token = field(client, address(event), "csrf_token")
        shown = " ".join(f"{row.id}:undecided" for row in choices)
        fields = {f"choice-{row.id}": value for row, value in choices.items()}
        with counted(connection) as statements:
            client.post(
                address(event, "/summary"), data=fields | {"csrf_token": token, "shown": shown}
            )
        return len(statements)

    few = asked({rows[1]: "confirmed"})
    more = [applicant(event, programme=name) for name in ("Alpine", "Danube", "Alpine")]
    assert asked(dict.fromkeys([rows[1], *more], "confirmed")) == few


def test_an_institution_is_called_as_people_wrote_it(client: Client) -> None:
    event = selecting()
    make.seat_rules(event, caps=[Cap(Dimension.INSTITUTION, (Step(None, 1),))])
    rows = []
    for name in ("Ζωή", "Άννα"):
        person = make.user(name)
        make.profile(person, institution="Υπουργείο Ανάπτυξης")
        rows.append(make.registration(event, person, PENDING))
    client.sign_in(make.member())
    shown = live(client, event, {rows[0]: "confirmed"})
    assert "Υπουργείο Ανάπτυξης has 1 seat, which is its limit." in shown
    save(client, event, dict.fromkeys(rows, "confirmed"))
    for page in ("", "/decide"):
        shown = text(client, address(event, page))
        assert "Υπουργείο Ανάπτυξης has 2 seats, 1 more than the limit of 1." in shown


def test_held_seats_that_are_all_given_are_said(client: Client) -> None:
    event = selecting(mode=Mode.HYBRID, capacity=4, online_capacity=2)
    hold = Hold(frozenset({make.role().id}), 1, make.days(5))
    make.seat_rules(event, holds=[hold, replace(hold, seats=2, is_online=True)])
    rows = applicants(event, 1)
    client.sign_in(make.member())
    shown = live(client, event, {rows[0]: "confirmed"})
    assert re.search(r"The 1 seat held on site for controllers until [^.]* is given\.", shown)
    assert "held online" not in shown


# -- deciding


def test_the_page_before_the_press_says_what_it_will_do(client: Client) -> None:
    event = selecting(capacity=3)
    rows = [applicant(event, name) for name in ("Anna", "Bo", "Carl")]
    client.sign_in(make.member())
    assert "Nothing is chosen yet" in text(client, address(event, "/decide"))
    save(client, event, {rows[0]: "confirmed", rows[1]: "waitlisted"}, then="decide")
    shown = text(client, address(event, "/decide"))
    assert "1 person gets a seat, 1 goes on the waiting list, nobody is declined." in shown
    assert "Then 1 of 3 seats are given." in shown
    assert "Each of these 2 people gets one mail" in shown
    assert "1 undecided person stays pending and hears nothing." in shown
    assert "Seats stay free, so 1 person on the waiting list will move up" in shown
    assert "Registration is still open until" in shown


def test_the_press_decides_and_the_board_offers_to_undo_it(client: Client) -> None:
    event = selecting()
    rows = [applicant(event, name) for name in ("Anna", "Bo")]
    by = make.member(name="Liisa Mäkinen")
    client.sign_in(by)
    save(client, event, {rows[0]: "confirmed", rows[1]: "declined"})
    press(client, event)
    assert states(rows) == [SEAT, NO]
    shown = text(client, address(event))
    assert "2 people are decided, and told by mail at" in shown
    assert "Liisa Mäkinen decided on 2 people at" in shown
    assert "Who is decided Anna Seat Bo Declined Undo this decision" in shown
    selection = db.session.scalars(select(Selection)).one()
    client.press(address(event, f"/{selection.id}/undo"))
    assert states(rows) == [PENDING, PENDING]
    assert "Undone: 2 people are pending again" in text(client, address(event))
    assert "1 of 2 free seats chosen, 0 to the waiting list, 1 declined" in text(
        client, address(event)
    )
    client.press(address(event, f"/{selection.id}/undo"))
    assert "This was undone already." in text(client, address(event))


def test_the_press_twice_decides_once_and_says_so(client: Client) -> None:
    event = selecting()
    rows = applicants(event, 1)
    client.sign_in(make.member())
    client.press(address(event, "/propose"))
    seen = field(client, address(event, "/decide"), "seen")
    for _ in range(2):
        client.press(address(event, "/decide"), seen=seen)
    assert "This was decided already" in text(client, address(event))
    assert states(rows) == [SEAT]
    assert len(db.session.scalars(select(OutboxMessage)).all()) == 1


def test_the_press_beyond_the_rules_needs_a_tick_and_a_reason(client: Client) -> None:
    event = selecting(capacity=1)
    rows = applicants(event, 2)
    client.sign_in(make.member())
    save(client, event, dict.fromkeys(rows, "confirmed"))
    where = address(event, "/decide")
    assert "This goes beyond the rules: 2 seats given, 1 more than there are." in text(
        client, where
    )
    seen = field(client, where, "seen")
    answer = client.press(where, seen=seen).get_data(as_text=True)
    assert "1 seat would go beyond the rules." in answer
    answer = client.press(where, seen=seen, beyond="y").get_data(as_text=True)
    assert "Write why these people get seats against the rules." in answer
    assert states(rows) == [PENDING, PENDING]
    client.press(where, seen=seen, beyond="y", override="They speak")
    assert states(rows) == [SEAT, SEAT]
    assert [row.override for row in rows] == ["", "They speak"]


def test_a_press_on_choices_that_changed_is_refused_and_shows_the_new_ones(client: Client) -> None:
    event = selecting()
    rows = applicants(event, 2)
    client.sign_in(make.member())
    save(client, event, {rows[0]: "confirmed"})
    seen = field(client, address(event, "/decide"), "seen")
    save(client, event, {rows[1]: "declined"})
    answer = client.press(address(event, "/decide"), seen=seen).get_data(as_text=True)
    assert "Somebody has changed the choices" in answer
    assert "Decide on 2 people" in answer
    assert states(rows) == [PENDING, PENDING]


def test_the_applicant_reads_of_an_application_until_the_mail_leaves(client: Client) -> None:
    event = selecting()
    row = applicant(event)
    client.sign_in(make.member())
    save(client, event, {row: "declined"})
    press(client, event)
    client.sign_in(row.user)
    shown = text(client, f"/my/registrations/{row.id}")
    assert "You have applied" in shown
    assert "Withdraw your application" in shown
    client.press(f"/my/registrations/{row.id}/cancel")
    assert states([row]) == [State.CANCELLED]


def test_time_and_place_stay_while_the_mails_that_name_them_wait(client: Client) -> None:
    event = selecting()
    row = applicant(event)
    client.sign_in(make.member())
    save(client, event, {row: "confirmed"})
    press(client, event)
    edit = f"/offices/turku/events/{event.slug}/edit"
    answer = client.press(edit, **fields_of(event) | {"venue": "Wäinö Aaltonen Museum"})
    assert "A selection is decided, and people are told of it at" in answer.get_data(as_text=True)
    assert event.venue == "Logomo"
    client.press(edit, **fields_of(event) | {"summary": "Three days of cases."})
    assert event.summary == "Three days of cases."


def test_many_are_decided_in_the_background_once(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decide, "MOST_AT_ONCE", 1)
    event = selecting()
    rows = applicants(event, 2)
    client.sign_in(make.member())
    client.press(address(event, "/propose"))
    where = address(event, "/decide")
    seen = field(client, where, "seen")
    answer = client.press(where, page=where, seen=seen)
    assert re.fullmatch(r"/jobs/\d+", answer.headers["Location"])
    client.press(where, seen=seen)  # pressed twice, two jobs
    assert states(rows) == [PENDING, PENDING]
    db.session.commit()
    run_queued(app)
    assert states(rows) == [SEAT, SEAT]
    jobs = db.session.scalars(select(Job).order_by(Job.id)).all()
    assert [(job.state, job.outcome) for job in jobs] == [
        (
            JobState.DONE,
            "Everything is decided. Until the mails leave you can undo it on the board.",
        ),
        (JobState.DONE, "This was decided already."),
    ]
    assert len(db.session.scalars(select(Selection)).all()) == 1


def test_what_a_job_may_not_decide_it_says_and_changes_nothing(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decide, "MOST_AT_ONCE", 0)
    event = selecting(capacity=1)
    rows = applicants(event, 2)
    client.sign_in(make.member())
    save(client, event, dict.fromkeys(rows, "confirmed"))
    press(client, event)
    run_queued(app)
    job = db.session.scalars(select(Job)).one()
    assert (job.state, job.outcome[:34]) == (JobState.FAILED, "1 seat would go beyond the rules. ")
    assert states(rows) == [PENDING, PENDING]
    assert db.session.scalars(select(SelectionWish.selection_id)).all() == [None, None]
