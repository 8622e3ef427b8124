"""Proposing, choosing, deciding all at once, undoing: rows, mails and audit trail together."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from interact_events.accounts.actions import delete_account
from interact_events.accounts.models import User
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import MailState, OutboxMessage
from interact_events.events.models import Admission, Event, EventState, Mode, Session
from interact_events.registrations import actions as registrations
from interact_events.registrations import checks
from interact_events.registrations.jobs import forget_deleted
from interact_events.registrations.models import (
    Promotion,
    Registration,
    SeatRules,
    SeatTally,
    SessionChoice,
    State,
)
from interact_events.registrations.queries import choices_shown, events_to_settle
from interact_events.registrations.rules import Cap, Dimension, Step
from interact_events.selections import actions, queries
from interact_events.selections.models import Selection
from interact_events.selections.rules import UNDO_WITHIN, fingerprint
from tests import make
from tests.client import counted

pytestmark = pytest.mark.usefixtures("app")

NOW = clock.now()
LATER = clock.full_minute(NOW + UNDO_WITHIN)
SEAT, WAIT, NO, PENDING = State.CONFIRMED, State.WAITLISTED, State.DECLINED, State.PENDING
ZOI = 'Ζωή "Žižka" <b>O\'Neil</b>'


def selecting(**values: Any) -> Event:
    usual: dict[str, Any] = {"admission": Admission.SELECTION, "capacity": 2}
    return make.event(**(usual | values))


def applicant(event: Event, name: str = "Anna Virtanen", programme: str = "") -> Registration:
    person = make.user(name)
    if programme:
        make.profile(person, programme_id=make.programme(programme).id)
    return make.registration(event, person, State.PENDING)


def applicants(event: Event, number: int) -> list[Registration]:
    return [applicant(event, f"Person {each:03}") for each in range(number)]


def choose(event: Event, by: User) -> None:
    """Everybody who is pending gets a seat."""
    numbers = [each.number for each in queries.desk_of(event).applicants]
    choose_for(event, by, dict.fromkeys(numbers, SEAT))


def choose_for(event: Event, by: User, choices: dict[int, State | None] | dict[int, State]) -> None:
    actions.save_choices(event, dict(choices), actor=by, now=NOW)


def decide(event: Event, by: User, *, now: datetime = NOW, override: str = "") -> Selection | None:
    seen = fingerprint(queries.desk_of(event).choices)
    return actions.decide_selection(event, seen=seen, actor=by, now=now, override=override)


def decided(
    event: Event, rows: Sequence[Registration], *states: State, by: User | None = None
) -> Selection:
    """These people's decision, pressed by an editor."""
    by = by or make.member()
    choose_for(event, by, {r.id: state for r, state in zip(rows, states, strict=True)})
    selection = decide(event, by)
    assert selection
    db.session.commit()
    return selection


def undo(selection: Selection, *, now: datetime = NOW) -> int:
    by = db.session.get_one(User, selection.decided_by_id)
    return actions.undo_selection(selection, actor=by, now=now)


def states(rows: Sequence[Registration]) -> list[State]:
    db.session.flush()
    db.session.expire_all()
    return [row.state for row in rows]


def mails(now: datetime | None = None) -> list[tuple[str, str]]:
    """(to whom, kind), those that may leave at `now` or ever."""
    query = select(OutboxMessage).order_by(OutboxMessage.id)
    query = query.where(OutboxMessage.state != MailState.CANCELLED)
    if now:
        query = query.where(OutboxMessage.next_attempt_at <= now)
    return [(m.to_name, m.kind.removeprefix("registrations.")) for m in db.session.scalars(query)]


def settled(*, now: datetime) -> None:
    """What the job does, without its commits."""
    db.session.flush()
    for event_id in events_to_settle(now):
        registrations.settle(db.session.get_one(Event, event_id), now=now)
    db.session.flush()


def taken(event: Event) -> tuple[int, int]:
    """The seats by the event's own count and by its tally."""
    db.session.flush()
    db.session.expire_all()
    tally = db.session.scalar(
        select(SeatTally.taken).where(
            SeatTally.event_id == event.id, SeatTally.dimension == Dimension.MODE
        )
    )
    return event.seats_taken, tally or 0


