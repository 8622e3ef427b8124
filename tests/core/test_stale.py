"""Forms that are sent after signing out in another tab, or with a token that is no longer good."""

from collections.abc import Iterator
from html import unescape
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse
from wtforms import PasswordField
from wtforms.fields.core import UnboundField
from wtforms.form import BaseForm

from interact_events.core.web.stale import SIGNED_OUT
from tests import make
from tests.client import TOKEN, Client

FORM = "/my/profiles/new?next=/my/"


def send(client: Client, address: str, page: str = FORM, **fields: object) -> TestResponse:
    """As a browser does that was shown the form long ago."""
    stale = fields | {"csrf_token": "of another session"}
    return client.post(address, data=stale, headers={"Referer": f"http://localhost{page}"})


def test_who_signed_out_is_led_to_sign_in_and_back(client: Client) -> None:
    answer = send(client, "/my/registrations/1/cancel", "/my/registrations/1?a=b")
    assert (answer.status_code, answer.location) == (
        302,
        "/sign-in?next=/my/registrations/1?a%3Db",
    )
    assert SIGNED_OUT in client.get(answer.location).text


def test_what_they_typed_is_kept_until_they_have_signed_in(client: Client) -> None:
    answer = send(client, FORM, institution='Land "Salzburg" <b>', topics=["1", "2"])
    assert answer.status_code == 400
    assert "<h1>You are not signed in any more</h1>" in answer.text
    assert 'href="/sign-in?next=/my/profiles/new?next%3D/my/" target="_blank"' in answer.text
    for name, value in (("institution", 'Land "Salzburg" <b>'), ("topics", "1"), ("topics", "2")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in unescape(answer.text)
    assert "<b>" not in answer.text


def test_who_is_signed_in_sends_the_same_once_more(client: Client) -> None:
    person = make.user()
    client.sign_in(person)
    answer = send(client, FORM, institution="Land Salzburg")
    assert (answer.status_code, "<h1>Please send that once more</h1>" in answer.text) == (400, True)
    assert f"You are signed in as {person.name}." in answer.text
    assert 'href="/my/profiles/new?next=/my/">Open the page again' in answer.text
    fresh = TOKEN.findall(answer.text)[-1]
    again = client.post(FORM, data={"institution": "Land Salzburg", "csrf_token": fresh})
    assert again.status_code == 200  # the form itself answers: it lacks a role


def test_a_sign_in_that_was_ended_elsewhere_keeps_what_was_typed_as_well(client: Client) -> None:
    client.sign_in(make.user())
    token = TOKEN.findall(client.get(FORM).text)[-1]
    with client.session_transaction() as session:
        session["_user_id"] = "ended"
    fields = {"institution": "Land Salzburg", "csrf_token": token}
    answer = client.post(FORM, data=fields, headers={"Referer": f"http://localhost{FORM}"})
    assert answer.status_code == 400
    assert 'name="institution" value="Land Salzburg"' in answer.text


def test_passwords_are_typed_once_more(client: Client) -> None:
    answer = send(client, "/sign-in", "/sign-in", email="zoi@example.org", password="s3cret here")
    assert "s3cret here" not in answer.text
    assert 'type="password" id="secret-1" name="password"' in answer.text
    assert 'name="email" value="zoi@example.org"' in answer.text


def test_a_form_of_another_site_is_offered_to_nobody(client: Client) -> None:
    """It would need no more than a press to get a good token."""
    client.sign_in(make.user())
    for page in ("https://evil.example/", "http://localhost.evil.example/my/", ""):
        headers = {"Referer": page} if page else {}
        answer = client.post(FORM, data={"institution": "Evil"}, headers=headers)
        assert (answer.status_code, "Evil" in answer.text) == (400, False)
        assert "Send it again" not in answer.text


def test_sign_in_leads_to_no_other_site_and_to_no_address_of_a_button(client: Client) -> None:
    for page in ("//evil.example/", "/my/registrations/1/cancel", "/nowhere"):
        assert send(client, "/my/registrations/1/cancel", page).location == "/sign-in"


def test_scripts_read_it_from_the_status(client: Client) -> None:
    headers = {"X-CSRFToken": "of another session", "Referer": "http://localhost/"}
    answer = client.post("/my/registrations/1/cancel", data={"a": "b"}, headers=headers)
    assert (answer.status_code, "Send it again" in answer.text) == (400, False)


def test_no_password_is_shown_whatever_its_field_is_called(app: Flask) -> None:
    names = {
        name
        for form in subclasses(BaseForm)
        for name, field in vars(form).items()
        if isinstance(field, UnboundField) and issubclass(field.field_class, PasswordField)
    }
    assert {"password", "present_password"} <= names
    assert [name for name in names if "password" not in name] == []


def subclasses(of: type[Any]) -> Iterator[type[Any]]:
    for each in of.__subclasses__():
        yield each
        yield from subclasses(each)


def test_the_present_password_is_typed_once_more(client: Client) -> None:
    client.sign_in(make.user())
    page = "/my/settings/password"
    answer = send(client, page, page, present_password="s3cret here", password="n3w here")
    assert "s3cret here" not in answer.text
    assert "n3w here" not in answer.text


def test_what_is_kept_is_seen_and_stays_in_no_cache(client: Client) -> None:
    for person in (None, make.user()):
        if person:
            client.sign_in(person)
        answer = send(client, FORM, institution="Land Salzburg")
        assert "<dt>Institution</dt><dd>Land Salzburg</dd>" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"


def test_numbers_that_say_nothing_are_sent_but_not_shown(client: Client) -> None:
    client.sign_in(make.user())
    page = send(client, FORM, institution="Land Salzburg", role="3").text
    assert 'name="role" value="3"' in page
    assert "<dd>3</dd>" not in page
    assert "And what was ticked or chosen." in page
    assert "What would be sent" not in send(client, FORM, role="3").text


def test_a_form_from_elsewhere_changes_nobodys_session(client: Client) -> None:
    address = "/my/registrations/1/cancel"
    answer = client.post(address, headers={"Referer": "https://evil.example/"})
    assert "Set-Cookie" not in answer.headers
