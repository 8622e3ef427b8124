"""The board: who sees it, what stands where, what changed, what it costs."""

import re
from datetime import date, datetime, time, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import Connection

from interact_events.accounts.actions import delete_account
from interact_events.accounts.models import Level
from interact_events.accounts.queries import personal_data
from interact_events.core import audit, clock, words
from interact_events.core.clock import to_utc
from interact_events.core.db import db
from interact_events.events import actions as events
from interact_events.events.models import Event, EventState, Kind, Mode
from interact_events.events.queries import history
from interact_events.planning import actions, queries
from interact_events.planning.models import PlanningVisit
from interact_events.registrations.actions import cancel_event
from interact_events.scheduling.actions import dismiss_warning
from interact_events.scheduling.queries import warnings_of
from tests import make
from tests.client import Client, counted
from tests.planning.days import NASTY, draft, event, monday

PAGES = ("/planning", "/planning/plan.xlsx", "/planning/workload")


def board(client: Client, day: date | None = None, **asked: str) -> str:
    args = {"from": str(day or monday())} | asked
    return client.get("/planning", query_string=args).text


def slots_with(page: str, title: str) -> list[str]:
    """The weeks or days in whose row the title stands whole."""
    rows = re.split(r'<tr id="week-', page)[1:]
    return [row[:10] for row in rows if f">{title}</a>" in row]


@pytest.mark.parametrize("page", PAGES)
def test_strangers_sign_in_and_stakeholders_find_nothing(client: Client, page: str) -> None:
    assert client.get(page).status_code == 302
    client.sign_in(make.user())
    assert client.get(page).status_code == 404
    assert "Planning" not in client.get("/events").text


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("level", list(Level))
def test_all_staff_look_at_the_plan(client: Client, page: str, level: Level) -> None:
    client.sign_in(make.member("viborg", level))
    assert client.get(page).status_code == 200


def test_the_coordinator_looks_at_it_too(client: Client) -> None:
    client.sign_in(make.coordinator())
    assert {client.get(page).status_code for page in PAGES} == {200}


def test_drafts_of_all_offices_stand_in_their_weeks(client: Client) -> None:
    event("Ours")
    draft("Theirs", monday() + timedelta(days=9), office=make.office("vienna"))
    event("Called off", state=EventState.CANCELLED)
    client.sign_in(make.member("turku", Level.VIEWER))
    page = board(client)
    assert slots_with(page, "Ours") == [str(monday())]
    assert slots_with(page, "Theirs") == [str(monday() + timedelta(days=7))]
    assert "is-draft" in page
    assert "<strong>Draft</strong>" in page
    assert "Called off" not in page


def test_a_month_shows_days_and_where_an_event_goes_on(client: Client) -> None:
    first = monday().replace(day=10)
    event("Two days", first, days=2)
    client.sign_in(make.member())
    page = board(client, first, zoom="month")
    assert slots_with(page, "Two days") == [str(first)]
    assert "Goes on: </span>Two days" in page
    assert (
        page.count('<tr id="week-')
        == (first.replace(day=28) + timedelta(days=4)).replace(day=1).toordinal()
        - first.replace(day=1).toordinal()
    )


def test_a_quarter_leads_to_the_next_one(client: Client) -> None:
    client.sign_in(make.member())
    page = board(client, date(2027, 5, 12), zoom="quarter", topic="hit")
    assert "April–June 2027" in page
    assert "Nothing matches in April–June 2027" in page
    after = re.search(r'rel="next nofollow" href="([^"]+)"', page)
    assert after
    assert "July–September 2027" in client.get(after[1].replace("&amp;", "&")).text


@pytest.mark.parametrize(
    "address", ["year=2027", "from=2027-05-12", "from=2027-05-12&zoom=nonsense"]
)
def test_a_year_is_named_by_the_address(client: Client, address: str) -> None:
    client.sign_in(make.member())
    page = client.get(f"/planning?{address}").text
    assert "<h2>2027</h2>" in page


@pytest.mark.parametrize("address", ["year=99999", "from=0001-01-01", "year=x&from=2027-13-01"])
def test_what_makes_no_sense_is_as_if_not_there(client: Client, address: str) -> None:
    client.sign_in(make.member())
    answer = client.get(f"/planning?{address}")
    assert answer.status_code == 200
    assert f"<h2>{clock.now().isocalendar().year}</h2>" in answer.text


