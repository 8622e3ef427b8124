"""The staff's list: finding, deciding, adding, exporting."""

import csv
import re
from datetime import timedelta
from html import unescape
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from interact_events.accounts.models import Level
from interact_events.accounts.queries import user_by_email
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Admission, Event, EventState, Mode
from interact_events.registrations.models import (
    Needs,
    Promotion,
    Registration,
    SessionChoice,
    State,
)
from interact_events.registrations.views.export import FORMULA, harmless
from tests import make
from tests.client import Client, counted


def address(event: Event, page: str = "") -> str:
    return f"/offices/{event.office.code}/events/{event.slug}/registrations{page}"


def names_on(client: Client, where: str) -> list[str]:
    """Whom the table shows, in its order."""
    answer = client.get(where)
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    return [part.split("<")[0] for part in page.split('data-label="Person"><strong>')[1:]]


# -- who may


@pytest.mark.parametrize(
    ("office", "level", "page", "status"),
    [
        ("turku", Level.VIEWER, "", 200),
        ("turku", Level.VIEWER, "/add", 403),
        ("turku", Level.VIEWER, ".csv", 403),
        ("turku", Level.EDITOR, "", 200),
        ("turku", Level.EDITOR, "/add", 200),
        ("turku", Level.EDITOR, ".csv", 200),
        ("vienna", Level.LEAD, "", 404),
        ("vienna", Level.LEAD, "/add", 404),
        ("vienna", Level.LEAD, ".csv", 404),
        ("vienna", Level.LEAD, ".xlsx", 404),
    ],
)
def test_the_list_is_for_those_who_may(
    client: Client, office: str, level: Level, page: str, status: int
) -> None:
    event = make.event()
    client.sign_in(make.member(office, level))
    assert client.get(address(event, page)).status_code == status


@pytest.mark.parametrize(("office", "status"), [("turku", 403), ("vienna", 404)])
def test_deciding_is_for_editors_of_the_event(client: Client, office: str, status: int) -> None:
    row = make.registration(make.event(), state=State.PENDING)
    client.sign_in(make.member(office, Level.VIEWER if office == "turku" else Level.LEAD))
    answer = client.press(address(row.event), one=f"{row.id}:confirmed")
    assert answer.status_code == status
    assert row.state is State.PENDING


def test_registrants_do_not_see_the_list(client: Client) -> None:
    row = make.registration(make.event())
    client.sign_in(row.user)
    assert client.get(address(row.event)).status_code == 404


def test_an_editor_of_another_event_cannot_decide_here(client: Client) -> None:
    own, foreign = make.event(), make.registration(make.event(office=make.office("vienna")))
    client.sign_in(make.member())
    client.press(address(own), one=f"{foreign.id}:cancelled")
    assert foreign.state is State.CONFIRMED


# -- the list


def test_the_list_of_nobody_says_so(client: Client) -> None:
    client.sign_in(make.member())
    page = client.get(address(make.event())).get_data(as_text=True)
    assert "Nobody has registered yet" in page


def test_the_list_is_in_order_of_arrival(client: Client) -> None:
    event = make.event()
    for name in ("Zoe", "Anna", "Mia"):
        make.registration(event, make.user(name))
    make.registration(make.event(), make.user("Elsewhere"))
    client.sign_in(make.member())
    assert names_on(client, address(event)) == ["Zoe", "Anna", "Mia"]


def test_the_list_is_searched_without_regard_to_marks(client: Client) -> None:
    event = make.event()
    make.registration(event, make.user("Ζωή Žižka"))
    make.registration(event, make.user("Anna"))
    client.sign_in(make.member())
    assert names_on(client, address(event, "?q=zizka+zoi")) == ["Ζωή Žižka"]
    assert names_on(client, address(event, "?q=%25")) == []


def test_the_list_is_filtered(client: Client) -> None:
    event = make.event()
    authority = make.user("Bo")
    make.profile(
        authority,
        role_id=make.role("MA").id,
        programme_id=make.programme("Alpine").id,
        country_id=make.country("SI").id,
    )
    make.registration(event, authority, State.WAITLISTED)
    make.registration(event, make.user("Anna"))
    client.sign_in(make.member())
    for query in (
        "state=waitlisted",
        f"role={make.role('MA').id}",
        f"programme={make.programme('Alpine').id}",
        f"country={make.country('SI').id}",
    ):
        assert names_on(client, address(event, f"?{query}")) == ["Bo"], query


