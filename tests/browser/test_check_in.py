"""The check-in desk: two at once, and one that loses its connection."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Error, Locator, Page, Route, expect
from sqlalchemy import select

from interact_events.attendance.models import DeskTick, Presence
from interact_events.core.db import db
from interact_events.events.models import Event, EventState
from interact_events.factory import create_app
from interact_events.registrations.models import Registration, State
from tests import make
from tests.browser.conftest import Complaints, sign_in
from tests.browser.site import Site
from tests.browser.test_crawl import flaws
from tests.conftest import settings_for

pytestmark = pytest.mark.xdist_group("check-in")

OpenPage = Callable[..., Page]
LEAD, VIEWER = "lead.turku@demo.example", "viewer.turku@demo.example"
NAMES = ("Anna Virtanen", "Ζωή Παπαδοπούλου", "Søren Žižka")
SOON = 30_000
# The device is slow: an earlier write holds the queue when Undo is pressed and the page is left.
PRESS_AND_GO = """async () => {
  const opening = indexedDB.open("check-in", 1);
  await new Promise((resolve) => (opening.onsuccess = resolve));
  const store = opening.result.transaction("ticks", "readwrite").objectStore("ticks");
  const hold = () => (store.get(0).onsuccess = hold);
  hold();
  document.querySelector("#undo").click();
  setTimeout(() => location.reload(), 50);
}"""


@pytest.fixture(scope="module")
def app(site: Site) -> Iterator[Flask]:
    """The site's own database."""
    address = f"sqlite:///{site.folder / 'interact-events.sqlite'}"
    app = create_app(settings_for(site.folder, address), queue_in_memory=True)
    yield app
    with app.app_context():
        db.engine.dispose()


@dataclass
class Hall:
    """An event that is about to begin, with three people and its desk."""

    app: Flask
    event_id: int
    slug: str

    @property
    def desk(self) -> str:
        return f"/offices/turku/events/{self.slug}/check-in"

    def present(self) -> list[str]:
        with self.app.app_context():
            query = select(Registration.name).join(
                Presence, Presence.registration_id == Registration.id
            )
            return sorted(db.session.scalars(query.where(Registration.event_id == self.event_id)))

    def taken(self) -> list[tuple[str, bool]]:
        """(name, present) of each tick that counted, in the order in which they were taken."""
        with self.app.app_context():
            rows = db.session.execute(
                select(Registration.name, DeskTick.present)
                .join(Registration, Registration.id == DeskTick.registration_id)
                .where(Registration.event_id == self.event_id)
                .order_by(DeskTick.id)
            )
            return [(name, present) for name, present in rows]

    def waits_for(self, taken: list[tuple[str, bool]]) -> None:
        """Until these ticks, and no others, have been taken."""
        until = time.monotonic() + SOON / 1000
        while (found := self.taken()) != taken and time.monotonic() < until:
            time.sleep(0.1)
        assert found == taken

    def cancel(self, name: str) -> None:
        with self.app.app_context():
            row = db.session.scalars(
                select(Registration).where(
                    Registration.name == name, Registration.event_id == self.event_id
                )
            ).one()
            row.state = State.CANCELLED
            db.session.commit()


@pytest.fixture
def hall(app: Flask) -> Iterator[Hall]:
    """An event that is out of the other tests' way afterwards: they share one site."""
    with app.app_context():
        event = make.event("Desk", starts_at=make.days(0.5), uid=make.user().email)
        for name in NAMES:
            make.registration(event, make.user(name, email=f"{make.user().id}@desk.example"))
        found = Hall(app, event.id, event.slug)
    yield found
    with app.app_context():
        event = db.session.get_one(Event, found.event_id)
        event.state = EventState.CANCELLED
        event.starts_at, event.ends_at = make.days(-900), make.days(-899)
        db.session.commit()


def row(page: Page, name: str) -> Locator:
    return page.locator(".ticks").get_by_role("button", name=name)


def is_ticked(page: Page, name: str, pressed: str = "true") -> None:
    expect(row(page, name)).to_have_attribute("aria-pressed", pressed, timeout=SOON)


