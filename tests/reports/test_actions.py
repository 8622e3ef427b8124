"""The demo keeps the rules that its offices would have to keep.

It is loaded once for all tests of this module, which only read it.
"""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from interact_events.accounts.models import Profile, User
from interact_events.accounts.queries import demo_accounts, user_by_email
from interact_events.accounts.rules import DEMO_ACCOUNTS, DEMO_PASSWORD
from interact_events.attendance.models import Presence
from interact_events.certificates.models import Certificate
from interact_events.certificates.queries import certificates_of_user, file_of
from interact_events.core.audit import AuditEntry
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.core.outbox import MailState, OutboxMessage
from interact_events.events.models import Admission, Event, EventState, Mode, Session
from interact_events.events.rules import Phase, registration_phase
from interact_events.interreg.models import Office, StakeholderRole
from interact_events.registrations import checks
from interact_events.registrations.models import (
    Promotion,
    Registration,
    SeatInvitation,
    SeatRules,
    SessionChoice,
    State,
)
from interact_events.registrations.queries import events_to_settle, registrations_of
from interact_events.registrations.rules import Dimension
from interact_events.reports.actions import is_demo_loaded, load_demo, number_of_events
from interact_events.reports.queries import dashboard
from tests.client import TOKEN, Client
from tests.conftest import rolled_back

pytestmark = pytest.mark.xdist_group("demo")

NOW = datetime(2027, 5, 12, 9, 30, tzinfo=UTC)  # a Wednesday in office hours
SCALE = 45


@pytest.fixture(scope="module")
def steps() -> list[int]:
    return []


@pytest.fixture(scope="module")
def demo(migrated_app: Flask, steps: list[int]) -> Iterator[Flask]:
    with rolled_back(migrated_app) as app:
        assert load_demo(now=NOW, host="localhost", scale=SCALE, step=steps.append)
        db.session.commit()
        yield app


def events(*conditions: object) -> list[Event]:
    return list(db.session.scalars(select(Event).where(*conditions)))  # type: ignore[arg-type]


def count(table: type, *conditions: object) -> int:
    query = select(func.count()).select_from(table).where(*conditions)  # type: ignore[arg-type]
    return db.session.scalar(query) or 0


def test_demo_has_as_many_events_as_asked_for(demo: Flask, steps: list[int]) -> None:
    assert count(Event, ~Event.is_template) == number_of_events(SCALE) == SCALE
    assert steps == [1] * SCALE


def test_demo_of_the_usual_size_has_about_thirty_events() -> None:
    assert 30 <= number_of_events(0) <= 40


def test_demo_is_loaded_only_once(demo: Flask) -> None:
    people = count(User)
    assert is_demo_loaded()
    assert not load_demo(now=NOW, host="localhost")
    assert count(User) == people


@pytest.mark.skipif(
    os.environ.get("TEST_DATABASE") == "postgresql", reason="chance knows no database"
)
def test_demo_of_one_seed_is_the_same_again(migrated_app: Flask, demo: Flask) -> None:
    """Loaded beside the first one, in a savepoint, under other addresses."""
    first = _figures()
    with db.session.begin_nested() as again:
        _make_room()
        assert load_demo(now=NOW, host="localhost", scale=SCALE)
        assert _figures() == first
        again.rollback()
    db.session.expire_all()


def _figures() -> tuple[object, ...]:
    """The figures of the newest demo here."""
    first = db.session.scalar(select(func.max(Event.id))) or 0
    newest = Event.id > first - SCALE
    titles = db.session.scalars(select(Event.title).where(newest).order_by(Event.id)).all()
    states = db.session.execute(
        select(Registration.state, func.count())
        .join(Registration.event)
        .where(newest)
        .group_by(Registration.state)
        .order_by(Registration.state)
    ).all()
    return tuple(titles), tuple(tuple(row) for row in states)


def _make_room() -> None:
    """Give everybody another address, so that the same ones are free again."""
    for user in db.session.scalars(select(User)):
        user.email = f"before.{user.email}"
    db.session.flush()


def test_counts_of_events_equal_their_registrations(demo: Flask) -> None:
    tally = Counter((row.event_id, row.state) for row in db.session.scalars(select(Registration)))
    assert {e.id: (e.seats_taken, e.waiting) for e in events()} == {
        e.id: (
            tally[e.id, State.CONFIRMED] + tally[e.id, State.OFFERED],
            tally[e.id, State.WAITLISTED],
        )
        for e in events()
    }


def test_the_audit_of_seats_and_queues_finds_nothing(demo: Flask) -> None:
    assert [finding.line for finding in checks.findings(NOW)] == []


def test_the_clock_finds_nothing_to_do_at_once(demo: Flask) -> None:
    assert events_to_settle(NOW) == []


def rules_at(title: str) -> tuple[Event, SeatRules]:
    (event,) = events(Event.title.startswith(title), Event.id.in_(select(SeatRules.event_id)))
    return event, db.session.get_one(SeatRules, event.id)


