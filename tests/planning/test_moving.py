"""Moving an event to another day: what the page says, what the press does, who may."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from interact_events.accounts.models import Level
from interact_events.core import clock
from interact_events.core.clock import to_local, to_utc
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.events import actions as events
from interact_events.events.models import Event, EventState
from interact_events.interreg.models import Topic
from interact_events.planning import actions
from interact_events.planning.rules import Registration
from interact_events.registrations.actions import change_event
from interact_events.registrations.models import State
from interact_events.registrations.queries import seat_rules_of
from interact_events.registrations.rules import Cap, Dimension, Step
from tests import make
from tests.client import Client, counted
from tests.planning.days import NASTY, draft, event, first_day, mails, monday

pytestmark = pytest.mark.usefixtures("app")

WEEK = timedelta(days=7)
MOVES, STAYS = Registration.MOVES, Registration.STAYS


def moved(row: Event, to: date, registration: Registration = MOVES, **values: Any) -> Event:
    version = values.pop("version", row.version)
    move = actions.Move(to, registration, version)
    actions.move_event(row, move, actor=make.member(), now=values.pop("now", clock.now()))
    db.session.commit()
    return row


def refusal(row: Event, to: date, registration: Registration = MOVES, **values: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        moved(row, to, registration, **values)
    db.session.rollback()
    return caught.value


# -- the action ----------------------------------------------------------------------------------


def test_a_move_keeps_the_hours_on_the_wall_clock() -> None:
    """From summer to winter time nine o'clock stays nine o'clock, in the event's own zone."""
    year = clock.now().year + 1
    starts_at = to_utc(datetime(year, 10, 5, 9), "Europe/Helsinki")  # noqa: DTZ001  # wall clock
    row = make.event(starts_at=starts_at, ends_at=starts_at + timedelta(hours=30))
    moved(row, date(year, 11, 9))
    local = to_local(row.starts_at, row.zone)
    assert (local.date(), local.hour) == (date(year, 11, 9), 9)
    assert row.ends_at - row.starts_at == timedelta(hours=30)


def test_the_agenda_moves_along_even_where_it_would_still_fit() -> None:
    row = event(days=3, sessions=[])
    second = row.starts_at + timedelta(days=1)
    only = row.agenda[0]
    only.starts_at, only.ends_at = second, second + timedelta(hours=2)
    db.session.commit()
    moved(row, monday() + timedelta(days=1))
    assert row.agenda[0].starts_at == second + timedelta(days=1)
    assert row.agenda[0].sequence == row.sequence == 1


def test_registration_moves_along_or_stays() -> None:
    closes = make.days(20).replace(hour=12)
    for choice, expected in ((MOVES, closes + WEEK), (STAYS, closes)):
        row = event(registration_closes_at=closes)
        moved(row, monday() + WEEK, choice)
        found = row.registration_closes_at
        assert found
        assert to_local(found, row.zone).date() == to_local(expected, row.zone).date()


def test_what_has_opened_is_not_closed_again_by_a_move() -> None:
    opened = make.days(-3)
    row = event(registration_opens_at=opened)
    moved(row, monday() + WEEK)
    assert row.registration_opens_at == opened
    planned = draft(registration_opens_at=opened)
    moved(planned, monday() + WEEK)
    assert planned.registration_opens_at
    assert planned.registration_opens_at > opened


def test_the_days_in_its_rules_move_along() -> None:
    row = event()
    since = row.starts_at - timedelta(days=20)
    make.seat_rules(row, caps=[Cap(Dimension.PROGRAMME, (Step(None, 1), Step(since, 2)))])
    moved(row, monday() + WEEK)
    (cap,) = seat_rules_of(row).caps
    found = cap.steps[1].since
    assert found
    assert to_local(found, row.zone).date() == to_local(since + WEEK, row.zone).date()


def test_registrants_get_the_mail_of_the_form_and_others_none() -> None:
    row = event(capacity=1)
    coming, waiting = make.registration(row), make.registration(row, state=State.WAITLISTED)
    make.registration(row, state=State.CANCELLED)
    moved(row, monday() + WEEK)
    kind = "registrations.event_changed"
    assert mails() == [(kind, coming.user.email), (kind, waiting.user.email)]


