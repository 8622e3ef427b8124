"""Headers, cookies, error pages, logs and safe Markdown."""

import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import structlog
from flask import Flask, abort
from flask_migrate import upgrade
from sqlalchemy import event, select, text
from sqlalchemy.exc import OperationalError

from interact_events.config import Mode
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.markdown import markdown
from interact_events.core.web import filters, pages
from interact_events.core.web.access import public
from interact_events.core.web.forms import one_line, strip
from interact_events.factory import create_app
from interact_events.interreg.models import Programme
from tests import make
from tests.client import TOKEN, Client
from tests.conftest import settings_for

Patch = pytest.MonkeyPatch


@pytest.fixture
def production(tmp_path: Path, database_url: str) -> Flask:
    """The application as production runs it."""
    settings = settings_for(
        tmp_path,
        database_url,
        mode=Mode.PRODUCTION,
        base_url="https://events.interact.example",
        mail_url="smtp://127.0.0.1:1",
    )
    return create_app(settings, queue_in_memory=True)


@pytest.fixture
def log(app: Flask) -> Iterator[StringIO]:
    """What is logged meanwhile, as it is written."""
    before, buffer = structlog.get_config(), StringIO()
    structlog.configure(**before | {"logger_factory": structlog.PrintLoggerFactory(buffer)})
    yield buffer
    structlog.configure(**before)


