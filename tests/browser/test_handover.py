"""A seat goes from one person to another, and a programme's coordinator nominates."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_crawl import flaws
from tests.browser.test_paths import newest_mail_to

pytestmark = pytest.mark.xdist_group("paths")

OpenPage = Callable[..., Page]
EVENT = "Double funding: tools and limits"


def test_a_seat_is_handed_to_a_colleague(open_page: OpenPage) -> None:
    holder = open_page("controller@demo.example", width=360)
    holder.goto("/my/")
    holder.get_by_role("link", name=EVENT).click()
    hand_over = holder.get_by_role("link", name="Hand it over")
    expect(hand_over).to_be_visible()  # it stands below the seat
    seat = [cell.strip() for cell in holder.locator(".own-registration dd").all_inner_texts()]
    hand_over.click()
    holder.get_by_role("button", name="Offer my seat").click()
    expect(holder.get_by_role("alert")).to_contain_text("Write your colleague’s e-mail address")
    holder.get_by_label("Your colleague’s e-mail address").fill("authority@demo.example")
    holder.get_by_role("button", name="Offer my seat").click()
    expect(holder.get_by_role("heading", name="You have asked a colleague")).to_be_visible()

    link = re.search(
        r"http\S+(/handovers/\S+)", newest_mail_to(holder, "authority@demo.example", EVENT)
    )
    assert link
    colleague = open_page("authority@demo.example", width=360)
    colleague.goto(link.group(1))
    assert flaws(colleague) == []
    colleague.set_viewport_size({"width": 360, "height": 900})
    colleague.get_by_role("link", name="Add a profile").click()
    role, _, programme = seat[1].partition(", ")
    institution, _, country = seat[2].rpartition(", ")
    colleague.get_by_label("Institution").fill(institution)
    colleague.get_by_label("Role").select_option(role)
    colleague.get_by_label(re.compile("^Programme")).fill(programme)
    colleague.get_by_label("Country").select_option(country)
    colleague.get_by_role("button", name="Add profile").click()

    colleague.get_by_label(re.compile("^Access needs")).fill("Step-free access")
    colleague.get_by_role("button", name="Take the seat").click()
    expect(colleague.get_by_role("heading", name="You have a seat")).to_be_visible()

    holder.goto("/my/")
    holder.get_by_role("link", name=EVENT).click()
    expect(holder.get_by_text("Handed to a colleague.")).to_be_visible()
    assert "Your colleague has accepted your seat" in newest_mail_to(
        holder, "controller@demo.example", "handed over"
    )


def test_a_coordinator_nominates_several_people(open_page: OpenPage) -> None:
    page = open_page("authority@demo.example", width=360)
    page.goto("/my/")
    page.get_by_role("link", name="Programmes", exact=True).click()
    page.get_by_role("main").get_by_role("link", name="Romania-Bulgaria").click()
    page.get_by_role("link", name=re.compile("^Nominate people for European")).wait_for()
    places = page.url
    page.get_by_role("link", name=re.compile("^Nominate people for European")).click()
    for number, name in enumerate(("Ana Ionescu", "Иван Петров"), start=1):
        row = page.get_by_role("group", name=f"Person {number}", exact=True)
        row.get_by_label("E-mail").fill(f"person{number}@nominated.example")
        row.get_by_label("Name").fill(name)
        row.get_by_label("Institution").fill("Ministry of Development")
        row.get_by_label("Role").select_option("Joint secretariat")
        row.get_by_label("Country").select_option("Romania")
    page.get_by_role("button", name="Nominate").click()
    expect(page.get_by_role("status")).to_contain_text("Ana Ionescu: a seat is held")
    expect(page.get_by_role("row").filter(has_text="Иван Петров")).to_contain_text("Nominated")
    assert flaws(page) == []

    link = re.search(
        r"http\S+(/nominations/\S+)", newest_mail_to(page, "person2@nominated.example", "nominated")
    )
    assert link
    nominee = open_page(width=360)
    nominee.goto(link.group(1))
    assert flaws(nominee) == []
    nominee.set_viewport_size({"width": 360, "height": 900})
    nominee.get_by_label("Password").fill("seven green bicycles sing")
    nominee.get_by_role("button", name="Accept").click()
    expect(nominee.get_by_role("status")).to_contain_text("Thank you: you have a seat.")
    expect(nominee.get_by_role("heading", name="You have a seat")).to_be_visible()

    page.goto(places)
    page.get_by_role("link", name="Withdraw the nomination of Ana Ionescu").click()
    page.wait_for_url("**/withdraw")
    assert flaws(page) == []
    page.get_by_role("button", name="Withdraw and tell them").click()
    expect(page.get_by_role("status")).to_contain_text("is withdrawn")
    page.wait_for_load_state()
    expect(page.get_by_role("row").filter(has_text="Ana Ionescu")).to_have_count(0)
    expect(page.get_by_role("row").filter(has_text="Иван Петров")).to_contain_text("Has a seat")
    text = newest_mail_to(page, "person1@nominated.example", "withdrawn")
    assert "have withdrawn your nomination" in text