@pytest.mark.parametrize("day", ["2000-01-01", "2100-12-31"])
@pytest.mark.parametrize("zoom", ["year", "quarter", "month"])
def test_first_and_last_page_lead_nowhere_beyond(client: Client, day: str, zoom: str) -> None:
    client.sign_in(make.member())
    answer = client.get(f"/planning?from={day}&zoom={zoom}")
    assert answer.status_code == 200


def test_filters_choose_what_is_shown(client: Client) -> None:
    event("Alpha", kind=Kind.WEBINAR, mode=Mode.ONLINE)
    draft("Beta", office=make.office("vienna"))
    event("Gamma", state=EventState.CANCELLED)
    client.sign_in(make.member())

    def shown(**asked: str) -> set[str]:
        page = board(client, monday(), **asked)
        return {title for title in ("Alpha", "Beta", "Gamma") if f">{title}</a>" in page}

    assert shown() == {"Alpha", "Beta"}
    assert shown(office="vienna") == {"Beta"}
    assert shown(kind="webinar") == shown(mode="online") == shown(q="alp") == {"Alpha"}
    assert shown(state="draft") == {"Beta"}
    assert shown(state="published") == {"Alpha"}
    assert shown(state="cancelled") == {"Gamma"}
    assert shown(state="all") == {"Alpha", "Beta", "Gamma"}
    assert shown(topic="hit") == set()
    assert shown(state="nonsense", kind="nonsense") == {"Alpha", "Beta"}
    assert "clear the filters" in board(client, office="vienna")


def test_only_what_somebody_may_move_offers_it(client: Client) -> None:
    event("Ours")
    theirs = event("Theirs", office=make.office("vienna"))
    helped = event("Helped", office=make.office("viborg"))
    helped.co_organisers = [make.office()]
    event("Over", clock.now().date() - timedelta(days=3))
    client.sign_in(make.member())
    found = re.findall(r'data-title="([^"]+)"', board(client))
    assert sorted(found) == ["Helped", "Ours"]
    page = board(client)
    assert f"/planning/events/{theirs.slug}" in page
    assert "with Turku" in page
    client.sign_in(make.member("turku", Level.VIEWER))
    assert "data-move" not in board(client)


def test_names_are_printed_and_never_obeyed(client: Client) -> None:
    draft(NASTY)
    client.sign_in(make.member())
    page = board(client)
    assert "<b>O" not in page
    assert "Ζωή &#34;Žižka&#34; &lt;b&gt;O&#39;Neil" in page


def test_an_event_that_all_staff_may_read_of(client: Client) -> None:
    theirs = draft(NASTY, office=make.office("vienna"), internal_notes="Secret")
    client.sign_in(make.member("turku", Level.VIEWER))
    page = client.get(f"/planning/events/{theirs.slug}").text
    assert "Interact Office Vienna leads it" in page
    assert "Secret" not in page
    assert "Move to another day" not in page
    assert "Ask another office" not in page
    assert client.get("/planning/events/nothing").status_code == 404
    client.sign_in(make.user())
    assert client.get(f"/planning/events/{theirs.slug}").status_code == 404


# -- what changed --------------------------------------------------------------------------------


def test_what_the_others_did_is_told_until_it_is_seen(client: Client) -> None:
    me, other = make.member(), make.member("vienna", Level.LEAD, name="Florian Pichler")
    new, moved, gone = event("New"), event("Moved one"), event("Given up")
    deleted, mine = draft("Thrown away"), event("My own")
    now = clock.now()
    audit.record("created", new, actor=other, now=now, title="New")
    values = events.values_of(moved, timedelta(days=7))
    events.save_event(moved, values, actor=other, now=now)
    cancel_event(gone, "Nobody came.", actor=other, now=now)
    events.delete_draft(deleted, actor=other, now=now)
    audit.record("created", mine, actor=me, now=now)
    audit.record("edited", mine, actor=other, now=now, fields={"title": ["a", "b"]})
    client.sign_in(me)
    page = board(client)
    assert "In the last two weeks" in page
    assert ": 4 changes" in page
    for said in ("<strong>New</strong>", "<strong>Moved</strong>", "<strong>Cancelled</strong>"):
        assert said in page
    assert "<strong>Draft deleted</strong>: Thrown away" in page
    assert "Florian Pichler" in page
    assert page.count("badge-wait") == 2  # on the cards: the cancelled one is not shown

    until = re.search(r'name="until" value="([^"]+)"', page)
    assert until
    answer = client.press("/planning/seen", page="/planning", until=until[1])
    assert answer.status_code == 303
    assert "Since" in board(client)
    assert "nothing new" in board(client)
    assert "nothing new" in board(client)  # a reload changes nothing


