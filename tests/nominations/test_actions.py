"""Seats that go to colleagues, people whom coordinators nominate: state, counts and mails."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from interact_events.accounts.actions import add_profile, delete_account, retire_profile, sign_up
from interact_events.accounts.models import Profile, User
from interact_events.accounts.queries import user_by_email
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Admission, Event, EventState, Mode
from interact_events.nominations import actions
from interact_events.nominations.models import Handover, ProgrammeCoordinator
from interact_events.registrations import actions as registrations
from interact_events.registrations.actions import Answers, Person
from interact_events.registrations.models import Needs, Registration, SessionChoice, State
from interact_events.registrations.queries import choices_by, standing_registration
from interact_events.registrations.rules import Cap, Dimension, Step
from tests import make

NOW = clock.now()
NAME = 'Ζωή "Žižka" <b>O\'Neil</b>'

pytestmark = pytest.mark.usefixtures("app")


def mails_to(address: str) -> list[str]:
    """The kinds, in their order."""
    rows = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.to_address == address).order_by(OutboxMessage.id)
    )
    return [row.kind for row in rows]


def newest_mail_to(address: str) -> OutboxMessage:
    query = select(OutboxMessage).where(OutboxMessage.to_address == address)
    found = db.session.scalars(query.order_by(OutboxMessage.id.desc())).first()
    assert found
    return found


def trail(table: str) -> list[tuple[str, int | None]]:
    """What was done to rows of a table, and by whom."""
    rows = db.session.scalars(
        select(AuditEntry).where(AuditEntry.subject_type == table).order_by(AuditEntry.id)
    )
    return [(row.action, row.actor_id) for row in rows]


def colleague(**values: Any) -> Profile:
    """Another controller of Central Baltic."""
    return make.profile(make.user("Bo Ek"), **values)


def offered(event: Event | None = None, to: str = "", **values: Any) -> Handover:
    """A seat whose holder has asked a colleague."""
    seat = make.registration(event or make.event(), make.user("Anna Virtanen"), **values)
    return actions.offer_seat(seat, to or "bo@example.org", now=NOW)


def accept(handover: Handover, profile: Profile, now: datetime = NOW, **said: Any) -> Registration:
    return actions.accept_handover(handover, profile, Answers(**said), user=profile.user, now=now)


def refused(sentence: str, handover: Handover, profile: Profile, now: datetime = NOW) -> None:
    """The colleague is told why, and the seat is where it was."""
    before = handover.registration.state
    with pytest.raises(DomainError, match=sentence):
        accept(handover, profile, now)
    assert handover.registration.state is before
    standing = standing_registration(handover.registration.event, profile.user)
    assert standing is None or standing.state is not State.CONFIRMED or sentence in str(standing)


# -- offering a seat


def test_offer_writes_to_the_address_and_keeps_no_token() -> None:
    event = make.event(contact_email="contact@example.org")
    handover = offered(event, "Bo@Example.org ")
    mail = newest_mail_to("bo@example.org")
    assert (mail.kind, mail.to_name, mail.reply_to) == (
        "nominations.handover",
        "",
        "contact@example.org",
    )
    token = re.search(r"/handovers/(\S+)", mail.text)
    assert token
    assert token.group(1) not in (handover.token_hash, "")
    assert len(handover.token_hash) == 64
    assert "Anna Virtanen" in mail.text
    assert "controller, " in mail.text
    assert event.title in mail.subject


def test_offer_says_the_same_to_who_has_an_account_and_who_has_not() -> None:
    known = colleague().user
    event = make.event()
    texts = []
    for address in (known.email, "stranger@example.org"):
        offered(event, address)
        text = newest_mail_to(address).text
        texts.append(re.sub(r"/handovers/\S+", "/handovers/TOKEN", text))
    assert texts[0] == texts[1]


@pytest.mark.parametrize(("starts_in", "open_for"), [(30, 72), (1, 24)])
def test_offer_lasts_three_days_but_never_beyond_the_start(starts_in: int, open_for: int) -> None:
    starts_at = NOW + timedelta(days=starts_in)
    event = make.event(starts_at=starts_at, ends_at=starts_at + timedelta(hours=6))
    assert offered(event).expires_at - NOW == timedelta(hours=open_for)


def test_offer_to_oneself_is_refused() -> None:
    seat = make.registration(make.event())
    with pytest.raises(DomainError, match="your own address") as refusal:
        actions.offer_seat(seat, seat.user.email.upper(), now=NOW)
    assert refusal.value.field == "email"


def test_one_colleague_at_a_time() -> None:
    handover = offered()
    with pytest.raises(DomainError, match="asked a colleague already"):
        actions.offer_seat(handover.registration, "cid@example.org", now=NOW)
    later = NOW + timedelta(days=4)
    second = actions.offer_seat(handover.registration, "cid@example.org", now=later)
    assert (handover.ended_at, second.ended_at) == (later, None)


@pytest.mark.parametrize(
    ("event", "seat"),
    [
        ({"state": EventState.CANCELLED}, {}),
        ({"starts_at": NOW, "ends_at": NOW + timedelta(hours=4)}, {}),
        ({}, {"state": State.WAITLISTED}),
        ({}, {"state": State.OFFERED}),
        ({}, {"state": State.CANCELLED}),
        ({}, {"answer_by": NOW}),
        ({}, {"told_at": NOW + timedelta(hours=1)}),
    ],
)
def test_only_a_seat_that_is_known_to_be_theirs_is_offered(
    event: dict[str, Any], seat: dict[str, Any]
) -> None:
    with pytest.raises(DomainError, match="can’t be handed over"):
        offered(make.event(**event), **seat)


def test_take_back_ends_the_link_and_does_the_same_twice() -> None:
    handover = offered()
    pressed = [actions.take_back(handover.registration, now=NOW) for _ in range(2)]
    assert pressed == [True, False]
    assert (handover.ended_at, handover.email) == (NOW, "")
    refused("taken back or refused", handover, colleague())
    holder = handover.registration.user_id
    assert trail("handovers") == [("handover offered", holder), ("handover taken back", holder)]


# -- taking it over


def test_the_seat_goes_to_the_colleague_and_not_to_the_waiting_list() -> None:
    event = make.event(capacity=1)
    bo = colleague()
    handover = offered(event, bo.user.email)
    waiting = make.registration(event, state=State.WAITLISTED)
    new = accept(handover, bo, diet="vegan", may_be_listed=True, wants_news=True)
    old = handover.registration
    assert (old.state, old.reason) == (State.CANCELLED, "Handed to a colleague.")
    assert (new.state, new.user, new.may_be_listed) == (State.CONFIRMED, bo.user, True)
    assert waiting.state is State.WAITLISTED
    assert (event.seats_taken, event.waiting) == (1, 1)
    assert bo.user.wants_news
    assert (handover.accepted_at, handover.ended_at, handover.email) == (NOW, NOW, "")


def test_both_hear_of_it_and_the_trail_says_who_did_it() -> None:
    bo = colleague()
    handover = offered(to=bo.user.email)
    holder = handover.registration.user
    accept(handover, bo)
    assert mails_to(holder.email) == ["nominations.handed_over"]
    assert mails_to(bo.user.email) == ["nominations.handover", "registrations.confirmed"]
    assert newest_mail_to(bo.user.email).calendar
    assert trail("handovers") == [
        ("handover offered", holder.id),
        ("handover accepted", bo.user_id),
    ]
    assert trail("registrations") == [("cancelled", bo.user_id), ("confirmed", bo.user_id)]


def test_needs_of_the_holder_are_forgotten() -> None:
    bo = colleague()
    handover = offered(to=bo.user.email)
    old = handover.registration
    db.session.add(Needs(registration_id=old.id, diet="vegan"))
    db.session.flush()
    new = accept(handover, bo, diet="no nuts")
    assert [(n.registration_id, n.diet) for n in db.session.scalars(select(Needs))] == [
        (new.id, "no nuts")
    ]


def test_sessions_and_mode_are_carried_over() -> None:
    event = make.event(mode=Mode.HYBRID, capacity=4, online_capacity=2)
    few = make.session(event, "Few seats", event.starts_at, event.ends_at, capacity=1)
    db.session.refresh(event)
    bo = colleague()
    handover = offered(event, bo.user.email, is_online=True)
    db.session.add(SessionChoice(registration_id=handover.registration_id, session_id=few.id))
    db.session.flush()
    registrations.recount(event)
    new = accept(handover, bo)
    assert (new.is_online, choices_by(new)) == (True, {few.id})


@pytest.mark.parametrize("state", [State.WAITLISTED, State.PENDING])
def test_a_place_of_the_colleagues_own_gives_way_silently(state: State) -> None:
    event = make.event(capacity=1)
    bo = colleague()
    handover = offered(event, bo.user.email)
    own = make.registration(event, bo.user, state)
    new = accept(handover, bo)
    assert (own.state, new.state) == (State.CANCELLED, State.CONFIRMED)
    assert mails_to(bo.user.email) == ["nominations.handover", "registrations.confirmed"]


def test_the_seat_held_for_a_nomination_of_the_colleague_goes_to_the_next_in_line() -> None:
    event = make.event(capacity=2)
    bo = colleague()
    handover = offered(event, bo.user.email)
    own = make.registration(
        event,
        bo.user,
        State.UNCONFIRMED,
        upon_confirmation=State.CONFIRMED,
        nominated_by_id=make.user().id,
        answer_by=make.days(5),
    )
    next_one = make.registration(event, state=State.WAITLISTED)
    accept(handover, bo)
    assert (own.state, next_one.state) == (State.CANCELLED, State.CONFIRMED)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"state": State.CONFIRMED}, "have a seat at this event already"),
        ({"state": State.OFFERED}, "seat is offered to you already"),
        ({"state": State.DECLINED}, "has declined your application"),
        (
            {"state": State.DECLINED, "told_at": NOW + timedelta(hours=1)},
            "decides on your application now",
        ),
        (
            {"state": State.CONFIRMED, "told_at": NOW + timedelta(hours=1)},
            "decides on your application now",
        ),
    ],
)
def test_a_colleague_whose_case_is_decided_is_refused(
    values: dict[str, Any], sentence: str
) -> None:
    event = make.event()
    bo = colleague()
    handover = offered(event, bo.user.email)
    own = make.registration(event, bo.user, **values)
    with pytest.raises(DomainError, match=sentence):
        accept(handover, bo)
    assert (handover.registration.state, own.state) == (State.CONFIRMED, values["state"])


def test_only_the_address_that_was_written_to_takes_it() -> None:
    bo, stranger = colleague(), colleague()
    handover = offered(to=bo.user.email)
    refused("another address", handover, stranger)
    bo.user.confirmed_at = None
    refused("another address", handover, bo)


def test_nobody_comes_as_the_profile_of_another() -> None:
    bo = colleague()
    handover = offered(to=bo.user.email)
    with pytest.raises(DomainError, match="one of your profiles"):
        actions.accept_handover(handover, colleague(), Answers(), user=bo.user, now=NOW)


def test_a_retired_profile_is_refused() -> None:
    bo = colleague()
    handover = offered(to=bo.user.email)
    retire_profile(bo, now=NOW)
    refused("one of your profiles", handover, bo)


def test_role_and_programme_have_to_be_the_same() -> None:
    authority = colleague(role_id=make.role("MA").id)
    refused("controller of", offered(to=authority.user.email), authority)
    elsewhere = colleague(programme_id=make.programme("Alpine").id)
    refused("controller of", offered(to=elsewhere.user.email), elsewhere)


def test_where_there_is_no_programme_the_institution_has_to_be_the_same() -> None:
    anna = make.user("Anna")
    make.profile(anna, programme_id=None)
    seat = make.registration(make.event(), anna)
    elsewhere = colleague(programme_id=None, institution="City of Turku")
    refused(
        "of Regional Council",
        actions.offer_seat(seat, elsewhere.user.email, now=NOW),
        elsewhere,
    )
    actions.take_back(seat, now=NOW)
    same = colleague(programme_id=None, institution="regional council of SOUTHWEST Finland")
    assert accept(actions.offer_seat(seat, same.user.email, now=NOW), same).holds_seat


def test_a_full_programme_hands_over_within_itself() -> None:
    event = make.event()
    make.seat_rules(event, caps=(Cap(Dimension.PROGRAMME, (Step(None, 1),)),))
    bo = colleague(institution="City of Turku")
    new = accept(offered(event, bo.user.email), bo)
    assert new.state is State.CONFIRMED


def test_the_limit_of_another_country_holds() -> None:
    event = make.event()
    make.seat_rules(event, caps=(Cap(Dimension.COUNTRY, (Step(None, 1),)),))
    make.registration(event, colleague(country_id=make.country("EE").id).user)
    bo = colleague(country_id=make.country("EE").id)
    refused("Your country has its 1 seat", offered(event, bo.user.email), bo)


def test_a_role_that_is_not_invited_any_more_is_refused() -> None:
    event = make.event()
    bo = colleague()
    handover = offered(event, bo.user.email)
    event.roles = [make.role("MA")]
    db.session.flush()
    refused("event is for managing authorities", handover, bo)


def test_an_exception_that_staff_have_made_goes_with_the_seat() -> None:
    event = make.event()
    bo = colleague()
    handover = offered(event, bo.user.email, override="Their programme presents a case.")
    event.roles = [make.role("MA")]
    db.session.flush()
    assert accept(handover, bo).override == "Their programme presents a case."


def test_an_event_by_invitation_lets_the_colleague_in() -> None:
    event = make.event()
    make.seat_rules(event, by_invitation=True)
    bo = colleague()
    assert accept(offered(event, bo.user.email), bo).state is State.CONFIRMED


def test_pressed_twice_the_seat_stays_theirs() -> None:
    bo = colleague()
    handover = offered(to=bo.user.email)
    assert accept(handover, bo) is accept(handover, bo)
    refused("has been taken over", handover, colleague())


def test_too_late() -> None:
    bo = colleague()
    handover = offered(to=bo.user.email)
    refused("time to answer was over", handover, bo, now=handover.expires_at)
    event = handover.registration.event
    refused("event has started", handover, bo, now=event.starts_at)


def test_after_the_event_is_cancelled() -> None:
    bo = colleague()
    handover = offered(to=bo.user.email)
    handover.registration.event.state = EventState.CANCELLED
    db.session.flush()
    refused("event is cancelled", handover, bo)


def test_after_the_holder_has_cancelled() -> None:
    bo = colleague()
    handover = offered(to=bo.user.email)
    holder = handover.registration.user
    registrations.cancel_registration(handover.registration, actor=holder, now=NOW)
    refused("no longer has it", handover, bo)


def test_after_the_holder_has_deleted_their_account() -> None:
    bo = colleague()
    handover = offered(to=bo.user.email)
    delete_account(handover.registration.user, now=NOW)
    refused("no longer has it", handover, bo)


def test_refusing_needs_no_account_and_tells_the_holder() -> None:
    handover = offered()
    actions.refuse_handover(handover, actor=None, now=NOW)
    holder = handover.registration.user
    assert handover.registration.state is State.CONFIRMED
    assert mails_to(holder.email) == ["nominations.seat_kept"]
    assert "has said no. The seat is still yours" in newest_mail_to(holder.email).text
    with pytest.raises(DomainError, match="taken back or refused"):
        actions.refuse_handover(handover, actor=None, now=NOW)


def test_names_are_printed_as_they_are() -> None:
    bo = make.profile(make.user(NAME))
    seat = make.registration(make.event(), make.user(NAME))
    handover = actions.offer_seat(seat, bo.user.email, now=NOW)
    mail = newest_mail_to(bo.user.email)
    assert NAME in mail.text
    assert "<b>O" not in mail.html
    assert accept(handover, bo).name == NAME


# -- coordinators


def coordinator(programme: str = "Central Baltic", **values: Any) -> User:
    user = make.user("Carla Coordinator", **values)
    row = ProgrammeCoordinator(
        programme_id=make.programme(programme).id,
        user_id=user.id,
        named_by="Letter",
        added_by_id=user.id,
        started_at=NOW,
    )
    db.session.add(row)
    db.session.commit()
    return user


def test_name_coordinator_writes_audit_and_a_mail() -> None:
    staff, user = make.coordinator(), make.user()
    row = actions.name_coordinator(
        make.programme(), user.email, "Letter of 3 May", actor=staff, now=NOW
    )
    assert (row.user, row.programme, row.named_by, row.started_at, row.ended_at) == (
        user,
        make.programme(),
        "Letter of 3 May",
        NOW,
        None,
    )
    assert mails_to(user.email) == ["nominations.coordinator_named"]
    actions.end_coordination(row, actor=staff, now=NOW)
    assert trail("programme_coordinators") == [
        ("coordinator named", staff.id),
        ("coordination ended", staff.id),
    ]


def test_name_coordinator_asks_for_a_confirmed_account_and_once() -> None:
    staff, user = make.coordinator(), make.user()
    for address in ("nobody@example.org", make.user(confirmed_at=None).email):
        with pytest.raises(DomainError, match="has confirmed it"):
            actions.name_coordinator(make.programme(), address, "Letter", actor=staff, now=NOW)
    actions.name_coordinator(make.programme(), user.email, "Letter", actor=staff, now=NOW)
    with pytest.raises(DomainError, match="already"):
        actions.name_coordinator(make.programme(), user.email, "Letter", actor=staff, now=NOW)


# -- nominations


def person(name: str = "Dora", **values: Any) -> Person:
    facts = {
        "email": f"{name.lower()}@example.org",
        "name": name,
        "zone": "Europe/Helsinki",
        "institution": "City of Turku",
        "role": make.role(),
        "programme": make.programme(),
        "country": make.country(),
    }
    return Person(**(facts | values))  # type: ignore[arg-type]


def nominate(event: Event, *people: Person, actor: User | None = None) -> list[actions.Nominated]:
    actor = actor or coordinator()
    return actions.nominate(make.programme(), event, people, actor=actor, now=NOW)


def like(user: User) -> Person:
    return person(user.name, email=user.email)


def test_nominate_holds_what_the_rules_give_for_a_week() -> None:
    event = make.event(capacity=9)
    make.seat_rules(event, caps=(Cap(Dimension.PROGRAMME, (Step(None, 2),)),))
    found = nominate(event, person("Anna"), person("Bo"), person("Cid"))
    assert [each.outcome for each in found] == [
        "a seat is held",
        "a seat is held",
        "on the waiting list: your programme has its 2 seats",
    ]
    rows = [each.registration for each in found]
    assert {row.state for row in rows} == {State.UNCONFIRMED}
    assert [row.upon_confirmation for row in rows] == [
        State.CONFIRMED,
        State.CONFIRMED,
        State.WAITLISTED,
    ]
    assert {row.answer_by for row in rows} == {NOW + timedelta(days=7)}
    assert (event.seats_taken, event.waiting) == (2, 1)


def test_nominate_where_the_office_selects_is_an_application() -> None:
    event = make.event(admission=Admission.SELECTION)
    (found,) = nominate(event, person())
    assert found.registration.upon_confirmation is State.PENDING
    assert found.outcome == "an application, on which the office decides"


def test_nominate_never_holds_beyond_the_start() -> None:
    starts_at = NOW + timedelta(days=2)
    event = make.event(starts_at=starts_at, ends_at=starts_at + timedelta(hours=5))
    (found,) = nominate(event, person())
    assert found.registration.answer_by == event.starts_at


def test_nominate_somebody_without_account_makes_one_that_nobody_can_enter() -> None:
    nominate(make.event(), person("Dora"))
    user = user_by_email("dora@example.org")
    assert user
    assert (user.name, user.confirmed_at) == ("Dora", None)
    assert mails_to(user.email) == ["nominations.nomination_newcomer"]
    assert "/reset-password/" in newest_mail_to(user.email).text


def test_nominate_somebody_with_an_account_changes_nothing_of_it() -> None:
    known = make.user("Dora Known", zone="Europe/Paris", wants_news=True)
    before = (known.name, known.password_hash, known.zone, known.wants_news, known.confirmed_at)
    (found,) = nominate(make.event(), person("Dora", email=known.email.upper()))
    db.session.refresh(known)
    assert found.registration.user is known
    assert before == (
        known.name,
        known.password_hash,
        known.zone,
        known.wants_news,
        known.confirmed_at,
    )
    assert mails_to(known.email) == ["nominations.nomination"]
    mail = newest_mail_to(known.email)
    assert "Carla Coordinator" in mail.text
    assert f"/my/registrations/{found.registration.id}" in mail.text


def test_an_account_that_waits_for_confirmation_is_not_changed_either() -> None:
    """Whoever signed up with somebody else's address gains nothing by the nomination."""
    sign_up(
        email="dora@example.org",
        name="Mallory",
        password="seven green bicycles sing",
        zone="Europe/Paris",
        now=NOW,
    )
    squatter = user_by_email("dora@example.org")
    assert squatter
    before = squatter.password_hash, squatter.name
    (found,) = nominate(make.event(), person("Dora"))
    assert (squatter.password_hash, squatter.name, squatter.confirmed_at) == (*before, None)
    assert found.registration.name == "Dora"
    assert mails_to("dora@example.org")[-1] == "nominations.nomination_newcomer"


