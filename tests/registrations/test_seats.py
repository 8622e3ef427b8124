"""The office's pages about an event's seats: rules, their preview, invitations."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import Connection, select

from interact_events.accounts.models import Level, User
from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import OutboxMessage
from interact_events.core.web.forms import single_fields
from interact_events.events.forms import wall_clock
from interact_events.events.models import Admission, Event, EventState, Mode
from interact_events.registrations import actions, queries
from interact_events.registrations.forms import SeatsForm
from interact_events.registrations.forms.invitations import written_addresses
from interact_events.registrations.models import Promotion, SeatInvitation, State
from interact_events.registrations.rules import Cap, Dimension, Hold, Step
from tests import make
from tests.client import TOKEN, Client, counted

NASTY = 'Ζωή "Žižka" <b>O\'Neil</b>'


def address(event: Event, page: str = "") -> str:
    return f"/offices/{event.office.code}/events/{event.slug}/seats{page}"


def local(event: Event, days: float) -> str:
    """The event's wall clock so many days before its start, as the form's field sends it."""
    return f"{wall_clock(event.starts_at - timedelta(days=days), event.zone):%Y-%m-%dT%H:%M}"


def fields_of(event: Event) -> dict[str, Any]:
    """What the form sends when nothing is changed."""
    with current_app.test_request_context():
        form = SeatsForm(event, queries.seat_rules_of(event))
        return {field.name: sent for field in single_fields(form) if (sent := _sent(field))}


def _sent(field: Any) -> Any:
    if field.type == "CSRFTokenField":
        return None
    if field.type == "BooleanField":
        return "y" if field.data else None
    return field._value() if hasattr(field, "_value") else field.data


def send(client: Client, event: Event, /, page: str = "", **changes: Any) -> str:
    """Fill in the form as it is but for some fields, and press its button."""
    return client.press(address(event, page), **fields_of(event) | changes).get_data(as_text=True)


def save(client: Client, event: Event, /, **changes: Any) -> str:
    return send(client, event, save="yes", **changes)


def cap(most: int = 2) -> Cap:
    return Cap(Dimension.PROGRAMME, (Step(None, most),))


def closed_event(**values: Any) -> Event:
    event = make.event(**values)
    make.seat_rules(event, by_invitation=True)
    return event


def invite(event: Event, *addresses: str) -> list[SeatInvitation]:
    actions.invite(event, addresses, actor=make.member(), now=clock.now())
    db.session.commit()
    return list(db.session.scalars(select(SeatInvitation).order_by(SeatInvitation.email)))


def code_for(event: Event, label: str = "Alpine Space", most_uses: int = 5) -> SeatInvitation:
    invitation = actions.add_code(event, label, most_uses, actor=make.member(), now=clock.now())
    db.session.commit()
    return invitation


@pytest.fixture
def editor(client: Client) -> User:
    """Somebody of Turku's staff, signed in."""
    person = make.member()
    client.sign_in(person)
    return person


# -- for whom the pages are ----------------------------------------------------------------------


def people(event: Event) -> list[User]:
    """Editor, editor of a co-organiser, viewer, lead of another office, registrant."""
    event.co_organisers = [make.office("vienna")]
    return [
        make.member(),
        make.member("vienna"),
        make.member(level=Level.VIEWER),
        make.member("viborg", Level.LEAD),
        make.registration(event).user,
    ]


@pytest.mark.parametrize("page", ["", "/invitations"])
def test_pages_open_for_those_who_may_edit(client: Client, page: str) -> None:
    event = make.event()
    seen = []
    for person in people(event):
        client.sign_in(person)
        seen.append(client.get(address(event, page)).status_code)
    assert seen == [200, 200, 403, 404, 404]


@pytest.mark.parametrize(
    ("page", "fields", "status"),
    [
        ("", {"save": "yes", "capacity": "30"}, 303),
        ("/summary", {}, 200),
        ("/invitations", {"addresses": "a@example.org"}, 303),
        ("/codes", {"label": "Alpine Space", "most_uses": "3"}, 303),
        ("/invitations/{id}/withdraw", {}, 303),
        ("/invitations/{id}/send-again", {}, 303),
    ],
)
def test_buttons_work_for_those_who_may_edit(
    client: Client, page: str, fields: dict[str, str], status: int
) -> None:
    event = closed_event()
    page = page.format(id=code_for(event).id)
    seen = []
    for person in people(event):
        client.sign_in(person)
        sent = fields_of(event) | fields if page in ("", "/summary") else fields
        seen.append(client.press(address(event, page), **sent).status_code)
    assert seen == [status, status, 403, 404, 404]


@pytest.mark.parametrize("page", ["", "/invitations"])
def test_strangers_are_asked_to_sign_in(client: Client, page: str) -> None:
    response = client.get(address(make.event(), page))
    assert (response.status_code, response.location.split("?")[0]) == (302, "/sign-in")


