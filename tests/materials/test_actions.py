import io
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, func, select

from interact_events.accounts.models import User
from interact_events.core import clock, files
from interact_events.core.audit import AuditEntry
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.jobs import run_queued
from interact_events.core.outbox import OutboxMessage
from interact_events.events.actions import delete_draft, remove_session
from interact_events.events.models import Event, EventState
from interact_events.materials import actions, queries
from interact_events.materials.actions import NewFile, Sharing
from interact_events.materials.models import Material, MaterialNotice
from interact_events.materials.rules import Audience
from interact_events.registrations.models import State
from tests import make
from tests.client import counted
from tests.materials.samples import PDF, content_of, material, stored_file

EVERYONE, CONFIRMED, CAME = Audience.EVERYONE, Audience.CONFIRMED, Audience.CAME


@pytest.fixture
def event(app: Flask) -> Event:
    return make.event()


@pytest.fixture
def staff(app: Flask) -> User:
    return make.member()


def titles(event: Event) -> list[str]:
    return [row.title for row in queries.materials_of(event)]


def audited(event: Event) -> list[tuple[str, str]]:
    rows = db.session.execute(
        select(AuditEntry.action, AuditEntry.changes)
        .where(AuditEntry.subject_type == "events", AuditEntry.subject_id == event.id)
        .order_by(AuditEntry.id)
    )
    return [(action, changes.get("material", "")) for action, changes in rows]


def test_files_are_added_at_the_end_in_the_events_zone(event: Event, staff: User) -> None:
    material(event, "First")
    new = [NewFile(stored_file(), "unit_costs.pdf"), NewFile(stored_file(), "b.pdf", "Second day")]
    sharing = Sharing(
        session_id=event.sessions[0].id,
        audience=CAME,
        available=datetime.fromisoformat("2027-05-12T09:00"),
    )
    added = actions.add_files(event, new, sharing, actor=staff, now=clock.now())
    db.session.commit()
    assert titles(event) == ["First", "unit costs", "Second day"]
    assert {(row.session_id, row.audience) for row in added} == {(event.sessions[0].id, CAME)}
    at = added[0].available_at
    assert at
    assert f"{to_local(at, 'Europe/Helsinki'):%H:%M %Z}" == "09:00 EEST"
    assert len({row.code for row in added}) == 2
    assert min(len(row.code) for row in added) >= 20
    assert not any(row.code in (row.stored_as or "") for row in added)
    assert audited(event) == [("material added", "unit costs"), ("material added", "Second day")]


def test_a_time_that_clocks_skip_is_refused_beside_its_field(event: Event, staff: User) -> None:
    sharing = Sharing(audience=EVERYONE, available=datetime.fromisoformat("2027-03-28T03:30"))
    with pytest.raises(DomainError, match="does not exist on that day") as refusal:
        actions.add_link(event, "A", "https://keep.eu", sharing, actor=staff, now=clock.now())
    assert refusal.value.field == "available"


def test_a_session_of_another_event_is_refused(event: Event, staff: User) -> None:
    sharing = Sharing(audience=EVERYONE, session_id=make.event().sessions[0].id)
    with pytest.raises(DomainError, match="session of this event") as refusal:
        actions.add_link(event, "A", "https://keep.eu", sharing, actor=staff, now=clock.now())
    assert refusal.value.field == "session"


def test_only_web_addresses_are_links(event: Event, staff: User) -> None:
    link = material(event, url="https://keep.eu")
    bad, now = "javascript:alert(1)", clock.now()
    with pytest.raises(DomainError, match="https://"):
        actions.add_link(event, "A", bad, Sharing(audience=EVERYONE), actor=staff, now=now)
    with pytest.raises(DomainError, match="https://"):
        actions.change_material(
            link, "A", Sharing(audience=EVERYONE), url=bad, actor=staff, now=now
        )