def wishes(event: Event) -> dict[int, tuple[State, bool]]:
    db.session.flush()
    return {n: (w.state, w.is_by_hand) for n, w in queries.wishes_at(event).items()}


def audited(event: Event) -> list[tuple[str, str]]:
    rows = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_type == "events", AuditEntry.subject_id == event.id)
        .order_by(AuditEntry.id)
    )
    return [(row.action, row.changes.get("reason", "")) for row in rows]


# -- proposing


def test_propose_chooses_for_everybody_who_is_pending() -> None:
    event, by = selecting(), make.member()
    first, second = applicant(event), applicant(event)
    other = applicant(event, programme="Alpine")
    actions.propose_selection(event, keep_by_hand=True, actor=by, now=NOW)
    assert wishes(event) == {
        first.id: (SEAT, False),
        second.id: (WAIT, False),
        other.id: (SEAT, False),
    }
    assert audited(event) == [
        ("selection proposed", "2 seats, 1 on the waiting list, 0 declined, 0 undecided")
    ]
    assert mails() == []


def test_propose_gives_no_more_than_is_left() -> None:
    event, by = selecting(capacity=2), make.member()
    make.registration(event, make.user("Seated"))
    rows = applicants(event, 2)
    actions.propose_selection(event, keep_by_hand=True, actor=by, now=NOW)
    assert wishes(event) == {rows[0].id: (SEAT, False), rows[1].id: (WAIT, False)}


@pytest.mark.parametrize(("keeps", "first"), [(True, (NO, True)), (False, (SEAT, False))])
def test_propose_again_keeps_what_was_chosen_by_hand_if_asked(
    keeps: bool, first: tuple[State, bool]
) -> None:
    event, by = selecting(capacity=1), make.member()
    rows = applicants(event, 2)
    actions.propose_selection(event, keep_by_hand=False, actor=by, now=NOW)
    choose_for(event, by, {rows[0].id: NO})
    actions.propose_selection(event, keep_by_hand=keeps, actor=by, now=NOW)
    second = (SEAT, False) if keeps else (WAIT, False)
    assert wishes(event) == {rows[0].id: first, rows[1].id: second}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Nobody waits for a decision."),
        ({"state": EventState.CANCELLED}, "The event is cancelled"),
        ({"starts_at": make.days(-3), "ends_at": make.days(-2)}, "The event is over"),
        ({"admission": Admission.FIRST_COME}, "Seats at this event go to those"),
    ],
)
def test_propose_where_there_is_nothing_to_decide_is_refused(
    values: dict[str, object], words: str
) -> None:
    event = selecting(**values)
    if values:
        applicant(event)
    with pytest.raises(DomainError, match=words):
        actions.propose_selection(event, keep_by_hand=True, actor=make.member(), now=NOW)


# -- choosing by hand


def test_the_last_choice_saved_wins_for_each_person() -> None:
    event = selecting()
    rows = applicants(event, 3)
    choose_for(event, make.member(), {rows[0].id: SEAT, rows[1].id: NO, rows[2].id: NO})
    choose_for(event, make.member(), {rows[0].id: WAIT, rows[2].id: None})
    assert wishes(event) == {rows[0].id: (WAIT, True), rows[1].id: (NO, True)}


def test_who_is_no_longer_pending_is_left_out_and_named() -> None:
    event = selecting()
    row, other = applicant(event, ZOI), applicant(event)
    registrations.transition(row, State.CANCELLED, actor=row.user, now=NOW)
    stranger = applicant(selecting())
    saved = actions.save_choices(
        event, dict.fromkeys((row.id, other.id, stranger.id), SEAT), actor=make.member(), now=NOW
    )
    assert saved == actions.Saved(1, [(ZOI, State.CANCELLED)])
    assert wishes(event) == {other.id: (SEAT, True)}


# -- deciding


