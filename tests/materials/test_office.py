"""The office's pages: who may, what the forms take, and what they say."""

import io
import re
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from interact_events.accounts.models import Level
from interact_events.core.db import db
from interact_events.core.files import FilesAway, Folder
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Event, EventState
from interact_events.materials.models import Material
from interact_events.materials.queries import materials_of
from interact_events.materials.rules import Audience
from tests import make
from tests.client import TOKEN, Client, counted
from tests.materials.samples import PDF, content_of, material

ZOI = 'Ζωή "Žižka" <b>O\'Neil</b>'


@dataclass
class Desk:
    event: Event
    row: Material

    @property
    def index(self) -> str:
        return f"/offices/turku/events/{self.event.slug}/materials"

    @property
    def one(self) -> str:
        return f"{self.index}/{self.row.id}"

    @property
    def pages(self) -> list[str]:
        return [self.index, f"{self.index}/add", f"{self.index}/add-link", self.one]

    @property
    def presses(self) -> list[str]:
        return [f"{self.one}/move", f"{self.one}/delete", f"{self.index}/tell"]


@pytest.fixture
def desk(app: Flask) -> Desk:
    event = make.event()
    return Desk(event, material(event))


def upload(client: Client, address: str, *files: tuple[bytes, str], **fields: Any) -> TestResponse:
    """Send a form with files, as a browser does."""
    token = TOKEN.search(client.get(address).get_data(as_text=True))
    sent = {"audience": "confirmed", "csrf_token": token.group(1) if token else ""} | fields
    many = "files" if address.endswith("/add") else "file"
    parts = [FileStorage(io.BytesIO(content), name) for content, name in files]
    boundary, body = encode_multipart(sent | {many: parts})
    return client.post(address, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def text(answer: TestResponse) -> str:
    bare = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True).split("<main")[1])
    return " ".join(unescape(bare).split())


def rows(event: Event) -> list[tuple[str, str]]:
    return [(row.title, row.file_name or row.url) for row in materials_of(event)]


# -- who may -------------------------------------------------------------------------------------


def test_editors_of_the_office_and_of_co_organisers_may_do_all(client: Client, desk: Desk) -> None:
    desk.event.co_organisers.append(make.office("vienna"))
    make.registration(desk.event)
    for office in ("turku", "vienna"):
        client.sign_in(make.member(office))
        assert [client.get(page).status_code for page in desk.pages] == [200] * 4
        row = material(desk.event, office)
        for press in ("move", "delete"):
            assert client.press(f"{desk.index}/{row.id}/{press}").status_code == 303
    assert [row.title for row in materials_of(desk.event)] == ["Slides"]


def test_viewers_see_the_list_and_may_change_nothing(client: Client, desk: Desk) -> None:
    client.sign_in(make.member(level=Level.VIEWER))
    page = client.get(desk.index)
    assert "Slides" in text(page)
    assert "<form" not in page.get_data(as_text=True).split("<main")[1]
    assert [client.get(page).status_code for page in desk.pages[1:]] == [403] * 3
    assert [client.press(press).status_code for press in desk.presses] == [403] * 3
    for address in desk.pages[1:]:
        assert client.press(address, title="X").status_code == 403


def test_another_office_and_a_registrant_find_nothing(client: Client, desk: Desk) -> None:
    registrant = make.registration(desk.event).user
    for person in (make.member("vienna", Level.LEAD), registrant):
        client.sign_in(person)
        assert [client.get(page).status_code for page in desk.pages] == [404] * 4
        assert [client.press(press).status_code for press in desk.presses] == [404] * 3
        for address in desk.pages[1:]:
            assert client.press(address, title="X").status_code == 404
    assert rows(desk.event) == [("Slides", "slides.pdf")]


def test_a_stranger_is_asked_to_sign_in(client: Client, desk: Desk) -> None:
    assert [client.get(page).status_code for page in desk.pages] == [302] * 4
    assert [client.press(press).status_code for press in desk.presses] == [302] * 3


def test_a_material_of_another_event_is_not_found(client: Client, desk: Desk) -> None:
    other = material(make.event())
    client.sign_in(make.member())
    assert client.get(f"{desk.index}/{other.id}").status_code == 404
    assert client.press(f"{desk.index}/{other.id}/delete").status_code == 404
    assert client.press(f"{desk.index}/{other.id}/move").status_code == 404


