"""Choosing one's news, and ending them by one press."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, select

from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.outbox import MailState
from interact_events.news.jobs import tell_news
from interact_events.news.models import NewsChoice
from interact_events.news.queries import sign_off_token
from tests import make
from tests.client import Client, counted
from tests.news.conftest import choice_of, mails, new_event, reader, topic

PAGE = "/my/settings/news"
KEY = "a key for tests only"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def off_path(number: int) -> str:
    return f"/news/off/{sign_off_token(number, key=KEY)}"


# -- choosing ------------------------------------------------------------------------------------


def test_stranger_is_asked_to_sign_in(client: Client) -> None:
    assert "/sign-in" in client.get(PAGE).location


def test_choices_are_kept_and_shown(client: Client) -> None:
    person = make.user()
    client.sign_in(person)
    fields = {
        "wants_news": "y",
        "topics": [str(topic().id)],
        "offices": [str(make.office("vienna").id)],
        "weekday": "3",
        "hour": "17",
    }
    assert client.press(PAGE, page=PAGE, **fields).location == PAGE
    choice = choice_of(person)
    assert (person.wants_news, [t.code for t in choice.topics], choice.weekday, choice.hour) == (
        True,
        ["state-aid"],
        3,
        17,
    )
    assert [office.code for office in choice.offices] == ["vienna"]
    page = client.get(PAGE).get_data(as_text=True)
    assert page.count(" checked") == 3
    assert "It goes on Thursday " in page
    assert "17:00 EE" in page


def test_changing_the_day_brings_no_mail_at_once(client: Client) -> None:
    person = reader()
    new_event()
    client.sign_in(person)
    client.press(PAGE, page=PAGE, wants_news="y", weekday="0", hour="6")
    tell_news()
    assert mails() == []


@pytest.mark.parametrize(
    "fields",
    [{"weekday": "7"}, {"hour": "3"}, {"topics": ["4711"]}, {"offices": ["x"]}, {"hour": ""}],
)
def test_what_is_not_on_offer_is_refused(client: Client, fields: dict[str, object]) -> None:
    person = make.user()
    client.sign_in(person)
    usual = {"wants_news": "y", "weekday": "1", "hour": "8"}
    page = client.press(PAGE, page=PAGE, **(usual | fields))
    assert page.status_code == 200
    assert "Please look at this" in page.get_data(as_text=True)
    assert (person.wants_news, db.session.get(NewsChoice, person.id)) == (False, None)


def test_everybody_sees_and_changes_their_own(client: Client) -> None:
    other = reader()
    choice_of(other).topics = [topic()]
    client.sign_in(make.user())
    assert " checked" not in client.get(PAGE).get_data(as_text=True)
    client.press(PAGE, page=PAGE, weekday="4", hour="9")
    assert (other.wants_news, choice_of(other).weekday, len(choice_of(other).topics)) == (
        True,
        1,
        1,
    )


def test_preview_is_what_the_next_mail_would_say(client: Client) -> None:
    name = """Ζωή "Žižka" <b>O'Neil</b>"""
    person = reader(name, is_due=False)
    new_event("Förderfähigkeit & <Vereinfachung>")
    client.sign_in(person)
    page = client.get(PAGE).get_data(as_text=True)
    assert "Dear Ζωή &#34;Žižka&#34; &lt;b&gt;O&#39;Neil&lt;/b&gt;," in page
    assert "New event: Förderfähigkeit &amp; &lt;Vereinfachung&gt;, " in page
    choice_of(person).looked_at = clock.now() - timedelta(days=8)
    db.session.commit()
    tell_news()
    assert mails()[0].subject.startswith("New event: Förderfähigkeit & <Vereinfachung>, ")
    later = client.get(PAGE).get_data(as_text=True)
    assert "No new event is for you at the moment." in later