def test_decide_moves_everybody_and_tells_nobody_before_the_time() -> None:
    event, by = selecting(), make.member()
    rows = [applicant(event, name) for name in ("Anna", "Bo", "Carl", "Dora")]
    selection = decided(event, rows[:3], SEAT, WAIT, NO, by=by)
    assert states(rows) == [SEAT, WAIT, NO, PENDING]
    assert [row.state_shown(NOW) for row in rows] == [PENDING] * 4
    assert [row.state_shown(LATER) for row in rows] == [SEAT, WAIT, NO, PENDING]
    assert taken(event) == (1, 1)
    assert mails(LATER - timedelta(seconds=1)) == []
    assert mails(LATER) == [("Anna", "confirmed"), ("Bo", "waitlisted"), ("Carl", "declined")]
    settings = db.session.get_one(SeatRules, event.id)
    assert settings.selected_at == settings.settle_at == selection.tell_at == LATER
    linked = {w.selection_id for w in queries.wishes_at(event).values()}
    assert linked == {selection.id}
    assert audited(event)[-1] == (
        "selection decided",
        "1 seat, 1 on the waiting list, 1 declined, 1 undecided",
    )


def test_decide_pressed_twice_decides_once() -> None:
    event, by = selecting(), make.member()
    rows = applicants(event, 2)
    choose(event, by)
    seen = fingerprint(queries.desk_of(event).choices)
    assert actions.decide_selection(event, seen=seen, actor=by, now=NOW)
    assert actions.decide_selection(event, seen=seen, actor=by, now=NOW) is None
    assert states(rows) == [SEAT, SEAT]
    assert len(mails()) == 2
    assert db.session.scalar(select(func.count()).select_from(Selection)) == 1


def test_decide_other_choices_than_were_seen_is_refused() -> None:
    event, by = selecting(), make.member()
    rows = applicants(event, 2)
    choose(event, by)
    seen = fingerprint(queries.desk_of(event).choices)
    choose_for(event, by, {rows[0].id: NO})
    with pytest.raises(DomainError, match="Somebody has changed the choices"):
        actions.decide_selection(event, seen=seen, actor=by, now=NOW)
    assert states(rows) == [PENDING, PENDING]


def test_decide_beyond_the_rules_needs_a_reason_which_is_kept_where_it_was_needed() -> None:
    event, by = selecting(capacity=9), make.member()
    make.seat_rules(event, caps=[Cap(Dimension.PROGRAMME, (Step(None, 1),))])
    rows = applicants(event, 2)
    choose(event, by)
    with pytest.raises(DomainError, match="1 seat would go beyond the rules"):
        decide(event, by)
    assert decide(event, by, override="The host’s own people")
    assert states(rows) == [SEAT, SEAT]
    assert [row.override for row in rows] == ["", "The host’s own people"]
    assert audited(event)[-1][1].endswith("undecided; beyond the rules: The host’s own people")


@pytest.mark.parametrize(
    "values",
    [
        {"state": EventState.CANCELLED},
        {"starts_at": make.days(-3), "ends_at": make.days(-2)},
    ],
)
def test_decide_at_an_event_that_is_cancelled_or_over_is_refused(values: dict[str, object]) -> None:
    event, by = selecting(), make.member()
    rows = applicants(event, 1)
    choose(event, by)
    for name, value in values.items():
        setattr(event, name, value)
    db.session.commit()
    with pytest.raises(DomainError, match="nothing left to decide"):
        decide(event, by)
    assert states(rows) == [PENDING]


def test_nobody_moves_up_while_the_selection_can_be_undone() -> None:
    event = selecting(capacity=1)
    seated, line = applicant(event, "Anna"), applicant(event, "Bo")
    decided(event, [seated, line], SEAT, WAIT)
    registrations.cancel_registration(seated, actor=seated.user, now=NOW)
    settled(now=NOW + timedelta(minutes=1))
    assert states([seated, line]) == [State.CANCELLED, WAIT]
    assert ("Bo", "promoted") not in mails()
    settled(now=LATER)
    assert states([seated, line]) == [State.CANCELLED, SEAT]
    assert mails() == [("Bo", "waitlisted"), ("Anna", "cancelled"), ("Bo", "promoted")]


def test_where_the_office_promotes_nobody_moves_up_afterwards_either() -> None:
    event = selecting(capacity=1)
    make.seat_rules(event, promotion=Promotion.OFFICE)
    rows = applicants(event, 2)
    decided(event, rows, NO, WAIT)
    settled(now=LATER)
    assert states(rows) == [NO, WAIT]


# -- undoing


