"""Static files: named by what they hold, kept for a year, zipped."""

import gc
import gzip
import re
from pathlib import Path

import pytest
from flask import Flask, url_for

from interact_events.core.web.assets import BOOTSTRAP, ORDER, Assets
from interact_events.core.web.garbage import CollectingBetween
from tests.client import Client

YEAR = "public, max-age=31536000, immutable"


def _folder(app: Flask) -> Path:
    return Path(str(app.static_folder))


def test_a_page_waits_for_one_style_sheet_and_for_nothing_else(client: Client) -> None:
    page = client.get("/events").text
    (sheet,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    assert re.fullmatch(r"/static/css/site\.[0-9a-f]{12}\.css", sheet)
    assert all('type="module"' in tag for tag in re.findall(r"<script[^>]*src=[^>]*>", page))
    whole = client.get(sheet)
    assert whole.headers["Cache-Control"] == YEAR
    assert whole.content_type == "text/css; charset=utf-8"
    zipped = client.get(sheet, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(zipped.data) == whole.data
    assert len(zipped.data) < 60_000


def test_the_sheet_holds_all_sheets_in_their_order(app: Flask) -> None:
    assets = Assets(_folder(app))
    names = [path.stem for path in assets.sheets]
    assert tuple(names[: len(ORDER)]) == ORDER
    assert set(names) == {path.stem for path in (_folder(app) / "css").glob("*.css")}
    assert assets["css/site.css"].body.startswith(BOOTSTRAP.read_bytes()[:100])


def test_a_script_imports_others_by_their_marked_names(client: Client, app: Flask) -> None:
    with app.test_request_context():
        desk = url_for("static", filename="js/check-in.js")
        names = url_for("static", filename="js/names.js")
    assert f'from "./{names.rpartition("/")[2]}"' in client.get(desk).text
    assert client.get(names).headers["Cache-Control"] == YEAR


def test_a_name_of_another_release_gets_what_there_is_but_not_for_long(client: Client) -> None:
    for name in ("js/copy.js", "js/copy.0123456789ab.js"):
        answer = client.get(f"/static/{name}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, no-cache")
        known = {"If-None-Match": answer.headers["ETag"]}
        assert client.get(f"/static/{name}", headers=known).status_code == 304


@pytest.mark.parametrize(
    "name", ["js/none.js", "../app.py", "css/../../app.py", "js/none.0123456789ab.js"]
)
def test_what_is_not_there_is_not_found(client: Client, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_garbage_is_looked_for_between_requests_where_threads_are(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    monkeypatch.setattr(gc, "disable", lambda: None)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(gc, "collect", lambda generation=2: looks.append(generation))
    monkeypatch.setattr(gc, "get_count", lambda: (60_000, 0, 0))
    between = CollectingBetween(lambda _environ, _start: [b""])
    for _ in range(3):
        between({"wsgi.multithread": False}, lambda *_: None)  # type: ignore[arg-type]
    assert looks == []
    for _ in range(101):
        between({"wsgi.multithread": True}, lambda *_: None)  # type: ignore[arg-type]
    assert (looks[0], looks[1:10], looks[10], looks[100]) == (2, [0] * 9, 1, 2)