def test_preview_shows_who_has_news_off_what_they_would_get(client: Client) -> None:
    client.sign_in(make.profile().user)
    new_event()
    page = client.get(PAGE).get_data(as_text=True)
    assert "News is off, so none goes. It would say:" in page
    assert "New event: Simplified cost options" in page


def test_settings_lead_to_the_news(client: Client) -> None:
    client.sign_in(make.user())
    assert f'href="{PAGE}"' in client.get("/my/settings").get_data(as_text=True)


def test_page_costs_the_same_for_one_event_and_for_many(
    client: Client, connection: Connection
) -> None:
    client.sign_in(reader())
    counts = []
    for number in (1, 2):
        for n in range(number):
            new_event(f"Event {number} {n}", topics=[topic()], roles=[make.role()])
        with counted(connection) as said:
            client.get(PAGE)
        counts.append(len(said))
    assert counts[0] == counts[1]


# -- one press off -------------------------------------------------------------------------------


def audited() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action)))


def test_link_shows_a_page_with_one_button_and_changes_nothing(client: Client) -> None:
    person = reader()
    page = client.get(off_path(person.id))
    text = page.get_data(as_text=True)
    assert (page.status_code, person.wants_news) == (200, True)
    assert text.partition("<main")[2].count("<button") == 1
    assert person.email not in text
    assert person.name not in text


def test_one_press_without_sign_in_switches_news_off(client: Client) -> None:
    person = reader()
    answer = client.post(off_path(person.id))
    assert (answer.status_code, person.wants_news) == (200, False)
    assert "News is off" in answer.get_data(as_text=True)


def test_mail_program_presses_as_rfc_8058_says(client: Client) -> None:
    """No cookie, no token, no redirection; and as often as it likes."""
    person = reader()
    anonymous = FlaskClient(client.application, use_cookies=False)
    answers = [anonymous.post(off_path(person.id), data=ONE_CLICK) for _ in range(3)]
    db.session.expire_all()
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "Set-Cookie" not in answers[0].headers
    assert person.wants_news is False
    assert audited().count("news_switched_off") == 1


def test_csrf_protection_is_off_for_that_link_only(client: Client) -> None:
    person = reader()
    client.sign_in(person)
    assert client.post(PAGE, data={"weekday": "1", "hour": "8"}).status_code == 400
    assert person.wants_news is True


def test_news_that_has_not_left_yet_stays(client: Client) -> None:
    person, other = reader(), reader()
    new_event()
    tell_news()
    client.post(off_path(person.id))
    assert {mail.person_id: mail.state for mail in mails()} == {
        person.id: MailState.CANCELLED,
        other.id: MailState.WAITING,
    }


def test_forged_or_foreign_link_does_not_work(client: Client) -> None:
    person = reader()
    # Not the last letter: of its six bits two belong to no byte, so that it may change for nothing.
    said, _, signature = off_path(person.id).rpartition(".")
    forged = f"{said}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"
    for path in (forged, "/news/off/x", off_path(4711)):
        assert client.get(path).status_code == 410
        assert client.post(path).status_code == 410
    wrong_key = f"/news/off/{sign_off_token(person.id, key='another')}"
    assert client.post(wrong_key).status_code == 410
    assert person.wants_news is True


def test_link_of_a_deleted_account_does_not_work(client: Client) -> None:
    person = reader(email="deleted-1@invalid", wants_news=False)
    assert client.get(off_path(person.id)).status_code == 410


def test_pressing_without_end_is_limited(client: Client) -> None:
    path = off_path(reader().id)
    answers = [client.post(path).status_code for _ in range(121)]
    assert (answers[119], answers[120]) == (200, 429)


def test_news_can_be_switched_on_again(client: Client) -> None:
    person = reader()
    client.post(off_path(person.id))
    client.sign_in(person)
    client.press(PAGE, page=PAGE, wants_news="y", weekday="1", hour="8")
    assert person.wants_news is True
    assert audited().count("news_switched_on") == 1
