"""From a template to published modules with their checklists; the second one after the first."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.xdist_group("paths")

OpenPage = Callable[..., Page]
TEMPLATE = "Simplified cost options in practice"
SERIES = "Costs in two modules"
ONE, TWO = "Costs, module 1", "Costs, module 2"


def day_in(days: int) -> str:
    return str(date.today() + timedelta(days=days))  # noqa: DTZ011  # what a person would type


def test_modules_from_a_template_one_after_the_other(open_page: OpenPage) -> None:
    staff = open_page("lead.turku@demo.example", width=360)
    make_modules(staff)
    for title in (ONE, TWO):
        publish_with_a_task_done(staff, title)
    put_two_after_one(staff)

    person = open_page("controller@demo.example")
    look_at(person, TWO)
    expect(
        person.get_by_role("complementary")
        .get_by_text("this event is for people who have a seat at")
        .first
    ).to_be_visible()
    expect(person.get_by_role("link", name="Register")).to_have_count(0)
    person.get_by_role("link", name=ONE).click()
    register(person)
    look_at(person, TWO)
    register(person)


def make_modules(page: Page) -> None:
    page.goto("/offices/turku/series/")
    page.get_by_role("link", name="New series").click()
    page.get_by_label("Name").fill(SERIES)
    page.get_by_label("Modules that follow each other").check()
    page.get_by_role("button", name="Make the series").click()
    page.get_by_role("link", name="Make new events").click()
    page.get_by_label("Made from").select_option(f"Template: {TEMPLATE}")
    for number, (title, days) in enumerate(((ONE, 60), (TWO, 90)), start=1):
        row = page.get_by_role("group", name=f"Event {number}")
        row.get_by_label("Title").fill(title)
        row.get_by_label("First day").fill(day_in(days))
    page.get_by_role("button", name="Make the events").last.click()
    expect(page.get_by_text("2 drafts made.")).to_be_visible()


def publish_with_a_task_done(page: Page, title: str) -> None:
    page.get_by_role("link", name=title, exact=True).click()
    page.get_by_role("link", name="Open the checklist").click()
    page.get_by_role("button", name="Mark done: Venue booked").click()
    expect(page.get_by_text("“Venue booked” is done.")).to_be_visible()
    expect(page.get_by_text("1 of 6 tasks done.")).to_be_visible()
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_text(f"Made from the template {TEMPLATE}")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("The event is published")).to_be_visible()
    page.get_by_role("link", name=SERIES).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(SERIES)


def put_two_after_one(page: Page) -> None:
    row = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=TWO, exact=True))
    row.get_by_label("Who may register").select_option(f"Only with a seat at: {ONE}")
    row.get_by_role("button", name=re.compile("^Save")).click()
    said = f"“{TWO}” is open to people who have a seat at “{ONE}”."
    expect(page.get_by_text(said)).to_be_visible()


def look_at(page: Page, title: str) -> None:
    page.goto("/events/costs-module-2" if title == TWO else "/events/costs-module-1")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def register(page: Page) -> None:
    page.get_by_role("link", name="Register", exact=True).click()
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_text("You have a seat.")).to_be_visible()