def test_an_invitation_of_another_event_is_not_found(client: Client, editor: User) -> None:
    other = code_for(make.event())
    page = f"/invitations/{other.id}/send-again"
    assert client.press(address(make.event(), page)).status_code == 404
    page = f"/invitations/{other.id}/withdraw"
    assert client.press(address(make.event(), page)).status_code == 404
    assert other.withdrawn_at is None


# -- the form ------------------------------------------------------------------------------------


def test_the_rules_of_a_draft_are_saved_at_once(client: Client, editor: User) -> None:
    event = make.event(state=EventState.DRAFT)
    role = make.role("CTRL")
    changes: dict[str, Any] = {
        "capacity": "30",
        "admission": "selection",
        "registration_closes": local(event, 10),
        "decision_on": local(event, 7)[:10],
        "roles": [role.id, make.role("MA").id],
        "programmes": [make.programme().id],
        "countries": [make.country("FI").id],
        "by_invitation": "y",
        "promotion": "offer",
        "offer_hours": "24",
        "caps-0-per": "programme",
        "caps-0-most": "2",
        "caps-0-since_2": local(event, 20),
        "caps-0-most_2": "3",
        "caps-0-since_3": local(event, 15),
        "caps-1-per": "role-in-country",
        "caps-1-role": role.id,
        "caps-1-most": "1",
        "holds-0-roles": [make.role("MA").id],
        "holds-0-seats": "4",
        "holds-0-until": local(event, 5),
        "reconfirm_on_site-asks": "y",
        "reconfirm_on_site-ask_days": "14",
        "reconfirm_on_site-warn_days": "10",
        "reconfirm_on_site-release_days": "7",
    }
    send(client, event, **changes)
    settings, rules, starts = (
        queries.seat_rules_of(event),
        queries.rules_of(event),
        event.starts_at,
    )
    assert (event.capacity, event.admission) == (30, Admission.SELECTION)
    assert event.registration_closes_at == starts - timedelta(days=10)
    assert str(settings.decision_on) == local(event, 7)[:10]
    assert rules.roles == {role.id, make.role("MA").id}
    assert rules.programmes == {make.programme().id}
    assert rules.countries == {make.country("FI").id}
    assert (rules.by_invitation, settings.promotion, settings.offer_hours) == (
        True,
        Promotion.OFFER,
        24,
    )
    phases = (
        Step(None, 2),
        Step(starts - timedelta(days=20), 3),
        Step(starts - timedelta(days=15), None),
    )
    assert rules.caps == (
        Cap(Dimension.PROGRAMME, phases),
        Cap(Dimension.ROLE_IN_COUNTRY, (Step(None, 1),), role.id),
    )
    until = starts - timedelta(days=5)
    assert rules.holds == (Hold(frozenset({make.role("MA").id}), 4, until),)
    assert settings.reconfirmation == {
        "on-site": {"ask_days": 14, "warn_days": 10, "release_days": 7}
    }


def test_the_form_shows_what_was_saved(client: Client, editor: User) -> None:
    """Sent back unchanged it changes nothing."""
    event = make.event(state=EventState.DRAFT, mode=Mode.HYBRID, online_capacity=5)
    until = event.starts_at - timedelta(days=5)
    phases = (Step(None, 2), Step(until, 3), Step(until + timedelta(days=1), None))
    make.seat_rules(
        event,
        caps=[Cap(Dimension.COUNTRY, phases), cap()],
        holds=[Hold(frozenset({make.role("MA").id}), 2, until, is_online=True)],
        programmes=[make.programme().id],
        reconfirmation={"online": {"ask_days": 9, "warn_days": 8, "release_days": 2}},
    )
    before = queries.rules_of(event), queries.seat_rules_of(event).reconfirmation, event.version
    send(client, event)
    after = queries.rules_of(event), queries.seat_rules_of(event).reconfirmation, event.version
    assert after == before


def test_a_row_goes_by_a_tick_or_by_being_emptied(client: Client, editor: User) -> None:
    event = make.event(state=EventState.DRAFT)
    three = (Dimension.COUNTRY, Dimension.PROGRAMME, Dimension.INSTITUTION)
    make.seat_rules(event, caps=[Cap(per, (Step(None, 2),)) for per in three])
    send(client, event, **{"caps-0-remove": "y", "caps-1-per": "", "caps-1-most": ""})
    assert [each.per for each in queries.rules_of(event).caps] == [Dimension.INSTITUTION]


def test_a_button_adds_a_row_and_keeps_the_answers(client: Client, editor: User) -> None:
    event = make.event()
    page = send(client, event, more="caps", capacity="77", **{"caps-0-most": "x"})
    assert 'name="caps-2-most"' in page
    assert 'value="77"' in page
    assert "error-summary" not in page
    assert event.capacity == 20