def kept(page: Page) -> None:
    """Wait until the page would open again without a connection."""
    page.evaluate(
        """async () => {
          await navigator.serviceWorker.ready;
          const cache = await caches.open("check-in");
          for (;;) {
            const names = (await cache.keys()).map((each) => each.url);
            if (names.some((name) => name.includes("?session="))) return;
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
        }"""
    )


@contextmanager
def cut(page: Page, complaints: Complaints) -> Iterator[None]:
    """No connection inside; that the browser says so is no complaint."""
    complaints.expected = ("net::ERR_",)
    page.context.set_offline(True)
    yield
    page.context.set_offline(False)


def test_a_name_with_a_slip_is_found_ticked_and_undone(open_page: OpenPage, hall: Hall) -> None:
    page = open_page(VIEWER, width=360)
    page.goto(hall.desk)
    page.get_by_label("Name or institution").press_sequentially("papadopuolou")
    expect(page.locator(".ticks li")).to_have_count(1)
    row(page, "Ζωή").click()
    expect(page.locator("#present-count")).to_have_text("1")
    expect(page.locator("#last")).to_have_text("Ζωή Παπαδοπούλου is present.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#present-count")).to_have_text("0")
    page.get_by_label("Name or institution").fill("nobody")
    expect(page.get_by_text("Nobody with a confirmed seat matches")).to_be_visible()
    page.get_by_label("Name or institution").fill("")
    expect(page.locator(".ticks li")).to_have_count(3)
    expect(page.get_by_role("link", name="Add somebody")).to_have_count(0)


def test_a_press_is_kept_though_the_page_goes_in_the_same_moment(
    open_page: OpenPage, hall: Hall
) -> None:
    page = open_page(VIEWER)
    page.goto(hall.desk)
    kept(page)
    row(page, "Anna").click()
    expect(page.locator("#waiting")).to_be_hidden()
    page.evaluate(PRESS_AND_GO)
    page.wait_for_load_state()
    is_ticked(page, "Anna", "false")
    hall.waits_for([("Anna Virtanen", True), ("Anna Virtanen", False)])


def test_two_desks_see_each_others_ticks_and_walk_ins(open_page: OpenPage, hall: Hall) -> None:
    one, other = open_page(LEAD, width=360), open_page(VIEWER)
    for page in (one, other):
        page.goto(hall.desk)
    row(one, "Anna").click()
    is_ticked(other, "Anna")
    row(other, "Søren").click()
    is_ticked(one, "Søren")
    row(other, "Anna").click()
    is_ticked(one, "Anna", "false")

    one.get_by_role("link", name="Add somebody").click()
    assert flaws(one) == []
    one.set_viewport_size({"width": 360, "height": 900})
    one.get_by_label("Their e-mail address").fill("walk.in@desk.example")
    one.get_by_role("button", name="Search").click()
    assert flaws(one) == []
    one.get_by_label("Name").fill("Niamh O’Neil")
    one.get_by_label("Institution").fill("Southern Regional Assembly")
    one.get_by_label("Role").select_option(label="Controller")
    one.get_by_label("Country").select_option(label="Ireland")
    one.get_by_role("button", name="Make an account, add and tick them").click()
    expect(one.locator("#last")).to_have_text("Niamh O’Neil is present.")
    is_ticked(other, "Niamh")
    hall.cancel("Anna Virtanen")
    expect(row(other, "Anna")).to_have_count(0, timeout=SOON)
    assert hall.present() == ["Niamh O’Neil", "Søren Žižka"]


def test_a_long_list_is_drawn_as_far_as_one_looks(
    open_page: OpenPage, hall: Hall, app: Flask
) -> None:
    with app.app_context():
        event = db.session.get_one(Event, hall.event_id)
        event.capacity = 200
        for number in range(150):
            make.registration(event, make.user(f"Bo Number {number:03}"))
    page = open_page(VIEWER, width=360)
    page.goto(hall.desk)
    rows = page.locator(".ticks li")
    expect(rows).to_have_count(60)
    rows.last.scroll_into_view_if_needed()
    expect(rows).to_have_count(120)
    rows.last.scroll_into_view_if_needed()
    expect(rows).to_have_count(153)
    page.get_by_label("Name or institution").fill("zoi")
    expect(rows).to_have_count(1)
    page.get_by_label("Name or institution").fill("")
    expect(rows).to_have_count(60)


