"""Who may open what."""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter, Rule

from interact_events.core.web.access import is_public
from tests import make
from tests.client import Client

# Every view that a stranger may open. A new one is added here by somebody who has thought of it.
PUBLIC = {
    "accounts.check_mail",
    "accounts.forgot",
    "accounts.reset",
    "accounts.sign_in",
    "accounts.sign_out",
    "accounts.sign_up",
    *("badges.as_json", "badges.as_jwt"),  # for whoever has the code
    *("badges.achievement", "badges.achievement_json", "badges.issuer", "badges.issuer_json"),
    *("badges.key", "badges.keys", "badges.status"),
    "bootstrap.static",
    *("calendar.agenda", "calendar.month", "calendar.week"),
    "calendars.catalogue",
    "calendars.event",
    "calendars.mine",  # proved by its address, which its owner gave to a program
    "certificates.verified",
    "certificates.verified_json",
    "certificates.verify",
    "certificates.verify_file",
    "dev_mail.calendar",
    "dev_mail.index",
    "dev_mail.show",
    "event_page.show",
    "events.catalogue",
    "events.home",
    "handovers.refuse",
    "handovers.show",
    "health.alive",
    "health.ready",
    "joining.by_link",  # proved by its link, which is the person's own
    "news.off",
    "news.switch_off",  # proved by its link; ends a mail and nothing else
    "nominations.decline",
    "nominations.show",
    "materials.download",  # of what is for everyone; checks who may have the rest
    "pages.accessibility",
    "pages.contact",
    "pages.privacy",
    "pages.site_map",
    "personal_codes.show",  # says nothing to a stranger
    "record.shared",  # proved by its link, which its owner gave them
    "record.shared_file",
    "registrations.confirm",
    "registrations.register",
    "self_check_in.shown",  # notes the scan; who it was they say signed in
    "staff.accept",
    "static",
    "subscribing.show",
    "worker.script",
}


def private_addresses(app: Flask, method: str) -> Iterator[str]:
    """An address for each private route that takes `method`."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in PUBLIC and method in (rule.methods or ()):
            yield adapter.build(rule.endpoint, _values(rule), method=method)


def _values(rule: Rule) -> dict[str, str | int]:
    return {name: _value(rule._converters[name]) for name in rule.arguments}


def _value(converter: BaseConverter) -> str | int:
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 1 if isinstance(converter, IntegerConverter) else "csv"


def test_public_views_are_these(app: Flask) -> None:
    with app.test_request_context():
        found = {rule.endpoint for rule in app.url_map.iter_rules() if is_public(rule.endpoint)}
    assert found == PUBLIC


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_stranger_is_asked_to_sign_in_everywhere_else(client: Client, method: str) -> None:
    addresses = list(private_addresses(client.application, method))
    assert len(addresses) > 20
    open_to_all = []
    for address in addresses:
        answer = client.get(address) if method == "GET" else client.press(address)
        if not (answer.status_code == 302 and answer.location.startswith("/sign-in")):
            open_to_all.append((address, answer.status_code))
    assert open_to_all == []


def test_sign_in_leads_back_to_the_page(client: Client) -> None:
    assert client.get("/my/profiles").location == "/sign-in?next=%2Fmy%2Fprofiles"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_form_is_taken_without_its_token(client: Client, method: str) -> None:
    client.sign_in(make.user())
    answer = client.open("/my/profiles/new", method=method, data={"institution": "X"})
    assert answer.status_code == (400 if method == "POST" else 405)


def test_personal_page_is_kept_by_nobody(client: Client) -> None:
    stranger = client.get("/contact").headers["Cache-Control"]
    client.sign_in(make.user())
    person = client.get("/contact").headers["Cache-Control"]
    assert (stranger, person) == ("no-cache, private", "no-store")


@pytest.mark.parametrize(
    "address", ["/events/a%00b", "/events?q=a%00", "/events.ics?topic=%00", "/events/%00/event.ics"]
)
def test_an_address_with_a_nul_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_number_that_no_row_can_have_is_not_found(client: Client) -> None:
    client.sign_in(make.coordinator())
    for address in ("/my/registrations/{}", "/jobs/{}", "/admin/offices/{}"):
        assert client.get(address.format("9" * 25)).status_code == 404