def test_no_form_adds_rows_without_end(client: Client, editor: User) -> None:
    event = make.event()
    rows = {f"caps-{number}-most": "1" for number in (*range(40), 9999)}
    page = send(
        client, event, more="caps", **rows, **{"caps-²-most": "1", f"caps-{'9' * 5000}-most": "1"}
    )
    assert page.count('data-row="') == 30 + 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"capacity": ""}, "capacity"),
        ({"capacity": "many"}, "capacity"),
        ({"admission": "by-lot"}, "admission"),
        ({"roles": ["999999"]}, "roles"),
        ({"programmes": ["x"]}, "programmes"),
        ({"registration_opens": "soon"}, "registration_opens"),
        ({"promotion": "offer", "offer_hours": ""}, "offer_hours"),
        ({"promotion": "offer", "offer_hours": "0"}, "offer_hours"),
        ({"caps-0-most": "2"}, "caps-0-per"),
        ({"caps-0-per": "galaxy", "caps-0-most": "2"}, "caps-0-per"),
        ({"caps-0-per": "country", "caps-0-most": "-1"}, "caps-0-most"),
        ({"caps-0-per": "country", "caps-0-most": "x"}, "caps-0-most"),
        ({"holds-0-seats": "2"}, "holds-0-roles"),
        ({"holds-0-until": "2027-01-01T00:00"}, "holds-0-seats"),
        ({"reconfirm_on_site-asks": "y", "reconfirm_on_site-ask_days": ""},
         "reconfirm_on_site-ask_days"),
        ({"reconfirm_on_site-asks": "y", "reconfirm_on_site-warn_days": "20"},
         "reconfirm_on_site-warn_days"),
        ({"registration_closes": "2027-03-28T03:30"}, "registration_closes"),
    ],
)  # fmt: skip
def test_a_fault_stands_beside_its_field_and_on_top(
    client: Client, editor: User, changes: dict[str, Any], field: str
) -> None:
    event = make.event()
    page = save(client, event, **changes)
    assert page.count(f'<a href="#{field}">') >= 1
    assert page.count(f'id="{field}"') == 1
    assert page.count(f'id="{field}-error"') == 1
    assert queries.seat_rules_of(event) not in db.session


def test_a_refusal_finds_the_row_after_empty_ones(client: Client, editor: User) -> None:
    event = make.event()
    rows = {
        "caps-0-per": "programme",
        "caps-0-most": "2",
        "caps-1-most": "",
        "caps-2-remove": "y",
        "caps-2-per": "country",
        "caps-3-per": "programme",
        "caps-3-most": "3",
    }
    sent = fields_of(event) | rows | {"save": "yes"}
    page = client.press(address(event), **sent).get_data(as_text=True)
    assert '<a href="#caps-3-per">' in page
    assert 'id="caps-3-per-error"' in page


def test_all_contradictions_stand_beside_their_fields(client: Client, editor: User) -> None:
    event = make.event()
    make.seat_rules(event, caps=[cap(), Cap(Dimension.COUNTRY, (Step(None, 4),))])
    page = save(
        client,
        event,
        **{
            "registration_closes": local(event, -1),
            "caps-1-per": "programme",
            "reconfirm_on_site-asks": "y",
            "reconfirm_on_site-ask_days": "3",
        },
    )
    found = re.findall(r'class="error" id="([^"]+)-error"', page)
    assert found == ["registration_closes", "caps-1-per", "reconfirm_on_site-warn_days"]
    assert page.count('<li><a href="#') == 3


def test_hours_and_days_that_are_not_asked_for_are_never_wrong(
    client: Client, editor: User
) -> None:
    event = make.event()
    changes = {"offer_hours": "x", "reconfirm_on_site-ask_days": "x", "capacity": "25"}
    save(client, event, **changes)
    assert event.capacity == 25


def test_a_form_that_is_out_of_date_is_not_saved(client: Client, editor: User) -> None:
    event = make.event()
    sent = fields_of(event) | {"capacity": "33", "save": "yes"}
    event.version += 1
    page = client.press(address(event), **sent).get_data(as_text=True)
    assert "This event was changed since you opened the page, perhaps in another tab." in page
    assert 'value="33"' in page
    assert event.capacity == 20
    (version,) = re.findall(r'name="version"[^>]*value="(\d+)"', page)
    client.press(address(event), **sent | {"version": version})
    assert event.capacity == 33


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"registration_opens": "soon"}, "Give a day and a time, like 2027-05-12 and 09:00."),
        ({"decision_on": "soon"}, "Give a day, like 2027-05-12."),
        ({"caps-0-per": "country", "caps-0-most": "x"}, "Limit 1, at most: Give a whole number."),
        (
            {
                "caps-0-per": "country",
                "caps-0-most": "2",
                "caps-1-per": "country",
                "caps-1-most": "3",
            },
            "Limit 2, limit for: There is a limit for the same group above.",
        ),
        ({"holds-0-until": "x"}, "Held seats 1, until: Give a day and a time, like"),
        (
            {"reconfirm_on_site-asks": "y", "reconfirm_on_site-ask_days": "x"},
            "Reconfirmation, ask, days before the start: Give a whole number.",
        ),
    ],
)
def test_what_is_wrong_is_said_in_sentences_that_name_the_row(
    client: Client, editor: User, changes: dict[str, str], sentence: str
) -> None:
    page = save(client, make.event(), **changes)
    assert sentence in page
    assert "Not a valid" not in page


