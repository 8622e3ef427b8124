"""What happens to seats, queue, audit trail and mails together."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from interact_events.accounts.actions import delete_account
from interact_events.accounts.models import User
from interact_events.accounts.queries import user_by_email
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import MailState, OutboxMessage
from interact_events.events.models import Admission, Event, EventState, Mode
from interact_events.registrations import actions, queries
from interact_events.registrations.actions import Answers, Person, registering
from interact_events.registrations.models import Needs, Registration, State
from interact_events.registrations.queries import place_in_line
from interact_events.registrations.rules import Hold
from tests import make

NOW = clock.now()
PASSWORD = "seven green bicycles sing"


def newcomer(email: str = "zoe@example.org", **values: object) -> Person:
    facts = {
        "email": email,
        "name": "Ζωή Žižka",
        "zone": "Europe/Athens",
        "institution": "Region of Crete",
        "role": make.role(),
        "programme": make.programme(),
        "country": make.country("GR"),
    }
    return Person(**(facts | values))  # type: ignore[arg-type]


def register(event: Event, person: User | None = None, **answers: object) -> Registration:
    profile = make.profile(person)
    return actions.register(profile, event, Answers(**answers), now=NOW)  # type: ignore[arg-type]


def arrive(event: Event, person: Person | None = None) -> Registration:
    """A newcomer sends the form."""
    person = person or newcomer()
    actions.register_newcomer(person, PASSWORD, event, Answers(), now=NOW)
    user = user_by_email(person.email)
    query = select(Registration).where(Registration.user == user, Registration.event == event)
    return db.session.scalars(query).one()


def settled(*, now: datetime) -> None:
    """What the job does, without its commits."""
    for event_id in queries.events_to_settle(now):
        actions.settle(db.session.get_one(Event, event_id), now=now)


def mails_to(address: str) -> list[str]:
    """The kinds, in their order."""
    rows = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.to_address == address).order_by(OutboxMessage.id)
    )
    return [row.kind.removeprefix("registrations.") for row in rows]


def counts(event: Event) -> tuple[int, int]:
    db.session.flush()
    return event.seats_taken, event.waiting


def recounted(event: Event) -> tuple[int, int]:
    rows = db.session.scalars(select(Registration).where(Registration.event == event)).all()
    return sum(r.holds_seat for r in rows), sum(r.is_waiting for r in rows)


# -- registering


@pytest.mark.usefixtures("app")
def test_register_gives_the_last_seat_and_then_a_place_in_line() -> None:
    event = make.event(capacity=1)
    first, second, third = register(event), register(event), register(event)
    assert [r.state for r in (first, second, third)] == [
        State.CONFIRMED,
        State.WAITLISTED,
        State.WAITLISTED,
    ]
    assert counts(event) == recounted(event) == (1, 2)
    assert place_in_line(third)[0] == 2


@pytest.mark.usefixtures("app")
def test_register_where_the_office_selects_is_an_application() -> None:
    event = make.event(capacity=1, admission=Admission.SELECTION)
    registration = register(event)
    assert (registration.state, registration.decided_at) == (State.PENDING, None)
    assert counts(event) == (0, 0)
    assert mails_to(registration.user.email) == ["pending"]


@pytest.mark.usefixtures("app")
def test_register_freezes_who_somebody_is_in_the_words_of_the_events_period() -> None:
    event = make.event(period_id=make.period("2014-2020").id)
    person = make.user("Ζωή Žižka")
    registration = register(event, person)
    person.name = "Somebody Else"
    db.session.flush()
    assert (registration.name, registration.role_label, registration.search_text) == (
        "Ζωή Žižka",
        "First-level controller",
        f"zoi zizka {person.email} regional council of southwest finland "
        + make.programme().name.lower(),
    )


@pytest.mark.usefixtures("app")
def test_register_writes_audit_and_one_mail() -> None:
    registration = register(make.event())
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.subject_type == "registrations")
    ).one()
    assert (entry.action, entry.actor_id, entry.subject_id) == (
        "confirmed",
        registration.user_id,
        registration.id,
    )
    assert mails_to(registration.user.email) == ["confirmed"]


@pytest.mark.usefixtures("app")
def test_register_twice_is_refused_kindly() -> None:
    event, profile = make.event(), make.profile()
    actions.register(profile, event, Answers(), now=NOW)
    with pytest.raises(DomainError, match="already registered"):
        actions.register(profile, event, Answers(), now=NOW)
    assert counts(event) == recounted(event) == (1, 0)


@pytest.mark.usefixtures("app")
def test_register_twice_is_refused_by_the_database_too(monkeypatch: pytest.MonkeyPatch) -> None:
    event, profile = make.event(), make.profile()
    actions.register(profile, event, Answers(), now=NOW)
    db.session.commit()
    monkeypatch.setattr(registering, "refuse_second", lambda *_: None)
    with pytest.raises(DomainError, match=r"^You are already registered for this event\.$"):
        actions.register(profile, event, Answers(), now=NOW)
    db.session.rollback()
    assert counts(event) == recounted(event) == (1, 0)


@pytest.mark.usefixtures("app")
def test_register_again_after_cancelling_goes_to_the_end_of_the_queue() -> None:
    event, person = make.event(capacity=1), make.user()
    own = register(event, person)
    other = register(event)
    actions.cancel_registration(own, actor=person, now=NOW)
    again = actions.register(person.profiles[0], event, Answers(), now=NOW)
    assert (other.state, again.state) == (State.CONFIRMED, State.WAITLISTED)
    assert again.id > other.id


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"state": EventState.DRAFT}, "not published yet"),
        ({"state": EventState.CANCELLED, "cancellation_reason": "Snow."}, "is cancelled. Snow."),
        ({"registration_opens_at": NOW + timedelta(days=1)}, "Registration opens on"),
        ({"registration_closes_at": NOW}, "Registration closed on"),
        (
            {"starts_at": NOW - timedelta(hours=9), "ends_at": NOW},
            "This event is over",
        ),
    ],
)
def test_register_outside_its_time_is_refused_in_a_sentence(
    values: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(DomainError, match=sentence):
        register(make.event(**values))


@pytest.mark.usefixtures("app")
def test_register_until_the_last_second() -> None:
    event = make.event(registration_closes_at=NOW + timedelta(seconds=1))
    assert register(event).state is State.CONFIRMED


@pytest.mark.usefixtures("app")
def test_register_in_a_role_that_is_not_invited_names_those_who_are() -> None:
    event = make.event()
    event.roles = [make.role("MA"), make.role("AA")]
    with pytest.raises(DomainError) as refusal:
        register(event)
    assert refusal.value.message == (
        "This event is for managing authorities and audit authorities. Ask Interact Office Turku."
    )
    assert refusal.value.field == "profile"


@pytest.mark.usefixtures("app")
def test_register_with_a_retired_profile_is_refused() -> None:
    profile = make.profile(retired_at=NOW, is_default=False)
    with pytest.raises(DomainError, match="Choose another"):
        actions.register(profile, make.event(), Answers(), now=NOW)


@pytest.mark.usefixtures("app")
def test_register_first_gives_those_who_wait_what_time_has_released() -> None:
    """The job may be late: a seat that was held until now belongs to the queue."""
    event = make.event(capacity=1)
    release = NOW + timedelta(hours=1)
    make.seat_rules(event, holds=[Hold(frozenset({make.role("MA").id}), 1, release)])
    waiting = register(event)
    latest = actions.register(make.profile(), event, Answers(), now=release)
    assert (waiting.state, latest.state) == (State.CONFIRMED, State.WAITLISTED)
    assert counts(event) == recounted(event) == (1, 1)


@pytest.mark.usefixtures("app")
def test_needs_are_kept_apart_and_only_where_people_travel() -> None:
    on_site = register(make.event(), diet="vegan", access="ramp")
    online = register(make.event(mode=Mode.ONLINE), diet="vegan")
    kept = db.session.scalars(select(Needs)).all()
    assert [(n.registration_id, n.diet, n.access) for n in kept] == [(on_site.id, "vegan", "ramp")]
    assert online.state is State.CONFIRMED


@pytest.mark.usefixtures("app")
def test_consents_are_kept_and_taken_back_one_by_one() -> None:
    registration = register(
        make.event(), may_be_listed=True, may_be_photographed=True, wants_news=True
    )
    actions.change_answers(registration, Answers(may_be_listed=True), now=NOW)
    user = registration.user
    assert (
        registration.may_be_listed,
        registration.may_be_photographed,
        user.wants_news,
    ) == (True, False, False)


# -- the one transition


@pytest.mark.usefixtures("app")
def test_transition_refuses_what_does_not_follow() -> None:
    registration = make.registration(make.event(), state=State.CANCELLED)
    with pytest.raises(DomainError, match="is cancelled and can’t become confirmed"):
        actions.transition(registration, State.CONFIRMED, actor=None, now=NOW)


@pytest.mark.usefixtures("app")
def test_transition_never_exceeds_the_capacity() -> None:
    event = make.event(capacity=1)
    make.registration(event)
    waiting = make.registration(event, state=State.WAITLISTED)
    with pytest.raises(DomainError, match="The only seat is taken"):
        actions.transition(waiting, State.CONFIRMED, actor=None, now=NOW)
    assert counts(event) == recounted(event) == (1, 1)


@pytest.mark.usefixtures("app")
def test_every_transition_mails_once_even_into_the_same_state() -> None:
    event = make.event(admission=Admission.SELECTION)
    registration = make.registration(event, state=State.PENDING)
    path = (State.WAITLISTED, State.DECLINED, State.WAITLISTED, State.CONFIRMED)
    for to in path:
        actions.transition(registration, to, actor=make.member(), now=NOW)
    assert mails_to(registration.user.email) == [
        "waitlisted",
        "declined",
        "waitlisted",
        "promoted",
    ]


# -- newcomers


@pytest.mark.usefixtures("app")
def test_a_newcomer_holds_the_seat_until_they_confirm() -> None:
    event = make.event(capacity=1)
    registration = arrive(event)
    later = register(event)
    assert (registration.state, registration.upon_confirmation) == (
        State.UNCONFIRMED,
        State.CONFIRMED,
    )
    assert later.state is State.WAITLISTED
    assert counts(event) == recounted(event) == (1, 1)
    assert mails_to("zoe@example.org") == ["please_confirm"]


@pytest.mark.usefixtures("app")
def test_confirming_makes_account_and_seat_firm() -> None:
    event = make.event(capacity=1)
    registration = arrive(event)
    assert actions.confirm_newcomer(registration.user, now=NOW) == [registration]
    assert (registration.state, registration.upon_confirmation) == (State.CONFIRMED, None)
    assert registration.user.confirmed_at == NOW
    assert counts(event) == recounted(event) == (1, 0)
    assert mails_to("zoe@example.org") == ["please_confirm", "confirmed"]


@pytest.mark.usefixtures("app")
def test_confirming_twice_changes_nothing() -> None:
    registration = arrive(make.event())
    actions.confirm_newcomer(registration.user, now=NOW)
    assert actions.confirm_newcomer(registration.user, now=NOW) == []
    assert mails_to("zoe@example.org") == ["please_confirm", "confirmed"]


@pytest.mark.usefixtures("app")
def test_a_waiting_newcomer_moves_up_without_a_word_and_hears_it_when_they_confirm() -> None:
    event, person = make.event(capacity=1), make.user()
    seated = register(event, person)
    registration = arrive(event)
    actions.cancel_registration(seated, actor=person, now=NOW)
    assert (registration.state, registration.upon_confirmation) == (
        State.UNCONFIRMED,
        State.CONFIRMED,
    )
    assert mails_to("zoe@example.org") == ["please_confirm"]
    actions.confirm_newcomer(registration.user, now=NOW)
    assert mails_to("zoe@example.org") == ["please_confirm", "confirmed"]
    assert counts(event) == recounted(event) == (1, 0)


@pytest.mark.usefixtures("app")
def test_a_silent_newcomer_loses_the_place_to_the_next_in_line() -> None:
    event = make.event(capacity=1)
    silent, waiting = arrive(event), register(event)
    settled(now=NOW + timedelta(hours=23, minutes=59))
    assert silent.state is State.UNCONFIRMED
    settled(now=NOW + timedelta(hours=24))
    assert (silent.state, waiting.state) == (State.CANCELLED, State.CONFIRMED)
    assert counts(event) == recounted(event) == (1, 0)
    assert mails_to("zoe@example.org") == ["please_confirm", "released"]
    assert mails_to(waiting.user.email) == ["waitlisted", "promoted"]


@pytest.mark.usefixtures("app")
def test_who_confirmed_by_another_way_gets_the_place_from_the_job() -> None:
    registration = arrive(make.event())
    registration.user.confirmed_at = NOW
    settled(now=NOW + timedelta(days=2))
    assert registration.state is State.CONFIRMED


@pytest.mark.usefixtures("app")
def test_who_confirms_after_the_release_has_no_place_left() -> None:
    registration = arrive(make.event())
    settled(now=NOW + timedelta(hours=24))
    assert actions.confirm_newcomer(registration.user, now=NOW + timedelta(hours=25)) == []
    assert registration.state is State.CANCELLED


@pytest.mark.usefixtures("app")
def test_the_same_form_sent_twice_gives_one_account_one_place_and_one_mail() -> None:
    event = make.event()
    first, second = arrive(event), arrive(event)
    assert first is second
    assert counts(event) == recounted(event) == (1, 0)
    assert mails_to("zoe@example.org") == ["please_confirm"]


@pytest.mark.usefixtures("app")
def test_the_form_with_a_new_password_keeps_the_place_and_mails_a_new_link() -> None:
    event = make.event()
    registration = arrive(event)
    other = "nine quiet lanterns drift"
    actions.register_newcomer(
        newcomer(institution="Region of Epirus"), other, event, Answers(), now=NOW
    )
    assert registration.institution == "Region of Epirus"
    assert counts(event) == recounted(event) == (1, 0)
    assert mails_to("zoe@example.org") == ["please_confirm", "please_confirm"]


@pytest.mark.usefixtures("app")
def test_an_address_with_an_account_registers_nothing_and_tells_its_owner() -> None:
    event, owner = make.event(), make.user(email="zoe@example.org")
    actions.register_newcomer(newcomer(), PASSWORD, event, Answers(wants_news=True), now=NOW)
    assert counts(event) == recounted(event) == (0, 0)
    assert mails_to("zoe@example.org") == ["already_registered"]
    assert owner.wants_news is False


@pytest.mark.usefixtures("app")
def test_a_newcomer_whom_the_event_is_not_for_is_refused_before_an_account_is_made() -> None:
    event = make.event()
    event.roles = [make.role("MA")]
    with pytest.raises(DomainError, match="managing authorities") as refusal:
        arrive(event)
    assert refusal.value.field == "role"
    assert user_by_email("zoe@example.org") is None


@pytest.mark.usefixtures("app")
def test_a_cancelled_event_keeps_silent_to_newcomers() -> None:
    event = make.event()
    registration = arrive(event)
    actions.cancel_event(event, "Snow.", actor=make.member(), now=NOW)
    settled(now=NOW + timedelta(hours=24))
    assert registration.state is State.CANCELLED
    assert mails_to("zoe@example.org") == ["please_confirm"]


# -- leaving and moving up


@pytest.mark.usefixtures("app")
def test_cancelling_promotes_the_first_in_line_and_tells_both() -> None:
    event, person = make.event(capacity=1), make.user()
    own, second, third = register(event, person), register(event), register(event)
    actions.cancel_registration(own, actor=person, now=NOW)
    assert [r.state for r in (own, second, third)] == [
        State.CANCELLED,
        State.CONFIRMED,
        State.WAITLISTED,
    ]
    assert counts(event) == recounted(event) == (1, 1)
    assert mails_to(person.email) == ["confirmed", "cancelled"]
    assert mails_to(second.user.email) == ["waitlisted", "promoted"]
    assert place_in_line(third)[0] == 1


@pytest.mark.usefixtures("app")
def test_cancelling_twice_frees_one_seat() -> None:
    event, person = make.event(), make.user()
    own = register(event, person)
    actions.cancel_registration(own, actor=person, now=NOW)
    actions.cancel_registration(own, actor=person, now=NOW)
    assert counts(event) == (0, 0)
    assert mails_to(person.email) == ["confirmed", "cancelled"]


@pytest.mark.usefixtures("app")
def test_cancelling_forgets_the_needs() -> None:
    person = make.user()
    own = register(make.event(), person, diet="vegan")
    actions.cancel_registration(own, actor=person, now=NOW)
    assert db.session.scalar(select(func.count()).select_from(Needs)) == 0


@pytest.mark.usefixtures("app")
def test_cancelling_after_the_start_is_refused() -> None:
    event = make.event(starts_at=NOW, ends_at=NOW + timedelta(hours=3))
    own = make.registration(event)
    with pytest.raises(DomainError, match=r"turku@interact\.example"):
        actions.cancel_registration(own, actor=own.user, now=NOW)


@pytest.mark.usefixtures("app")
def test_nobody_moves_up_once_the_event_has_started() -> None:
    event = make.event(starts_at=NOW, ends_at=NOW + timedelta(hours=3), capacity=2)
    make.registration(event, state=State.WAITLISTED)
    assert actions.promote_waiting(event, now=NOW) == []


@pytest.mark.usefixtures("app")
def test_who_is_no_longer_eligible_is_passed_over() -> None:
    event, person = make.event(capacity=1), make.user()
    own = register(event, person)
    passed_over = register(event)
    authority = make.user()
    make.profile(authority, role_id=make.role("MA").id)
    later = actions.register(authority.profiles[0], event, Answers(), now=NOW)
    event.roles = [make.role("MA")]
    actions.cancel_registration(own, actor=person, now=NOW)
    assert (passed_over.state, later.state) == (State.WAITLISTED, State.CONFIRMED)


@pytest.mark.usefixtures("app")
def test_where_the_office_selects_nobody_moves_up_by_themselves() -> None:
    event = make.event(capacity=1, admission=Admission.SELECTION)
    own = make.registration(event)
    waiting = make.registration(event, state=State.WAITLISTED)
    actions.cancel_registration(own, actor=own.user, now=NOW)
    assert waiting.state is State.WAITLISTED


# -- staff


@pytest.mark.usefixtures("app")
def test_decide_moves_all_of_them_and_says_so() -> None:
    event = make.event(capacity=3, admission=Admission.SELECTION)
    rows = [make.registration(event, state=State.PENDING) for _ in range(3)]
    said = actions.decide(
        event, [r.id for r in rows], State.CONFIRMED, actor=make.member(), now=NOW
    )
    assert said == "3 people were given a seat."
    assert counts(event) == recounted(event) == (3, 0)
    assert [mails_to(r.user.email) for r in rows] == [["confirmed"]] * 3


@pytest.mark.usefixtures("app")
def test_decide_above_the_capacity_changes_nothing() -> None:
    event = make.event(capacity=1, admission=Admission.SELECTION)
    rows = [make.registration(event, state=State.PENDING) for _ in range(2)]
    with pytest.raises(DomainError) as refusal:
        actions.decide(event, [r.id for r in rows], State.CONFIRMED, actor=make.member(), now=NOW)
    assert refusal.value.message == (
        "You chose 2 people, but only 1 seat is left. Nothing was changed."
    )
    assert [r.state for r in rows] == [State.PENDING, State.PENDING]


@pytest.mark.usefixtures("app")
def test_decide_leaves_what_does_not_fit_and_says_so() -> None:
    event = make.event(admission=Admission.SELECTION)
    pending = make.registration(event, make.user("Bo Berg"), State.PENDING)
    gone = make.registration(event, state=State.CANCELLED)
    said = actions.decide(
        event, [pending.id, gone.id], State.DECLINED, actor=make.member(), now=NOW
    )
    assert said == (
        "Bo Berg was declined. 1 registration stays as it is, because it can’t be declined."
    )


@pytest.mark.usefixtures("app")
def test_decide_reaches_only_this_events_people() -> None:
    event, other = make.event(), make.registration(make.event())
    with pytest.raises(DomainError, match="Choose at least one person"):
        actions.decide(event, [other.id], State.CANCELLED, actor=make.member(), now=NOW)
    assert other.state is State.CONFIRMED


@pytest.mark.usefixtures("app")
def test_decide_to_cancel_frees_the_seat_for_the_next_in_line() -> None:
    event = make.event(capacity=1)
    seated = register(event)
    waiting = register(event)
    said = actions.decide(
        event,
        [seated.id],
        State.CANCELLED,
        actor=make.member(),
        now=NOW,
        reason="You asked us by phone.",
    )
    assert said == "Anna Virtanen was taken off the list. 1 person moved up from the waiting list."
    assert waiting.state is State.CONFIRMED
    assert mails_to(seated.user.email) == ["confirmed", "cancelled_by_office"]
    assert seated.reason == "You asked us by phone."


@pytest.mark.usefixtures("app")
def test_decide_cannot_confirm_for_a_newcomer() -> None:
    event = make.event(admission=Admission.SELECTION)
    registration = arrive(event)
    actions.decide(event, [registration.id], State.CONFIRMED, actor=make.member(), now=NOW)
    assert registration.state is State.UNCONFIRMED


@pytest.mark.usefixtures("app")
def test_decide_on_a_cancelled_event_is_refused() -> None:
    event = make.event(state=EventState.CANCELLED)
    row = make.registration(event)
    with pytest.raises(DomainError, match="nothing left to decide"):
        actions.decide(event, [row.id], State.CANCELLED, actor=make.member(), now=NOW)


@pytest.mark.usefixtures("app")
def test_add_by_hand_after_registration_closed() -> None:
    event = make.event(registration_closes_at=NOW, admission=Admission.SELECTION, capacity=1)
    first, second = make.profile(), make.profile()
    staff = make.member()
    added = [actions.add_by_hand(p, event, actor=staff, now=NOW) for p in (first, second)]
    assert [r.state for r in added] == [State.CONFIRMED, State.WAITLISTED]
    assert mails_to(first.user.email) == ["confirmed"]


@pytest.mark.usefixtures("app")
def test_add_a_new_person_makes_an_account_and_invites_them() -> None:
    event = make.event()
    registration = actions.add_person_by_hand(newcomer(), event, actor=make.member(), now=NOW)
    assert (registration.state, registration.user.confirmed_at) == (State.CONFIRMED, None)
    assert mails_to("zoe@example.org") == ["confirmed", "invited"]


@pytest.mark.usefixtures("app")
def test_add_by_hand_keeps_the_rules_of_the_event() -> None:
    event = make.event()
    event.roles = [make.role("MA")]
    with pytest.raises(DomainError, match="managing authorities"):
        actions.add_by_hand(make.profile(), event, actor=make.member(), now=NOW)


@pytest.mark.usefixtures("app")
def test_add_by_hand_to_a_draft_is_refused() -> None:
    event = make.event(state=EventState.DRAFT)
    with pytest.raises(DomainError, match="Publish the event first"):
        actions.add_by_hand(make.profile(), event, actor=make.member(), now=NOW)


# -- keeping no longer than needed


@pytest.mark.usefixtures("app")
def test_needs_are_deleted_some_days_after_the_event() -> None:
    old = make.event(starts_at=NOW - timedelta(days=16), ends_at=NOW - timedelta(days=15))
    for event in (old, make.event()):
        row = make.registration(event)
        db.session.add(Needs(registration_id=row.id, diet="vegan"))
    assert actions.delete_needs(ended_before=NOW - timedelta(days=14)) == 1
    assert [need.registration.event_id != old.id for need in db.session.scalars(select(Needs))] == [
        True
    ]


@pytest.mark.usefixtures("app")
def test_who_deletes_their_account_frees_the_seat_without_a_mail() -> None:
    event, person = make.event(capacity=1), make.user("Bo Berg")
    own, waiting = register(event, person, diet="vegan", may_be_listed=True), register(event)
    delete_account(person, now=NOW)
    assert actions.forget_deleted_people(event, now=NOW) == 1
    assert (own.state, own.name, own.institution, own.search_text, own.may_be_listed) == (
        State.CANCELLED,
        "Deleted person",
        "",
        "",
        False,
    )
    assert waiting.state is State.CONFIRMED
    assert counts(event) == recounted(event) == (1, 0)
    rows = db.session.scalars(select(OutboxMessage).filter_by(to_address=person.email))
    assert {row.state for row in rows} == {MailState.CANCELLED}
    assert actions.forget_deleted_people(event, now=NOW) == 0


@pytest.mark.usefixtures("app")
def test_the_names_of_those_who_came_stay_for_the_audit() -> None:
    past = make.event(starts_at=NOW - timedelta(days=3), ends_at=NOW - timedelta(days=2))
    came = make.registration(past, make.user("Bo Berg"))
    delete_account(came.user, now=NOW)
    actions.forget_deleted_people(past, now=NOW)
    assert (came.state, came.name, came.search_text) == (State.CONFIRMED, "Bo Berg", "")
