"""An office imports the report of an online meeting in which not everybody is known at once."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.test_crawl import flaws

pytestmark = pytest.mark.xdist_group("paths")

OpenPage = Callable[..., Page]
EVENT = "harmonised-implementation-tools-what-changes-in-the-next-release"
DESK = f"/offices/turku/events/{EVENT}/attendance"
STAFF = "editor.turku@demo.example"


def report(*lines: str) -> FilePayload:
    heading = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest"
    content = "\n".join([heading, *lines]).encode("utf-16")
    return {"name": "participants.csv", "mimeType": "text/csv", "buffer": content}


def the_day(page: Page) -> str:
    """The event's first day, as a report writes it."""
    page.goto(f"/events/{EVENT}")
    started = page.locator("time[datetime]").first.get_attribute("datetime") or ""
    year, month, day = started[:10].split("-")
    return f"{day}/{month}/{year}"


def people(page: Page) -> list[str]:
    """Who has a seat."""
    page.goto(DESK)
    return page.locator(".people-noted strong").all_inner_texts()


def send(page: Page, file: FilePayload) -> None:
    page.goto(f"{DESK}/imports")
    page.get_by_label("Attendance report").set_input_files(file)
    page.get_by_role("button", name="Read the report").click()


def test_doubtful_people_are_chosen_and_the_next_report_knows_them(open_page: OpenPage) -> None:
    page = open_page(STAFF)
    day = the_day(page)
    known, doubtful = people(page)[:2]

    send(page, {"name": "list.xlsx", "mimeType": "", "buffer": b"PK\x03\x04 xl/workbook.xml"})
    expect(page.get_by_role("alert")).to_contain_text("This is a spreadsheet (XLSX).")
    assert flaws(page) == []

    shown = f"{doubtful} Abcdef"
    lines = [
        f"{known} (Guest),,{day} 09:55:00,{day} 10:20:00,25,Yes",
        f"{known} (Guest),,{day} 10:30:00,{day} 12:10:00,100,Yes",
        f"{shown},home@private.example,{day} 10:00:00,{day} 11:00:00,60,Yes",
        f"iPhone,,{day} 10:00:00,{day} 11:00:00,60,Yes",
    ]
    send(page, report(*lines))
    expect(page.get_by_text("2 people are not matched yet")).to_be_visible()
    assert flaws(page) == []
    apply = page.get_by_role("button", name=re.compile("Note attendance for"))
    expect(apply).to_have_text("Note attendance for 1 person")
    choice = page.get_by_label(f"Who is {shown}?")
    choice.select_option(index=1)
    expect(choice.locator("option:checked")).to_contain_text(f"{doubtful}, ")
    page.get_by_label("Who is iPhone?").select_option("Nobody at this event")
    expect(apply).to_have_text("Note attendance for 2 people")

    page.get_by_role("button", name="Keep my choices").click()
    expect(page.get_by_role("status")).to_contain_text("Your choices are kept.")
    page.reload()
    expect(page.get_by_text("Everybody is matched or set aside.")).to_be_visible()
    apply.click()
    expect(page.get_by_role("status")).to_contain_text("Attendance of 2 people is noted.")
    assert flaws(page) == []

    send(page, report(f"Somebody,home@private.example,{day} 11:15:00,{day} 11:45:00,30,Yes"))
    expect(page.get_by_text("Confirmed before")).to_be_visible()

    page.goto(f"{DESK}/imports")
    page.get_by_role("row", name=re.compile("Noted")).get_by_role("link").click()
    page.locator("summary", has_text="Undo this import").click()
    page.get_by_role("button", name="Yes, undo it").click()
    expect(page.get_by_role("status")).to_contain_text("what was noted before holds again")


def test_a_zone_is_looked_at_before_anything_is_noted(open_page: OpenPage) -> None:
    page = open_page(STAFF, width=360)
    day = the_day(page)
    known = people(page)[2]
    send(page, report(f"{known},,{day} 09:00:00,{day} 10:00:00,60,No"))
    expect(page.get_by_text("nobody was there during any session")).to_be_visible()
    page.get_by_label("Times are those of").select_option("Europe/Berlin")
    page.get_by_role("button", name="Read it like this").click()
    expect(page.get_by_role("status")).to_contain_text("Nothing is noted yet")
    expect(page.get_by_role("button", name="Note attendance for 1 person")).to_be_visible()
    assert flaws(page) == []