def test_no_form_is_taken_without_its_token(client: Client, desk: Desk) -> None:
    client.sign_in(make.member())
    for address in (*desk.pages[1:], *desk.presses):
        sent = {"files": (io.BytesIO(PDF), "a.pdf"), "title": "X", "audience": "everyone"}
        assert client.post(address, data=sent).status_code == 400
    assert rows(desk.event) == [("Slides", "slides.pdf")]


# -- adding --------------------------------------------------------------------------------------


def test_several_files_are_added_at_once(client: Client, desk: Desk) -> None:
    """A browser sends a quotation mark of a name as %22."""
    session = desk.event.sessions[0]
    client.sign_in(make.member())
    answer = upload(
        client,
        f"{desk.index}/add",
        (PDF, "../unit_costs.pdf"),
        (b"a;b\n", "Ζωή %22Žižka%22 <b>.csv"),
        session=session.id,
        audience="came",
        available="2027-05-12T09:00",
    )
    assert answer.location == desk.index, text(answer)
    assert rows(desk.event) == [
        ("Slides", "slides.pdf"),
        ("unit costs", "unit_costs.pdf"),
        ("Ζωή Žižka b", "Ζωή Žižka b.csv"),
    ]
    added = materials_of(desk.event)[1:]
    assert {(row.session_id, row.audience) for row in added} == {(session.id, Audience.CAME)}
    assert content_of(added[0]) == PDF
    assert "2 files added" in text(client.get(desk.index))


def test_a_single_file_takes_its_title(client: Client, desk: Desk) -> None:
    client.sign_in(make.member())
    upload(client, f"{desk.index}/add", (PDF, "a.pdf"), title=ZOI)
    assert rows(desk.event)[1] == (ZOI, "a.pdf")
    assert ZOI in text(client.get(desk.index))
    assert "<b>O" not in client.get(desk.index).get_data(as_text=True)


def test_a_refused_file_is_said_beside_its_field_and_nothing_is_kept(
    client: Client, desk: Desk, folder: Path
) -> None:
    client.sign_in(make.member())
    files = [(PDF, "good.pdf"), (b"MZ\x90\0", "evil.pdf")]
    answer = upload(
        client, f"{desk.index}/add", *files, audience="came", available="2027-05-12T09:00"
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "“evil.pdf” can't be shared: its content is of another kind" in text(answer)
    assert re.search(r'id="files-error"', page)
    assert re.search(r'<input[^>]*checked[^>]*value="came"', page)
    assert 'value="2027-05-12T09:00"' in page
    assert rows(desk.event) == [("Slides", "slides.pdf")]
    assert len(list(folder.iterdir())) == 1


def test_a_refusal_of_the_action_keeps_no_file(client: Client, desk: Desk, folder: Path) -> None:
    client.sign_in(make.member())
    answer = upload(client, f"{desk.index}/add", (PDF, "a.pdf"), available="2027-03-28T03:30")
    assert "does not exist on that day" in text(answer)
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    ("files", "fields", "sentence"),
    [
        ([], {}, "Choose at least one file."),
        ([(PDF, f"{n}.pdf") for n in range(11)], {}, "Send 10 files at most at once."),
        ([(PDF, "a.pdf"), (PDF, "b.pdf")], {"title": "X"}, "Leave this empty for several files"),
        ([(PDF, "a.pdf")], {"audience": ""}, "Say who may open it."),
        ([(PDF, "a.pdf")], {"audience": "nobody"}, "Choose one of those on offer."),
        ([(PDF, "a.pdf")], {"session": "999999"}, "Choose one of those on offer."),
        ([(b"", "a.pdf")], {}, "“a.pdf” is empty."),
    ],
)
def test_what_the_form_asks_for(
    client: Client,
    desk: Desk,
    files: list[tuple[bytes, str]],
    fields: dict[str, str],
    sentence: str,
) -> None:
    client.sign_in(make.member())
    assert sentence in text(upload(client, f"{desk.index}/add", *files, **fields))
    assert len(rows(desk.event)) == 1