def states_at(event: Event) -> Counter[State]:
    rows = db.session.scalars(select(Registration.state).where(Registration.event == event))
    return Counter(rows)


def test_a_cap_with_a_phase_lets_some_wait_although_seats_are_free(demo: Flask) -> None:
    event, rules = rules_at("Sampling for small populations")
    (cap,) = rules.caps
    assert (cap.per, [step.most for step in cap.steps]) == (Dimension.PROGRAMME, [2, 3])
    assert rules.settle_at == cap.steps[1].since
    assert event.waiting > max(0, event.capacity - event.seats_taken)


def test_controllers_have_seats_held_for_them(demo: Flask) -> None:
    _, rules = rules_at("Flat rates for staff costs")
    (hold,) = rules.holds
    assert (hold.seats, hold.until == rules.settle_at) == (10, True)
    assert hold.until > NOW


def test_national_authorities_are_one_for_each_country(demo: Flask) -> None:
    event, _ = rules_at("Macro-regional strategies")
    seated = db.session.execute(
        select(Registration.country_id, func.count())
        .join(StakeholderRole, StakeholderRole.id == Registration.role_id)
        .where(
            Registration.event == event,
            StakeholderRole.code == "NA",
            Registration.state == State.CONFIRMED,
        )
        .group_by(Registration.country_id)
    ).all()
    assert {number for _, number in seated} == {1}


def test_a_seat_is_offered_to_the_first_in_line(demo: Flask) -> None:
    event, rules = rules_at("State aid: assessment without fear")
    assert (rules.promotion, rules.offer_hours) == (Promotion.OFFER, 48)
    assert states_at(event)[State.OFFERED] == 1
    assert event.waiting > 0


def test_an_event_by_invitation_has_a_code_that_all_have_used(demo: Flask) -> None:
    event, rules = rules_at("EU Strategy for the Baltic Sea Region")
    code = db.session.scalars(
        select(SeatInvitation).where(SeatInvitation.event_id == event.id)
    ).one()
    used = select(func.count()).where(Registration.invitation_id == code.id)
    assert (rules.by_invitation, db.session.scalar(used)) == (True, states_at(event).total())


def test_the_fair_asks_to_reconfirm_and_has_sessions_to_choose(demo: Flask) -> None:
    event, rules = rules_at("Interreg knowledge fair")
    asks = rules.reconfirmation_for(online=False)
    assert asks
    assert (asks.ask_days, asks.release_days) == (14, 3)
    assert len(event.chosen_sessions) > 6
    assert count(SessionChoice) > 100


def test_a_selection_promises_a_day(demo: Flask) -> None:
    event, rules = rules_at("Academy for heads of joint secretariats")
    assert rules.decision_on
    assert event.closes_at.date() < rules.decision_on < event.starts_at.date()


def test_hybrid_events_have_people_both_ways(demo: Flask) -> None:
    rows = db.session.execute(select(Event.mode, Registration.is_online).join(Registration.event))
    assert {(mode, is_online) for mode, is_online in rows} == {
        (Mode.HYBRID, True),
        (Mode.HYBRID, False),
        (Mode.IN_PERSON, False),
        (Mode.ONLINE, True),
    }
    assert events(Event.mode == Mode.HYBRID, Event.online_capacity == 0) == []


def test_no_event_has_more_people_than_seats(demo: Flask) -> None:
    assert events(Event.seats_taken > Event.capacity) == []


def test_nobody_waits_where_a_seat_is_free_unless_by_a_rule(demo: Flask) -> None:
    ruled = select(SeatRules.event_id)
    free = Event.seats_taken < Event.capacity
    assert events(Event.waiting > 0, free, Event.id.not_in(ruled)) == []


def test_sessions_lie_within_their_events(demo: Flask) -> None:
    outside = (Session.starts_at < Event.starts_at) | (Session.ends_at > Event.ends_at)
    assert db.session.scalars(select(Session).join(Session.event).where(outside)).all() == []


def test_sessions_take_place_on_workdays_in_the_daytime_of_the_office(demo: Flask) -> None:
    starts = [
        to_local(session.starts_at, session.event.zone)
        for session in db.session.scalars(select(Session))
    ]
    assert {start.weekday() for start in starts} == {0, 1, 2, 3, 4}
    assert (min(s.hour for s in starts), max(s.hour for s in starts)) == (8, 19)


def test_people_register_before_registration_closes_and_before_now(demo: Flask) -> None:
    late = [
        row.id
        for row in db.session.scalars(select(Registration))
        if row.submitted_at > min(row.event.closes_at, NOW)
    ]
    assert late == []


def test_the_queue_is_in_order_of_arrival(demo: Flask) -> None:
    for event in events():
        arrivals = db.session.scalars(
            select(Registration.submitted_at)
            .where(Registration.event_id == event.id)
            .order_by(Registration.id)
        ).all()
        assert list(arrivals) == sorted(arrivals)