def test_a_press_on_an_old_page_keeps_what_came_after_it(client: Client) -> None:
    me, other, new = make.member(), make.member("vienna"), event("New")
    page_made, later = clock.now() - timedelta(hours=2), clock.now() - timedelta(hours=1)
    audit.record("created", new, actor=other, now=later)
    client.sign_in(me)
    client.press("/planning/seen", page="/planning", until=page_made.isoformat())
    assert ": 1 change<" in board(client)
    client.press("/planning/seen", page="/planning", until=clock.now().isoformat())
    assert "nothing new" in board(client)
    client.press("/planning/seen", page="/planning", until=page_made.isoformat())
    assert "nothing new" in board(client)
    again = board(client, again="1")
    assert ": 1 change<" in again
    assert "I have seen these" not in again


@pytest.mark.parametrize(
    "until",
    [
        *("", "nonsense", "2027-05-12T09:00", "9999-12-31T00:00:00+00:00"),
        *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
    ],
)
def test_a_strange_moment_means_now(client: Client, until: str) -> None:
    client.sign_in(me := make.member())
    client.press("/planning/seen", page="/planning", until=until)
    assert db.session.get_one(PlanningVisit, me.id).seen_at <= clock.now()


def test_many_changes_are_cut(client: Client) -> None:
    other, found = make.member("vienna"), event()
    for _ in range(60):
        audit.record("published", found, actor=other, now=clock.now())
    client.sign_in(make.member())
    assert "more than 50 changes" in board(client)


def test_a_visit_goes_with_the_account(client: Client) -> None:
    client.sign_in(me := make.member())
    client.press("/planning/seen", page="/planning", until=clock.now().isoformat())
    assert personal_data(me, clock.now())["planning"]["seen_at"]
    delete_account(me, now=clock.now())
    db.session.commit()
    assert db.session.get(PlanningVisit, me.id) is None


def test_strangers_note_nothing(client: Client) -> None:
    client.sign_in(make.user())
    assert client.press("/planning/seen", page="/my/").status_code == 404


def test_seen_until_without_a_time_before() -> None:
    now = clock.now()
    visit = PlanningVisit(seen_at=now, before_at=None)
    assert queries.seen_until(visit, now, again=True).is_again is False
    assert queries.seen_until(None, now, again=True).at == now - timedelta(days=14)


# -- the table -----------------------------------------------------------------------------------


def cells(body: bytes) -> str:
    with ZipFile(BytesIO(body)) as book:
        return "".join(book.read(name).decode() for name in book.namelist() if "sheet1" in name)


def test_the_plan_as_a_table_is_harmless_text(client: Client) -> None:
    event('=HYPERLINK("x")')
    draft(NASTY, office=make.office("vienna"))
    event("Next year", monday() + timedelta(days=500))
    client.sign_in(make.member())
    answer = client.get(f"/planning/plan.xlsx?from={monday()}&zoom=quarter")
    assert answer.headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    sheet = cells(answer.data)
    year, week, _ = monday().isocalendar()
    assert "'=HYPERLINK" in sheet
    assert f"{year}-W{week:02}" in sheet
    assert "Draft" in sheet
    assert "<f>" not in sheet
    assert "Next year" not in sheet
    assert "HYPERLINK" not in cells(client.get(f"/planning/plan.xlsx?from={monday()}&q=zizka").data)


# -- what it costs -------------------------------------------------------------------------------


