"""Applying a report, undoing it, and what is refused: nothing is ever half applied."""

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, func, select

from interact_events.accounts.actions import delete_account
from interact_events.accounts.models import User
from interact_events.attendance import actions, queries, rules
from interact_events.attendance.actions import REPORTS
from interact_events.attendance.jobs import forget_reports, sweep_reports
from interact_events.attendance.models import (
    AttendanceAlias,
    AttendanceImport,
    ImportState,
    NoShow,
    Presence,
)
from interact_events.attendance.rules import Source
from interact_events.core import clock, files
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db, table_of
from interact_events.core.errors import DomainError
from interact_events.core.jobs import run_queued
from interact_events.events.models import Event
from interact_events.registrations.models import Registration, State
from tests import make
from tests.attendance.reports import at, online_event, zoom
from tests.client import counted

Rows = list[tuple[str, str, Any, Any]]
ANNA: Rows = [("Anna Virtanen", "", at(9), at(10, 30))]


def sent(
    event: Event, content: bytes, actor: User | None = None, **values: Any
) -> AttendanceImport:
    """An import as the upload leaves it."""
    report = rules.report_of(content)
    with files.keeping(REPORTS, [io.BytesIO(content)]) as (kept,):
        row = actions.add_import(
            event, report, kept, "report.csv", actor=actor or make.user(), now=clock.now()
        )
        db.session.commit()
    for name, value in values.items():
        setattr(row, name, value)
    db.session.commit()
    return row


def apply(row: AttendanceImport, content: bytes, actor: User | None = None) -> int:
    report = rules.report_of(content)
    seen = queries.preview(row, report, clock.now()).seen
    number = actions.apply_import(
        row, report, seen=seen, actor=actor or make.user(), now=clock.now()
    )
    db.session.commit()
    return number


def applied(event: Event, content: bytes) -> AttendanceImport:
    row = sent(event, content)
    apply(row, content)
    return row


def choose(row: AttendanceImport, **people: int | None) -> None:
    """`line_2=…`"""
    chosen = {int(line.removeprefix("line_")): who for line, who in people.items()}
    actions.choose(row, zone="Europe/Helsinki", order="day-first", without=[], people=chosen)
    db.session.commit()


def noted(event: Event) -> dict[tuple[str, str], tuple[str, int]]:
    """{(person, session): (source, minutes)}."""
    names = {row.id: row.name for row in db.session.scalars(select(Registration))}
    sessions = {each.id: each for each in event.sessions}
    return {
        (names[registration], sessions[session].title): (
            known.source.value,
            rules.seen(sessions[session], known.spans).minutes,
        )
        for (registration, session), known in queries.known_presences(event).items()
    }


@pytest.fixture
def event(app: Flask) -> Event:
    return online_event()


@pytest.fixture
def anna(event: Event) -> Registration:
    return make.registration(event, make.user("Anna Virtanen", email="anna@example.org"))


# -- applying ------------------------------------------------------------------------------------


def test_a_report_notes_minutes_at_each_session(event: Event, anna: Registration) -> None:
    content = zoom(
        [
            ("A. V.", "anna@example.org", at(8, 50), at(9, 30)),
            ("A. V.", "anna@example.org", at(9, 20), at(10)),
            ("A. V.", "anna@example.org", at(11, 30), at(23, 50) + timedelta(hours=2)),
        ]
    )
    row = applied(event, content)
    assert noted(event) == {
        ("Anna Virtanen", "Costs"): ("import", 60),
        ("Anna Virtanen", "Cases"): ("import", 30),
    }
    assert (row.state, row.people) == (ImportState.APPLIED, 1)


def test_who_is_not_matched_is_not_noted(event: Event, anna: Registration) -> None:
    content = zoom([*ANNA, ("Somebody Else", "else@example.net", at(9), at(12))])
    applied(event, content)
    assert noted(event) == {("Anna Virtanen", "Costs"): ("import", 90)}


