"""Somebody chooses their news, sees the next mail, and ends them by the link."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from interact_events.config import DEVELOPMENT_KEY
from interact_events.news.queries import sign_off_token
from tests.browser.site import Site
from tests.browser.test_crawl import flaws

pytestmark = pytest.mark.xdist_group("paths")


def test_news_is_chosen_previewed_and_ended_by_one_press(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("controller@demo.example", width=360)
    page.goto("/my/settings")
    page.get_by_role("link", name="Choose your news").click()
    page.get_by_label("Send me new events by e-mail").check()
    page.get_by_label("State aid").check()
    page.get_by_label("Day of the week").select_option("Friday")
    page.get_by_label("Time").select_option("07:00")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Your news settings are saved.")
    expect(page.get_by_text(re.compile(r"It goes on Friday \d.*07:00 "))).to_be_visible()
    expect(page.get_by_label("State aid")).to_be_checked()
    assert flaws(page) == []


def test_link_of_a_mail_ends_news_without_sign_in(
    open_page: Callable[..., Page], off_link: str
) -> None:
    page = open_page(width=360)
    page.goto(off_link)
    assert flaws(page) == []
    page.get_by_role("button", name="Switch news off").click()
    expect(page.get_by_role("heading", name="News is off")).to_be_visible()
    page.goto(off_link)
    expect(page.get_by_role("button", name="Switch news off")).to_have_count(0)


@pytest.fixture
def off_link(open_page: Callable[..., Page], site: Site) -> str:
    """As a mail says it, of somebody who has switched news on."""
    page = open_page("authority@demo.example")
    page.goto("/my/settings/news")
    page.get_by_label("Send me new events by e-mail").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Your news settings are saved.")
    with closing(sqlite3.connect(site.folder / "interact-events.sqlite")) as held:
        query = "SELECT id FROM users WHERE email = 'authority@demo.example'"
        (number,) = held.execute(query).fetchone()
    return f"/news/off/{sign_off_token(number, key=DEVELOPMENT_KEY)}"