def test_an_event_has_a_limit_of_materials(
    event: Event, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MOST", 2)
    material(event)
    new = [NewFile(stored_file(), "a.pdf"), NewFile(stored_file(), "b.pdf")]
    with pytest.raises(DomainError, match="ZIP archive"):
        actions.add_files(event, new, Sharing(audience=EVERYONE), actor=staff, now=clock.now())
    actions.add_files(event, new[:1], Sharing(audience=EVERYONE), actor=staff, now=clock.now())


def test_replacing_keeps_the_address_and_removes_the_old_file_after_the_commit(
    app: Flask, event: Event, staff: User, folder: Path
) -> None:
    row = material(event)
    code, old = row.code, row.stored_as
    actions.replace_file(
        row, NewFile(stored_file(b"%PDF-2"), "v2.pdf"), actor=staff, now=clock.now()
    )
    assert len(list(folder.iterdir())) == 2  # nothing is lost if the commit fails
    db.session.commit()
    run_queued(app)
    assert (row.code, row.file_name, content_of(row)) == (code, "v2.pdf", b"%PDF-2")
    assert row.stored_as != old
    assert len(list(folder.iterdir())) == 1
    assert row.replaced_at


def test_a_rolled_back_replacement_leaves_the_old_file(
    app: Flask, event: Event, staff: User
) -> None:
    row = material(event)
    actions.replace_file(
        row, NewFile(stored_file(b"%PDF-2"), "v2.pdf"), actor=staff, now=clock.now()
    )
    db.session.rollback()
    run_queued(app)
    assert content_of(row) == PDF


def test_a_link_has_no_file_to_replace(event: Event, staff: User) -> None:
    row = material(event, url="https://keep.eu")
    with pytest.raises(DomainError, match="no file"):
        actions.replace_file(row, NewFile(stored_file(), "a.pdf"), actor=staff, now=clock.now())


@pytest.mark.parametrize(
    ("place", "up", "order"),
    [(0, True, "ABC"), (0, False, "BAC"), (1, True, "BAC"), (2, True, "ACB"), (2, False, "ABC")],
)
def test_moving_by_one_place(event: Event, staff: User, place: int, up: bool, order: str) -> None:
    rows = [material(event, title) for title in "ABC"]
    actions.move_material(rows[place], up=up, actor=staff, now=clock.now())
    db.session.commit()
    assert "".join(titles(event)) == order


def test_deleting_removes_row_notices_and_file(
    app: Flask, event: Event, staff: User, folder: Path
) -> None:
    row = material(event)
    make.registration(event)
    actions.tell(event, actor=staff, now=clock.now())
    actions.delete_material(row, actor=staff, now=clock.now())
    db.session.commit()
    run_queued(app)
    assert titles(event) == []
    assert list(folder.iterdir()) == []
    assert db.session.scalar(select(func.count()).select_from(MaterialNotice)) == 0
    assert audited(event)[-1] == ("material deleted", "Slides")


def test_a_deleted_draft_takes_its_materials_along(app: Flask, staff: User) -> None:
    event = make.event(state=EventState.DRAFT, published_at=None)
    material(event, session_id=event.sessions[0].id)
    delete_draft(event, actor=staff, now=clock.now())
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(Material)) == 0


def test_a_session_that_is_deleted_leaves_its_materials_to_the_event(
    app: Flask, staff: User
) -> None:
    event = make.event(state=EventState.DRAFT, published_at=None)
    row = material(event, session_id=event.sessions[0].id)
    remove_session(event.sessions[0], actor=staff, now=clock.now())
    db.session.commit()
    db.session.refresh(row)
    assert row.session_id is None


# -- storing -------------------------------------------------------------------------------------


class Crash(Exception):
    """The process ends here."""


def break_off(event: Event, staff: User, error: Exception) -> None:
    with files.keeping("materials", [io.BytesIO(PDF)]) as stored:
        new = [NewFile(stored[0], "a.pdf")]
        actions.add_files(event, new, Sharing(audience=EVERYONE), actor=staff, now=clock.now())
        assert content_of(queries.materials_of(event)[0]) == PDF
        raise error


def test_a_crash_before_the_commit_leaves_a_file_and_no_row(
    event: Event, staff: User, folder: Path
) -> None:
    with pytest.raises(Crash):
        break_off(event, staff, Crash())
    db.session.rollback()
    assert titles(event) == []
    assert len(list(folder.iterdir())) == 1  # for the sweep


def test_a_refusal_leaves_neither(event: Event, staff: User, folder: Path) -> None:
    with pytest.raises(DomainError):
        break_off(event, staff, DomainError("No."))
    db.session.rollback()
    assert titles(event) == []
    assert list(folder.iterdir()) == []


# -- telling -------------------------------------------------------------------------------------


