"""What breaks in the middle: workers, the database, networks, time; nothing is lost or doubled.

People press on real ports, and press again where no answer came, as people do.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Barrier
from threading import Event as Signal
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask_migrate import upgrade
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from interact_events.accounts.actions import begin_sign_in, delete_account, retire_profile
from interact_events.accounts.models import Profile, SignIn
from interact_events.config import read_settings
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Event
from interact_events.factory import create_app
from interact_events.interreg.actions import load_reference_data
from interact_events.interreg.models import Programme
from interact_events.registrations import checks, queries
from interact_events.registrations.models import HeadStart, Registration, State
from interact_events.registrations.rules import Cap, Dimension, SeatsTaken, Step, decide
from interact_events.registrations.views.registrations import PROFILE_GONE
from tests import make
from tests.bench import servers
from tests.bench.pages import production
from tests.client import TOKEN, Client

pytestmark = pytest.mark.xdist_group("faults")  # one server for all of them

DATABASE = os.environ.get("TEST_DATABASE", "sqlite")
PEOPLE, SEATS, PROGRAMMES = 60, 20, 6
AT_ONCE = 8
PATIENCE = 60  # seconds in which everybody has got through, however slow the machine
COME_BACK = "Please try again in a minute."


# -- the site and its people ---------------------------------------------------------------------


@dataclass
class Site:
    """The application under two workers; `app` looks at the same database from here."""

    app: Flask
    port: int
    folder: Path

    def workers(self) -> list[int]:
        master = (self.folder / "gunicorn.pid").read_text().strip()
        return [
            int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()
        ]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with servers.folder() as folder, servers.database(folder) as url:
        port = servers.free_port()
        environ = production(folder, url, port)
        app = create_app(read_settings(environ), queue_in_memory=True)
        with app.app_context():
            upgrade()
            load_reference_data()
            db.session.commit()
        pid = str(folder / "gunicorn.pid")
        with servers.gunicorn("app:app", port, environ, folder / "app.log", "--pid", pid):
            yield Site(app, port, folder)
        with app.app_context():
            db.engine.dispose()


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    retry_after: str
    text: str


@dataclass
class Person:
    """Somebody signed in, with a browser of their own; it remembers every answer."""

    port: int
    user: int
    profile: int
    cookies: dict[str, str]
    answers: list[Answer] = field(default_factory=list)
    promised: str = ""  # where an answer said that they are registered

    def ask(self, method: str, path: str, **fields: object) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            connection.request(method, path, urlencode(fields), headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        for cookie in response.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        told = [response.headers.get(name, "") for name in ("Location", "Retry-After")]
        self.answers.append(Answer(response.status, told[0], told[1], text))
        return self.answers[-1]

    def token(self, page: str) -> str:
        """That of the form there; empty where they are on the list already."""
        form = self.ask("GET", page)
        found = TOKEN.search(form.text) if form.status == 200 else None
        return found.group(1) if found else ""

    def register(self, page: str) -> None:
        """Fill in the form and send it, again where no answer comes, until it is taken."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            with suppress(OSError, HTTPException):
                token = self.token(page)
                if self.answers[-1].status == 303:
                    return
                if token:
                    answer = self.ask("POST", page, profile=self.profile, csrf_token=token)
                    if answer.status == 303:
                        self.promised = answer.location
                        return
            time.sleep(0.2)
        raise AssertionError(f"no answer in {PATIENCE} seconds: {self.answers[-1:]}")


def people(site: Site, number: int) -> list[Person]:
    """Signed in without the form, which has tests of its own."""
    programmes = db.session.scalars(select(Programme.id).order_by(Programme.id)).all()
    signer = SecureCookieSessionInterface().get_signing_serializer(site.app)
    assert signer
    found = []
    for at in range(number):
        profile = make.profile(programme_id=programmes[at % PROGRAMMES])
        token = begin_sign_in(profile.user, now=clock.now())
        cookie = signer.dumps({"_user_id": token, "_fresh": True})
        found.append(Person(site.port, profile.user_id, profile.id, {"interact_events": cookie}))
    db.session.commit()
    return found


def opening(site: Site, number: int = PEOPLE) -> tuple[str, list[Person]]:
    """An event with a third of the seats that are wanted, and so many for each programme."""
    with site.app.app_context():
        event = make.event(capacity=SEATS)
        make.seat_rules(event, caps=[Cap(Dimension.PROGRAMME, (Step(None, 4),))])
        return event.slug, people(site, number)


def rush(slug: str, everybody: list[Person], in_the_middle: Callable[[], None]) -> None:
    """All press, some at a time; it breaks when the first ones have got through."""
    begun = Signal()
    done: list[int] = []

    def press(person: Person) -> None:
        person.register(f"/events/{slug}/register")
        done.append(person.user)
        if len(done) >= 10:
            begun.set()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        presses = [pool.submit(press, person) for person in everybody]
        assert begun.wait(PATIENCE)
        in_the_middle()
        for each in presses:
            each.result()


# -- what has to be true afterwards --------------------------------------------------------------


