"""Behind whom people wait where the office chooses who gets a free seat."""

from typing import Any

import pytest
from sqlalchemy import Connection

from interact_events.accounts.queries import user_by_email
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events.models import Admission, Event, Mode
from interact_events.registrations import actions, checks, queries
from interact_events.registrations.actions import Answers, SeatValues
from interact_events.registrations.models import Promotion, Registration, State
from interact_events.registrations.queries import line as line_queries
from interact_events.registrations.rules import Cap, Dimension, Step
from tests import make
from tests.client import Client, counted
from tests.registrations.test_reviewed import PASSWORD, newcomer

pytestmark = pytest.mark.usefixtures("app")

NOW = clock.now()
ONE_EACH = [Cap(Dimension.PROGRAMME, (Step(None, 1),))]
SEAT, WAITS = State.CONFIRMED, State.WAITLISTED
A_SEAT_IS_FREE = "A seat is free, and the office chooses who of those who wait gets it."


def chosen_by_office(limits: list[Cap] | None = None, **event: Any) -> Event:
    found = make.event(**event)
    make.seat_rules(found, promotion=Promotion.OFFICE, caps=limits or [])
    return found


def comes(event: Event, programme: str = "Central Baltic", **answers: Any) -> Registration:
    profile = make.profile(programme_id=make.programme(programme).id)
    return actions.register(profile, event, Answers(**answers), now=NOW)


def test_a_programme_that_has_its_seat_keeps_no_other_from_one() -> None:
    event = chosen_by_office(ONE_EACH, capacity=100)
    programmes = ("Central Baltic", "Central Baltic", "Alpine", "Danube", "Alpine")
    states = [comes(event, programme).state for programme in programmes]
    assert states == [SEAT, WAITS, SEAT, SEAT, WAITS]
    assert (event.seats_taken, event.waiting) == (3, 2)
    assert list(checks.findings(clock.now())) == []


def test_who_waits_for_a_seat_on_site_keeps_nobody_from_one_online() -> None:
    event = chosen_by_office(capacity=11, online_capacity=10, mode=Mode.HYBRID)
    first, second = comes(event), comes(event)
    online = comes(event, is_online=True)
    assert [row.state for row in (first, second, online)] == [SEAT, WAITS, SEAT]


def test_whom_new_rules_bar_keeps_nobody_from_a_seat() -> None:
    event = chosen_by_office(capacity=1)
    rows = [comes(event), comes(event)]
    theirs = make.role("MA")
    values = SeatValues(
        admission=Admission.FIRST_COME, capacity=50, promotion=Promotion.OFFICE, roles=(theirs,)
    )
    actions.set_seat_rules(event, values, actor=make.member(), now=NOW)
    profile = make.profile(role_id=theirs.id)
    rows.append(actions.register(profile, event, Answers(), now=NOW))
    assert [row.state for row in rows] == [SEAT, WAITS, SEAT]


def test_nobody_overtakes_who_could_have_the_seat() -> None:
    event = chosen_by_office(capacity=1)
    first, second = comes(event), comes(event)
    actions.cancel_registration(first, actor=first.user, now=NOW)
    assert (comes(event).state, second.state, event.seats_taken) == (WAITS, WAITS, 0)


@pytest.mark.parametrize("programme", ["Central Baltic", "Alpine"])
def test_once_the_selection_ends_applicants_pass_over_who_can_have_no_seat(programme: str) -> None:
    event = make.event(capacity=10, admission=Admission.SELECTION)
    make.seat_rules(event, caps=ONE_EACH)
    make.registration(event)
    waits = make.registration(event, state=WAITS)
    applied = [comes(event, programme), comes(event, "Danube")]
    values = SeatValues(
        admission=Admission.FIRST_COME,
        capacity=10,
        promotion=Promotion.OFFICE,
        caps=(actions.CapValues(per=Dimension.PROGRAMME, steps=(actions.StepValues(most=1),)),),
    )
    actions.set_seat_rules(event, values, actor=make.member(), now=NOW)
    states = [WAITS if programme == "Central Baltic" else SEAT, SEAT]
    assert [row.state for row in applied] == states
    assert waits.state is WAITS


# -- changing between on site and online


def hybrid(**event: Any) -> Event:
    return chosen_by_office(mode=Mode.HYBRID, capacity=4, online_capacity=2, **event)


