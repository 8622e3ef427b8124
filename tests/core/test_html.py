"""Every public page is valid HTML, whatever it has to show."""

from collections.abc import Iterator

import pytest
from flask import Flask

from interact_events.events.models import EventState, Mode
from tests import make
from tests.client import Client
from tests.node import Read, reading_with

LONG = 'Ζωή "Žižka" <b>O\'Neil</b> & die Prüfungsschwerpunkte der Verwaltungsvereinfachung'


@pytest.fixture(scope="module")
def validate() -> Iterator[Read]:
    with reading_with("html-validate", "core/validator.mjs") as ask:
        yield ask


def plain_addresses(app: Flask) -> list[str]:
    """Of all pages that strangers may open without knowing more than their address."""
    return [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.arguments
        and getattr(app.view_functions[rule.endpoint], "is_public", False)
    ]


def wrong_with(client: Client, validate: Read, address: str) -> list[str]:
    answer = client.get(address)
    if answer.mimetype != "text/html":
        answer.close()
        return []
    return [f"{address}: {sentence}" for sentence in validate(answer.text)["wrong"]]


def test_pages_are_valid_html(client: Client, app: Flask, validate: Read) -> None:
    """First of an empty site, then of one that has a bit of everything."""
    addresses = [*plain_addresses(app), "/events?past=1&q=nothing", "/nowhere"]
    assert [w for address in addresses for w in wrong_with(client, validate, address)] == []
    slugs = [
        make.event(LONG, summary=LONG).slug,
        make.event(LONG, mode=Mode.HYBRID, online_capacity=3, capacity=3, seats_taken=3).slug,
        make.event(state=EventState.CANCELLED, cancellation_reason=LONG).slug,
        make.event(starts_at=make.days(-3)).slug,
        make.event(registration_opens_at=make.days(3)).slug,
    ]
    pages = [f"/events/{slug}{rest}" for slug in slugs for rest in ("", "/register")]
    assert [w for a in [*addresses, *pages] for w in wrong_with(client, validate, a)] == []


@pytest.mark.parametrize("address", ["/sign-in", "/sign-up", "/forgot-password", "register"])
def test_forms_with_mistakes_are_valid_html(client: Client, validate: Read, address: str) -> None:
    page = f"/events/{make.event().slug}/register" if address == "register" else address
    answer = client.press(page, email=LONG, name="")
    assert validate(answer.text)["wrong"] == []


def test_the_validator_finds_what_is_wrong(validate: Read) -> None:
    assert validate("<!doctype html><html lang='en'><body><ul><p>x</ul></body></html>")["wrong"]
