"""Codes in a real browser: the one on a room's screen, a person's own, and the scanner."""

import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from interact_events.accounts.rules import DEMO_PASSWORD
from interact_events.attendance.models import RoomCode
from interact_events.config import DEVELOPMENT_KEY
from interact_events.registrations.queries import Purpose, sign_number
from tests.browser.conftest import Complaints
from tests.browser.site import Site
from tests.browser.test_crawl import flaws

pytestmark = pytest.mark.xdist_group("paths")

OpenPage = Callable[..., Page]
SLUG = "interreg-knowledge-fair-cooperation-beyond-borders"
STAFF = "lead.valencia@demo.example"
DESK = f"/offices/valencia/events/{SLUG}"

# What a headless browser lacks: a camera, and the reader of what it sees.
CAMERA = """
window.seen = [];
window.BarcodeDetector = class {
  async detect() { return window.seen.map((rawValue) => ({ rawValue })); }
};
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  setInterval(() => context.fillRect(Math.random() * 200, 0, 9, 9), 50);
  return canvas.captureStream(20);
};
"""


@pytest.fixture(scope="module")
def session_id(site: Site) -> int:
    """A session of the demo's fair, which is moved so that it began ten minutes ago."""
    with sqlite3.connect(site.folder / "interact-events.sqlite") as database:
        ((event, first),) = database.execute(
            "SELECT e.id, min(s.starts_at) FROM events e JOIN sessions s ON s.event_id = e.id "
            "WHERE e.slug = ?",
            (SLUG,),
        )
        begins = datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=10)
        by = begins - datetime.fromisoformat(first)
        for table, key in (("events", "id"), ("sessions", "event_id")):
            rows = database.execute(
                f"SELECT id, starts_at, ends_at FROM {table} WHERE {key} = ?", (event,)
            ).fetchall()
            for number, *times in rows:
                moved = [
                    (datetime.fromisoformat(time) + by).isoformat(" ", "microseconds")
                    for time in times
                ]
                database.execute(
                    f"UPDATE {table} SET starts_at = ?, ends_at = ? WHERE id = ?",
                    (*moved, number),
                )
        ((session,),) = database.execute(
            "SELECT id FROM sessions WHERE event_id = ? ORDER BY starts_at LIMIT 1", (event,)
        )
    return int(session)


def code_of(session_id: int, site: Site) -> str:
    """The address that the QR code on the screen holds now."""
    with sqlite3.connect(site.folder / "interact-events.sqlite") as database:
        ((secret,),) = database.execute(
            "SELECT secret FROM room_codes WHERE session_id = ?", (session_id,)
        )
    code = RoomCode(session_id=session_id, secret=secret)
    return f"/check-in/room/{code.token_at(datetime.now(UTC))}"


def read_by_a_phone(picture: bytes) -> list[str]:
    """What another program than the one that drew them reads from codes."""
    reader = pytest.importorskip("zxingcpp", reason="make install brings zxing-cpp")
    return [found.text for found in reader.read_barcodes(Image.open(BytesIO(picture)))]


def started(open_page: OpenPage, session_id: int) -> Page:
    screen = open_page(STAFF)
    screen.goto(f"{DESK}/room-code/{session_id}")
    screen.get_by_role("button", name="Show the code").click()
    expect(screen.get_by_role("img", name="QR code to check in")).to_be_visible()
    return screen


def stopped(screen: Page) -> None:
    screen.get_by_role("button", name="Stop the code").click()
    expect(screen.get_by_role("button", name="Show the code")).to_be_visible()


def own_code(site: Site) -> str:
    """The address of the demo controller's code for the fair."""
    with sqlite3.connect(site.folder / "interact-events.sqlite") as database:
        ((number,),) = database.execute(
            "SELECT r.id FROM registrations r JOIN users u ON u.id = r.user_id "
            "JOIN events e ON e.id = r.event_id WHERE u.email = ? AND e.slug = ?",
            ("controller@demo.example", SLUG),
        )
    return f"/check-in/{sign_number(Purpose.CHECK_IN, number, key=DEVELOPMENT_KEY)}"