def test_two_people_of_one_name_wait_for_staff(event: Event, anna: Registration) -> None:
    other = make.registration(event, make.user("Anna Virtanen"))
    row = sent(event, zoom(ANNA))
    with pytest.raises(DomainError, match="nothing to note"):
        apply(row, zoom(ANNA))
    choose(row, line_2=other.id)
    apply(row, zoom(ANNA))
    assert list(queries.presence_of(other)) == [event.agenda[0].id]
    assert queries.presence_of(anna) == {}


def test_a_second_press_changes_nothing(event: Event, anna: Registration) -> None:
    row = applied(event, zoom(ANNA))
    before, entries = noted(event), _audited()
    assert apply(row, zoom(ANNA)) == 1
    assert (noted(event), _audited()) == (before, entries)


def _audited() -> int:
    return db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def test_what_the_desk_noted_stays_and_undoing_leaves_it(event: Event, anna: Registration) -> None:
    make.presence(anna, event.agenda[0])
    row = applied(event, zoom([("Anna Virtanen", "", at(9, 50), at(12))]))
    assert noted(event) == {
        ("Anna Virtanen", "Costs"): ("desk", 90),
        ("Anna Virtanen", "Cases"): ("import", 60),
    }
    actions.undo_import(row, actor=make.user(), now=clock.now())
    assert noted(event) == {("Anna Virtanen", "Costs"): ("desk", 90)}


def test_a_second_report_adds_and_its_undoing_restores(event: Event, anna: Registration) -> None:
    applied(event, zoom([*ANNA[:0], ("Anna Virtanen", "", at(9), at(9, 30))]))
    later = applied(event, zoom([("Anna Virtanen", "", at(9, 20), at(10))]))
    assert noted(event) == {("Anna Virtanen", "Costs"): ("import", 60)}
    actions.undo_import(later, actor=make.user(), now=clock.now())
    assert noted(event) == {("Anna Virtanen", "Costs"): ("import", 30)}


def test_reports_that_overlay_are_undone_from_the_last(event: Event, anna: Registration) -> None:
    first = applied(event, zoom([("Anna Virtanen", "", at(9), at(9, 30))]))
    later = applied(event, zoom([("Anna Virtanen", "", at(9, 20), at(10))]))
    with pytest.raises(DomainError, match="Undo that first"):
        actions.undo_import(first, actor=make.user(), now=clock.now())
    db.session.rollback()
    for row in (later, first):
        actions.undo_import(row, actor=make.user(), now=clock.now())
    assert noted(event) == {}


def test_a_report_is_not_undone_while_a_later_one_says_the_same(
    event: Event, anna: Registration
) -> None:
    make.registration(event, make.user("Søren Žižka"))
    first = applied(event, zoom(ANNA))
    second = applied(event, zoom([*ANNA, ("Søren Žižka", "", at(9), at(10))]))
    before = noted(event)
    with pytest.raises(DomainError, match="Undo that first"):
        actions.undo_import(first, actor=make.user(), now=clock.now())
    db.session.rollback()
    assert noted(event) == before
    for row in (second, first):
        actions.undo_import(row, actor=make.user(), now=clock.now())
    assert noted(event) == {}


def test_what_the_joining_link_noted_gives_way_and_comes_back(
    event: Event, anna: Registration
) -> None:
    make.presence(anna, *event.agenda, source=Source.JOIN_LINK)
    before = joined_by_link()
    row = applied(event, zoom([("Anna Virtanen", "", at(9), at(9, 40))]))
    assert noted(event) == {
        ("Anna Virtanen", "Costs"): ("import", 40),
        ("Anna Virtanen", "Cases"): ("join-link", 60),
    }
    actions.undo_import(row, actor=make.user(), now=clock.now())
    assert joined_by_link() == before


def test_what_was_corrected_since_hides_the_joining_link_for_good(
    event: Event, anna: Registration
) -> None:
    make.presence(anna, event.agenda[0], source=Source.JOIN_LINK)
    row = applied(event, zoom(ANNA))
    actions.correct(
        anna, event.agenda[0], present=False, reason="No", actor=make.user(), now=clock.now()
    )
    actions.undo_import(row, actor=make.user(), now=clock.now())
    assert noted(event) == {}


