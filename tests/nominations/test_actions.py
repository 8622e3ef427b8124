"""Seats that go to colleagues, people whom coordinators nominate: state, counts and mails."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from interact_events.accounts.actions import (
    delete_account,
    retire_profile,
    sign_up,
    user_with_password,
)
from interact_events.accounts.models import Profile, User
from interact_events.accounts.queries import profiles_of, user_by_email
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Admission, Event, EventState, Mode
from interact_events.nominations import actions
from interact_events.nominations.models import Handover, ProgrammeCoordinator
from interact_events.nominations.policies import place_in_words
from interact_events.nominations.queries import Nomination, places_of
from interact_events.registrations import actions as registrations
from interact_events.registrations import checks
from interact_events.registrations.actions import Answers
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
    refused("programme: controller, .*Central Baltic", offered(to=authority.user.email), authority)
    elsewhere = colleague(programme_id=make.programme("Alpine").id)
    refused("programme: controller, .*Central Baltic", offered(to=elsewhere.user.email), elsewhere)


def test_where_there_is_no_programme_the_institution_has_to_be_the_same() -> None:
    anna = make.user("Anna")
    make.profile(anna, programme_id=None)
    seat = make.registration(make.event(), anna)
    elsewhere = colleague(programme_id=None, institution="City of Turku")
    refused(
        "stays in the institution: controller, Regional Council",
        actions.offer_seat(seat, elsewhere.user.email, now=NOW),
        elsewhere,
    )
    actions.take_back(seat, now=NOW)
    same = colleague(programme_id=None, institution="regional council of SOUTHWEST Finland")
    assert accept(actions.offer_seat(seat, same.user.email, now=NOW), same).holds_seat


def test_a_seat_goes_only_to_who_has_one_at_the_event_that_comes_first() -> None:
    first = make.event("Module 1", starts_at=make.days(10), ends_at=make.days(11))
    event, profile = make.event(), colleague()
    registrations.put_after(event, first, actor=make.member(), now=NOW)
    handover = offered(event, profile.user.email)
    refused("This event is for people who have a seat at “Module 1”.", handover, profile)
    make.registration(first, profile.user)
    assert accept(handover, profile).state is State.CONFIRMED


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


def person(name: str = "Dora", **values: Any) -> actions.Nominee:
    facts = {
        "email": f"{name.lower()}@example.org",
        "name": name,
        "zone": "Europe/Helsinki",
        "institution": "City of Turku",
        "role": make.role(),
        "programme": make.programme(),
        "country": make.country(),
    }
    return actions.Nominee(**(facts | values))  # type: ignore[arg-type]


def nominate(
    event: Event, *people: actions.Nominee, actor: User | None = None
) -> list[actions.Nominated]:
    actor = actor or coordinator()
    return actions.nominate(make.programme(), event, people, actor=actor, now=NOW)


def like(user: User) -> actions.Nominee:
    return person(user.name, email=user.email)


def modules() -> tuple[Event, Event]:
    """Who has a seat at the first may come to the second."""
    first, second = make.event("Module 1"), make.event("Module 2", starts_at=make.days(40))
    registrations.put_after(second, first, actor=make.member(), now=NOW)
    db.session.commit()
    return first, second


def test_nominate_whom_the_programme_has_at_the_event_that_comes_first() -> None:
    first, second = modules()
    anna = make.registration(first, make.user("Anna")).user
    (found,) = nominate(second, like(anna))
    assert found.outcome == "a seat is held"
    actions.accept_nomination(Nomination(found.registration, anna), now=NOW)
    assert found.registration.state is State.CONFIRMED


@pytest.mark.parametrize("has", ["no account", "no seat", "a secret seat", "another programme's"])
def test_nominate_tells_nothing_of_seats_elsewhere(has: str) -> None:
    first, second = modules()
    user = make.user("Dora")
    if has == "a secret seat":
        make.registration(first, user, told_at=NOW + timedelta(days=1))
    elif has == "another programme's":
        make.profile(user, programme_id=make.programme("Baltic Sea").id)
        make.registration(first, user)
    asked = person() if has == "no account" else like(user)
    with pytest.raises(actions.RowsRefused) as refusal:
        nominate(second, asked)
    assert refusal.value.message == (
        f"Dora has no seat of {make.programme().name} at “Module 1”, which comes first."
    )


def test_nominate_who_comes_to_the_second_in_another_capacity() -> None:
    """An account that nobody enters holds the place, and needs no seat of its own."""
    first, second = modules()
    anna = make.registration(first, make.user("Anna")).user
    other = make.programme("Baltic Sea").id
    make.registration(second, anna, programme_id=other)
    (found,) = nominate(second, like(anna))
    assert (found.registration.user == anna, found.outcome) == (False, "a seat is held")


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


def test_nominate_for_a_seat_on_site_or_online() -> None:
    event = make.event(mode=Mode.HYBRID, capacity=6, online_capacity=5)
    make.registration(event)
    found = nominate(event, person("Anna"), person("Bo", is_online=True))
    assert [each.outcome for each in found] == [
        "on the waiting list: the only seat on site is taken",
        "a seat online is held",
    ]
    assert [each.registration.is_online for each in found] == [False, True]
    mail = newest_mail_to("bo@example.org").text
    assert "A seat online is held for you" in mail
    assert "Where: Online" in mail
    mail = newest_mail_to("anna@example.org").text
    assert "The only seat on site is taken. So a place on the waiting list" in mail
    assert "Where: Logomo" in mail


def test_a_nominee_changes_how_they_take_part() -> None:
    event = make.event(mode=Mode.HYBRID, capacity=6, online_capacity=5)
    dora = make.user("Dora", email="dora@example.org")
    (found,) = nominate(event, person("Dora", is_online=True))
    actions.accept_nomination(Nomination(found.registration, dora), now=NOW)
    registrations.change_mode(found.registration, is_online=False, now=NOW)
    row = found.registration
    assert (row.state, row.is_online) == (State.CONFIRMED, False)


@pytest.mark.parametrize("mode", [Mode.ONLINE, Mode.IN_PERSON])
def test_nominate_where_there_is_one_way_to_take_part(mode: Mode) -> None:
    (found,) = nominate(make.event(mode=mode), person(is_online=mode is Mode.IN_PERSON))
    assert found.registration.is_online is (mode is Mode.ONLINE)
    assert found.outcome == "a seat is held"


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
    assert mails_to(user.email) == ["nominations.nomination"]
    assert "when you accept you choose a password" in newest_mail_to(user.email).text


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
    assert "/nominations/" in mail.text
    assert "password" not in mail.text
    assert list(profiles_of(known)) == []


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
    assert list(profiles_of(squatter)) == []
    assert mails_to("dora@example.org")[-1] == "nominations.nomination"


def test_the_coordinator_sees_what_they_wrote_until_the_person_accepts() -> None:
    """Else the list would tell who has an account."""
    known = make.user("Dora Known")
    (found,) = nominate(make.event(), person("Dora", email=known.email))
    assert found.registration.name == "Dora"
    registrations.accept(found.registration, now=NOW)
    assert found.registration.name == "Dora Known"


def test_a_nomination_writes_no_profile_and_acceptance_does() -> None:
    """What somebody else writes of a person is theirs by their own yes."""
    known = make.user()
    (found,) = nominate(make.event(), like(known))
    assert (list(profiles_of(known)), found.registration.profile_id) == ([], None)
    registrations.accept(found.registration, now=NOW)
    (profile,) = profiles_of(known)
    assert found.registration.profile_id == profile.id
    assert (profile.institution, profile.role) == ("City of Turku", make.role())


def test_acceptance_finds_the_profile_of_that_capacity() -> None:
    known = make.profile(make.user(), institution="City of Turku")
    (found,) = nominate(make.event(), like(known.user))
    registrations.accept(found.registration, now=NOW)
    assert (list(profiles_of(known.user)), found.registration.profile_id) == ([known], known.id)


def faults(refusal: pytest.ExceptionInfo[actions.RowsRefused]) -> list[tuple[int, str, str]]:
    return sorted((fault.row, fault.field, fault.sentence) for fault in refusal.value.faults)


def test_all_or_none_and_every_fault_is_named() -> None:
    event = make.event()
    event.roles, event.strands = [make.role()], []
    make.seat_rules(event, countries=(make.country().id,))
    known = make.user("Eva")
    make.registration(event, known)
    db.session.commit()
    ministry = {"role": make.role("MA"), "country": make.country("SE")}
    with pytest.raises(actions.RowsRefused) as refusal:
        nominate(
            event,
            person("Anna"),
            like(known),
            person("Bo", country=make.country("SE")),
            person("Anna", **ministry),
        )
    assert [(row, field, said.partition(".")[0]) for row, field, said in faults(refusal)] == [
        (1, "email", "Eva is on the list of this event already"),
        (2, "country", "Bo: This event is for people from Finland"),
        (3, "email", "Anna: this address is above already"),
        (3, "role", "Anna: This event is for controllers and people from Finland"),
    ]
    db.session.rollback()
    assert user_by_email("anna@example.org") is None
    assert event.seats_taken == 1


def test_whom_the_event_is_not_for_is_refused_at_their_row() -> None:
    event = make.event()
    event.roles = [make.role("MA")]
    with pytest.raises(actions.RowsRefused) as refusal:
        nominate(event, person("Anna", role=make.role("MA")), person("Bo"))
    ((row, field, said),) = faults(refusal)
    assert (row, field) == (1, "role")
    assert said.startswith("Bo: This event is for managing authorities.")


def test_an_event_for_other_programmes_takes_none_of_this_one() -> None:
    event = make.event()
    make.seat_rules(event, programmes=(make.programme("Alpine").id,))
    with pytest.raises(DomainError, match=r"This event is not for .*Central Baltic"):
        nominate(event, person())


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
    registrations.forget_deleted_people(event, now=NOW)
    assert (found.registration.state, waiting.state) == (State.CANCELLED, State.CONFIRMED)


def test_an_event_by_invitation_takes_no_nominations() -> None:
    """A yes to one and a no to another would tell whom the office has invited."""
    event = make.event()
    make.seat_rules(event, by_invitation=True)
    registrations.invite(event, ["dora@example.org"], actor=make.member(), now=NOW)
    for name in ("Dora", "Emil"):
        with pytest.raises(DomainError, match="by invitation only: Interact Office Turku says"):
            nominate(event, person(name))


# -- who is at the event in another capacity


def elsewhere(event: Event, state: State = State.CONFIRMED, **values: Any) -> Registration:
    """Somebody of another programme on the event's list."""
    user = make.user("Dora Known")
    make.profile(user, programme_id=make.programme("Alpine").id)
    return make.registration(event, user, state, **values)


