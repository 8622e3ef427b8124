"""`make screenshots`: the pictures of README, from the demo data, and a mail with sample values."""

import re
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from interact_events.config import ROOT
from interact_events.core.mail import KINDS, worded
from interact_events.factory import create_app
from tests.browser.conftest import CHROMIUM, FLAGS, sign_in
from tests.browser.site import Site
from tests.conftest import settings_for

OFFICE_PAGES = {  # of whom, an event, a page of it, and what a phone shows of that
    "rules": ("valencia", "Interreg knowledge fair", "seats", "h3"),
    "selection": ("turku", "Academy for heads of joint secretariats", "selection", ".candidate"),
    "waiting-list": (
        *("vienna", "Sampling for small populations"),
        *("registrations?state=waitlisted", ".decisions"),
    ),
}
MAIL = "registrations.confirmed"


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Site(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = open_page(chromium, site, 1280)
        page.goto("/events")
        keep(page, "catalogue")
        for width in (1280, 360):
            for name in OFFICE_PAGES:
                page = office_page(open_page(chromium, site, width), name)
                keep(page, f"{name}-{width}")
        page.goto("about:blank")  # a mail program has no policy of ours
        page.set_viewport_size({"width": 640, "height": 300})
        page.set_content(mail())
        keep(page, "mail", full_page=True)
        chromium.close()


def open_page(chromium: Browser, site: Site, width: int) -> Page:
    return chromium.new_page(
        base_url=site.url, viewport={"width": width, "height": 900}, locale="en-GB"
    )


def office_page(page: Page, name: str) -> Page:
    """A page of an event, as the lead of its office sees it."""
    office, title, address, part = OFFICE_PAGES[name]
    sign_in(page, f"lead.{office}@demo.example")
    page.goto(f"/offices/{office}/events/?q={title}")
    page.get_by_role("link", name=title).first.click()
    page.wait_for_load_state()
    page.goto(f"{page.url}/{address}")
    if name == "selection":
        page.get_by_role("button", name=re.compile("^Propose a")).click()
        page.wait_for_load_state()
    if page.viewport_size and page.viewport_size["width"] < 600:
        there = page.locator("main").locator(part).first
        there.evaluate("part => part.scrollIntoView({behavior: 'instant'})")
    return page


def keep(page: Page, name: str, *, full_page: bool = False) -> None:
    page.screenshot(path=ROOT / "docs" / f"{name}.png", full_page=full_page)


def mail() -> str:
    """What somebody reads who has got a seat."""
    with tempfile.TemporaryDirectory() as folder:
        never_opened = f"sqlite:///{Path(folder) / 'mail.sqlite'}"
        app = create_app(settings_for(Path(folder), never_opened), queue_in_memory=True)
        with app.app_context():
            return worded(MAIL, KINDS[MAIL].samples).html


if __name__ == "__main__":
    main()
