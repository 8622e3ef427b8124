"""Closures, dismissed warnings and moved drafts against a real database."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select

from interact_events.core.audit import AuditEntry
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.actions import delete_draft
from interact_events.events.models import Event, EventState, Mode, event_roles, event_topics
from interact_events.interreg.models import Topic
from interact_events.scheduling import actions, queries
from interact_events.scheduling.models import Closure, DateRules, DismissedWarning
from interact_events.scheduling.rules import Kind
from tests import make
from tests.client import counted

NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)
ASCENSION = datetime(2027, 5, 6, 7, tzinfo=UTC)  # 10:00 in Helsinki
WEDNESDAY = datetime(2027, 4, 14, 7, tzinfo=UTC)  # no holiday in any country of the network


def an_event(title: str = "Unit costs", starts_at: datetime = WEDNESDAY, **values: Any) -> Event:
    usual = {"starts_at": starts_at, "published_at": NOW}
    return make.event(title, **(usual | values))


def for_controllers(event: Event) -> Event:
    topic = db.session.scalars(select(Topic.id).where(Topic.code == "audit")).one()
    ids = {"event_id": event.id}
    db.session.execute(event_roles.insert().values(role_id=make.role().id, **ids))
    db.session.execute(event_topics.insert().values(topic_id=topic, **ids))
    db.session.commit()
    return event


def kinds(event: Event, now: datetime = NOW) -> list[Kind]:
    return [warning.kind for warning in queries.warnings_of([event], now=now)[event.id]]


# -- what the database knows becomes warnings ----------------------------------------------------


def test_usual_event_has_no_warning(app: Flask) -> None:
    assert kinds(an_event()) == []


def test_holiday_here_and_in_the_countries_that_take_part(app: Flask) -> None:
    here, elsewhere = queries.warnings_of([event := an_event(starts_at=ASCENSION)], now=NOW)[
        event.id
    ]
    assert (here.kind, here.what, here.whom) == (
        Kind.HOLIDAY_THERE,
        ("Ascension Day",),
        ("Finland",),
    )
    assert (elsewhere.kind, elsewhere.of_all) == (Kind.HOLIDAY, 30)
    assert "Austria" in elsewhere.whom


def test_rules_of_an_event_say_whose_holidays_count(app: Flask) -> None:
    for_greeks = an_event(starts_at=ASCENSION)
    make.seat_rules(for_greeks, countries=[make.country("GR").id])
    assert kinds(for_greeks) == [Kind.HOLIDAY_THERE]
    covered = an_event(starts_at=datetime(2027, 6, 24, 7, tzinfo=UTC))  # in Estonia and Latvia
    make.seat_rules(covered, programmes=[make.programme("Central Baltic").id])
    (only,) = queries.warnings_of([covered], now=NOW)[covered.id]
    assert (only.whom, only.of_all) == (("Estonia", "Latvia"), 4)


def test_country_that_nobody_knows_is_said(app: Flask) -> None:
    make.country("GR").code = "ZZ"
    (only,) = queries.warnings_of([event := an_event()], now=NOW)[event.id]
    assert (only.kind, only.whom) == (Kind.UNKNOWN, ("Greece",))


def test_region_of_the_office_counts(app: Flask) -> None:
    saint_joseph = datetime(2027, 3, 19, 8, tzinfo=UTC)  # a holiday of Valencia, not of Spain
    event = an_event(starts_at=saint_joseph, office=make.office("valencia"))
    assert kinds(event) == [Kind.HOLIDAY_THERE, Kind.HOLIDAY]  # and of Malta
    make.office("valencia").subdivision = "QQ"
    assert kinds(event) == [Kind.HOLIDAY, Kind.UNKNOWN]


def test_closures_and_working_days_are_heeded_until_they_are_retired(app: Flask) -> None:
    event, day = an_event(), date(2027, 4, 14)
    closure = make.closure(first_on=day, last_on=day)
    assert kinds(event) == [Kind.CLOSED]
    closure.office_id = make.office("vienna").id
    assert kinds(event) == []
    closure.office_id, closure.country_id = None, make.country("FI").id
    assert kinds(event) == [Kind.HOLIDAY_THERE]
    closure.is_retired = True
    assert kinds(event) == []


def test_holiday_that_is_none_for_the_office(app: Flask) -> None:
    event, day = an_event(starts_at=ASCENSION), date(2027, 5, 6)
    make.closure(first_on=day, last_on=day, is_working=True, office_id=make.office().id)
    assert kinds(event) == [Kind.HOLIDAY]


def test_similar_event_of_another_office_as_near_as_the_network_says(app: Flask) -> None:
    one = for_controllers(an_event())
    two = for_controllers(
        an_event(
            starts_at=WEDNESDAY + timedelta(days=6),
            office=make.office("viborg"),
            state=EventState.DRAFT,
        )
    )
    assert (kinds(one), kinds(two)) == ([Kind.NEAR], [Kind.NEAR])
    db.session.scalars(select(DateRules)).one().near_days = 5
    assert kinds(one) == []


def test_cancelled_event_is_in_nobodys_way(app: Flask) -> None:
    one = for_controllers(an_event())
    gone = for_controllers(an_event(office=make.office("viborg"), state=EventState.CANCELLED))
    assert (kinds(one), kinds(gone)) == ([], [])


def test_people_with_a_seat_at_both_are_counted(app: Flask) -> None:
    one, two = an_event(), an_event(office=make.office("viborg"), venue="Tinghallen")
    for person in (make.user(), make.user()):
        make.registration(one, person)
        make.registration(two, person)
    make.registration(one)
    (only,) = queries.warnings_of([one], now=NOW)[one.id]
    assert (only.kind, only.people, only.other and only.other.id) == (Kind.BOOKED, 2, two.id)


def test_rooms_speakers_and_contacts(app: Flask) -> None:
    one = an_event(contact_name="Bo Ek")
    two = an_event("Sampling", contact_name="Bo Ek")
    one.sessions[0].room = two.sessions[0].room = "Hall A"
    one.sessions[0].speakers, two.sessions[0].speakers = "Anna Virtanen, Ζωή", "zoi"
    assert kinds(one) == kinds(two) == [Kind.ROOM, Kind.SPEAKER, Kind.STAFF]


def test_office_that_is_its_own_contact_is_nobody_twice(app: Flask) -> None:
    name = make.office().name
    one, _two = an_event(contact_name=name), an_event(contact_name=name, venue="Elsewhere")
    assert kinds(one) == []


def test_online_event_is_early_further_west(app: Flask) -> None:
    starts_at = WEDNESDAY - timedelta(hours=2)  # 08:00 in Helsinki
    event = an_event(starts_at=starts_at, mode=Mode.ONLINE)
    six, seven = queries.warnings_of([event], now=NOW)[event.id]
    assert (six.kind, six.amount, six.whom) == (
        Kind.TOO_EARLY,
        6 * 60,
        ("Ireland", "Portugal", "United Kingdom"),
    )
    assert (seven.amount, "Austria" in seven.whom) == (7 * 60, True)


def test_warnings_cost_as_much_for_one_event_as_for_a_year(
    app: Flask, connection: Connection
) -> None:
    events = [for_controllers(an_event(starts_at=WEDNESDAY + timedelta(days=n))) for n in range(3)]
    for event in events:
        make.registration(event)
        make.seat_rules(event, countries=[make.country("GR").id])
    costs = []
    for some in (events[:1], events):
        db.session.expire_all()
        [event.starts_at for event in some]
        with counted(connection) as statements:
            queries.warnings_of(some, now=NOW)
        costs.append(len(statements))
    assert costs[0] == costs[1] < 20
    assert queries.warnings_of([], now=NOW) == {}


# -- dismissed -----------------------------------------------------------------------------------


def dismissed(event: Event, reason: str = "The speaker has no other day.") -> DismissedWarning:
    lead = make.member()
    (first, *_) = queries.warnings_of([event], now=NOW)[event.id]
    actions.dismiss_warning(event, first, reason, actor=lead, now=NOW)
    return db.session.scalars(select(DismissedWarning)).one()


def audited() -> Sequence[str]:
    return db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()


def test_dismissed_warning_is_kept_apart_with_its_reason(app: Flask) -> None:
    event = an_event(starts_at=ASCENSION)
    row = dismissed(event)
    looked = queries.looked_at([event], now=NOW)[event.id]
    assert [warning.kind for warning in looked.open] == [Kind.HOLIDAY]
    assert [(w.kind, answer) for w, answer in looked.dismissed] == [(Kind.HOLIDAY_THERE, row)]
    assert audited() == ["date warning dismissed"]


def test_dismissed_twice_keeps_the_first_reason(app: Flask) -> None:
    event = an_event(starts_at=ASCENSION)
    (first, *_) = queries.warnings_of([event], now=NOW)[event.id]
    for reason in ("First", "Second"):
        actions.dismiss_warning(event, first, reason, actor=make.member(), now=NOW)
    assert db.session.scalars(select(DismissedWarning.reason)).all() == ["First"]
    assert audited() == ["date warning dismissed"]


def test_reason_is_needed(app: Flask) -> None:
    with pytest.raises(DomainError, match="Say in a sentence"):
        dismissed(an_event(starts_at=ASCENSION), " ")


def test_moved_event_is_warned_about_anew(app: Flask) -> None:
    event = an_event(starts_at=ASCENSION)
    dismissed(event)
    christmas = datetime(2027, 12, 24, 8, tzinfo=UTC)
    event.starts_at, event.ends_at = christmas, christmas + timedelta(hours=5)
    assert Kind.HOLIDAY_THERE in kinds(event)


def test_dismissal_is_taken_back(app: Flask) -> None:
    event = an_event(starts_at=ASCENSION)
    actions.take_back(dismissed(event), actor=make.member(), now=NOW)
    assert kinds(event) == [Kind.HOLIDAY_THERE, Kind.HOLIDAY]
    assert audited() == ["date warning dismissed", "date warning stands again"]


def test_answers_go_with_a_draft_that_is_deleted(app: Flask) -> None:
    draft = an_event(starts_at=ASCENSION, state=EventState.DRAFT, published_at=None)
    dismissed(draft)
    delete_draft(draft, actor=make.member(), now=NOW)
    db.session.flush()
    assert db.session.scalars(select(DismissedWarning.id)).all() == []


def test_past_and_cancelled_events_have_an_answer_too(app: Flask) -> None:
    past = an_event(starts_at=NOW - timedelta(days=9))
    gone = an_event(state=EventState.CANCELLED)
    assert queries.warnings_of([past, gone], now=NOW) == {past.id: [], gone.id: []}


# -- closures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"last_on": date(2027, 5, 1)}, "can’t come before"),
        ({"last_on": date(2028, 5, 4)}, "at most a year"),
        ({"first_on": date(1027, 5, 4), "last_on": date(1027, 5, 4)}, "not 1027"),
        ({"is_working": True, "programme_id": 1}, "belong to countries"),
    ],
)
def test_closure_that_makes_no_sense_is_refused(
    app: Flask, changes: dict[str, Any], sentence: str
) -> None:
    values = {
        "name": "Away",
        "first_on": date(2027, 5, 4),
        "last_on": date(2027, 5, 4),
        "office_id": None,
        "country_id": None,
        "programme_id": None,
        "is_working": False,
    }
    with pytest.raises(DomainError, match=sentence):
        actions.save_closure(Closure(), values | changes, actor=make.coordinator(), now=NOW)


# -- moving a draft ------------------------------------------------------------------------------


def moved(event: Event, version: int | None = None, **times: datetime) -> None:
    usual = {"starts": datetime(2027, 4, 21, 9), "ends": datetime(2027, 4, 21, 16)}  # noqa: DTZ001
    actions.move_draft(event, **(usual | times), version=version, actor=make.member(), now=NOW)


def test_draft_moves_with_its_agenda_and_its_registration(app: Flask) -> None:
    event = an_event(
        state=EventState.DRAFT,
        published_at=None,
        registration_opens_at=WEDNESDAY - timedelta(days=30),
        registration_closes_at=WEDNESDAY - timedelta(days=7),
        internal_notes="Ask for the key.",
    )
    moved(event)
    starts = to_local(event.starts_at, event.zone)
    assert (starts.date(), starts.hour) == (date(2027, 4, 21), 9)
    assert event.sessions[0].starts_at == event.starts_at
    assert event.registration_closes_at == WEDNESDAY
    assert event.internal_notes == "Ask for the key."
    assert audited() == ["edited"]


def test_draft_that_somebody_else_has_saved_stays(app: Flask) -> None:
    event = an_event(state=EventState.DRAFT, version=3)
    with pytest.raises(DomainError, match="This draft has changed"):
        moved(event, version=2)


def test_published_event_is_not_moved_by_the_finder(app: Flask) -> None:
    with pytest.raises(DomainError, match="under Details"):
        moved(an_event())


def test_agenda_moves_along_even_where_it_would_still_fit(app: Flask) -> None:
    event = an_event(
        state=EventState.DRAFT, published_at=None, ends_at=WEDNESDAY + timedelta(days=1, hours=6)
    )
    second = event.sessions[0]
    second.starts_at = WEDNESDAY + timedelta(days=1)
    second.ends_at = second.starts_at + timedelta(hours=2)
    before = second.starts_at
    starts = to_local(event.starts_at, event.zone).replace(tzinfo=None) + timedelta(days=1)
    moved(event, starts=starts, ends=starts + timedelta(days=1, hours=6))
    assert second.starts_at == before + timedelta(days=1)


def test_draft_never_moves_onto_days_that_are_over(app: Flask) -> None:
    event = an_event(state=EventState.DRAFT, published_at=None)
    past = NOW.replace(tzinfo=None) - timedelta(days=2)
    with pytest.raises(DomainError, match=r"is over. Choose a later day."):
        moved(event, starts=past, ends=past + timedelta(hours=2))
    assert event.starts_at == WEDNESDAY
