"""Warnings and the date finder as everybody who may or may not open them."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select

from interact_events.accounts.models import Level, User
from interact_events.core import clock
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.events.models import Event, EventState
from interact_events.scheduling.models import Closure, DateRules, DismissedWarning
from tests import make
from tests.client import Client, counted
from tests.events.test_office import answers

NASTY = 'Ζωή "Žižka" <b>O\'Neil</b>'
HOME = "/offices/turku/events"
FINDER = "/offices/turku/find-a-date"


def christmas() -> datetime:
    """Christmas Day after next, at 10 in Helsinki: a holiday wherever one looks."""
    return datetime(clock.now().year + 1, 12, 25, 8, tzinfo=UTC)


def at_christmas(**values: Any) -> Event:
    return make.event(**({"starts_at": christmas(), "published_at": clock.now()} | values))


def a_draft(**values: Any) -> Event:
    usual = {"state": EventState.DRAFT, "published_at": None, "starts_at": christmas()}
    return make.event(**(usual | values))


def everybody() -> dict[str, User]:
    return {
        "viewer": make.member("turku", Level.VIEWER),
        "editor": make.member("turku", Level.EDITOR),
        "lead": make.member("turku", Level.LEAD),
        "other": make.member("viborg", Level.LEAD),
        "stranger": make.user(),
    }


def statuses(client: Client, method: str, path: str, **fields: Any) -> list[int]:
    found = []
    for person in everybody().values():
        client.sign_in(person)
        answer = client.press(path, **fields) if method == "POST" else client.get(path)
        found.append(answer.status_code)
    return found


def lead(client: Client) -> Client:
    client.sign_in(make.member("turku", Level.LEAD))
    return client


def text(client: Client, path: str, **query: Any) -> str:
    return client.get(path, query_string=query).get_data(as_text=True)


# -- on the event's page -------------------------------------------------------------------------


def test_warnings_stand_on_the_overview(client: Client) -> None:
    event = at_christmas()
    page = text(lead(client), f"{HOME}/{event.slug}/")
    assert "is a day off in Finland, where it takes place: Christmas Day." in page
    assert page.count("Dismiss</a>") >= 2


def test_only_leads_dismiss(client: Client) -> None:
    event = at_christmas()
    client.sign_in(make.member("turku", Level.EDITOR))
    page = text(client, f"{HOME}/{event.slug}/")
    assert ("Public holiday on site" in page, "Dismiss</a>" in page) == (True, False)
    path = f"{HOME}/{event.slug}/dates/dismiss?key={key(event)}"
    assert statuses(client, "GET", path) == [403, 403, 200, 404, 404]
    assert statuses(client, "POST", path, reason="Yes") == [403, 403, 303, 404, 404]


def key(event: Event) -> str:
    return f"holiday-there:{event.starts_at:%Y-%m-%d}:"


def test_dismissed_warning_stays_with_who_and_why_and_can_be_taken_back(client: Client) -> None:
    event = at_christmas()
    path = f"{HOME}/{event.slug}/dates/dismiss?key={key(event)}"
    refused = lead(client).press(path, reason=" ").get_data(as_text=True)
    assert "Say in a sentence why the dates stay." in refused
    client.press(path, reason=f"It is a party. {NASTY}")
    page = text(client, f"{HOME}/{event.slug}/")
    assert "1 dismissed warning" in page
    assert "It is a party. Ζωή &#34;Žižka&#34; &lt;b&gt;O&#39;Neil&lt;/b&gt;" in page
    assert client.get(path).status_code == 303  # nothing left to dismiss
    row = db.session.scalars(select(DismissedWarning)).one()
    back = f"{HOME}/{event.slug}/dates/{row.id}/take-back"
    assert statuses(client, "POST", back)[:2] == [403, 403]
    assert db.session.scalars(select(DismissedWarning)).all() == []
    assert "dismissed warning" not in text(lead(client), f"{HOME}/{event.slug}/").lower()


def test_dismissal_of_another_event_is_not_found(client: Client) -> None:
    event, other = at_christmas(), at_christmas()
    path = f"{HOME}/{event.slug}/dates/dismiss?key={key(event)}"
    lead(client).press(path, reason="A party.")
    row = db.session.scalars(select(DismissedWarning)).one()
    assert client.press(f"{HOME}/{other.slug}/dates/{row.id}/take-back").status_code == 404


def test_draft_of_another_office_is_named_and_leads_to_the_plan(client: Client) -> None:
    event = at_christmas(contact_name="Bo Ek")
    theirs = a_draft(title=NASTY, office=make.office("viborg"), contact_name="Bo Ek", venue="Hall")
    page = text(lead(client), f"{HOME}/{event.slug}/")
    assert "Viborg’s draft “Ζωή &#34;Žižka&#34; &lt;b&gt;" in page
    assert f'href="/planning/events/{theirs.slug}"' in page
    theirs.state = EventState.PUBLISHED
    assert f'href="/events/{theirs.slug}"' in text(client, f"{HOME}/{event.slug}/")


def test_nothing_of_it_is_public(client: Client) -> None:
    event = at_christmas()
    assert "Christmas Day" not in text(client, f"/events/{event.slug}")


def test_overview_costs_the_same_with_more_events_around(
    client: Client, connection: Connection
) -> None:
    event = at_christmas(contact_name="Bo Ek")
    lead(client)
    costs = []
    for number in (1, 2):
        for _ in range(number):
            make.registration(at_christmas(contact_name="Bo Ek", office=make.office("viborg")))
        with counted(connection) as statements:
            text(client, f"{HOME}/{event.slug}/")
        costs.append(len(statements))
    assert costs[0] == costs[1]


# -- while dates are chosen ----------------------------------------------------------------------


def typed(day: datetime | None = None, **changes: Any) -> dict[str, Any]:
    local = to_local(day or christmas(), "Europe/Helsinki")
    times = {"starts": f"{local:%Y-%m-%d}T09:00", "ends": f"{local:%Y-%m-%d}T16:00"}
    return answers(**(times | changes))


def test_who_may_check_dates(client: Client) -> None:
    event = a_draft()
    expected = [403, 200, 200, 404, 404]
    assert statuses(client, "POST", "/offices/turku/check-dates", **typed()) == expected
    path = f"{HOME}/{event.slug}/check-dates"
    assert statuses(client, "POST", path, **typed()) == expected


def test_dates_are_checked_as_typed_and_nothing_is_saved(client: Client) -> None:
    path = "/offices/turku/check-dates"
    answer = lead(client).press(path, **typed()).get_data(as_text=True)
    assert "about these dates. You can save all the same." in answer
    assert "where it takes place: Christmas Day." in answer
    assert db.session.scalars(select(Event)).all() == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"starts": ""}, "Once start and end are chosen"),
        ({"starts": "soon"}, "Once start and end are chosen"),
        ({"zone": "Mars/Olympus"}, "Once start and end are chosen"),
        ({"ends": "2027-01-01T09:00", "starts": "2027-01-02T09:00"}, "must end after it starts"),
        ({"starts": "1027-01-01T09:00"}, "Choose a year from 2000 to 2100, not 1027."),
        ({"mode": "telepathy", "country": "Mars", "roles": "x"}, "about these dates"),
        ({"title": ""}, "about these dates"),
    ],
)
def test_whatever_is_typed_is_answered(
    client: Client, changes: dict[str, Any], sentence: str
) -> None:
    answer = lead(client).press("/offices/turku/check-dates", **typed(**changes))
    assert (answer.status_code, sentence in answer.get_data(as_text=True)) == (200, True)


def test_dates_of_an_event_are_checked_with_its_people(client: Client) -> None:
    event, other = make.event(), at_christmas(office=make.office("viborg"), venue="Hall")
    person = make.user()
    make.registration(event, person)
    make.registration(other, person)
    answer = lead(client).press(f"{HOME}/{event.slug}/check-dates", **typed())
    assert "1 registered person has a seat at Viborg’s" in answer.get_data(as_text=True)


def test_without_a_script_a_button_shows_them_and_keeps_the_answers(client: Client) -> None:
    answer = lead(client).press(f"{HOME}/new", check="dates", **typed(title=NASTY))
    page = answer.get_data(as_text=True)
    assert "where it takes place: Christmas Day." in page
    assert "Ζωή &#34;Žižka&#34; &lt;b&gt;O&#39;Neil&lt;/b&gt;" in page
    assert db.session.scalars(select(Event)).all() == []
    event = make.event()
    changed = client.press(f"{HOME}/{event.slug}/edit", check="dates", **typed())
    assert "where it takes place: Christmas Day." in changed.get_data(as_text=True)
    assert event.starts_at != christmas()


def test_saving_is_never_in_the_way_and_says_how_many(client: Client) -> None:
    answer = lead(client).press(f"{HOME}/new", **typed())
    assert answer.status_code == 303
    said = re.compile(r"There are \d warnings about its dates: see Overview\.")
    assert said.search(text(client, answer.headers["Location"]))
    event = db.session.scalars(select(Event)).one()
    kept = typed(version=event.version, title="Unit costs and lump sums")
    saved = client.press(f"{HOME}/{event.slug}/edit", **kept)
    assert said.search(text(client, saved.headers["Location"]))


# -- the date finder -----------------------------------------------------------------------------


def asked(**changes: Any) -> dict[str, Any]:
    first = to_local(clock.now(), "Europe/Helsinki").date() + timedelta(days=60)
    usual = {
        "first": first,
        "last": first + timedelta(days=90),
        "days": 2,
        "starts": "09:00",
        "ends": "16:00",
        "weekdays": [0, 1, 2, 3, 4],
    }
    return usual | changes


def test_who_may_look_for_a_date(client: Client) -> None:
    assert statuses(client, "GET", FINDER) == [403, 200, 200, 404, 404]


def test_finder_is_linked_from_the_office(client: Client) -> None:
    lead(client)
    for page in ("/offices/turku/", f"{HOME}/"):
        assert f'href="{FINDER}"' in text(client, page)
    event = a_draft()
    assert f'href="{FINDER}?event={event.slug}"' in text(client, f"{HOME}/{event.slug}/")


def test_ten_dates_with_reasons_and_a_way_to_use_them(client: Client) -> None:
    role = make.role().id
    page = text(lead(client), FINDER, **asked(roles=role))
    assert page.count("Use this date</a>") == 10
    assert "weeks to prepare</li>" in page
    assert f"roles={role}" in page


def test_date_that_is_used_fills_the_form(client: Client) -> None:
    args = {"starts": "2027-05-12T09:00", "ends": "2027-05-13T16:00", "roles": make.role().id}
    page = text(lead(client), f"{HOME}/new", **args)
    assert 'value="2027-05-12T09:00"' in page
    assert 'value="2027-05-13T16:00"' in page
    assert re.search(rf'<input checked[^>]*name="roles"[^>]*value="{make.role().id}"', page)
    odd = client.get(f"{HOME}/new?starts=soon&roles=x&topics=y")
    assert (odd.status_code, "error" in odd.get_data(as_text=True)) == (200, False)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"last": date(2000, 1, 1)}, "The last day can’t come before the first day."),
        ({"last": date(2090, 1, 1)}, "Choose at most a year."),
        ({"first": "1027-01-01", "last": "1027-02-01"}, "Choose a year from 2000 to 2099."),
        ({"first": "soon"}, "Give a day, like 2027-05-12."),
        ({"days": 0}, "Give a number from 1 to 31."),
        ({"days": 1, "ends": "08:00"}, "It must end after it starts."),
        ({"weekdays": []}, "Tick at least one day of the week."),
        ({"weekdays": [9]}, "not a valid choice"),
        ({"countries": ["Mars"]}, "on offer"),
    ],
)
def test_odd_questions_are_refused_beside_their_fields(
    client: Client, changes: dict[str, Any], sentence: str
) -> None:
    answer = lead(client).get(FINDER, query_string=asked(**changes))
    page = answer.get_data(as_text=True)
    assert (answer.status_code, sentence in page) == (200, True)
    assert "Use this date" not in page


def test_window_without_a_date_says_why(client: Client) -> None:
    today = to_local(clock.now(), "Europe/Helsinki").date()
    page = text(lead(client), FINDER, **asked(first=today, last=today + timedelta(days=9)))
    assert "No day of this window fits" in page
    assert "with too little time to prepare" in page


def test_country_of_which_nothing_is_known_is_said(client: Client) -> None:
    greece = make.country("GR")
    greece.code = "ZZ"
    page = text(lead(client), FINDER, **asked(countries=greece.id))
    assert "Holidays not known for Greece" in page


def test_finder_costs_the_same_with_more_events_around(
    client: Client, connection: Connection
) -> None:
    lead(client)
    costs = []
    for number in (1, 2):
        for _ in range(number):
            make.event(starts_at=make.days(80), office=make.office("viborg"))
        with counted(connection) as statements:
            text(client, FINDER, **asked(roles=make.role().id))
        costs.append(len(statements))
    assert costs[0] == costs[1]


# -- moving a draft ------------------------------------------------------------------------------


def test_finder_begins_with_the_draft(client: Client) -> None:
    event = a_draft(title=NASTY)
    page = text(lead(client), FINDER, event=event.slug)
    assert 'value="10:00"' in page
    assert f'name="event" value="{event.slug}"' in page
    found = text(client, FINDER, event=event.slug, **asked())
    assert f"{HOME}/{event.slug}/move?starts=" in found


@pytest.mark.parametrize("slug", ["no-such", "published", "theirs"])
def test_only_own_drafts_are_moved(client: Client, slug: str) -> None:
    make.event(slug="published")
    a_draft(slug="theirs", office=make.office("viborg"))
    assert lead(client).get(FINDER, query_string={"event": slug}).status_code == 404


def test_finder_follows_a_draft_of_several_weeks(client: Client) -> None:
    event = a_draft(ends_at=christmas() + timedelta(days=14, hours=6))
    query = {"event": event.slug}
    page = text(lead(client), FINDER, **query)
    assert 'value="15"' in page
    assert page.count("checked") == 7
    year = asked(days=15, weekdays=[*range(7)], event=event.slug)
    year["last"] = year["first"] + timedelta(days=360)
    assert "Use this date" in text(client, FINDER, **year)


def test_move_is_confirmed_and_takes_the_agenda_along(client: Client) -> None:
    event = a_draft()
    times = {"starts": "2028-03-14T09:00", "ends": "2028-03-14T17:00"}
    path = f"{HOME}/{event.slug}/move"
    page = text(lead(client), path, **times)
    assert ("14 March 2028" in page, "09:00–17:00" in page) == (True, True)
    assert event.starts_at == christmas()
    answer = client.press(path, version=event.version, **times)
    assert answer.headers["Location"] == f"{HOME}/{event.slug}/"
    assert to_local(event.starts_at, event.zone).date() == date(2028, 3, 14)
    assert event.agenda[0].starts_at == event.starts_at


def test_second_of_two_who_move_a_draft_sees_where_it_is_and_decides(client: Client) -> None:
    event = a_draft()
    path = f"{HOME}/{event.slug}/move"
    mine = {"starts": "2028-03-15T09:00", "ends": "2028-03-15T17:00"}
    lead(client)
    seen = event.version
    client.press(path, version=seen, starts="2028-03-14T09:00", ends="2028-03-14T17:00")
    stale = client.press(path, version=seen, **mine).get_data(as_text=True)
    assert "This draft has changed since you opened this page." in stale
    assert "14 March 2028, 09:00" in stale
    assert to_local(event.starts_at, event.zone).date() == date(2028, 3, 14)
    version = stale.split('name="version"')[1].split('value="')[1].split('"')[0]
    assert client.press(path, version=version, **mine).status_code == 303
    assert to_local(event.starts_at, event.zone).date() == date(2028, 3, 15)


def test_move_that_makes_no_sense(client: Client) -> None:
    event = a_draft()
    path = f"{HOME}/{event.slug}/move"
    assert lead(client).get(path).status_code == 404
    assert client.get(f"{path}?starts=soon&ends=later").status_code == 404
    back = {"starts": "2028-03-14T09:00", "ends": "2028-03-13T09:00"}
    refused = client.press(path, version=event.version, **back)
    assert "must end after it starts" in refused.get_data(as_text=True)


def test_who_may_move(client: Client) -> None:
    event = a_draft()
    path = f"{HOME}/{event.slug}/move?starts=2028-03-14T09:00&ends=2028-03-14T17:00"
    assert statuses(client, "GET", path) == [403, 200, 200, 404, 404]
    event.state = EventState.PUBLISHED
    assert lead(client).get(path).status_code == 404


# -- the secretariat's tables --------------------------------------------------------------------


def test_closure_is_added_and_edited(client: Client) -> None:
    client.sign_in(make.coordinator())
    office = make.office("valencia")
    fields = {"first_on": "2027-04-05", "last_on": "2027-04-05", "scope": f"office:{office.id}"}
    client.press("/admin/closures/new", name=NASTY, **fields)
    row = db.session.scalars(select(Closure)).one()
    assert (row.name, row.office_id, row.country_id, row.is_working) == (
        NASTY,
        office.id,
        None,
        False,
    )
    page = text(client, "/admin/closures")
    assert ("5 April 2027" in page, office.name in page, "<b>O" in page) == (True, True, False)
    client.press(
        f"/admin/closures/{row.id}", name="San Vicente", **(fields | {"scope": "everyone"})
    )
    assert (row.name, row.concerns) == ("San Vicente", "Everyone")
    wrong = client.press(
        f"/admin/closures/{row.id}", name="San Vicente", **(fields | {"last_on": "2027-04-01"})
    )
    assert "can’t come before the first day" in wrong.get_data(as_text=True)


def test_retired_closure_says_what_that_means(client: Client) -> None:
    client.sign_in(make.coordinator())
    path = f"/admin/closures/{make.closure().id}"
    assert "the date finder will no longer heed it" in text(client, path)
    client.press(f"{path}/retire")
    assert "the date finder will heed it again" in text(client, path)


def test_network_says_how_near_is_near(client: Client) -> None:
    client.sign_in(make.coordinator())
    row = db.session.scalars(select(DateRules)).one()
    client.press(f"/admin/date-rules/{row.id}", near_days=21, lead_weeks=8)
    assert (row.near_days, row.lead_weeks) == (21, 8)
    assert "8 weeks" in text(lead(client), FINDER)


def test_closures_are_the_secretariats(app: Flask, client: Client) -> None:
    assert statuses(client, "GET", "/admin/closures") == [404] * 5
    assert statuses(client, "GET", "/admin/date-rules") == [404] * 5
