import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select

from interact_events.accounts.actions import delete_account
from interact_events.accounts.models import Level
from interact_events.core import clock, outbox
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.mail import KINDS, compose
from interact_events.core.outbox import MailState, OutboxMessage, Posting, Recipient
from interact_events.events.models import Event
from interact_events.messages import actions
from interact_events.messages.actions import TEXTS_KEPT
from tests import make
from tests.client import Client, counted

CONFIRMED = "registrations.confirmed"
INVITATION = "registrations.seat_invitation"
TOKEN = "https://events.example.eu/events/control/register"
LINK = re.compile(r'<a[^>]*href="(/[^"#]*)')
GREEK = """Ζωή "Žižka" <b>O'Neil</b>"""


@pytest.fixture
def event(app: Flask) -> Event:
    return make.event()


def numbers() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


_next = numbers()


def mail(
    event: Event | None,
    kind: str = CONFIRMED,
    state: MailState = MailState.WAITING,
    to: Any = None,
    **values: Any,
) -> OutboxMessage:
    """A mail of samples, in this state."""
    known, key = KINDS[kind], f"mail:{next(_next)}"
    to = Recipient(to.name, to.email, to.id) if to else Recipient(GREEK, "zoi@example.org")
    posted = compose(known, **known.samples)
    number = event.id if event else None
    outbox.post_all([Posting(mail=posted, to=to, key=key, event_id=number)], now=clock.now())
    row = db.session.scalars(select(OutboxMessage).where(OutboxMessage.key == key)).one()
    if state is MailState.SENT:
        row.sent_subject, row.sent_text, row.sent_html = row.words
        row.sent_at, row.values = clock.now(), {}
        row.history = [[clock.now().isoformat(), "250 taken"]]
    row.state = state
    for name, value in values.items():
        setattr(row, name, value)
    db.session.commit()
    return row


def address(event: Event, end: str = "") -> str:
    return f"/offices/turku/events/{event.slug}/messages{end}"


def test_staff_read_what_was_sent_and_what_the_server_said(client: Client, event: Event) -> None:
    row = mail(event, state=MailState.SENT)
    client.sign_in(make.member(level=Level.VIEWER))
    text = client.get(address(event)).text
    assert "You have a seat: First-level control, 12 May, Turku" in text
    assert "Ζωή &#34;Žižka&#34; &lt;b&gt;O&#39;Neil&lt;/b&gt;" in text
    page = client.get(address(event, f"/{row.id}")).text
    assert "250 taken" in page
    assert "as controller, Central Baltic" in page
    assert "/stop" not in page


@pytest.mark.parametrize("state", [MailState.WAITING, MailState.SENT])
def test_no_personal_link_is_shown_to_staff(client: Client, event: Event, state: MailState) -> None:
    row = mail(event, INVITATION, state)
    client.sign_in(make.member())
    page = client.get(address(event, f"/{row.id}")).text
    assert "[personal link]" in page
    assert TOKEN not in page


def test_filters(client: Client, event: Event) -> None:
    mail(event, to=make.user("Xaver Sent"), state=MailState.SENT)
    mail(event, "registrations.waitlisted", to=make.user("Bert Failed"), state=MailState.FAILED)
    client.sign_in(make.member())
    for query, shown, hidden in (
        ("?state=failed", "Bert", "Xaver"),
        (f"?kind={CONFIRMED}", "Xaver", "Bert"),
        ("?person=bert", "Bert", "Xaver"),
    ):
        text = client.get(address(event, query)).text
        assert shown in text
        assert hidden not in text
    assert "No mail matches" in client.get(address(event, "?state=nonsense")).text


def test_an_editor_sends_again_and_stops(client: Client, event: Event) -> None:
    failed = mail(event, state=MailState.FAILED, attempts=8)
    waiting, sent = mail(event), mail(event, state=MailState.SENT)
    editor = make.member()
    client.sign_in(editor)
    client.press(address(event, f"/{failed.id}/send-again"))
    client.press(address(event, f"/{waiting.id}/stop"))
    client.press(address(event, f"/{sent.id}/stop"))
    client.press(address(event, f"/{sent.id}/send-again"))
    states = [db.session.get_one(OutboxMessage, r.id).state for r in (failed, waiting, sent)]
    assert states == [MailState.WAITING, MailState.CANCELLED, MailState.SENT]
    did = [
        (e.action, e.subject_id, e.actor_id)
        for e in db.session.scalars(select(AuditEntry))
        if e.subject_type == "outbox_messages"
    ]
    assert did == [
        ("mail_sent_again", failed.id, editor.id),
        ("mail_stopped", waiting.id, editor.id),
    ]