def test_people_check_in_by_the_code_on_the_screen(
    open_page: OpenPage, site: Site, session_id: int, complaints: Complaints
) -> None:
    screen = started(open_page, session_id)
    assert flaws(screen) == []
    assert screen.locator("#room-present").inner_text() == "0"

    phone = open_page(width=360)
    shared = code_of(session_id, site)
    phone.goto(shared)
    expect(phone).to_have_url(re.compile("/sign-in"))
    phone.get_by_label("E-mail").fill("controller@demo.example")
    phone.get_by_label("Password", exact=True).fill(DEMO_PASSWORD)
    phone.get_by_role("main").get_by_role("button", name="Sign in").click()
    phone.get_by_role("button", name="I am here").wait_for()
    assert flaws(phone) == []
    phone.get_by_role("button", name="I am here").click()
    expect(phone.get_by_role("heading", name="You are checked in")).to_be_visible()
    assert flaws(phone) == []
    expect(screen.locator("#room-present")).to_have_text("1")

    stopped(screen)
    again = started(open_page, session_id)
    absent = open_page("authority@demo.example", width=360)
    assert complaints == []
    absent.goto(shared)
    expect(absent.get_by_text("Scan the code on the screen again.")).to_be_visible()
    assert flaws(absent) == []
    assert {each.partition(" ")[0] for each in complaints} == {"410:", "console:"}
    complaints.clear()  # the browser notes the refusal
    stopped(again)


def test_the_code_on_the_screen_changes_by_itself(open_page: OpenPage, session_id: int) -> None:
    screen = started(open_page, session_id)
    drawing = screen.locator("#room-code")
    before = drawing.get_attribute("src")
    expect(drawing).not_to_have_attribute("src", before or "", timeout=35_000)
    stopped(screen)


def test_the_screen_of_a_stopped_code_empties(open_page: OpenPage, session_id: int) -> None:
    screen = started(open_page, session_id)
    other = open_page(STAFF)
    other.goto(f"{DESK}/room-code/{session_id}")
    stopped(other)
    expect(screen.get_by_role("button", name="Show the code")).to_be_visible(timeout=30_000)


def test_codes_are_read_from_screen_and_phone(
    open_page: OpenPage, site: Site, session_id: int
) -> None:
    screen = started(open_page, session_id)
    assert read_by_a_phone(screen.screenshot()) == [site.url + code_of(session_id, site)]
    stopped(screen)
    page = open_page("controller@demo.example", width=360)
    page.goto(own_code(site))
    assert read_by_a_phone(page.screenshot(full_page=True)) == [page.url]
    page.get_by_role("link", name="My events").last.click()
    page.get_by_role("link", name=re.compile("knowledge fair")).first.click()
    code = page.get_by_role("img", name="Your check-in code")
    assert read_by_a_phone(code.screenshot()) == [site.url + own_code(site)]


def test_staff_scan_one_code_after_the_other(
    open_page: OpenPage, site: Site, session_id: int
) -> None:
    address = own_code(site)
    desk = open_page(STAFF, width=360)
    desk.add_init_script(CAMERA)
    later = session_id + 1
    desk.goto(f"{DESK}/check-in/scan?session={later}")
    assert flaws(desk) == []
    desk.get_by_role("button", name="Start the camera").click()
    said = desk.locator("#scan-said")
    expect(said).to_have_text("Hold a code before the camera.")
    desk.evaluate("address => { window.seen = [address]; }", "https://elsewhere.example" + address)
    expect(said).to_have_text("That is not a personal check-in code.")
    desk.evaluate("address => { window.seen = [address]; }", site.url + address)
    expect(said).to_have_text("Ζωή Παπαδοπούλου is checked in.")
    desk.get_by_role("button", name="Undo").click()
    expect(said).to_have_text("Ζωή Παπαδοπούλου is not checked in.")

    desk.goto(f"{address}?session={later}")
    assert flaws(desk) == []
    desk.get_by_role("button", name=re.compile("^Check in for")).click()
    expect(desk.get_by_text("Personal QR code, ")).to_be_visible()
    desk.get_by_role("button", name="Undo").click()
    expect(desk.get_by_role("button", name=re.compile("^Check in for"))).to_be_visible()


def test_a_browser_without_reader_says_how_the_phone_does_it(
    open_page: OpenPage, session_id: int
) -> None:
    desk = open_page(STAFF, width=360)
    desk.add_init_script("delete window.BarcodeDetector;")
    desk.goto(f"{DESK}/check-in/scan")
    expect(desk.get_by_text("Use the camera app of your phone.")).to_be_visible()
    expect(desk.get_by_role("button", name="Start the camera")).to_be_hidden()
    assert flaws(desk) == []


def test_joining_leads_on_to_the_meeting(open_page: OpenPage, complaints: Complaints) -> None:
    page = open_page("authority@demo.example", width=360)
    page.route("https://meet.example/**", lambda route: route.fulfill(body="The meeting"))
    page.goto("/my/")
    page.get_by_role("link", name="Plain language for programmes").click()
    page.get_by_role("link", name="Join online").click()
    assert flaws(page) == []
    page.get_by_role("button", name="Join now").click()
    expect(page.get_by_text("The meeting")).to_be_visible()
    # The meeting and its icon; no policy of ours stopped the way there.
    assert {each.partition(": ")[0] for each in complaints} == {"third party"}
    complaints.clear()
