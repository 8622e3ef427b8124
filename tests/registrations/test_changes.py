"""Changes of an event that its registrants feel, through the pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from interact_events.accounts.models import Level
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.clock import to_utc
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import OutboxMessage
from interact_events.events.actions import values_of
from interact_events.events.forms import EventForm, wall_clock
from interact_events.events.models import Admission, Event, EventState, Mode, Session
from interact_events.registrations import actions, checks
from interact_events.registrations.actions import recount
from interact_events.registrations.models import (
    Reconfirmation,
    Registration,
    SessionChoice,
    State,
    limits_of,
)
from interact_events.registrations.queries import rules_of, seat_rules_of
from interact_events.registrations.rules import Cap, Dimension, Hold, Step
from tests import make
from tests.client import Client


def address(event: Event, page: str) -> str:
    return f"/offices/{event.office.code}/events/{event.slug}/{page}"


def fields_of(event: Event) -> dict[str, Any]:
    """What the edit form sends when nothing is changed."""
    with current_app.test_request_context():
        form = EventForm(event.office, event)
        found = {
            field.name: field._value() if hasattr(field, "_value") else field.data
            for field in form
            if field.name != "csrf_token"
        }
    return {name: value for name, value in found.items() if value not in (None, "")}


def mails() -> list[tuple[str, str]]:
    rows = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    return [(row.kind.removeprefix("registrations."), row.to_address) for row in rows]


def test_a_new_place_is_told_to_everybody_concerned(client: Client) -> None:
    event = make.event()
    told = [
        make.registration(event, state=state)
        for state in (State.CONFIRMED, State.PENDING, State.WAITLISTED)
    ]
    for state in (State.CANCELLED, State.DECLINED, State.UNCONFIRMED):
        make.registration(event, state=state)
    event.admission = event.admission.SELECTION
    db.session.commit()
    client.sign_in(make.member())
    client.press(address(event, "edit"), **fields_of(event) | {"venue": "Wäinö Aaltonen Museum"})
    assert mails() == [("event_changed", row.user.email) for row in told]
    told_first = db.session.scalars(select(OutboxMessage)).first()
    assert told_first is not None
    text = told_first.text
    assert "Where: Wäinö Aaltonen Museum, Turku, Finland\nBefore: Logomo, Turku, Finland\n" in text


def test_a_new_text_is_not_worth_a_mail(client: Client) -> None:
    event = make.event()
    make.registration(event)
    client.sign_in(make.member())
    client.press(address(event, "edit"), **fields_of(event) | {"summary": "Three days of cases."})
    assert event.summary == "Three days of cases."
    assert mails() == []


def test_cancelling_tells_everybody_and_shows_why(client: Client) -> None:
    event = make.event()
    row = make.registration(event)
    make.registration(event, state=State.CANCELLED)
    client.sign_in(make.member(level=Level.LEAD))
    answer = client.press(address(event, "cancel"), reason="The trainer is ill.")
    assert answer.status_code == 303
    assert event.state is EventState.CANCELLED
    assert row.state is State.CONFIRMED
    assert mails() == [("event_cancelled", row.user.email)]
    assert "The trainer is ill." in client.get(f"/events/{event.slug}").get_data(as_text=True)


def test_cancelling_needs_a_reason(client: Client) -> None:
    event = make.event()
    client.sign_in(make.member(level=Level.LEAD))
    answer = client.press(address(event, "cancel"), reason=" ")
    assert answer.status_code == 200
    assert event.state is EventState.PUBLISHED


@pytest.mark.parametrize(
    ("office", "level", "page", "status"),
    [
        ("turku", Level.VIEWER, "edit", 403),
        ("turku", Level.EDITOR, "edit", 200),
        ("turku", Level.EDITOR, "cancel", 403),
        ("turku", Level.LEAD, "cancel", 200),
        ("vienna", Level.LEAD, "edit", 404),
        ("vienna", Level.LEAD, "cancel", 404),
    ],
)
def test_changes_are_for_those_who_may(
    client: Client, office: str, level: Level, page: str, status: int
) -> None:
    event = make.event()
    client.sign_in(make.member(office, level))
    assert client.get(address(event, page)).status_code == status


def test_changes_are_hidden_from_registrants(client: Client) -> None:
    event = make.event(starts_at=clock.now() + timedelta(days=3))
    client.sign_in(make.registration(event).user)
    assert client.get(address(event, "edit")).status_code == 404


# -- another mode


def hold(seats: int, *codes: str, is_online: bool = False, for_days: int = 5) -> Hold:
    roles = frozenset(make.role(code).id for code in codes)
    return Hold(roles, seats, make.days(for_days), is_online)


def change_mode(client: Client, event: Event, mode: Mode) -> str:
    client.sign_in(make.member())
    values = fields_of(event) | {"mode": mode.value}
    if mode.has_link:
        values |= {"joining_url": "https://meet.example/room"}
    return client.press(address(event, "edit"), **values).get_data(as_text=True)


def of_role(code: str) -> Any:
    return make.profile(role_id=make.role(code).id).user


def test_seats_held_online_stay_held_when_the_event_is_on_site(client: Client) -> None:
    event = make.event(mode=Mode.HYBRID, capacity=4, online_capacity=2)
    make.seat_rules(event, holds=[hold(2, "CTRL", is_online=True)])
    for _ in range(2):
        make.registration(event, of_role("MA"))
    others = [make.registration(event, of_role("MA"), State.WAITLISTED) for _ in range(2)]
    controller = make.registration(event, state=State.WAITLISTED)
    change_mode(client, event, Mode.IN_PERSON)
    assert seat_rules_of(event).holds == (hold(2, "CTRL"),)
    assert [row.state for row in others] == [State.WAITLISTED] * 2
    assert (controller.state, event.seats_taken) == (State.CONFIRMED, 3)
    assert list(checks.findings(clock.now())) == []


def test_seats_held_both_ways_for_a_role_are_held_together(client: Client) -> None:
    event = make.event(mode=Mode.HYBRID, capacity=20, online_capacity=8)
    held = [
        hold(2, "CTRL", "MA"),
        hold(1, "AA"),
        hold(3, "CTRL", is_online=True, for_days=9),
        hold(1, "NA", is_online=True),
    ]
    make.seat_rules(event, holds=held)
    change_mode(client, event, Mode.ONLINE)
    assert seat_rules_of(event).holds == (
        hold(1, "AA", is_online=True),
        hold(5, "CTRL", "MA", is_online=True, for_days=9),
        hold(1, "NA", is_online=True),
    )


def test_held_seats_follow_an_event_that_goes_online(client: Client) -> None:
    event = make.event(capacity=2)
    make.seat_rules(event, holds=[hold(1, "CTRL")])
    change_mode(client, event, Mode.ONLINE)
    assert rules_of(event).holds == (hold(1, "CTRL", is_online=True),)


def test_an_event_that_was_not_hybrid_changes_what_nobody_chose(client: Client) -> None:
    event = make.event(capacity=6)
    make.registration(event)
    change_mode(client, event, Mode.ONLINE)
    (mail,) = db.session.scalars(select(OutboxMessage))
    assert ("Where: Online" in mail.text, "You take part" in mail.text) == (True, False)
    assert "chosen otherwise" not in client.get(f"/offices/turku/events/{event.slug}/").text


@pytest.mark.parametrize(("seats", "is_fine"), [(7, False), (8, True)])
def test_seats_given_on_site_stay_there_where_there_are_fewer(
    app: Flask, seats: int, is_fine: bool
) -> None:
    event = make.event(mode=Mode.HYBRID, capacity=9, online_capacity=4)
    for _ in range(4):
        make.registration(event)
    values = values_of(event, capacity=seats)
    if is_fine:
        actions.change_event(event, values, actor=make.member(), now=clock.now())
    else:
        with pytest.raises(DomainError, match="4 seats on site are given already") as refused:
            actions.change_event(event, values, actor=make.member(), now=clock.now())
        assert refused.value.field == "capacity"


def test_who_came_the_way_that_is_gone_reads_how_they_take_part_now(client: Client) -> None:
    event = make.event(mode=Mode.HYBRID, capacity=6, online_capacity=2)
    online, on_site = make.registration(event, is_online=True), make.registration(event)
    change_mode(client, event, Mode.IN_PERSON)
    mails = {mail.to_address: mail.text for mail in db.session.scalars(select(OutboxMessage))}
    assert "You take part: on site\nBefore: online" in mails[online.user.email]
    assert "You take part" not in mails[on_site.user.email]
    page = client.get(f"/offices/turku/events/{event.slug}/").text
    assert (
        "Everybody takes part on site now, and what the rules said of one way holds for all: look "
        "at them under Seats. 1 person had chosen otherwise and reads of it."
    ) in page


ON_SITE, ONLINE = Reconfirmation(9, 6, 3), Reconfirmation(4, 2, 1)


@pytest.mark.parametrize(
    ("before", "after", "asked", "asks"),
    [
        (Mode.HYBRID, Mode.IN_PERSON, {"online": ONLINE}, {"on-site": ONLINE}),
        (Mode.HYBRID, Mode.ONLINE, {"on-site": ON_SITE, "online": ONLINE}, {"online": ONLINE}),
        (Mode.IN_PERSON, Mode.ONLINE, {"on-site": ON_SITE}, {"online": ON_SITE}),
        (Mode.IN_PERSON, Mode.HYBRID, {"on-site": ON_SITE}, {"on-site": ON_SITE}),
        (Mode.ONLINE, Mode.IN_PERSON, {}, {}),
    ],
)
def test_reconfirming_follows_the_mode(
    client: Client,
    before: Mode,
    after: Mode,
    asked: dict[str, Reconfirmation],
    asks: dict[str, Reconfirmation],
) -> None:
    event = make.event(mode=before, online_capacity=8 if before is Mode.HYBRID else 0)
    make.seat_rules(event, reconfirmation={mode: vars(each) for mode, each in asked.items()})
    change_mode(client, event, after)
    expected = {mode: vars(each) for mode, each in asks.items()}
    assert seat_rules_of(event).reconfirmation == expected
    assert list(checks.findings(clock.now())) == []


def test_an_event_with_more_seats_held_than_it_would_have_on_site_stays_as_it_is(
    client: Client,
) -> None:
    event = make.event(capacity=4)
    make.seat_rules(event, holds=[hold(3, "CTRL")])
    page = change_mode(client, event, Mode.HYBRID)
    assert "3 seats are held, and a hybrid event would have only 2 on site." in page
    assert event.mode is Mode.IN_PERSON


# -- another day, another zone -------------------------------------------------------------------


def at(local: str, zone: str) -> datetime:
    return to_utc(datetime.fromisoformat(local), zone)


def dated_event(zone: str = "Europe/Helsinki", **values: Any) -> Event:
    """On 10 June 2027, 09:00–16:00 on the clocks of its zone, with seats held until 1 June, 12:00
    and a limit that rises on 20 May, 08:00."""
    event = make.event(
        zone=zone,
        starts_at=at("2027-06-10T09:00", zone),
        ends_at=at("2027-06-10T16:00", zone),
        **values,
    )
    make.seat_rules(
        event,
        holds=[Hold(frozenset({make.role("MA").id}), 1, at("2027-06-01T12:00", zone))],
        caps=[
            Cap(
                Dimension.COUNTRY,
                (Step(None, 2), Step(at("2027-05-20T08:00", zone), 3)),
            )
        ],
    )
    return event


def move(client: Client, event: Event, starts: str, ends: str, **more: Any) -> str:
    client.sign_in(make.member())
    values = fields_of(event) | {"starts": starts, "ends": ends} | more
    answer = client.press(address(event, "edit"), **values)
    return client.get(answer.location or address(event, "edit")).get_data(as_text=True)


def times_in_rules(event: Event) -> tuple[str, str]:
    """Until when seats are held and since when the limit is higher, on the event's clocks."""
    rules = seat_rules_of(event)
    since = rules.caps[0].steps[-1].since
    found = wall_clock(rules.holds[0].until, event.zone), wall_clock(since, event.zone)
    return f"{found[0]:%d %b %H:%M}", f"{found[1]:%d %b %H:%M}"