def hidden(event: Event, kind: str) -> Registration:
    """Somebody on the event's list whom the programme's coordinators are not shown."""
    if kind == "declined":
        user = make.profile().user
        return make.registration(event, user, State.DECLINED)
    if kind == "newcomer":
        user = make.profile(make.user(confirmed_at=None)).user
        return make.registration(
            event,
            user,
            State.UNCONFIRMED,
            upon_confirmation=State.CONFIRMED,
            answer_by=make.days(1),
        )
    return elsewhere(event, State(kind))


@pytest.mark.parametrize("kind", ["confirmed", "waitlisted", "declined", "newcomer"])
def test_who_is_at_the_event_elsewhere_looks_like_a_stranger(kind: str) -> None:
    """Else a coordinator could try addresses to learn who is on an event's list."""
    seen = []
    for is_there in (True, False):
        event = make.event(capacity=9)
        make.seat_rules(event, caps=(Cap(Dimension.PROGRAMME, (Step(None, 1),)),))
        own = hidden(event, kind)
        email = own.user.email if is_there else "stranger@example.org"
        carla = coordinator()
        before = event.seats_taken, event.waiting
        found = nominate(event, person("Dora", email=email), person("Emil"), actor=carla)
        after = event.seats_taken, event.waiting
        with pytest.raises(actions.RowsRefused) as refusal:
            nominate(event, person("Dora", email=email), actor=carla)
        places = places_of(make.programme(), [event], NOW)[event.id]
        seen.append(
            (
                [each.outcome for each in found],
                [new - old for new, old in zip(after, before, strict=True)],
                faults(refusal),
                [(row.name, place_in_words(row, NOW), row.answer_by) for row in places.people],
                places.seats,
            )
        )
        assert own.state is State(kind if kind != "newcomer" else "unconfirmed")
    assert seen[0] == seen[1]


