import re
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, select

from interact_events.accounts.actions import delete_account
from interact_events.accounts.models import Level, User
from interact_events.accounts.queries import personal_data
from interact_events.certificates import actions, queries, rules
from interact_events.certificates.actions import RecordDraft, new_code
from interact_events.certificates.models import (
    Certificate,
    LearningRecord,
    LearningRecordFile,
    RecordEnding,
    RecordShare,
)
from interact_events.certificates.rules import Days, RecordFacts
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Event, EventState, Mode
from interact_events.interreg.models import Objective, Topic
from interact_events.registrations.models import Registration, State
from tests import make
from tests.certificates.test_actions import ended_event
from tests.certificates.test_public import drop
from tests.client import Client, counted
from tests.core import poppler
from tests.pdf import signed_part

NAME = 'Ζωή "Žižka" <b>O\'Neil</b>'


def attend(event: Event, person: User, sessions: int = 2) -> Registration:
    row = make.registration(event, person)
    make.presence(row, *event.sessions[:sessions])
    return row


@pytest.fixture
def person(app: Flask) -> User:
    """Somebody who was at one event."""
    somebody = make.user(NAME)
    event = ended_event(title="Cost options <i>")
    event.topics = list(db.session.scalars(select(Topic).order_by(Topic.id).limit(2)))
    event.objective = db.session.scalars(select(Objective).limit(1)).one()
    attend(event, somebody)
    return somebody


def certify(row: Registration) -> Certificate:
    """A certificate without the drawing of one."""
    facts = actions.facts_of(row, queries.attended_by(row), now=clock.now())
    draft = actions.Draft(row.id, new_code(), facts, b"%PDF-")
    certificate = actions.issue_certificate(draft, actor=row.user, now=clock.now())
    db.session.commit()
    assert certificate
    return certificate


def facts_of(person: User, days: Days = Days()) -> RecordFacts:  # noqa: B008  # frozen
    now = clock.now()
    return queries.record_of(person, queries.learnt_by(person, now=now), days, now=now)


def issue_record(
    person: User, content: bytes = b"%PDF-", now: datetime | None = None
) -> LearningRecord:
    """As the press does it, but for the drawing."""
    draft = RecordDraft(person.id, new_code(), facts_of(person), content)
    record = actions.issue_record(draft, now=now or clock.now())
    db.session.commit()
    return record


# -- what it says --------------------------------------------------------------------------------


def test_only_what_was_attended_at_events_that_are_over_counts(person: User) -> None:
    attend(ended_event(title="Nobody ticked"), person, 0)
    attend(ended_event(title="Cancelled", state=EventState.CANCELLED), person)
    attend(make.event("To come"), person)
    attend(ended_event(title="Gave the seat back"), person).state = State.CANCELLED
    db.session.commit()
    facts = facts_of(person)
    (event,) = facts.events
    assert (facts.name, event.title, event.place) == (NAME, "Cost options <i>", "Turku, Finland")
    assert [(s.title, s.minutes) for s in event.sessions] == [
        ("Flat rates", 180),
        ("Audit trail", 180),
    ]
    assert (event.attended_minutes, event.learning_minutes, event.certificate) == (360, 360, "")
    assert [total.minutes for total in facts.by_topic] == [360, 360]
    assert [total.minutes for total in facts.by_objective] == [360]


def test_parallel_sessions_count_once_and_days_leave_out_the_rest(person: User) -> None:
    start = make.days(-400).replace(hour=9)
    spans = [(start, start + timedelta(hours=2)), (start, start + timedelta(hours=1))]
    spans.append((start + timedelta(days=2), start + timedelta(days=2, hours=3)))
    event = make.event(
        "Course",
        starts_at=start,
        ends_at=start + timedelta(days=2, hours=3),
        mode=Mode.HYBRID,
        online_capacity=5,
        sessions=[(f"Part {i}", *span) for i, span in enumerate(spans)],
    )
    row = make.registration(event, person, is_online=True)
    make.presence(row, *event.sessions)
    course = facts_of(person).events[1]
    assert (course.attended_minutes, course.place) == (300, "Online (Turku, Finland)")
    assert course.attended_minutes == queries.attended_minutes_of(row)
    first = clock.to_local(start, event.zone).date()
    part = facts_of(person, Days(first, first)).events
    assert [(e.title, e.attended_minutes, e.learning_minutes, e.is_part) for e in part] == [
        ("Course", 120, 120, True)
    ]
    assert facts_of(person, Days(first, first)).has_parallel_sessions


