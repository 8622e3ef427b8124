"""An idea is proposed, opened, wanted, planned and published; its supporters come first."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_crawl import flaws

pytestmark = pytest.mark.xdist_group("paths")

TITLE = "Förderfähigkeit von Übersetzungskosten"


def test_an_idea_becomes_an_event_to_which_its_supporters_come_first(
    open_page: Callable[..., Page],
) -> None:
    proposer = open_page("controller@demo.example", width=360)
    proposer.goto("/events?q=%C3%BCbersetzungskosten")
    proposer.get_by_role("link", name="Propose it").click()
    expect(proposer.get_by_label("Title")).to_have_value("übersetzungskosten")
    proposer.get_by_label("Title").fill("State aid in events")
    proposer.get_by_role("button", name="Propose the idea").click()
    expect(proposer.get_by_role("heading", name="This is alike")).to_be_visible()
    assert flaws(proposer) == []
    proposer.get_by_label("Title").fill(TITLE)
    proposer.get_by_label("March").check()
    proposer.get_by_role("button", name="Propose the idea").click()
    expect(proposer.get_by_text("An office looks at this proposal")).to_be_visible()
    assert flaws(proposer) == []

    office = open_page("lead.vienna@demo.example")
    office.goto("/offices/vienna/")
    office.get_by_role("link", name=re.compile(r"ideas wait to be opened")).click()
    office.get_by_role("link", name=TITLE).click()
    address = office.url
    office.get_by_role("button", name="Open it to everybody").click()
    expect(office.get_by_text("The idea is on the board.")).to_be_visible()
    assert flaws(office) == []

    other = open_page("authority@demo.example", width=360)
    other.goto(address)
    expect(other.get_by_text("1 person would come")).to_be_visible()
    other.get_by_role("button", name="I would come", exact=True).click()
    expect(other.get_by_text("2 people would come")).to_be_visible()
    expect(other.get_by_role("heading", name="You would come")).to_be_visible()
    assert flaws(other) == []

    office.goto(address)
    office.get_by_role("link", name="Turn into a draft").click()
    assert flaws(office) == []
    office.get_by_label("Kind").select_option("Webinar")
    office.get_by_label("First day").fill("2032-03-10")
    office.get_by_label("Head start for supporters, in days").fill("3")
    for role in office.get_by_role("group", name="Target roles").get_by_role("checkbox").all():
        role.uncheck()
    office.get_by_role("button", name="Make the draft").click()
    expect(office.get_by_role("status").filter(has_text="The draft is made")).to_be_visible()
    publish(office)

    expect_invitation(other, address)
    stranger = open_page(width=360)
    stranger.goto(f"/events?q={TITLE.split()[0]}")
    stranger.get_by_role("link", name=TITLE).click()
    expect(stranger.get_by_text("Registration opens on").first).to_be_visible()
    expect(stranger.get_by_role("link", name="Register", exact=True)).to_have_count(0)


def publish(page: Page) -> None:
    """What the draft still lacks, then the press."""
    page.get_by_role("link", name="Edit", exact=True).first.click()
    page.get_by_label("Summary").fill("Which costs of translating a programme can bear.")
    page.get_by_label("Description").fill("Two hours of cases.")
    page.get_by_role("button", name=re.compile("Save")).first.click()
    page.get_by_role("link", name="Agenda", exact=True).click()
    page.get_by_role("link", name="Add a session").first.click()
    page.get_by_label("Title").fill("Cases")
    page.get_by_label("Day").fill("2032-03-10")
    page.get_by_label("Start").fill("10:00")
    page.get_by_label("End").fill("11:00")
    page.get_by_role("button", name=re.compile("Add|Save")).click()
    expect(page.get_by_text("is on the agenda.")).to_be_visible()
    page.get_by_role("link", name="Overview", exact=True).click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("The event is published")).to_be_visible()


def expect_invitation(page: Page, address: str) -> None:
    """The supporter is led from the idea to the event, and registers at once."""
    page.goto(address)
    page.get_by_role("status").get_by_role("link", name=TITLE).click()
    expect(page.get_by_text("You are invited first")).to_be_visible()
    assert flaws(page) == []
    page.get_by_role("main").get_by_role("link", name="Register", exact=True).click()
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("heading", name="You have a seat")).to_be_visible()