def test_they_keep_their_place_and_are_told_so() -> None:
    event = make.event(capacity=9)
    own = elsewhere(event)
    (found,) = nominate(event, person("Dora", email=own.user.email))
    assert (own.state, found.registration.state) == (State.CONFIRMED, State.UNCONFIRMED)
    mail = newest_mail_to(own.user.email)
    assert mails_to(own.user.email) == ["nominations.nomination"]
    assert "There is a registration for this event with your e-mail address already." in mail.text
    assert "A seat is held for you" not in mail.text
    assert mails_to(found.registration.user.email) == []


def test_they_free_the_other_place_by_declining() -> None:
    event = make.event(capacity=2)
    own = elsewhere(event)
    (found,) = nominate(event, person("Dora", email=own.user.email))
    waiting = make.registration(event, state=State.WAITLISTED)
    actions.decline_nomination(Nomination(found.registration, own.user), now=NOW)
    assert (own.state, waiting.state) == (State.CONFIRMED, State.CONFIRMED)
    assert found.registration.state is State.CANCELLED


def test_they_come_by_the_nomination_once_they_have_given_up_their_own_place() -> None:
    event = make.event(capacity=9)
    own = elsewhere(event)
    dora = own.user
    (found,) = nominate(event, person("Dora", email=dora.email))
    nomination = Nomination(found.registration, dora)
    with pytest.raises(DomainError, match="registration for this event already"):
        actions.accept_nomination(nomination, now=NOW)
    registrations.cancel_registration(own, actor=dora, now=NOW)
    assert actions.accept_nomination(nomination, now=NOW) == "Thank you: you have a seat."
    row = standing_registration(event, dora)
    assert row is found.registration
    assert (row.name, row.reason, "dora" in row.search_text) == ("Dora Known", "", True)


