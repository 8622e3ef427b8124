"""An office changes an event's rules: quicker with scripts, the same without."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.site import Site

pytestmark = pytest.mark.xdist_group("paths")

OpenPage = Callable[..., Page]
EDITOR = "editor.turku@demo.example"
EVENT = "Flat rates for staff costs"
RULE = "At most 99 per institution."
# The focused control of the form if it lies behind the bar.
HIDDEN = """() => {
  const control = document.activeElement, bar = document.querySelector(".is-bar");
  if (!control.closest("form") || bar.contains(control)) return [];
  const isBehind = control.getBoundingClientRect().bottom > bar.getBoundingClientRect().top + 1;
  return isBehind ? [control.id] : [];
}"""


def open_seats(page: Page) -> None:
    page.goto("/offices/turku/events/?q=flat+rates")
    page.get_by_role("link", name=EVENT).first.click()
    page.get_by_role("link", name="Seats", exact=True).click()
    page.wait_for_url("**/seats")
    expect(page.get_by_role("heading", name="Seats", exact=True)).to_be_visible()


def limit_institutions(page: Page) -> None:
    """Fill in the last row of the limits."""
    row = page.locator("[data-rows=caps] > *").last
    row.get_by_label("Limit for").select_option("Each institution")
    row.locator("input[name$=-most]").fill("99")


def test_the_rules_in_words_follow_the_form(open_page: OpenPage) -> None:
    page = open_page(EDITOR)
    open_seats(page)
    rows = page.locator("[data-rows=caps] > *").count()
    page.get_by_role("button", name="Add a limit").click()
    expect(page.locator("[data-rows=caps] > *")).to_have_count(rows + 1)
    added = page.locator("[data-rows=caps] > *").last
    added.get_by_label(f"Remove limit {rows + 1}").check()  # it was not meant
    added.get_by_label(f"Remove limit {rows + 1}").uncheck()
    limit_institutions(page)
    words = page.get_by_role("complementary", name="The rules in words")
    expect(words.get_by_text(RULE)).to_be_visible()

    page.get_by_label("Seats", exact=True).fill("0")
    expect(words.get_by_text("This does not fit together yet:")).to_be_visible()

    page.get_by_text("Only certain programmes").click()
    page.get_by_label("Search programmes").fill("greece bulg")
    names = page.get_by_role("group", name="Programmes").get_by_role("checkbox")
    expect(names.first).to_be_visible()
    assert 0 < names.count() < 5


def test_on_a_phone_the_rules_in_words_stay_in_sight_and_hide_no_field(open_page: OpenPage) -> None:
    page = open_page(EDITOR, width=360)
    page.emulate_media(reduced_motion="reduce")  # it scrolls at once
    open_seats(page)
    page.get_by_label("Seats", exact=True).fill("41")
    bar = page.get_by_role("complementary", name="The rules in words")
    expect(bar.locator("summary")).to_contain_text("41 seats.")
    expect(bar.locator("summary")).to_be_in_viewport()

    for is_open in (False, True):
        page.get_by_label("Seats", exact=True).focus()
        assert page.evaluate(HIDDEN) == []
        for _ in range(60):
            page.keyboard.press("Tab")
            assert page.evaluate(HIDDEN) == []
        bar.locator("summary").focus()
        page.keyboard.press("Enter")
        expect(bar.locator("li").first).to_be_visible(visible=not is_open)


def test_the_rules_are_saved_without_scripts(browser: Browser, site: Site) -> None:
    context = browser.new_context(
        base_url=site.url, viewport={"width": 360, "height": 800}, java_script_enabled=False
    )
    page = context.new_page()
    sign_in(page, EDITOR)
    open_seats(page)
    rows = page.locator("[data-rows=caps] > *").count()
    page.get_by_role("button", name="Add a limit").click()
    expect(page.locator("[data-rows=caps] > *")).to_have_count(rows + 1)
    limit_institutions(page)
    page.get_by_role("button", name="Show what changes").last.click()
    expect(page.get_by_role("heading", name="What will change")).to_be_visible()
    expect(page.locator("ins", has_text=RULE)).to_be_visible()
    page.get_by_role("button", name="Back to the form").click()
    page.get_by_role("button", name="Show what changes").last.click()
    page.get_by_role("button", name="Save the rules").click()
    expect(page.get_by_text("The rules are saved.")).to_be_visible()
    words = page.get_by_role("complementary", name="The rules in words")
    expect(words.get_by_text(RULE)).to_be_visible()
    context.close()