def test_the_board_asks_the_same_number_of_queries_for_3_and_300_events(
    client: Client, connection: Connection
) -> None:
    client.sign_in(make.member("turku", Level.LEAD))
    vienna, lead = make.office("vienna"), make.member("vienna", Level.LEAD)

    def add(number: int) -> None:
        rows: list[Event] = []
        for n in range(number):
            day = monday() + timedelta(days=n % 60)
            starts_at = clock.now() + (day - clock.now().date())
            row = make.event(f"Event {n}", starts_at=starts_at, sessions=[]) if n < 3 else None
            rows.append(row or copy_of(rows[n % 3], n, starts_at))
        db.session.add_all(rows)
        db.session.flush()
        for row in rows[:2]:
            row.co_organisers = [vienna]
            audit.record("published", row, actor=lead, now=clock.now())
        db.session.commit()

    def costs() -> list[int]:
        found = []
        for address in (f"/planning?from={monday()}", f"/planning/plan.xlsx?from={monday()}"):
            with counted(connection) as statements:
                assert client.get(address).status_code == 200
            found.append(len(statements))
        return found

    add(3)
    three = costs()
    add(297)
    assert costs() == three
    assert three[0] <= 27


def copy_of(row: Event | None, number: int, starts_at: object) -> Event:
    assert row
    columns = {c.key: getattr(row, c.key) for c in Event.__table__.columns if c.key != "id"}
    own = {"uid": f"u{number}", "slug": f"event-{number}-copy", "title": f"Event {number}"}
    copied = Event(**(columns | own | {"starts_at": starts_at}))
    copied.ends_at = copied.starts_at + timedelta(hours=3)
    return copied


def test_forgetting_visits_leaves_those_of_others(client: Client) -> None:
    me, other = make.member(), make.member()
    for person in (me, other):
        actions.note_visit(person, clock.now(), now=clock.now())
    actions.forget_visits(me, "", clock.now())
    db.session.commit()
    assert [row.user_id for row in db.session.query(PlanningVisit)] == [other.id]


# -- the year's edges ----------------------------------------------------------------------------


def zooms(client: Client, address: str) -> dict[str, str]:
    """Which day each zoom of the page leads to."""
    page = client.get(address).text
    nav = page.split('aria-label="Zoom"')[1].split("</nav>")[0]
    links = re.findall(r'href="([^"]+)"[^>]*>(\w+)</a>', nav)
    return {name: re.findall(r"from=([\d-]+)", link)[0] for link, name in links}


@pytest.mark.parametrize(
    ("address", "month", "quarter"),
    [
        ("/planning?year=2032", "January 2032", "January–March 2032"),  # begins on 29 December 2031
        ("/planning?zoom=quarter&from=2043-01-10", "January 2043", "January–March 2043"),
        ("/planning?zoom=month&from=2038-01-05", "January 2038", "January–March 2038"),
        ("/planning?zoom=month&from=2039-10-31", "October 2039", "October–December 2039"),
    ],
)
def test_a_zoom_stays_in_its_year(client: Client, address: str, month: str, quarter: str) -> None:
    """Where a year begins in the middle of a week as well."""
    client.sign_in(make.member())
    days = zooms(client, address)
    said = [
        re.findall(r"<h2>([^<]+)</h2>", client.get(f"/planning?zoom={zoom}&from={day}").text)[0]
        for zoom, day in (("month", days["Month"]), ("quarter", days["Quarter"]))
    ]
    assert said == [month, quarter]
    assert days["Year"][:4] == month[-4:]


def test_what_ends_at_midnight_is_not_there_on_the_next_day(client: Client) -> None:
    office = make.office()
    first = monday().replace(day=1)
    midnight = to_utc(datetime.combine(first, time()), office.zone)
    draft("Until midnight", starts_at=midnight - timedelta(hours=6), ends_at=midnight)
    client.sign_in(make.member())
    assert "Nothing is planned in" in board(client, first, zoom="month")
    address = f"/planning/plan.xlsx?zoom=month&from={first}"
    assert "Until midnight" not in cells(client.get(address).data)
    before = first - timedelta(days=1)
    sheet = cells(client.get(f"/planning/plan.xlsx?zoom=month&from={before}").data)
    assert str(first) not in sheet