def test_people_come_in_a_role_that_the_event_invites(demo: Flask) -> None:
    uninvited = [
        row.id
        for row in db.session.scalars(select(Registration))
        if row.event.roles and row.role_id not in {role.id for role in row.event.roles}
    ]
    assert uninvited == []


def test_registrations_are_of_a_profile_of_the_person(demo: Flask) -> None:
    foreign = (
        select(func.count())
        .select_from(Registration)
        .join(Profile, Profile.id == Registration.profile_id)
        .where(Profile.user_id != Registration.user_id)
    )
    assert db.session.scalar(foreign) == 0


def test_every_registration_has_its_audit_entry(demo: Flask) -> None:
    noted = AuditEntry.subject_type == "registrations", AuditEntry.action != "no-show noted"
    assert count(AuditEntry, *noted) == count(Registration)


def test_presence_is_noted_only_for_confirmed_people_and_sessions_begun(demo: Flask) -> None:
    wrong = (
        select(func.count())
        .select_from(Presence)
        .join(Presence.session)
        .join(Presence.registration)
        .where(
            (Session.starts_at > NOW)
            | (Registration.state != State.CONFIRMED)
            | (Registration.event_id != Session.event_id)
        )
    )
    assert db.session.scalar(wrong) == 0
    assert count(Presence) > 100


def test_no_mail_waits_to_be_sent_to_people_who_do_not_exist(demo: Flask) -> None:
    assert count(OutboxMessage, OutboxMessage.state != MailState.SENT) == 0


def test_demo_shows_every_phase(demo: Flask) -> None:
    assert {registration_phase(event, NOW) for event in events()} == set(Phase)


def test_demo_shows_what_is_rare(demo: Flask) -> None:
    running = events(Event.starts_at <= NOW, Event.ends_at > NOW, Event.state == "published")
    assert len(running) == 2
    assert [e.cancellation_reason != "" for e in events(Event.state == EventState.CANCELLED)] == [
        True
    ]
    assert events(Event.language == "de") != []
    assert {e.period.code for e in events()} == {"2014-2020", "2021-2027"}
    assert count(Registration, Registration.state == State.PENDING) > 20
    assert {e.office.code for e in events(~Event.is_template)} == {
        "turku",
        "valencia",
        "viborg",
        "vienna",
    }


def test_selection_in_progress_has_pending_people_and_free_seats(demo: Flask) -> None:
    (academy,) = events(Event.title == "Academy for heads of joint secretariats: cohort 4")
    assert academy.admission is Admission.SELECTION
    assert registration_phase(academy, NOW) is Phase.OPEN


def test_people_write_their_names_in_several_scripts(demo: Flask) -> None:
    names = "".join(db.session.scalars(select(User.name)))
    assert {"Ζ", "Ц", "Þ", "ž", "Ł"} <= set(names)


def test_every_person_works_in_a_country_and_most_in_a_programme(demo: Flask) -> None:
    profiles = list(db.session.scalars(select(Profile)))
    with_programme = sum(profile.programme_id is not None for profile in profiles)
    assert with_programme > 0.8 * len(profiles)
    assert len({profile.country_id for profile in profiles}) > 25


def test_somebody_has_two_profiles(demo: Flask) -> None:
    controller = user_by_email("controller@demo.example")
    assert controller
    assert [profile.role.code for profile in controller.profiles] == ["CTRL", "GOA"]


@pytest.mark.parametrize("who", ["controller", "authority"])
def test_known_registrants_see_a_seat_a_place_in_line_and_a_certificate(
    demo: Flask, who: str
) -> None:
    user = user_by_email(f"{who}@demo.example")
    assert user
    mine = registrations_of(user, NOW)
    assert mine.coming != []
    assert State.WAITLISTED in {row.state for row in mine.undecided}
    assert mine.past != []
    certificate = certificates_of_user(user)[0]
    assert file_of(certificate).startswith(b"%PDF-")


def test_certificates_show_both_ways_of_publicity(demo: Flask) -> None:
    shown = {row.facts["publicity"] for row in db.session.scalars(select(Certificate))}
    assert shown == {"erdf", "co-funded"}


@pytest.mark.parametrize("code", ["turku", "vienna"])
def test_dashboards_have_certificates_to_issue(demo: Flask, code: str) -> None:
    office = db.session.scalars(select(Office).where(Office.code == code)).one()
    found = dashboard(office, NOW)
    assert found.to_certify.rows != []
    assert found.drafts.rows != []


def test_every_known_account_is_here(demo: Flask) -> None:
    assert demo_accounts() == list(DEMO_ACCOUNTS)


@pytest.mark.parametrize("email", [email for email, _ in DEMO_ACCOUNTS])
def test_every_known_account_signs_in(demo: Flask, email: str) -> None:
    browser = demo.test_client()
    assert isinstance(browser, Client)
    token = TOKEN.search(browser.get("/sign-in").text)
    assert token
    form = {"email": email, "password": DEMO_PASSWORD, "csrf_token": token.group(1)}
    assert browser.post("/sign-in", data=form).status_code == 303
    assert browser.get("/my/").status_code == 200