def test_rules_move_along_with_an_event_that_is_earlier(client: Client) -> None:
    event = dated_event()
    page = move(client, event, "2027-05-27T13:00", "2027-05-27T20:00")
    assert times_in_rules(event) == ("18 May 12:00", "06 May 08:00")
    assert seat_rules_of(event).settle_at == at("2027-05-06T08:00", event.zone)
    assert (
        "The days and hours in its rules moved along with the start, on the clocks of "
        "Europe/Helsinki." in page
    )
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "rules moved with the event")
    ).one()
    assert [
        "until 18 May 2027, 12:00 EEST" in text for text in entry.changes["fields"]["rules"]
    ] == [
        False,
        True,
    ]


def test_rules_keep_their_hours_when_only_the_zone_changes(client: Client) -> None:
    event = dated_event()
    before = times_in_rules(event)
    move(client, event, "2027-06-10T09:00", "2027-06-10T16:00", zone="Europe/Lisbon")
    assert (event.zone, times_in_rules(event)) == ("Europe/Lisbon", before)


def test_rules_keep_their_hours_over_a_change_of_clocks(client: Client) -> None:
    event = dated_event()
    move(client, event, "2027-12-10T09:00", "2027-12-10T16:00")
    assert times_in_rules(event) == ("01 Dec 12:00", "19 Nov 08:00")