def test_many_are_shown_before_they_are_sent_again(client: Client, event: Event) -> None:
    rows = [mail(event, state=MailState.HELD, is_doubtful=True) for _ in range(3)]
    other = mail(make.event(), state=MailState.HELD)
    kept = mail(event, "registrations.waitlisted", MailState.HELD)
    client.sign_in(make.member())
    page = address(event, f"/all/send-again?kind={CONFIRMED}")
    assert "Send 3 mails again" in client.get(page).text
    assert all(db.session.get_one(OutboxMessage, r.id).state == "held" for r in rows)
    client.press(page)
    assert all(db.session.get_one(OutboxMessage, r.id).state == "waiting" for r in rows)
    assert {db.session.get_one(OutboxMessage, r.id).state for r in (other, kept)} == {"held"}


def test_stopping_one_asks_first(client: Client, event: Event) -> None:
    row = mail(event, state=MailState.HELD)
    client.sign_in(make.coordinator())
    for page in (address(event, f"/{row.id}"), f"/admin/mails/{row.id}"):
        asked = client.get(page).text.partition("<summary>Stop this mail</summary>")[2]
        assert "Yes, stop it" in asked.partition("</details>")[0]
        assert client.get(page).text.count("/stop") == 1


def test_staff_are_told_where_no_mail_server_is_set_up(
    client: Client, event: Event, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail(event)
    pages = [address(event), "/admin/mails", "/my/messages"]
    client.sign_in(make.coordinator())
    assert all("No mail server is set up here" in client.get(page).text for page in pages)
    client.sign_in(make.user())
    assert "No mail server" not in client.get("/my/messages").text
    settings = replace(app.extensions["settings"], mail_url="smtp://127.0.0.1:1")
    monkeypatch.setitem(app.extensions, "settings", settings)
    client.sign_in(make.coordinator())
    assert all("No mail server" not in client.get(page).text for page in pages)


def test_a_co_organiser_finds_no_link_that_leads_nowhere(client: Client, event: Event) -> None:
    """The office is not theirs, though the event is."""
    event.co_organisers = [make.office("vienna")]
    make.registration(event)
    row = mail(event)
    client.sign_in(make.member("vienna"))
    base = f"/offices/turku/events/{event.slug}"
    pages = {address(event), address(event, f"/{row.id}"), f"{base}/mails", f"{base}/"}
    pages |= {f"{base}/{tab}" for tab in ("edit", "seats", "agenda", "registrations", "materials")}
    pages |= {f"{base}/{tab}" for tab in ("attendance", "certificates", f"mails/{CONFIRMED}")}
    links = {link for page in pages for link in LINK.findall(client.get(page).text)}
    assert len(links) > 20
    assert {link for link in links if client.get(link).status_code >= 400} == set()


def test_the_tab_is_marked_on_the_pages_below_it(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    for end in (f"messages/{mail(event).id}", "mails", f"mails/{CONFIRMED}"):
        page = client.get(f"/offices/turku/events/{event.slug}/{end}").text
        assert re.findall('aria-current="true">([^<]+)<', page) == ["Messages"]


def test_others_find_nothing(client: Client, event: Event) -> None:
    row, elsewhere = mail(event, state=MailState.HELD), mail(make.event())
    for person in (make.member("vienna", Level.LEAD), make.user()):
        client.sign_in(person)
        for end in ("", f"/{row.id}", "/all/stop"):
            assert client.get(address(event, end)).status_code == 404
        assert client.press(address(event, f"/{row.id}/stop")).status_code == 404
        assert client.get("/admin/mails").status_code == 404
        assert client.get(f"/admin/mails/{row.id}").status_code == 404
        assert client.press(f"/admin/mails/{row.id}/stop").status_code == 404
    client.sign_in(make.member(level=Level.VIEWER))
    assert client.press(address(event, f"/{row.id}/stop")).status_code == 403
    assert client.press(address(event, "/all/stop")).status_code == 403
    assert client.get(address(event, f"/{elsewhere.id}")).status_code == 404
    assert db.session.get_one(OutboxMessage, row.id).state == "held"


def test_the_secretariat_looks_after_dead_letters_and_accounts(
    client: Client, event: Event
) -> None:
    failed, fine = mail(event, state=MailState.FAILED), mail(event, state=MailState.SENT)
    account = mail(None, "accounts.reset_password", MailState.SENT)
    client.sign_in(make.coordinator())
    assert event.title in client.get("/admin/mails").text
    page = client.get(f"/admin/mails/{account.id}").text
    assert "[personal link]" in page
    assert "secret" not in page
    assert client.get(f"/admin/mails/{fine.id}").status_code == 404
    assert "Choose a new password" in client.get("/admin/mails?show=accounts").text
    client.press(f"/admin/mails/{failed.id}/send-again")
    assert db.session.get_one(OutboxMessage, failed.id).state == "waiting"


def test_people_read_what_was_sent_to_them_alone(client: Client, event: Event) -> None:
    me, other = make.user(), make.user()
    mine = mail(event, to=me, state=MailState.SENT)
    untold = mail(event, "registrations.declined", to=me)
    theirs = mail(event, to=other, state=MailState.SENT)
    reset = mail(None, "accounts.reset_password", MailState.SENT, me)
    client.sign_in(me)
    text = client.get("/my/messages").text
    assert "You have a seat" in text
    assert "No seat this time" not in text
    assert "as controller, Central Baltic" in client.get(f"/my/messages/{mine.id}").text
    assert client.get(f"/my/messages/{untold.id}").status_code == 404
    assert client.get(f"/my/messages/{theirs.id}").status_code == 404
    assert "confirm/secret" not in client.get(f"/my/messages/{reset.id}").text


@pytest.mark.parametrize("path", ["messages", "my", "admin"])
def test_lists_ask_the_same_for_any_number(client: Client, event: Event, path: str) -> None:
    me = make.member(is_coordinator=True)
    client.sign_in(me)
    page = {"messages": address(event), "my": "/my/messages", "admin": "/admin/mails"}[path]
    state = MailState.HELD if path == "admin" else MailState.SENT
    seen = []
    for _ in range(3):
        mail(event, to=me, state=state)
        connection: Connection = db.session.connection()
        with counted(connection) as statements:
            assert client.get(page).status_code == 200
        seen.append(len(statements))
    assert seen[0] == seen[2]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (MailState.WAITING, MailState.CANCELLED),
        (MailState.SENDING, MailState.CANCELLED),
        (MailState.FAILED, MailState.CANCELLED),
        (MailState.SENT, MailState.SENT),
    ],
)
def test_mails_go_with_the_account(event: Event, before: MailState, after: MailState) -> None:
    me = make.user(GREEK)
    mine, theirs = mail(event, to=me, state=before, claim="w"), mail(event, to=make.user())
    delete_account(me, now=clock.now())
    db.session.commit()
    db.session.expire_all()
    assert (mine.state, mine.to_name, mine.values, mine.history) == (after, "", {}, [])
    assert mine.to_address.startswith("deleted-")
    assert mine.words == ("", "", "")
    assert theirs.values != {}
    assert (mine.claim is None) or before is MailState.SENT