def entries(log: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def break_contact(app: Flask, patch: Patch, error: Exception | int) -> None:
    """Let /contact fail."""

    @public
    def contact() -> str:
        if isinstance(error, int):
            abort(error)
        raise error

    patch.setitem(app.view_functions, "pages.contact", contact)


# Headers and cookies


def test_every_answer_carries_the_headers_that_keep_it_to_itself(client: Client) -> None:
    for address in ("/contact", "/healthz", "/nowhere", "/static/css/theme.css", "/my/profiles"):
        answer = client.get(address)
        answer.close()
        headers = answer.headers
        assert {
            name: headers.get(name)
            for name in (
                "Content-Security-Policy",
                "X-Content-Type-Options",
                "X-Frame-Options",
                "Referrer-Policy",
                "Permissions-Policy",
                "Cross-Origin-Opener-Policy",
            )
        } == {
            "Content-Security-Policy": (
                "default-src 'self'; img-src 'self' data:; worker-src 'self'; object-src 'none'; "
                "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
            ),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
            "Cross-Origin-Opener-Policy": "same-origin",
        }, address


def test_only_https_promises_https(client: Client, production: Flask) -> None:
    name = "Strict-Transport-Security"
    https = production.test_client().get("/healthz", base_url="https://events.interact.example")
    assert (client.get("/healthz").headers.get(name), https.headers.get(name)) == (
        None,
        "max-age=31536000; includeSubDomains",
    )


def test_cookie_is_for_this_site_only(client: Client) -> None:
    (cookie,) = client.get("/sign-in").headers.getlist("Set-Cookie")
    name, *flags = cookie.split("; ")
    assert name.startswith("interact_events=")
    assert sorted(flags) == ["HttpOnly", "Path=/", "SameSite=Lax"]


def test_cookie_in_production_travels_encrypted_only(production: Flask) -> None:
    answer = production.test_client().get("/sign-in", base_url="https://events.interact.example")
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert "Secure" in cookie.split("; ")


def test_stranger_who_reads_gets_no_cookie(client: Client) -> None:
    assert client.get("/privacy").headers.getlist("Set-Cookie") == []


def test_production_has_no_page_of_mails(production: Flask) -> None:
    answer = production.test_client().get("/dev/mail", base_url="https://events.interact.example")
    assert answer.status_code == 404


def test_production_answers_to_its_own_name_only(production: Flask) -> None:
    browser = production.test_client()
    answers = {
        host: browser.get("/healthz", base_url=f"https://{host}").status_code
        for host in ("events.interact.example", "127.0.0.1", "evil.example")
    }
    assert answers == {"events.interact.example": 200, "127.0.0.1": 200, "evil.example": 400}


# Error pages


@pytest.mark.parametrize(
    ("code", "title"),
    [
        (400, "We could not read that request"),
        (403, "You may not do that"),
        (404, "We can&#39;t find that page"),
        (405, "That address can&#39;t be used this way"),
        (413, "That is too large"),
        (429, "Too many tries"),
        (500, "Something went wrong on our side"),
        (503, "We can&#39;t answer right now"),
    ],
)
def test_error_page_has_the_look_of_the_site(
    client: Client, monkeypatch: Patch, code: int, title: str
) -> None:
    break_contact(client.application, monkeypatch, code)
    answer = client.get("/contact")
    page = answer.get_data(as_text=True)
    assert answer.status_code == code
    assert f"<h1>{title}</h1>" in page
    assert ("site-header" in page, "site-footer" in page) == (True, True)


def test_unknown_address_is_404(client: Client) -> None:
    assert client.get("/nowhere").status_code == 404


def test_wrong_method_is_405_and_says_which_is_right(client: Client) -> None:
    answer = client.press("/contact")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_form_without_token_is_400(client: Client) -> None:
    answer = client.post("/sign-in", data={"email": "zoi@example.org"})
    assert answer.status_code == 400
    assert "the form was open for too long" in answer.get_data(as_text=True)


def test_body_that_is_too_large_is_413(client: Client) -> None:
    answer = client.post("/sign-in", data={"email": "x" * 3_000_000})
    assert answer.status_code == 413
    assert "<h1>That is too large</h1>" in answer.get_data(as_text=True)


def test_bug_is_500_and_tells_nothing(client: Client, monkeypatch: Patch, log: StringIO) -> None:
    break_contact(client.application, monkeypatch, RuntimeError("a pipe burst"))
    answer = client.get("/contact")
    assert answer.status_code == 500
    assert "pipe" not in answer.get_data(as_text=True)
    bug = next(entry for entry in entries(log) if entry["event"] == "bug")
    assert "RuntimeError: a pipe burst" in bug["exception"]
    assert bug["request_id"] == answer.headers["X-Request-Id"]


def test_without_a_database_everybody_is_asked_to_come_back(
    client: Client, monkeypatch: Patch, log: StringIO
) -> None:
    def away(*_arguments: object) -> None:
        raise OperationalError("SELECT 1", None, Exception("the database is away"))

    client.sign_in(make.user())
    monkeypatch.setattr(client.application.login_manager, "_user_callback", away)  # type: ignore[attr-defined]
    answer = client.get("/contact")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    page = answer.get_data(as_text=True)
    assert "<h1>We can&#39;t answer right now</h1>" in page
    assert "Please try again in a minute." in page
    assert "away" not in page
    assert "Content-Security-Policy" in answer.headers
    assert [entry["event"] for entry in entries(log)] == [
        "database_away",
        "error_page_failed",
        "request",
    ]


def test_a_database_that_is_locked_too_long_is_said_too(tmp_path: Path) -> None:
    app = create_app(settings_for(tmp_path, f"sqlite:///{tmp_path / 'locked.sqlite'}"))
    with app.app_context():
        upgrade()
        event.listen(db.engine, "connect", lambda c, _record: c.execute("PRAGMA busy_timeout=50"))
        db.engine.dispose()
        with db.engine.connect() as other:  # its transaction holds SQLite's one write lock
            other.execute(text("SELECT 1"))
            answer = app.test_client().post("/sign-in")
            assert answer.status_code == 400  # without a token nothing is asked
            browser = app.test_client()
            token = TOKEN.search(browser.get("/sign-in").text)
            assert token
            form = {"email": "a@example.org", "password": "x", "csrf_token": token.group(1)}
            assert browser.post("/sign-in", data=form).status_code == 503
        assert browser.post("/sign-in", data=form).status_code == 200
        db.engine.dispose()


def test_untrusted_host_gets_a_page(production: Flask) -> None:
    answer = production.test_client().get("/contact", base_url="https://evil.example")
    assert "<h1>We could not read that request</h1>" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("came_from", "goes_to"),
    [
        ("http://localhost/events", "http://localhost/events"),
        ("http://localhost.evil.example/events", "/"),
        (None, "/"),
    ],
)
def test_refusal_is_said_where_the_press_came_from(
    client: Client, monkeypatch: Patch, came_from: str | None, goes_to: str
) -> None:
    refusal = DomainError("The <b>last</b> seat is gone.")
    break_contact(client.application, monkeypatch, refusal)
    answer = client.get("/contact", headers={"Referer": came_from} if came_from else {})
    assert (answer.status_code, answer.location) == (303, goes_to)
    said = client.get("/privacy").get_data(as_text=True)
    assert "The &lt;b&gt;last&lt;/b&gt; seat is gone.</div>" in said


# Logs


def test_request_is_one_line_of_json_without_personal_data(client: Client, log: StringIO) -> None:
    client.sign_in(make.user("Ζωή Žižka", email="zoi@example.org"))
    answer = client.get(
        "/certificates/verify/SECRET-CODE?q=zoi@example.org",
        headers={"User-Agent": "Zoi's browser"},
        environ_base={"REMOTE_ADDR": "192.0.2.7"},
    )
    (entry,) = entries(log)
    assert (entry.pop("ms") >= 0, bool(entry.pop("timestamp"))) == (True, True)
    assert entry == {
        "event": "request",
        "level": "info",
        "method": "GET",
        "route": "/certificates/verify/<code>",
        "status": answer.status_code,
        "request_id": answer.headers["X-Request-Id"],
    }


def test_unknown_address_is_not_logged(client: Client, log: StringIO) -> None:
    client.get("/zoi@example.org")
    assert [(entry["route"], entry["status"]) for entry in entries(log)] == [(None, 404)]


def test_each_request_has_a_number_of_its_own(client: Client) -> None:
    numbers = {client.get("/healthz").headers["X-Request-Id"] for _ in range(3)}
    assert len(numbers) == 3
    assert all(re.fullmatch("[0-9a-f]{16}", number) for number in numbers)