def test_a_seat_in_the_other_mode_is_theirs_if_those_who_wait_there_can_have_none() -> None:
    event = chosen_by_office(ONE_EACH, mode=Mode.HYBRID, capacity=4, online_capacity=2)
    seated = comes(event)
    alpine = comes(event, "Alpine", is_online=True)
    assert comes(event, "Alpine").state is WAITS
    actions.change_mode(alpine, is_online=False, now=NOW)
    assert (alpine.is_online, alpine.state, seated.state) == (False, SEAT, SEAT)


def test_who_waits_gets_a_free_seat_in_the_other_mode_unless_others_wait_for_it() -> None:
    event = hybrid()
    on_site = [comes(event) for _ in range(4)]
    online = [comes(event, is_online=True) for _ in range(3)]
    assert [row.state for row in on_site] == [SEAT, SEAT, WAITS, WAITS]
    assert [row.state for row in online] == [SEAT, SEAT, WAITS]
    actions.cancel_registration(online[0], actor=online[0].user, now=NOW)
    said = actions.change_mode(on_site[2], is_online=True, now=NOW)
    assert said == "You wait for a seat online; your place in line is the same."
    for row in (online[2], on_site[2]):
        actions.cancel_registration(row, actor=row.user, now=NOW)
    assert actions.change_mode(on_site[3], is_online=True, now=NOW) == "You have a seat online."
    assert list(checks.findings(clock.now())) == []


def test_a_newcomer_who_waits_gets_a_free_seat_in_the_other_mode() -> None:
    """Not by sending the same form again: the office chooses who gets a seat that became free."""
    event = hybrid()
    on_site = [comes(event), comes(event)]

    def send(*, is_online: bool) -> State | None:
        answers = Answers(is_online=is_online)
        actions.register_newcomer(newcomer("Alpine"), PASSWORD, event, answers, now=NOW)
        user = user_by_email(newcomer("Alpine").email)
        row = queries.standing_registration(event, user) if user else None
        return row.upon_confirmation if row else None

    assert send(is_online=False) is WAITS
    actions.cancel_registration(on_site[0], actor=on_site[0].user, now=NOW)
    assert send(is_online=False) is WAITS
    assert send(is_online=True) is SEAT


def test_who_waits_changes_to_no_seat_where_the_office_selects() -> None:
    event = make.event(
        mode=Mode.HYBRID, capacity=4, online_capacity=2, admission=Admission.SELECTION
    )
    row = make.registration(event, state=WAITS)
    actions.change_mode(row, is_online=True, now=NOW)
    assert row.state is WAITS


def test_who_keeps_their_seat_reads_why() -> None:
    event = hybrid()
    on_site = [comes(event) for _ in range(3)]
    online = comes(event, is_online=True)
    actions.cancel_registration(on_site[0], actor=on_site[0].user, now=NOW)
    with pytest.raises(DomainError) as refused:
        actions.change_mode(online, is_online=False, now=NOW)
    assert refused.value.message == f"{A_SEAT_IS_FREE} You keep your seat."


# -- what pages say


def test_the_event_page_answers_as_registering_does(client: Client) -> None:
    event = chosen_by_office(ONE_EACH, capacity=100)
    comes(event), comes(event)
    person = make.profile(programme_id=make.programme("Alpine").id).user
    make.profile(person)
    db.session.commit()
    client.sign_in(person)
    page = client.get(f"/events/{event.slug}").get_data(as_text=True)
    assert "You can register as controller of Interreg VI-B Alpine Space." in page
    assert "you can join the waiting list. Your programme has its 1 seat." in page


def test_where_others_wait_for_the_seat_pages_say_so(client: Client) -> None:
    event = chosen_by_office(capacity=2)
    first, _, waits = comes(event), comes(event), comes(event)
    actions.cancel_registration(first, actor=first.user, now=NOW)
    db.session.commit()
    client.sign_in(make.profile().user)
    for path in ("", "/register"):
        page = client.get(f"/events/{event.slug}{path}").get_data(as_text=True)
        assert f"you can join the waiting list. {A_SEAT_IS_FREE}" in page
    client.sign_in(waits.user)
    own = f"1st in line; 1st of your programme. {A_SEAT_IS_FREE} We write to you when it is yours."
    for path in (f"/events/{event.slug}", f"/my/registrations/{waits.id}"):
        assert own in client.get(path).get_data(as_text=True)


