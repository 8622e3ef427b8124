import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from interact_events.config import ROOT
from interact_events.core.pdf import OwnAssets, RefusedAsset, lay_out, write

SHEET = "css/pdf/certificate.css"


def page(body: str) -> str:
    return f'<html lang="en"><head><title>Page</title></head><body>{body}</body></html>'


@pytest.fixture
def web() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine, and what it was asked for."""
    asked: list[str] = []

    class Answers(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # named by the library
            asked.append(self.path)
            self.send_error(404)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/x.svg", asked
        server.shutdown()


@pytest.mark.parametrize(
    "body",
    [
        '<img src="{}" alt="">',
        '<link rel="stylesheet" href="{}">',
        '<link rel="attachment" href="{}">',
        '<object data="{}" type="image/svg+xml"></object>',
        '<style>@import "{}";</style>',
        "<style>@font-face {{ font-family: x; src: url({}) }} p {{ font-family: x }}</style><p>x",
        '<p style="background-image: url({})">x</p>',
    ],
)
def test_the_web_is_refused_and_never_asked(body: str, web: tuple[str, list[str]]) -> None:
    address, asked = web
    with pytest.raises(RefusedAsset, match=r"x\.svg"):
        write(lay_out(page(body.format(address)), SHEET))
    assert asked == []


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "file:///etc/hostname",
        "../app.py",
        "../interact_events/config.py",
        "img/../../pyproject.toml",
        "img/%2e%2e/%2e%2e/pyproject.toml",
        "file://elsewhere/share/x.svg",
        "ftp://127.0.0.1/x.svg",
        "data:image/svg+xml,<svg/>",
        "img/missing.svg",
        "js/job.js",
        "/etc/passwd",
    ],
)
def test_a_place_outside_the_assets_is_refused(address: str) -> None:
    with pytest.raises(RefusedAsset):
        lay_out(page(f'<img src="{address}" alt="">'), SHEET)


def test_a_link_out_of_the_assets_is_refused(tmp_path: Path) -> None:
    link = ROOT / "static/img/way-out.svg"
    link.symlink_to("/etc/passwd")
    try:
        with pytest.raises(RefusedAsset):
            OwnAssets({}).fetch(link.as_uri())
    finally:
        link.unlink()


def test_own_assets_and_parts_are_given() -> None:
    assets = OwnAssets({"part.svg": b"<svg/>"})
    emblem = ROOT / "static/img/eu-emblem.svg"
    assert assets.fetch(emblem.as_uri()).read() == emblem.read_bytes()
    assert assets.fetch((ROOT / "static/part.svg").as_uri()).read() == b"<svg/>"
    assert assets.refused == []