# Markdown


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*a* **b** `c`", "<p><em>a</em> <strong>b</strong> <code>c</code></p>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("a <img src=x onerror=alert(1)>", "<p>a &lt;img src=x onerror=alert(1)&gt;</p>\n"),
        ("![a cat](https://evil.example/cat.png)", "<p></p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("[x](data:text/html;base64,PHA+)", "<p>[x](data:text/html;base64,PHA+)</p>\n"),
        ("<javascript:alert(1)>", "<p>&lt;javascript:alert(1)&gt;</p>\n"),
        (
            '[x](/y "a\\" onclick=\\"b")',
            '<p><a href="/y" title="a&quot; onclick=&quot;b" rel="noopener noreferrer">x</a></p>\n',
        ),
        ("[x](/contact)", '<p><a href="/contact" rel="noopener noreferrer">x</a></p>\n'),
        ("# a\n## b\n###### c", "<h3>a</h3>\n<h4>b</h4>\n<h6>c</h6>\n"),
        ("## a\n### b", "<h3>a</h3>\n<h4>b</h4>\n"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n'),
        ("```py\nx\n```", "<pre><code>x\n</code></pre>\n"),
    ],
)
def test_markdown_is_clean(text: str, html: str) -> None:
    assert str(markdown(text)) == html


def test_markdown_has_tables() -> None:
    html = str(markdown("| a | b |\n|---|:-:|\n| 1 | 2 |"))
    assert re.sub(r"\s+", "", html) == (
        "<table><thead><tr><th>a</th><th>b</th></tr></thead>"
        "<tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
    )


def test_markdown_starts_at_the_level_that_the_page_wants() -> None:
    assert str(markdown("### a\n#### b", top=2)) == "<h2>a</h2>\n<h3>b</h3>\n"


# Addresses, pages and typed text


@pytest.mark.parametrize(
    ("changes", "address"),
    [
        ({"page": 3}, "/events?q=%CE%96%CF%89%CE%AE&topic=a&topic=b&page=3"),
        ({"q": None}, "/events?topic=a&topic=b&page=2"),
        ({"topic": ["c"]}, "/events?q=%CE%96%CF%89%CE%AE&topic=c&page=2"),
        ({"q": None, "topic": None, "page": None}, "/events"),
    ],
)
def test_same_page_changes_only_what_is_asked(
    app: Flask, changes: dict[str, Any], address: str
) -> None:
    with app.test_request_context("/events?q=Ζωή&topic=a&topic=b&page=2"):
        assert filters.same_page(**changes) == address


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("zoi@example.org", "zoi<wbr>@example.org"),
        ('"<b>@x"@example.org', "&#34;&lt;b&gt;@x&#34;<wbr>@example.org"),
        ("erased", "erased"),
    ],
)
def test_an_address_breaks_at_its_at(address: str, shown: str) -> None:
    assert filters.breakable(address) == shown


TABS = [("All", "/x/"), ("Seats", "/x/seats"), ("Messages", "/x/messages", "/x/mails")]


@pytest.mark.parametrize(
    ("path", "marks"),
    [
        ("/x/", ["page", "", ""]),
        ("/x/duplicate", ["true", "", ""]),
        ("/x/seats", ["", "page", ""]),
        ("/x/seats/invitations", ["", "true", ""]),
        ("/x/seatsandmore", ["true", "", ""]),
        ("/x/mails/confirmed", ["", "", "true"]),
        ("/y", ["", "", ""]),
    ],
)
def test_tab_is_marked_on_its_page_and_on_those_below(
    app: Flask, path: str, marks: list[str]
) -> None:
    with app.test_request_context(path):
        assert [mark for _, _, mark in filters.marked_tabs(TABS)] == marks


@pytest.mark.parametrize(
    ("asked", "number", "rows"),
    [("", 1, 100), ("1", 1, 100), ("2", 2, 84), ("99", 2, 84), ("0", 1, 100), ("x", 1, 100)],
)
def test_page_of_a_list(app: Flask, asked: str, number: int, rows: int) -> None:
    with app.test_request_context(f"/?page={asked}"):
        page = pages.page_of(select(Programme).order_by(Programme.id), size=100)
    assert (page.number, len(page.rows), page.total, page.last) == (number, rows, 184, 2)


def test_empty_list_is_one_empty_page(app: Flask) -> None:
    with app.test_request_context("/"):
        page = pages.page_of(select(Programme).where(Programme.id < 0))
    assert (page.number, page.rows, page.total, page.last) == (1, [], 0, 1)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ζωή \t", "Ζωή"),
        ("a\r\nb", "a\nb"),
        ("a\x00\x1b[31mb", "a[31mb"),
        (None, None),
        (7, 7),
    ],
)
def test_typed_text_loses_what_means_nothing(typed: object, kept: object) -> None:
    assert strip(typed) == kept


def test_single_line_stays_one() -> None:
    assert one_line(" a\r\nBcc: b\x00  c ") == "a Bcc: b c"
