import re

import pytest
from flask import Flask
from sqlalchemy import Connection, select

from interact_events.accounts.models import Level
from interact_events.attendance.actions import close_attendance, correct, reopen_attendance
from interact_events.certificates.actions import except_person
from interact_events.certificates.models import Certificate
from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.jobs import Job, run_queued
from interact_events.events.models import Event, EventState
from tests import make
from tests.certificates.test_actions import ended_event, issue, participant
from tests.client import Client, counted


@pytest.fixture
def event(app: Flask) -> Event:
    return ended_event()


def address(event: Event) -> str:
    return f"/offices/turku/events/{event.slug}/certificates"


def test_the_lead_presses_and_watches(client: Client, event: Event, app: Flask) -> None:
    row = participant(event)
    lead = make.member(level=Level.LEAD)
    client.sign_in(lead)
    page = client.get(address(event)).get_data(as_text=True)
    assert "Issue 1 certificate</button>" in page
    answer = client.press(f"{address(event)}/issue")
    job = db.session.scalars(select(Job)).one()
    assert (answer.status_code, answer.location) == (303, f"/jobs/{job.id}")
    assert (job.owner_id, job.back_url) == (lead.id, address(event))
    run_queued(app)
    certificate = db.session.scalars(select(Certificate)).one()
    assert (certificate.registration_id, certificate.issued_by_id) == (row.id, lead.id)
    assert "1 certificate issued" in client.get(answer.location).get_data(as_text=True)
    assert f"/certificates/{certificate.code}.pdf" in client.get(address(event)).text


@pytest.mark.parametrize("level", [Level.VIEWER, Level.EDITOR])
def test_colleagues_see_but_do_not_issue(client: Client, event: Event, level: Level) -> None:
    participant(event)
    client.sign_in(make.member(level=level))
    page = client.get(address(event))
    assert page.status_code == 200
    assert "/issue" not in page.get_data(as_text=True)
    assert client.press(f"{address(event)}/issue").status_code == 403
    assert db.session.scalars(select(Job)).all() == []


def test_the_lead_of_a_co_organiser_does_not_issue(client: Client, event: Event) -> None:
    event.co_organisers.append(make.office("vienna"))
    client.sign_in(make.member("vienna", Level.LEAD))
    assert client.get(address(event)).status_code == 200
    assert client.press(f"{address(event)}/issue").status_code == 403


def test_another_office_and_the_participant_find_nothing(client: Client, event: Event) -> None:
    for person in (make.member("vienna", Level.LEAD), participant(event).user):
        client.sign_in(person)
        assert client.get(address(event)).status_code == 404
        assert client.press(f"{address(event)}/issue").status_code == 404


def test_a_stranger_is_asked_to_sign_in(client: Client, event: Event) -> None:
    assert client.get(address(event)).status_code == 302
    assert client.press(f"{address(event)}/issue").status_code == 302
    assert db.session.scalars(select(Job)).all() == []


def test_issuing_by_get_is_impossible(client: Client, event: Event) -> None:
    client.sign_in(make.member(level=Level.LEAD))
    assert client.get(f"{address(event)}/issue").status_code == 405


def test_nothing_is_issued_before_the_end(client: Client) -> None:
    event = make.event()
    make.presence(make.registration(event), event.sessions[0])
    client.sign_in(make.member(level=Level.LEAD))
    page = client.get(address(event)).get_data(as_text=True)
    assert "Certificates can be issued once the event has ended." in page
    assert "/issue" not in page
    assert client.press(f"{address(event)}/issue").status_code == 303
    assert db.session.scalars(select(Job)).all() == []


def test_a_cancelled_event_says_so(client: Client, event: Event) -> None:
    participant(event)
    event.state = EventState.CANCELLED
    client.sign_in(make.member(level=Level.LEAD))
    page = client.get(address(event)).text
    assert "so there is nothing to certify" in page
    assert f"{address(event)}/automatic" not in page


