"""Kept pages: never old, the same for everybody, and as safe as any other."""

import gzip
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import Boolean, Column, DateTime, Integer, String, Table, delete, select, update
from sqlalchemy.exc import DBAPIError, StatementError

from interact_events.accounts.actions import begin_sign_in
from interact_events.accounts.models import Level, SignIn, User
from interact_events.core import clock
from interact_events.core.db import Base, UtcDateTime, commit_statement, db, each_statement_commits
from interact_events.core.web.access import login_manager
from interact_events.core.web.kept import KeptPages
from interact_events.core.web.limits import limiter
from interact_events.events.models import Admission, Event, Mode
from interact_events.factory import HIDDEN, create_app
from interact_events.interreg.actions import load_reference_data
from interact_events.interreg.models import Topic
from tests import make
from tests.bench.servers import database
from tests.client import TOKEN as FORM_TOKEN
from tests.client import Client
from tests.conftest import settings_for

# -- two workers ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, Flask, str]]:
    """Two applications that share nothing but a database, where each commit is a real one."""
    folder = tmp_path_factory.mktemp("workers")
    with database(folder) as url:
        first, second = (_worker(folder, url) for _ in range(2))
        with first.app_context():
            upgrade()
            load_reference_data()
            db.session.commit()
            _fill()
            cookie = _cookie(first)
        yield first, second, cookie
        for each in (first, second):
            with each.app_context():
                db.engine.dispose()


def _worker(folder: Path, url: str) -> Flask:
    return create_app(settings_for(folder, url), queue_in_memory=True)


def _fill() -> None:
    event = make.event(
        "Everything",
        slug="everything",
        mode=Mode.HYBRID,
        online_capacity=5,
        description="Words",
        contact_email="eeva@interact.example",
        registration_opens_at=make.days(-1),
        registration_closes_at=make.days(20),
    )
    event.topics = list(db.session.scalars(select(Topic).limit(2)))
    event.roles = [make.role()]
    event.sessions[0].capacity = 10
    make.seat_rules(event, promotion="automatic")
    make.registration(event)
    db.session.commit()


PAGES = ("/", "/events", "/events/everything", "/calendar/agenda", "/events/everything/event.ics")
OWN = ("/events", "/events/everything")


def ask(app: Flask, cookie: str) -> list[str]:
    """The pages as a stranger and as a person see them."""
    client: FlaskClient = app.test_client(use_cookies=False)
    own = [client.get(page, headers={"Cookie": cookie}) for page in OWN]
    answers = [*(client.get(page) for page in PAGES), *own]
    return [FORM_TOKEN.sub("", answer.text) for answer in answers]


def columns() -> Iterator[Column[Any]]:
    """What can be changed of all that may be shown."""
    for table in Base.metadata.sorted_tables:
        if table.name not in {*HIDDEN, "public_versions", "alembic_version"}:
            yield from (c for c in table.columns if not c.primary_key and not c.foreign_keys)


def other(column: Column[Any], value: Any) -> Any:
    """Another value of the kind."""
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, Integer):
        return (value or 0) + 1
    if isinstance(column.type, UtcDateTime | DateTime):
        return (value or make.days(10)) + timedelta(hours=1)
    if type(column.type) is String:
        return f"{value or ''}x"
    return next((each for each in getattr(column.type, "enums", ()) if each != value), value)


def change(column: Column[Any]) -> Any:
    """Change the column of the first row; gives what undoes it, nothing where it can't be."""
    table: Table = column.table
    row = db.session.execute(select(table).order_by(*table.primary_key).limit(1)).first()
    if row is None:
        return None
    is_it = [key == row._mapping[key] for key in table.primary_key]
    before = row._mapping[column]
    try:
        db.session.execute(update(table).where(*is_it).values({column.key: other(column, before)}))
        db.session.commit()
    except (DBAPIError, StatementError):
        db.session.rollback()
        return None
    return update(table).where(*is_it).values({column.key: before})


@pytest.mark.parametrize("column", list(columns()), ids=str)
def test_what_changes_in_one_worker_is_at_once_in_the_pages_of_the_other(
    workers: tuple[Flask, Flask, str], column: Column[Any]
) -> None:
    """Whatever the column: the kept page is the one that is made anew."""
    first, second, cookie = workers
    ask(second, cookie)
    with first.app_context():
        undo = change(column)
    if undo is None:
        return
    shown = ask(second, cookie)
    second.extensions["kept_pages"].forget()
    assert shown == ask(second, cookie)
    with first.app_context():
        db.session.execute(undo)
        db.session.commit()