# -- issuing -------------------------------------------------------------------------------------


def test_what_is_verified_is_what_was_issued(client: Client, person: User) -> None:
    certificate = certify(queries.learnt_by(person, now=clock.now())[0].registration)
    facts, record = facts_of(person), issue_record(person)
    person.name = "Somebody Else"
    told = client.get(f"/certificates/verify/{rules.printed(record.code)}.json").json
    assert told
    assert rules.record_from_json(told["facts"]) == facts
    assert (told["kind"], told["state"], told["attended_minutes"]) == (
        "learning record",
        "valid",
        360,
    )
    page = client.get(f"/certificates/verify/{record.code.lower()}")
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "This learning record is valid" in page.text
    assert "Ζωή &#34;Žižka&#34; &lt;b&gt;O&#39;Neil&lt;/b&gt;" in page.text
    assert rules.printed(certificate.code) in page.text
    assert person.email not in page.text


def test_a_day_has_its_limit(person: User) -> None:
    now = clock.now()
    for hours in range(5):
        issue_record(person, now=now + timedelta(hours=hours))
    again = clock.to_local(now + timedelta(days=1), person.zone)
    with pytest.raises(DomainError, match=f"You have issued 5 records.*{again:%H:%M}"):
        issue_record(person, now=now + timedelta(hours=6))
    issue_record(person, now=now + timedelta(hours=24))
    assert len(queries.records_of(person)) == 6


def test_nothing_is_issued_about_nothing(client: Client) -> None:
    client.sign_in(make.user())
    assert "Nothing to record yet" in client.get("/my/record").text
    answer = client.press("/my/record/issue", page="/my/")
    assert (answer.status_code, db.session.scalars(select(LearningRecord)).all()) == (303, [])


def test_an_issued_file_is_signed_tagged_and_told_from_a_changed_one(
    client: Client, person: User, tmp_path: Path
) -> None:
    start = make.days(-30).replace(hour=9)
    hours = [start + timedelta(hours=i) for i in range(41)]
    sessions = [(f"Teil {i}", hours[i], hours[i + 1]) for i in range(40)]
    long = "Donaudampfschifffahrtsgesellschaftskapitänsversammlung"
    event = make.event(long, starts_at=start, ends_at=hours[-1], sessions=sessions)
    attend(event, person, 40)
    client.sign_in(person)
    pressed = client.press("/my/record/issue", page="/my/record")
    assert pressed.location == "/my/record#issued"
    (record,) = queries.records_of(person)
    assert record.facts == rules.record_as_json(facts_of(person))
    answer = client.get(f"/my/record/{record.code}.pdf")
    assert answer.headers["Content-Disposition"].startswith(
        "attachment; filename=learning-record-all-years-zoi"
    )
    file = tmp_path / "record.pdf"
    file.write_bytes(answer.data)
    assert record.sha256 == sha256(answer.data).hexdigest()
    assert signed_part(answer.data) == answer.data
    text = " ".join(poppler.run("pdftotext", file, "-").split())
    for said in (NAME, long, "46 h of learning at 2 events, 42 sessions", "Teil 39", "Page 2 of 2"):
        assert said in text
    assert text.count("Event and its sessions Day Attended") >= 2
    assert rules.printed(record.code) in text
    assert "Co-funded by the European Union" in text
    _is_accessible(file)
    client.press("/sign-out")
    for content, said in ((answer.data, "byte for byte"), (answer.data + b"x", "was changed")):
        page = drop(client, content).text
        assert said in page
        assert f"Learning record {rules.printed(record.code)}" in page
    assert "This file was changed" in drop(client, b"%PDF-" + answer.data[500:]).text