def test_a_name_that_stood_for_nothing_is_forgotten() -> None:
    event = make.event(capacity=9)
    own = elsewhere(event)
    (found,) = nominate(event, person("Dora", email=own.user.email))
    assert actions.forget_stood_in() == 0
    registrations.forget_deleted_people(event, now=NOW)
    assert found.registration.state is State.UNCONFIRMED
    registrations.settle(event, now=NOW + timedelta(days=7))
    assert (found.registration.state, actions.forget_stood_in()) == (State.CANCELLED, 1)
    assert (found.registration.name, found.registration.institution) == ("Nominated person", "")
    assert actions.forget_stood_in() == 0


def test_only_people_with_an_address_hear_of_changes() -> None:
    event = make.event(capacity=9)
    own = elsewhere(event)
    nominate(event, person("Dora", email=own.user.email))
    registrations.cancel_event(event, "Storm", actor=make.member(), now=NOW)
    addresses = db.session.scalars(select(OutboxMessage.to_address)).all()
    assert own.user.email in addresses
    assert [address for address in addresses if address.endswith("@invalid")] == []


# -- the nominee's mail and answer


def test_the_mail_says_why_there_is_no_seat() -> None:
    event = make.event(capacity=9)
    make.seat_rules(event, caps=(Cap(Dimension.PROGRAMME, (Step(None, 1),)),))
    nominate(event, person("Anna"), person("Bo"))
    text = newest_mail_to("bo@example.org").text
    assert "Your programme has its 1 seat. So a place on the waiting list is held for you" in text
    assert "no free seat" not in text
    full = make.event(capacity=1)
    nominate(full, person("Cid"), person("Dora"))
    assert "The only seat is taken. So a place" in newest_mail_to("dora@example.org").text


