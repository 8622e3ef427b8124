"""The planning board by mouse, by keys, and without scripts."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Complaints, sign_in
from tests.browser.site import Site
from tests.browser.test_crawl import flaws

OpenPage = Callable[..., Page]
LEAD = "lead.turku@demo.example"
DRAFT = "Small contracts below the thresholds"
PUBLISHED = "EU Strategy for the Baltic Sea Region: coordinators meet programmes"
ONLINE = "HIT: application form and assessment"


def board_of(page: Page, title: str) -> Locator:
    """The event's card on the board of its quarter."""
    page.goto("/planning/events/" + re.sub(r"[^a-z0-9]+", "-", title.lower()))
    page.locator(".hero").get_by_role("link", name="Planning").click()
    card = page.locator(f'[data-title="{title}"]')
    expect(card).to_be_visible()
    page.wait_for_load_state()  # its script answers to keys from then on
    return card


def day_of(card: Locator) -> date:
    return date.fromisoformat(card.get_attribute("data-day") or "")


def drag(page: Page, card: Locator, to: Locator) -> None:
    """As a hand does it: the card is on its way before anything scrolls."""
    card.hover()
    box = card.bounding_box()
    assert box
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 60, steps=4)
    expect(page.locator("body")).to_have_class(re.compile("is-dragging"))
    to.scroll_into_view_if_needed()
    to.hover()
    to.hover()
    page.mouse.up()


def other_week(page: Page, card: Locator) -> Locator:
    """One of the quarter's last weeks in which the event does not stand; it lies ahead."""
    weeks = page.locator(".plan-board tr[data-first]")
    last = weeks.last
    is_own = last.locator(card).count()
    return weeks.nth(weeks.count() - 2) if is_own else last


def test_an_event_is_moved_by_mouse(open_page: OpenPage) -> None:
    page = open_page(LEAD)
    card = board_of(page, DRAFT)
    before, week = day_of(card), other_week(page, card)
    monday = date.fromisoformat(week.get_attribute("data-first") or "")
    drag(page, card, week.locator("td").last)
    page.wait_for_url("**/planning/move/**")
    expected = monday + timedelta(days=before.weekday())  # it keeps its weekday
    assert page.url.endswith(f"?to={expected}")
    expect(page.get_by_role("heading", name="What the move does")).to_be_visible()
    expect(page.get_by_text("Nobody: it is a draft.")).to_be_visible()
    page.get_by_role("button", name="Move it").click()
    expect(page.get_by_role("status").first).to_contain_text("is moved to")
    assert day_of(page.locator(f'[data-title="{DRAFT}"]')) == expected


def test_an_event_is_moved_to_a_week_of_the_year_that_is_far_away(open_page: OpenPage) -> None:
    page = open_page(LEAD)
    card = board_of(page, DRAFT)
    cell = page.locator(".plan-year tbody tr").first.locator("td").last
    monday = date.fromisoformat(cell.get_attribute("data-first") or "")
    expected = monday + timedelta(days=day_of(card).weekday())
    drag(page, card, cell)
    page.wait_for_url(f"**/planning/move/**?to={expected}")


def test_an_event_is_moved_by_keys_alone(open_page: OpenPage) -> None:
    page = open_page(LEAD)
    card = board_of(page, PUBLISHED)
    before, said = day_of(card), page.locator("[data-said]")
    card.get_by_role("link", name="Move").focus()
    page.keyboard.press("m")
    expect(said).to_contain_text("where it is now")
    page.keyboard.press("ArrowRight")
    shown = before + timedelta(days=1)
    expect(said).to_contain_text(f"{shown.day} {shown:%B %Y}, week {shown.isocalendar().week}.")
    page.keyboard.press("Escape")
    expect(said).to_have_text("Nothing is moved.")
    page.keyboard.press("m")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    chosen = before + timedelta(days=6)
    expect(said).to_contain_text(f"{chosen:%A}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/planning/move/**?to={chosen}")
    button = page.get_by_role("button", name=re.compile("Move it and tell .* people"))
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("people will get a mail")
    assert day_of(page.locator(f'[data-title="{PUBLISHED}"]')) == chosen


def test_an_event_is_moved_without_scripts(
    browser: Browser, site: Site, complaints: Complaints
) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    complaints.watch(page, site)
    sign_in(page, LEAD)
    page.goto("/planning/events/hit-application-form-and-assessment")
    page.locator(".hero").get_by_role("link", name="Planning").click()
    card = page.locator(".plan-card").filter(has_text=ONLINE)
    expected = day_of(card) + timedelta(days=7)
    card.get_by_role("link", name="Move").click()
    page.get_by_label("First day").fill(str(expected))
    page.get_by_role("button", name="Show what the move does").click()
    page.get_by_role("button", name="Move it").click()
    assert day_of(page.locator(".plan-card").filter(has_text=ONLINE)) == expected
    context.close()


@pytest.mark.parametrize(
    "address",
    [
        "/planning",
        "/planning?zoom=month",
        "/planning?q=nothing+at+all",
        "/planning/workload",
        "/planning/offers/1",
    ],
)
def test_pages_of_the_plan_are_accessible_and_fit_a_phone(
    open_page: OpenPage, address: str
) -> None:
    page = open_page(LEAD)
    page.goto(address)
    assert flaws(page) == []


def test_the_page_of_a_move_is_accessible(open_page: OpenPage) -> None:
    page = open_page(LEAD)
    card = board_of(page, DRAFT)
    moved = card.get_attribute("data-move")
    for day in (day_of(card) + timedelta(days=7), date(2020, 1, 1)):
        page.goto(f"{moved}?to={day}")
        assert flaws(page) == []


def test_a_mark_of_warnings_leads_to_them_on_the_own_and_on_other_offices_pages(
    open_page: OpenPage,
) -> None:
    page = open_page(LEAD)
    for address in ("/offices/turku/events/", "/planning/events/"):
        page.goto("/planning?zoom=year")
        mark = page.locator(f'.plan-card a[href^="{address}"][href$="#dates"]').first
        number = re.findall(r"\d+", mark.inner_text())[0]
        mark.click()
        panel = page.locator("section", has=page.locator("#dates"))
        expect(panel.locator(".date-warnings").first.locator("> li")).to_have_count(int(number))
        expect(page.locator("#dates")).to_be_in_viewport()
        assert flaws(page) == []
