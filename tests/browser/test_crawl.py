"""Every page as every kind of person: no error, nobody else asked, accessible, fits a phone."""

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
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
MORE = {
    "event_page.show": 5,  # the next events are closed, only later ones take registrations
    "office_events.show": 5,  # the planning board leads to past ones first
}
FILES = (".ics", ".pdf", ".csv", ".xlsx", ".json", ".jwt")
DOWNLOADS = {"materials.download", "attendance_imports.file"}

# Pages that no link leads to: their address comes by mail, or only right after a form.
BY_MAIL = {
    *("registrations.confirm", "accounts.reset", "accounts.check_mail"),
    *("staff.accept", "handovers.show", "nominations.show", "news.off"),
    *("joining.by_link", "personal_codes.show", "self_check_in.shown", "self_check_in.here"),
}
FOR_MACHINES = {
    *("health.alive", "health.ready", "jobs.progress", "static", "bootstrap.static"),
    *("room_codes.now", "room_codes.drawing", "check_in.present", "worker.script"),
    *("certificates.verified_json", "badges.status"),
}
AFTER_A_FORM = {
    *("jobs.show", "jobs.fetch", "large_exports.prepare"),
    *("programmes.withdraw", "deciding.decide", "event_messages.act_on_all", "sending.send_later"),
    *("attendance_imports.show", "attendance_imports.file"),  # once a report was sent
    "event_imports.show",  # once a file was sent
    "event_messages.show",  # of mails, of which the events that are visited need not have any
    "paper.download",
    *("certificate_people.replace", "certificate_people.revoke"),  # only of a valid certificate
    *("certificate_mails.choose", "certificate_register.register", "certificate_register.codes"),
    "certificate_people.anew",  # only after a revocation
    "certificate_people.except_",  # only without a valid certificate
    "after_attendance.reopen",  # only of closed attendance
    "walk_ins.add",  # only while people can be ticked; tests of the desk look at it
    *("record.revoke", "record.download", "record.shared", "record.shared_file"),  # once issued
    *("dev_mail.index", "dev_mail.show", "dev_mail.calendar"),
    *("finding.move", "date_warnings.dismiss"),  # of a date or a warning that was found
    "calendars.mine",  # once its owner has pressed for an address
}

AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "resultTypes": ["violations"],  # what is right need not be told at length
}
WRONG = """options => axe.run(options).then(({ violations }) => violations.flatMap(
  ({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`)))"""
# What axe finds follows from where an element stands, its attributes, whether it says anything, and
# whether what it points at is there once: each such place is looked at once.
PLACES = """() => {
  const POINTS = /^id$|^for$|^list$|^aria-.*(by|controls|owns|activedescendant)$/;
  const SAYS =
    /^(href|src|action|name|value|content|d|title|datetime|alt|min|max|aria-label)$|^data-/;
  const names = new Map([[document, ""]]);
  const once = (id) => document.querySelectorAll("#" + CSS.escape(id)).length === 1;
  const sound = (ids) => ids.split(/\\s+/).filter(Boolean).every(once);
  for (const each of document.querySelectorAll("*")) {
    const marks = [...each.attributes].map(({ name, value }) => {
      if (POINTS.test(name)) return name + sound(value);
      return SAYS.test(name) ? name + (value.trim() !== "") : name + value;
    });
    const says = [each.textContent.trim() !== "", each.labels?.length];
    names.set(each, `${names.get(each.parentNode) ?? ""}>${each.localName}[${marks}]${says}`);
  }
  return [...new Set(names.values())];
}"""
places_seen: set[str] = set()


class Map:
    """Which view an address belongs to."""

    def __init__(self, site: Site) -> None:
        never_opened = f"sqlite:///{site.folder / 'map.sqlite'}"
        app = create_app(settings_for(site.folder, never_opened), queue_in_memory=True)
        self.adapter = app.url_map.bind(urlsplit(site.url).netloc)
        self.readable = {
            rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())
        }

    def view(self, path: str) -> str | None:
        try:
            return str(self.adapter.match(path)[0])
        except (HTTPException, RequestRedirect):
            return None


@pytest.fixture(scope="session")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the visitors share, whichever process each is in."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "visits"
    folder.mkdir(exist_ok=True)
    return folder


def links(page: Page) -> list[str]:
    """But for those in a mail that somebody else gets."""
    found: list[str] = page.eval_on_selector_all(
        "a[href]:not(.letter-reads a)", "all => all.map(a => a.href.split('#')[0])"
    )
    return found


def violations(page: Page) -> list[str]:
    """What axe says of a page that has an element in a place where it has seen none."""
    places = set(page.evaluate(PLACES))
    if places <= places_seen:
        return []
    page.evaluate(AXE_SCRIPT)
    wrong: list[str] = page.evaluate(WRONG, AXE)
    if not wrong:
        places_seen.update(places)
    return wrong


def flaws(page: Page) -> list[str]:
    """What is wrong with the page as it stands, in words; first it has to be there."""
    page.wait_for_load_state()
    wrong = violations(page)
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
    queue, landed = [site.url + "/"], set[str]()
    while queue:
        address = queue.pop(0)
        parts = urlsplit(address)
        view = map_.view(parts.path)
        if view is None or visits[view] >= MORE.get(view, SAMPLES):
            continue
        visits[view] += 1
        if parts.path.endswith(FILES) or view in DOWNLOADS:
            answer = page.request.get(address, max_redirects=0)  # a link leads elsewhere
            if answer.status >= 400:
                found[address] = [f"status {answer.status}"]
            continue
        page.goto(address)
        landed.add(map_.view(urlsplit(page.url).path) or view)
        if wrong := flaws(page):
            found[address] = wrong
        if view == "dev_mail.show":
            continue  # whose links are for whoever gets that mail
        new = [a for a in links(page) if a.startswith(site.url) and a not in seen]
        seen.update(new)
        queue.extend(new)
    return set(visits) | landed


@pytest.mark.parametrize("who", PEOPLE)
def test_every_page_is_sound_and_linked_from_somewhere(
    who: str, open_page: Callable[..., Page], site: Site, visits: Path
) -> None:
    """Together the visitors come to every view: none is hidden, none is dead."""
    found: dict[str, list[str]] = {}
    visited = crawl(open_page(PEOPLE[who]), site, found)
    assert found == {}
    (visits / who).write_text("\n".join(visited))
    together = [visits / each for each in PEOPLE]
    if all(each.exists() for each in together):  # whoever comes last looks at what all have seen
        seen = {view for each in together for view in each.read_text().split()}
        assert Map(site).readable - seen - BY_MAIL - FOR_MACHINES - AFTER_A_FORM == set()
