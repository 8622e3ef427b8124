"""What the clock does to seats: offers, phases, held seats, silence, reconfirmation.

Each test tells its own time to `settled`; the job itself is tried at the end.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from interact_events.accounts.models import User
from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import OutboxMessage
from interact_events.events.actions import values_of
from interact_events.events.models import Admission, Event, EventState, Mode
from interact_events.registrations import actions, checks, jobs, queries
from interact_events.registrations.actions import Answers
from interact_events.registrations.models import (
    Needs,
    Promotion,
    Reconfirmation,
    Registration,
    SeatRules,
    State,
)
from interact_events.registrations.rules import Cap, Dimension, Hold, Step
from tests import make

NOW = clock.now().replace(microsecond=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = NOW + 30 * DAY
ASKS = Reconfirmation(ask_days=14, warn_days=7, release_days=3)

pytestmark = pytest.mark.usefixtures("app")


def event_with(capacity: int = 1, **rules: Any) -> Event:
    """An event in thirty days to the second, with rules of its own."""
    mode, values = rules.pop("mode", Mode.IN_PERSON), rules.pop("values", {})
    usual = {"starts_at": START, "ends_at": START + 7 * HOUR, "capacity": capacity, "mode": mode}
    event = make.event(**(usual | values))
    make.seat_rules(event, **rules)
    return event


def asking(**modes: Reconfirmation) -> dict[str, Any]:
    return {mode.replace("_", "-"): vars(asks) for mode, asks in modes.items()}


def register(event: Event, now: datetime = NOW, **answers: Any) -> Registration:
    return actions.register(make.profile(), event, Answers(**answers), now=now)


def settled(now: datetime) -> list[int]:
    """What the job does at that time, without its commits; says at which events."""
    found = queries.events_to_settle(now)
    for event_id in found:
        event = db.session.get_one(Event, event_id)
        actions.lock_event(event)
        actions.settle(event, now=now)
    db.session.flush()
    return list(found)


def mails(row: Registration) -> list[str]:
    rows = db.session.scalars(
        select(OutboxMessage.kind)
        .where(OutboxMessage.to_address == row.user.email)
        .order_by(OutboxMessage.id)
    )
    return [kind.removeprefix("registrations.") for kind in rows]


def states(*rows: Registration) -> list[State]:
    return [row.state for row in rows]


def settle_at(event: Event) -> datetime | None:
    return db.session.get_one(SeatRules, event.id).settle_at


def wrong(now: datetime) -> list[str]:
    db.session.commit()
    return [finding.line for finding in checks.findings(now)]


# -- offers


def offering(waiting: int = 2, hours: int = 48) -> tuple[Event, list[Registration]]:
    """Somebody has just given up the only seat of an event that offers it to the next."""
    event = event_with(promotion=Promotion.OFFER, offer_hours=hours)
    first, *line = [register(event) for _ in range(1 + waiting)]
    actions.cancel_registration(first, actor=first.user, now=NOW)
    return event, line


def test_a_free_seat_is_offered_to_the_first_in_line() -> None:
    event, (first, second) = offering()
    assert states(first, second) == [State.OFFERED, State.WAITLISTED]
    assert first.answer_by == NOW + 48 * HOUR
    assert (mails(first), mails(second)) == (["waitlisted", "offered"], ["waitlisted"])
    assert (event.seats_taken, event.waiting) == (1, 1)
    assert wrong(NOW) == []


def test_an_offer_that_is_accepted_is_a_seat() -> None:
    _, (first, second) = offering()
    assert actions.accept(first, now=NOW + 47 * HOUR) == "Thank you: you have a seat."
    assert settled(NOW + 49 * HOUR) == []
    assert states(first, second) == [State.CONFIRMED, State.WAITLISTED]
    assert mails(first) == ["waitlisted", "offered", "confirmed"]
    assert wrong(NOW + 49 * HOUR) == []


def test_an_offer_lasts_until_its_last_second() -> None:
    _, (first, second) = offering()
    settled(NOW + 48 * HOUR - timedelta(seconds=1))
    assert states(first, second) == [State.OFFERED, State.WAITLISTED]


def test_an_offer_that_stays_unanswered_goes_to_the_next_in_line() -> None:
    _, (first, second) = offering()
    late = NOW + 48 * HOUR
    for _ in range(3):
        settled(late)
    assert states(first, second) == [State.CANCELLED, State.OFFERED]
    assert first.reason == "The seat was not accepted in time."
    assert second.answer_by == late + 48 * HOUR
    assert mails(first) == ["waitlisted", "offered", "offer_over"]
    assert mails(second) == ["waitlisted", "offered"]
    assert wrong(late) == []


def test_who_accepts_too_late_is_told_so() -> None:
    _, (first, _) = offering()
    with pytest.raises(DomainError, match="The time to answer is over"):
        actions.accept(first, now=NOW + 48 * HOUR)
    settled(NOW + 48 * HOUR)
    with pytest.raises(DomainError, match="the seat has gone to the next one"):
        actions.accept(first, now=NOW + 49 * HOUR)


def test_an_offer_ends_when_the_event_starts() -> None:
    event, (first, second) = offering(hours=48 * 24)
    assert first.answer_by == event.starts_at
    settled(START)
    assert states(first, second) == [State.CANCELLED, State.WAITLISTED]
    assert mails(first)[-1] == "offer_over"
    assert "offered to the next one" not in last_text(first)
    assert wrong(START) == []


def last_text(row: Registration) -> str:
    found = db.session.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.to_address == row.user.email)
        .order_by(OutboxMessage.id)
    ).all()
    return found[-1].text


def test_an_offer_that_ended_during_a_pause_longer_than_the_wait_for_the_event() -> None:
    event, (first, second) = offering()
    settled(START + 2 * DAY)
    assert states(first, second) == [State.CANCELLED, State.WAITLISTED]
    assert (event.seats_taken, event.waiting) == (0, 1)
    assert settled(START + 2 * DAY) == []


def test_an_offer_passes_along_the_line_one_by_one() -> None:
    _, line = offering(waiting=3)
    for number in range(1, 4):
        settled(NOW + number * 48 * HOUR)
    assert states(*line) == [State.CANCELLED] * 3
    assert [mails(row) for row in line] == [["waitlisted", "offered", "offer_over"]] * 3


def test_offers_of_an_event_called_off_lapse_in_silence() -> None:
    event, (first, second) = offering()
    actions.cancel_event(event, "Snow.", actor=make.member(), now=NOW + HOUR)
    settled(NOW + 48 * HOUR)
    assert states(first, second) == [State.CANCELLED, State.WAITLISTED]
    assert mails(first) == ["waitlisted", "offered", "event_cancelled"]
    assert wrong(NOW + 48 * HOUR) == []


# -- phases and held seats


def test_a_phase_that_begins_gives_seats_in_order() -> None:
    begins = NOW + 5 * DAY
    steps = (Step(None, 1), Step(begins, 2), Step(begins + DAY, None))
    event = event_with(9, caps=[Cap(Dimension.PROGRAMME, steps)])
    rows = [register(event) for _ in range(4)]
    assert settle_at(event) == begins
    assert settled(begins - timedelta(seconds=1)) == []
    assert settled(begins) == [event.id]
    assert states(*rows) == [State.CONFIRMED] * 2 + [State.WAITLISTED] * 2
    assert settle_at(event) == begins + DAY
    assert wrong(begins) == []
    settled(begins + DAY)
    assert states(*rows) == [State.CONFIRMED] * 4
    assert settle_at(event) is None
    assert [mails(row) for row in rows[1:]] == [["waitlisted", "promoted"]] * 3


def test_several_phases_missed_are_caught_up_at_once() -> None:
    steps = (Step(None, 1), Step(NOW + DAY, 2), Step(NOW + 2 * DAY, 3))
    event = event_with(9, caps=[Cap(Dimension.PROGRAMME, steps)])
    rows = [register(event) for _ in range(4)]
    settled(NOW + 20 * DAY)
    assert states(*rows) == [State.CONFIRMED] * 3 + [State.WAITLISTED]
    assert wrong(NOW + 20 * DAY) == []


def test_held_seats_are_released_to_those_who_wait() -> None:
    release = NOW + 5 * DAY
    event = event_with(2, holds=[Hold(frozenset({make.role("MA").id}), 1, release)])
    rows = [register(event) for _ in range(3)]
    assert states(*rows) == [State.CONFIRMED, State.WAITLISTED, State.WAITLISTED]
    for _ in range(2):
        settled(release)
    assert states(*rows) == [State.CONFIRMED, State.CONFIRMED, State.WAITLISTED]
    assert mails(rows[1]) == ["waitlisted", "promoted"]
    assert (settle_at(event), wrong(release)) == (None, [])


def test_nothing_is_planned_where_time_changes_nothing() -> None:
    event = event_with(caps=[Cap(Dimension.PROGRAMME, (Step(None, 1),))])
    assert settle_at(event) is None


def test_a_copy_with_phases_and_questions_knows_when_to_look() -> None:
    begins = NOW.replace(minute=0, second=0) + 5 * DAY
    steps = (Step(None, 1), Step(begins, 2))
    event = event_with(9, caps=[Cap(Dimension.PROGRAMME, steps)])
    first_day = clock.to_local(START + 60 * DAY, event.zone).date()
    copy = actions.duplicate_event(
        event, "The same again", first_day, actor=make.member(), now=NOW, host="localhost"
    )
    db.session.flush()
    at = settle_at(copy)
    assert at is not None
    assert clock.to_local(at, event.zone).hour == clock.to_local(begins, event.zone).hour
    assert at.date() == (begins + 60 * DAY).date()


# -- people who have not said yes yet


def unconfirmed(event: Event, **values: Any) -> Registration:
    usual = {"upon_confirmation": State.CONFIRMED, "answer_by": NOW + DAY}
    person = make.user(confirmed_at=None)
    return make.registration(event, person, State.UNCONFIRMED, **(usual | values))


def test_a_silent_newcomer_and_a_silent_nominee_lose_their_places() -> None:
    event = make.event(starts_at=START, ends_at=START + HOUR, capacity=2)
    newcomer = unconfirmed(event)
    nominee = unconfirmed(event, nominated_by_id=make.user().id, answer_by=NOW + 2 * DAY)
    line = [register(event) for _ in range(2)]
    settled(NOW + DAY)
    assert states(newcomer, nominee, *line) == [
        State.CANCELLED,
        State.UNCONFIRMED,
        State.CONFIRMED,
        State.WAITLISTED,
    ]
    settled(NOW + 2 * DAY)
    assert states(nominee, *line) == [State.CANCELLED, State.CONFIRMED, State.CONFIRMED]
    assert (mails(newcomer), mails(nominee)) == (["released"], ["nomination_over"])
    assert nominee.reason == "The nomination was not accepted in time."
    assert wrong(NOW + 2 * DAY) == []


def test_a_confirmed_address_does_not_accept_a_nomination() -> None:
    event = event_with()
    nominee = unconfirmed(event, nominated_by_id=make.user().id)
    nominee.user.confirmed_at = NOW
    db.session.commit()
    assert settled(NOW) == []
    assert nominee.state is State.UNCONFIRMED


# -- newcomers of an event that begins soon


PASSWORD = "seven green bicycles sing"


def arrive(event: Event, now: datetime = NOW) -> Registration:
    """A newcomer sends the form."""
    person = actions.Person(
        email="zoe@new.example",
        name="Ζωή Žižka",
        zone="Europe/Athens",
        institution="Region of Crete",
        role=make.role(),
        programme=make.programme(),
        country=make.country("GR"),
    )
    actions.register_newcomer(person, PASSWORD, event, Answers(), now=now)
    user = db.session.scalars(select(User).where(User.email == person.email)).one()
    return db.session.scalars(select(Registration).filter_by(user=user, event=event)).one()


def soon(capacity: int = 1) -> Event:
    """It begins in an hour and lasts for two."""
    return event_with(capacity, values={"starts_at": NOW + HOUR, "ends_at": NOW + 3 * HOUR})


def text_of(row: Registration) -> str:
    """The latest mail to them."""
    query = select(OutboxMessage).where(OutboxMessage.to_address == row.user.email)
    return db.session.scalars(query.order_by(OutboxMessage.id)).all()[-1].text


def test_a_newcomers_place_is_held_for_a_day_but_not_beyond_the_start() -> None:
    assert arrive(event_with()).answer_by == NOW + DAY
    event = soon()
    row = arrive(event, NOW + timedelta(minutes=1))
    assert row.answer_by == event.starts_at
    assert f"Your seat is held until {words.moment(event.starts_at, event.zone)}." in text_of(row)


@pytest.mark.parametrize("held", [State.CONFIRMED, State.WAITLISTED, State.PENDING])
@pytest.mark.parametrize("has_settled", [True, False])
def test_who_confirms_once_the_event_has_begun_gets_no_place(
    held: State, has_settled: bool
) -> None:
    event = soon()
    if held is State.PENDING:
        event.admission = Admission.SELECTION
    if held is State.WAITLISTED:
        register(event)
    row = arrive(event)
    assert row.upon_confirmation is held
    if has_settled:
        settled(event.starts_at)
    assert actions.confirm_newcomer(row.user, now=event.starts_at) == []
    assert (row.state, row.user.confirmed_at) == (State.CANCELLED, event.starts_at)
    assert mails(row) == ["please_confirm", *(["released"] if has_settled else [])]
    assert row.reason == "The e-mail address was not confirmed before the event began."
    settled(NOW + 2 * DAY)
    assert (row.state, wrong(NOW + 2 * DAY)) == (State.CANCELLED, [])


def test_who_confirms_in_the_last_second_before_the_start_gets_the_seat() -> None:
    event = soon()
    row, last = arrive(event), event.starts_at - timedelta(seconds=1)
    settled(last)
    assert actions.confirm_newcomer(row.user, now=last) == [row]
    assert row.state is State.CONFIRMED


def test_the_job_gives_no_seat_after_the_start() -> None:
    """To who has confirmed by another way, such as a new password."""
    event = soon()
    row = arrive(event)
    row.user.confirmed_at = event.starts_at + HOUR
    settled(event.starts_at + HOUR)
    assert (row.state, mails(row)) == (State.CANCELLED, ["please_confirm", "released"])


def test_what_lapsed_long_ago_is_not_said_of_a_new_form() -> None:
    row = arrive(soon())
    settled(NOW + HOUR)
    assert queries.missed_by(row.user, NOW + HOUR) == [row]
    assert queries.missed_by(row.user, NOW + DAY + HOUR) == []


def test_who_has_longer_to_confirm_than_until_the_start_keeps_no_seat_after_it() -> None:
    row = arrive(event := soon())
    row.answer_by, row.user.confirmed_at = NOW + DAY, event.starts_at
    assert settled(event.starts_at) == [event.id]
    assert (row.state, settled(event.starts_at)) == (State.CANCELLED, [])


def test_a_pause_over_the_start_takes_no_seat_from_who_confirmed_before() -> None:
    row = arrive(event := soon())
    row.user.confirmed_at = event.starts_at - timedelta(seconds=1)
    settled(event.starts_at + timedelta(minutes=30))
    assert (row.state, mails(row)) == (State.CONFIRMED, ["please_confirm", "confirmed"])


def test_a_pause_over_the_whole_event_says_nothing_false() -> None:
    row = arrive(event := soon())
    row.user.confirmed_at = NOW
    settled(event.ends_at + HOUR)
    assert (row.state, mails(row)) == (State.CONFIRMED, ["please_confirm"])


def test_a_place_released_at_the_start_has_gone_to_nobody() -> None:
    row = arrive(event := soon())
    settled(event.starts_at)
    said = text_of(row)
    assert "Your e-mail address was not confirmed before the event began" in said
    assert ("next one in line" in said, "You can register again" in said) == (False, False)
    later = arrive(event_with(), NOW + HOUR)
    settled(NOW + HOUR + DAY)
    assert "not confirmed in time" in text_of(later)
    assert "You can register again while registration is open" in text_of(later)


def test_a_nomination_that_lapses_at_the_start_has_gone_to_nobody() -> None:
    nominator = make.user().id
    row = unconfirmed(event := soon(), nominated_by_id=nominator, answer_by=NOW + HOUR)
    settled(event.starts_at)
    said = text_of(row)
    assert mails(row) == ["nomination_over"]
    assert ("next one in line" in said, "You can register" in said) == (False, False)


@pytest.mark.parametrize("hours", [2, -2])
def test_a_newcomers_place_never_outlives_the_start_of_an_event_that_moves(hours: int) -> None:
    """Earlier it ends at the new start; later it ends when the mail said that it would."""
    start = NOW.replace(second=0) + 5 * HOUR
    event = event_with(values={"starts_at": start, "ends_at": start + HOUR})
    row, staff = arrive(event), make.member()
    actions.change_event(event, values_of(event, hours * HOUR), actor=staff, now=NOW)
    assert event.starts_at == start + hours * HOUR
    ends_at = start + min(0, hours) * HOUR
    assert row.answer_by == ends_at
    settled(ends_at)
    assert row.state is State.CANCELLED
    assert ("before the event began" in text_of(row)) is (hours < 0)


# -- reconfirmation


def test_people_are_asked_once_warned_once_and_then_released() -> None:
    event = event_with(1, reconfirmation=asking(on_site=ASKS))
    seated, waiting = register(event), register(event)
    assert settle_at(event) == START - 14 * DAY
    for _ in range(2):
        settled(START - 14 * DAY)
    assert (seated.answer_by, settle_at(event)) == (START - 3 * DAY, START - 7 * DAY)
    assert mails(seated) == ["confirmed", "please_reconfirm"]
    for _ in range(2):
        settled(START - 7 * DAY)
    assert mails(seated) == ["confirmed", "please_reconfirm", "reconfirm_soon"]
    for _ in range(2):
        settled(START - 3 * DAY)
    assert states(seated, waiting) == [State.CANCELLED, State.CONFIRMED]
    assert seated.reason == "The seat was not reconfirmed in time."
    assert mails(seated)[3:] == ["not_reconfirmed"]
    assert mails(waiting) == ["waitlisted", "promoted"]
    assert (settle_at(event), wrong(START - 3 * DAY)) == (None, [])


def test_who_reconfirms_keeps_the_seat_and_hears_nothing_more() -> None:
    event = event_with(reconfirmation=asking(on_site=ASKS))
    seated = register(event)
    settled(START - 14 * DAY)
    assert actions.accept(seated, now=START - 10 * DAY) == "Thank you: you keep your seat."
    for days in (7, 3, 2):
        settled(START - days * DAY)
    assert (seated.state, seated.reconfirmed_at) == (State.CONFIRMED, START - 10 * DAY)
    assert mails(seated) == ["confirmed", "please_reconfirm"]


def test_who_comes_after_the_question_is_not_asked() -> None:
    event = event_with(2, reconfirmation=asking(on_site=ASKS))
    early = register(event)
    settled(START - 14 * DAY)
    late = register(event, START - 13 * DAY)
    for days in (7, 3):
        settled(START - days * DAY)
    assert states(early, late) == [State.CANCELLED, State.CONFIRMED]
    assert mails(late) == ["confirmed"]


def test_each_mode_is_asked_by_its_own_rule() -> None:
    event = event_with(
        4,
        mode=Mode.HYBRID,
        values={"online_capacity": 2},
        reconfirmation=asking(on_site=ASKS, online=Reconfirmation(5, 2, 1)),
    )
    on_site, online = register(event), register(event, is_online=True)
    settled(START - 14 * DAY)
    assert (mails(on_site)[1:], mails(online)[1:]) == (["please_reconfirm"], [])
    settled(START - 5 * DAY)
    assert online.answer_by == START - DAY
    settled(START - 3 * DAY)
    assert states(on_site, online) == [State.CANCELLED, State.CONFIRMED]
    for days in (2, 1):
        settled(START - days * DAY)
    assert online.state is State.CANCELLED


def test_nobody_loses_a_seat_once_the_event_has_started() -> None:
    event = event_with(reconfirmation=asking(on_site=ASKS))
    seated = register(event)
    settled(START - 14 * DAY)
    settled(START)  # the job did not run in between
    assert (seated.state, seated.answer_by) == (State.CONFIRMED, None)
    assert mails(seated) == ["confirmed", "please_reconfirm"]
    assert settled(START) == []


def test_after_a_pause_longer_than_all_deadlines_everybody_has_a_day() -> None:
    event = event_with(reconfirmation=asking(on_site=ASKS))
    seated = register(event)
    back = START - 2 * DAY
    for minutes in range(3):
        settled(back + timedelta(minutes=minutes))
    assert (seated.state, seated.answer_by) == (State.CONFIRMED, back + DAY)
    assert mails(seated) == ["confirmed", "please_reconfirm"]  # which says by when: no warning
    settled(back + DAY)
    assert (seated.state, mails(seated)[2:]) == (State.CANCELLED, ["not_reconfirmed"])


def test_after_a_pause_until_the_last_hours_nobody_is_released_before_the_start() -> None:
    event = event_with(reconfirmation=asking(on_site=ASKS))
    seated = register(event)
    settled(START - 5 * HOUR)
    assert seated.answer_by == START
    settled(START)
    assert (seated.state, seated.must_reconfirm) == (State.CONFIRMED, False)


def test_after_a_pause_over_the_warning_those_asked_before_are_warned() -> None:
    event = event_with(reconfirmation=asking(on_site=ASKS))
    seated = register(event)
    settled(START - 14 * DAY)
    settled(START - 4 * DAY)
    assert mails(seated) == ["confirmed", "please_reconfirm", "reconfirm_soon"]


def test_a_question_introduced_late_is_asked_at_once() -> None:
    event = make.event(starts_at=NOW + 5 * DAY, ends_at=NOW + 6 * DAY)
    seated = register(event, NOW - 20 * DAY)
    make.seat_rules(event, reconfirmation=asking(on_site=ASKS))
    actions.plan_next(event, now=NOW)
    assert settle_at(event) == NOW
    settled(NOW)
    assert (seated.answer_by, mails(seated)) == (
        NOW + 2 * DAY,
        ["confirmed", "please_reconfirm"],
    )


def test_where_the_office_asks_no_more_nobody_is_released() -> None:
    event = event_with(reconfirmation=asking(on_site=ASKS))
    seated = register(event)
    settled(START - 14 * DAY)
    db.session.get_one(SeatRules, event.id).reconfirmation = {}
    settled(START - 3 * DAY)
    assert (seated.state, seated.answer_by) == (State.CONFIRMED, None)
    assert mails(seated) == ["confirmed", "please_reconfirm"]


def test_an_event_put_off_asks_again_before_its_new_date() -> None:
    event = event_with(reconfirmation=asking(on_site=ASKS))
    seated = register(event)
    settled(START - 14 * DAY)
    event.starts_at, event.ends_at = START + 60 * DAY, START + 61 * DAY
    actions.plan_next(event, now=START - 13 * DAY)
    settled(START - 3 * DAY)
    assert (seated.state, seated.answer_by) == (State.CONFIRMED, None)
    settled(START + 46 * DAY)
    assert seated.answer_by == START + 57 * DAY
    assert mails(seated) == ["confirmed", "please_reconfirm", "please_reconfirm"]


def test_an_event_called_off_asks_nobody_and_releases_nobody() -> None:
    event = event_with(reconfirmation=asking(on_site=ASKS))
    seated = register(event)
    settled(START - 14 * DAY)
    actions.cancel_event(event, "Snow.", actor=make.member(), now=START - 13 * DAY)
    for days in (7, 3, 0):
        settled(START - days * DAY)
    assert (seated.state, seated.answer_by) == (State.CONFIRMED, None)
    assert mails(seated) == ["confirmed", "please_reconfirm", "event_cancelled"]


def test_a_draft_is_looked_at_in_silence() -> None:
    event = event_with(values={"state": EventState.DRAFT}, reconfirmation=asking(on_site=ASKS))
    assert settled(START - 14 * DAY) == [event.id]
    assert settle_at(event) == START - 7 * DAY


# -- the job


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Let the job run at an instant."""

    def run(now: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: now)
        jobs.settle_events()
        db.session.expire_all()

    return run