def test_staff_read_for_whom_the_rules_have_a_seat(client: Client) -> None:
    event = chosen_by_office(capacity=2)
    first, _, _ = comes(event), comes(event), comes(event)
    actions.cancel_registration(first, actor=first.user, now=NOW)
    db.session.commit()
    client.sign_in(make.member())
    page = client.get(f"/offices/turku/events/{event.slug}/registrations?state=waitlisted")
    assert f"1st in line. {A_SEAT_IS_FREE}" in page.get_data(as_text=True)


# -- how much of the line is read


def test_the_whole_line_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those behind the front too, by kind."""
    monkeypatch.setattr(line_queries, "FRONT", 2)
    event = chosen_by_office(ONE_EACH, capacity=9)
    rows = [comes(event, p) for p in ["Central Baltic"] * 5 + ["Alpine"]]
    assert [row.state for row in rows] == [SEAT, WAITS, WAITS, WAITS, WAITS, SEAT]
    waits = make.registration(event, make.profile(programme_id=None).user, state=WAITS)
    assert comes(event, "Danube").state is WAITS
    actions.cancel_registration(waits, actor=waits.user, now=NOW)
    assert comes(event, "North Sea").state is WAITS  # behind who waits from Danube


def statements_of_registering(connection: Connection, event: Event) -> list[str]:
    profile = make.profile(programme_id=make.programme("Danube").id)
    db.session.commit()
    with counted(connection) as statements:
        actions.register(profile, event, Answers(), now=NOW)
        db.session.flush()
    return list(statements)


def test_the_line_costs_a_statement_and_only_where_the_office_chooses(
    connection: Connection,
) -> None:
    costs = []
    for promotion in (Promotion.AUTOMATIC, Promotion.OFFER, Promotion.OFFICE):
        event = make.event(capacity=9)
        make.seat_rules(event, promotion=promotion, caps=ONE_EACH)
        make.registration(event)
        make.registration(event, state=WAITS)
        costs.append(len(statements_of_registering(connection, event)))
    assert costs == [costs[0], costs[0], costs[0] + 1]


def test_a_longer_line_costs_no_more_statements(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_queries, "FRONT", 2)
    costs = []
    for number in (2, 9):
        event = chosen_by_office(ONE_EACH, capacity=9)
        make.registration(event)
        for _ in range(number):
            make.registration(event, state=WAITS)
        costs.append(len(statements_of_registering(connection, event)))
    assert costs[0] == costs[1]


def test_of_the_line_behind_its_front_each_kind_is_read_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(line_queries, "FRONT", 1)
    event = chosen_by_office(capacity=1)
    rows = [make.registration(event, state=WAITS) for _ in range(3)]
    make.registration(event, make.profile(country_id=make.country("GR").id).user, state=WAITS)
    settings = queries.seat_rules_of(event)
    rules = queries.rules_of(event, settings)
    line = list(queries.line_at(event, rules))
    assert [who.country for who in line] == [make.country().id] * 2 + [make.country("GR").id]
    others = list(queries.line_at(event, rules, but=rows[0]))
    assert len(others) == 3


def test_who_has_no_account_reads_that_others_wait(client: Client) -> None:
    event = chosen_by_office(capacity=1)
    seated = comes(event)
    assert comes(event).state is WAITS
    actions.cancel_registration(seated, actor=seated.user, now=NOW)
    db.session.commit()
    said = "Others wait, and the office chooses who gets a seat that is free."
    assert said in client.get(f"/events/{event.slug}").text
    form = client.get(f"/events/{event.slug}/register").text
    assert said in form
    assert "Others wait already, so you may have to wait as well." in form
    assert "Others wait" in client.get("/events").text


def test_once_registration_is_over_nobody_gives_themselves_the_seat() -> None:
    event = chosen_by_office(mode=Mode.HYBRID, capacity=3, online_capacity=2)
    comes(event)
    row = make.registration(event, state=WAITS, is_online=True)
    event.registration_closes_at = NOW
    for is_online in (False, True):
        actions.change_mode(row, is_online=is_online, now=NOW)
    assert row.state is WAITS