def joined_by_link() -> list[Any]:
    columns = [column for column in table_of(Presence).columns if column.name != "id"]
    rows = db.session.execute(select(*columns).order_by(Presence.session_id))
    return [tuple(row) for row in rows]


def test_undoing_never_takes_another_presence_for_one_that_is_gone(
    event: Event, anna: Registration
) -> None:
    """The number of the last row, deleted, would be the next one's."""
    soren, staff = make.registration(event, make.user("Søren Žižka")), make.user()
    applied(event, zoom([("Anna Virtanen", "", at(9), at(9, 30))]))
    later = applied(event, zoom([("Anna Virtanen", "", at(9, 20), at(10))]))
    actions.correct(anna, event.agenda[0], present=False, reason="No", actor=staff, now=clock.now())
    applied(event, zoom([("Søren Žižka", "", at(9), at(10, 30))]))
    actions.undo_import(later, actor=staff, now=clock.now())
    assert noted(event) == {(soren.name, "Costs"): ("import", 90)}


def test_what_was_corrected_since_stays(event: Event, anna: Registration) -> None:
    row = applied(event, zoom([("Anna Virtanen", "", at(9), at(12))]))
    costs = event.agenda[0]
    spans = ((at(9), at(9, 10)),)
    actions.correct(
        anna,
        costs,
        present=True,
        spans=spans,
        reason="She said",
        actor=make.user(),
        now=clock.now(),
    )
    assert actions.undo_import(row, actor=make.user(), now=clock.now()) == 1
    assert noted(event) == {("Anna Virtanen", "Costs"): ("correction", 10)}


def test_undone_twice_is_undone_once_and_it_may_be_noted_again(
    event: Event, anna: Registration
) -> None:
    row = applied(event, zoom(ANNA))
    assert actions.undo_import(row, actor=make.user(), now=clock.now()) == 0
    assert actions.undo_import(row, actor=make.user(), now=clock.now()) is None
    assert (row.state, noted(event)) == (ImportState.UNDONE, {})
    apply(row, zoom(ANNA))
    assert (row.state, len(noted(event))) == (ImportState.APPLIED, 1)


def test_a_no_show_who_came_is_none_until_it_is_undone(event: Event, anna: Registration) -> None:
    make.no_show(anna)
    row = applied(event, zoom(ANNA))
    assert queries.no_show_ids(event) == set()
    actions.undo_import(row, actor=make.user(), now=clock.now())
    assert queries.no_show_ids(event) == {anna.id}


def test_closed_attendance_refuses_sending_applying_and_undoing(
    event: Event, anna: Registration
) -> None:
    row, open_one = applied(event, zoom(ANNA)), sent(event, zoom(ANNA))
    actions.close_attendance(event, actor=make.user(), now=clock.now())
    db.session.commit()
    for act in (
        lambda: sent(event, zoom(ANNA)),
        lambda: apply(open_one, zoom(ANNA)),
        lambda: actions.undo_import(row, actor=make.user(), now=clock.now()),
    ):
        with pytest.raises(DomainError, match="Attendance was closed"):
            act()
        db.session.rollback()
    assert len(noted(event)) == 1


def test_what_changed_since_staff_looked_is_shown_first(event: Event, anna: Registration) -> None:
    row = sent(event, zoom(ANNA))
    report = rules.report_of(zoom(ANNA))
    seen = queries.preview(row, report, clock.now()).seen
    make.registration(event, make.user("Anna Virtanen"))
    with pytest.raises(DomainError, match="look at the list once more"):
        actions.apply_import(row, report, seen=seen, actor=make.user(), now=clock.now())
    assert noted(event) == {}