def test_an_event_without_learning_time_says_so(client: Client, event: Event) -> None:
    for session in event.sessions:
        session.is_learning = False
    db.session.commit()
    client.sign_in(make.member())
    page = client.get(address(event)).text
    assert "No session counts as learning time" in page
    assert "of the learning time (" not in page


def test_the_page_says_who_gets_one_and_who_does_not(client: Client, event: Event) -> None:
    participant(event, "Anna <i>")
    participant(event, "Bea", sessions=1)
    participant(event, "Cecilia", sessions=0)
    issue(participant(event, "Dora"))
    client.sign_in(make.member())
    page = client.get(address(event)).get_data(as_text=True)
    cells = re.findall(r"<td data-label=[^>]*>(.*?)</td>", page, re.S)
    plain = [" ".join(re.sub(r"<(?!i>)[^>]+>", "", cell).split()) for cell in cells]
    today = words.day(clock.now(), event.zone)
    assert [plain[i + 1 : i + 5] for i in range(0, len(plain), 5)] == [
        ["6 h of 6 h", "100 %", "To be issued", "100 % of the learning time; 80 % are needed."],
        ["3 h of 6 h", "50 %", "Gets none", "Only 50 % of the learning time; 80 % are needed."],
        ["0 h of 6 h", "0 %", "Gets none", "No attendance is noted."],
        ["6 h of 6 h", "100 %", "Issued Download", f"Issued {today}."],
    ]
    assert plain[0] == "Anna &lt;i&gt;Regional Council of Southwest Finland"


def test_the_page_costs_the_same_for_three_as_for_one(
    client: Client, event: Event, connection: Connection
) -> None:
    client.sign_in(make.member())
    costs = []
    for number in (1, 2):
        for n in range(number):
            issue(participant(event, f"Person {n}"))
            participant(event, f"Other {n}", sessions=1)
        with counted(connection) as statements:
            client.get(address(event))
        costs.append(len(statements))
    assert costs[0] == costs[1]


def names_shown(client: Client, event: Event, query: str) -> list[str]:
    page = client.get(f"{address(event)}?{query}").text
    return re.findall(r'data-label="Name"><a[^>]*><strong>(.*?)</strong>', page)


def test_three_hundred_people_are_counted_searched_and_narrowed(
    client: Client, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    participant(event, "Anna")
    participant(event, "Bea", sessions=1)
    make.no_show(participant(event, "Cecilia", sessions=0))
    participant(event, "Dóra", sessions=0)
    withheld = participant(event, "Emil")
    lead = make.member(level=Level.LEAD)
    except_person(withheld, gives=False, reason="Asked for none", actor=lead, now=clock.now())
    db.session.commit()
    client.sign_in(make.member())
    expected = {
        "show=to-be-issued": ["Anna"],
        "show=none": ["Bea", "Cecilia", "Dóra", "Emil"],
        "show=below": ["Bea"],
        "show=no-show": ["Cecilia"],
        "show=nothing&q=dora": ["Dóra"],
        "show=withheld": ["Emil"],
        "show=revoked": [],
        "show=nonsense": ["Anna", "Bea", "Cecilia", "Dóra", "Emil"],
    }
    assert {query: names_shown(client, event, query) for query in expected} == expected
    assert "No attendance noted (1)" in client.get(address(event)).text
    monkeypatch.setattr("interact_events.certificates.views.office.ROWS", 2)
    assert names_shown(client, event, "page=2") == ["Cecilia", "Dóra"]


def test_a_correction_that_is_open_is_said_of_the_person(client: Client, event: Event) -> None:
    row = participant(event, "Bea", sessions=1)
    lead = make.member(level=Level.LEAD)
    close_attendance(event, actor=lead, now=make.days(-9))
    reopen_attendance(event, reason="Wrong list", actor=lead, now=make.days(-8))
    when = clock.now()
    correct(row, event.sessions[0], present=False, reason="Was away", actor=lead, now=when)
    client.sign_in(lead)
    assert names_shown(client, event, "show=corrected") == ["Bea"]
    page = client.get(address(event)).text
    assert "has not been closed since" in page
    assert "Correction open</span>" in page