def test_a_page_opened_without_a_connection_knows_who_was_ticked_before(
    open_page: OpenPage, hall: Hall, complaints: Complaints
) -> None:
    page = open_page(VIEWER, width=360)
    page.goto(hall.desk)
    kept(page)
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        row(page, "Anna").click()
    expect(page.locator("#present-count")).to_have_text("1")
    with cut(page, complaints):
        row(page, "Ζωή").click()
        expect(page.locator("#waiting")).to_have_text("1 tick waits for the connection.")
        page.reload()
        is_ticked(page, "Anna")
        is_ticked(page, "Ζωή")
        expect(page.locator("#present-count")).to_have_text("2")
    expect(page.locator("#waiting")).to_be_hidden(timeout=SOON)
    assert hall.present() == ["Anna Virtanen", "Ζωή Παπαδοπούλου"]


def test_ticks_wait_for_the_connection_and_count_exactly_once_in_order(
    open_page: OpenPage, hall: Hall, complaints: Complaints
) -> None:
    page, other = open_page(VIEWER, width=360), open_page(LEAD)
    page.goto(hall.desk)
    other.goto(hall.desk)
    kept(page)
    with cut(page, complaints):
        row(page, "Anna").click()
        row(page, "Ζωή").click()
        row(page, "Anna").click()
        expect(page.locator("#waiting")).to_have_text("3 ticks wait for the connection.")
        page.reload()
        expect(page.locator("#waiting")).to_have_text("3 ticks wait for the connection.")
        is_ticked(page, "Ζωή")
        is_ticked(page, "Anna", "false")
        row(page, "Søren").click()
        expect(page.locator("#waiting")).to_have_text("4 ticks wait for the connection.")
        assert hall.taken() == []
    expect(page.locator("#waiting")).to_be_hidden(timeout=SOON)
    is_ticked(other, "Ζωή")
    is_ticked(other, "Søren")
    assert hall.taken() == [
        ("Anna Virtanen", True),
        ("Ζωή Παπαδοπούλου", True),
        ("Anna Virtanen", False),
        ("Søren Žižka", True),
    ]
    assert hall.present() == ["Søren Žižka", "Ζωή Παπαδοπούλου"]


def test_an_answer_that_gets_lost_does_not_count_twice(
    open_page: OpenPage, hall: Hall, complaints: Complaints
) -> None:
    complaints.expected = ("net::ERR_FAILED",)
    page = open_page(VIEWER)
    lost: list[int] = []
    is_back: list[bool] = []

    def lose(route: Route) -> None:
        if is_back:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.goto(hall.desk)
    kept(page)
    page.context.route("**/check-in/ticks", lose)
    for _ in range(3):
        row(page, "Anna").click()
    expect(page.locator("#waiting")).to_have_text("3 ticks wait for the connection.")
    is_back.append(True)
    expect(page.locator("#waiting")).to_be_hidden(timeout=SOON)
    assert set(lost) == {200}
    assert [present for _, present in hall.taken()] == [True, False, True]


def test_a_refused_tick_is_said_by_name_until_somebody_has_read_it(
    open_page: OpenPage, hall: Hall, complaints: Complaints
) -> None:
    page = open_page(VIEWER, width=360)
    page.goto(hall.desk)
    kept(page)
    with cut(page, complaints):
        row(page, "Anna").click()
        hall.cancel("Anna Virtanen")
    refused = page.locator("#refused")
    sentence = "Anna Virtanen has no confirmed seat (cancelled)."
    expect(refused).to_contain_text(sentence, timeout=SOON)
    page.reload()
    expect(refused).to_contain_text(sentence)
    assert flaws(page) == []
    refused.get_by_role("button", name="I have seen it").click()
    expect(refused).to_be_hidden()
    page.reload()
    expect(row(page, "Søren")).to_be_visible()
    expect(refused).to_be_hidden()