def test_the_coordinator_sees_what_they_wrote_until_the_person_accepts() -> None:
    """Else the list would tell who has an account."""
    known = make.user("Dora Known")
    (found,) = nominate(make.event(), person("Dora", email=known.email))
    assert found.registration.name == "Dora"
    registrations.accept(found.registration, now=NOW)
    assert found.registration.name == "Dora Known"


def test_the_profile_of_that_capacity_is_found_or_made() -> None:
    known = make.profile(make.user(), institution="City of Turku")
    (found,) = nominate(make.event(), like(known.user))
    assert found.registration.profile_id == known.id
    add_profile(
        known.user,
        institution="City of Turku",
        role=make.role("MA"),
        programme=None,
        country=make.country(),
        now=NOW,
    )
    (found,) = nominate(make.event(), like(known.user))
    assert found.registration.profile_id == known.id


def test_all_or_none_and_every_fault_is_named() -> None:
    event = make.event()
    known = make.user("Eva")
    make.registration(event, known)
    db.session.commit()
    with pytest.raises(actions.RowsRefused) as refusal:
        nominate(event, person("Anna"), like(known), person("Bo"), person("Anna"))
    assert refusal.value.rows == {
        1: "Eva is on the list of this event already.",
        3: "Anna: this address is above already.",
    }
    db.session.rollback()
    assert user_by_email("anna@example.org") is None
    assert event.seats_taken == 1


