import re

from flask import Flask

from interact_events.accounts import actions
from interact_events.accounts.queries import user_by_email
from tests import make
from tests.client import Client

GOOD = "ferry before the tea"


def create(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["create-coordinator", *arguments])
    return result.exit_code, result.output


def test_coordinator_is_made_without_questions(app: Flask) -> None:
    code, words = create(app, "Boss@example.org", "--name", "Katarína", "--password", GOOD)
    user = user_by_email("boss@example.org")
    assert (code, words) == (0, "boss@example.org is a coordinator.\n")
    assert user is not None
    assert (user.name, user.is_coordinator, user.confirmed_at is None) == ("Katarína", True, False)
    assert actions.is_password_of(user, GOOD)


def test_without_a_password_a_link_sets_it(app: Flask, client: Client) -> None:
    _, words = create(app, "boss@example.org")
    link = re.search(r"http://localhost(/reset-password/\S+)", words)
    assert link
    assert client.press(link.group(1), page=link.group(1), password=GOOD).status_code == 303
    user = user_by_email("boss@example.org")
    assert actions.is_password_of(user, GOOD)


def test_existing_account_becomes_coordinator_and_keeps_its_password(app: Flask) -> None:
    person = make.user()
    assert create(app, person.email) == (0, f"{person.email} is a coordinator.\n")
    assert person.is_coordinator
    assert actions.is_password_of(person, make.PASSWORD)


def test_planted_account_does_not_become_coordinator_with_its_password(app: Flask) -> None:
    planted = make.user(confirmed_at=None)
    create(app, planted.email)
    assert planted.is_coordinator
    assert not actions.is_password_of(planted, make.PASSWORD)


def test_weak_password_and_wrong_address_are_refused(app: Flask) -> None:
    assert create(app, "boss@example.org", "--password", "short") == (
        1,
        "Error: Use at least 12 characters. A few words in a row work well.\n",
    )
    assert create(app, "boss") == (1, "Error: boss is not an e-mail address.\n")
    assert user_by_email("boss@example.org") is None