def test_templates_are_no_part_of_the_plan(client: Client) -> None:
    lead = make.member("vienna", Level.LEAD)
    row = draft("A pattern", is_template=True, office=make.office("vienna"))
    audit.record("created", row, actor=lead, now=clock.now(), title=row.title)
    db.session.commit()
    client.sign_in(make.member("turku", Level.LEAD))
    for page in (board(client), client.get("/planning/workload").text):
        assert "A pattern" not in page
    assert client.get(f"/planning/events/{row.slug}").status_code == 404
    assert client.get(f"/planning/move/{row.slug}").status_code == 404
    events.delete_draft(row, actor=lead, now=clock.now())
    db.session.commit()
    assert "A pattern" not in board(client)


# -- warnings about dates ------------------------------------------------------------------------


def saturday() -> date:
    return monday() + timedelta(days=5)


def marks(page: str) -> list[tuple[str, str]]:
    """Where each mark of warnings leads to, and how many it says there are."""
    return re.findall(r'href="([^"#]+)#dates">(\d+ warnings?)<', page)


def test_a_mark_says_how_many_warnings_there_are_and_leads_to_them(client: Client) -> None:
    ours = event(NASTY, saturday())
    theirs = draft("Theirs", saturday(), office=make.office("vienna"))
    event("Called off", saturday(), state=EventState.CANCELLED)
    found = {
        number: len(each) for number, each in warnings_of([ours, theirs], now=clock.now()).items()
    }
    assert min(found.values()) > 0
    client.sign_in(make.member("turku", Level.VIEWER))
    page = board(client, state="all")
    assert marks(page) == [
        (f"/offices/turku/events/{ours.slug}/", words.count(found[ours.id], "warning")),
        (f"/planning/events/{theirs.slug}", words.count(found[theirs.id], "warning")),
    ]
    assert "<b>O" not in page
    for address, number in marks(page):
        there = client.get(address).text
        panel = there.split('id="dates"')[1].split("</section>")[0]
        assert panel.count("<li>") == int(number.split()[0])
        assert "falls on the weekend" in panel
        assert "Dismiss" not in panel


def test_what_a_lead_has_dismissed_is_marked_no_more_and_all_staff_read_why(client: Client) -> None:
    row, now = event("Ours", saturday()), clock.now()
    lead = make.member("turku", Level.LEAD)
    for warning in warnings_of([row], now=now)[row.id]:
        dismiss_warning(row, warning, "The fair is open on Saturdays.", actor=lead, now=now)
    db.session.commit()
    client.sign_in(make.member("vienna"))
    assert marks(board(client)) == []
    page = client.get(f"/planning/events/{row.slug}").text
    assert "The fair is open on Saturdays." in page
    assert "Take back" not in page


def test_warnings_cost_the_same_for_3_and_300_events(
    client: Client, connection: Connection
) -> None:
    """With closures, shared topics, people booked twice and dismissals among them."""
    client.sign_in(make.member("turku", Level.LEAD))
    lead, person, now = make.member("vienna", Level.LEAD), make.user(), clock.now()
    make.closure(first_on=monday(), last_on=monday() + timedelta(days=40))

    def add(number: int) -> None:
        first = event(f"First {number}", saturday(), office=make.office("vienna"))
        starts_at = first.starts_at
        copies = [copy_of(first, number + n, starts_at) for n in range(number - 1)]
        db.session.add_all(copies)
        db.session.flush()
        for row in copies[:20]:
            row.topics = first.topics
            make.registration(row, person)
        for warning in warnings_of([first], now=now)[first.id][:2]:
            dismiss_warning(first, warning, "It stays.", actor=lead, now=now)
        db.session.commit()

    def cost() -> int:
        with counted(connection) as statements:
            assert len(marks(board(client))) > 2
        return len(statements)

    add(3)
    three = cost()
    add(297)
    assert cost() == three


def test_a_new_draft_is_never_taken_for_one_that_is_gone(client: Client) -> None:
    lead, gone = make.member("vienna", Level.LEAD), draft("Gone")
    number = gone.id
    events.delete_draft(gone, actor=lead, now=clock.now())
    db.session.commit()
    new = draft("New")
    assert new.id != number
    assert history(new) == []
    client.sign_in(make.member())
    page = board(client)
    assert "<strong>Draft deleted</strong>: Gone " in page
    assert "Draft deleted</span>" not in page