def test_a_session_that_moved_since_staff_looked_is_shown_first(
    event: Event, anna: Registration
) -> None:
    row, report = sent(event, zoom(ANNA)), rules.report_of(zoom(ANNA))
    seen = queries.preview(row, report, clock.now()).seen
    event.agenda[0].ends_at = at(9, 30)
    db.session.commit()
    with pytest.raises(DomainError, match="look at the list once more"):
        actions.apply_import(row, report, seen=seen, actor=make.user(), now=clock.now())


def test_a_failure_half_way_leaves_nothing(
    event: Event, anna: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = sent(event, zoom(ANNA))
    monkeypatch.setattr("interact_events.core.audit.record", _fails)
    with pytest.raises(RuntimeError):
        apply(row, zoom(ANNA))
    db.session.rollback()
    assert (noted(event), row.state) == ({}, ImportState.OPEN)


def _fails(*_args: object, **_kw: object) -> None:
    raise RuntimeError


def test_a_session_left_out_is_not_noted(event: Event, anna: Registration) -> None:
    content = zoom([("Anna Virtanen", "", at(9), at(12))])
    row = sent(event, content)
    row.choices = {"zone": "Europe/Helsinki", "order": "day-first", "without": [event.agenda[1].id]}
    apply(row, content)
    assert list(noted(event)) == [("Anna Virtanen", "Costs")]


def test_another_zone_moves_the_minutes(event: Event, anna: Registration) -> None:
    content = zoom(ANNA)
    row = sent(event, content)
    row.choices = {"zone": "Europe/Berlin", "order": "day-first"}
    apply(row, content)
    assert noted(event) == {
        ("Anna Virtanen", "Costs"): ("import", 30),
        ("Anna Virtanen", "Cases"): ("import", 30),
    }


def test_days_that_fit_in_both_orders_have_to_be_said(app: Flask) -> None:
    course = online_event(starts_at=at(9) - timedelta(days=90), ends_at=at(9) + timedelta(days=90))
    make.registration(course, make.user("Anna Virtanen"))
    content = zoom(ANNA).replace(b"12/05/2026", b"06/05/2026")
    row = sent(course, content)
    with pytest.raises(DomainError, match="Say first which number is the day") as refusal:
        apply(row, content)
    assert refusal.value.field == "order"


# -- known again ---------------------------------------------------------------------------------


def test_a_confirmed_name_is_known_the_next_time(event: Event, anna: Registration) -> None:
    content = zoom([("Anni V-nen", "anni@home.example", at(9), at(10))])
    row = sent(event, content)
    choose(row, line_2=anna.id)
    apply(row, content)
    other = online_event()
    make.registration(other, anna.user)
    later = queries.preview(sent(other, content), rules.report_of(content), clock.now())
    assert [(m.how.value, m.sure and m.sure.name) for m in later.matches] == [
        ("alias", "Anna Virtanen")
    ]


def test_undoing_forgets_what_was_confirmed(event: Event, anna: Registration) -> None:
    content = zoom([("Anni V-nen", "anni@home.example", at(9), at(10))])
    row = sent(event, content)
    choose(row, line_2=anna.id)
    apply(row, content)
    assert _aliases() == ["anni nen v", "anni@home.example"]
    actions.undo_import(row, actor=make.user(), now=clock.now())
    assert _aliases() == []


def test_a_device_is_nobodys_name(event: Event, anna: Registration) -> None:
    content = zoom([("Anna's iPhone", "", at(9), at(10))])
    row = sent(event, content)
    choose(row, line_2=anna.id)
    apply(row, content)
    assert _aliases() == []


def test_a_deleted_account_takes_its_names_along(event: Event, anna: Registration) -> None:
    content = zoom([("Anni V-nen", "anni@home.example", at(9), at(10))])
    row = sent(event, content)
    choose(row, line_2=anna.id)
    apply(row, content)
    delete_account(anna.user, now=clock.now())
    assert _aliases() == []


def _aliases() -> list[str]:
    return sorted(db.session.scalars(select(AttendanceAlias.key)))


# -- keeping no longer than needed ---------------------------------------------------------------


def test_the_file_goes_after_the_period_and_its_choices_with_it(
    app: Flask, event: Event, anna: Registration
) -> None:
    old = sent(event, zoom(ANNA), uploaded_at=clock.now() - timedelta(days=31))
    young = sent(event, zoom(ANNA), uploaded_at=clock.now() - timedelta(days=29))
    choose(old, line_2=anna.id)
    name = old.stored_as
    forget_reports()
    run_queued(app)
    db.session.expire_all()
    assert name not in _stored()
    assert (old.stored_as, old.choices, old.state) == (None, {}, ImportState.EXPIRED)
    assert young.stored_as is not None


def test_files_without_a_row_are_swept_a_day_later(
    event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = sent(event, zoom(ANNA))
    with files.keeping(REPORTS, [io.BytesIO(b"x")]) as (stray,):
        pass
    sweep_reports()
    assert _stored() >= {row.stored_as, stray.name}
    monkeypatch.setattr(clock, "now", _in_two_days(clock.now() + timedelta(days=2)))
    sweep_reports()
    assert stray.name not in _stored()
    assert row.stored_as in _stored()


def _in_two_days(instant: Any) -> Any:
    return lambda: instant


def _stored() -> set[str]:
    return {each.name for each in files.storage().listed(REPORTS)}


def test_deleting_an_open_report_keeps_that_it_was_sent(event: Event, anna: Registration) -> None:
    row = sent(event, zoom(ANNA))
    actions.discard_import(row, actor=make.user(), now=clock.now())
    assert (row.stored_as, row.state) == (None, ImportState.EXPIRED)
    done = applied(event, zoom(ANNA))
    with pytest.raises(DomainError, match="Undo that first"):
        actions.discard_import(done, actor=make.user(), now=clock.now())


# -- speed ---------------------------------------------------------------------------------------


def crowd(event: Event, number: int) -> bytes:
    """So many confirmed people who were all there, and the report that says so."""
    owner = make.registration(event, make.user("Anna Virtanen"))
    users = [
        {
            "email": f"p{n}@crowd.example",
            "name": f"Person {n}",
            "certificate_name": "",
            "password_hash": "",
            "zone": "UTC",
            "created_at": clock.now(),
            "is_coordinator": False,
            "wants_news": False,
        }
        for n in range(number)
    ]
    db.session.execute(table_of(User).insert(), users)
    ids = db.session.scalars(select(User.id).where(User.email.like("%@crowd.example")))
    common = {
        column.name: getattr(owner, column.name)
        for column in table_of(Registration).columns
        if column.name not in ("id", "user_id")
    }
    rows = [common | {"user_id": user_id, "state": State.CONFIRMED} for user_id in ids]
    db.session.execute(table_of(Registration).insert(), rows)
    db.session.commit()
    return zoom([(f"Person {n}", f"p{n}@crowd.example", at(9), at(12)) for n in range(number)])


@pytest.mark.parametrize("number", [10, 3000])
def test_the_statements_of_an_import_hardly_grow(
    event: Event, connection: Connection, number: int
) -> None:
    content = crowd(event, number)
    row, report, actor = sent(event, content), rules.report_of(content), make.user()
    seen, now = queries.preview(row, report, clock.now()).seen, clock.now()
    with counted(connection) as statements:
        actions.apply_import(row, report, seen=seen, actor=actor, now=now)
        db.session.flush()
    assert len(noted_rows(event)) == 2 * number
    assert len(statements) <= 16 + 2 * number // 1000  # so many thousands are noted
    with counted(connection) as statements:
        actions.undo_import(row, actor=actor, now=now)
        db.session.flush()
    assert noted_rows(event) == {}
    assert len(statements) <= 14 + number // 1000


def noted_rows(event: Event) -> dict[tuple[int, int], Any]:
    return queries.known_presences(event)


def test_sources_are_those_of_an_import(event: Event, anna: Registration) -> None:
    row = applied(event, zoom(ANNA))
    (known,) = queries.known_presences(event).values()
    assert (known.source, known.import_id) == (Source.IMPORT, row.id)
    assert db.session.scalar(select(func.count()).select_from(NoShow)) == 0
