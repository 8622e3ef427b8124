"""Scans of signed lists: who may, what is taken, and what stays of what was removed."""

import io
import os
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from interact_events.accounts.models import Level
from interact_events.attendance.actions import EVIDENCE
from interact_events.attendance.jobs import sweep_evidence
from interact_events.attendance.models import EvidenceFile
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.files import FilesAway, Folder, storage
from interact_events.core.jobs import run_queued
from interact_events.events.models import Event
from tests import make
from tests.attendance.reports import zoom
from tests.attendance.test_imports import ANNA
from tests.attendance.test_imports import sent as import_sent
from tests.client import TOKEN, Client, counted

PDF, PNG = b"%PDF-1.7\nsigned", b"\x89PNG\r\n\x1a\nsigned"
MB = 1024 * 1024


@pytest.fixture(autouse=True)
def folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's files are."""
    monkeypatch.setitem(app.extensions, "files", Folder(tmp_path / "files"))
    return tmp_path / "files" / EVIDENCE


@pytest.fixture
def event(app: Flask) -> Event:
    return make.event()


def page_of(event: Event) -> str:
    return f"/offices/turku/events/{event.slug}/attendance/paper"


def sent(
    client: Client, event: Event, *files: tuple[bytes, str], about: str = "event"
) -> TestResponse:
    """Send files as a browser does."""
    token = TOKEN.search(client.get(page_of(event)).text) or TOKEN.search(
        client.get("/contact").text
    )
    parts = [FileStorage(io.BytesIO(content), name) for content, name in files]
    fields = {"about": about, "csrf_token": token.group(1) if token else "", "files": parts}
    boundary, body = encode_multipart(fields)
    return client.post(
        f"{page_of(event)}/evidence",
        data=body,
        content_type=f"multipart/form-data; boundary={boundary}",
    )


def rows() -> list[EvidenceFile]:
    return list(db.session.scalars(select(EvidenceFile).order_by(EvidenceFile.id)))


def actions_of(event: Event) -> list[str]:
    found = select(AuditEntry.action).where(AuditEntry.action.contains("evidence"))
    return list(db.session.scalars(found.order_by(AuditEntry.id)))


# -- who may -------------------------------------------------------------------------------------


def test_editors_keep_open_and_remove(client: Client, app: Flask, event: Event) -> None:
    event.co_organisers.append(make.office("vienna"))
    for number, office in enumerate(("turku", "vienna")):
        client.sign_in(make.member(office, name=f"Editor {number}"))
        assert sent(client, event, (PDF + office.encode(), "list.pdf")).status_code == 303
        file = rows()[-1]
        address = f"{page_of(event)}/evidence/{file.id}"
        with client.get(address) as answer:
            assert answer.data == PDF + office.encode()
        assert client.press(f"{address}/remove").status_code == 303
        page = client.get(page_of(event)).text
        assert "<del>list.pdf</del>" in page
        assert f"Editor {number}" in page
        assert client.get(address).status_code == 404
        assert client.press(f"{address}/remove").status_code == 404
    run_queued(app)
    assert actions_of(event) == ["evidence kept", "evidence removed"] * 2
    assert list(storage().listed(EVIDENCE)) == []