@pytest.fixture
def small(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of 3 MB at most: less than the general limit lets in together with the fields."""
    settings = replace(app.extensions["settings"], max_file_mb=3)
    monkeypatch.setitem(app.extensions, "settings", settings)


MB = 1024 * 1024


@pytest.mark.usefixtures("small")
def test_a_file_may_be_as_large_as_the_setting_says(client: Client, desk: Desk) -> None:
    client.sign_in(make.member())
    most = b"%PDF-" + b"x" * (3 * MB - 5)
    assert (
        upload(client, f"{desk.index}/add", (most, "most.pdf"), (most, "b.pdf")).status_code == 303
    )
    assert materials_of(desk.event)[1].size == 3 * MB
    answer = upload(client, f"{desk.index}/add", (most + b"x", "more.pdf"))
    assert "“more.pdf” has 3.0 MB; a file may have 3 MB at most." in text(answer)


@pytest.mark.usefixtures("small")
def test_more_than_all_files_together_is_refused_before_it_is_read(
    client: Client, desk: Desk
) -> None:
    client.sign_in(make.member())
    answer = upload(client, desk.one, (b"%PDF-" + b"x" * 5 * MB, "a.pdf"), title="X")
    assert answer.status_code == 303
    assert "That was more than 3 MB at once." in text(client.get(desk.index))


@pytest.mark.parametrize("page", ["add-link", "tell"])
def test_other_routes_keep_the_general_limit(client: Client, desk: Desk, page: str) -> None:
    client.sign_in(make.member())
    answer = upload(client, f"{desk.index}/{page}", (PDF * 100, "a.pdf"))
    assert answer.status_code == 413


def test_strangers_send_no_large_bodies(client: Client, desk: Desk) -> None:
    """Nobody reads what somebody sends who may not send it."""
    body = Unread(b"x" * (4 * MB))
    answer = client.post(
        f"{desk.index}/add",
        input_stream=body,
        content_length=4 * MB,
        content_type="multipart/form-data; boundary=b",
    )
    assert answer.status_code == 302
    assert body.tell() == 0


class Unread(io.BytesIO):
    """A body that tells how far it was read."""


def test_no_transaction_is_open_while_a_body_arrives(client: Client, desk: Desk) -> None:
    client.sign_in(make.member())
    open_ = []

    class Slow(io.BytesIO):
        def readinto(self, target: Any) -> int:
            open_.append(db.session().in_transaction())
            return super().readinto(target)

    client.post(
        f"{desk.index}/add",
        input_stream=Slow(b"--b\r\n\r\n--b--\r\n"),
        content_length=17,
        content_type="multipart/form-data; boundary=b",
    )
    assert open_
    assert not any(open_)


def test_a_storage_that_is_away_is_said_and_leaves_no_row(
    client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: Folder, name: str, content: io.BytesIO) -> None:
        raise FilesAway

    monkeypatch.setattr(Folder, "write", away)
    client.sign_in(make.member())
    answer = upload(client, f"{desk.index}/add", (PDF, "a.pdf"))
    assert "could not be saved just now" in text(answer)
    assert len(rows(desk.event)) == 1


def test_a_link_is_added_and_edited(client: Client, desk: Desk) -> None:
    client.sign_in(make.member())
    said = {"title": "Portal", "url": "https://keep.eu", "audience": "everyone"}
    assert client.press(f"{desk.index}/add-link", **said).status_code == 303
    link = materials_of(desk.event)[1]
    assert (link.title, link.url, link.file_name) == ("Portal", "https://keep.eu", "")
    edited = said | {"url": "https://keep.eu/projects"}
    assert client.press(f"{desk.index}/{link.id}", **edited).status_code == 303
    db.session.refresh(link)
    assert link.url == "https://keep.eu/projects"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "keep.eu", "data:text/html,x", "//a.b"])
def test_a_link_leads_to_web_pages_only(client: Client, desk: Desk, url: str) -> None:
    client.sign_in(make.member())
    said = {"title": "Portal", "url": url, "audience": "everyone"}
    answer = client.press(f"{desk.index}/add-link", **said)
    assert "starts with https:// or http://" in text(answer)
    assert f'value="{url}"' in answer.get_data(as_text=True)
    assert len(rows(desk.event)) == 1


# -- editing -------------------------------------------------------------------------------------


def test_the_form_shows_what_is_said_in_the_events_zone(client: Client, desk: Desk) -> None:
    desk.row.available_at = make.days(3).replace(hour=6)
    desk.row.session_id = desk.event.sessions[0].id
    client.sign_in(make.member())
    page = client.get(desk.one).get_data(as_text=True)
    assert re.search(r'name="available"[^>]*value="[\d-]+T0[89]:00"', page)  # Helsinki
    assert re.search(rf'<option selected value="{desk.row.session_id}"', page)
    assert 'value="Slides"' in page


def test_a_file_is_replaced_at_its_address(client: Client, desk: Desk) -> None:
    code = desk.row.code
    client.sign_in(make.member())
    assert upload(client, desk.one, (b"%PDF-2", "v2.pdf"), title="Slides 2").status_code == 303
    assert rows(desk.event) == [("Slides 2", "v2.pdf")]
    answer = client.get(f"/materials/{code}")
    assert answer.data == b"%PDF-2"


def test_saving_without_a_file_keeps_the_old_one(client: Client, desk: Desk) -> None:
    client.sign_in(make.member())
    assert upload(client, desk.one, title="Better", audience="everyone").status_code == 303
    assert rows(desk.event) == [("Better", "slides.pdf")]
    assert content_of(materials_of(desk.event)[0]) == PDF


def test_a_refused_replacement_changes_nothing(client: Client, desk: Desk) -> None:
    client.sign_in(make.member())
    answer = upload(client, desk.one, (b"<html>", "v2.html"), title="New title")
    assert "“v2.html” can't be shared" in text(answer)
    assert 'value="New title"' in answer.get_data(as_text=True)
    assert rows(desk.event) == [("Slides", "slides.pdf")]


def test_a_session_off_the_agenda_can_stay(client: Client, desk: Desk) -> None:
    session = make.session(desk.event, "Gone", desk.event.starts_at, desk.event.ends_at)
    desk.row.session_id, session.cancelled_at = session.id, make.days(0)
    client.sign_in(make.member())
    assert "off the agenda" in text(client.get(desk.index))
    assert client.press(desk.one, title="X", audience="came", session=session.id).status_code == 303
    assert desk.row.session_id == session.id
    link = {"title": "X", "url": "https://keep.eu", "audience": "came"}
    link["session"] = str(session.id)
    assert "Choose one of those on offer." in text(client.press(f"{desk.index}/add-link", **link))


def test_rows_move_and_go(client: Client, desk: Desk) -> None:
    second = material(desk.event, "Second")
    client.sign_in(make.member())
    answer = client.press(f"{desk.index}/{second.id}/move", page=desk.index, to="up")
    assert answer.location == f"{desk.index}#material-{second.id}"
    assert [row.title for row in materials_of(desk.event)] == ["Second", "Slides"]
    client.press(f"{desk.index}/{second.id}/delete", page=desk.index)
    assert rows(desk.event) == [("Slides", "slides.pdf")]
    assert "“Second” is deleted." in text(client.get(desk.index))


def test_the_history_of_the_event_names_what_was_done(client: Client, desk: Desk) -> None:
    client.sign_in(make.member(name="Aino Mäkelä"))
    upload(client, desk.one, (b"%PDF-2", "v2.pdf"), title="Slides 2")
    history = text(client.get(f"/offices/turku/events/{desk.event.slug}/"))
    assert "Material replaced : Slides 2" in history.replace("replaced:", "replaced :")
    assert "Aino Mäkelä" in history


# -- telling -------------------------------------------------------------------------------------


def test_the_count_is_shown_before_the_press_and_nobody_after_it(
    client: Client, desk: Desk
) -> None:
    for name in ("Anna", ZOI):
        make.registration(desk.event, make.user(name))
    material(desk.event, "Later", available_at=make.days(1))
    client.sign_in(make.member())
    page = client.get(desk.index)
    assert "Tell 2 people" in text(page)
    assert f"{ZOI}, 1 material" in text(page)
    answer = client.press(f"{desk.index}/tell", page=desk.index)
    assert answer.location == desk.index
    after = text(client.get(desk.index))
    assert "2 people get a mail." in after
    assert "has been told" in after
    assert "Tell 2 people" not in after
    assert len(db.session.scalars(select(OutboxMessage)).all()) == 2
    client.press(f"{desk.index}/tell", page=desk.index)
    assert "told already" in text(client.get(desk.index))
    assert len(db.session.scalars(select(OutboxMessage)).all()) == 2


@pytest.mark.parametrize(
    ("state", "sentence"),
    [(EventState.DRAFT, "Publish it first"), (EventState.CANCELLED, "This event is cancelled.")],
)
def test_why_nobody_can_be_told(
    client: Client, desk: Desk, state: EventState, sentence: str
) -> None:
    make.registration(desk.event)
    desk.event.state = state
    client.sign_in(make.member())
    page = client.get(desk.index)
    assert sentence in text(page)
    assert "/tell" not in page.get_data(as_text=True)


def test_the_list_costs_the_same_for_three_as_for_one(
    client: Client, desk: Desk, connection: Connection
) -> None:
    client.sign_in(make.member())
    make.registration(desk.event)
    costs = []
    for _ in range(2):
        for address in (desk.index, desk.one):
            with counted(connection) as statements:
                client.get(address)
            costs.append(len(statements))
        for _ in range(2):
            make.presence(make.registration(desk.event), desk.event.sessions[0])
            material(desk.event, session_id=desk.event.sessions[0].id)
    assert costs[:2] == costs[2:]
