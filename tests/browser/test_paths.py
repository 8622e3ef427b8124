"""The three main paths, as people walk them."""

import hashlib
import re
import subprocess
from base64 import b64encode
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site

pytestmark = pytest.mark.xdist_group("paths")

OpenPage = Callable[..., Page]
NAME = 'Ζωή "Žižka" <b>O\'Neil</b>'
EVENT = "Flat rates for staff costs"


def newest_mail_to(page: Page, address: str, subject: str) -> str:
    """The text of the newest mail of that subject to `address`."""
    page.goto("/dev/mail")
    row = page.get_by_role("row").filter(has_text=address).filter(has_text=subject).first
    row.get_by_role("link").click()
    page.wait_for_url(re.compile(r"/dev/mail/\d+$"))
    return page.locator(".mail").inner_text()


def test_staff_schedule_an_event(open_page: OpenPage) -> None:
    page = open_page("lead.turku@demo.example")
    day = date.today() + timedelta(days=60)  # noqa: DTZ011  # what a person would type
    page.goto("/offices/turku/")
    page.get_by_role("link", name="New event").click()

    page.get_by_role("button", name="Save as draft").click()
    expect(page.get_by_role("alert")).to_contain_text("Give the event a title")

    page.get_by_label("Title").fill("Čo je nové: Ζωή & <b>audit</b>")
    page.get_by_label(re.compile("^Start")).fill(f"{day}T09:00")
    page.get_by_label(re.compile("^End")).fill(f"{day}T16:30")
    page.get_by_label("Summary").fill("Two days of cases.")
    page.get_by_label("Description").fill("We work through **cases**.")
    page.get_by_label("Venue").fill("Logomo")
    page.get_by_label("Seats").fill("2")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Čo je nové: Ζωή & <b>audit</b>")

    page.get_by_role("link", name="Agenda").click()
    page.get_by_role("link", name="Add the first session").click()
    page.get_by_label("Title").fill("What an auditor asks for")
    page.get_by_label("Day").fill(str(day))
    page.get_by_label(re.compile("^Start")).fill("09:00")
    page.get_by_label(re.compile("^End")).fill("12:00")
    page.get_by_role("button", name="Add to the agenda").click()
    expect(page.get_by_role("link", name="What an auditor asks for")).to_be_visible()

    page.get_by_role("link", name="Overview").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".badge-good", has_text="Published")).to_be_visible()

    stranger = open_page()
    stranger.goto("/events?q=co+je+nove")
    stranger.get_by_role("link", name="Čo je nové").click()
    expect(stranger.get_by_text("2 seats left")).to_be_visible()


def test_a_newcomer_registers_by_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page(width=360)
    page.goto("/events?q=flat+rates")
    page.get_by_role("link", name=EVENT).click()
    page.get_by_role("main").get_by_role("link", name="Register", exact=True).press("Enter")
    page.wait_for_url("**/register")

    by_keyboard(page, "Name", NAME)
    by_keyboard(page, "E-mail address", "zoi@example.org")
    by_keyboard(page, "Password", "four unlikely words here")
    by_keyboard(page, "Institution", "Περιφέρεια Κρήτης")
    choose_by_keyboard(page, "Role", "Controller")
    by_keyboard(page, "Programme", "Interreg VI-A Greece-Bulgaria")
    choose_by_keyboard(page, "Country", "Greece")
    page.get_by_role("button", name="Register").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("mail", re.I))

    text = newest_mail_to(page, "zoi@example.org", "onfirm")
    link = re.search(r"http\S+/confirm/\S+", text)
    assert link
    page.goto(link.group(0))
    page.get_by_label("Your password").fill("four unlikely words here")
    page.get_by_role("button", name="Yes, this is my address").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("you are signed in.")

    page.goto("/my/")
    expect(page.get_by_role("heading", name="You have a seat")).to_be_visible()
    expect(page.get_by_role("link", name=EVENT)).to_be_visible()
    expect(page.get_by_role("link", name=NAME)).to_be_visible()  # printed, never obeyed
    assert EVENT in newest_mail_to(page, "zoi@example.org", EVENT)


