"""A job's page as it goes on: in place with scripts, by itself without; the test is the worker."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.site import Site

pytestmark = pytest.mark.xdist_group("paths")

OpenPage = Callable[..., Page]
STAFF = "lead.turku@demo.example"
Change = Callable[..., None]


@pytest.fixture
def job(site: Site) -> Iterator[tuple[str, Change]]:
    """The address of a job that nobody else takes, and how to change its row."""
    with closing(sqlite3.connect(site.folder / "interact-events.sqlite", timeout=15)) as database:
        owner = database.execute("SELECT id FROM users WHERE email = ?", [STAFF]).fetchone()[0]
        now, never = (str(at) for at in (datetime.now(UTC).replace(tzinfo=None), "2100-01-01"))
        values = {
            "task": "tests.none",
            "arguments": "{}",
            "title": "Certificates for everybody",
            "back_url": "/offices/turku/",
            "owner_id": owner,
            "state": "running",
            "claim": "us",
            "losses": 0,
            "is_cancel_asked": 0,
            "done": 1,
            "total": 4,
            "outcome": "",
            "created_at": now,
            "seen_at": f"{never} 00:00:00.000000",
            "stored_as": "",
            "file_name": "",
            "file_size": 0,
        }
        marks = ", ".join("?" * len(values))
        number = database.execute(
            f"INSERT INTO jobs ({', '.join(values)}) VALUES ({marks})",  # our words
            list(values.values()),
        ).lastrowid
        database.commit()

        def change(**new: object) -> None:
            columns = ", ".join(f"{name} = ?" for name in new)
            database.execute(
                f"UPDATE jobs SET {columns} WHERE id = ?",  # our words
                [*new.values(), number],
            )
            database.commit()

        yield f"/jobs/{number}", change


def is_asked(site: Site, path: str) -> bool:
    with closing(sqlite3.connect(site.folder / "interact-events.sqlite", timeout=15)) as database:
        query = "SELECT is_cancel_asked FROM jobs WHERE id = ?"
        return bool(database.execute(query, [path.rpartition("/")[2]]).fetchone()[0])


def test_the_page_follows_in_place_and_stops_the_work(
    open_page: OpenPage, site: Site, job: tuple[str, Change]
) -> None:
    path, change = job
    page = open_page(STAFF, width=360)
    page.goto("/offices/turku/")
    page.get_by_role("link", name="Background work").click()
    page.get_by_role("link", name="Certificates for everybody").first.click()
    page.wait_for_url(f"**{path}")
    page.evaluate("window.notReloaded = true")
    expect(page.get_by_text("1 of 4 done.")).to_be_visible()
    change(done=3)
    expect(page.get_by_text("3 of 4 done.")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_js_property("value", 3)
    assert page.evaluate("window.notReloaded")

    with page.expect_event("load"):  # the old page may say the same, as it follows in place
        page.get_by_role("button", name="Stop the work").click()
    expect(page.get_by_role("status")).to_have_text("It stops at its next step.")
    assert is_asked(site, path)
    page.evaluate("window.notReloaded = true")
    change(state="cancelled", outcome="Stopped after 3 of 4. What was done is kept.")
    expect(page.get_by_role("status")).to_have_text("Stopped after 3 of 4. What was done is kept.")
    expect(page.get_by_role("link", name="Back", exact=True)).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    assert page.evaluate("window.notReloaded")


def test_without_scripts_the_page_looks_again_by_itself(
    browser: Browser, site: Site, job: tuple[str, Change]
) -> None:
    path, change = job
    with browser.new_context(base_url=site.url, java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, STAFF)
        page.goto(path)
        expect(page.get_by_text("1 of 4 done.")).to_be_visible()
        change(state="done", done=4, outcome="4 certificates issued.")
        expect(page.get_by_text("4 certificates issued.")).to_be_visible(timeout=30_000)
        expect(page.get_by_role("link", name="Continue")).to_be_visible()
        change(state="running", done=2)
        page.goto(path)
        page.get_by_role("link", name="Keep it still").click()
        expect(page.get_by_role("link", name="Look every five seconds")).to_be_visible()
