"""The secretariat's page of addresses that don't work."""

import pytest
from flask import Flask
from sqlalchemy import Connection

from interact_events.accounts.models import Level
from interact_events.bounces.queries import marked_addresses
from interact_events.core import clock, outbox
from interact_events.core.db import db
from interact_events.core.outbox import BouncedAddress
from tests import make
from tests.bounces.conftest import ANNA, sent_mail
from tests.client import Client, counted

PAGE = "/admin/addresses"
ZOI = """Ζωή "Žižka" <b>O'Neil</b>"""


def mark(address: str = ANNA, reason: str = "550 5.1.1 no such user") -> BouncedAddress:
    row = sent_mail(key=f"mail-{address}", to_address=address, message_id=f"<{address}>")
    found = outbox.mark_bounced(row, reason, now=clock.now())
    assert found
    db.session.commit()
    return found


def test_coordinator_sees_whom_nothing_reaches_and_why(client: Client) -> None:
    make.user(ZOI, email=ANNA)
    mark(reason="550 <script>alert(1)</script>")
    client.sign_in(make.coordinator())
    page = client.get(PAGE).get_data(as_text=True)
    assert ANNA in page
    assert "Ζωή &#34;Žižka&#34; &lt;b&gt;O&#39;Neil&lt;/b&gt;" in page
    assert "550 &lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "You have a seat: Sampling" in page
    assert 'href="/admin/addresses"' in client.get("/admin/").get_data(as_text=True)


def test_works_again_by_one_press_and_twice_is_the_same(client: Client) -> None:
    found = mark()
    coordinator = make.coordinator()
    client.sign_in(coordinator)
    assert client.press(f"{PAGE}/{found.id}/works", page=PAGE).location == PAGE
    page = client.get(PAGE).get_data(as_text=True)
    assert f"Mails go to {ANNA} again." in page
    assert "No mail has come back" in page
    cleared_at = found.cleared_at
    assert client.press(f"{PAGE}/{found.id}/works", page=PAGE).location == PAGE
    assert (found.cleared_at, found.cleared_by_id) == (cleared_at, coordinator.id)
    assert cleared_at is not None


@pytest.mark.parametrize("level", [None, *Level])
def test_nobody_else_sees_or_changes_them(client: Client, level: Level | None) -> None:
    found = mark()
    client.sign_in(make.member(level=level) if level else make.user())
    assert client.get(PAGE).status_code == 404
    assert client.press(f"{PAGE}/{found.id}/works").status_code == 404
    assert found.cleared_at is None


def test_stranger_has_to_sign_in(client: Client) -> None:
    found = mark()
    assert "/sign-in" in client.get(PAGE).location
    assert "/sign-in" in client.press(f"{PAGE}/{found.id}/works").location
    assert found.cleared_at is None


def test_unknown_number_is_not_found(client: Client) -> None:
    client.sign_in(make.coordinator())
    assert client.press(f"{PAGE}/4711/works", page=PAGE).status_code == 404


@pytest.mark.parametrize(
    ("search", "found"),
    [("virtanen@", [ANNA]), ("bo", ["bo@example.org"]), ("Ζωή", ["bo@example.org"]), ("%", [])],
)
def test_search_by_address_or_name(app: Flask, search: str, found: list[str]) -> None:
    make.user("Ζωή Bo", email="bo@example.org")
    mark()
    mark("bo@example.org")
    rows = db.session.scalars(marked_addresses(search)).all()
    assert [row.address for row in rows] == found


def test_page_says_where_no_mailbox_is_set_up(client: Client) -> None:
    client.sign_in(make.coordinator())
    page = client.get(PAGE).get_data(as_text=True)
    assert "No mailbox is set up" in page


def test_page_costs_the_same_for_one_and_for_many(client: Client, connection: Connection) -> None:
    client.sign_in(make.coordinator())
    counts = []
    for number in (1, 3):
        for n in range(number):
            make.user(email=f"p{number}-{n}@example.org")
            mark(f"p{number}-{n}@example.org")
        with counted(connection) as said:
            client.get(PAGE)
        counts.append(len(said))
    assert counts[0] == counts[1]
