"""An editor finds a date, the draft has it and moves; warnings follow the dates that are typed."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_crawl import flaws

pytestmark = pytest.mark.xdist_group("paths")

CHRISTMAS = "2090-12-25"  # a Monday, whenever this runs


def test_date_is_found_used_and_found_again(open_page: Callable[..., Page]) -> None:
    page = open_page("editor.turku@demo.example", width=360)
    page.goto("/offices/turku/")
    page.get_by_role("link", name="Find a date").click()
    page.get_by_label("Number of days").fill("2")
    page.locator("summary", has_text="Target roles").click()
    page.get_by_label("Controllers", exact=True).check()
    assert flaws(page) == []
    page.get_by_role("button", name="Find dates").click()
    best = page.get_by_role("link", name=re.compile("Use this date"))
    expect(best).to_have_count(10)
    assert flaws(page) == []
    days = (best.first.get_attribute("aria-label") or "").removeprefix("Use this date: ")
    best.first.click()
    expect(page.get_by_label("Start (")).to_have_value(re.compile(r"T09:00$"))
    expect(page.get_by_label("Controllers", exact=True)).to_be_checked()
    page.get_by_label("Title").fill("Sampling, found")
    page.get_by_label("Seats", exact=True).fill("20")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sampling, found")
    expect(page.locator(".hero")).to_contain_text(days)

    page.get_by_role("link", name="Overview").click()
    page.get_by_role("link", name="Find another date").click()
    expect(page.get_by_label("Number of days")).to_have_value("2")
    page.get_by_role("button", name="Find dates").click()
    page.get_by_role("link", name=re.compile("Use this date")).nth(1).click()
    assert flaws(page) == []
    page.get_by_role("button", name="Move the draft").click()
    expect(page.get_by_text("The draft is moved to")).to_be_visible()
    expect(page.locator(".hero")).not_to_contain_text(days)


def test_warnings_follow_the_dates_and_a_lead_answers_one(open_page: Callable[..., Page]) -> None:
    page = open_page("lead.turku@demo.example")
    page.goto("/offices/turku/events/new")
    expect(page.locator("#dates-found")).to_contain_text("Once start and end are chosen")
    page.get_by_label("Title").fill("A party")
    page.get_by_label("Seats", exact=True).fill("20")
    page.get_by_label("Start (").fill(f"{CHRISTMAS}T10:00")
    page.get_by_label("End (").fill(f"{CHRISTMAS}T16:00")
    expect(page.locator("#dates-found")).to_contain_text("Christmas Day")
    assert flaws(page) == []
    page.get_by_label("Start (").fill("2090-12-13T10:00")  # a Wednesday
    page.get_by_label("End (").fill("2090-12-13T16:00")
    expect(page.locator("#dates-found")).not_to_contain_text("Christmas Day")
    page.get_by_label("Start (").fill(f"{CHRISTMAS}T10:00")
    page.get_by_label("End (").fill(f"{CHRISTMAS}T16:00")
    page.get_by_label("End (").press("Enter")  # saves, as ever
    expect(page.get_by_text("warnings about its dates: see Overview.")).to_be_visible()

    page.get_by_role("link", name="Overview").click()
    assert flaws(page) == []
    page.get_by_role("link", name="Dismiss with a reason: Public holiday on site").click()
    assert flaws(page) == []
    page.get_by_label("Why the dates stay").fill("It is a party.")
    page.get_by_role("button", name="Dismiss the warning").click()
    page.get_by_text("1 dismissed warning").click()
    expect(page.get_by_text("It is a party.")).to_be_visible()
    assert flaws(page) == []
    page.get_by_role("button", name="Take back: Public holiday on site").click()
    expect(page.get_by_text("The warning stands again.")).to_be_visible()
