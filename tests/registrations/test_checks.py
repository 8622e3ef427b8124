"""The audit of seats and queues: a clean history passes, each thing broken by hand is found."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import Connection, delete, text, update

from interact_events.core import audit, clock
from interact_events.core.db import db
from interact_events.events.actions import remove_session
from interact_events.events.models import Admission, Event, Mode
from interact_events.registrations import actions, checks
from interact_events.registrations.actions import Answers
from interact_events.registrations.checks import books
from interact_events.registrations.models import (
    Registration,
    SeatInvitation,
    SeatRules,
    SeatTally,
    SessionChoice,
    State,
)
from interact_events.registrations.rules import Cap, Dimension, Hold, Step
from tests import make
from tests.client import counted

NOW = clock.now()
PER_PROGRAMME = Cap(Dimension.PROGRAMME, (Step(None, 2),))


def lines() -> list[str]:
    """What the audit says, without the event."""
    db.session.commit()
    db.session.expire_all()
    return [finding.line.partition(": ")[2] for finding in checks.findings(NOW)]


def run(app: Flask) -> tuple[int, str]:
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["registrations", "audit"])
    return result.exit_code, result.output


# -- the command


def test_nothing_adds_up_to_nothing(app: Flask) -> None:
    assert run(app) == (0, "0 events, 0 registrations: everything adds up.\n")


def test_a_history_of_all_sorts_adds_up(app: Flask) -> None:
    event = make.event(capacity=3)
    make.seat_rules(event, caps=[PER_PROGRAMME])
    people = [make.profile() for _ in range(4)]
    rows = [actions.register(person, event, Answers(), now=NOW) for person in people]
    staff = make.member()
    actions.decide(
        event, [rows[2].id], State.CONFIRMED, actor=staff, now=NOW, override="Speaks at ten."
    )
    actions.cancel_registration(rows[0], actor=rows[0].user, now=NOW)
    actions.cancel_event(make.event("Closed accounts"), "Snow.", actor=staff, now=NOW)
    assert run(app) == (0, "2 events, 4 registrations: everything adds up.\n")


def test_what_does_not_add_up_is_a_line_and_the_command_fails(app: Flask) -> None:
    event = make.event()
    row = make.registration(event)
    event.seats_taken = 2
    assert run(app) == (
        1,
        (
            f"{event.slug}: its own count of seats taken says 2, its registrations say 1 "
            f"(registration {row.id})\n"
            "1 event, 1 registration: 1 thing does not add up.\n"
        ),
    )


def test_a_note_does_not_fail_the_command(app: Flask) -> None:
    event = make.event(capacity=3)
    for _ in range(3):
        make.registration(event, submitted_at=NOW - timedelta(days=2))
    make.seat_rules(event, caps=[PER_PROGRAMME])
    audit.record("rules changed", event, actor=None, now=NOW - timedelta(days=1))
    code, said = run(app)
    assert code == 0
    assert "3 seats for programme" in said
    assert said.endswith("1 event, 3 registrations: everything adds up.\n")


@pytest.mark.usefixtures("app")
def test_more_events_cost_no_more_statements(connection: Connection) -> None:
    def cost() -> int:
        db.session.commit()
        db.session.expunge_all()
        with counted(connection) as statements:
            assert list(checks.findings(NOW)) == []
        return len(statements)

    make.registration(make.event())
    of_one = cost()
    for _ in range(3):
        event = make.event()
        for _ in range(3):
            make.registration(event)
    assert cost() == of_one


def test_every_batch_is_read(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(books, "BATCH", 2)
    for _ in range(5):
        make.registration(make.event())
    assert run(app) == (0, "5 events, 5 registrations: everything adds up.\n")
    db.session.execute(update(Event).values(seats_taken=7))
    assert run(app)[1].count("its own count of seats taken says 7") == 5


@pytest.mark.parametrize("is_removed", [True, False])
def test_a_session_that_is_chosen_no_more_leaves_no_wrong_count(
    app: Flask, is_removed: bool
) -> None:
    event, rows = seated()
    choose(event, rows, capacity=2)
    staff, session = make.member(), event.sessions[0]
    if is_removed:
        remove_session(session, actor=staff, now=NOW)
    else:
        session.capacity = None
    db.session.flush()
    actions.decide(event, [rows[0].id], State.CANCELLED, actor=staff, now=NOW)
    actions.cancel_registration(rows[1], actor=rows[1].user, now=NOW)
    assert run(app) == (0, "1 event, 2 registrations: everything adds up.\n")


# -- counting what an older version left


@pytest.mark.usefixtures("app")
def test_only_events_without_counts_are_counted() -> None:
    event, _ = seated()
    wrong, _ = seated()
    tally(wrong, Dimension.MODE, "on-site").taken = 7
    make.event("Nobody has come yet")
    db.session.execute(delete(SeatTally).where(SeatTally.event_id == event.id))
    assert actions.recount_missing() == 1
    db.session.commit()
    assert {finding.slug for finding in checks.findings(NOW)} == {wrong.slug}
    assert actions.recount_missing() == 0


# -- each thing broken by hand


def seated(number: int = 2) -> tuple[Event, list[Registration]]:
    event = make.event()
    return event, [make.registration(event) for _ in range(number)]


def tally(event: Event, dimension: Dimension, key: object) -> SeatTally:
    return db.session.get_one(SeatTally, (event.id, dimension, str(key)))


@pytest.mark.usefixtures("app")
def test_a_count_of_those_who_wait() -> None:
    event = make.event(capacity=1)
    make.registration(event)
    row = make.registration(event, state=State.WAITLISTED)
    event.waiting = 0
    assert lines() == [
        f"its own count of people waiting says 0, its registrations say 1 (registration {row.id})"
    ]


@pytest.mark.usefixtures("app")
def test_a_tally_that_is_wrong() -> None:
    event, (a, b) = seated()
    tally(event, Dimension.MODE, "on-site").taken = 5
    assert lines() == [
        (
            "the count of seats for mode on-site says 5, the registrations say 2 "
            f"(registrations {a.id} and {b.id})"
        )
    ]


@pytest.mark.usefixtures("app")
def test_a_tally_that_is_missing() -> None:
    event, (row,) = seated(1)
    db.session.delete(tally(event, Dimension.COUNTRY, make.country().id))
    assert lines() == [
        (
            f"the count of seats for country {make.country().id} is missing, "
            f"the registrations say 1 (registration {row.id})"
        )
    ]


@pytest.mark.usefixtures("app")
def test_a_tally_of_nobody() -> None:
    event, _ = seated(1)
    for key, taken in (("991", 0), ("992", 3)):  # what was given back leaves a zero
        db.session.add(
            SeatTally(event_id=event.id, dimension=Dimension.PROGRAMME, key=key, taken=taken)
        )
    assert lines() == ["the count of seats for programme 992 says 3, the registrations say 0"]


@pytest.mark.usefixtures("app")
def test_more_seats_than_there_are() -> None:
    event, rows = seated(3)
    event.capacity = 2
    numbers = f"{rows[0].id}, {rows[1].id} and {rows[2].id}"
    assert lines() == [f"3 seats for mode on-site, but the limit is 2 (registrations {numbers})"]


@pytest.mark.usefixtures("app")
def test_more_seats_than_a_cap_allows() -> None:
    event, _ = seated(3)
    make.seat_rules(event, caps=[PER_PROGRAMME])
    (line,) = lines()
    assert line.startswith(f"3 seats for programme {make.programme().id}, but the limit is 2 (reg")


@pytest.mark.usefixtures("app")
def test_a_seat_beyond_a_cap_that_staff_gave_is_right() -> None:
    event, rows = seated(3)
    make.seat_rules(event, caps=[PER_PROGRAMME])
    rows[2].override = "Speaks at ten."
    assert lines() == []


@pytest.mark.usefixtures("app")
def test_a_limit_set_later_is_a_note_until_somebody_comes_after_it() -> None:
    event = make.event()
    early = NOW - timedelta(days=3)
    for _ in range(3):
        make.registration(event, submitted_at=early)
    make.seat_rules(event, caps=[PER_PROGRAMME])
    audit.record("rules changed", event, actor=None, now=NOW - timedelta(days=2))
    db.session.commit()
    (note,) = checks.findings(NOW)
    assert (note.is_note, "after they were given" in note.text) == (True, True)
    make.registration(event, submitted_at=NOW - timedelta(days=1))
    (wrong,) = checks.findings(NOW)
    assert (wrong.is_note, wrong.text.startswith("4 seats")) == (False, True)


HELD = "2 seats on-site that are held for role {} are given to others (reg"


def held(event: Event, seats: int = 2, **more: object) -> Hold:
    hold = Hold(frozenset({make.role("MA").id}), seats, make.days(3), **more)  # type: ignore[arg-type]
    make.seat_rules(event, holds=[hold])
    return hold


@pytest.mark.usefixtures("app")
def test_seats_that_are_held_for_others() -> None:
    event = make.event(capacity=2)
    held(event)
    for _ in range(2):
        make.registration(event)
    (line,) = lines()
    assert line.startswith(HELD.format(make.role("MA").id))


@pytest.mark.usefixtures("app")
def test_held_seats_that_are_theirs_or_left_or_of_the_other_mode_are_right() -> None:
    authority = make.user()
    make.profile(authority, role_id=make.role("MA").id)
    event, hybrid = make.event(capacity=3), make.event(mode=Mode.HYBRID, online_capacity=2)
    held(event)
    held(hybrid, is_online=True)
    make.registration(event, authority)
    make.registration(event)
    for _ in range(3):
        make.registration(hybrid)
    assert lines() == []


@pytest.mark.usefixtures("app")
def test_a_held_seat_that_staff_gave_to_somebody_else_is_right() -> None:
    event = make.event(capacity=3)
    held(event)
    rows = [make.registration(event) for _ in range(2)]
    rows[1].override = "Speaks at ten."
    assert lines() == []


@pytest.mark.usefixtures("app")
def test_seats_that_are_held_no_more_are_anybodys() -> None:
    event = make.event(capacity=2)
    make.seat_rules(event, holds=[Hold(frozenset({make.role("MA").id}), 2, NOW)])
    for _ in range(2):
        make.registration(event)
    assert lines() == []


@pytest.mark.usefixtures("app")
def test_seats_held_later_are_a_note_until_somebody_takes_one_of_them() -> None:
    event = make.event(capacity=3)
    authority = make.user()
    make.profile(authority, role_id=make.role("MA").id)
    for _ in range(2):
        make.registration(event, submitted_at=NOW - timedelta(days=3))
    held(event)
    audit.record("rules changed", event, actor=None, now=NOW - timedelta(days=2))
    db.session.commit()
    (note,) = checks.findings(NOW)
    assert (note.is_note, "after they were given" in note.text) == (True, True)
    assert note.text.startswith("1 seat on-site that is held for role")
    make.registration(event, authority, submitted_at=NOW - timedelta(days=1))
    db.session.commit()
    assert [finding.is_note for finding in checks.findings(NOW)] == [True]
    event.capacity = 4
    make.registration(event, submitted_at=NOW - timedelta(days=1))
    db.session.commit()
    assert [finding.is_note for finding in checks.findings(NOW)] == [False]


@pytest.mark.usefixtures("app")
def test_an_application_where_nobody_selects() -> None:
    begun = NOW - timedelta(hours=1)
    selection, over = make.event(admission=Admission.SELECTION), make.event(starts_at=begun)
    event = make.event()
    rows = [make.registration(each, state=State.PENDING) for each in (selection, over, event)]
    assert lines() == [
        f"applied, but the event has no selection that decides (registration {rows[2].id})"
    ]


@pytest.mark.usefixtures("app")
def test_a_seat_that_was_handed_over_keeps_its_note() -> None:
    event = make.event()
    rows = [make.registration(event, submitted_at=NOW - timedelta(days=3)) for _ in range(3)]
    make.seat_rules(event, caps=[PER_PROGRAMME])
    audit.record("rules changed", event, actor=None, now=NOW - timedelta(days=2))
    actions.take_over(
        rows[0],
        make.profile(),
        Answers(),
        reason="Handed over.",
        notice="nominations.handed_over",
        now=NOW,
    )
    db.session.commit()
    assert [finding.is_note for finding in checks.findings(NOW)] == [True]


EARLY, LATELY = NOW - timedelta(days=3), NOW - timedelta(hours=1)


@pytest.mark.usefixtures("app")
def test_a_seat_is_judged_by_the_rules_under_which_it_was_given() -> None:
    """Not by those under which they came: they waited."""
    event = make.event()
    rows = [make.registration(event, submitted_at=EARLY) for _ in range(3)]
    make.seat_rules(event, caps=[PER_PROGRAMME])
    audit.record("rules changed", event, actor=None, now=NOW - timedelta(days=1))
    moves = {"from": State.WAITLISTED.value, "to": State.CONFIRMED.value}
    audit.record("confirmed", rows[2], actor=None, now=EARLY, **moves)
    db.session.commit()
    assert [finding.is_note for finding in checks.findings(NOW)] == [True]
    audit.record("cancelled", rows[2], actor=None, now=EARLY, to=State.CANCELLED.value)
    audit.record("promised", rows[2], actor=None, now=LATELY, **moves)
    db.session.commit()
    assert [finding.is_note for finding in checks.findings(NOW)] == [False]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("cap", "field", "is_note"),
    [
        (PER_PROGRAMME, "title", False),
        (PER_PROGRAMME, "starts_at", True),
        (PER_PROGRAMME, "capacity", True),
        (None, "capacity", False),
    ],
)
def test_what_an_edit_explains(cap: Cap | None, field: str, is_note: bool) -> None:
    """A title explains no seat too many, and nothing explains more than are offered."""
    event = make.event(capacity=3 if cap else 2)
    make.seat_rules(event, caps=[cap] if cap else [])
    for _ in range(3):
        make.registration(event, submitted_at=EARLY)
    audit.record("edited", event, actor=None, now=LATELY, fields={field: ["a", "b"]})
    db.session.commit()
    assert [finding.is_note for finding in checks.findings(NOW)] == [is_note]


@pytest.mark.usefixtures("app")
def test_a_phase_that_lowers_a_cap_leaves_a_note() -> None:
    event = make.event()
    for _ in range(3):
        make.registration(event, submitted_at=NOW - timedelta(days=3))
    steps = (Step(None, 3), Step(NOW - timedelta(days=1), 2))
    make.seat_rules(event, caps=[Cap(Dimension.PROGRAMME, steps)])
    db.session.commit()
    assert [finding.is_note for finding in checks.findings(NOW)] == [True]


@pytest.mark.usefixtures("app")
def test_one_person_with_two_standing_registrations() -> None:
    db.session.execute(text("DROP INDEX uq_registrations_one_each"))  # rolled back as all is
    event, (first, _) = seated()
    second = make.registration(event, first.user)
    assert lines() == [
        f"person {first.user_id} is registered twice (registrations {first.id} and {second.id})"
    ]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("values", "text_"),
    [
        (
            {"state": State.OFFERED, "answer_by": None},
            "offered or unconfirmed without an instant to answer by",
        ),
        (
            {"state": State.UNCONFIRMED, "upon_confirmation": State.CONFIRMED},
            "offered or unconfirmed without an instant to answer by",
        ),
        (
            {"state": State.UNCONFIRMED, "answer_by": NOW},
            "unconfirmed without what they get on confirming",
        ),
        (
            {"upon_confirmation": State.CONFIRMED},
            "promised something although they are not unconfirmed",
        ),
        (
            {"state": State.CANCELLED, "answer_by": NOW},
            "asked to answer although there is nothing to answer",
        ),
    ],
)
def test_a_state_that_lacks_what_belongs_to_it(values: dict[str, object], text_: str) -> None:
    row = make.registration(make.event(), **values)  # type: ignore[arg-type]
    assert lines() == [f"{text_} (registration {row.id})"]


@pytest.mark.usefixtures("app")
def test_more_people_at_a_session_than_it_has_seats() -> None:
    event, rows = seated(3)
    choose(event, rows, capacity=2)
    (line,) = lines()
    assert line.startswith("3 seats for session ")
    assert ", but the limit is 2 (registrations" in line


def choose(event: Event, rows: list[Registration], capacity: int) -> None:
    session = event.sessions[0]
    session.capacity = capacity
    db.session.add_all(
        [SessionChoice(registration_id=row.id, session_id=session.id) for row in rows]
    )
    actions.recount(event)


@pytest.mark.usefixtures("app")
def test_a_choice_of_another_events_session() -> None:
    event, rows = seated(1)
    other = make.event("Another")
    db.session.add(SessionChoice(registration_id=rows[0].id, session_id=other.sessions[0].id))
    actions.recount(event)
    session = other.sessions[0].id
    assert (
        f"chose session {session}, which is of another event (registration {rows[0].id})" in lines()
    )


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("mode", "is_online", "said"),
    [
        (Mode.IN_PERSON, True, "take part online although the event is in person"),
        (Mode.ONLINE, False, "take part on site although the event is online"),
    ],
)
def test_a_way_of_taking_part_that_the_event_does_not_have(
    mode: Mode, is_online: bool, said: str
) -> None:
    event = make.event(mode=mode, admission=Admission.SELECTION)
    row = make.registration(event, state=State.PENDING, is_online=is_online)
    make.registration(event, state=State.CANCELLED, is_online=is_online)
    assert lines() == [f"{said} (registration {row.id})"]


@pytest.mark.usefixtures("app")
def test_somebody_whom_the_event_does_not_invite() -> None:
    event, (row,) = seated(1)
    event.roles = [make.role("MA")]
    assert lines() == [f"came although the event is not for them (registration {row.id})"]
    audit.record("rules changed", event, actor=None, now=NOW + timedelta(hours=1))
    assert lines() == []


@pytest.mark.usefixtures("app")
def test_somebody_who_waits_although_a_seat_is_free() -> None:
    event = make.event(capacity=1)
    row = make.registration(event, state=State.WAITLISTED)
    assert lines() == [f"wait although the rules have a seat for them (registration {row.id})"]


@pytest.mark.usefixtures("app")
def test_somebody_who_waits_until_the_job_looks_is_right() -> None:
    event = make.event(capacity=1)
    make.registration(event, state=State.WAITLISTED)
    make.seat_rules(event).settle_at = NOW
    assert lines() == []


@pytest.mark.usefixtures("app")
def test_time_that_changes_something_while_nobody_looks() -> None:
    event = make.event()
    hold = Hold(frozenset({make.role("MA").id}), 1, make.days(3))
    make.seat_rules(event, holds=[hold])
    assert lines() == []
    db.session.get_one(SeatRules, event.id).settle_at = None
    (line,) = lines()
    assert line.startswith("time changes something at ")
    assert line.endswith("but the job looks: never")


@pytest.mark.usefixtures("app")
def test_an_invitation_that_let_in_too_many() -> None:
    event = make.event()
    code = actions.add_code(event, "Partners", 1, actor=make.member(), now=NOW)
    db.session.flush()
    for state in (State.CONFIRMED, State.CONFIRMED, State.CANCELLED):
        make.registration(event, state=state, invitation_id=code.id)
    assert isinstance(code, SeatInvitation)
    assert lines() == [f"invitation {code.id} is good for 1, but let in 2"]


@pytest.mark.usefixtures("app")
def test_a_line_names_ten_rows_at_most() -> None:
    event, rows = seated(12)
    event.seats_taken = 0
    (line,) = lines()
    assert line.endswith(f"{rows[9].id} and 2 more)")