def test_viewers_open_it_and_change_nothing(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    sent(client, event, (PDF, "list.pdf"))
    address = f"{page_of(event)}/evidence/{rows()[0].id}"
    client.sign_in(make.member(level=Level.VIEWER))
    with client.get(address) as answer:
        assert answer.status_code == 200
    assert "Add evidence" not in client.get(page_of(event)).text
    assert sent(client, event, (PNG, "a.png")).status_code == 403
    assert client.press(f"{address}/remove").status_code == 403
    assert [row.removed_at for row in rows()] == [None]


def test_others_find_nothing(client: Client, event: Event) -> None:
    registrant = make.registration(event).user
    client.sign_in(make.member())
    sent(client, event, (PDF, "list.pdf"))
    address = f"{page_of(event)}/evidence/{rows()[0].id}"
    for person in (make.member("vienna", Level.LEAD), registrant):
        client.sign_in(person)
        assert client.get(address).status_code == 404
        assert client.press(f"{address}/remove").status_code == 404
        assert sent(client, event, (PNG, "a.png")).status_code == 404
    assert len(rows()) == 1


def test_a_stranger_is_asked_to_sign_in(client: Client, event: Event) -> None:
    assert sent(client, event, (PDF, "list.pdf")).status_code == 302
    assert client.get(f"{page_of(event)}/evidence/1").status_code == 302
    assert rows() == []


def test_evidence_of_another_event_is_not_found(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    sent(client, event, (PDF, "list.pdf"))
    other = f"{page_of(make.event())}/evidence/{rows()[0].id}"
    assert client.get(other).status_code == 404
    assert client.press(f"{other}/remove").status_code == 404


def test_nothing_is_kept_without_the_forms_token(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    body = {"files": (io.BytesIO(PDF), "a.pdf"), "about": "event"}
    assert client.post(f"{page_of(event)}/evidence", data=body).status_code == 400
    assert rows() == []


# -- what is kept --------------------------------------------------------------------------------


def test_files_say_what_they_belong_to(client: Client, event: Event) -> None:
    client.sign_in(make.member(name="Anna Virtanen"))
    session = event.agenda[0]
    day = event.starts_at.date()
    sent(client, event, (PDF, "a.pdf"), (PNG, "b.png"), about=f"session-{session.id}")
    sent(client, event, (PDF + b"2", "c.pdf"), about=f"day-{day.isoformat()}")
    assert [(row.session_id, row.held_on) for row in rows()] == [
        (session.id, None),
        (session.id, None),
        (None, day),
    ]
    page = client.get(page_of(event)).text
    assert all(words in page for words in ("a.pdf", "b.png", "Anna Virtanen", "PDF, 16 bytes"))


def test_it_is_sent_as_a_file_that_runs_nothing(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    sent(client, event, (PNG, "Ζωή %22Žižka%22 <b>.png"))
    with client.get(f"{page_of(event)}/evidence/{rows()[0].id}") as answer:
        assert answer.mimetype == "image/png"
        named = answer.headers["Content-Disposition"]
        assert named.startswith('attachment; filename="Zoi Zizka b.png"; filename*=UTF-8')
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Cache-Control"] == "no-store"


# -- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "about", "sentence"),
    [
        ([], "event", "Choose at least one file."),
        ([(PDF, f"{n}.pdf") for n in range(11)], "event", "Send 10 files at most at once."),
        ([(b"", "a.pdf")], "event", "“a.pdf” is empty."),
        ([(PDF, "a.png")], "event", "its content is of another kind than its name says"),
        ([(PDF, "a.docx")], "event", "files of that type are not taken"),
        ([(b"<svg/>", "a.svg")], "event", "files of that type are not taken"),
        ([(b"MZ\x90\0", "a.pdf")], "event", "its content is of another kind than its name says"),
        ([(PDF + b"x" * 20 * MB, "a.pdf")], "event", "a file may have 20 MB at most"),
        ([(PDF, "a.pdf"), (PDF, "b.pdf")], "event", "“b.pdf” is there already, as “a.pdf”."),
        ([(PDF, "a.pdf")], "session-999999", "Choose one of those on offer."),
        ([(PDF, "a.pdf")], "day-1999-01-01", "Choose one of those on offer."),
        ([(PDF, "a.pdf")], "", "Please fill this in."),
    ],
)
def test_a_refusal_says_why_and_keeps_nothing(
    client: Client,
    event: Event,
    folder: Path,
    files: list[tuple[bytes, str]],
    about: str,
    sentence: str,
) -> None:
    client.sign_in(make.member())
    answer = sent(client, event, *files, about=about)
    assert answer.status_code == 200
    assert sentence in answer.text.replace("&#39;", "'")
    assert rows() == []
    assert not folder.exists() or list(folder.iterdir()) == []


def test_what_was_chosen_is_kept_after_a_refusal(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    about = f"session-{event.agenda[0].id}"
    answer = sent(client, event, (b"", "a.pdf"), about=about)
    assert f'<option selected value="{about}"' in answer.text


def test_the_same_file_is_kept_once_until_it_is_removed(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    assert sent(client, event, (PDF, "a.pdf")).status_code == 303
    assert "“b.pdf” is there already, as “a.pdf”." in sent(client, event, (PDF, "b.pdf")).text
    client.press(f"{page_of(event)}/evidence/{rows()[0].id}/remove")
    assert sent(client, event, (PDF, "b.pdf")).status_code == 303
    assert [row.file_name for row in rows() if row.stored_as] == ["b.pdf"]


def test_another_event_may_have_the_same_file(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    for each in (event, make.event()):
        assert sent(client, each, (PDF, "a.pdf")).status_code == 303


def test_a_storage_that_is_away_is_said_and_leaves_no_row(
    client: Client, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: Folder, name: str, content: io.BytesIO) -> None:
        raise FilesAway

    monkeypatch.setattr(Folder, "write", away)
    client.sign_in(make.member())
    assert "could not be saved just now" in sent(client, event, (PDF, "a.pdf")).text
    assert rows() == []


# -- the rest ------------------------------------------------------------------------------------


def test_the_sweep_removes_old_files_without_a_row_and_nothing_else(
    client: Client, event: Event, folder: Path
) -> None:
    client.sign_in(make.member())
    sent(client, event, (PDF, "a.pdf"))
    (kept,) = folder.iterdir()
    for name, hours in (("fresh", 23), ("old", 25)):
        storage().write(f"{EVIDENCE}/{name}", io.BytesIO(PDF))
        at = (clock.now() - timedelta(hours=hours)).timestamp()
        os.utime(folder / name, (at, at))
    os.utime(kept, (0, 0))
    sweep_evidence()
    assert set(folder.iterdir()) == {kept, folder / "fresh"}


def test_the_page_costs_the_same_for_three_files_as_for_one(
    client: Client, event: Event, connection: Connection
) -> None:
    costs = []
    for number in range(3):
        client.sign_in(make.member())
        sent(client, event, (PDF + bytes([number]), f"{number}.pdf"))
        if number == 1:
            client.press(f"{page_of(event)}/evidence/{rows()[1].id}/remove")
        with counted(connection) as statements:
            client.get(page_of(event))
        costs.append(len(statements))
    assert costs[0] == costs[2]


# -- compared with the storage -------------------------------------------------------------------


def checked(app: Flask) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["attendance", "check"])
    return result.exit_code, result.output


def test_a_command_says_what_is_missing_or_damaged(
    client: Client, app: Flask, event: Event, folder: Path
) -> None:
    client.sign_in(make.member())
    sent(client, event, (PDF, "list.pdf"), (PNG, "photo.png"))
    import_sent(event, zoom(ANNA))
    assert checked(app) == (0, "3 files: each is there.\n")
    kept, damaged = rows()
    (folder / (kept.stored_as or "").rpartition("/")[2]).rename(folder / "unnamed")
    (folder / (damaged.stored_as or "").rpartition("/")[2]).write_bytes(b"short")
    assert checked(app) == (
        1,
        (
            f"{event.slug}: “list.pdf” (evidence {kept.id}) has no file in the storage\n"
            f"{event.slug}: “photo.png” (evidence {damaged.id}) has 5 bytes instead of 14\n"
            "1 file without a row (a note: it is removed after a day)\n"
            "3 files: 2 missing or damaged.\n"
        ),
    )