def test_whom_the_event_is_not_for_is_refused_at_their_row() -> None:
    event = make.event()
    event.roles = [make.role("MA")]
    with pytest.raises(actions.RowsRefused) as refusal:
        nominate(event, person("Anna", role=make.role("MA")), person("Bo"))
    assert list(refusal.value.rows) == [1]
    assert refusal.value.rows[1].startswith("Bo: This event is for managing authorities.")


@pytest.mark.parametrize("people", [0, 11])
def test_some_people_but_not_too_many(people: int) -> None:
    with pytest.raises(DomainError, match=r"at (least one|most 10)"):
        nominate(make.event(), *[person(f"P{number}") for number in range(people)])


def test_only_who_coordinates_the_programme_nominates() -> None:
    event = make.event()
    with pytest.raises(DomainError, match="don’t coordinate"):
        nominate(event, person(), actor=make.user())
    with pytest.raises(DomainError, match="don’t coordinate"):
        nominate(event, person(), actor=coordinator("Alpine"))
    ended = coordinator()
    row = db.session.scalars(select(ProgrammeCoordinator).filter_by(user_id=ended.id)).one()
    actions.end_coordination(row, actor=None, now=NOW)
    with pytest.raises(DomainError, match="don’t coordinate"):
        nominate(event, person(), actor=ended)