def test_a_newcomer_accepts_with_one_password() -> None:
    event = make.event(capacity=1)
    (found,) = nominate(event, person("Dora"))
    nomination = Nomination(found.registration, found.registration.user)
    six_days = NOW + timedelta(days=6)
    said = actions.accept_as_newcomer(
        nomination, "Dora Δ", "seven green bicycles sing", now=six_days
    )
    user = user_by_email("dora@example.org")
    assert user
    assert said == "Thank you: you have a seat."
    assert (user.confirmed_at, user.name, found.registration.name) == (six_days, "Dora Δ", "Dora Δ")
    assert user_with_password(user.email, "seven green bicycles sing") is user


def test_a_squatters_password_goes_when_the_owner_accepts() -> None:
    sign_up(
        email="dora@example.org",
        name="Mallory",
        password="seven green bicycles sing",
        zone="Europe/Paris",
        now=NOW,
    )
    (found,) = nominate(make.event(), person("Dora"))
    nomination = Nomination(found.registration, found.registration.user)
    actions.accept_as_newcomer(nomination, "Dora", "nine yellow tricycles hum", now=NOW)
    assert user_with_password("dora@example.org", "seven green bicycles sing") is None


def fills_in_the_form(event: Event, answers: Answers) -> None:
    """Dora does not know, or care, that she is nominated."""
    registrations.register_newcomer(
        person("Dora"), "seven green bicycles sing", event, answers, now=NOW
    )


def test_the_form_of_somebody_who_is_nominated_keeps_its_answers() -> None:
    event = make.event(mode=Mode.HYBRID, online_capacity=5)
    few = make.session(event, "Sampling", event.starts_at, event.ends_at, capacity=2)
    (found,) = nominate(event, person("Dora"))
    answers = Answers(diet="vegan", may_be_listed=True, is_online=True, sessions=(few.id,))
    fills_in_the_form(event, answers)
    row = found.registration
    needs = db.session.get(Needs, row.id)
    assert needs
    assert needs.diet == "vegan"
    assert (row.may_be_listed, row.is_online, choices_by(row)) == (True, True, {few.id})
    assert (row.state, row.holds_seat) == (State.UNCONFIRMED, True)


def test_the_form_of_a_nominee_changes_no_held_seat_where_there_is_no_other() -> None:
    event = make.event(mode=Mode.HYBRID, capacity=5, online_capacity=1)
    make.registration(event, is_online=True)
    (found,) = nominate(event, person("Dora"))
    fills_in_the_form(event, Answers(access="step-free", is_online=True))
    row = found.registration
    needs = db.session.get(Needs, row.id)
    assert (row.is_online, row.holds_seat) == (False, True)
    assert needs
    assert needs.access == "step-free"


def test_the_form_of_a_nominee_does_not_overfill_a_session() -> None:
    event = make.event()
    few = make.session(event, "Sampling", event.starts_at, event.ends_at, capacity=1)
    other = make.registration(event)
    db.session.add(SessionChoice(registration_id=other.id, session_id=few.id))
    registrations.recount(event)
    nominate(event, person("Dora"))
    with pytest.raises(DomainError, match="No seat is left in “Sampling”"):
        fills_in_the_form(event, Answers(sessions=(few.id,)))


@pytest.mark.parametrize(
    ("password", "stands"),
    [("seven green bicycles sing", True), ("nine yellow tricycles hum", False)],
    ids=["theirs", "a stranger's"],
)
def test_what_a_form_allows_stands_where_it_was_the_nominees_own(
    password: str, stands: bool
) -> None:
    event = make.event()
    (found,) = nominate(event, person("Dora"))
    fills_in_the_form(event, Answers(diet="vegan", may_be_photographed=True, wants_news=True))
    nomination = Nomination(found.registration, found.registration.user)
    actions.accept_as_newcomer(nomination, "Dora", password, now=NOW)
    row = found.registration
    assert (row.may_be_photographed, row.user.wants_news) == (stands, stands)