def test_senseless_filters_are_as_if_they_were_not_there(client: Client) -> None:
    event = make.event()
    make.registration(event, make.user("Anna"))
    client.sign_in(make.member())
    assert names_on(client, address(event, "?state=x&role=%27&country=-1&page=zz")) == ["Anna"]


def test_the_list_counts_by_role_programme_and_country(client: Client) -> None:
    event = make.event()
    make.registration(event)
    make.registration(event, state=State.WAITLISTED)
    make.registration(event, state=State.CANCELLED)
    client.sign_in(make.member())
    page = client.get(address(event)).get_data(as_text=True)
    assert page.count("1 of 2 confirmed") == 3


def test_the_list_comes_in_pages(client: Client) -> None:
    event = make.event(capacity=60)
    for number in range(51):
        make.registration(event, make.user(f"Person {number:02}"))
    client.sign_in(make.member())
    assert len(names_on(client, address(event))) == 50
    assert names_on(client, address(event, "?page=2")) == ["Person 50"]


def test_the_list_costs_the_same_with_more_rows(client: Client, connection: Connection) -> None:
    event = make.event()
    make.registration(event)
    client.sign_in(make.member())
    names_on(client, address(event))
    with counted(connection) as few:
        names_on(client, address(event))
    for code in ("MA", "AA"):
        person = make.user()
        make.profile(
            person,
            role_id=make.role(code).id,
            programme_id=make.programme("Alpine").id,
            country_id=make.country("AT").id,
        )
        make.registration(event, person)
    with counted(connection) as many:
        names_on(client, address(event))
    assert len(many) == len(few)


def test_the_list_escapes_what_people_type(client: Client) -> None:
    event = make.event()
    make.registration(event, make.user('Ζωή "Žižka" <b>O\'Neil</b>'))
    client.sign_in(make.member())
    assert "<b>" not in client.get(address(event)).get_data(as_text=True)


@pytest.mark.parametrize(("level", "is_shown"), [(Level.VIEWER, False), (Level.EDITOR, True)])
def test_needs_are_shown_to_editors_only(client: Client, level: Level, is_shown: bool) -> None:
    row = make.registration(make.event())
    db.session.add(Needs(registration_id=row.id, diet="No nuts please"))
    client.sign_in(make.member(level=level))
    page = client.get(address(row.event)).get_data(as_text=True)
    assert ("No nuts please" in page) == is_shown


# -- deciding


def test_decide_one_by_its_own_button_leaves_the_ticks_aside(client: Client) -> None:
    event = make.event(admission=Admission.SELECTION)
    one, ticked = (make.registration(event, state=State.PENDING) for _ in range(2))
    client.sign_in(make.member())
    client.press(address(event), one=f"{one.id}:declined", registration=[ticked.id])
    assert (one.state, ticked.state) == (State.DECLINED, State.PENDING)


def test_decide_all_who_are_ticked_with_a_reason(client: Client) -> None:
    event = make.event(admission=Admission.SELECTION)
    rows = [make.registration(event, state=State.PENDING) for _ in range(2)]
    client.sign_in(make.member())
    answer = client.press(
        address(event, "?state=pending"),
        registration=[row.id for row in rows],
        decision="declined",
        reason="Too many of your programme.",
    )
    assert answer.headers["Location"] == address(event, "?state=pending")
    assert [row.state for row in rows] == [State.DECLINED, State.DECLINED]
    mail = db.session.scalars(select(OutboxMessage)).first()
    assert mail
    assert "Too many of your programme." in mail.text


def test_decide_above_the_capacity_is_refused_in_words(client: Client) -> None:
    event = make.event(capacity=1, admission=Admission.SELECTION)
    rows = [make.registration(event, state=State.PENDING) for _ in range(2)]
    client.sign_in(make.member())
    answer = client.press(
        address(event), registration=[row.id for row in rows], decision="confirmed"
    )
    assert [row.state for row in rows] == [State.PENDING, State.PENDING]
    page = answer.get_data(as_text=True)
    assert "You chose 2 people, but only 1 seat is left. Nothing was changed." in page
    assert db.session.scalars(select(OutboxMessage)).all() == []


@pytest.mark.parametrize(
    "fields", [{}, {"decision": "confirmed"}, {"one": "x:y"}, {"one": "1:unconfirmed"}]
)
def test_decide_nonsense_is_refused(client: Client, fields: dict[str, str]) -> None:
    row = make.registration(make.event(), state=State.PENDING)
    client.sign_in(make.member())
    answer = client.press(address(row.event), **fields)
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert row.state is State.PENDING


