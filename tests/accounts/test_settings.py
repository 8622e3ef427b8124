from sqlalchemy import func, select

from interact_events.accounts import actions
from interact_events.accounts.models import Level, SignIn, User
from interact_events.core import clock
from interact_events.core.db import db
from tests import make
from tests.client import Client

GOOD = "ferry before the tea"


def sign_ins_of(person: User) -> int:
    query = select(func.count(SignIn.id)).where(SignIn.user_id == person.id)
    return db.session.scalar(query) or 0


def test_stranger_is_asked_to_sign_in_first(client: Client) -> None:
    assert client.get("/my/settings").location == "/sign-in?next=%2Fmy%2Fsettings"


def test_settings_are_saved(client: Client) -> None:
    person = make.user()
    client.sign_in(person)
    client.press(
        "/my/settings",
        name="Anna Virtanen-Koski",
        certificate_name="Dr Anna Virtanen",
        zone="Europe/Madrid",
        wants_news="y",
    )
    assert (person.name, person.printed_name, person.zone, person.wants_news) == (
        "Anna Virtanen-Koski",
        "Dr Anna Virtanen",
        "Europe/Madrid",
        True,
    )


def test_unknown_zone_is_refused_and_the_answers_kept(client: Client) -> None:
    person = make.user("Anna")
    client.sign_in(person)
    page = client.press("/my/settings", name="Bea", certificate_name="", zone="Mars/Olympus")
    assert 'value="Bea"' in page.get_data(as_text=True)
    assert person.name == "Anna"


def change_password(client: Client, present: str, new: str) -> int:
    return client.press("/my/settings/password", present_password=present, password=new).status_code


def test_password_change_keeps_only_this_browser_signed_in(client: Client) -> None:
    person = make.user()
    actions.begin_sign_in(person, now=clock.now())
    client.sign_in(person)
    assert change_password(client, make.PASSWORD, GOOD) == 303
    assert sign_ins_of(person) == 1
    assert client.get("/my/settings").status_code == 200
    assert actions.is_password_of(person, GOOD)


def test_password_change_needs_the_present_one(client: Client) -> None:
    person = make.user()
    client.sign_in(person)
    assert change_password(client, "not the present one", GOOD) == 200
    assert actions.is_password_of(person, make.PASSWORD)


def test_present_password_cannot_be_guessed_for_long(client: Client) -> None:
    client.sign_in(make.user())
    answers = [change_password(client, "not the present one", GOOD) for _ in range(11)]
    assert answers == [200] * 10 + [429]


def test_signing_out_everywhere_ends_every_browser(client: Client) -> None:
    person, other = make.user(), make.user()
    actions.begin_sign_in(person, now=clock.now())
    actions.begin_sign_in(other, now=clock.now())
    client.sign_in(person)
    client.press("/my/settings/sign-out-everywhere")
    assert (sign_ins_of(person), sign_ins_of(other)) == (0, 1)
    assert client.get("/my/settings").status_code == 302


def test_own_data_is_a_file(client: Client) -> None:
    person = make.user()
    client.sign_in(person)
    answer = client.get("/my/settings/my-data.json")
    assert answer.headers["Content-Disposition"] == "attachment; filename=my-data.json"
    assert answer.json is not None
    assert answer.json["account"]["email"] == person.email


def test_deleting_the_account_asks_for_the_password(client: Client) -> None:
    person = make.user("Anna")
    client.sign_in(person)
    assert client.press("/my/settings/delete", password="not the password").status_code == 200
    assert person.name == "Anna"
    assert client.press("/my/settings/delete", password=make.PASSWORD).location == "/"
    assert person.name == "Deleted person"
    assert client.get("/my/settings").status_code == 302


def test_only_lead_is_told_why_the_account_stays(client: Client) -> None:
    lead = make.member(level=Level.LEAD, name="Anna")
    client.sign_in(lead)
    page = client.press("/my/settings/delete", password=make.PASSWORD)
    assert "Anna is the only lead of Interact Office Turku." in page.get_data(as_text=True)
    assert lead.name == "Anna"