@pytest.mark.parametrize("text", ["abc", "1.5"])
def test_a_figure_that_cannot_be_read_is_one_fault(client: Client, editor: User, text: str) -> None:
    page = save(
        client,
        make.event(),
        **{"capacity": text, "caps-0-per": "country", "caps-0-most": text},
        **{"reconfirm_on_site-asks": "y", "reconfirm_on_site-ask_days": text},
    )
    faults = page.partition('class="error-summary"')[2].partition("</div>")[0]
    assert re.findall(r">([^<:]+: [^<]+)</a>", faults) == [
        "Seats: Give a whole number.",
        "Limit 1, at most: Give a whole number.",
        "Reconfirmation, ask, days before the start: Give a whole number.",
    ]


def test_a_row_that_was_added_can_be_taken_out(client: Client, editor: User) -> None:
    event = make.event()
    page = client.get(address(event)).get_data(as_text=True)
    assert re.findall(r'remove-row"( hidden)?>', page) == [" hidden", " hidden"]
    page = send(client, event, more="caps")
    assert re.findall(r'remove-row"( hidden)?>', page) == [" hidden", "", " hidden"]


# -- before it is saved --------------------------------------------------------------------------


def full_event() -> Event:
    """One seat, taken; two wait."""
    event = make.event(capacity=1)
    make.registration(event)
    for name in (NASTY, "Bo Ek"):
        make.registration(event, make.user(name), State.WAITLISTED)
    return event


def test_the_preview_names_who_gets_a_seat_and_saves_nothing(client: Client, editor: User) -> None:
    event = full_event()
    page = send(client, event, capacity="2")
    assert "Ζωή &#34;Žižka&#34; &lt;b&gt;O&#39;Neil&lt;/b&gt;" in page
    assert "Bo Ek" not in page
    assert "<strong>New:</strong> <ins>2 seats.</ins>" in page
    assert "<strong>No longer:</strong> <del>1 seat.</del>" in page
    assert (event.capacity, event.seats_taken, event.waiting, event.version) == (1, 1, 2, 0)
    assert db.session.scalars(select(OutboxMessage)).all() == []
    assert queries.seat_rules_of(event) not in db.session


def test_what_stays_above_the_limits_without_a_change_is_above_no_new_ones(
    client: Client, editor: User
) -> None:
    event = make.event()
    for _ in range(2):
        make.registration(event)
    make.seat_rules(event, caps=[cap(1)])
    assert "These stay above the limits:" in send(client, event)
    assert "These stay above the new limits:" in send(client, event, capacity="30")


def test_the_rules_name_sessions_with_seats_of_their_own(client: Client, editor: User) -> None:
    event = make.event()
    address = f"/offices/turku/events/{event.slug}"
    assert "among sessions" not in client.get(f"{address}/seats").text
    for title, seats in (("Audits", 1), ("Flat rates", 12)):
        make.session(event, title, event.starts_at, event.ends_at, capacity=seats)
    db.session.expire_all()
    page = client.get(f"{address}/seats").text
    assert "among sessions: “Audits” (1 seat) and “Flat rates” (12 seats)." in page
    assert f'<a href="{address}/agenda">agenda</a>' in page


def test_the_preview_says_which_held_seats_are_given_already(client: Client, editor: User) -> None:
    event = make.event(capacity=5)
    for _ in range(4):
        make.registration(event)
    hold: dict[str, Any] = {
        "holds-0-roles": [make.role("MA").id],
        "holds-0-seats": "3",
        "holds-0-until": local(event, 5),
    }
    said = "2 seats that you hold are given to others, and held once they give them back."
    assert said in send(client, event, **hold)
    send(client, event, save="yes", **hold)
    assert said in client.get(f"/offices/turku/events/{event.slug}/seats").text


def test_the_preview_says_what_another_admission_does(client: Client, editor: User) -> None:
    event = make.event(capacity=1, admission=Admission.SELECTION)
    for _ in range(3):
        make.registration(event, state=State.PENDING)
    page = unescape(send(client, event, admission="first-come"))
    assert "2 applicants go to the waiting list, in order of arrival, with a mail." in page
    send(client, event, admission="first-come", save="yes")
    deadline = local(event, 10)
    page = unescape(send(client, event, admission="selection", registration_closes=deadline))
    assert "2 people on the waiting list will be among those of whom you choose" in page


def test_the_preview_names_who_is_not_meant_any_more(client: Client, editor: User) -> None:
    event = make.event(capacity=1)
    make.registration(event)
    waiting = make.registration(event, state=State.WAITLISTED)
    page = unescape(send(client, event, roles=[str(make.role("MA").id)]))
    assert f"no seat comes to {waiting.name}, unless you give one with a reason." in page


