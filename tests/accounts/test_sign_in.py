import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from interact_events.accounts import actions
from interact_events.accounts.actions import signing_in
from interact_events.accounts.models import Level, SignIn, User
from interact_events.accounts.queries import sign_token, user_by_email
from interact_events.config import Mode
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from tests import make
from tests.client import Client

GOOD = "ferry before the tea"


def enter(client: Client, email: str, password: str = make.PASSWORD, to: str = "") -> TestResponse:
    return client.press(f"/sign-in{to}", page="/sign-in", email=email, password=password)


def sign_up(client: Client, **changes: Any) -> TestResponse:
    fields = {"email": "new@example.org", "name": "Zoi K", "password": GOOD, "zone": "Europe/Sofia"}
    return client.press("/sign-up", page="/sign-up", **(fields | changes))


def last_mail() -> OutboxMessage:
    newest = select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(1)
    return db.session.scalars(newest).one()


def link_in(mail: OutboxMessage) -> str:
    found = re.search(r"http://localhost(\S+)", mail.text)
    assert found
    return found.group(1)


def errors_on(page: TestResponse) -> list[str]:
    return re.findall(r'<div class="error"[^>]*><span>([^<]*)</span>', page.get_data(as_text=True))


def sign_ins() -> int:
    return db.session.scalar(select(func.count(SignIn.id))) or 0


# In and out


def test_sign_in_leads_to_ones_registrations(client: Client) -> None:
    answer = enter(client, make.user().email)
    assert (answer.status_code, answer.location) == (303, "/my/")
    assert client.get("/my/settings").status_code == 200


def test_staff_land_in_their_office(client: Client) -> None:
    assert enter(client, make.member("vienna").email).location == "/offices/vienna/"


def test_coordinator_lands_at_all_offices(client: Client) -> None:
    assert enter(client, make.coordinator().email).location == "/offices/"


def test_address_is_read_in_any_case(client: Client) -> None:
    person = make.user()
    assert enter(client, f" {person.email.upper()} ").status_code == 303


def test_sign_in_leads_on_to_the_page_that_asked_for_it(client: Client) -> None:
    asked = client.get("/my/profiles?a=b").location
    assert asked == "/sign-in?next=%2Fmy%2Fprofiles%3Fa%3Db"
    answer = client.press(asked, page=asked, email=make.user().email, password=make.PASSWORD)
    assert answer.location == "/my/profiles?a=b"


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_sign_in_never_leads_elsewhere(client: Client, target: str) -> None:
    answer = client.post(
        "/sign-in",
        query_string={"next": target},
        data={
            "email": make.user().email,
            "password": make.PASSWORD,
            "csrf_token": csrf(client),
        },
    )
    assert (answer.status_code, answer.location) == (303, "/my/")


def csrf(client: Client) -> str:
    found = re.search(
        r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/sign-in").get_data(as_text=True)
    )
    assert found
    return found.group(1)


def test_session_rotates_at_sign_in(client: Client) -> None:
    """Whatever an attacker put into the browser before is worth nothing afterwards."""
    client.get("/sign-in")
    with client.session_transaction() as session:
        session["planted"] = "yes"
        before = session["csrf_token"]
    enter(client, make.user().email)
    with client.session_transaction() as session:
        assert sorted(session) == ["_fresh", "_permanent", "_user_id"]
        assert session.get("csrf_token") != before


def test_signing_in_again_ends_the_sign_in_before(client: Client) -> None:
    first, second = make.user(), make.user()
    client.sign_in(first)
    with client.session_transaction() as session:
        old = session["_user_id"]
    client.press("/sign-in", email=second.email, password=make.PASSWORD)
    assert sign_ins() == 1
    with client.session_transaction() as session:
        session["_user_id"] = old
    assert client.get("/my/settings").status_code == 302


def test_wrong_password_and_unknown_address_read_the_same(client: Client) -> None:
    person = make.user()
    pages = [enter(client, email, GOOD) for email in (person.email, "nobody@example.org")]
    texts = [
        re.sub(
            r'value="[^"]*"',
            "",
            page.get_data(as_text=True).replace(person.email, "").replace("nobody@example.org", ""),
        )
        for page in pages
    ]
    assert [page.status_code for page in pages] == [200, 200]
    assert "That address and that password do not belong together." in texts[0]
    assert texts[0] == texts[1]
    assert sign_ins() == 0