def by_keyboard(page: Page, label: str, text: str) -> None:
    """Tab until the field has the focus, then type."""
    tab_to(page, label)
    page.keyboard.insert_text(text)


def choose_by_keyboard(page: Page, label: str, option: str) -> None:
    tab_to(page, label)
    page.keyboard.type(option)


def tab_to(page: Page, label: str) -> None:
    field = page.get_by_label(re.compile(rf"^{label}( \(optional\))?$")).first
    for _ in range(40):
        if field.evaluate("field => field === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no Tab reaches {label}")


def test_presence_becomes_a_certificate_that_a_stranger_verifies(
    open_page: OpenPage, site: Site, tmp_path: Path
) -> None:
    staff = open_page("lead.turku@demo.example")
    staff.goto("/offices/turku/")
    staff.get_by_role("link", name="Fraud prevention").click()
    staff.get_by_role("link", name="Attendance").click()
    staff.get_by_role("link", name="Open the check-in desk").click()
    staff.wait_for_url("**/check-in")
    tick_and_undo(staff)

    staff.get_by_role("link", name="Certificates", exact=True).click()
    staff.get_by_role("button", name=re.compile("Issue .* certificates")).click()
    expect(staff.get_by_role("link", name="Continue")).to_be_visible(timeout=180_000)

    staff.goto("/dev/mail")
    row = staff.get_by_role("row").filter(has_text="ertificate").first
    address = re.search(r"<(.+?)>", row.inner_text())
    assert address
    participant = open_page(address.group(1))
    participant.goto("/my/certificates")
    with participant.expect_download() as download:
        participant.get_by_role("link", name="Download the certificate for Fraud").click()
    file = tmp_path / "certificate.pdf"
    download.value.save_as(file)
    code = participant.get_by_role("row").filter(has_text="Fraud").locator("a.code").inner_text()
    text = subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True, check=True)
    assert code in text.stdout

    stranger = open_page(width=360)
    stranger.goto("/certificates/verify")
    stranger.get_by_label(re.compile("Code", re.I)).fill(code.lower().replace("-", " "))
    stranger.get_by_role("button", name="Verify").click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("This certificate is valid")
    fingerprint = hashlib.sha256(file.read_bytes()).hexdigest()
    expect(stranger.locator(".fingerprint")).to_have_text(fingerprint)

    drop(stranger, file.read_bytes())
    expect(stranger.get_by_text("byte for byte, the one that was issued")).to_be_visible()
    altered = bytearray(file.read_bytes())
    altered[-1200] ^= 1
    drop(stranger, bytes(altered))
    expect(stranger.get_by_role("heading", level=1)).to_have_text("This file was changed")


def drop(page: Page, content: bytes) -> None:
    """As from a folder, anywhere on the page."""
    page.goto("/certificates/verify")
    held = page.evaluate_handle(
        """content => {
          const bytes = Uint8Array.from(atob(content), (each) => each.charCodeAt(0));
          const held = new DataTransfer();
          held.items.add(new File([bytes], "certificate.pdf", { type: "application/pdf" }));
          return held;
        }""",
        b64encode(content).decode(),
    )
    page.get_by_role("heading", level=1).dispatch_event("drop", {"dataTransfer": held})


def tick_and_undo(page: Page) -> None:
    """Each press is saved at once; Undo takes back the last one."""
    shown = page.locator("#present-count")
    before = int(shown.inner_text())
    absent = page.locator(".ticks").get_by_role("button", pressed=False).first
    absent.click()
    expect(shown).to_have_text(str(before + 1))
    page.get_by_role("button", name="Undo").click()
    expect(shown).to_have_text(str(before))
    page.reload()
    expect(shown).to_have_text(str(before))