def test_nothing_in_the_rules_stays_after_the_start(client: Client) -> None:
    event = dated_event()
    roles = frozenset({make.role("MA").id})
    first, last = (at(f"2027-06-10T{hour}", event.zone) for hour in ("08:00", "09:00"))
    caps = [Cap(Dimension.COUNTRY, (Step(None, 2), Step(first, 3)))]
    rules = seat_rules_of(event)
    rules.limits = limits_of(frozenset(), frozenset(), tuple(caps), (Hold(roles, 1, last),))
    rules.decision_on = event.starts_at.date()
    db.session.commit()
    move(client, event, "2027-06-09T07:00", "2027-06-09T16:00")
    rules = seat_rules_of(event)
    assert rules.caps == (Cap(Dimension.COUNTRY, (Step(None, 2),)),)
    assert rules.holds == (Hold(roles, 1, event.starts_at),)
    assert str(rules.decision_on) == "2027-06-09"


def test_an_offer_ends_at_the_new_start(client: Client) -> None:
    event = dated_event()
    row = make.registration(
        event, state=State.OFFERED, answer_by=at("2027-06-10T08:00", event.zone)
    )
    move(client, event, "2027-06-09T09:00", "2027-06-09T16:00")
    assert row.answer_by == event.starts_at
    text = db.session.scalars(select(OutboxMessage)).one().text
    assert "Answer by: 9 June 2027, 09:00 EEST\nBefore: 10 June 2027, 08:00 EEST\n" in text