def test_password_of_nobody_is_hashed_as_well(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    real = signing_in._argon2

    class Counting:
        def verify(self, hash_: str, password: str) -> bool:
            checked.append(hash_)
            return real.verify(hash_, password)

    monkeypatch.setattr(signing_in, "_argon2", Counting())
    enter(client, "nobody@example.org")
    assert checked == [signing_in.NOBODYS_HASH]


def test_unconfirmed_person_is_told_and_gets_the_link_again(client: Client) -> None:
    person = make.user(confirmed_at=None)
    answer = enter(client, person.email)
    assert answer.location == "/check-mail"
    assert "Your address is not confirmed yet." in client.get("/check-mail").get_data(as_text=True)
    assert last_mail().kind == "accounts.confirm_address"
    assert link_in(last_mail()).startswith("/confirm/")
    assert sign_ins() == 0


def test_wrong_password_of_an_unconfirmed_account_tells_nothing(client: Client) -> None:
    person = make.user(confirmed_at=None)
    assert enter(client, person.email, GOOD).status_code == 200
    assert db.session.scalar(select(func.count(OutboxMessage.id))) == 0


def test_signing_out_ends_the_sign_in_of_this_browser(client: Client) -> None:
    person = make.user()
    actions.begin_sign_in(person, now=clock.now())
    client.sign_in(person)
    assert client.press("/sign-out").location == "/"
    assert sign_ins() == 1
    assert client.get("/my/settings").status_code == 302


def test_stranger_may_press_sign_out(client: Client) -> None:
    assert client.press("/sign-out", page="/sign-in").status_code == 303


def test_nothing_is_signed_out_by_a_link(client: Client) -> None:
    client.sign_in(make.user())
    assert client.get("/sign-out").status_code == 405
    assert client.get("/my/settings").status_code == 200


def test_signed_in_person_needs_no_sign_in_page(client: Client) -> None:
    client.sign_in(make.user())
    assert client.get("/sign-in").location == "/my/"


def test_form_without_its_token_is_refused(client: Client) -> None:
    answer = client.post("/sign-in", data={"email": "a@example.org", "password": GOOD})
    assert answer.status_code == 400


# Limits


def test_guessing_passwords_is_limited(client: Client) -> None:
    token = csrf(client)
    answers = [
        client.post(
            "/sign-in",
            data={"email": f"a{n}@example.org", "password": GOOD, "csrf_token": token},
        ).status_code
        for n in range(11)
    ]
    assert answers == [200] * 10 + [429]
    page = client.post("/sign-in", data={"csrf_token": token}).get_data(as_text=True)
    assert "Too many tries" in page


def test_guessing_one_account_is_limited_from_everywhere(client: Client) -> None:
    token, email = csrf(client), make.user().email
    answers = [
        client.post(
            "/sign-in",
            data={"email": email, "password": GOOD, "csrf_token": token},
            environ_overrides={"REMOTE_ADDR": f"192.0.2.{n}"},
        ).status_code
        for n in range(21)
    ]
    assert answers == [200] * 20 + [429]


def test_a_room_full_of_people_may_sign_in_at_once(client: Client) -> None:
    for _ in range(12):
        assert enter(client, make.user().email).status_code == 303
        client.press("/sign-out")


@pytest.mark.parametrize("page", ["/sign-up", "/reset-password"])
def test_making_us_send_mails_is_limited(client: Client, page: str) -> None:
    token = csrf(client)
    answers = [
        client.post(page, data={"email": "not an address", "csrf_token": token}).status_code
        for _ in range(6)
    ]
    assert answers == [200] * 5 + [429]


# Signing up


def test_sign_up_asks_for_confirmation_and_keeps_the_zone(client: Client) -> None:
    answer = sign_up(client)
    user = user_by_email("new@example.org")
    assert user is not None
    assert answer.location == "/check-mail"
    assert (user.zone, user.confirmed_at) == ("Europe/Sofia", None)
    assert last_mail().to_address == "new@example.org"


def test_sign_up_survives_a_zone_that_nobody_knows(client: Client) -> None:
    sign_up(client, zone="Mars/Olympus")
    user = user_by_email("new@example.org")
    assert user is not None
    assert user.zone == "Europe/Brussels"


def test_sign_up_answers_the_same_whether_or_not_there_is_an_account(client: Client) -> None:
    make.user(email="old@example.org")
    answers = [sign_up(client, email=e) for e in ("new@example.org", "old@example.org")]
    assert answers[0].location == answers[1].location == "/check-mail"
    assert answers[0].data.replace(b"new", b"old") == answers[1].data.replace(b"new", b"old")
    pages = [client.get("/check-mail").data for _ in answers]
    assert pages[0] == pages[1]
    assert last_mail().kind == "accounts.account_exists"


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("email", "", "Write your e-mail address."),
        ("email", "nobody", "Write an e-mail address like name@example.org."),
        ("email", "a@b@example.org", "Write an e-mail address like name@example.org."),
        ("name", " ", "Write your name."),
        ("name", "Win at www.example.com", "Leave out web addresses here."),
        ("password", "", "Choose a password."),
        ("password", "short", "Use at least 12 characters. A few words in a row work well."),
        (
            "password",
            "password1234",
            "That password is easy to guess. Choose words that do not belong together.",
        ),
    ],
)
def test_sign_up_says_what_is_wrong_and_keeps_the_answers(
    client: Client, field: str, value: str, error: str
) -> None:
    page = sign_up(client, **{field: value})
    assert errors_on(page) == [error]
    kept = "Zoi K" if field != "name" else "new@example.org"
    assert f'value="{kept}"' in page.get_data(as_text=True)
    assert user_by_email("new@example.org") is None