def _is_accessible(file: Path) -> None:
    assert "pdfuaid:part" in poppler.run("pdfinfo", "-meta", file)
    assert b"/Lang (en)" in poppler.objects_of(file)
    tags = poppler.run("pdfinfo", "-struct-text", file)
    order = [
        tags.index(part) for part in ("Figure", "H1", '"Learning record"', "H2", "Table", "TH")
    ]
    assert order == sorted(order)
    elements = re.findall(r"^ *(Figure|H1|H2)\b", tags, re.MULTILINE)  # a code may hold "H1" too
    assert [elements.count(each) for each in ("Figure", "H1", "H2")] == [2, 1, 4]
    fonts = [line.split() for line in poppler.run("pdffonts", file).splitlines()[2:]]
    assert {(font[-5], font[-3]) for font in fonts} == {("yes", "yes")}  # embedded, to Unicode


def test_its_owner_alone_fetches_and_revokes_it(client: Client, person: User) -> None:
    record = issue_record(person)
    address = f"/my/record/{record.code}"
    assert client.get(f"{address}.pdf").status_code == 302  # to the sign-in page
    for other in (make.user(), make.member(level=Level.LEAD), make.coordinator()):
        client.sign_in(other)
        for wanted in (f"{address}.pdf", f"{address}/revoke"):
            assert client.get(wanted).status_code == 404
        assert client.press(f"{address}/revoke").status_code == 404
    client.sign_in(person)
    assert client.get(f"{address}.pdf").data == b"%PDF-"
    assert "6 h of learning" in client.get(f"{address}/revoke").text
    assert client.press(f"{address}/revoke").status_code == 303
    assert ">Revoked<" in client.get("/my/record").text
    with pytest.raises(DomainError, match="revoked already"):
        actions.revoke_record(record, actor=person, now=clock.now())
    page = client.get(f"/certificates/verify/{record.code}").text
    assert "This learning record was revoked" in page
    assert queries.latest_record(person.id, Days()) is None
    done = db.session.scalars(select(AuditEntry.action).where(AuditEntry.actor_id == person.id))
    assert {"issued", "revoked"} <= set(done)


# -- the page ------------------------------------------------------------------------------------


def test_the_page_shows_the_days_that_are_chosen(client: Client, person: User) -> None:
    client.sign_in(person)
    page = client.get("/my/record").text
    assert "Cost options &lt;i&gt;" in page
    assert "6 h of 6 h" in page
    year = facts_of(person).by_year[0].name
    assert f"/my/record?since={year}-01-01&amp;until={year}-12-31" in page
    none = client.get("/my/record", query_string={"until": "2014-05-01"}).text
    assert "Nothing is noted for these days" in none
    wrong = client.get("/my/record?since=2027-05-02&until=2027-05-01").text
    assert "This day is before the first one." in wrong
    assert "Give a day, like 2027-05-12." in client.get("/my/record?since=then").text
    for start in ("/my/", "/my/certificates"):
        assert 'href="/my/record"' in client.get(start).text


def test_the_page_costs_the_same_for_three_events_as_for_one(
    client: Client, person: User, connection: Connection
) -> None:
    client.sign_in(person)
    token = share(client)
    costs = []
    for _ in range(2):
        for address in ("/my/record", f"/record/{token}"):
            with counted(connection) as statements:
                client.get(address)
            costs.append(len(statements))
        for title in ("Second", "Third"):
            event = ended_event(title=title)
            event.topics = list(db.session.scalars(select(Topic).limit(3)))
            certify(attend(event, person))
        issue_record(person)
        issue_record(person)
        share(client)
    assert costs[:2] == costs[2:]


# -- sharing -------------------------------------------------------------------------------------


def share(client: Client, **values: str) -> str:
    """Make a link; the page shows it once."""
    answer = client.press("/my/record/share", page="/my/record", lasts="90", **values)
    page = client.get(answer.location).text
    found = re.search(r'id="new-link" readonly value="http://localhost/record/([\w-]+)"', page)
    assert found
    assert "new-link" not in client.get(answer.location).text
    return found[1]