def test_an_event_that_moves_without_rules_says_nothing_of_them(client: Client) -> None:
    event = make.event(
        zone="UTC",
        starts_at=datetime(2027, 6, 10, 9, tzinfo=UTC),
        ends_at=datetime(2027, 6, 10, 16, tzinfo=UTC),
        registration_closes_at=datetime(2027, 6, 1, 9, tzinfo=UTC),
    )
    page = move(client, event, "2027-06-09T09:00", "2027-06-09T16:00")
    assert "in its rules" not in page
    assert "Registration closes on 1 June 2027, 09:00 UTC; that changes under Seats only." in page


def test_a_start_before_registration_closes_leads_to_the_seats(client: Client) -> None:
    event = dated_event()
    event.registration_closes_at = at("2027-06-08T09:00", event.zone)
    db.session.commit()
    client.sign_in(make.member())
    values = fields_of(event) | {"starts": "2027-06-05T09:00", "ends": "2027-06-05T16:00"}
    page = client.press(address(event, "edit"), **values).get_data(as_text=True)
    assert (
        "Registration closes on 8 June 2027, 09:00 EEST. Registration must close before the event "
        "starts. Change it under Seats first." in page
    )
    assert f'href="{address(event, "seats")}#number-section">Open Seats</a>' in page


# -- seats of its own for a session --------------------------------------------------------------


def session_fields(session: Session, **changes: Any) -> dict[str, Any]:
    """What its form sends when nothing but `changes` is new."""
    zone = session.event.zone
    starts, ends = wall_clock(session.starts_at, zone), wall_clock(session.ends_at, zone)
    assert starts
    assert ends
    usual = {
        "title": session.title,
        "day": f"{starts:%Y-%m-%d}",
        "starts": f"{starts:%H:%M}",
        "ends": f"{ends:%H:%M}",
        "is_learning": "y",
    }
    return usual | changes