def test_undo_makes_everybody_pending_again_and_no_mail_leaves() -> None:
    event = selecting(capacity=1)
    rows = applicants(event, 3)
    make.seat_rules(event)
    choose_for(event, make.member(), {rows[1].id: SEAT})
    selection = decided(event, rows, SEAT, WAIT, NO)
    assert undo(selection) == 3
    assert states(rows) == [PENDING] * 3
    assert [row.told_at for row in rows] == [None] * 3
    assert taken(event) == (0, 0)
    assert event.waiting == 0
    assert mails() == []
    settings = db.session.get_one(SeatRules, event.id)
    assert (settings.selected_at, settings.settle_at) == (None, None)
    assert {n: w.state for n, w in queries.wishes_at(event).items()} == {
        rows[0].id: SEAT,
        rows[1].id: WAIT,
        rows[2].id: NO,
    }
    assert {w.selection_id for w in queries.wishes_at(event).values()} == {None}
    assert audited(event)[-1] == ("selection undone", "3 people")


def test_undo_pressed_twice_undoes_once() -> None:
    event = selecting()
    selection = decided(event, applicants(event, 1), SEAT)
    assert (undo(selection), undo(selection)) == (1, 0)
    assert [action for action, _ in audited(event)].count("selection undone") == 1


def test_what_was_undone_can_be_decided_again_and_is_mailed_once() -> None:
    event, by = selecting(), make.member()
    row = applicant(event, "Anna")
    undo(decided(event, [row], NO, by=by))
    choose_for(event, by, {row.id: SEAT})
    assert decide(event, by)
    assert states([row]) == [SEAT]
    assert mails() == [("Anna", "confirmed")]


def test_undo_takes_exceptions_back_too() -> None:
    event, by = selecting(capacity=1), make.member()
    rows = applicants(event, 2)
    choose(event, by)
    selection = decide(event, by, override="They speak")
    assert selection
    undo(selection)
    assert [row.override for row in rows] == ["", ""]


def test_undo_is_too_late_once_people_are_told() -> None:
    event = selecting()
    rows = applicants(event, 1)
    selection = decided(event, rows, SEAT)
    with pytest.raises(DomainError, match="People were told at"):
        undo(selection, now=LATER)
    assert states(rows) == [SEAT]


def test_undo_is_all_or_none_where_one_mail_has_left() -> None:
    event = selecting()
    rows = applicants(event, 2)
    selection = decided(event, rows, SEAT, NO)
    first = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).first()
    assert first
    first.state = MailState.SENDING
    db.session.commit()
    with pytest.raises(DomainError, match="The first mails have left"):
        undo(selection)
    db.session.rollback()
    assert states(rows) == [SEAT, NO]
    assert len(mails()) == 2


@pytest.mark.parametrize("decision", [SEAT, WAIT, NO])
def test_who_withdraws_meanwhile_hears_only_of_that_and_stays_cancelled(decision: State) -> None:
    event = selecting()
    gone, other = applicant(event, "Anna"), applicant(event, "Bo")
    selection = decided(event, [gone, other], decision, SEAT)
    registrations.cancel_registration(gone, actor=gone.user, now=NOW)
    assert mails() == [("Bo", "confirmed"), ("Anna", "cancelled")]
    assert undo(selection) == 1
    assert states([gone, other]) == [State.CANCELLED, PENDING]
    assert mails() == [("Anna", "cancelled")]
    assert taken(event) == (0, 0)


def test_who_was_moved_by_hand_meanwhile_is_told_at_once_and_stays() -> None:
    event, by = selecting(), make.member()
    row, other = applicant(event, "Anna"), applicant(event, "Bo")
    selection = decided(event, [row, other], WAIT, NO)
    registrations.decide(event, [row.id], SEAT, actor=by, now=NOW)
    assert mails(NOW) == [("Anna", "confirmed")]  # of the waiting list they never heard
    assert undo(selection) == 1
    assert states([row, other]) == [SEAT, PENDING]
    assert mails() == [("Anna", "confirmed")]


def test_who_deletes_their_account_meanwhile_gets_no_mail_and_hinders_no_undo() -> None:
    event = selecting()
    rows = [applicant(event, "Anna"), applicant(event, "Bo")]
    selection = decided(event, rows, NO, SEAT)
    delete_account(rows[0].user, now=NOW)
    db.session.flush()
    registrations.forget_deleted_people(event, now=NOW)
    assert states(rows) == [State.CANCELLED, SEAT]
    assert undo(selection) == 1
    assert mails() == []


