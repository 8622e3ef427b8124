"""What the office takes along, finds and sends again."""

import csv
import subprocess
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import Connection, select

from interact_events.accounts.models import Level
from interact_events.certificates import rules
from interact_events.certificates.actions import revoke_certificate, send_again
from interact_events.certificates.models import Certificate
from interact_events.core import clock, jobs
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.jobs import Job, JobState, run_queued
from interact_events.core.joining import join
from interact_events.core.outbox import MailState, OutboxMessage
from interact_events.core.pdf import lay_out, write
from interact_events.events.models import Event
from tests import make
from tests.certificates.stored import stored
from tests.certificates.test_actions import ended_event, issue, participant
from tests.certificates.test_public import drop
from tests.client import Client, counted
from tests.core import poppler

NAME = 'Ζωή "Žižka" <b>O\'Neil</b>'


@pytest.fixture
def event(app: Flask) -> Event:
    return ended_event()


def address(event: Event, rest: str = "") -> str:
    return f"/offices/turku/events/{event.slug}/certificates{rest}"


PAGES = ("/register.xlsx", "/codes.csv", "/send-again")


def test_who_may_take_and_send_them(client: Client, event: Event) -> None:
    row = participant(event)
    stored(row)
    search = "/offices/turku/certificates"
    client.sign_in(make.member(level=Level.VIEWER))
    assert [client.get(address(event, rest)).status_code for rest in PAGES] == [200, 200, 403]
    assert client.get(search).status_code == 200
    for person in (make.member("vienna", Level.LEAD), row.user):
        client.sign_in(person)
        assert [client.get(address(event, rest)).status_code for rest in PAGES] == [404] * 3
        assert client.get(search).status_code == 404
        for kind in ("zip", "pdf"):
            assert client.press(address(event, f"/files/{kind}")).status_code == 404
    client.sign_in(make.coordinator())
    assert client.get(search).status_code == 200


# -- files ---------------------------------------------------------------------------------------


def file_of(client: Client, job: Job) -> bytes:
    with client.get(f"/jobs/{job.id}/file") as answer:
        return bytes(answer.data)


def test_the_zip_has_each_signed_file_under_a_safe_name(
    client: Client, event: Event, app: Flask
) -> None:
    kept = [stored(participant(event, name)) for name in (NAME, "../../etc/passwd", "🎉")]
    revoked = stored(participant(event, "Revoked"))
    revoke_certificate(revoked, reason="Wrong", actor=make.member(), now=clock.now())
    db.session.commit()
    client.sign_in(make.member(level=Level.VIEWER))
    client.press(address(event, "/files/zip"))
    run_queued(app)
    job = db.session.scalars(select(Job)).one()
    assert (job.state, job.outcome) == (JobState.DONE, "3 certificates in one file.")
    archive = ZipFile(BytesIO(file_of(client, job)))
    assert archive.testzip() is None
    codes = [rules.printed(each.code) for each in kept]
    assert sorted(archive.namelist()) == sorted(
        [
            f"certificate-zoi-zizka-b-o-neil-b-{codes[0]}.pdf",
            f"certificate-etc-passwd-{codes[1]}.pdf",
            f"certificate-tada-{codes[2]}.pdf",
        ]
    )
    assert {archive.read(name)[:9] for name in archive.namelist()} == {b"%PDF-1.7\n"}


def test_the_joined_pages_are_copies(
    client: Client, event: Event, app: Flask, tmp_path: Path
) -> None:
    for name in ("Bea", NAME):
        issue(participant(event, name))
    client.sign_in(make.member(level=Level.VIEWER))
    client.press(address(event, "/files/pdf"))
    run_queued(app)
    file = tmp_path / "joined.pdf"
    file.write_bytes(file_of(client, db.session.scalars(select(Job)).one()))
    assert "Pages:           2" in poppler.run("pdfinfo", file)
    for page in ("1", "2"):
        text = poppler.run("pdftotext", "-f", page, "-l", page, file, "-")
        assert "Copy to be printed, without a signature." in text
        assert "Head of Interact Office Turku" in text
        assert ("Bea" in text) is (page == "1")
    client.press("/sign-out")
    dropped = drop(client, file.read_bytes()).text
    assert "This file is a collection of copies" in dropped
    assert "verify each certificate by its own code" in dropped
    signatures = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=False)
    assert "does not contain any signatures" in signatures.stdout