def test_what_a_statement_commits_by_itself_is_at_once_in_the_pages_of_the_other(
    workers: tuple[Flask, Flask, str],
) -> None:
    first, second, cookie = workers
    ask(second, cookie)
    with first.app_context(), each_statement_commits():
        db.session.execute(update(Event).values(title="Everything anew"))
        commit_statement()
        db.session.rollback()  # undoes nothing that is committed
    assert all("Everything anew" in page for page in ask(second, cookie))


def _cookie(app: Flask) -> str:
    """Of the person who is registered."""
    user = db.session.scalars(select(User).order_by(User.id)).first()
    assert user
    token = begin_sign_in(user, now=clock.now())
    db.session.commit()
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = token
        session["_fresh"] = True
    found = client.get_cookie("interact_events")
    assert found
    return f"interact_events={found.value}"


# -- one worker ----------------------------------------------------------------------------------


def pages_of(app: Flask) -> KeptPages:
    pages: KeptPages = app.extensions["kept_pages"]
    return pages


def test_a_kept_page_is_answered_without_asking_anything_more(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get("/events")
    monkeypatch.setitem(app.view_functions, "events.catalogue", None)
    again = client.get("/events")
    assert again.data == first.data
    same = {name: value for name, value in first.headers if name != "X-Request-Id"}
    assert {name: value for name, value in again.headers if name != "X-Request-Id"} == same
    assert first.headers["X-Request-Id"] != again.headers["X-Request-Id"]


def test_a_page_of_another_minute_is_made_anew(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make.event(registration_opens_at=make.days(1))
    assert b"<strong>Opens" in client.get(f"/events/{event.slug}").data
    opened = make.days(1)
    monkeypatch.setattr(clock, "now", lambda: opened)
    assert b"<strong>Opens" not in client.get(f"/events/{event.slug}").data


def test_an_instant_that_somebody_enters_is_a_full_minute(app: Flask) -> None:
    local = datetime.fromisoformat("2027-05-12T09:00:31.5")
    assert clock.to_utc(local, "Europe/Helsinki").isoformat() == "2027-05-12T06:00:00+00:00"
    at = clock.to_utc(local, "UTC")
    assert clock.full_minute(at) == at
    assert clock.full_minute(at + timedelta(seconds=1)) == at + timedelta(minutes=1)


def test_it_is_compressed_for_who_takes_that_and_not_sent_twice(client: Client) -> None:
    plain = client.get("/events")
    for _ in range(2):
        zipped = client.get("/events", headers={"Accept-Encoding": "br, gzip"})
        assert (zipped.headers["Content-Encoding"], gzip.decompress(zipped.data)) == (
            "gzip",
            plain.data,
        )
        assert zipped.headers["ETag"] != plain.headers["ETag"]
    known = {"If-None-Match": plain.headers["ETag"]}
    again = client.get("/events", headers=known)
    assert (again.status_code, again.data) == (304, b"")
    head = client.head("/events")
    assert (head.status_code, head.data, head.content_length) == (200, b"", len(plain.data))
    make.event()
    assert client.get("/events", headers=known).status_code == 200


def test_the_page_of_one_person_is_nobody_elses(client: Client, app: Flask) -> None:
    event = make.event()
    row = make.registration(event, make.user("Žofia Krátka"))
    page = f"/events/{event.slug}"
    client.get(page)
    client.sign_in(row.user)
    for _ in range(2):
        own = client.get(page)
        assert ("Žofia Krátka" in own.text, "You have a seat" in own.text) == (True, True)
        assert own.headers["Cache-Control"] == "no-store"
    other = app.test_client()
    assert isinstance(other, Client)
    assert ("Žofia" in other.get(page).text, "Sign in" in other.get(page).text) == (False, True)
    other.sign_in(make.user("Anna Virtanen"))
    assert ("Žofia" in other.get(page).text, "Anna" in other.get(page).text) == (False, True)


def test_a_kept_page_signs_out_with_the_token_of_its_own_session(client: Client) -> None:
    client.sign_in(make.user())
    client.get("/events")
    client.get("/events")
    assert client.press("/sign-out", page="/events").status_code in (302, 303)
    assert "Sign in" in client.get("/events").text


def test_a_kept_page_of_one_person_asks_nothing_more_either(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.sign_in(make.user("Žofia Krátka"))
    client.get("/events")  # which gives the session a token for its forms
    first = client.get("/events")
    monkeypatch.setitem(app.view_functions, "events.catalogue", None)
    again = client.get("/events", headers={"Accept-Encoding": "gzip", "If-None-Match": "*"})
    assert (again.status_code, again.data) == (200, first.data)
    same = {name: value for name, value in first.headers if name != "X-Request-Id"}
    assert {name: value for name, value in again.headers if name != "X-Request-Id"} == same
    assert ("ETag" in same, "Content-Encoding" in same, same["Vary"]) == (False, False, "Cookie")
    assert client.head("/events").data == b""


def test_who_is_signed_out_from_elsewhere_sees_no_page_of_theirs(client: Client) -> None:
    """The cookies are as they were; only the row is gone."""
    client.sign_in(make.user("Žofia Krátka"))
    for _ in range(3):
        assert "Žofia" in client.get("/events").text
    db.session.execute(delete(SignIn))
    for _ in range(2):
        shown = client.get("/events").text
        assert ("Žofia" in shown, "Create account" in shown) == (False, True)


@pytest.mark.parametrize("space", [" ", "\t", "  "])
def test_no_spelling_of_a_cookie_makes_ones_page_everybodys(
    client: Client, app: Flask, space: str
) -> None:
    """Flask reads a cookie also where there is a space between its name and the value."""
    client.sign_in(make.user("Žofia Krátka"))
    client.get("/events")
    cookie = client.get_cookie("interact_events")
    assert cookie
    odd = {"Cookie": f"interact_events{space}={cookie.value}"}
    stranger = app.test_client(use_cookies=False)
    assert "Žofia" in stranger.get("/events", headers=odd).text
    assert "Žofia" not in stranger.get("/events").text


def test_nothing_made_with_a_session_is_kept_for_strangers(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if we overlooked the cookie."""
    monkeypatch.setattr("interact_events.core.web.kept._cookies", lambda _environ: "")
    client.sign_in(make.user("Žofia Krátka"))
    client.get("/events")
    assert "Žofia" in client.get("/events").text
    assert not pages_of(app)._pages


def test_what_changes_while_a_page_is_made_is_in_the_next_one(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also who it is for is read under the version of the page."""
    user = make.user("Žofia Krátka")
    client.sign_in(user)
    client.get("/contact")
    load = login_manager._user_callback

    def changed_meanwhile(token: str) -> User:
        found: User = load(token)
        expunged = found.id, found.name
        db.session.expunge(found)
        db.session.execute(update(User).where(User.id == expunged[0]).values(name="Ζωή Βέργη"))
        db.session.commit()
        return found

    monkeypatch.setattr(login_manager, "_user_callback", changed_meanwhile)
    assert "Žofia" in client.get("/events").text
    monkeypatch.setattr(login_manager, "_user_callback", load)
    assert "Ζωή" in client.get("/events").text


def test_a_word_to_one_person_is_shown_once(client: Client) -> None:
    client.sign_in(make.user())
    client.get("/events")
    with client.session_transaction() as session:
        session["_flashes"] = [("success", "It is saved.")]
    assert "It is saved." in client.get("/events").text
    assert "It is saved." not in client.get("/events").text


def test_the_rarest_asked_for_leaves_first(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = pages_of(app)
    monkeypatch.setattr(pages, "_most", 200_000)
    for number in range(30):
        client.get(f"/contact?{number}")
        client.get("/contact?0")
    kept = [address[4] for address in pages._pages]
    assert ("0" in kept, "1" in kept, pages._bytes <= 200_000) == (True, False, True)


def test_no_kept_view_has_a_limit_or_takes_a_form(app: Flask) -> None:
    kept = {name for name, view in app.view_functions.items() if hasattr(view, "is_kept")}
    assert "event_page.show" in kept
    for rule in app.url_map.iter_rules():
        if rule.endpoint in kept:
            assert (rule.methods or set()) <= {"GET", "HEAD", "OPTIONS"}
            view = app.view_functions[rule.endpoint]
            assert getattr(view, "is_public", False)
            name = f"{view.__module__}.{view.__name__}"
            assert name not in limiter.limit_manager._decorated_limits


def test_a_page_is_shown_while_the_database_says_no_version(
    client: Client, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_sign_in: str | None) -> str:
        raise OSError("nobody there")

    client.get("/contact")
    monkeypatch.setattr(pages_of(app), "version", away)
    assert client.get("/contact").status_code == 200
    assert db.session.scalar(select(Event.id).limit(1)) is None


def test_whatever_may_be_kept_is(client: Client, app: Flask) -> None:
    """For no such page, whoever asks, reads a table that is hidden: then it would not be kept."""
    event = make.event(admission=Admission.SELECTION)
    for person in (None, make.registration(event).user, make.member(level=Level.LEAD)):
        if person:
            client.sign_in(person)
            client.get("/contact")  # which gives the session a token for its forms
        for rule in app.url_map.iter_rules():
            view = app.view_functions[rule.endpoint]
            is_theirs_alone = person is not None and rule.endpoint == "subscribing.show"
            if hasattr(view, "is_kept") and not is_theirs_alone:
                pages_of(app).forget()
                page = rule.rule.replace("<slug>", event.slug)
                assert client.get(page).status_code == 200, page
                assert [address[3] for address in pages_of(app)._pages] == [page]