def test_who_is_being_told_just_now_holds_up_no_other_event() -> None:
    """Their account is deleted; so are others'. What was refused is done the next time."""
    event, other = selecting(), make.event(capacity=1)
    row = applicant(event, "Anna")
    seated, waiting = make.registration(other), make.registration(other, state=WAIT)
    decided(event, [row], SEAT)
    (mail,) = db.session.scalars(select(OutboxMessage))
    mail.state = MailState.SENT
    for person in (row.user, seated.user):
        delete_account(person, now=NOW)
    db.session.commit()
    forget_deleted()
    assert states([row, seated, waiting]) == [SEAT, State.CANCELLED, SEAT]
    assert (row.name, seated.search_text) == ("Anna", "")
    row.told_at = NOW
    db.session.commit()
    forget_deleted()
    assert (states([row]), row.search_text) == ([State.CANCELLED], "")
    assert list(checks.findings(clock.now())) == []


def test_undo_of_the_later_of_two_leaves_the_earlier_one() -> None:
    event, by = selecting(), make.member()
    first, second = applicant(event, "Anna"), applicant(event, "Bo")
    earlier = decided(event, [first], SEAT, by=by)
    choose_for(event, by, {second.id: SEAT})
    later = decide(event, by, now=NOW + timedelta(minutes=5))
    assert later
    undo(later, now=NOW + timedelta(minutes=6))
    assert states([first, second]) == [SEAT, PENDING]
    assert db.session.get_one(SeatRules, event.id).selected_at == earlier.tell_at


def test_cancelling_the_event_meanwhile_undoes_what_nobody_knows() -> None:
    event = selecting()
    rows = [applicant(event, "Anna"), applicant(event, "Bo")]
    selection = decided(event, rows, SEAT, NO)
    registrations.cancel_event(event, "The hall burnt down.", actor=make.member(), now=NOW)
    assert mails() == [("Anna", "event_cancelled"), ("Bo", "event_cancelled")]
    assert states(rows) == [PENDING, PENDING]
    with pytest.raises(DomainError, match="nothing left to undo"):
        undo(selection)


# -- sessions with few seats


def asking_for(event: Event, *rows: Registration) -> Session:
    """A session with one seat for which these people have asked."""
    start = event.starts_at
    session = make.session(event, "Sampling", start, start + timedelta(hours=1), capacity=1)
    for row in rows:
        db.session.add(SessionChoice(registration_id=row.id, session_id=session.id))
    db.session.commit()
    return session


def counted_at(session: Session) -> int:
    db.session.flush()
    query = select(SeatTally.taken).where(
        SeatTally.dimension == Dimension.SESSION, SeatTally.key == str(session.id)
    )
    return db.session.scalar(query) or 0


def known(row: Registration, now: datetime = NOW) -> set[int]:
    """The sessions that the person reads as theirs."""
    db.session.flush()
    return choices_shown(row, now)


def wrong(now: datetime = NOW) -> list[str]:
    db.session.commit()
    return [finding.line for finding in checks.findings(now) if not finding.is_note]


def test_nobody_leaves_a_full_session_before_they_are_told() -> None:
    event = selecting()
    first, second = rows = applicants(event, 2)
    session = asking_for(event, *rows)
    decided(event, rows, SEAT, SEAT)
    assert counted_at(session) == 1
    assert [known(row) for row in rows] == [{session.id}, {session.id}]
    assert wrong() == []
    assert known(second, LATER) == set()  # however late the job runs
    settled(now=LATER)
    theirs = select(SessionChoice.registration_id).where(SessionChoice.left_at.is_(None))
    kept = db.session.scalars(theirs).all()
    assert (kept, counted_at(session)) == ([first.id], 1)
    assert wrong(LATER) == []


def test_an_undone_decision_brings_back_the_sessions() -> None:
    event = selecting()
    rows = applicants(event, 2)
    session = asking_for(event, *rows)
    undo(decided(event, rows, SEAT, SEAT))
    assert counted_at(session) == 0
    assert [known(row, LATER) for row in rows] == [{session.id}, {session.id}]
    assert wrong() == []
    decided(event, rows, NO, SEAT)  # now the second one has the seat there
    settled(now=LATER)
    assert [known(row, LATER) for row in rows] == [{session.id}, {session.id}]
    assert counted_at(session) == 1
    assert wrong(LATER) == []


