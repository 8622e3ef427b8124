import pytest
from flask import Flask
from sqlalchemy import Connection, select

from interact_events.core.db import db
from interact_events.interreg.models import SitePage
from tests import make
from tests.client import Client, counted


def page_row(code: str) -> SitePage:
    return db.session.scalars(select(SitePage).where(SitePage.code == code)).one()


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/contact", "Contact"),
        ("/privacy", "Privacy notice"),
        ("/accessibility", "Accessibility statement"),
        ("/site-map", "Site map"),
    ],
)
def test_page_opens_for_a_stranger(client: Client, address: str, title: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, f"<h1>{title}</h1>" in answer.get_data(as_text=True)) == (200, True)


@pytest.mark.parametrize("address", ["/contact", "/privacy", "/accessibility", "/site-map"])
def test_page_links_the_four_pages(client: Client, address: str) -> None:
    page = client.get(address).get_data(as_text=True)
    four = ("/contact", "/privacy", "/accessibility", "/site-map")
    assert [link for link in four if f'href="{link}"' not in page] == []


def test_text_is_what_the_secretariat_wrote(client: Client) -> None:
    client.sign_in(make.coordinator())
    row = page_row("privacy")
    client.press(
        f"/admin/pages/{row.id}",
        title="Your data",
        body="## Who\n\nWe, *all* of us. <script>alert(1)</script>",
    )
    page = client.get("/privacy").get_data(as_text=True)
    text = page.partition('<div class="prose">')[2].partition("</div>")[0]
    assert "<h1>Your data</h1>" in page
    assert text == (
        "<h2>Who</h2>\n<p>We, <em>all</em> of us. &lt;script&gt;alert(1)&lt;/script&gt;</p>\n"
    )


def test_notice_says_when_needs_are_deleted(app: Flask) -> None:
    days = app.extensions["settings"].keep_needs_days
    assert f"**How long:** {days} days after the end of the event" in page_row("privacy").body


def test_notice_says_when_reports_of_meetings_are_deleted(app: Flask) -> None:
    days = app.extensions["settings"].keep_reports_days
    assert f"**How long:** The report {days} days after it was sent" in page_row("privacy").body


def test_notice_says_when_support_of_ideas_is_deleted(app: Flask) -> None:
    days = app.extensions["settings"].keep_ideas_days
    assert f"until {days} days after the idea was closed" in page_row("privacy").body


def test_statement_names_its_standard(app: Flask) -> None:
    body = page_row("accessibility").body
    assert [name for name in ("EN 301 549", "WCAG) 2.1", "2016/2102") if name not in body] == []


def test_contact_lists_the_offices(client: Client) -> None:
    turku = make.office()
    turku.phone, turku.address = "+358 2 000 00", "Linnankatu\n20100 Turku"
    make.office("viborg").is_retired = True
    db.session.commit()
    page = client.get("/contact").get_data(as_text=True)
    shown = [
        code
        for code in ("turku", "valencia", "viborg", "vienna", "secretariat")
        if f'href="mailto:{code}@interact.example"' in page
    ]
    assert "Linnankatu<br>20100 Turku<br>" in page
    assert '<a href="tel:+358200000">+358 2 000 00</a>' in page
    assert set(shown) == {"turku", "valencia", "vienna", "secretariat"}


def test_site_map_links_the_events_of_each_office(client: Client) -> None:
    page = client.get("/site-map").get_data(as_text=True)
    linked = [
        code
        for code in ("turku", "valencia", "viborg", "vienna", "bratislava")
        if f'href="/events?office={code}"' in page
    ]
    assert linked == ["turku", "valencia", "viborg", "vienna"]


def test_page_costs_two_queries_at_most(client: Client, connection: Connection) -> None:
    for address in ("/contact", "/privacy", "/accessibility", "/site-map"):
        with counted(connection) as statements:
            client.get(address)
        assert len(statements) <= 2, (address, statements)
