import re
from typing import Any

import pytest
from sqlalchemy import Connection, select

from interact_events.accounts.models import Profile
from interact_events.core.db import db
from tests import make
from tests.client import Client, counted

SEVERAL = (
    "Several programmes match: Interreg Europe (2014–2020); Interreg Europe (2021–2027). "
    "Choose one from the list."
)


def fields(**changes: Any) -> dict[str, Any]:
    usual = {
        "institution": "Región de Murcia",
        "role": make.role("MA").id,
        "programme": "2021TC16IPCB001",
        "country": make.country("ES").id,
    }
    return usual | changes


def errors_on(html: str) -> list[str]:
    return re.findall(r'<div class="error"[^>]*><span>([^<]*)</span>', html)


def add(client: Client, **changes: Any) -> str:
    return client.press("/my/profiles/new", **fields(**changes)).get_data(as_text=True)


def stored() -> list[Profile]:
    return list(db.session.scalars(select(Profile).order_by(Profile.id)))


def test_profile_is_added_by_the_programmes_code(client: Client) -> None:
    person = make.user()
    client.sign_in(person)
    wanted = make.programme("V-A Finland-Estonia-Latvia-Sweden")
    assert wanted.code
    answer = client.press("/my/profiles/new", **fields(programme=wanted.code.lower()))
    assert answer.location == "/my/profiles"
    assert [(p.user_id, p.programme, p.role.code, p.is_default) for p in stored()] == [
        (person.id, wanted, "MA", True)
    ]


def test_profile_is_added_by_a_suggestion(client: Client) -> None:
    client.sign_in(make.user())
    form = client.get("/my/profiles/new").get_data(as_text=True)
    suggestions = re.findall(r'<option value="([^"]*\))"', form)
    assert len(suggestions) == 184
    add(client, programme=suggestions[7])
    assert [p.programme and p.programme.label for p in stored()] == [suggestions[7]]


def test_profile_needs_no_programme(client: Client) -> None:
    client.sign_in(make.user())
    add(client, programme=" ")
    assert [p.programme for p in stored()] == [None]


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("institution", " ", "Write where you work."),
        ("role", "", "Choose your role."),
        ("country", "", "Choose the country you work in."),
        ("country", "x", "Choose one of those on offer."),
        ("programme", "Atlantis", "No programme has that name or code. Choose one from the list."),
        (
            "programme",
            "Interreg Europe",
            SEVERAL,
        ),
    ],
)
def test_wrong_answer_is_explained_and_kept(
    client: Client, field: str, value: str, error: str
) -> None:
    client.sign_in(make.user())
    page = add(client, **({"programme": ""} | {field: value}))
    assert errors_on(page) == [error]
    if field == "programme":
        assert f'value="{value}"' in page
    assert stored() == []


def test_adding_leads_back_to_the_registration_that_asked(client: Client) -> None:
    client.sign_in(make.user())
    answer = client.press("/my/profiles/new?next=/events/a/register", **fields(programme=""))
    assert answer.location == "/events/a/register"


def test_same_profile_twice_is_refused_above_the_form(client: Client) -> None:
    client.sign_in(make.user())
    add(client, programme="")
    assert "You have this profile already." in add(client, programme="")
    assert len(stored()) == 1


def test_profile_is_edited(client: Client) -> None:
    person = make.user()
    profile = make.profile(person)
    client.sign_in(person)
    address = f"/my/profiles/{profile.id}"
    assert "Regional Council of Southwest Finland" in client.get(address).get_data(as_text=True)
    client.press(address, **fields(programme=""))
    assert (profile.institution, profile.programme) == ("Región de Murcia", None)


def test_default_and_retirement_by_buttons(client: Client) -> None:
    person = make.user()
    first, second = make.profile(person), make.profile(person, institution="Second")
    client.sign_in(person)
    client.press(f"/my/profiles/{second.id}/default")
    assert (first.is_default, second.is_default) == (False, True)
    client.press(f"/my/profiles/{second.id}/retire")
    assert (first.is_default, second.retired_at is None) == (True, False)


@pytest.mark.parametrize("what", ["", "/default", "/retire"])
def test_nobody_reaches_another_persons_profile(client: Client, what: str) -> None:
    profile = make.profile(institution="Theirs")
    client.sign_in(make.coordinator())
    answer = client.press(f"/my/profiles/{profile.id}{what}", **fields(programme=""))
    assert answer.status_code == 404
    assert (profile.institution, profile.retired_at) == ("Theirs", None)


def test_retired_profile_is_gone(client: Client) -> None:
    person = make.user()
    profile = make.profile(person)
    client.sign_in(person)
    client.press(f"/my/profiles/{profile.id}/retire")
    assert client.get(f"/my/profiles/{profile.id}").status_code == 404
    assert "You have no profile yet" in client.get("/my/profiles").get_data(as_text=True)


def test_list_of_profiles_costs_the_same_for_one_and_three(
    client: Client, connection: Connection
) -> None:
    counts = []
    for number in (1, 3):
        person = make.user()
        for n in range(number):
            make.profile(
                person,
                institution=f"Institution {n}",
                role_id=make.role(("CTRL", "MA", "AA")[n]).id,
                country_id=make.country(("FI", "ES", "AT")[n]).id,
            )
        client.sign_in(person)
        with counted(connection) as statements:
            client.get("/my/profiles")
        counts.append(len(statements))
    assert counts[0] == counts[1]