def test_without_certificates_there_is_no_file(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    client.press(address(event, "/files/zip"))
    assert db.session.scalars(select(Job)).all() == []


def test_who_left_the_office_fetches_nothing(client: Client, event: Event, app: Flask) -> None:
    stored(participant(event))
    colleague = make.member()
    client.sign_in(colleague)
    client.press(address(event, "/files/zip"))
    run_queued(app)
    job = db.session.scalars(select(Job)).one()
    for membership in colleague.memberships:
        membership.ended_at = clock.now()
    assert client.get(f"/jobs/{job.id}/file").status_code == 404


def test_joining_some_at_a_time_keeps_order_and_outline(app: Flask, tmp_path: Path) -> None:
    page = write(lay_out('<html lang="en"><title>A</title><p>Text', "css/pdf/copy.css"))
    told: list[int] = []
    file = tmp_path / "joined.pdf"
    with file.open("wb") as out:
        people = ((f"Person {n}", page) for n in range(120))
        join(people, out, note=page, told=told.append)
    assert told == list(range(1, 121))
    assert "Pages:           120" in poppler.run("pdfinfo", file)


def test_a_disk_that_fills_up_leaves_no_half_file(
    event: Event, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from interact_events.certificates.views import files  # noqa: PLC0415

    stored(participant(event))

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write_zip", full)
    job = jobs.start(
        files.zip_certificates,
        "ZIP",
        actor=make.member(),
        now=clock.now(),
        back_url="/",
        event_id=event.id,
    )
    db.session.commit()
    run_queued(app)
    db.session.refresh(job)
    assert (job.state, job.stored_as) == (JobState.FAILED, "")
    assert "no room left on the disk" in job.outcome


# -- register ------------------------------------------------------------------------------------


def test_the_register_has_all_that_were_ever_issued(client: Client, event: Event) -> None:
    old = stored(participant(event, "=1+1"))
    revoke_certificate(old, reason="@Wrong", actor=make.member(name="Ann Lead"), now=clock.now())
    new = stored(participant(event, NAME))
    db.session.commit()
    client.sign_in(make.member(level=Level.VIEWER))
    book = load_workbook(BytesIO(client.get(address(event, "/register.xlsx")).data))
    head, first, second = list(book["Certificates"].values)
    line = dict(zip(head, first, strict=True))
    assert (line["Number"], line["Code"], line["Name"]) == ("1", rules.printed(old.code), "'=1+1")
    assert (line["State"], line["Reason"], line["Ended by"]) == ("revoked", "'@Wrong", "Ann Lead")
    assert (line["Hours"], line["Of hours"]) == ("6.00", "6.00")
    assert dict(zip(head, second, strict=True))["Name"] == NAME
    answer = client.get(address(event, "/codes.csv"))
    assert answer.data[:3] == b"\xef\xbb\xbf"
    lines = list(csv.reader(StringIO(answer.data.decode("utf-8-sig"))))
    assert lines == [
        ["Code", "Name", "State"],
        [rules.printed(old.code), "'=1+1", "revoked"],
        [rules.printed(new.code), NAME, "valid"],
    ]


# -- mails ---------------------------------------------------------------------------------------


def mails() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def test_those_whose_mail_failed_are_ticked_and_pressed_twice_get_one(
    client: Client, event: Event
) -> None:
    failed, fine = stored(participant(event, "Failed")), stored(participant(event, "Fine"))
    mails()[0].state, mails()[1].state = MailState.FAILED, MailState.SENT
    db.session.commit()
    client.sign_in(make.member())
    page = client.get(address(event, "/send-again")).text
    tokens = [f"{failed.id}-{mails()[0].id}", f"{fine.id}-{mails()[1].id}"]
    assert f'value="{tokens[0]}" aria-label="Send to Failed" checked' in page
    assert f'value="{tokens[1]}" aria-label="Send to Fine">' in page
    for _ in range(2):
        client.press(address(event, "/send-again"), mail=[tokens[0], "nonsense", "9-9"])
    assert [(row.key, row.kind) for row in mails()[2:]] == [
        (f"certificate-again:{failed.id}:{mails()[0].id}", "certificates.certificate_ready")
    ]
    trail = select(AuditEntry).where(AuditEntry.action == "mail sent again")
    assert [entry.subject_id for entry in db.session.scalars(trail)] == [failed.id]
    assert "checked" not in client.get(address(event, "/send-again")).text
    assert (
        " checked" in client.get(address(event, f"/send-again?person={fine.registration_id}")).text
    )


def test_a_certificate_that_ended_is_not_sent_again(event: Event) -> None:
    certificate = stored(participant(event))
    token = f"{certificate.id}-{mails()[0].id}"
    revoke_certificate(certificate, reason="x", actor=make.member(), now=clock.now())
    assert send_again(event, [token], actor=make.member(), now=clock.now()) == 0


# -- search --------------------------------------------------------------------------------------


def found(client: Client, **query: str) -> list[str]:
    page = client.get("/offices/turku/certificates", query_string=query).text
    names = page.split('data-label="Name"')[1:]
    return [each.split("<strong>")[1].split("</strong>")[0] for each in names]


def test_certificates_are_found_by_name_code_and_event(client: Client, event: Event) -> None:
    one = stored(participant(event, "Zoë Žižka"))
    other = ended_event(title="Audit trail", office_id=make.office("vienna").id)
    stored(participant(other, "Elsewhere"))
    helped = ended_event(title="State aid", office_id=make.office("vienna").id)
    helped.co_organisers.append(make.office())
    helped.search_text = "state aid"
    stored(participant(helped, "Helped 100%"))
    client.sign_in(make.member(level=Level.VIEWER))
    assert found(client) == ["Helped 100%", "Zoë Žižka"]
    assert found(client, q="zizka ZOE") == ["Zoë Žižka"]
    code = rules.printed(one.code)
    for typed in (code, code.lower(), one.code, one.code[5:11], code.replace("0", "O")):
        assert found(client, q=typed) == ["Zoë Žižka"]
    assert found(client, q="100%") == ["Helped 100%"]
    assert len(found(client, q="\u0301")) == 2  # an accent alone is no word
    assert found(client, event="Štate") == ["Helped 100%"]
    assert found(client, q="zizka", event="state") == []
    client.sign_in(make.member("vienna"))
    assert client.get("/offices/turku/certificates").status_code == 404


def test_the_search_costs_the_same_for_three_as_for_one(
    client: Client, event: Event, connection: Connection
) -> None:
    client.sign_in(make.member(level=Level.EDITOR))
    pages = ("/offices/turku/certificates", *(address(event, rest) for rest in ("", *PAGES)))
    costs = []
    for number in (1, 2):
        for n in range(number):
            stored(participant(event, f"Person {number}{n}"), actor=make.member())
        with counted(connection) as statements:
            for page in pages:
                client.get(page)
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_a_frozen_certificate_keeps_the_name_it_is_found_by(event: Event) -> None:
    certificate = stored(participant(event, "Ελένη"))
    assert db.session.get_one(Certificate, certificate.id).search_text == "eleni"


def test_too_many_pages_are_refused_in_words(
    client: Client, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    from interact_events.certificates.views import files  # noqa: PLC0415

    stored(participant(event))
    monkeypatch.setattr(files, "MOST_JOINED", 0)
    client.sign_in(make.member())
    answer = client.press(address(event, "/files/pdf"), page="/offices/turku/")
    assert answer.status_code == 303
    assert db.session.scalars(select(Job)).all() == []