def test_only_while_registration_is_open() -> None:
    with pytest.raises(DomainError, match="Registration closed"):
        nominate(make.event(registration_closes_at=NOW), person())


def test_the_nominee_accepts() -> None:
    known = make.user()
    event = make.event(capacity=1)
    (found,) = nominate(event, like(known))
    said = registrations.accept(found.registration, now=NOW)
    assert said == "Thank you: you have a seat."
    assert found.registration.state is State.CONFIRMED
    assert mails_to(known.email) == ["nominations.nomination", "registrations.confirmed"]


def test_the_nominee_says_no_and_the_next_one_moves_up() -> None:
    event = make.event(capacity=1)
    (found,) = nominate(event, person())
    waiting = make.registration(event, state=State.WAITLISTED)
    registrations.cancel_registration(found.registration, actor=found.registration.user, now=NOW)
    assert (found.registration.state, waiting.state) == (State.CANCELLED, State.CONFIRMED)


def test_an_answer_that_stays_out_releases_the_seat_to_the_next_in_line() -> None:
    event = make.event(capacity=1)
    (found,) = nominate(event, person())
    waiting = make.registration(event, state=State.WAITLISTED)
    registrations.settle(event, now=NOW + timedelta(days=7) - timedelta(seconds=1))
    assert found.registration.state is State.UNCONFIRMED
    registrations.settle(event, now=NOW + timedelta(days=7))
    assert (found.registration.state, waiting.state) == (State.CANCELLED, State.CONFIRMED)
    assert mails_to("dora@example.org")[-1] == "registrations.nomination_over"