def mails() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def test_each_person_gets_one_mail_with_what_they_may_open(event: Event, staff: User) -> None:
    later = make.session(event, "Later", event.starts_at, event.ends_at)
    came, seated = (make.registration(event, make.user(name)) for name in ("Came", "Seated"))
    make.presence(came, event.sessions[0])
    make.registration(event, make.user("Waits"), State.WAITLISTED)
    for title, audience, session_id in (
        ("All", EVERYONE, None),
        ("Seats", CONFIRMED, None),
        ("Present", CAME, None),
        ("This session", CAME, event.sessions[0].id),
        ("Other session", CAME, later.id),
    ):
        material(event, title, audience, session_id=session_id)
    material(event, "Tomorrow", EVERYONE, available_at=make.days(1))
    told = actions.tell(event, actor=staff, now=clock.now())
    assert {each.registration.name: [row.title for row in each.materials] for each in told} == {
        "Came": ["All", "Seats", "Present", "This session"],
        "Seated": ["All", "Seats"],
    }
    sent = {mail.to_name: mail for mail in mails()}
    assert sent.keys() == {"Came", "Seated"}
    assert {mail.event_id for mail in sent.values()} == {event.id}
    assert sent["Seated"].person_id == seated.user_id
    assert "Present" not in sent["Seated"].text
    assert "Tomorrow" not in sent["Came"].text


def test_the_mail_says_what_when_and_where_and_links(event: Event, staff: User) -> None:
    row = material(event, 'Ζωή\'s "Žižka" <b>slides</b>', session_id=event.sessions[0].id)
    material(event, "Portal", EVERYONE, url="https://keep.eu/x?secret=1")
    make.registration(event, make.user("Anna"))
    event.contact_email = "team@interact.example"
    db.session.commit()
    actions.tell(event, actor=staff, now=clock.now())
    [mail] = mails()
    assert mail.kind == "materials.shared"
    assert mail.subject.startswith(f"Materials: {event.title}, ")
    assert "Turku" in mail.subject
    assert f"http://localhost/materials/{row.code}" in mail.text
    assert 'session "What an auditor asks for"' in mail.text
    assert "Portal (keep.eu)" in mail.text
    assert "secret=1" not in mail.text  # access is checked first
    assert "<b>" not in mail.html
    assert "http://localhost/my/materials" in mail.text
    assert mail.reply_to == "team@interact.example"


def test_nobody_is_told_twice_of_anything(event: Event, staff: User) -> None:
    make.registration(event, make.user("First"))
    material(event, "A")
    actions.tell(event, actor=staff, now=clock.now())
    with pytest.raises(DomainError, match="told already"):
        actions.tell(event, actor=staff, now=clock.now())
    make.registration(event, make.user("Second"))
    material(event, "B")
    told = actions.tell(event, actor=staff, now=clock.now())
    assert [[row.title for row in each.materials] for each in told] == [["B"], ["A", "B"]]
    assert [mail.to_name for mail in mails()] == ["First", "First", "Second"]


@pytest.mark.parametrize("state", [EventState.DRAFT, EventState.CANCELLED])
def test_nobody_is_told_of_what_does_not_take_place(
    event: Event, staff: User, state: EventState
) -> None:
    make.registration(event)
    material(event, audience=EVERYONE)
    event.state = state
    db.session.commit()
    with pytest.raises(DomainError):
        actions.tell(event, actor=staff, now=clock.now())
    assert mails() == []


def test_a_secret_selection_stays_one(event: Event, staff: User) -> None:
    later = clock.now() + timedelta(minutes=15)
    make.registration(event, told_at=later)
    material(event)
    assert queries.untold(event, queries.materials_of(event), clock.now()) == []
    assert len(queries.untold(event, queries.materials_of(event), later)) == 1


def test_who_has_deleted_their_account_is_not_written_to(event: Event, staff: User) -> None:
    make.registration(event, make.user(email="deleted-1@invalid"))
    material(event)
    assert queries.untold(event, queries.materials_of(event), clock.now()) == []


def test_telling_costs_the_same_for_three_as_for_one(
    event: Event, staff: User, connection: Connection
) -> None:
    costs = []
    for number in (1, 3):
        for _ in range(number):
            make.registration(event)
            material(event)
        with counted(connection) as statements:
            actions.tell(event, actor=staff, now=clock.now())
        costs.append(len(statements))
        db.session.commit()
    assert costs[0] == costs[1]


def test_who_was_told_of_what_is_deleted_is_told_of_what_comes_after(
    event: Event, staff: User
) -> None:
    """A database may give the number of a deleted row again."""
    make.registration(event)
    for title in ("One", "Two"):
        sharing = Sharing(audience=CONFIRMED)
        link = actions.add_link(
            event, title, "https://a.example/1", sharing, actor=staff, now=clock.now()
        )
        db.session.commit()
        assert len(actions.tell(event, actor=staff, now=clock.now())) == 1
        db.session.commit()
        actions.delete_material(link, actor=staff, now=clock.now())
        db.session.commit()
    shared = select(func.count()).where(OutboxMessage.kind == "materials.shared")
    assert db.session.scalar(shared) == 2
