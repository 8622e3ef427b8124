"""A full event, whose next seat is offered, and a seat that has to be reconfirmed."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site

pytestmark = pytest.mark.xdist_group("paths")

OpenPage = Callable[..., Page]
FULL = "State aid: assessment without fear"
AHEAD = "Flat rates for staff costs"
EARLIER = """
from datetime import timedelta
from sqlalchemy import select
from app import app
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.registrations.models import Registration
with app.app_context():
    is_there = Registration.event.has(Event.title == TITLE), Registration.decided_at.is_not(None)
    for row in db.session.scalars(select(Registration).where(*is_there)):
        row.decided_at -= timedelta(days=60)  # who has a seat since yesterday is not asked
    db.session.commit()
"""
SETTLE = """
from app import app
from interact_events.registrations.jobs import settle_events
with app.app_context():
    settle_events()
"""


def open_seats(page: Page, office: str, title: str) -> None:
    page.goto(f"/offices/{office}/events/?q={title.split(':')[0]}")
    page.get_by_role("link", name=title).first.click()
    page.get_by_role("link", name="Seats", exact=True).click()
    page.wait_for_url("**/seats")


def save_rules(page: Page) -> None:
    page.get_by_role("button", name="Show what changes").last.click()
    page.get_by_role("button", name="Save the rules").click()
    expect(page.get_by_text("The rules are saved.")).to_be_visible()


def test_a_full_event_keeps_a_line_and_offers_its_next_seats(open_page: OpenPage) -> None:
    late = open_page("controller@demo.example", width=360)
    late.goto("/events?q=state+aid+assessment")
    late.get_by_role("link", name=FULL).click()
    late.get_by_role("main").get_by_role("link", name="Join the waiting list").click()
    late.get_by_role("button", name="Join the waiting list").click()
    expect(late.get_by_role("heading", name="You are on the waiting list")).to_be_visible()
    expect(late.get_by_text(re.compile(r"\d+(st|nd|rd|th) in line"))).to_be_visible()

    office = open_page("lead.vienna@demo.example")
    open_seats(office, "vienna", FULL)
    office.get_by_label("Seats", exact=True).fill("40")
    office.get_by_role("button", name="Show what changes").last.click()
    office.get_by_role("button", name="Save the rules").click()
    expect(office.get_by_text(re.compile("get the offer of a seat"))).to_be_visible()

    first = open_page("authority@demo.example", width=360)
    first.goto("/my/")
    first.get_by_role("link", name=FULL).click()
    expect(first.get_by_role("heading", name="A seat is offered to you")).to_be_visible()
    first.get_by_role("button", name="Accept").click()
    expect(first.get_by_role("heading", name="You have a seat")).to_be_visible()

    late.goto("/my/")
    expect(late.get_by_text("Seat offered").first).to_be_visible()
    late.get_by_role("link", name=FULL).click()
    late.get_by_role("button", name="Decline").click()
    expect(late.get_by_text("You have declined the seat")).to_be_visible()

    first.goto("/my/")
    first.get_by_role("link", name=FULL).click()
    cancel = first.get_by_text("Cancel my registration")
    expect(cancel).to_be_visible()
    first.wait_for_load_state()
    yes = first.get_by_role("button", name="Yes, cancel it")
    expect(yes).to_be_hidden()
    cancel.click()
    expect(first.get_by_text("You give up your seat.")).to_be_visible()
    yes.click()
    expect(first.get_by_text("is cancelled.")).to_be_visible()


def test_a_seat_is_reconfirmed(open_page: OpenPage, site: Site) -> None:
    site.run("python", "-c", EARLIER.replace("TITLE", repr(AHEAD)))
    office = open_page("editor.turku@demo.example")
    open_seats(office, "turku", AHEAD)
    office.get_by_label("Ask those who have a seat to reconfirm").check()
    for label, days in (("Ask", "30"), ("Remind", "3"), ("Release", "1")):
        office.get_by_label(re.compile(f"^{label}")).last.fill(days)
    save_rules(office)
    site.run("python", "-c", SETTLE)  # the worker does it within a minute

    person = open_page("controller@demo.example", width=360)
    person.goto("/my/")
    person.get_by_role("link", name=re.compile("whether you still come")).click()
    person.get_by_role("button", name="Yes, I still come").click()
    expect(person.get_by_text("Thank you: you keep your seat.")).to_be_visible()
    person.wait_for_load_state()
    expect(person.get_by_role("button", name="Yes, I still come")).to_have_count(0)
