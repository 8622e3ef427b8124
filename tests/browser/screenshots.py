"""`make screenshots`: the pictures of README, from the demo data."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from interact_events.config import ROOT
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.site import Site

PICTURES = {"catalogue": "/events"}


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
        chromium.close()


if __name__ == "__main__":
    main()