def test_who_chooses_again_before_they_are_told_learns_nothing() -> None:
    event = selecting()
    rows = applicants(event, 2)
    full = asking_for(event, *rows)
    end = event.ends_at
    other = make.session(event, "Appeals", end - timedelta(hours=1), end, capacity=5)
    decided(event, rows, SEAT, NO)
    for row in rows:
        with pytest.raises(DomainError, match="can’t be changed for a few minutes"):
            registrations.choose_sessions(row, {full.id, other.id}, now=NOW)
        assert known(row) == {full.id}
    registrations.choose_sessions(rows[0], {other.id}, now=LATER)
    assert known(rows[0], LATER) == {other.id}
    assert wrong(LATER) == []


def test_a_mail_about_the_mode_does_not_tell_who_will_leave_a_session() -> None:
    event = selecting(mode=Mode.HYBRID, capacity=4, online_capacity=2)
    rows = applicants(event, 2)
    asking_for(event, *rows)
    decided(event, rows, SEAT, SEAT)
    registrations.change_mode(rows[1], is_online=True, now=NOW)
    db.session.commit()
    query = select(OutboxMessage).filter_by(kind="registrations.mode_changed")
    assert "Sampling" in db.session.scalars(query).one().text
    query = select(OutboxMessage).filter_by(kind="registrations.confirmed", to_name="Person 001")
    query = query.where(OutboxMessage.state == MailState.WAITING)
    assert "Your sessions" not in db.session.scalars(query).one().text
    assert wrong() == []


def test_who_withdraws_before_they_are_told_frees_only_what_they_had() -> None:
    event = selecting()
    rows = applicants(event, 2)
    session = asking_for(event, *rows)
    decided(event, rows, SEAT, SEAT)
    registrations.cancel_registration(rows[1], actor=rows[1].user, now=NOW)
    assert counted_at(session) == 1
    assert wrong() == []


# -- cost


def test_deciding_costs_the_same_for_three_and_for_thirty(connection: Connection) -> None:
    by = make.member()
    costs = []
    for number in (3, 30):
        event = selecting(capacity=100)
        applicants(event, number)
        choose(event, by)
        db.session.commit()
        with counted(connection) as statements:
            decide(event, by)
            db.session.commit()
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_two_thousand_are_decided_by_as_many_statements_as_twenty(connection: Connection) -> None:
    by = make.member()
    costs = []
    for number in (20, 2000):
        event = selecting(capacity=number)
        numbers = make.registrations(event, number, PENDING)
        choose_for(event, by, {each: (SEAT, WAIT, NO)[each % 3] for each in numbers})
        db.session.commit()
        with counted(connection) as statements:
            decide(event, by)
            db.session.commit()
        costs.append(len(statements))
        query = select(func.count()).where(Registration.event_id == event.id)
        assert db.session.scalar(query.where(Registration.state == PENDING)) == 0
        query = select(func.count()).where(OutboxMessage.event_id == event.id)
        assert db.session.scalar(query) == number
    assert costs[0] < 42
    assert costs[1] == costs[0] + 2  # the second thousand of the audit trail, and that of mails
    assert wrong() == []


def test_hundreds_are_decided_and_undone_by_a_few_statements(connection: Connection) -> None:
    event, by = selecting(capacity=200), make.member()
    make.registrations(event, 300, PENDING)
    actions.propose_selection(event, keep_by_hand=True, actor=by, now=NOW)
    db.session.commit()
    with counted(connection) as statements:
        selection = decide(event, by)
        db.session.commit()
    assert selection
    assert len(statements) < 40
    found = db.session.execute(
        select(Registration.state, func.count()).group_by(Registration.state)
    )
    assert dict(iter(found)) == {SEAT: 200, WAIT: 100}
    assert taken(event) == (200, 200)
    with counted(connection) as statements:
        assert undo(selection) == 300
        db.session.commit()
    assert len(statements) < 40
    assert taken(event) == (0, 0)
    assert mails() == []