def test_a_refused_decision_keeps_what_was_ticked_and_written(client: Client) -> None:
    event = make.event(capacity=1, admission=Admission.SELECTION)
    rows = [make.registration(event, state=State.PENDING) for _ in range(3)]
    client.sign_in(make.member())
    answer = client.press(
        address(event, "?state=pending"),
        registration=[row.id for row in rows[:2]],
        decision="confirmed",
        reason="You speak.",
        override="They <b>speak</b>.",
    )
    page = answer.get_data(as_text=True)
    ticked = re.findall(r'value="(\d+)" id="tick-\d+"[^>]* checked', page)
    assert [int(number) for number in ticked] == [row.id for row in rows[:2]]
    assert 'value="You speak."' in page
    assert 'value="They &lt;b&gt;speak&lt;/b&gt;."' in page
    beside = page.split('id="beyond-error"')[1]
    assert beside.startswith("><span>You chose 2 people, but only 1 seat is left.")
    assert '<details class="beyond" open>' in page
    assert f'action="{address(event)}?state=pending"' in page


def ticked(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="tick-(\d+)"[^>]* checked', page)]


@pytest.mark.parametrize("decision", ["confirmed", "waitlisted"])
def test_who_was_refused_by_their_own_button_is_ticked_in_the_box(
    client: Client, decision: str
) -> None:
    """So that the box works at once; who was ticked for something else is left out of it."""
    event = make.event(capacity=1)
    make.registration(event)
    one, other = (make.registration(event, state=State.WAITLISTED) for _ in range(2))
    client.sign_in(make.member())
    answer = client.press(
        address(event), one=f"{one.id}:{decision}", reason="x" * 501, registration=[other.id]
    )
    page = answer.get_data(as_text=True)
    assert ticked(page) == [one.id]
    assert re.findall(r'class="btn btn-primary" name="decision" value="(\w+)"', page) == [decision]


def test_a_seat_beyond_the_rules_is_given_in_the_box_after_a_refusal(client: Client) -> None:
    event = make.event(capacity=1)
    make.registration(event)
    one = make.registration(event, state=State.WAITLISTED)
    client.sign_in(make.member())
    page = client.press(address(event), one=f"{one.id}:confirmed").get_data(as_text=True)
    assert '<a href="#beyond">' in page  # in the summary, which has the focus
    client.press(
        address(event),
        registration=ticked(page),
        decision="confirmed",
        beyond="y",
        override="She speaks.",
    )
    assert (one.state, one.override) == (State.CONFIRMED, "She speaks.")


def test_who_can_be_decided_on_no_more_has_no_empty_label(client: Client) -> None:
    event = make.event()
    make.registration(event, state=State.CANCELLED)
    client.sign_in(make.member())
    assert 'data-label="Decide"' not in client.get(address(event)).text


def test_staff_are_not_told_to_ask_their_own_office(client: Client) -> None:
    event = make.event(capacity=1, roles=[make.role("AA")])
    row = make.registration(event, state=State.WAITLISTED)
    client.sign_in(make.member())
    refused = client.press(address(event), one=f"{row.id}:confirmed").get_data(as_text=True)
    for page in (client.get(address(event)).text, refused):
        assert "This event is for audit authorities." in page
        assert "Ask Interact" not in page


def test_the_seats_of_a_hybrid_event_are_counted_in_each_mode(client: Client) -> None:
    event = make.event(mode=Mode.HYBRID, capacity=3, online_capacity=2)
    make.registration(event)
    client.sign_in(make.member())
    assert "0 seats left on site, 2 online" in client.get(address(event)).text


def test_a_reason_that_is_too_long_is_said_beside_it_and_kept(client: Client) -> None:
    row = make.registration(make.event(), state=State.PENDING)
    client.sign_in(make.member())
    answer = client.press(address(row.event), one=f"{row.id}:declined", reason="x" * 501)
    page = answer.get_data(as_text=True)
    assert 'id="reason-error"' in page
    assert "x" * 501 in page
    assert row.state is State.PENDING


def test_enter_in_the_reason_decides_nothing(client: Client) -> None:
    row = make.registration(make.event(), state=State.PENDING)
    client.sign_in(make.member())
    page = client.get(address(row.event)).get_data(as_text=True)
    first = re.findall(r"<button[^>]*>", page.split('class="decisions"')[1])[0]
    assert first == "<button hidden>"


@pytest.mark.parametrize("how", ["ticks", "button"])
def test_nobody_is_cancelled_before_a_question(client: Client, how: str) -> None:
    row = make.registration(make.event(), make.user("Mia Berg"))
    ways: dict[str, dict[str, Any]] = {
        "ticks": {"registration": [row.id], "decision": "cancelled"},
        "button": {"one": f"{row.id}:cancelled"},
    }
    client.sign_in(make.member())
    where = address(row.event, "?q=mia")
    answer = client.press(where, reason="Too late.", **ways[how])
    page = answer.get_data(as_text=True)
    assert "Cancel this registration?" in page
    assert "Mia Berg" in page
    assert 'value="Too late."' in page
    assert row.state is State.CONFIRMED
    answer = client.press(
        where, registration=[row.id], decision="cancelled", sure="y", reason="Too late."
    )
    assert answer.headers["Location"] == where
    assert (row.state, row.reason) == (State.CANCELLED, "Too late.")


@pytest.mark.parametrize(
    ("promotion", "said"),
    [
        (Promotion.AUTOMATIC, "1 person moved up from the waiting list."),
        (Promotion.OFFER, "1 person on the waiting list is offered a seat."),
    ],
)
def test_what_happens_to_those_who_wait_is_said(
    client: Client, promotion: Promotion, said: str
) -> None:
    event = make.event(capacity=1)
    make.seat_rules(event, promotion=promotion)
    row = make.registration(event)
    make.registration(event, state=State.WAITLISTED)
    client.sign_in(make.member())
    client.press(address(event), registration=[row.id], decision="cancelled", sure="y")
    assert said in client.get(address(event)).get_data(as_text=True)


def test_a_decided_selection_is_said_once_not_on_each_row(client: Client) -> None:
    event, tell_at = make.event(admission=Admission.SELECTION), clock.now() + timedelta(minutes=9)
    make.seat_rules(event, selected_at=tell_at)
    for _ in range(2):
        make.registration(event, told_at=tell_at)
    client.sign_in(make.member())
    page = client.get(address(event)).get_data(as_text=True)
    assert page.count("A selection is decided, and people are told at") == 1
    assert page.count("Not told yet") == 2


def test_decide_needs_a_token(client: Client) -> None:
    row = make.registration(make.event(), state=State.PENDING)
    client.sign_in(make.member())
    answer = client.post(address(row.event), data={"one": f"{row.id}:confirmed"})
    assert answer.status_code == 400
    assert row.state is State.PENDING


# -- adding by hand


def test_add_finds_a_person_by_their_address(client: Client) -> None:
    event, profile = make.event(), make.profile(make.user("Mia Berg", email="mia@example.org"))
    client.sign_in(make.member())
    where = address(event, "/add?email=MIA@example.org")
    assert "Add Mia Berg" in client.get(where).get_data(as_text=True)
    answer = client.press(where, profile=profile.id)
    assert answer.headers["Location"] == address(event)
    assert names_on(client, address(event)) == ["Mia Berg"]


def test_who_is_on_the_list_already_is_not_added_again(client: Client) -> None:
    row = make.registration(make.event(), make.user("Mia Berg", email="mia+1@example.org"))
    client.sign_in(make.member())
    where = address(row.event, "/add?email=mia%2B1@example.org")
    page = client.get(where).get_data(as_text=True)
    assert "Mia Berg is on the list already: Confirmed." in page
    row.user.name, row.user.email = "Mia Holm", "mia@example.org"  # the list knows the old ones
    link = unescape(page.split("See their registration")[0].rsplit('href="', 1)[1].split('"')[0])
    assert names_on(client, link) == ["Mia Berg"]
    where = address(row.event, "/add?email=mia@example.org")
    answer = client.press(where, page=address(row.event), profile=row.profile_id)
    assert "Mia Berg is on the list already: Confirmed." in answer.get_data(as_text=True)


def test_add_somebody_elses_profile_is_refused(client: Client) -> None:
    event, person, other = make.event(), make.profile().user, make.profile()
    client.sign_in(make.member())
    client.press(address(event, f"/add?email={person.email}"), profile=other.id)
    assert db.session.scalars(select(Registration)).all() == []


def test_add_a_new_person_mails_them_a_link_to_choose_a_password(client: Client) -> None:
    event = make.event()
    client.sign_in(make.member())
    answer = client.press(
        address(event, "/add?email=new@example.org"),
        email="new@example.org",
        name="New Person",
        institution="Region of Crete",
        role=make.role().id,
        country=make.country("GR").id,
    )
    assert answer.status_code == 303
    person = user_by_email("new@example.org")
    assert person
    assert person.confirmed_at is None
    assert names_on(client, address(event)) == ["New Person"]
    kinds = db.session.scalars(select(OutboxMessage.kind).order_by(OutboxMessage.id)).all()
    assert kinds == ["registrations.confirmed", "registrations.invited"]


def test_adding_to_a_draft_is_refused(client: Client) -> None:
    event, profile = make.event(state=EventState.DRAFT), make.profile()
    client.sign_in(make.member())
    answer = client.press(address(event, f"/add?email={profile.user.email}"), profile=profile.id)
    assert "Publish the event first" in answer.get_data(as_text=True)


# -- exporting


@given(st.text(max_size=20), st.sampled_from(FORMULA))
def test_no_cell_begins_like_a_formula(text: str, start: str) -> None:
    assert harmless(start + text) == f"'{start}{text}"
    assert not harmless(text).startswith(FORMULA)


def lines(client: Client, where: str) -> list[dict[str, str]]:
    body = client.get(where).get_data().decode("utf-8-sig")
    return list(csv.DictReader(StringIO(body)))


def test_export_csv_neutralises_formulas(client: Client) -> None:
    event = make.event()
    make.registration(event, make.user("=cmd|' /C calc'!A0"))
    client.sign_in(make.member())
    (line,) = lines(client, address(event, ".csv"))
    assert line["Name"] == "'=cmd|' /C calc'!A0"


def test_export_tells_how_and_where_people_take_part_and_who_came_against_the_rules(
    client: Client,
) -> None:
    event = make.event(mode=Mode.HYBRID, online_capacity=5)
    start = event.starts_at
    late, early = (
        make.session(
            event, title, start + timedelta(hours=h), start + timedelta(hours=h + 1), capacity=9
        )
        for title, h in (("=Appeals", 2), ("=Sampling", 1))
    )
    anna = make.registration(event, make.user("Anna"), override="+She speaks")
    make.registration(event, make.user("Bo"), is_online=True)
    for session in (late, early):
        db.session.add(SessionChoice(registration_id=anna.id, session_id=session.id))
    client.sign_in(make.member())
    found = [
        (line["Takes part"], line["Sessions"], line["Beyond the rules"])
        for line in lines(client, address(event, ".csv"))
    ]
    assert found == [("on site", "'=Sampling; =Appeals", "'+She speaks"), ("online", "", "")]


def test_export_costs_the_same_with_more_rows(client: Client, connection: Connection) -> None:
    event = make.event()
    session = make.session(event, "Sampling", event.starts_at, event.ends_at, capacity=9)
    client.sign_in(make.member())
    found = []
    for _ in range(3):
        row = make.registration(event)
        db.session.add(SessionChoice(registration_id=row.id, session_id=session.id))
        db.session.commit()
        with counted(connection) as statements:
            lines(client, address(event, ".csv"))
        found.append(len(statements))
    assert found[1] == found[2]


def test_export_respects_the_filters(client: Client) -> None:
    event = make.event()
    make.registration(event, make.user("Anna"))
    make.registration(event, make.user("Bo"), State.WAITLISTED)
    client.sign_in(make.member())
    assert [line["Name"] for line in lines(client, address(event, ".csv"))] == ["Anna", "Bo"]
    (line,) = lines(client, address(event, ".csv?state=waitlisted"))
    assert (line["Name"], line["State"], line["Photos allowed"]) == (
        "Bo",
        "On the waiting list",
        "no",
    )


def test_export_holds_no_needs(client: Client) -> None:
    row = make.registration(make.event())
    db.session.add(Needs(registration_id=row.id, diet="No nuts please"))
    client.sign_in(make.member())
    assert b"No nuts" not in client.get(address(row.event, ".csv")).data


def test_export_xlsx_is_text_throughout(client: Client) -> None:
    event = make.event()
    make.registration(event, make.user("=1+1"))
    client.sign_in(make.member())
    answer = client.get(address(event, ".xlsx"))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{event.slug}.xlsx"'
    with ZipFile(BytesIO(answer.data)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "&#39;=1+1" in sheet or "'=1+1" in sheet