def test_a_mixed_history_run_every_day_or_once_ends_the_same(
    at: Callable[[datetime], None],
) -> None:
    """Where nothing is asked of people a pause of any length makes no difference."""
    steps = (Step(None, 1), Step(NOW + 3 * DAY, 2))
    hold = Hold(frozenset({make.role("MA").id}), 1, NOW + 6 * DAY)
    caps = [Cap(Dimension.PROGRAMME, steps), Cap(Dimension.COUNTRY, (Step(None, 3),))]
    one, other = (event_with(4, caps=caps, holds=[hold]) for _ in range(2))
    ends = []
    for event, days in ((one, range(1, 10)), (other, range(9, 10))):
        rows = [unconfirmed(event), *(register(event) for _ in range(4))]
        for day in days:
            at(NOW + day * DAY)
        ends.append((states(*rows), event.seats_taken, event.waiting))
    assert ends[0] == ends[1]
    assert wrong(NOW + 9 * DAY) == []


def test_one_event_that_fails_does_not_hold_up_the_others(
    at: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    release = NOW + DAY
    holds = [Hold(frozenset({make.role("MA").id}), 1, release)]
    broken, sound = event_with(holds=holds), event_with(holds=holds)
    stuck, waiting = register(broken), register(sound)
    db.session.commit()
    settle = actions.settle

    def fail(event: Event, *, now: datetime) -> int:
        moved = settle(event, now=now)
        if event is broken:
            raise RuntimeError("a pipe burst")
        return moved

    monkeypatch.setattr(actions, "settle", fail)
    at(release)
    assert states(stuck, waiting) == [State.WAITLISTED, State.CONFIRMED]
    assert (mails(stuck), mails(waiting)) == (["waitlisted"], ["waitlisted", "promoted"])
    monkeypatch.setattr(actions, "settle", settle)
    at(release)
    assert stuck.state is State.CONFIRMED
    assert wrong(release) == []


def test_who_changes_to_online_needs_nothing_on_site_until_they_change_back() -> None:
    event = make.event(mode=Mode.HYBRID, online_capacity=10)
    row = make.registration(event)
    db.session.add(Needs(registration_id=row.id, diet="vegan"))
    db.session.commit()
    actions.change_mode(row, is_online=True, now=clock.now())
    db.session.flush()
    assert (row.is_online, list(queries.needs_at(event))) == (True, [])
    actions.change_mode(row, is_online=False, now=clock.now())
    db.session.flush()
    assert [needs.diet for needs in queries.needs_at(event)] == ["vegan"]


# -- the start


def test_who_still_waits_hears_once_that_the_event_has_begun() -> None:
    event = event_with()
    seated, waiting = register(event), register(event)
    assert settled(START - timedelta(seconds=1)) == []
    assert [settled(START + after) for after in (timedelta(), HOUR, 8 * HOUR)] == [
        [event.id],
        [],
        [],
    ]
    assert (mails(seated), mails(waiting)) == (["confirmed"], ["waitlisted", "list_closed"])
    assert states(seated, waiting) == [State.CONFIRMED, State.WAITLISTED]
    assert wrong(START + HOUR) == []


def test_an_applicant_without_a_decision_hears_it_too() -> None:
    event = event_with(values={"admission": Admission.SELECTION})
    row = register(event)
    settled(START)
    assert mails(row) == ["pending", "list_closed"]


def test_an_event_without_rules_of_its_own_tells_it_as_well() -> None:
    event = make.event(starts_at=START, ends_at=START + 7 * HOUR, capacity=1)
    make.registration(event)
    row = make.registration(event, state=State.WAITLISTED)
    settled(START + DAY)
    assert mails(row) == ["list_closed"]


@pytest.mark.parametrize("state", [EventState.CANCELLED, EventState.DRAFT])
def test_nobody_hears_it_of_an_event_that_is_off(state: EventState) -> None:
    event = event_with()
    register(event)
    row = register(event)
    event.state = state
    assert settled(START) == []
    assert mails(row) == ["waitlisted"]


def test_who_waits_hears_it_again_of_a_later_day() -> None:
    event = event_with()
    _, row = register(event), register(event)
    settled(START)
    values = values_of(event, 20 * DAY)
    actions.change_event(event, values, actor=make.member(), now=START + HOUR)
    assert settled(START + 2 * HOUR) == []
    settled(START + 20 * DAY)
    settled(START + 20 * DAY + HOUR)
    assert mails(row).count("list_closed") == 2


def test_a_start_that_is_corrected_is_told_once() -> None:
    event = event_with()
    _, row = register(event), register(event)
    settled(START)
    event.starts_at = START + HOUR
    assert settled(START + 2 * HOUR) == []
    actions.settle(event, now=START + 2 * HOUR)
    assert mails(row).count("list_closed") == 1


def test_nobody_hears_it_weeks_later() -> None:
    event = event_with()
    register(event)
    register(event)
    assert settled(START + 8 * DAY) == []
    assert settled(START + 6 * DAY) == [event.id]


@pytest.mark.parametrize(("minutes", "told_at"), [(-10, START + HOUR), (10, START)])
def test_who_goes_on_the_list_around_the_start_hears_once_that_it_is_closed(
    minutes: int, told_at: datetime
) -> None:
    """By a selection that is told after the start; others hear it at the start."""
    event = event_with(values={"admission": Admission.SELECTION})
    register(event)
    late = register(event)
    decided_at = START + timedelta(minutes=minutes)
    settled(min(START, decided_at))
    moves = [actions.Move(registration=late, to=State.WAITLISTED)]
    book = actions.open_book(event)
    actions.transition_all(book, moves, actor=None, now=decided_at, tell_at=START + HOUR)
    settled(START)
    assert ("list_closed" in mails(late)) == (told_at == START)
    settled(START + HOUR)
    settled(START + 2 * HOUR)
    assert mails(late) == ["pending", "list_closed"]
