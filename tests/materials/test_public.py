"""What people open: parts of pages, the page of their own, and each file with its checks."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from interact_events.accounts.models import Level, User
from interact_events.core.files import FilesAway, Folder
from interact_events.events.models import Event, EventState
from interact_events.materials.models import Material
from interact_events.materials.rules import Audience
from interact_events.registrations.models import Registration, State
from tests import make
from tests.client import Client, counted
from tests.materials.samples import PDF, material

EVERYONE, CONFIRMED, CAME = Audience.EVERYONE, Audience.CONFIRMED, Audience.CAME
ZOI = 'Ζωή "Žižka" <b>O\'Neil</b>'


@pytest.fixture
def event(app: Flask) -> Event:
    return make.event()


def seat(event: Event, *, came: bool = False) -> Registration:
    row = make.registration(event)
    if came:
        make.presence(row, event.sessions[0])
    return row


def get(client: Client, row: Material, **headers: str) -> TestResponse:
    answer = client.get(f"/materials/{row.code}", headers=list(headers.items()))
    answer.get_data()  # which also closes the file
    return answer


# -- who gets a file -----------------------------------------------------------------------------


def people(event: Event) -> dict[str, User]:
    other = make.event()
    return {
        "another office": make.member("vienna", Level.LEAD),
        "seat elsewhere": seat(other, came=True).user,
        "waits": make.registration(event, state=State.WAITLISTED).user,
        "applied": make.registration(event, state=State.PENDING).user,
        "cancelled": make.registration(event, state=State.CANCELLED).user,
        "secretly chosen": make.registration(event, told_at=make.days(1)).user,
        "seat": seat(event).user,
        "came": seat(event, came=True).user,
        "staff": make.member(level=Level.VIEWER),
        "coordinator": make.coordinator(),
    }


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        (CONFIRMED, {"seat", "came", "staff", "coordinator"}),
        (CAME, {"came", "staff", "coordinator"}),
    ],
)
def test_each_download_is_checked(
    client: Client, event: Event, audience: Audience, expected: set[str]
) -> None:
    row = material(event, audience=audience)
    codes = {}
    for who, person in people(event).items():
        client.sign_in(person)
        codes[who] = get(client, row).status_code
    assert {who for who, code in codes.items() if code == 200} == expected
    assert set(codes.values()) == {200, 404}


def test_what_is_for_everyone_needs_no_account(client: Client, event: Event) -> None:
    answer = get(client, material(event, audience=EVERYONE))
    assert (answer.status_code, answer.data) == (200, PDF)


def test_a_stranger_learns_nothing_and_may_sign_in(client: Client, event: Event) -> None:
    row = material(event)
    for code in (row.code, "no-such-code"):
        answer = client.get(f"/materials/{code}")
        assert answer.status_code == 302
        assert answer.location == f"/sign-in?next=%2Fmaterials%2F{code}"


def test_a_material_of_a_session_is_for_those_who_came_to_it(client: Client, event: Event) -> None:
    later = make.session(event, "Later", event.starts_at, event.ends_at)
    row = material(event, audience=CAME, session_id=later.id)
    person = seat(event, came=True)
    client.sign_in(person.user)
    assert get(client, row).status_code == 404
    make.presence(person, later)
    assert get(client, row).status_code == 200


def test_before_its_instant_only_staff_open_it(client: Client, event: Event) -> None:
    row = material(event, audience=EVERYONE, available_at=make.days(1))
    assert get(client, row).status_code == 302
    client.sign_in(seat(event).user)
    assert get(client, row).status_code == 404
    client.sign_in(make.member())
    assert get(client, row).status_code == 200


def test_of_a_draft_only_staff_open_anything(client: Client) -> None:
    row = material(make.event(state=EventState.DRAFT), audience=EVERYONE)
    assert get(client, row).status_code == 302
    client.sign_in(make.user())
    assert get(client, row).status_code == 404
    client.sign_in(make.member())
    assert get(client, row).status_code == 200


def test_a_cancelled_event_keeps_what_was_shared(client: Client, event: Event) -> None:
    row, person = material(event), seat(event)
    event.state = EventState.CANCELLED
    client.sign_in(person.user)
    assert get(client, row).status_code == 200


def test_a_link_leads_on_only_for_those_it_is_for(client: Client, event: Event) -> None:
    row = material(event, url="https://keep.eu/projects?a=1")
    client.sign_in(make.user())
    assert get(client, row).status_code == 404
    client.sign_in(seat(event).user)
    answer = get(client, row)
    assert (answer.status_code, answer.location) == (302, "https://keep.eu/projects?a=1")
    assert answer.headers["Cache-Control"] == "no-store"


# -- how a file is sent --------------------------------------------------------------------------


def test_a_file_is_saved_and_never_shown(client: Client, event: Event) -> None:
    row = material(event, audience=EVERYONE, name="Übersicht Ζωή.pdf")
    answer = get(client, row)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="Ubersicht Zoi.pdf"; '
        "filename*=UTF-8''%C3%9Cbersicht%20%CE%96%CF%89%CE%AE.pdf"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.content_length == len(PDF)
    assert "private" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("asked", "code", "part"),
    [
        ("bytes=0-4", 206, PDF[:5]),
        ("bytes=100-", 206, PDF[100:]),
        ("bytes=-10", 206, PDF[-10:]),
        ("bytes=5-99999999", 206, PDF[5:]),
        ("bytes=99999999-", 416, None),
        ("lines=1-2", 416, None),
    ],
)
def test_a_broken_download_goes_on(
    client: Client, event: Event, asked: str, code: int, part: bytes | None
) -> None:
    answer = get(client, material(event, audience=EVERYONE), Range=asked)
    assert answer.status_code == code
    if part is not None:
        assert answer.data == part
        assert answer.content_length == len(part)
        assert answer.headers["Content-Range"].endswith(f"/{len(PDF)}")


def test_a_range_of_a_replaced_file_gives_the_whole_new_one(client: Client, event: Event) -> None:
    row = material(event, audience=EVERYONE, sha256="1" * 64)
    part = get(client, row, **{"Range": "bytes=0-4", "If-Range": f'"{row.sha256}"'})
    assert part.status_code == 206
    whole = get(client, row, **{"Range": "bytes=0-4", "If-Range": '"another"'})
    assert (whole.status_code, whole.data) == (200, PDF)


def test_an_unchanged_file_is_not_sent_again(client: Client, event: Event) -> None:
    row = material(event, audience=EVERYONE)
    answer = get(client, row, **{"If-None-Match": f'"{row.sha256}"'})
    assert (answer.status_code, answer.data) == (304, b"")


def test_head_tells_the_length_and_opens_no_file(
    client: Client, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = material(event, audience=EVERYONE)
    monkeypatch.setattr(Folder, "read", lambda *_: pytest.fail("opened"))
    answer = client.head(f"/materials/{row.code}")
    assert (answer.status_code, answer.content_length, answer.data) == (200, len(PDF), b"")


def test_a_large_file_is_read_piece_by_piece(client: Client, event: Event) -> None:
    content = b"%PDF-" + bytes(range(256)) * 4096 * 3
    answer = client.get(
        f"/materials/{material(event, audience=EVERYONE, content=content).code}", buffered=False
    )
    pieces = [piece for piece in answer.response if isinstance(piece, bytes)]
    assert len(pieces) > 10
    assert b"".join(pieces) == content
    answer.close()


def test_a_lost_file_is_not_found_and_logged(client: Client, event: Event, folder: Path) -> None:
    row = material(event, audience=EVERYONE)
    (folder / Path(row.stored_as or "").name).unlink()
    with capture_logs() as logged:
        assert get(client, row).status_code == 404
    assert ("file_missing", row.id) in [(e["event"], e.get("material_id")) for e in logged]


def test_a_storage_that_is_away_asks_to_come_back(
    client: Client, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(self: Folder, name: str, start: int, stop: int) -> Iterator[bytes]:
        raise FilesAway

    row = material(event, audience=EVERYONE)
    monkeypatch.setattr(Folder, "read", away)
    assert get(client, row).status_code == 503


def test_no_address_leads_to_the_stored_name(client: Client, event: Event) -> None:
    row = material(event, audience=EVERYONE)
    name = row.stored_as or ""
    client.sign_in(make.coordinator())
    for address in (f"/{name}", f"/files/{name}", f"/static/{name}", f"/materials/{row.id}"):
        assert client.get(address).status_code == 404


# -- pages ---------------------------------------------------------------------------------------


def shown(client: Client, address: str) -> list[str]:
    """The titles that a page lists."""
    page = client.get(address).get_data(as_text=True)
    return re.findall(r'class="material-title"[^>]*>(.*?)</a>', page)


@pytest.fixture
def shelf(event: Event) -> Event:
    """One of each."""
    material(event, "All", EVERYONE)
    material(event, "Seats", CONFIRMED, url="https://keep.eu/x")
    material(event, "Present", CAME)
    material(event, "Later", EVERYONE, available_at=make.days(1))
    return event


def test_the_event_page_shows_each_viewer_theirs(client: Client, shelf: Event) -> None:
    page = f"/events/{shelf.slug}"
    assert shown(client, page) == ["All"]
    for person, expected in (
        (make.user(), ["All"]),
        (seat(shelf).user, ["All", "Seats"]),
        (seat(shelf, came=True).user, ["All", "Seats", "Present"]),
        (make.member("vienna"), ["All"]),
        (make.member(level=Level.VIEWER), ["All", "Seats", "Present", "Later"]),
    ):
        client.sign_in(person)
        assert shown(client, page) == expected


def test_a_page_without_materials_says_nothing_of_them(client: Client, event: Event) -> None:
    material(event, "Seats", CONFIRMED)
    assert 'id="materials"' not in client.get(f"/events/{event.slug}").get_data(as_text=True)


def test_titles_are_escaped_and_links_do_not_leave_unchecked(client: Client, event: Event) -> None:
    material(event, ZOI, EVERYONE, url="https://keep.eu/secret")
    page = client.get(f"/events/{event.slug}").get_data(as_text=True)
    assert "Ζωή &#34;Žižka&#34; &lt;b&gt;O&#39;Neil&lt;/b&gt;" in page
    assert "keep.eu/secret" not in page
    assert "keep.eu" in page


def test_staff_see_in_the_preview_of_a_draft_what_is_ready(client: Client) -> None:
    event = make.event(state=EventState.DRAFT)
    material(event, "Handout")
    client.sign_in(make.member())
    assert shown(client, f"/offices/turku/events/{event.slug}/preview") == ["Handout"]


def test_the_registrants_own_page_shows_theirs(client: Client, shelf: Event) -> None:
    mine, waits = seat(shelf), make.registration(shelf, state=State.WAITLISTED)
    for row, expected in ((mine, ["All", "Seats"]), (waits, ["All"])):
        client.sign_in(row.user)
        assert shown(client, f"/my/registrations/{row.id}") == expected


def test_my_materials_shows_what_is_mine_by_event(client: Client, shelf: Event) -> None:
    other, draft = make.event("Audit"), make.event("Draft", state=EventState.DRAFT)
    material(other, "Audit slides", session_id=other.sessions[0].id)
    material(make.event("Elsewhere"), "Not mine", EVERYONE)
    material(draft, "Draft", EVERYONE)
    person = seat(shelf, came=True).user
    make.registration(draft, person)
    make.registration(make.event("Waits"), person, State.WAITLISTED)
    make.registration(other, person)
    client.sign_in(person)
    assert sorted(shown(client, "/my/materials")) == ["All", "Audit slides", "Present", "Seats"]


def test_my_materials_empty(client: Client, event: Event) -> None:
    assert client.get("/my/materials").status_code == 302
    client.sign_in(make.user())
    assert "Nothing is shared with you yet" in client.get("/my/materials").get_data(as_text=True)


def test_pages_cost_the_same_for_three_as_for_one(
    client: Client, event: Event, connection: Connection
) -> None:
    mine = seat(event, came=True)
    client.sign_in(mine.user)
    pages = [f"/events/{event.slug}", f"/my/registrations/{mine.id}", "/my/materials"]
    material(event)
    costs = []
    for _ in range(2):
        for page in pages:
            client.get(page)
            with counted(connection) as statements:
                client.get(page)
            costs.append(len(statements))
        for _ in range(2):
            material(event, audience=CAME, session_id=event.sessions[0].id)
            other = make.event()
            make.registration(other, mine.user)
            material(other, session_id=other.sessions[0].id)
    assert costs[:3] == costs[3:]


def test_a_download_costs_few_statements(
    client: Client, event: Event, connection: Connection
) -> None:
    row = material(event)
    client.sign_in(seat(event).user)
    with counted(connection) as statements:
        get(client, row)
    assert len(statements) <= 9
