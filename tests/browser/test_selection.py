"""A selection as an office makes it: proposed, corrected, decided, undone, decided again."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("paths")

OpenPage = Callable[..., Page]
EVENT = "Academy for heads of joint secretariats"


def totals(page: Page) -> list[int]:
    """Seats, waiting list, declined, undecided, as the bar says once the page is there."""
    page.wait_for_load_state()
    text = page.locator("[data-live=totals]").inner_text()
    return [int(number) for number in re.findall(r"(\d+)(?: of \d+)? \w", text)]


def expect_totals(page: Page, *numbers: int) -> None:
    seats, waiting, declined, undecided = numbers
    expect(page.locator("[data-live=totals]")).to_have_text(
        re.compile(
            rf"^{seats} of \d+ .*, {waiting} to the waiting list, "
            rf"{declined} declined, {undecided} undecided\.$"
        )
    )
    page.wait_for_load_state()


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
    page.wait_for_url("**/selection")
    undecided = totals(page)[3]
    assert undecided > 20

    page.get_by_role("button", name="Propose a selection").click()
    expect(page.get_by_text(re.compile("^Proposed: "))).to_be_visible()
    seats, waiting, *rest = totals(page)
    assert (seats + waiting, rest) == (undecided, [0, 0])
    expect(page.get_by_text(re.compile("^When their turn came"))).to_have_count(undecided)

    seated = page.locator(".candidate").filter(has=page.locator("[value=confirmed]:checked")).first
    waits = page.locator(".candidate").filter(has=page.locator("[value=waitlisted]:checked")).first
    limits, overall = page.locator("[data-live=limits]"), page.locator("[data-live=overall]")
    before = overall.inner_text()
    expect(limits).to_contain_text("Within the rules")
    waits.get_by_text("Seat", exact=True).click()  # what it comes to follows, nothing is saved
    expect_totals(page, seats + 1, waiting - 1, 0, 0)
    expect(limits.get_by_text("seats given, 1 more than there are.")).to_be_visible()
    expect(overall).not_to_have_text(before)
    page.keyboard.press("ArrowRight")
    expect(limits).to_contain_text("Within the rules")
    expect(page.get_by_text("Not saved yet")).to_be_hidden()

    seated.get_by_text("Decline", exact=True).click()
    expect_totals(page, seats - 1, waiting, 1, 0)
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("1 choice saved.")).to_be_visible()
    expect(page.get_by_text("Changed by hand.")).to_have_count(1)
    page.wait_for_load_state()
    expect(page.get_by_text("Not saved yet")).to_be_hidden()

    decide_all(page)
    applicant.reload()
    expect(mine.get_by_text("Application pending")).to_be_visible()
    page.get_by_role("button", name="Undo this decision").click()
    expect(page.get_by_text(f"Undone: {undecided} people are pending again")).to_be_visible()
    expect_totals(page, seats - 1, waiting, 1, 0)

    seated.get_by_text("Decline", exact=True).click()
    expect_totals(page, seats - 2, waiting, 2, 0)
    page.get_by_role("button", name="Country").click()  # nothing chosen is lost by it
    expect(page.get_by_role("heading", name=re.compile("^Finland"))).to_be_visible()
    expect_totals(page, seats - 2, waiting, 2, 0)
    page.get_by_role("button", name="Propose again").click()  # what was chosen by hand is kept
    expect_totals(page, seats, waiting - 2, 2, 0)
    decide_all(page)
    expect(page.get_by_text("Everybody is decided")).to_be_visible()
