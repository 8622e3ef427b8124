"""Series: what is in them, which event comes first, and what happens to several at once."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from interact_events.accounts.models import Level, User
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Event, EventState, Mode
from interact_events.interreg.models import Office
from interact_events.registrations.models import State
from interact_events.registrations.queries import seat_rules_of
from interact_events.series import actions, queries
from interact_events.series.actions import NewEvent
from interact_events.series.models import Series
from tests import make
from tests.client import counted

pytestmark = pytest.mark.usefixtures("app")


def lead(code: str = "turku") -> User:
    return make.member(code, Level.LEAD)


def series(*events: Event, is_ordered: bool = False, office: Office | None = None) -> Series:
    actor, now = make.member(), clock.now()
    row = actions.add_series(
        office or make.office(), "Controls", is_ordered=is_ordered, actor=actor, now=now
    )
    for event in events:
        actions.put_into(row, event, actor=actor, now=now)
    db.session.commit()
    return row


def modules(number: int = 3) -> tuple[Series, list[Event]]:
    events = [
        make.event(f"Module {n}", starts_at=make.days(30 + 7 * n), ends_at=make.days(31 + 7 * n))
        for n in range(1, number + 1)
    ]
    return series(*events, is_ordered=True), events


def titles(row: Series) -> list[str]:
    return [member.event.title for member in queries.members_of(row)]


def mails() -> int:
    return db.session.scalar(select(func.count()).select_from(OutboxMessage)) or 0


# -- what is in them -----------------------------------------------------------------------------


def test_an_event_is_in_one_series_at_most() -> None:
    event = make.event()
    row = series(event)
    actions.put_into(row, event, actor=make.member(), now=clock.now())  # pressed twice
    assert titles(row) == [event.title]
    with pytest.raises(DomainError, match="is in the series “Controls” already"):
        series(event)


def test_a_template_is_in_none() -> None:
    with pytest.raises(DomainError, match="This is a template"):
        series(make.event(state=EventState.DRAFT, is_template=True))


def test_an_order_is_kept_and_dates_are_by_time() -> None:
    row, events = modules()
    actions.move_in_order(row, events[2], up=True, actor=make.member(), now=clock.now())
    assert titles(row) == ["Module 1", "Module 3", "Module 2"]
    actions.change_series(row, "Controls", is_ordered=False, actor=make.member(), now=clock.now())
    assert titles(row) == ["Module 1", "Module 2", "Module 3"]


def new(title: str, day: int, office: str = "turku", **values: Any) -> NewEvent:
    return NewEvent(title=title, first_day=date(2028, 5, day), office=make.office(office), **values)


def test_the_same_training_in_four_cities_is_made_at_once() -> None:
    secretary = make.coordinator()
    source = make.event("Training")
    row = series()
    wanted = [
        new("Training", 8),
        new("Training", 9, city="Oulu", venue="Library"),
        new("Training in Vienna", 10, "vienna"),
        new("Training in Valencia", 11, "valencia"),
    ]
    events = actions.add_events(
        row, source, wanted, actor=secretary, now=clock.now(), host="localhost"
    )
    db.session.commit()
    assert [(e.office.code, e.city, e.venue, e.zone) for e in events] == [
        ("turku", "Turku", "Logomo", "Europe/Helsinki"),
        ("turku", "Oulu", "Library", "Europe/Helsinki"),
        ("vienna", "Vienna", "", "Europe/Vienna"),
        ("valencia", "Valencia", "", "Europe/Madrid"),
    ]
    assert titles(row) == [e.title for e in events]
    assert all(e.is_draft for e in events)


def test_what_cannot_be_made_is_named_and_nothing_is_made() -> None:
    row, source = series(), make.event()
    with pytest.raises(DomainError, match="Event 2: You can’t make events of Interact Office V"):
        actions.add_events(
            row,
            source,
            [new("A", 8), new("B", 9, "vienna")],
            actor=make.member(),
            now=clock.now(),
            host="localhost",
        )
    with pytest.raises(DomainError, match="Say at least for one event"):
        actions.add_events(row, source, [], actor=make.member(), now=clock.now(), host="h")


def test_events_that_are_made_by_two_presses_are_there_once() -> None:
    row, source = series(), make.event("Training")
    wanted = [new("Training", 8), new("Training", 9)]
    how: dict[str, Any] = {"actor": make.member(), "now": clock.now(), "host": "localhost"}
    actions.add_events(row, source, wanted, **how)
    db.session.commit()
    with pytest.raises(DomainError, match="Event 1: “Training” is in this series already"):
        actions.add_events(row, source, wanted, **how)
    db.session.rollback()
    assert titles(row) == ["Training", "Training"]
    actions.add_events(row, source, [new("Training", 8, city="Oulu")], **how)


# -- which comes first ---------------------------------------------------------------------------


def put_after(row: Series, event: Event, earlier: Event | None) -> bool:
    is_new = actions.put_after(row, event, earlier, actor=make.member(), now=clock.now())
    db.session.commit()
    return is_new


def test_a_module_comes_after_another_one_of_its_series() -> None:
    row, (one, two, three) = modules()
    assert put_after(row, two, one)
    assert put_after(row, three, two)
    assert not put_after(row, three, two)
    assert [m.after_id for m in queries.members_of(row)] == [None, one.id, two.id]
    with pytest.raises(DomainError, match="Choose an event of this series"):
        put_after(row, two, make.event())


def test_dates_of_the_same_follow_no_order() -> None:
    one, two = make.event(), make.event(starts_at=make.days(40), ends_at=make.days(41))
    with pytest.raises(DomainError, match="follow no order"):
        put_after(series(one, two), two, one)


@pytest.mark.parametrize("how", ["taken out", "no order", "deleted"])
def test_what_came_first_ends_with_the_series(how: str) -> None:
    row, (one, two, three) = modules()
    put_after(row, two, one)
    put_after(row, three, one)
    three.state, three.cancelled_at = EventState.CANCELLED, clock.now()
    actor, now = make.member(), clock.now()
    if how == "taken out":
        actions.take_out(row, one, actor=actor, now=now)
    elif how == "no order":
        actions.change_series(row, "Controls", is_ordered=False, actor=actor, now=now)
    else:
        actions.delete_series(row, actor=actor, now=now)
    db.session.commit()
    assert seat_rules_of(two).after_event_id is None
    assert seat_rules_of(three).after_event_id == one.id  # it stays as it was


@pytest.mark.parametrize("how", ["taken out", "no order", "deleted"])
def test_only_an_events_own_editors_open_it_to_everybody(how: str) -> None:
    one = make.event("Module 1")
    two = make.event(
        "Module 2", office=make.office("vienna"), starts_at=make.days(40), ends_at=make.days(41)
    )
    row = series(one, two, is_ordered=True)
    put_after(row, two, one)
    who: dict[str, Any] = {"actor": make.member(), "now": clock.now()}
    acts: dict[str, Callable[[], None]] = {
        "taken out": lambda: actions.take_out(row, one, **who),
        "no order": lambda: actions.change_series(row, "Controls", is_ordered=False, **who),
        "deleted": lambda: actions.delete_series(row, **who),
    }
    with pytest.raises(DomainError, match="“Module 2” would be open to people without a seat"):
        acts[how]()


def test_who_has_no_first_seat_any_more_is_counted_for_the_staff() -> None:
    row, (one, two, _) = modules()
    put_after(row, two, one)
    stays, left, let_in, gone = (make.profile().user for _ in range(4))
    make.registration(one, stays)
    make.registration(one, left, State.CANCELLED)
    for person in (stays, left):
        make.registration(two, person)
    make.registration(two, let_in, override="Knows it")
    make.registration(two, gone, State.CANCELLED)
    assert [m.without for m in queries.members_of(row)] == [0, 1, 0]


# -- together ------------------------------------------------------------------------------------


def test_all_move_together_with_what_lies_ahead_and_people_are_told() -> None:
    row, events = modules()
    opens, closes = make.days(-1), make.days(20)
    for event in events:
        event.registration_opens_at, event.registration_closes_at = opens, closes
    make.registration(events[0])
    before = [(e.starts_at, e.agenda[0].starts_at) for e in events]
    found = move(row, events, 7, make.member())
    week = timedelta(days=7)
    assert [each.told for each in found] == [1, 0, 0]
    assert [each.refusal for each in found] == ["", "", ""]
    for event, (starts_at, session) in zip(events, before, strict=True):
        shifted = clock.to_local(starts_at, event.zone).replace(tzinfo=None) + week
        assert clock.to_local(event.starts_at, event.zone).replace(tzinfo=None) == shifted
        assert event.agenda[0].starts_at - session == event.starts_at - starts_at
        assert event.registration_opens_at == opens
        assert (event.registration_closes_at or closes) - closes in (
            *(week, week + timedelta(hours=1), week - timedelta(hours=1)),  # clocks may change
        )
    assert mails() == 1


def move(row: Series, events: list[Event], days: int, actor: User) -> list[actions.Outcome]:
    found = actions.move_events(row, [e.id for e in events], days, actor=actor, now=clock.now())
    db.session.flush()
    return found


def test_a_refusal_is_said_by_event_and_leaves_the_others_to_be_seen() -> None:
    theirs = make.event("Theirs", office=make.office("vienna"))
    mine = make.event("Mine")
    row = series(mine, theirs)
    found = move(row, [mine, theirs], 7, make.member())
    assert {each.title: each.refusal for each in found} == {
        "Mine": "",
        "Theirs": f"Only editors of {theirs.office.name} can move it.",
    }


def test_an_event_that_cannot_move_says_why_as_its_form_does() -> None:
    event = make.event(registration_opens_at=make.days(-1))
    event.registration_closes_at = make.days(-0.5)
    found = move(series(event), [event], -31, make.member())
    assert found[0].refusal == "Registration must close before the event starts."


def test_nothing_moves_into_the_past() -> None:
    event = make.event()
    found = move(series(event), [event], -40, make.member())
    assert found[0].refusal == "It would start in the past."


@pytest.mark.parametrize("days", [0, 401, -401])
def test_a_move_has_a_length(days: int) -> None:
    event = make.event()
    with pytest.raises(DomainError) as refusal:
        move(series(event), [event], days, make.member())
    assert refusal.value.field == "days"


def test_only_what_lies_ahead_moves() -> None:
    over = make.event(starts_at=make.days(-9), ends_at=make.days(-8))
    with pytest.raises(DomainError, match="Tick at least one event"):
        move(series(over), [over], 7, make.member())


def test_some_are_cancelled_for_one_reason_and_their_people_told() -> None:
    row, events = modules()
    for event in events:
        make.registration(event)
    found = actions.cancel_events(
        row, [e.id for e in events[1:]], "Snow", actor=lead(), now=clock.now()
    )
    assert [each.told for each in found] == [1, 1]
    assert [e.state.value for e in events] == ["published", "cancelled", "cancelled"]
    assert [e.cancellation_reason for e in events] == ["", "Snow", "Snow"]


def test_only_leads_cancel_and_never_without_a_reason() -> None:
    row, events = modules(1)
    numbers = [events[0].id]
    found = actions.cancel_events(row, numbers, "Snow", actor=make.member(), now=clock.now())
    assert found[0].refusal == "Only leads of Interact Office Turku can cancel it."
    with pytest.raises(DomainError) as refusal:
        actions.cancel_events(row, numbers, " ", actor=lead(), now=clock.now())
    assert refusal.value.field == "reason"


# -- reading -------------------------------------------------------------------------------------


def test_everybody_sees_what_is_public_of_a_series() -> None:
    row, (one, two, three) = modules()
    two.state = EventState.DRAFT
    three.state, three.mode = EventState.CANCELLED, Mode.ONLINE
    db.session.commit()
    assert [(s.event, s.series, s.is_ordered) for s in queries.public_series(one)] == [
        (one, "Controls", True),
        (three, "Controls", True),
    ]
    assert queries.public_series(make.event()) == []
    assert [line.events for line in queries.series_of_office(row.office)] == [3]


@pytest.mark.parametrize("number", [2, 4])
def test_reading_a_series_costs_the_same_for_two_events_and_for_four(
    connection: Connection, number: int
) -> None:
    row, events = modules(number)
    for event in events[1:]:
        put_after(row, event, events[0])
    id_ = row.id
    db.session.expunge_all()
    found = db.session.get_one(Series, id_)
    with counted(connection) as statements:
        read = [m.event.office.name + m.event.place for m in queries.members_of(found)]
    assert (len(read), len(statements)) == (number, 3)