def assert_all_is_well(site: Site, slug: str, everybody: list[Person]) -> None:
    """Nothing lost, nothing doubled, the order kept, and a sentence in every answer."""
    with site.app.app_context():
        event = db.session.scalars(select(Event).where(Event.slug == slug)).one()
        rows = db.session.scalars(
            select(Registration).where(Registration.event == event).order_by(Registration.id)
        ).all()
        assert sorted(row.user_id for row in rows) == sorted(p.user for p in everybody)
        own = {row.user_id: f"/my/registrations/{row.id}" for row in rows}
        assert [p.promised for p in everybody if p.promised not in ("", own[p.user])] == []
        assert Counter(row.state for row in rows) == {
            State.CONFIRMED: SEATS,
            State.WAITLISTED: PEOPLE - SEATS,
        }
        assert [row.state for row in rows] == replayed(event)
        assert trail_of(rows) == {row.id: 1 for row in rows}
        assert mails_to(rows) == dict.fromkeys({row.user_id for row in rows}, 1)
    audit = site.app.test_cli_runner().invoke(args=["registrations", "audit"])
    assert (audit.exit_code, "everything adds up." in audit.output) == (0, True)
    assert_sentences(everybody)


def replayed(event: Event) -> list[State | None]:
    """What the rules give to those who came, in the order of their numbers."""
    rules, taken, states = queries.rules_of(event), SeatsTaken(), []
    for each in queries.applicants_at(event, Registration.state != State.CANCELLED):
        states.append(decide(rules, taken, each.applicant, clock.now()).state)
        if states[-1] is State.CONFIRMED:
            taken.give(each.applicant)
    return states


def trail_of(rows: Sequence[Registration]) -> Counter[int]:
    subject = AuditEntry.subject_id
    mine = AuditEntry.subject_type == "registrations", subject.in_([row.id for row in rows])
    return Counter(db.session.scalars(select(subject).where(*mine)))


def mails_to(rows: Sequence[Registration]) -> Counter[int]:
    addresses = {row.user.email: row.user_id for row in rows}
    found = select(OutboxMessage.to_address).where(OutboxMessage.to_address.in_(addresses))
    return Counter(addresses[address] for address in db.session.scalars(found))


def assert_sentences(everybody: list[Person]) -> None:
    """A page, a way on, or when to come back; never a bare error."""
    for answer in (answer for person in everybody for answer in person.answers):
        assert answer.status in (200, 303, 503), answer.text
        if answer.status == 503:
            assert (answer.retry_after, COME_BACK in answer.text) == ("60", True)


# -- processes that die --------------------------------------------------------------------------


def test_a_worker_killed_in_the_middle(site: Site) -> None:
    slug, everybody = opening(site)
    victim = site.workers()[0]
    rush(slug, everybody, lambda: os.kill(victim, signal.SIGKILL))
    assert victim not in site.workers()
    assert_all_is_well(site, slug, everybody)


@pytest.mark.skipif(DATABASE != "postgresql", reason="SQLite is no process that could end")
def test_the_database_killed_and_started_again_in_the_middle(site: Site) -> None:
    slug, everybody = opening(site)

    rush(slug, everybody, lambda: servers.crash_postgresql(site.folder))
    assert 503 in {answer.status for person in everybody for answer in person.answers}
    assert_all_is_well(site, slug, everybody)


# -- presses that come twice, late, or from somebody who is gone ---------------------------------


def test_the_same_press_fifty_times_at_once(site: Site) -> None:
    slug, (person,) = opening(site, 1)
    page = f"/events/{slug}/register"
    token, cookies = person.token(page), person.cookies
    barrier = Barrier(50)

    def press(_number: int) -> Answer:
        again = Person(person.port, person.user, person.profile, dict(cookies))
        barrier.wait(PATIENCE)
        return again.ask("POST", page, profile=person.profile, csrf_token=token)

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(press, range(50)))
    with site.app.app_context():
        row = db.session.scalars(
            select(Registration).join(Registration.event).where(Event.slug == slug)
        ).one()
        assert row.event.seats_taken == 1
        assert mails_to([row]) == {row.user_id: 1}
        led = f"/my/registrations/{row.id}"
    for answer in answers:
        is_told = answer.status == 200 and "You are already registered" in answer.text
        assert answer.location == led or is_told, answer
    assert site.app.test_cli_runner().invoke(args=["registrations", "audit"]).exit_code == 0


def at(monkeypatch: pytest.MonkeyPatch, instant: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: instant)


@pytest.mark.parametrize(("seconds", "is_taken"), [(-1, True), (0, False), (1, False)])
def test_a_press_around_the_deadline(
    client: Client, monkeypatch: pytest.MonkeyPatch, seconds: int, is_taken: bool
) -> None:
    deadline = make.days(2)
    event, profile = make.event(registration_closes_at=deadline), make.profile()
    client.sign_in(profile.user)
    page = f"/events/{event.slug}/register"
    at(monkeypatch, deadline - timedelta(minutes=5))
    token = TOKEN.search(client.get(page).text)
    assert token
    at(monkeypatch, deadline + timedelta(seconds=seconds))
    form = {"profile": profile.id, "csrf_token": token.group(1)}
    answer = client.post(page, data=form, follow_redirects=True)
    assert answer.status_code == 200
    assert ("You have a seat." in answer.text) is is_taken
    assert ("Registration closed on" in answer.text) is not is_taken
    assert event.seats_taken == is_taken
    assert findings() == []