def test_the_preview_says_who_stays_above_a_new_limit(client: Client, editor: User) -> None:
    event = make.event()
    names = [make.registration(event).name for _ in range(3)]
    page = unescape(send(client, event, **{"caps-0-per": "programme", "caps-0-most": "2"}))
    who = f"{names[0]}, {names[1]} and {names[2]}"
    assert f"{make.programme().name} has 3 seats, 1 more than the limit of 2: {who}." in page
    assert "Nobody loses a seat." in page


def test_the_preview_says_who_is_asked_at_once_and_what_follows(
    client: Client, editor: User
) -> None:
    start = make.days(5)
    event = make.event(starts_at=start)
    long_ago = clock.now() - timedelta(days=20)
    for _ in range(2):
        make.registration(event, decided_at=long_ago)
    make.registration(event, state=State.WAITLISTED)
    asks = {
        "reconfirm_on_site-asks": "y",
        "reconfirm_on_site-ask_days": "9",
        "reconfirm_on_site-warn_days": "4",
        "reconfirm_on_site-release_days": "2",
    }
    by = words.moment(start - timedelta(days=2), event.zone)
    sentence = (
        "2 people are asked at once, by a mail, whether they still come. Who has not answered by "
        f"{by} loses the seat, and it goes to somebody who waits."
    )
    page = send(client, event, **asks)
    assert sentence in page
    assert "Nobody loses a seat at once." in page
    assert "Nobody loses a seat." not in page
    assert sentence in send(client, event, "/summary", **asks)
    answer = client.press(address(event), **fields_of(event) | asks | {"save": "yes"})
    assert sentence in client.get(answer.location).get_data(as_text=True)
    assert sentence not in send(client, make.event(), **asks)


def test_the_preview_names_fifty_and_counts_the_rest(client: Client, editor: User) -> None:
    event = make.event(capacity=1)
    make.registration(event)
    for number in range(52):
        make.registration(event, make.user(f"Guest {number}."), State.WAITLISTED)
    page = send(client, event, capacity="90")
    assert page.count("<li>Guest ") == 50
    assert "and 2 more people" in page


def test_the_preview_saves_what_it_showed(client: Client, editor: User) -> None:
    event = full_event()
    page = send(client, event, capacity="2", **{"caps-0-per": "institution", "caps-0-most": "2"})
    sent = hidden_fields(page)
    response = client.post(address(event), data=sent | {"save": "yes"})
    assert response.status_code == 303
    assert (event.capacity, event.seats_taken, event.waiting) == (2, 2, 1)
    assert "1 person gets a seat." in client.get(response.location).get_data(as_text=True)


def test_the_preview_leads_back_with_all_answers(client: Client, editor: User) -> None:
    event = full_event()
    roles = [make.role("MA").id, make.role("CTRL").id]
    sent = hidden_fields(send(client, event, capacity="2", roles=roles))
    back = client.post(address(event), data=sent | {"back": "yes"}).get_data(as_text=True)
    assert re.findall(r'name="capacity"[^>]*value="(\d+)"', back) == ["2"]
    assert ticked(back, "roles") == [str(number) for number in roles]
    assert hidden_fields(back)["version"] == ["0"]
    assert event.capacity == 1


def ticked(page: str, name: str) -> list[str]:
    """The values of a field's check boxes that are ticked."""
    tags = [tag for tag in re.findall(r"<input[^>]*>", page) if f'name="{name}"' in tag]
    return [re.findall(r'value="([^"]*)"', tag)[0] for tag in tags if " checked" in tag]