def give_seats(client: Client, session: Session, most: int, **more: Any) -> str:
    client.sign_in(make.member())
    page = address(session.event, f"agenda/{session.id}")
    fields = session_fields(session, capacity=str(most), **more)
    answer = client.press(page, **fields)
    if answer.location:
        answer = client.get(answer.location)
    return answer.get_data(as_text=True)


def inside(session: Session) -> list[str]:
    query = select(Registration.name).join(
        SessionChoice, SessionChoice.registration_id == Registration.id
    )
    return list(
        db.session.scalars(
            query.where(SessionChoice.session_id == session.id).order_by(Registration.id)
        )
    )


def crowd(event: Event) -> list[Registration]:
    """Three with a seat, one with an offer, one who waits."""
    states = {"Ann": State.CONFIRMED, "Bo": State.OFFERED, "Cid": State.CONFIRMED}
    rows = [make.registration(event, make.user(name), state) for name, state in states.items()]
    rows.append(make.registration(event, make.user("Dan"), State.WAITLISTED))
    rows.append(make.registration(event, make.user("Eve")))
    return rows


def test_a_session_gets_seats_after_a_preview_only(client: Client) -> None:
    event = make.event(capacity=4)
    crowd(event)
    page = give_seats(client, event.agenda[0], 2)
    assert "Who gets a seat in it (2 people)" in page
    assert "Who gets none (2 people)" in page
    assert "1 person has no seat at the event yet" in page
    assert [name in page for name in ("Ann", "Bo", "Cid", "Dan", "Eve")] == [
        True,
        True,
        True,
        False,
        True,
    ]
    assert (event.agenda[0].capacity, inside(event.agenda[0]), mails()) == (None, [], [])


def test_seats_of_a_session_go_by_arrival_and_everybody_is_told(client: Client) -> None:
    event = make.event(capacity=4)
    rows = crowd(event)
    page = give_seats(client, event.agenda[0], 2, save="yes")
    assert "2 people got a seat in it and 2 none. 5 people will get a mail." in page
    assert inside(event.agenda[0]) == ["Ann", "Bo"]
    assert mails() == [("session_seats", row.user.email) for row in rows]
    texts = [
        " ".join(mail.text.split())
        for mail in db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    ]
    said = ["You have one of them", "You have one", "You are not in it", "You can choose it"]
    assert [part in text for part, text in zip(said, texts, strict=False)] == [True] * 4
    assert list(checks.findings(clock.now())) == []


def test_nobody_is_put_in_two_sessions_at_once(client: Client) -> None:
    event = make.event()
    other = make.session(event, "Sampling", event.starts_at, event.ends_at, capacity=5)
    first, second = make.registration(event), make.registration(event, make.user("Bo"))
    db.session.add(SessionChoice(registration=first, session=other))
    recount(event)
    give_seats(client, event.agenda[0], 1, save="yes")
    assert inside(event.agenda[0]) == [second.name]
    assert list(checks.findings(clock.now())) == []


def test_the_preview_of_a_session_leads_back_to_its_form(client: Client) -> None:
    event = make.event(capacity=4)
    crowd(event)
    page = give_seats(client, event.agenda[0], 2, back="yes")
    assert 'name="capacity"' in page
    assert 'value="2"' in page


@pytest.mark.parametrize("state", [EventState.DRAFT, EventState.PUBLISHED])
def test_a_session_is_saved_at_once_where_nobody_is_concerned(
    client: Client, state: EventState
) -> None:
    event = make.event(state=state)
    assert "The session is saved." in give_seats(client, event.agenda[0], 2)
    assert event.agenda[0].capacity == 2


def test_more_seats_for_a_session_put_nobody_in(client: Client) -> None:
    event = make.event(capacity=4)
    crowd(event)
    event.agenda[0].capacity = 1
    db.session.commit()
    assert "The session is saved." in give_seats(client, event.agenda[0], 2)
    assert (inside(event.agenda[0]), mails()) == ([], [])


def chosen_by(event: Event, *people: Registration) -> Session:
    """A session of the morning with seats of its own."""
    starts = event.starts_at
    few = make.session(event, "Sampling", starts, starts + timedelta(hours=1), capacity=5)
    db.session.add_all([SessionChoice(registration=row, session=few) for row in people])
    recount(event)
    db.session.commit()
    return few