def test_whoever_is_signed_out_meanwhile_signs_in_again_and_loses_no_tick(
    open_page: OpenPage, hall: Hall, complaints: Complaints
) -> None:
    complaints.expected = ("400",)  # a tick whose token is of another session
    page = open_page(VIEWER)
    page.goto(hall.desk)
    kept(page)
    page.context.clear_cookies()
    row(page, "Anna").click()
    waiting = page.locator("#waiting")
    expect(waiting).to_have_text("Sign in again, your 1 tick is kept.", timeout=SOON)
    waiting.get_by_role("link").click()
    page.get_by_label("E-mail").fill(VIEWER)
    page.get_by_label("Password", exact=True).fill("interact demo 2026")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/check-in?session=*")
    other = open_page(LEAD)
    other.goto(hall.desk)
    is_ticked(other, "Anna")
    expect(waiting).to_be_hidden(timeout=SOON)
    assert hall.taken() == [("Anna Virtanen", True)]


def test_a_page_that_is_hours_old_gets_a_new_token_by_itself(
    open_page: OpenPage, hall: Hall, complaints: Complaints
) -> None:
    complaints.expected = ("400",)  # a tick whose token is of another session
    page = open_page(VIEWER)
    page.goto(hall.desk)
    fresh = open_page(VIEWER).context.cookies()  # another session than that of the page
    page.context.clear_cookies()
    page.context.add_cookies(
        [{"name": each["name"], "value": each["value"], "url": page.url} for each in fresh]
    )
    row(page, "Anna").click()
    is_ticked(page, "Anna")
    expect(page.locator("#waiting")).to_be_hidden(timeout=SOON)
    row(page, "Søren").click()
    expect(page.locator("#present-count")).to_have_text("2")
    other = open_page(LEAD)
    other.goto(hall.desk)
    is_ticked(other, "Anna")
    is_ticked(other, "Søren")


def sign_out_here(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()


def sign_out_everywhere(page: Page) -> None:
    page.goto("/my/settings")
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("button", name="Sign out everywhere")).to_have_count(0)


EVERYTHING_KEPT = """async () => {
  const request = indexedDB.open("check-in");
  const database = await new Promise((done) => (request.onsuccess = () => done(request.result)));
  const all = database.transaction("ticks").objectStore("ticks").getAll();
  const ticks = await new Promise((done) => (all.onsuccess = () => done(all.result)));
  return JSON.stringify([ticks, { ...localStorage }, { ...sessionStorage }]);
}"""


@pytest.mark.parametrize("sign_out", [sign_out_here, sign_out_everywhere])
def test_signing_out_forgets_lists_and_names_on_a_shared_phone_but_no_tick(
    open_page: OpenPage, hall: Hall, complaints: Complaints, sign_out: Callable[[Page], None]
) -> None:
    page = open_page(VIEWER, width=360)
    page.goto(hall.desk)
    kept(page)
    page.context.route("**/check-in/ticks", lambda route: route.abort())
    complaints.expected = ("net::ERR_",)
    row(page, "Anna").click()
    row(page, "Søren").click()
    hall.cancel("Søren Žižka")
    expect(page.locator("#waiting")).to_have_text("2 ticks wait for the connection.")
    sign_out(page)
    page.context.unroute("**/check-in/ticks")
    assert page.evaluate("caches.has('check-in')") is False
    everything = page.evaluate(EVERYTHING_KEPT)
    assert '"present":true' in everything
    assert [name for name in ("Anna", "Søren", "Virtanen") if name in everything] == []
    sign_in(page, VIEWER)
    page.goto(hall.desk)
    is_ticked(page, "Anna")
    expect(page.locator("#refused")).to_contain_text("has no confirmed seat (cancelled).")
    sign_out_here(page)
    with cut(page, complaints), pytest.raises(Error, match="ERR_"):
        page.goto(hall.desk)
