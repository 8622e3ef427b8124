"""An office gives a mail its own words, and the next one that is written has them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_crawl import flaws

pytestmark = pytest.mark.xdist_group("paths")

OpenPage = Callable[..., Page]
EVENT = "Questions and answers on Jems"
KIND = "A seat is given"


def open_messages(page: Page) -> None:
    page.goto("/offices/turku/events/?q=jems")
    page.get_by_role("link", name=EVENT).first.click()
    tabs = page.get_by_role("navigation", name="Event")
    tabs.get_by_role("link", name="Messages").click()


def test_words_are_previewed_refused_saved_and_used_by_the_next_mail(open_page: OpenPage) -> None:
    page = open_page("editor.turku@demo.example")
    open_messages(page)
    page.get_by_role("link", name="Words of mails").click()
    page.get_by_role("row").filter(has_text=KIND).first.get_by_role("link").click()
    expect(page.get_by_text("These are the usual words.")).to_be_visible()

    page.get_by_label("Subject").fill("Welcome to Turku: {{ event }}")
    page.get_by_label("Text").fill("Dear {{ name }},\n\nMika meets you at the door.")
    page.wait_for_load_state()  # until then another person may be the chosen one
    person = page.get_by_label("Preview for")
    someone = person.locator("option:checked").inner_text().split(",")[0]
    page.get_by_role("button", name="Preview").click()
    preview = page.get_by_role("region", name="Preview")
    expect(preview.get_by_text(f"Welcome to Turku: {EVENT}")).to_be_visible()
    expect(preview.get_by_text(f"Dear {someone},")).to_be_visible()
    assert flaws(page) == []

    page.get_by_label("Text").fill("Dear {{ name }},\n\nMika meets you on {{ dya }} at the door.")
    page.get_by_role("button", name="Save").click()
    refusal = "Line 3: there is no variable “dya”."
    expect(page.get_by_role("alert")).to_contain_text(refusal)
    expect(page.get_by_label("Text")).to_have_accessible_description(re.compile(refusal))
    expect(page.get_by_label("Text")).to_have_value(re.compile("Mika meets you on {{ dya }}"))

    page.get_by_label("Text").fill("Dear {{ name }},\n\nMika meets you at the door.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text(f"“{KIND}” is saved.")
    expect(page.get_by_role("row").filter(has_text=KIND).first).to_contain_text("Own words")

    participant = open_page("authority@demo.example", width=360)
    participant.goto("/events?q=jems")
    participant.get_by_role("link", name=EVENT).click()
    main = participant.get_by_role("main")
    main.get_by_role("link", name="Register", exact=True).click()
    main.get_by_role("button", name="Register", exact=True).click()
    expect(participant.get_by_role("heading", name="You have a seat")).to_be_visible()

    open_messages(page)
    page.get_by_role("row").filter(has_text="authority@demo.example").get_by_role("link").click()
    expect(page.locator(".mail-subject")).to_contain_text(f"Welcome to Turku: {EVENT}")
    expect(page.locator(".mail-text")).to_have_text(
        "Dear Цветелина Димитрова, Mika meets you at the door."
    )
