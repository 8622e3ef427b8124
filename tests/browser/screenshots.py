"""`make screenshots`: the pictures of README, from the demo data, and a mail with sample values."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from interact_events.config import ROOT
from interact_events.core.mail import KINDS, worded
from interact_events.factory import create_app
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.site import Site
from tests.conftest import settings_for

PICTURES = {"catalogue": "/events"}
MAIL = "registrations.confirmed"


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Site(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = chromium.new_page(
            base_url=site.url, viewport={"width": 1280, "height": 900}, locale="en-GB"
        )
        for name, address in PICTURES.items():
            page.goto(address)
            page.screenshot(path=ROOT / "docs" / f"{name}.png")
        page.goto("about:blank")  # a mail program has no policy of ours
        page.set_viewport_size({"width": 640, "height": 300})
        page.set_content(mail())
        page.screenshot(path=ROOT / "docs" / "mail.png", full_page=True)
        chromium.close()


def mail() -> str:
    """What somebody reads who has got a seat."""
    with tempfile.TemporaryDirectory() as folder:
        never_opened = f"sqlite:///{Path(folder) / 'mail.sqlite'}"
        app = create_app(settings_for(Path(folder), never_opened), queue_in_memory=True)
        with app.app_context():
            return worded(MAIL, KINDS[MAIL].samples).html


if __name__ == "__main__":
    main()
