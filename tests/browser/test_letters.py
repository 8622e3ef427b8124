"""A letter as an office writes it: a wrong variable, a look at two people's, sent, and stopped."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_crawl import flaws

pytestmark = pytest.mark.xdist_group("paths")

OpenPage = Callable[..., Page]


def test_a_letter_is_written_looked_at_timed_and_stopped(open_page: OpenPage) -> None:
    page = open_page("lead.turku@demo.example")
    page.goto("/offices/turku/events/?q=academy")
    page.get_by_role("link", name="Academy for heads of joint secretariats").first.click()
    page.get_by_role("navigation", name="Event").get_by_role("link", name="Letters").click()
    page.get_by_role("link", name="Write to participants").click()
    page.get_by_label("Application pending").check()
    page.get_by_label("Subject").fill("News: {{ event }}")
    page.get_by_label("Text").fill("Dear {{ nmae }},\n\n**come**!")
    page.get_by_role("button", name="Save and look at it").click()
    expect(page.get_by_role("alert")).to_contain_text("Line 1: there is no variable “nmae”.")
    expect(page.get_by_label("Application pending")).to_be_checked()
    assert flaws(page) == []

    page.get_by_label("Text").fill("Dear {{ name }},\n\n**come**!")
    page.get_by_role("button", name="Save and look at it").click()
    expect(page.get_by_role("heading", name=re.compile(r"^Send to \d+ people"))).to_be_visible()
    first = page.get_by_role("heading", name=re.compile("reads it$")).inner_text()
    page.get_by_role("table").get_by_role("link").nth(1).click()
    expect(page.get_by_role("heading", name=re.compile("reads it$"))).not_to_have_text(first)
    expect(page.locator(".letter-reads strong").last).to_have_text("come")

    assert flaws(page) == []
    page.get_by_text("Send it later").click()
    page.get_by_label("Send it at").fill("2027-12-01T09:00")
    page.get_by_role("button", name="Send at that time").click()
    expect(page.get_by_text(re.compile("^It leaves on 1 December 2027, 09:00"))).to_be_visible()
    page.get_by_role("button", name="Stop it").click()
    expect(page.get_by_text("Stopped: nobody gets it.")).to_be_visible()

    page.set_viewport_size({"width": 360, "height": 800})
    page.get_by_role("navigation", name="Letters").get_by_role("link", name="Reminders").click()
    page.wait_for_url("**/reminders")
    assert flaws(page) == []
    page.get_by_role("link", name="Before the event").click()
    expect(page.get_by_role("heading", name="Change the reminder")).to_be_visible()
    assert flaws(page) == []
    page.get_by_label("Days").fill("2")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("2 days before the event starts, at 09:00")).to_be_visible()
    page.wait_for_load_state()
    overflow = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(overflow)
