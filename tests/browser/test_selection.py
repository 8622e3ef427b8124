"""A selection as an office makes it: proposed, corrected, decided, undone, decided again."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("paths")

OpenPage = Callable[..., Page]
EVENT = "Academy for heads of joint secretariats"


def totals(page: Page) -> list[int]:
    """Seats, waiting list, declined, undecided, as the bar says."""
    return [int(text) for text in page.locator("[data-total]").all_inner_texts()]


def decide_all(page: Page) -> None:
    page.get_by_role("button", name="Save and decide").click()
    expect(page.get_by_role("heading", name="What is mailed, and when")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Decide on")).click()
    expect(page.get_by_role("heading", name="Decided, and nobody is told yet")).to_be_visible()


def test_a_selection_is_proposed_corrected_decided_undone_and_decided(open_page: OpenPage) -> None:
    applicant = open_page("authority@demo.example", width=360)
    applicant.goto("/my/")
    mine = applicant.get_by_role("article").filter(has_text=EVENT)
    expect(mine.get_by_text("Application pending")).to_be_visible()

    page = open_page("lead.turku@demo.example")
    page.goto("/offices/turku/events/?q=academy")
    page.get_by_role("link", name=EVENT).first.click()
    page.get_by_role("navigation", name="Event").get_by_role("link", name="Selection").click()
    undecided = totals(page)[3]
    assert undecided > 20

    page.get_by_role("button", name="Propose a selection").click()
    expect(page.get_by_text(re.compile("^Proposed: "))).to_be_visible()
    seats, waiting, *rest = totals(page)
    assert (seats + waiting, rest) == (undecided, [0, 0])
    assert page.get_by_text(re.compile("^When their turn came")).count() == undecided

    seated = page.locator(".candidate").filter(has=page.locator("[value=confirmed]:checked")).first
    seated.get_by_text("Decline", exact=True).click()  # the count follows before anything is saved
    assert totals(page) == [seats - 1, waiting, 1, 0]
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("1 choice saved.")).to_be_visible()
    expect(page.get_by_text("Changed by hand.")).to_have_count(1)
    expect(page.get_by_text("Not saved yet")).to_be_hidden()

    decide_all(page)
    applicant.reload()
    expect(mine.get_by_text("Application pending")).to_be_visible()
    page.get_by_role("button", name="Undo this decision").click()
    expect(page.get_by_text(f"Undone: {undecided} people are pending again")).to_be_visible()
    assert totals(page) == [seats - 1, waiting, 1, 0]

    page.get_by_role("link", name="Country").click()
    expect(page.get_by_role("heading", name=re.compile("^Finland"))).to_be_visible()
    page.get_by_role("button", name="Propose again").click()  # what was chosen by hand is kept
    assert totals(page) == [seats, waiting - 1, 1, 0]
    decide_all(page)
    expect(page.get_by_text("Everybody is decided")).to_be_visible()