def form_of(client: Client, event: Event, profile: Profile) -> dict[str, object]:
    """What the person's browser would send, who has the form before them."""
    client.sign_in(profile.user)
    token = TOKEN.search(client.get(f"/events/{event.slug}/register").text)
    assert token
    return {"profile": profile.id, "diet": "No <nuts>", "csrf_token": token.group(1)}


def send(client: Client, event: Event, form: dict[str, object]) -> TestResponse:
    page = f"/events/{event.slug}/register"
    headers = {"Referer": f"http://localhost{page}"}
    return client.post(page, data=form, headers=headers, follow_redirects=True)


def pressed(client: Client, profile: Profile, between: Callable[[], object]) -> TestResponse:
    """What the person reads who sends a form after something has happened."""
    event = make.event()
    event.roles = [make.role("CTRL"), make.role("MA")]
    form = form_of(client, event, profile)
    between()
    db.session.commit()
    answer = send(client, event, form)
    assert db.session.scalars(select(Registration)).all() == []
    assert event.seats_taken == 0
    assert findings() == []
    return answer


def findings() -> list[str]:
    return [each.line for each in checks.findings(clock.now())]


def gone(profile: Profile) -> Sequence[Callable[[], object]]:
    """The ways in which a profile goes."""
    return (
        lambda: db.session.delete(profile),
        lambda: retire_profile(profile, now=clock.now()),
    )


@pytest.mark.parametrize("way", [0, 1], ids=["deleted", "retired"])
@pytest.mark.parametrize("left", [None, "MA", "NCP"])
def test_a_profile_that_is_gone_when_the_form_comes(
    client: Client, way: int, left: str | None
) -> None:
    """Whether another one is left that may come, one that may not, or none."""
    profile = make.profile()
    if left:
        make.profile(profile.user, role_id=make.role(left).id)
    said = pressed(client, profile, gone(profile)[way]).text
    assert PROFILE_GONE in said
    assert ("First, where do you work?" in said) is (left is None)
    assert ("This event is not open to your profiles" in said) is (left == "NCP")


def end_sign_ins() -> None:
    db.session.execute(update(SignIn).values(expires_at=clock.now()))


SIGNED_OUT = (
    "You have signed out, perhaps in another tab, or your sign-in has ended. Nothing was done yet.",
    "Sign in, then come back to this tab: what you typed is kept here.",
    "<dt>Diet</dt><dd>No &lt;nuts&gt;</dd>",
)


def test_a_sign_in_that_is_over_when_the_form_comes(client: Client) -> None:
    answer = pressed(client, make.profile(), end_sign_ins)
    assert (answer.status_code, [s for s in SIGNED_OUT if s not in answer.text]) == (400, [])


def test_an_account_that_is_gone_when_the_form_comes(client: Client) -> None:
    profile = make.profile()
    answer = pressed(client, profile, lambda: delete_account(profile.user, now=clock.now()))
    assert (answer.status_code, [s for s in SIGNED_OUT if s not in answer.text]) == (400, [])


def test_what_was_kept_is_sent_again_and_registers_once(client: Client) -> None:
    profile, event = make.profile(), make.event()
    form = form_of(client, event, profile)
    end_sign_ins()
    for _ in range(2):  # the second time they have not signed in yet
        answer = send(client, event, form)
        assert (answer.status_code, "Nothing was done yet." in answer.text) == (400, True)
        form["csrf_token"] = TOKEN.findall(answer.text)[-1]
    client.press("/sign-in", email=profile.user.email, password=make.PASSWORD)
    answer = send(client, event, form)
    assert (answer.status_code, "Please send that once more" in answer.text) == (400, True)
    form["csrf_token"] = TOKEN.findall(answer.text)[-1]
    for _ in range(2):
        assert "<title>Your registration: " in send(client, event, form).text
    row = db.session.scalars(select(Registration)).one()
    assert (row.state, event.seats_taken) == (State.CONFIRMED, 1)
    assert mails_to([row]) == {profile.user_id: 1}
    assert findings() == []


def test_who_may_register_early_but_is_not_signed_in_any_more_loses_nothing(client: Client) -> None:
    """What a stranger would read, that registration is not open yet, is not so for them."""
    profile = make.profile()
    event = make.event(registration_opens_at=make.days(5))
    head_start = HeadStart(event_id=event.id, user_id=profile.user_id, from_at=clock.now())
    db.session.add(head_start)
    form = form_of(client, event, profile)
    end_sign_ins()
    answer = send(client, event, form)
    assert (answer.status_code, [s for s in SIGNED_OUT if s not in answer.text]) == (400, [])
