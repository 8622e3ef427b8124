"""A real Chromium on the running product; every page is watched for errors and strangers."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from interact_events.accounts.rules import DEMO_PASSWORD
from tests.browser.site import Site

CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

expect.set_options(timeout=15_000)  # a busy machine is slow, not wrong


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert Path(CHROMIUM).exists(), (
        f"No browser at {CHROMIUM}. Install Debian's package chromium or set CHROMIUM."
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


VIEWER = ("chrome-extension://", "chrome://")  # of PDFs, the browser's own


class Complaints(list[str]):
    """What a page did that no page may do, but for what a test brings about itself."""

    expected: tuple[str, ...] = ()  # parts of what is said

    def append(self, complaint: str) -> None:
        if not any(part in complaint for part in self.expected):
            super().append(complaint)

    def watch(self, page: Page, site: Site) -> None:
        own = urlsplit(site.url).netloc
        page.on(
            "console", lambda m: self.append(f"console: {m.text}") if m.type == "error" else None
        )
        page.on("pageerror", lambda error: self.append(f"script: {error}"))
        page.on(
            "request",
            lambda r: (
                self.append(f"third party: {r.url}")
                if urlsplit(r.url).netloc not in (own, "") and not r.url.startswith(VIEWER)
                else None
            ),
        )
        page.on(
            "response",
            lambda r: self.append(f"{r.status}: {r.url}") if r.status >= 400 else None,
        )


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Empty at the end of every test, or it fails."""
    found = Complaints()
    yield found
    assert found == []


@pytest.fixture
def open_page(
    browser: Browser, site: Site, complaints: Complaints
) -> Iterator[Callable[..., Page]]:
    """`open_page(width=360)`: a fresh browser of a stranger; `open_page(as_=address)` signs in."""
    contexts: list[BrowserContext] = []

    def open_(as_: str | None = None, width: int = 1280) -> Page:
        context = browser.new_context(
            base_url=site.url, viewport={"width": width, "height": 900}, locale="en-GB"
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        complaints.watch(page, site)
        if as_:
            sign_in(page, as_)
        return page

    yield open_
    for context in contexts:
        context.close()


def sign_in(page: Page, address: str) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill(address)
    page.get_by_label("Password", exact=True).fill(DEMO_PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
