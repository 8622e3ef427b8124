"""The dashboard's pages, and who may open them."""

import pytest
from sqlalchemy import Connection

from interact_events.accounts.models import Level
from interact_events.events.models import EventState
from interact_events.registrations.models import State
from tests import make
from tests.client import Client, counted


@pytest.mark.parametrize("level", list(Level))
def test_office_is_shown_to_its_staff(client: Client, level: Level) -> None:
    client.sign_in(make.member("turku", level))
    page = client.get("/offices/turku/")
    assert page.status_code == 200
    assert ("New event" in page.text) == (level is not Level.VIEWER)


def test_office_is_shown_to_coordinators(client: Client) -> None:
    client.sign_in(make.coordinator())
    assert client.get("/offices/viborg/").status_code == 200


@pytest.mark.parametrize("address", ["/offices/turku/", "/offices/nowhere/"])
def test_office_does_not_exist_for_staff_of_another(client: Client, address: str) -> None:
    client.sign_in(make.member("vienna", Level.LEAD))
    assert client.get(address).status_code == 404


def test_office_asks_strangers_to_sign_in(client: Client) -> None:
    answer = client.get("/offices/turku/")
    assert (answer.status_code, answer.location) == (302, "/sign-in?next=%2Foffices%2Fturku%2F")


def test_office_without_work_says_so(client: Client) -> None:
    client.sign_in(make.member())
    assert "Nothing waits for you" in client.get("/offices/turku/").text


def test_office_lists_each_kind_of_work_with_names_escaped(client: Client) -> None:
    name = 'Ζωή "Žižka" <b>O\'Neil</b>'
    make.event(name, state=EventState.DRAFT)
    make.registration(make.event(f"Applied {name}"), state=State.PENDING)
    make.event(f"Soon {name}", starts_at=make.days(1))
    over = make.event(f"Over {name}", starts_at=make.days(-3))
    make.presence(make.registration(over), over.agenda[0])
    client.sign_in(make.member())
    page = client.get("/offices/turku/").text
    assert page.count("O&#39;Neil&lt;/b&gt;") == 4
    assert "1 application" in page
    assert "1 person" in page
    assert "Nothing waits for you" not in page


def test_office_page_costs_the_same_for_one_row_and_for_three(
    client: Client, connection: Connection
) -> None:
    client.sign_in(make.member())
    counts = []
    for more in (1, 2):
        for number in range(more):
            make.event(f"Draft {more} {number}", state=EventState.DRAFT)
            make.registration(make.event(f"Open {more} {number}"), state=State.PENDING)
            make.event(f"Soon {more} {number}", starts_at=make.days(1))
        with counted(connection) as statements:
            client.get("/offices/turku/")
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_offices_lists_those_of_the_viewer(client: Client) -> None:
    client.sign_in(make.member("turku"))
    page = client.get("/offices/").text
    assert "Interact Office Turku" in page
    assert "Interact Office Vienna" not in page


def test_offices_lists_all_to_coordinators(client: Client) -> None:
    client.sign_in(make.coordinator())
    page = client.get("/offices/").text
    assert page.count('<th scope="row"') == 5


def test_offices_does_not_exist_for_registrants(client: Client) -> None:
    client.sign_in(make.user())
    assert client.get("/offices/").status_code == 404


@pytest.mark.parametrize("address", ["/offices/", "/offices/turku/"])
def test_staff_read_that_mails_reach_nobody(client: Client, address: str) -> None:
    client.sign_in(make.member())
    assert "No mail server is set up here" in client.get(address).text