def test_nobody_hears_of_a_draft_that_moves() -> None:
    moved(draft(), monday() + WEEK)
    assert mails() == []


def test_a_draft_whose_days_are_over_moves_to_new_ones() -> None:
    row = draft(day=clock.now().date() - timedelta(days=40))
    moved(row, monday())
    assert first_day(row) == monday()


def test_a_move_onto_a_day_that_is_over_is_refused() -> None:
    found = refusal(draft(), clock.now().date() - timedelta(days=2))
    assert found.field == "to"
    assert found.message.endswith("is over. Choose a later day.")


def test_a_move_past_the_deadline_of_registration_is_refused() -> None:
    row = event(registration_closes_at=make.days(100))
    found = refusal(row, clock.now().date() + timedelta(days=50), STAYS)
    assert found.field == "registration"
    assert "after the event starts. Let its times move along" in found.message
    found = refusal(row, clock.now().date() + timedelta(days=50), MOVES)
    assert found.field == "registration"
    assert "would have closed on" in found.message


def test_registration_that_would_open_after_the_start_is_refused() -> None:
    row = draft(registration_opens_at=make.days(100))
    found = refusal(row, clock.now().date() + timedelta(days=50), STAYS)
    assert (found.field, found.message) == (
        "registration",
        "Registration must open before the event starts.",
    )


def test_an_hour_that_the_clocks_skip_is_refused_beside_the_day() -> None:
    """On the last Sunday of March 03:30 does not exist in Turku."""
    year = clock.now().year + 1
    last = date(year, 3, 31)
    sunday = last - timedelta(days=(last.weekday() + 1) % 7)
    starts_at = to_utc(datetime(year, 2, 5, 3, 30), "Europe/Helsinki")  # noqa: DTZ001  # wall clock
    row = make.event(
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        state=EventState.DRAFT,
        published_at=None,
    )
    found = refusal(row, sunday)
    assert found.field == "to"
    assert "03:30 does not exist on that day" in found.message


def test_a_cancelled_or_running_event_stays() -> None:
    called_off = event(state=EventState.CANCELLED)
    assert refusal(called_off, monday() + WEEK).message == events.CANCELLED
    running = make.event(starts_at=make.days(0) - timedelta(hours=1))
    assert refusal(running, monday()).message.startswith("This event began on")


def test_the_day_on_which_it_is_already_is_no_move() -> None:
    assert refusal(event(), monday()).message == "The event is on that day already."


def test_who_saw_an_older_version_moves_nothing() -> None:
    row = event()
    seen = row.version
    moved(row, monday() + WEEK)
    found = refusal(row, monday() + 2 * WEEK, version=seen)
    assert isinstance(found, actions.ChangedMeanwhile)
    assert first_day(row) == monday() + WEEK
    assert isinstance(refusal(row, monday(), version=None), actions.ChangedMeanwhile)


# -- the page ------------------------------------------------------------------------------------