def test_declining_frees_the_seat_at_once() -> None:
    event = make.event(capacity=1)
    (found,) = nominate(event, person())
    waiting = make.registration(event, state=State.WAITLISTED)
    nomination = Nomination(found.registration, found.registration.user)
    actions.decline_nomination(nomination, now=NOW)
    assert (found.registration.state, waiting.state) == (State.CANCELLED, State.CONFIRMED)
    assert mails_to("dora@example.org")[-1] == "nominations.nomination_declined"
    with pytest.raises(DomainError, match="was declined"):
        actions.decline_nomination(nomination, now=NOW)
    with pytest.raises(DomainError, match="was declined"):
        actions.accept_nomination(nomination, now=NOW)


# -- withdrawing


def test_a_withdrawn_nomination_frees_the_seat_and_the_nominee_is_told() -> None:
    event, carla = make.event(capacity=1), coordinator()
    (found,) = nominate(event, person(), actor=carla)
    waiting = make.registration(event, state=State.WAITLISTED)
    actions.withdraw_nomination(found.registration, actor=carla, now=NOW)
    row = found.registration
    assert (row.state, row.reason) == (State.CANCELLED, "The nomination was withdrawn.")
    assert waiting.state is State.CONFIRMED
    assert mails_to("dora@example.org")[-1] == "nominations.nomination_withdrawn"
    assert trail("registrations")[-2:] == [("cancelled", carla.id), ("confirmed", None)]
    again = nominate(event, person(), actor=carla)
    assert again[0].outcome.startswith("on the waiting list")


def test_who_keeps_another_place_hears_that_a_nomination_is_withdrawn() -> None:
    event, carla = make.event(capacity=9), coordinator()
    own = elsewhere(event)
    (found,) = nominate(event, person("Dora", email=own.user.email), actor=carla)
    actions.withdraw_nomination(found.registration, actor=carla, now=NOW)
    assert mails_to(own.user.email) == [
        "nominations.nomination",
        "nominations.nomination_withdrawn_beside",
    ]
    text = newest_mail_to(own.user.email).text
    assert "Your own registration for it stays as it is" in text
    assert "You can register yourself" not in text
    assert own.state is State.CONFIRMED


def test_who_has_deleted_the_account_hears_nothing_of_a_withdrawal() -> None:
    event, carla = make.event(capacity=9), coordinator()
    own = elsewhere(event)
    (found,) = nominate(event, person("Dora", email=own.user.email), actor=carla)
    delete_account(own.user, now=NOW)
    actions.withdraw_nomination(found.registration, actor=carla, now=NOW)
    sent = db.session.scalars(select(OutboxMessage.kind)).all()
    assert "nominations.nomination_withdrawn_beside" not in sent


def test_only_what_is_not_answered_is_withdrawn_and_only_by_its_coordinators() -> None:
    event, carla = make.event(), coordinator()
    known = make.user()
    (found,) = nominate(event, like(known), actor=carla)
    for stranger in (make.user(), coordinator("Alpine")):
        with pytest.raises(DomainError, match="don’t coordinate"):
            actions.withdraw_nomination(found.registration, actor=stranger, now=NOW)
    registrations.accept(found.registration, now=NOW)
    with pytest.raises(DomainError, match="has been accepted"):
        actions.withdraw_nomination(found.registration, actor=carla, now=NOW)
    assert found.registration.state is State.CONFIRMED