def test_page_never_sends_a_password_back(client: Client) -> None:
    assert GOOD not in sign_up(client, email="nobody").get_data(as_text=True)


def test_name_is_escaped_on_pages_and_one_line_in_mails(client: Client) -> None:
    sign_up(client, name='Ζωή "Žižka"\n<b>O\'Neil</b>')
    assert 'Dear Ζωή "Žižka" <b>O\'Neil</b>,' in last_mail().text
    assert "<b>O" not in last_mail().html


# A new password


def reset_link(person: User) -> str:
    return f"/reset-password/{sign_token('reset', person, key='a key for tests only')}"


def test_forgotten_password_answers_the_same_for_everybody(client: Client) -> None:
    person = make.user()
    answers = [
        client.press("/reset-password", page="/reset-password", email=email)
        for email in (person.email, "nobody@example.org")
    ]
    assert {answer.location for answer in answers} == {"/check-mail"}
    assert answers[0].data == answers[1].data


def test_mailed_link_sets_a_password_once_and_ends_all_sign_ins(client: Client) -> None:
    person = make.user()
    actions.begin_sign_in(person, now=clock.now())
    client.press("/reset-password", page="/reset-password", email=person.email)
    link = link_in(last_mail())
    assert client.press(link, page=link, password=GOOD).location == "/sign-in"
    assert sign_ins() == 0
    assert enter(client, person.email, GOOD).status_code == 303
    assert client.get(link).status_code == 410


def test_opening_the_mailed_link_changes_nothing(client: Client) -> None:
    person = make.user()
    before = person.password_hash
    assert client.get(reset_link(person)).status_code == 200
    assert person.password_hash == before


def test_weak_new_password_is_refused(client: Client) -> None:
    person = make.user("Anna Virtanen")
    link = reset_link(person)
    page = client.press(link, page=link, password="virtanen 2026 ferry")
    assert errors_on(page) == ["Leave your name and your e-mail address out of your password."]


@pytest.mark.parametrize("token", ["nonsense", "W10.x.y"])
def test_wrong_link_is_over(client: Client, token: str) -> None:
    assert client.get(f"/reset-password/{token}").status_code == 410


def test_link_for_confirming_sets_no_password(client: Client) -> None:
    token = sign_token("confirm", make.user(), key="a key for tests only")
    assert client.get(f"/reset-password/{token}").status_code == 410


def test_resetting_an_unconfirmed_account_leads_to_the_confirming_button(client: Client) -> None:
    person = make.user(confirmed_at=None)
    link = reset_link(person)
    answer = client.press(link, page=link, password=GOOD)
    assert (answer.location or "").startswith("/confirm/")
    assert person.confirmed_at is None


def test_demo_accounts_are_shown_in_demo_mode_only(
    app: Flask, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.member(email="lead.turku@demo.example", level=Level.LEAD)
    assert shown_accounts(client) == []
    demo = replace(app.extensions["settings"], mode=Mode.DEMO)
    monkeypatch.setitem(app.extensions, "settings", demo)
    assert shown_accounts(client) == ["interact demo 2026", "lead.turku@demo.example"]


def shown_accounts(client: Client) -> list[str]:
    return re.findall(r"<code>([^<]*)</code>", client.get("/sign-in").get_data(as_text=True))
