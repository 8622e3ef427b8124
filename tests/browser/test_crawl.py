"""Every page as every kind of person: no error, nobody else asked, accessible, fits a phone."""

from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from interact_events.factory import create_app
from tests.browser.site import Site
from tests.conftest import settings_for

PEOPLE = {
    "stranger": None,
    "registrant": "controller@demo.example",
    "programme": "authority@demo.example",
    "viewer": "viewer.turku@demo.example",
    "editor": "editor.turku@demo.example",
    "lead": "lead.vienna@demo.example",
    "coordinator": "coordinator@demo.example",
}
SAMPLES = 2  # pages of each view: an office's events all look alike
FILES = (".ics", ".pdf", ".csv", ".xlsx", ".json")

# Pages that no link leads to: their address comes by mail, or only right after a form.
BY_MAIL = {
    *("registrations.confirm", "accounts.reset", "accounts.check_mail"),
    *("staff.accept", "handovers.show"),
}
FOR_MACHINES = {"health.alive", "health.ready", "jobs.progress", "static", "bootstrap.static"}
AFTER_A_FORM = {"jobs.show", "dev_mail.index", "dev_mail.show", "dev_mail.calendar"}

AXE = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}


class Map:
    """Which view an address belongs to."""

    def __init__(self, site: Site) -> None:
        app = create_app(settings_for(site.folder, "sqlite://"), queue_in_memory=True)
        self.adapter = app.url_map.bind(urlsplit(site.url).netloc)
        self.readable = {
            rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())
        }

    def view(self, path: str) -> str | None:
        try:
            return str(self.adapter.match(path)[0])
        except (HTTPException, RequestRedirect):
            return None


def links(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        "a[href]", "all => all.map(a => a.href.split('#')[0])"
    )
    return found


def flaws(page: Page) -> list[str]:
    """What is wrong with the page as it stands, in words."""
    report = Axe().run(page, options=AXE)
    wrong = [
        f"{v['id']}: {node['html'][:160]}"
        for v in report.response["violations"]
        for node in v["nodes"]
    ]
    page.set_viewport_size({"width": 360, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size({"width": 1280, "height": 900})
    untitled = [] if page.title().strip(" –") else ["no title"]
    headings = page.locator("h1").count()
    return (
        wrong
        + untitled
        + ([f"{wide}px wide on a phone of 360px"] if wide > 360 else [])
        + ([f"{headings} headings of level 1"] if headings != 1 else [])
    )


def crawl(page: Page, site: Site, found: dict[str, list[str]]) -> set[str]:
    """Follow every link from the start page; `found` collects flaws by address."""
    map_, seen, visits = Map(site), {site.url + "/"}, Counter[str]()
    queue = [site.url + "/"]
    while queue:
        address = queue.pop(0)
        parts = urlsplit(address)
        view = map_.view(parts.path)
        if view is None or visits[view] >= SAMPLES:
            continue
        visits[view] += 1
        if parts.path.endswith(FILES):
            answer = page.request.get(address)
            if not answer.ok:
                found[address] = [f"status {answer.status}"]
            continue
        page.goto(address)
        if wrong := flaws(page):
            found[address] = wrong
        new = [a for a in links(page) if a.startswith(site.url) and a not in seen]
        seen.update(new)
        queue.extend(new)
    return set(visits)


def test_every_page_is_sound_and_linked_from_somewhere(
    open_page: Callable[..., Page], site: Site
) -> None:
    """Together the visitors come to every view: none is hidden, none is dead."""
    found: dict[str, list[str]] = {}
    visited = {
        view for address in PEOPLE.values() for view in crawl(open_page(address), site, found)
    }
    assert found == {}
    assert Map(site).readable - visited - BY_MAIL - FOR_MACHINES - AFTER_A_FORM == set()