@pytest.mark.parametrize(
    ("confirmed", "state"),
    [(True, State.DECLINED), (False, State.UNCONFIRMED)],
    ids=["declined by the office", "asked for by a form that nobody confirmed"],
)
def test_what_gives_nobody_a_seat_gives_way_to_a_nomination(confirmed: bool, state: State) -> None:
    event = make.event()
    user = make.profile(make.user("Dora", **({} if confirmed else {"confirmed_at": None}))).user
    promise = (
        {}
        if confirmed
        else {"upon_confirmation": State.CONFIRMED, "answer_by": NOW + timedelta(days=1)}
    )
    own = make.registration(event, user, state, **promise)
    (got,) = nominate(event, like(user))
    assert "You are nominated" in newest_mail_to(user.email).subject
    assert "already" not in newest_mail_to(user.email).text
    nomination = Nomination(got.registration, user)
    if confirmed:
        actions.accept_nomination(nomination, now=NOW)
    else:
        actions.accept_as_newcomer(nomination, "Dora", "seven green bicycles sing", now=NOW)
    db.session.commit()
    assert (own.state, got.registration.state) == (State.CANCELLED, State.CONFIRMED)
    assert got.registration.user_id == user.id
    assert event.seats_taken == 1
    assert list(checks.findings(NOW)) == []


def test_who_is_handed_a_seat_online_reads_so() -> None:
    event = make.event(mode=Mode.HYBRID, online_capacity=2, joining_url="https://meet.example.org/")
    seat = make.registration(event, is_online=True)
    actions.offer_seat(seat, "bo@example.org", now=NOW)
    mail = newest_mail_to("bo@example.org")
    assert "has a seat online at this event" in mail.text
    assert "Where: Online\n" in mail.text
    assert mail.subject.endswith(", Online")


def test_what_gives_way_to_a_nomination_frees_a_seat_for_the_next() -> None:
    event = make.event(capacity=2)
    programme, newcomer = make.programme(), "niko@example.org"
    niko_new = actions.Nominee(
        email=newcomer,
        name="Niko New",
        zone="Europe/Helsinki",
        institution="Region",
        role=make.role(),
        programme=programme,
        country=make.country(),
    )
    registrations.register_newcomer(niko_new, "seven green bicycles", event, Answers(), now=NOW)
    (got,) = actions.nominate(programme, event, [niko_new], actor=coordinator(), now=NOW)
    waiting = registrations.register(make.profile(), event, Answers(), now=NOW)
    assert waiting.is_waiting
    niko = user_by_email(newcomer)
    assert niko
    nomination = Nomination(got.registration, niko)
    actions.accept_as_newcomer(nomination, "Niko New", "seven green bicycles", now=NOW)
    assert waiting.state is State.CONFIRMED
    assert list(checks.findings(NOW)) == []


def test_a_seat_takes_its_session_along_however_full() -> None:
    event = make.event()
    hour = timedelta(hours=1)
    session = make.session(event, "One", event.starts_at, event.starts_at + hour, capacity=2)
    db.session.refresh(event)
    rows = [
        registrations.register(make.profile(), event, Answers(sessions=(session.id,)), now=NOW)
        for _ in range(2)
    ]
    session.capacity = 1
    db.session.commit()
    bo = colleague()
    handover = actions.offer_seat(rows[0], bo.user.email, now=NOW)
    new = actions.accept_handover(handover, bo, Answers(), user=bo.user, now=NOW)
    assert choices_by(new) == {session.id}


def test_a_colleagues_own_nomination_which_gives_way_fills_no_limit() -> None:
    event = make.event()
    make.seat_rules(event, caps=[Cap(Dimension.COUNTRY, (Step(None, 1),))])
    holder = make.profile(country_id=make.country("FI").id)
    seat = registrations.register(holder, event, Answers(), now=NOW)
    bo = colleague(country_id=make.country("AT").id)
    nominee = actions.Nominee(
        email=bo.user.email,
        name="Bo Ek",
        zone="Europe/Helsinki",
        institution="Region",
        role=make.role(),
        programme=make.programme(),
        country=make.country("AT"),
    )
    actions.nominate(make.programme(), event, [nominee], actor=coordinator(), now=NOW)
    handover = actions.offer_seat(seat, bo.user.email, now=NOW)
    new = actions.accept_handover(handover, bo, Answers(), user=bo.user, now=NOW)
    assert new.state is State.CONFIRMED
    assert list(checks.findings(NOW)) == []