def move_session(client: Client, session: Session, **changes: Any) -> str:
    client.sign_in(make.member())
    fields = session_fields(session, capacity="5", **changes)
    answer = client.press(address(session.event, f"agenda/{session.id}"), **fields)
    return client.get(answer.location).text if answer.location else answer.text


def test_who_chose_a_session_hears_that_it_has_moved(client: Client) -> None:
    event = make.event(zone="UTC")
    seated, waiting = make.registration(event), make.registration(event, state=State.WAITLISTED)
    make.registration(event)
    few = chosen_by(event, seated, waiting)
    page = move_session(client, few, starts="13:00", ends="14:00")
    assert "2 people who chose it will get a mail about its new time." in page
    assert mails() == [("event_changed", row.user.email) for row in (seated, waiting)]
    mail = db.session.scalars(select(OutboxMessage)).first()
    assert mail
    assert "“Sampling”: " in mail.text
    assert ", 13:00–14:00 UTC\nBefore: " in mail.text
    assert ", 09:00–10:00 UTC\n" in mail.text


def test_who_has_chosen_another_session_at_the_new_time_is_told_so(client: Client) -> None:
    event = make.event(zone="UTC")
    both, one = make.registration(event), make.registration(event)
    few = chosen_by(event, both, one)
    starts = event.starts_at + timedelta(hours=4)
    other = make.session(event, "Appeals", starts, starts + timedelta(hours=1), capacity=5)
    db.session.add(SessionChoice(registration=both, session=other))
    recount(event)
    db.session.commit()
    move_session(client, few, starts="13:00", ends="14:00")
    told, untouched = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    says = "At that time you have also chosen “Appeals”. Please keep one of them: http"
    assert (says in told.text, "At that time" in untouched.text) == (True, False)


def test_the_form_of_a_chosen_session_says_that_moving_it_is_mailed(client: Client) -> None:
    few = chosen_by(make.event())
    client.sign_in(make.member())
    page = client.get(address(few.event, f"agenda/{few.id}")).text
    assert "Who chose this session gets a mail" in page


def test_the_agenda_says_how_many_seats_of_a_session_are_taken(client: Client) -> None:
    event = make.event()
    chosen_by(event, make.registration(event), make.registration(event))
    make.session(event, "Appeals", event.starts_at, event.ends_at, capacity=1)
    client.sign_in(make.member())
    page = client.get(address(event, "agenda")).text
    assert "2 of 5 seats taken" in page
    assert "0 of 1 seat taken" in page
    assert "choose when you register" not in page


def test_another_title_or_room_of_a_session_is_mailed_to_nobody(client: Client) -> None:
    event = make.event(zone="UTC")
    few = chosen_by(event, make.registration(event))
    page = move_session(client, few, title="Sampling in practice", room="B2")
    assert ("The session is saved." in page, "will get a mail" in page) == (True, False)
    assert mails() == []


def test_a_session_does_not_move_beside_a_selection_that_its_people_are_told_of(
    client: Client,
) -> None:
    event = make.event(zone="UTC", admission=Admission.SELECTION)
    row = make.registration(event, told_at=clock.now() + timedelta(minutes=9))
    few = chosen_by(event, row)
    page = move_session(client, few, starts="13:00", ends="14:00")
    assert "Save a new time for the session after that, or undo the selection first." in page
    db.session.refresh(few)
    assert few.starts_at == event.starts_at


def test_a_session_gets_no_seats_beside_a_selection(client: Client) -> None:
    event = make.event(admission=Admission.SELECTION)
    make.registration(event, told_at=clock.now() + timedelta(minutes=9))
    page = give_seats(client, event.agenda[0], 2, save="yes")
    assert "Save seats for the session after that, or undo the selection first." in page
    assert event.agenda[0].capacity is None


def test_a_new_session_with_seats_says_that_nobody_is_in_it(client: Client) -> None:
    event = make.event()
    make.registration(event)
    client.sign_in(make.member())
    fields = session_fields(event.agenda[0], title="Sampling", capacity="5")
    answer = client.press(address(event, "agenda/new"), **fields)
    page = client.get(answer.location).get_data(as_text=True)
    assert "“Sampling” is on the agenda. Nobody is in it yet:" in page
    assert mails() == []