def test_whoever_has_the_link_reads_the_record_and_nothing_else(
    client: Client, person: User
) -> None:
    client.sign_in(person)
    token = share(client)
    (row,) = db.session.scalars(select(RecordShare))
    assert len(token) >= 43
    assert token not in (row.token_hash, str(row.id))
    assert row.expires_at - row.created_at == timedelta(days=90)
    client.press("/sign-out")
    address = f"/record/{token}"
    assert client.get(f"{address}/record.pdf").status_code == 404
    record = issue_record(person)
    answer = client.get(address)
    assert (answer.status_code, answer.headers["X-Robots-Tag"]) == (200, "noindex, nofollow")
    assert "Cost options &lt;i&gt;" in answer.text
    assert person.email not in answer.text
    assert "<form" not in answer.text.split("<main")[1]
    file = client.get(f"{address}/record.pdf")
    assert (file.data, file.headers["X-Robots-Tag"]) == (b"%PDF-", "noindex, nofollow")
    assert record.sha256 == sha256(file.data).hexdigest()


def test_a_link_leads_to_its_days_alone(client: Client, person: User) -> None:
    issue_record(person)  # of all years
    client.sign_in(person)
    token = share(client, until="2014-12-31")
    assert "Cost options" not in client.get(f"/record/{token}").text
    assert client.get(f"/record/{token}/record.pdf").status_code == 404


def test_a_link_that_ended_leads_nowhere(client: Client, person: User) -> None:
    client.sign_in(person)
    ended, expired = share(client), share(client)
    newer, older = queries.shares_of(person, now=clock.now())
    newer.expires_at = clock.now()
    end = f"/my/record/links/{older.id}/end"
    client.sign_in(make.user())
    assert client.press(end).status_code == 404
    client.sign_in(person)
    assert client.press(end).status_code == 303
    assert queries.shares_of(person, now=clock.now()) == []
    assert "The link works no more." in client.get("/my/record").text
    dead = [f"/record/{token}" for token in (ended, expired, "no")]
    pages = [client.get(address + file) for address in dead for file in ("", "/record.pdf")]
    assert {page.status_code for page in pages} == {410}
    assert {page.headers["X-Robots-Tag"] for page in pages} == {"noindex, nofollow"}
    main = re.compile(r"<main.*</main>", re.S)
    assert len({main.findall(page.text)[0] for page in pages}) == 1


def test_links_are_guessed_and_made_within_limits(client: Client, person: User) -> None:
    now = clock.now()
    for _ in range(10):
        actions.share_record(person, Days(), lasts=timedelta(days=7), now=now)
    with pytest.raises(DomainError, match="10 links that work"):
        actions.share_record(person, Days(), lasts=timedelta(days=7), now=now)
    tries = [client.get(f"/record/{i}").status_code for i in range(11)]
    assert tries == [410] * 10 + [429]


# -- leaving -------------------------------------------------------------------------------------


def test_what_it_said_goes_with_the_account(client: Client, person: User) -> None:
    record = issue_record(person)
    token = actions.share_record(person, Days(), lasts=timedelta(days=7), now=clock.now())
    data = personal_data(person, clock.now())
    assert data["learning_records"][0]["facts"]["name"] == NAME
    assert len(data["links_to_the_record"]) == 1
    delete_account(person, now=clock.now())
    db.session.commit()
    assert (record.facts, record.ending) == ({}, RecordEnding.ERASED)
    assert db.session.scalars(select(LearningRecordFile)).all() == []
    assert client.get(f"/record/{token}").status_code == 410
    page = client.get(f"/certificates/verify/{record.code}").text
    assert "This learning record was erased" in page
    assert "deleted their account" in page
    assert NAME[:3] not in page
    told = client.get(f"/certificates/verify/{record.code}.json").json
    assert told
    assert (told["state"], told["facts"]) == ("erased", None)


def test_no_link_outlives_an_account_deleted_in_another_tab(app: Flask, person: User) -> None:
    now = clock.now()
    delete_account(person, now=now)
    with pytest.raises(DomainError, match="deleted"):
        actions.share_record(person, Days(), lasts=timedelta(days=7), now=now)