def address(row: Event, to: date | None = None) -> str:
    return f"/planning/move/{row.slug}" + (f"?to={to}" if to else "")


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(version|seen|to)"[^>]* value="([^"]*)"', page))


def test_the_page_asks_for_a_day_first(client: Client) -> None:
    client.sign_in(make.member())
    row = draft()
    for page in (address(row), address(row, monday()), f"{address(row)}?to=nonsense"):
        text = client.get(page).text
        assert "Show what the move does" in text
        assert "What the move does</h2>" not in text


def test_the_page_says_what_the_move_does_and_does_nothing(client: Client) -> None:
    row = event(NASTY, registration_closes_at=make.days(20))
    for state in (State.CONFIRMED, State.WAITLISTED, State.CANCELLED):
        make.registration(row, state=state)
    event("At the same time", monday() + WEEK, office=make.office("vienna"))
    client.sign_in(make.member())
    page = client.get(address(row, monday() + WEEK)).text
    assert "2 people get a mail</strong> with the new time: 1 confirmed and 1 on the" in page
    assert page.count("<li>Anna Virtanen</li>") == 2
    assert "Move it and tell 2 people" in page
    assert "1 session moves along" in page
    assert "They move along: closes" in page
    assert "They stay: closes" in page
    assert re.search(r"At the same time</a>, Vienna, [^:]+: on the same days", page)
    assert "<b>O" not in page
    assert first_day(db.session.get_one(Event, row.id)) == monday()


def test_a_press_moves_and_leads_back_to_the_board(client: Client) -> None:
    row = event(registration_closes_at=make.days(20))
    person = make.registration(row).user
    client.sign_in(make.member())
    page = client.get(address(row, monday() + WEEK)).text
    answer = client.press(address(row), page=address(row), registration="moves", **hidden(page))
    assert answer.status_code == 303
    assert answer.location == f"/planning?zoom=quarter&from={monday() + WEEK}"
    shown = client.get(answer.location).text
    assert "is moved to" in shown
    assert "1 person will get a mail" in shown
    assert first_day(row) == monday() + WEEK
    assert mails() == [("registrations.event_changed", person.email)]


def test_the_second_of_two_sees_what_changed_and_decides(client: Client) -> None:
    row = draft()
    mine = address(row, monday() + 2 * WEEK)
    client.sign_in(make.member())
    seen = hidden(client.get(mine).text)
    other = make.member("turku", Level.LEAD, name="Kaisa Lindström")
    values = events.values_of(row, WEEK, title="Another title")
    change_event(row, values, actor=other, now=clock.now())
    db.session.commit()

    answer = client.press(address(row), page=mine, **seen)
    assert answer.status_code == 409
    page = answer.text
    assert "This event has changed since you opened this page" in page
    assert "Kaisa Lindström" in page
    assert "<del>A draft</del> → <ins>Another title</ins>" in page
    for day in (monday(), monday() + WEEK):
        assert f"{day.day} {day:%B %Y}" in page  # from where to where they have moved it
    assert f"from {(monday() + 2 * WEEK).day} {monday() + 2 * WEEK:%B %Y} on" in page
    assert first_day(row) == monday() + WEEK

    again = hidden(page)
    assert again["version"] != seen["version"]
    assert client.press(address(row), page=mine, **again).status_code == 303
    assert first_day(row) == monday() + 2 * WEEK


def test_a_refusal_stands_beside_its_field_before_and_after_the_press(client: Client) -> None:
    row = event(registration_closes_at=make.days(100))
    soon = clock.now().date() + timedelta(days=50)
    client.sign_in(make.member())
    page = client.get(address(row, soon)).text
    assert "would have closed on" in page
    answer = client.press(
        address(row), page=address(row), **(hidden(page) | {"registration": "stays"})
    )
    assert 'id="registration-error"' in answer.text
    assert "after the event starts" in answer.text
    over = client.get(address(row, clock.now().date() - timedelta(days=3))).text
    assert 'id="to-error"' in over
    assert "Move it" not in over


@pytest.mark.parametrize("to", ["", "nonsense", "0001-01-01", "9999-12-31"])
def test_a_day_that_makes_no_sense_is_refused_in_words(client: Client, to: str) -> None:
    row = draft(registration_closes_at=make.days(20))
    client.sign_in(make.member())
    seen = hidden(client.get(address(row, monday() + WEEK)).text) | {"to": to}
    answer = client.press(address(row), page=address(row), **seen)
    assert answer.status_code == 200
    assert 'id="to-error"' in answer.text


@pytest.mark.parametrize("version", ["", "nonsense", "-1", "99999999999"])
def test_a_version_that_somebody_made_up_moves_nothing(client: Client, version: str) -> None:
    row = draft()
    client.sign_in(make.member())
    seen = hidden(client.get(address(row, monday() + WEEK)).text)
    made_up = seen | {"version": version, "seen": version}
    assert "This event has changed" in client.press(address(row), page="/my/", **made_up).text
    assert first_day(row) == monday()


def test_who_may_not_move_reads_who_may(client: Client) -> None:
    row = event(office=make.office("vienna"))
    row.co_organisers = [make.office("viborg")]
    seen = {"to": str(monday() + WEEK), "version": "0", "seen": "0"}
    for who in (make.member(), make.member("vienna", Level.VIEWER)):
        client.sign_in(who)
        answer = client.get(address(row, monday() + WEEK))
        assert answer.status_code == 403
        assert "Only editors of Interact Office Vienna or Interact Office Viborg" in answer.text
        assert client.press(address(row), page="/my/", **seen).status_code == 403
    client.sign_in(make.member("viborg"))
    assert client.get(address(row)).status_code == 200
    client.sign_in(make.user())
    assert client.get(address(row)).status_code == 404
    assert client.press(address(row), page="/my/", **seen).status_code == 404
    assert first_day(row) == monday()


def test_what_stays_says_why(client: Client) -> None:
    client.sign_in(make.member())
    assert events.CANCELLED in client.get(address(event(state=EventState.CANCELLED))).text
    running = make.event(starts_at=datetime(2026, 1, 5, 9, tzinfo=UTC))
    assert "This event began on 5 January 2026" in client.get(address(running)).text


def test_the_page_asks_the_same_number_of_queries_whatever_it_meets(
    client: Client, connection: Connection
) -> None:
    row = event()
    client.sign_in(make.member())

    def cost() -> int:
        with counted(connection) as statements:
            client.get(address(row, monday() + WEEK))
        return len(statements)

    event("One", monday() + WEEK)
    make.registration(row)
    one = cost()
    for number in range(3):
        event(f"More {number}", monday() + WEEK)
        make.registration(row)
    assert cost() == one


@pytest.mark.parametrize("to", ["", "soon", "1999-12-31", "2150-01-01"])
def test_a_day_of_the_address_that_makes_no_sense_is_refused_in_words(
    client: Client, to: str
) -> None:
    client.sign_in(make.member())
    answer = client.get(f"/planning/move/{draft().slug}?to={to}")
    assert answer.status_code == 200
    assert "Choose a day from 2000 to 2100." in answer.text
    assert "What the move does" not in answer.text


def test_the_day_on_which_it_is_already_is_said_before_the_press(client: Client) -> None:
    """As after the button back."""
    row = draft()
    client.sign_in(make.member())
    page = client.get(address(row, monday())).text
    assert "The event is on that day already." in page
    assert "What the move does" not in page


def test_a_second_press_on_one_page_reads_that_the_first_has_moved_it(client: Client) -> None:
    row = draft()
    me = make.member(name="Anna Virtanen")
    client.sign_in(me)
    path = address(row, monday() + WEEK)
    seen = hidden(client.get(path).text)
    assert client.press(address(row), page=path, **seen).status_code == 303
    again = client.press(address(row), page=path, **seen)
    assert again.status_code == 409
    assert "This event has changed since you opened this page." in again.text
    assert "Somebody else" not in again.text
    assert me.name in again.text
    assert first_day(row) == monday() + WEEK


def test_the_page_says_what_speaks_against_the_days(client: Client) -> None:
    row = draft()
    make.closure("Moving house", first_on=monday() + WEEK, last_on=monday() + WEEK)
    client.sign_in(make.member())
    page = client.get(address(row, monday() + WEEK)).text
    assert "Moving house" in page
    assert "falls on the weekend" in client.get(address(row, monday() + WEEK / 7 * 5)).text
    assert "Moving house" not in client.get(address(row, monday() + 2 * WEEK)).text


def test_templates_are_in_nobodys_way(client: Client) -> None:
    row = draft()
    draft("A pattern", monday() + WEEK, is_template=True)
    client.sign_in(make.member())
    assert "A pattern" not in client.get(address(row, monday() + WEEK)).text


def test_the_monday_after_is_another_week(client: Client) -> None:
    row, topic = draft("Ours", monday()), db.session.scalars(select(Topic)).first()
    assert topic
    row.topics = [topic]
    for title, day in (("Same week", monday() + WEEK), ("Later", monday() + 2 * WEEK)):
        draft(title, day, topics=[topic])
    client.sign_in(make.member())
    page = client.get(address(row, monday() + WEEK + timedelta(days=6))).text
    met = page.split("What else is there")[1]
    assert "Same week" in met
    assert "Later" not in met