def test_confirming_the_address_accepts_nothing() -> None:
    event = make.event(capacity=1)
    (found,) = nominate(event, person())
    user = found.registration.user
    assert registrations.confirm_newcomer(user, now=NOW) == []
    registrations.settle(event, now=NOW)
    states = [found.registration.state]
    registrations.accept(found.registration, now=NOW)
    states.append(found.registration.state)
    assert user.confirmed_at
    assert states == [State.UNCONFIRMED, State.CONFIRMED]


def test_a_nominee_who_deletes_the_account_frees_the_seat() -> None:
    event = make.event(capacity=1)
    known = make.user()
    (found,) = nominate(event, like(known))
    waiting = make.registration(event, state=State.WAITLISTED)
    delete_account(known, now=NOW)
    registrations.forget_deleted_people(now=NOW)
    assert (found.registration.state, waiting.state) == (State.CANCELLED, State.CONFIRMED)


def test_an_event_by_invitation_asks_for_the_address_not_for_the_account() -> None:
    event = make.event()
    make.seat_rules(event, by_invitation=True)
    staff = make.member()
    registrations.invite(event, ["dora@example.org"], actor=staff, now=NOW)
    (found,) = nominate(event, person("Dora"))
    assert found.registration.invitation_id
    with pytest.raises(actions.RowsRefused, match="by invitation only"):
        nominate(event, person("Emil"))