def test_old_texts_are_erased_and_what_waits_is_not(event: Event) -> None:
    now = clock.now()
    old = mail(event, state=MailState.SENT, created_at=now - TEXTS_KEPT - timedelta(days=1))
    new = mail(event, state=MailState.SENT, created_at=now - TEXTS_KEPT + timedelta(days=1))
    due = mail(event, created_at=now - TEXTS_KEPT - timedelta(days=1))
    assert actions.forget_old_texts(now=now) == 1
    assert actions.forget_old_texts(now=now) == 0
    db.session.commit()
    db.session.expire_all()
    assert (old.sent_text, old.to_address, old.kind, old.state) == ("", "", CONFIRMED, "sent")
    assert old.sent_at is not None
    assert new.sent_text
    assert due.values


def test_dashboards_count_what_needs_a_look(client: Client, event: Event) -> None:
    mail(event, state=MailState.FAILED)
    mail(make.event("Elsewhere", office=make.office("vienna")), state=MailState.HELD)
    mail(event, state=MailState.SENT)
    client.sign_in(make.member())
    text = client.get("/offices/turku/").text
    assert f"{event.title}</a>: 1 mail<" in text
    assert "Elsewhere</a>" not in text
    client.sign_in(make.coordinator())
    assert "2 mails need a look" in client.get("/offices/").text