def hidden_fields(page: str) -> dict[str, list[str]]:
    """What a form on the page sends besides its buttons."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r'<input[^>]*type="hidden"[^>]*>', page):
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        assert name
        found.setdefault(name.group(1), []).append(unescape(value.group(1)) if value else "")
    return found | {"csrf_token": found["csrf_token"][:1]}


def test_the_summary_says_the_form_in_words(client: Client, editor: User) -> None:
    event = full_event()
    rows = {"caps-0-per": "programme", "caps-0-most": "2"}
    text = unescape(send(client, event, "/summary", capacity="3", **rows))
    assert "<li>3 seats.</li>" in text
    assert "<li>At most 2 per programme.</li>" in text
    assert "1 person would get a seat." in text  # the third of its programme waits on
    assert "<html" not in text
    assert (event.capacity, event.version) == (1, 0)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"capacity": "x"}, "Seats: Give a whole number."),
        (
            {"caps-0-per": "programme", "caps-0-most": "0"},
            "Limit 1, at most: With this limit nobody could come.",
        ),
    ],
)
def test_the_summary_says_what_does_not_fit(
    client: Client, editor: User, changes: dict[str, str], sentence: str
) -> None:
    event = make.event()
    assert sentence in unescape(send(client, event, "/summary", **changes))


def test_conditions_that_all_have_to_hold_are_said_as_such(client: Client, editor: User) -> None:
    """Several of one sort mean any of them; several sorts narrow each other down."""
    event, programme = make.event(), make.programme()
    changes = {
        "roles": [make.role("MA").id, make.role("CTRL").id],
        "strands": [programme.strand_id],
        "programmes": [programme.id],
        "countries": [make.country("FI").id, make.country("SE").id],
    }
    text = unescape(send(client, event, "/summary", **changes))
    only = "among them only those"
    assert (
        f"Open to managing authorities and controllers; {only} of programmes of "
        f"{programme.strand.label}; {only} of the programme {programme.name}; {only} from "
        "Finland or Sweden." in text
    )
    changes["roles"] = changes["countries"] = []
    text = unescape(send(client, event, "/summary", **changes))
    assert (
        f"Open to programmes of {programme.strand.label}; {only} of the programme {programme.name}."
        in text
    )


def test_the_page_says_the_saved_rules_in_words(client: Client, editor: User) -> None:
    event = make.event()
    make.seat_rules(event, caps=[cap()], promotion=Promotion.OFFICE)
    page = client.get(address(event)).get_data(as_text=True)
    assert "<li>At most 2 per programme.</li>" in page
    assert "<li>The office chooses who gets a seat that becomes free.</li>" in page


@pytest.mark.parametrize(
    ("mode", "asked"),
    [
        (Mode.IN_PERSON, ["reconfirm_on_site"]),
        (Mode.ONLINE, ["reconfirm_online"]),
        (Mode.HYBRID, ["online_capacity", "holds-0-mode", "reconfirm_on_site", "reconfirm_online"]),
    ],
)
def test_only_hybrid_events_are_asked_about_both_modes(
    client: Client, editor: User, mode: Mode, asked: list[str]
) -> None:
    event = make.event(mode=mode, online_capacity=5 if mode is Mode.HYBRID else 0)
    page = client.get(address(event)).get_data(as_text=True)
    names = ("online_capacity", "holds-0-mode", "reconfirm_on_site-asks", "reconfirm_online-asks")
    found = [name.removesuffix("-asks") for name in names if f'name="{name}"' in page]
    assert found == asked


def test_the_page_costs_the_same_for_one_and_three_limits(
    client: Client, connection: Connection, editor: User
) -> None:
    found = []
    for number in (1, 3):
        event = make.event()
        per = (Dimension.PROGRAMME, Dimension.COUNTRY, Dimension.INSTITUTION)[:number]
        make.seat_rules(event, caps=[Cap(each, (Step(None, 2),)) for each in per])
        client.get(address(event))
        with counted(connection) as statements:
            client.get(address(event))
        found.append(len(statements))
    assert found[0] == found[1]


# -- an event that is over ------------------------------------------------------------------------


OVER = "The event is over, so its rules stay as they were."


def test_the_rules_of_an_event_that_is_over_are_there_to_be_read(
    client: Client, editor: User
) -> None:
    event = make.event(starts_at=make.days(-3), ends_at=make.days(-2))
    make.seat_rules(event, caps=[cap()])
    answer = client.get(address(event))
    assert (answer.status_code, OVER in answer.text) == (200, True)
    assert "At most 2 per programme." in answer.text
    assert ("Show what changes" in answer.text, 'name="capacity"' in answer.text) == (False, False)


def test_a_form_that_was_open_when_the_event_ended_changes_nothing(
    client: Client, editor: User
) -> None:
    event = make.event()
    fields = fields_of(event)
    event.starts_at, event.ends_at = make.days(-3), make.days(-2)
    for sent in (fields | {"capacity": "7"}, fields | {"capacity": "7", "save": "yes"}):
        where = address(event)
        token = {"csrf_token": TOKEN.findall(client.get("/my/profiles/new").text)[-1]}
        headers = {"Referer": f"http://localhost{where}"}
        answer = client.post(where, data=sent | token, headers=headers)
        assert (answer.status_code, answer.location) == (303, f"http://localhost{where}")
        assert client.get(where).text.count(OVER) == 2  # in answer to the press, and as ever
    assert event.capacity == 20


def test_the_rules_of_an_event_that_goes_on_can_be_changed(client: Client, editor: User) -> None:
    event = make.event(starts_at=make.days(-1), ends_at=make.days(1))
    assert "Show what changes" in client.get(address(event)).text


# -- invitations ---------------------------------------------------------------------------------


def test_addresses_are_read_as_people_paste_them() -> None:
    text = """a@example.org, b@example.org
    "Doe, Jane" <jane@example.org>; Roe, Jo <jo@example.org>;

    "X, Y" <x@example.org>, z@example.org,"""
    assert list(written_addresses(text)) == [
        (1, "a@example.org"),
        (1, "b@example.org"),
        (2, '"Doe, Jane" <jane@example.org>'),
        (2, "Roe, Jo <jo@example.org>"),
        (4, '"X, Y" <x@example.org>'),
        (4, "z@example.org"),
    ]


def test_a_name_swallows_no_address_before_it() -> None:
    text = """nonsense, Bob <bob@example.org>
a@example.org, Roe, Jo <jo@example.org>
bo@@example, Roe, b@example.org, Bo <bo@example.org>
de Vries, Jan <jan@example.org>, Doe"""
    assert list(written_addresses(text)) == [
        (1, "nonsense"),
        (1, "Bob <bob@example.org>"),
        (2, "a@example.org"),
        (2, "Roe, Jo <jo@example.org>"),
        (3, "bo@@example"),
        (3, "Roe"),
        (3, "b@example.org"),
        (3, "Bo <bo@example.org>"),
        (4, "de Vries, Jan <jan@example.org>"),
        (4, "Doe"),
    ]


def test_people_are_invited_by_mail(client: Client, editor: User) -> None:
    event = closed_event()
    pasted = f"{NASTY.split()[0]} <ZOE@example.org>\nbo@example.org; bo@example.org"
    response = client.press(address(event, "/invitations"), addresses=pasted)
    page = client.get(response.location).get_data(as_text=True)
    assert "2 people are invited and will get a mail." in page
    mails = db.session.scalars(select(OutboxMessage.to_address).order_by(OutboxMessage.id))
    assert list(mails) == ["zoe@example.org", "bo@example.org"]
    again = client.press(address(event, "/invitations"), addresses="bo@example.org")
    said = unescape(client.get(again.location).text)
    assert (
        "1 person was invited before and gets no new mail: press “Send again” beside the address "
        "in the list below to send one." in said
    )
    assert "are invited and will get a mail" not in said


def test_a_lost_invitation_is_sent_again_by_a_press(client: Client, editor: User) -> None:
    event = closed_event()
    guest = make.profile()
    lost, _ = invite(event, "a@example.org", guest.user.email)
    actions.register(guest, event, actions.Answers(), now=clock.now())
    where = address(event, "/invitations")
    page = client.get(where).text
    assert page.count(">Send again</button>") == 1  # who has registered needs none
    assert 'aria-label="Send the invitation to a@example.org again"' in page
    seen = re.search(r'name="mail" value="(\d+)"', page)
    assert seen
    for said in (
        "The invitation is sent again, with the same link.",
        "Nothing was sent: it has been sent again already.",
    ):
        answer = client.press(f"{where}/{lost.id}/send-again", mail=seen.group(1))
        assert said in client.get(answer.location).text
    mails = select(OutboxMessage).filter_by(to_address="a@example.org")
    assert len(db.session.scalars(mails).all()) == 2


@pytest.mark.parametrize("is_cancelled", [True, False])
def test_nothing_is_sent_again_for_what_is_over(
    client: Client, editor: User, is_cancelled: bool
) -> None:
    event = closed_event()
    (invitation,) = invite(event, "a@example.org")
    if is_cancelled:
        event.state, said = EventState.CANCELLED, "so nobody is invited any more."
    else:
        event.registration_closes_at = clock.now()
        said = "Registration is over, so nobody can be invited any more."
    page = client.get(address(event, "/invitations")).text
    assert (said in page, ">Send again<" in page) == (True, False)
    assert "Send the invitations" not in page
    client.press(address(event, f"/invitations/{invitation.id}/send-again"), mail="0")
    assert len(db.session.scalars(select(OutboxMessage)).all()) == 1


@pytest.mark.parametrize("number", ["", "x", "²", "9" * 40])
def test_a_press_that_names_no_mail_sends_none(client: Client, editor: User, number: str) -> None:
    event = closed_event()
    (invitation,) = invite(event, "a@example.org")
    page = address(event, f"/invitations/{invitation.id}/send-again")
    answer = client.press(page, mail=number)
    assert "it has been sent again already" in client.get(answer.location).text


def test_each_bad_line_is_named(client: Client, editor: User) -> None:
    event = closed_event()
    pasted = "a@example.org\nnobody\n\nb@example.org, <i>@x"
    page = client.press(address(event, "/invitations"), addresses=pasted).get_data(as_text=True)
    assert "line 2: “nobody”; line 4: “&lt;i&gt;@x”." in page
    assert "a@example.org" in page
    assert db.session.scalars(select(SeatInvitation)).all() == []


@pytest.mark.parametrize("addresses", ["", " \n ", ";,;"])
def test_somebody_has_to_be_invited(client: Client, editor: User, addresses: str) -> None:
    event = closed_event()
    page = client.press(address(event, "/invitations"), addresses=addresses)
    assert "Give at least one address." in page.get_data(as_text=True)


def test_a_draft_invites_nobody_yet(client: Client, editor: User) -> None:
    event = closed_event(state=EventState.DRAFT)
    page = client.get(address(event, "/invitations")).get_data(as_text=True)
    assert "Publish the event first, then invite people." in page
    assert "Write addresses above" not in page
    client.press(address(event, "/invitations"), addresses="a@example.org")
    assert db.session.scalars(select(SeatInvitation)).all() == []


def test_the_list_says_who_registered(client: Client, editor: User) -> None:
    event = closed_event()
    guest = make.profile()
    invite(event, guest.user.email, "b@example.org")
    actions.register(guest, event, actions.Answers(), now=clock.now())
    page = client.get(address(event, "/invitations")).get_data(as_text=True)
    assert page.count('data-label="Registered"><span class="badge-good">Confirmed</span>') == 1
    assert page.count('data-label="Registered">Not yet') == 1


def test_who_lost_the_invitation_is_off_the_list(client: Client, editor: User) -> None:
    event = closed_event()
    first, _ = invite(event, "a@example.org", "b@example.org")
    client.press(address(event, f"/invitations/{first.id}/withdraw"))
    page = client.get(address(event, "/invitations")).get_data(as_text=True)
    assert ("a@example.org" in page, "b@example.org" in page) == (False, True)


def test_a_code_is_shown_with_its_link_and_uses(client: Client, editor: User) -> None:
    event = closed_event()
    client.press(address(event, "/codes"), label="Alpine <b>Space</b>", most_uses="3")
    code = db.session.scalars(select(SeatInvitation)).one().code
    guest = make.profile()
    actions.register(guest, event, actions.Answers(code=code), now=clock.now())
    page = client.get(address(event, "/invitations")).get_data(as_text=True)
    assert "Alpine &lt;b&gt;Space&lt;/b&gt;" in page
    assert "1 of 3" in page
    assert f'value="http://localhost/events/{event.slug}/register?invitation={code}"' in page


def test_the_link_of_a_code_leads_to_a_seat(client: Client, editor: User) -> None:
    event = closed_event()
    code = code_for(event).code
    guest = make.profile()
    client.sign_in(guest.user)
    link = f"/events/{event.slug}/register?invitation={code}"
    client.press(link, profile=guest.id, code=code)
    row = queries.standing_registration(event, guest.user)
    assert row
    assert row.state is State.CONFIRMED


def test_nobody_makes_a_code_once_registration_is_over(client: Client, editor: User) -> None:
    event = make.event(registration_closes_at=make.days(-1))
    address = f"/offices/turku/events/{event.slug}/seats/invitations"
    assert "Make the code" not in client.get(address).text
    client.press(address.replace("invitations", "codes"), label="Coordinators", most_uses="3")
    assert queries.codes_of(event) == []


@pytest.mark.parametrize(
    "fields", [{"label": "", "most_uses": "3"}, {"label": "A", "most_uses": "0"}]
)
def test_a_code_needs_a_label_and_a_number(
    client: Client, editor: User, fields: dict[str, str]
) -> None:
    event = closed_event()
    page = client.press(address(event, "/codes"), **fields)
    assert page.status_code == 200
    assert "error-summary" in page.get_data(as_text=True)
    assert db.session.scalars(select(SeatInvitation)).all() == []


def test_a_withdrawn_code_lets_nobody_in(client: Client, editor: User, app: Flask) -> None:
    event = closed_event()
    invitation = code_for(event)
    client.press(address(event, f"/invitations/{invitation.id}/withdraw"))
    with pytest.raises(DomainError):
        actions.register(
            make.profile(), event, actions.Answers(code=invitation.code), now=clock.now()
        )


@pytest.mark.parametrize("is_closed", [True, False])
def test_what_a_code_is_for_is_true_of_the_event(
    client: Client, editor: User, is_closed: bool
) -> None:
    event = closed_event() if is_closed else make.event()
    page = client.get(address(event, "/invitations")).text
    assert ("You pass it on yourself. It lets in as many people" in page) is is_closed
    assert ("Now everybody can register without it" in page) is not is_closed


def test_many_invitations_come_in_pages(client: Client, editor: User) -> None:
    event = closed_event()
    invite(event, *(f"p{number:03}@example.org" for number in range(120)))
    page = client.get(address(event, "/invitations?page=5")).get_data(as_text=True)
    assert "(120 people)" in page
    assert "Page 5 of 5" in page
    assert page.count("@example.org</th>") == 20


def test_the_list_costs_the_same_for_one_and_three_invitations(
    client: Client, connection: Connection, editor: User
) -> None:
    found = []
    for number in (1, 3):
        event = closed_event()
        invite(event, *(f"{event.id}.{n}@example.org" for n in range(number)))
        for _ in range(number):
            code_for(event)
        client.get(address(event, "/invitations"))
        with counted(connection) as statements:
            client.get(address(event, "/invitations"))
        found.append(len(statements))
    assert found[0] == found[1]


# -- sessions ------------------------------------------------------------------------------------


def test_the_agenda_says_which_sessions_have_seats_of_their_own(
    client: Client, editor: User
) -> None:
    event = make.event()
    page = f"/offices/turku/events/{event.slug}/agenda"
    assert 'name="capacity"' in client.get(f"{page}/new").get_data(as_text=True)
    make.session(event, "Clinic", event.starts_at, event.ends_at, capacity=7)
    staff, public = client.get(page).text, client.get(f"/events/{event.slug}").text
    assert staff.count("0 of 7 seats taken") == 1
    assert public.count("7 seats, choose when you register") == 1
