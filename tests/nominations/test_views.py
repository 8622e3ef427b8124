"""The pages of who hands over, who takes, who coordinates and who administers."""

import re
from collections.abc import Iterable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import Connection, select

from interact_events.accounts.models import Level, User
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Admission, Event, Mode
from interact_events.nominations.models import Handover, ProgrammeCoordinator
from interact_events.registrations.actions import cancel_registration, put_after
from interact_events.registrations.models import Needs, Registration, State
from interact_events.registrations.rules import Cap, Dimension, Step
from tests import make
from tests.client import Client, counted

NAME = 'Ζωή "Žižka" <b>O\'Neil</b>'
PRINTED = "Ζωή &#34;Žižka&#34; &lt;b&gt;O&#39;Neil&lt;/b&gt;"


def newest_mail(kind: str) -> OutboxMessage:
    query = select(OutboxMessage).where(OutboxMessage.kind == f"nominations.{kind}")
    found = db.session.scalars(query.order_by(OutboxMessage.id.desc())).first()
    assert found
    return found


def link_in(mail: OutboxMessage, path: str) -> str:
    found = re.search(rf"http://localhost({path}\S+)", mail.text)
    assert found
    return found.group(1)


def registrations_of(event: Event) -> list[Registration]:
    query = select(Registration).where(Registration.event_id == event.id)
    return list(db.session.scalars(query.order_by(Registration.id)))


# -- handing over


@pytest.fixture
def seat() -> Registration:
    return make.registration(make.event("Simplified cost options"), make.user("Anna Virtanen"))


def own_page(seat: Registration) -> str:
    return f"/my/registrations/{seat.id}/hand-over"


def ask(client: Client, seat: Registration, email: str = "bo@example.org") -> str:
    """The holder asks a colleague; gives the address of the mailed page."""
    client.sign_in(seat.user)
    answer = client.press(own_page(seat), page=own_page(seat), email=email)
    assert answer.location == own_page(seat)
    return link_in(newest_mail("handover"), "/handovers/")


def test_the_own_registration_leads_to_the_form(client: Client, seat: Registration) -> None:
    client.sign_in(seat.user)
    page = client.get(f"/my/registrations/{seat.id}").get_data(as_text=True)
    assert f'href="{own_page(seat)}"' in page
    waiting = make.registration(seat.event, state=State.WAITLISTED)
    client.sign_in(waiting.user)
    page = client.get(f"/my/registrations/{waiting.id}").get_data(as_text=True)
    assert "hand-over" not in page
    assert client.get(own_page(waiting)).location == f"/my/registrations/{waiting.id}"


@pytest.mark.parametrize("who", ["colleague", "viewer", "lead"])
def test_nobody_hands_over_the_seat_of_another(
    client: Client, seat: Registration, who: str
) -> None:
    users = {
        "colleague": lambda: make.profile().user,
        "viewer": lambda: make.member(level=Level.VIEWER),
        "lead": lambda: make.member(level=Level.LEAD),
    }
    client.sign_in(users[who]())
    assert client.get(own_page(seat)).status_code == 404
    assert client.press(own_page(seat), email="bo@example.org").status_code == 404
    assert client.press(f"{own_page(seat)}/take-back").status_code == 404
    assert db.session.scalars(select(Handover)).all() == []


def test_the_form_keeps_a_wrong_address_and_says_so(client: Client, seat: Registration) -> None:
    client.sign_in(seat.user)
    page = client.press(own_page(seat), page=own_page(seat), email="bo").get_data(as_text=True)
    assert "Write an e-mail address like" in page
    assert 'value="bo"' in page


def test_an_open_offer_is_shown_and_taken_back(client: Client, seat: Registration) -> None:
    link = ask(client, seat)
    page = client.get(own_page(seat)).get_data(as_text=True)
    assert "<strong>bo@example.org</strong>" in page
    for _ in range(2):
        answer = client.press(f"{own_page(seat)}/take-back", page=own_page(seat))
        assert answer.location == f"/my/registrations/{seat.id}"
    answer = client.get(link)
    assert answer.status_code == 410
    assert "taken back or refused" in answer.get_data(as_text=True)


def test_the_mailed_page_is_for_holders_of_the_link_only(
    client: Client, seat: Registration
) -> None:
    link = ask(client, seat)
    client.press("/sign-out")
    answer = client.get(link)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert "Anna Virtanen hands you a seat" in page
    assert f'href="/sign-in?next={link}"' in page
    assert f'href="/sign-up?next={link}"' in page
    assert "Take the seat</button>" not in page
    assert client.get("/handovers/csv").status_code == 410
    assert client.get(f"{link}x").status_code == 410


def test_a_press_without_signing_in_takes_nothing(client: Client, seat: Registration) -> None:
    link = ask(client, seat)
    client.press("/sign-out")
    profile = make.profile()
    answer = client.press(link, page=link, profile=profile.id)
    assert "Sign in to take the seat" in answer.get_data(as_text=True)
    assert len(registrations_of(seat.event)) == 1


def test_the_colleague_takes_the_seat(client: Client, seat: Registration) -> None:
    bo = make.profile(make.user(NAME))
    link = ask(client, seat, bo.user.email)
    client.sign_in(bo.user)
    page = client.get(link).get_data(as_text=True)
    assert PRINTED in page
    answer = client.press(link, page=link, profile=bo.id, diet="vegan", may_be_listed="y")
    new = registrations_of(seat.event)[-1]
    assert answer.location == f"/my/registrations/{new.id}"
    assert (seat.state, new.state, new.user, new.may_be_listed) == (
        State.CANCELLED,
        State.CONFIRMED,
        bo.user,
        True,
    )
    assert [needs.diet for needs in db.session.scalars(select(Needs))] == ["vegan"]
    assert "The seat is yours" in client.get(answer.location).get_data(as_text=True)
    again = client.press(link, page=own_page(new), profile=bo.id)
    assert again.location == f"/my/registrations/{new.id}"
    client.sign_in(seat.user)
    page = client.get(f"/my/registrations/{seat.id}").get_data(as_text=True)
    assert "Handed to a colleague." in page


def test_somebody_else_who_is_signed_in_is_asked_to_sign_out(
    client: Client, seat: Registration
) -> None:
    link = ask(client, seat)
    stranger = make.profile()
    client.sign_in(stranger.user)
    page = client.press(link, page=link, profile=stranger.id).get_data(as_text=True)
    assert "this offer went to another address" in page
    assert seat.state is State.CONFIRMED


def test_a_colleague_without_a_fitting_profile_is_led_to_add_one(
    client: Client, seat: Registration
) -> None:
    bo = make.profile(make.user(), role_id=make.role("MA").id)
    link = ask(client, seat, bo.user.email)
    client.sign_in(bo.user)
    page = client.get(link).get_data(as_text=True)
    assert f'href="/my/profiles/new?next={link}"' in page
    assert "you have no profile of this role and programme yet: controller, " in page
    answer = client.press(link, page=link, profile=bo.id)
    assert answer.status_code == 200
    assert seat.state is State.CONFIRMED


def test_online_there_are_no_needs_to_ask_for(client: Client) -> None:
    seat = make.registration(make.event(mode=Mode.ONLINE))
    bo = make.profile()
    link = ask(client, seat, bo.user.email)
    client.sign_in(bo.user)
    assert "Dietary needs" not in client.get(link).get_data(as_text=True)
    client.press(link, page=link, profile=bo.id)
    assert [row.is_online for row in registrations_of(seat.event)] == [True, True]


def test_a_refusal_by_the_rules_keeps_the_answers(client: Client, seat: Registration) -> None:
    bo = make.profile()
    link = ask(client, seat, bo.user.email)
    make.seat_rules(seat.event, countries=(make.country("SE").id,))
    client.sign_in(bo.user)
    page = client.press(link, page=link, profile=bo.id, diet="vegan").get_data(as_text=True)
    assert "his event is for people from Sweden" in page
    assert 'value="vegan"' in page
    assert seat.state is State.CONFIRMED


def test_the_holder_who_opens_the_link_comes_to_the_own_page(
    client: Client, seat: Registration
) -> None:
    assert client.get(ask(client, seat)).location == own_page(seat)


def test_a_colleague_who_has_a_seat_reads_so_at_once(client: Client, seat: Registration) -> None:
    bo = make.profile()
    link = ask(client, seat, bo.user.email)
    own = make.registration(seat.event, bo.user)
    client.sign_in(bo.user)
    for answer in (client.get(link), client.press(link, page=link, profile=bo.id)):
        page = answer.get_data(as_text=True)
        assert "You have a seat at this event already.</strong> <span>So you can’t take" in page
        assert f'href="/my/registrations/{own.id}"' in page
        assert "Take the seat</button>" not in page
    assert (seat.state, own.state) == (State.CONFIRMED, State.CONFIRMED)


@pytest.mark.parametrize(
    ("state", "ends"),
    [
        (State.WAITLISTED, "your place on the waiting list ends"),
        (State.PENDING, "your application ends"),
    ],
)
def test_a_colleague_reads_what_the_seat_ends(
    client: Client, seat: Registration, state: State, ends: str
) -> None:
    bo = make.profile()
    link = ask(client, seat, bo.user.email)
    make.registration(seat.event, bo.user, state)
    client.sign_in(bo.user)
    assert f"When you take this seat, {ends}." in client.get(link).get_data(as_text=True)


def test_the_holder_sees_the_open_offer_on_the_registration(
    client: Client, seat: Registration
) -> None:
    page = f"/my/registrations/{seat.id}"
    client.sign_in(seat.user)
    assert "Hand it over" in client.get(page).get_data(as_text=True)
    ask(client, seat)
    shown = client.get(page).get_data(as_text=True)
    assert "bo@example.org can take it until" in shown
    assert "Hand it over" not in shown


def test_the_words_of_a_seat_without_a_programme(client: Client) -> None:
    anna = make.user("Anna")
    make.profile(anna, programme_id=None, institution="Ministry of Finance")
    seat = make.registration(make.event(), anna)
    client.sign_in(anna)
    page = client.press(own_page(seat), page=own_page(seat)).get_data(as_text=True)
    assert "A seat belongs to the institution." in page
    assert "of the same role and institution (controller, Ministry of Finance)" in page
    assert "Write your colleague’s e-mail address." in page
    assert "Write your e-mail address" not in page


def test_what_is_taken_over_is_not_taken_back(client: Client, seat: Registration) -> None:
    """The holder's page may be a moment old."""
    bo = make.profile()
    link = ask(client, seat, bo.user.email)
    client.sign_in(bo.user)
    client.press(link, page=link, profile=bo.id)
    client.sign_in(seat.user)
    own = client.press(f"{own_page(seat)}/take-back").location
    assert "nothing to take back" in client.get(own).get_data(as_text=True)
    assert seat.state is State.CANCELLED


def test_refusing_asks_for_no_account(client: Client, seat: Registration) -> None:
    link = ask(client, seat)
    client.press("/sign-out")
    answer = client.press(f"{link}/refuse", page=link)
    assert answer.location == "/"
    assert newest_mail("seat_kept").to_address == seat.user.email
    assert client.get(link).status_code == 410
    assert client.press("/handovers/csv/refuse").status_code == 410


def test_after_the_holder_has_cancelled_the_link_says_so(
    client: Client, seat: Registration
) -> None:
    link = ask(client, seat)
    cancel_registration(seat, actor=seat.user, now=clock.now())
    db.session.commit()
    answer = client.get(link)
    assert answer.status_code == 410
    assert "no longer has it" in answer.get_data(as_text=True)


# -- the secretariat

ADMIN = "/admin/programme-coordinators"


@pytest.mark.parametrize("level", [Level.VIEWER, Level.LEAD, None])
def test_only_the_secretariat_names_coordinators(client: Client, level: Level | None) -> None:
    user = make.member(level=level) if level else make.user()
    client.sign_in(user)
    assert client.get(ADMIN).status_code == 404
    assert client.press(ADMIN, email=user.email).status_code == 404
    assert client.press(f"{ADMIN}/1/end").status_code == 404


def test_the_secretariat_names_and_ends_a_coordinator(client: Client) -> None:
    carla = make.user(NAME)
    client.sign_in(make.coordinator())
    assert f'href="{ADMIN}"' in client.get("/admin/").get_data(as_text=True)
    assert "No programme has a coordinator yet" in client.get(ADMIN).get_data(as_text=True)
    answer = client.press(
        ADMIN,
        page=ADMIN,
        programme=make.programme().label,
        email=carla.email.upper(),
        named_by="Letter of 3 May",
    )
    assert answer.location == ADMIN
    page = client.get(ADMIN).get_data(as_text=True)
    assert PRINTED in page
    assert "Letter of 3 May" in page
    row = db.session.scalars(select(ProgrammeCoordinator)).one()
    for _ in range(2):
        assert client.press(f"{ADMIN}/{row.id}/end", page=ADMIN).location == ADMIN
    assert row.ended_at
    assert "No programme has a coordinator yet" in client.get(ADMIN).get_data(as_text=True)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"programme": ""}, "Choose a programme."),
        ({"programme": "Atlantis"}, "No programme has that name"),
        ({"email": "nobody@example.org"}, "Nobody has an account with this address"),
        ({"named_by": ""}, "Write who named them"),
    ],
)
def test_what_is_missing_is_said_and_the_rest_is_kept(
    client: Client, values: dict[str, str], sentence: str
) -> None:
    client.sign_in(make.coordinator())
    facts = {
        "programme": make.programme().label,
        "email": make.user().email,
        "named_by": "Letter of 3 May",
    } | values
    page = client.press(ADMIN, page=ADMIN, **facts).get_data(as_text=True)
    assert sentence in page
    assert all(value in unescape(page) for value in facts.values())


# -- coordinators


@pytest.fixture
def carla() -> User:
    """Who coordinates Central Baltic."""
    return coordinating(make.user("Carla Coordinator"))


def coordinating(user: User, programme: str = "Central Baltic") -> User:
    row = ProgrammeCoordinator(
        programme_id=make.programme(programme).id,
        user_id=user.id,
        named_by="Letter",
        added_by_id=user.id,
        started_at=clock.now(),
    )
    db.session.add(row)
    db.session.commit()
    return user


def programme_page(name: str = "Central Baltic") -> str:
    return f"/my/programmes/{make.programme(name).id}"


def nominating(event: Event) -> str:
    return f"{programme_page()}/nominate/{event.slug}"


@pytest.mark.parametrize("who", ["stranger to it", "viewer", "secretariat", "other", "former"])
def test_a_programmes_pages_are_its_coordinators_own(client: Client, who: str) -> None:
    event = make.event()
    former = coordinating(make.user("Former"))
    for row in db.session.scalars(select(ProgrammeCoordinator).filter_by(user_id=former.id)):
        row.ended_at = clock.now()
    users = {
        "stranger to it": make.user(),
        "viewer": make.member(level=Level.VIEWER),
        "secretariat": make.coordinator(),
        "other": coordinating(make.user(), "Alpine"),
        "former": former,
    }
    client.sign_in(users[who])
    assert client.get(programme_page()).status_code == 404
    assert client.get(nominating(event)).status_code == 404
    assert client.press(nominating(event), **people("Dora")).status_code == 404
    assert client.get("/my/programmes/").status_code == (200 if who == "other" else 404)
    tab = 'href="/my/programmes/"' in client.get("/my/").get_data(as_text=True)
    assert tab is (who == "other")


def test_the_coordinator_finds_the_programme_among_the_own_pages(
    client: Client, carla: User
) -> None:
    client.sign_in(carla)
    for page in ("/my/", "/my/certificates"):
        assert 'href="/my/programmes/"' in client.get(page).get_data(as_text=True)
    assert f'href="{programme_page()}"' in client.get("/my/programmes/").get_data(as_text=True)


def rows_of(page: str) -> list[list[str]]:
    """The cells of the tables' rows, as text."""
    found = re.findall(r"<tr>(.*?)</tr>", page, re.S)
    cells = [re.findall(r"<t[hd][^>]*data-label[^>]*>(.*?)</t[hd]>", row, re.S) for row in found]
    plain = [[unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in cells]
    return [row for row in plain if row]


def test_the_page_shows_who_of_the_programme_stands_where(client: Client, carla: User) -> None:
    event = make.event(capacity=5)
    make.seat_rules(event, caps=(Cap(Dimension.PROGRAMME, (Step(None, 2),)),))
    make.registration(event, make.user(NAME))
    make.registration(event, make.user("Waits"), State.WAITLISTED)
    make.registration(event, make.user("Applied"), State.PENDING)
    make.registration(event, make.user("Gone"), State.CANCELLED)
    make.registration(event, make.user("Declined"), State.DECLINED)
    make.registration(
        event,
        make.user("Nominee"),
        State.UNCONFIRMED,
        upon_confirmation=State.CONFIRMED,
        nominated_by_id=carla.id,
        answer_by=make.days(5),
    )
    make.registration(
        event,
        make.user("Newcomer", confirmed_at=None),
        State.UNCONFIRMED,
        upon_confirmation=State.WAITLISTED,
        answer_by=make.days(1),
    )
    other = make.user("Elsewhere")
    make.profile(other, programme_id=make.programme("Alpine").id)
    make.registration(event, other)
    client.sign_in(carla)
    page = client.get(programme_page()).get_data(as_text=True)
    assert [(row[0], row[3].split("  ")[0].split(" until")[0]) for row in rows_of(page)] == [
        (NAME, "Has a seat"),
        ("Waits", "Waits for a seat"),
        ("Applied", "Has applied"),
        ("Nominee", "Nominated, a seat is held"),
    ]
    assert rows_of(page)[0][1:3] == ["Controller", "Regional Council of Southwest Finland"]
    assert PRINTED in page
    assert "<strong>2 of 2 seats</strong>" in page
    assert "1 person has registered but not confirmed" in page
    assert "Newcomer" not in page
    assert "Elsewhere" not in page


def test_a_selection_stays_the_offices_own_until_its_mails(client: Client, carla: User) -> None:
    event = make.event()
    soon = clock.now() + timedelta(minutes=20)
    for name, state in (("In", State.CONFIRMED), ("Out", State.DECLINED)):
        make.registration(event, make.user(name), state, told_at=soon)
    client.sign_in(carla)
    page = client.get(programme_page()).get_data(as_text=True)
    assert [(row[0], row[3]) for row in rows_of(page)] == [
        ("In", "Has applied"),
        ("Out", "Has applied"),
    ]
    assert "programme-seats" not in page


def shown(client: Client, titles: Iterable[str]) -> list[str]:
    page = client.get(programme_page()).get_data(as_text=True)
    return [title for title in titles if title in page]


def test_the_page_shows_events_that_concern_the_programme(client: Client, carla: User) -> None:
    day = timedelta(days=1)
    now = clock.now()
    other_strand = make.event("Other strand")
    other_strand.strands = [make.programme("Alpine").strand]
    make.event("Open")
    make.event("Not open", registration_opens_at=now + day)
    make.event("Closed", registration_closes_at=now - day)
    make.registration(make.event("Closed with people", registration_closes_at=now - day))
    make.registration(make.event("Running", starts_at=now - day, ends_at=now + day))
    make.registration(make.event("Past", starts_at=now - 2 * day, ends_at=now - day))
    make.registration(make.event("Called off", state="cancelled"))
    make.event("Draft", state="draft")
    client.sign_in(carla)
    titles = (
        *("Open", "Not open", "Closed", "Closed with people", "Running", "Past", "Called off"),
        *("Draft", "Other strand"),
    )
    page = client.get(programme_page()).get_data(as_text=True)
    assert [t for t in titles if f">{t}</a></h2>" in page] == [
        "Open",
        "Closed with people",
        "Running",
    ]
    assert page.count("Nominate people</a>") == 1


def test_an_event_for_other_programmes_has_no_button(client: Client, carla: User) -> None:
    make.seat_rules(make.event("For others"), programmes=(make.programme("Alpine").id,))
    client.sign_in(carla)
    page = client.get(programme_page()).get_data(as_text=True)
    assert "For others" in page
    assert "Nominate people</a>" not in page


def test_the_page_costs_the_same_for_one_row_and_three(
    client: Client, connection: Connection, carla: User
) -> None:
    client.sign_in(carla)
    numbers: list[int] = []
    for _ in range(2):
        event = make.event()
        make.seat_rules(event, caps=(Cap(Dimension.PROGRAMME, (Step(None, 9),)),))
        for state in (State.CONFIRMED, State.WAITLISTED, State.PENDING)[: 1 + 2 * len(numbers)]:
            make.registration(event, state=state)
        client.get(programme_page())
        with counted(connection) as statements:
            client.get(programme_page())
        numbers.append(len(statements))
    assert numbers[0] == numbers[1]


# -- nominating


def people(*names: str, **values: Any) -> dict[str, Any]:
    """The form with these people, one a row."""
    rows = [
        {
            "email": f"{re.sub('[^a-z]', '', name.lower()) or 'zoi'}@example.org",
            "name": name,
            "institution": "City of Turku",
            "role": make.role().id,
            "country": make.country().id,
        }
        | values
        for name in names
    ]
    return {
        f"people-{number}-{field}": value
        for number, row in enumerate(rows)
        for field, value in row.items()
    }


def nominate(client: Client, event: Event, **fields: Any) -> Any:
    return client.press(nominating(event), page=nominating(event), **fields)


def test_the_form_has_ten_rows(client: Client, carla: User) -> None:
    client.sign_in(carla)
    page = client.get(nominating(make.event())).get_data(as_text=True)
    assert page.count("<legend>Person ") == 10
    assert "Central Baltic" in page


def test_nominating_says_what_each_got(client: Client, carla: User) -> None:
    event = make.event()
    make.seat_rules(event, caps=(Cap(Dimension.PROGRAMME, (Step(None, 1),)),))
    client.sign_in(carla)
    answer = nominate(client, event, **people("Anna", NAME))
    assert answer.location == programme_page()
    page = unescape(client.get(programme_page()).get_data(as_text=True))
    assert (
        f"Anna: a seat is held; {NAME}: on the waiting list: your programme has its 1 seat." in page
    )
    assert [(row.name, row.nominated_by) for row in registrations_of(event)] == [
        ("Anna", carla),
        (NAME, carla),
    ]


def hybrid() -> Event:
    """Its only seat on site is taken, five online are free."""
    event = make.event(mode=Mode.HYBRID, capacity=6, online_capacity=5)
    make.registration(event)
    return event


def test_the_coordinator_says_who_takes_part_online(client: Client, carla: User) -> None:
    event = hybrid()
    client.sign_in(carla)
    page = client.get(nominating(event)).get_data(as_text=True)
    assert page.count('<option selected value="on-site">On site</option>') == 10
    rows = people("Anna", "Bo", "Cid") | {"people-1-mode": "online", "people-2-mode": "on-site"}
    nominate(client, event, **rows)
    page = unescape(client.get(programme_page()).get_data(as_text=True))
    waits = "on the waiting list: the only seat on site is taken"
    assert f"Anna: {waits}; Bo: a seat online is held; Cid: {waits}." in page
    assert [row.is_online for row in registrations_of(event)] == [False, False, True, False]


def test_a_way_to_take_part_that_there_is_not_is_refused(client: Client, carla: User) -> None:
    event = hybrid()
    client.sign_in(carla)
    page = nominate(client, event, **people("Anna", mode="by post")).get_data(as_text=True)
    assert 'id="people-0-mode-error"' in page
    assert len(registrations_of(event)) == 1


@pytest.mark.parametrize("mode", [Mode.ONLINE, Mode.IN_PERSON])
def test_nobody_is_asked_how_where_there_is_one_way(
    client: Client, carla: User, mode: Mode
) -> None:
    event = make.event(mode=mode)
    client.sign_in(carla)
    assert "people-0-mode" not in client.get(nominating(event)).get_data(as_text=True)
    nominate(client, event, **people("Anna", mode="online"))
    assert [row.is_online for row in registrations_of(event)] == [mode is Mode.ONLINE]


@pytest.mark.parametrize("who", ["stranger", "other"])
def test_only_the_programmes_own_coordinator_nominates_online(client: Client, who: str) -> None:
    event = hybrid()
    if who == "other":
        client.sign_in(coordinating(make.user(), "Alpine"))
    answer = client.press(nominating(event), **people("Anna", mode="online"))
    assert answer.status_code == (404 if who == "other" else 302)
    assert len(registrations_of(event)) == 1


def test_the_nominee_reads_how_they_take_part(client: Client, carla: User) -> None:
    event = hybrid()
    client.sign_in(carla)
    link = nominated(client, event, "Dora", mode="online")
    page = client.get(link).get_data(as_text=True)
    assert "A seat online is held for you until" in page
    assert "<dd>Online; you can change this once you have accepted</dd>" in page


def test_a_row_that_is_left_empty_between_others_is_none(client: Client, carla: User) -> None:
    event = make.event()
    client.sign_in(carla)
    last = {name.replace("people-0", "people-9"): value for name, value in people("Zoe").items()}
    nominate(client, event, **(people("Anna") | last))
    assert [row.name for row in registrations_of(event)] == ["Anna", "Zoe"]


def test_nothing_written_is_refused(client: Client, carla: User) -> None:
    client.sign_in(carla)
    page = nominate(client, make.event()).get_data(as_text=True)
    said = "Fill in at least one person whom you nominate."
    assert f"<li>{said}</li>" in page
    assert "(person 1)" not in page
    beside = re.search(r'id="people-0-email-error">(.*?)</div>', page)
    assert beside
    assert said in beside[1]


def test_a_bad_row_keeps_all_answers_and_says_which(client: Client, carla: User) -> None:
    event = make.event()
    client.sign_in(carla)
    rows = people("Anna", "Bo") | {"people-1-email": "bo at example"}
    page = nominate(client, event, **rows).get_data(as_text=True)
    assert "Write an e-mail address like name@example.org. (person 2)" in page
    assert 'value="anna@example.org"' in page
    assert 'value="bo at example"' in page
    assert registrations_of(event) == []


def test_the_fourth_row_is_unfolded_when_it_is_wrong(client: Client, carla: User) -> None:
    client.sign_in(carla)
    rows = people("Anna", "Bo", "Cid", "Dora") | {"people-3-role": ""}
    page = nominate(client, make.event(), **rows).get_data(as_text=True)
    assert "Choose their role. (person 4)" in page
    assert '<details class="more-people" open>' in page


def test_sent_twice_nobody_is_nominated_again(client: Client, carla: User) -> None:
    event = make.event()
    client.sign_in(carla)
    nominate(client, event, **people("Anna", "Bo"))
    page = nominate(client, event, **people("Anna", "Bo")).get_data(as_text=True)
    assert "Anna is on the list of this event already. (person 1)" in page
    assert "Bo is on the list of this event already. (person 2)" in page
    assert len(registrations_of(event)) == 2
    mails = select(OutboxMessage).where(OutboxMessage.kind.startswith("nominations.nom"))
    assert len(db.session.scalars(mails).all()) == 2


def test_nothing_tells_who_has_an_account(
    client: Client, carla: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is said and shown is the same for a person with an account and one without."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)  # the answer names a minute
    known = make.user("Dora Known", email="dora@example.org")
    make.profile(known, role_id=make.role("MA").id)
    client.sign_in(carla)
    pages = []
    for name in ("Dora", "Emil"):
        event = make.event("Same title", slug=f"same-{name.lower()}")
        nominate(client, event, **people(name))
        page = client.get(programme_page()).get_data(as_text=True)
        section = page[page.index("notice-success") : page.index("</section>")]
        pages.append(
            re.sub(r"event-\d+|same-\w+|nominations/\d+", "", section.replace(name, "Somebody"))
        )
        cancel_registration(registrations_of(event)[0], actor=carla, now=clock.now())
        event.ends_at = clock.now()
        event.starts_at = clock.now() - timedelta(hours=1)
        db.session.commit()
    assert pages[0] == pages[1]


PASSWORD = "seven green bicycles sing"


def nominated(client: Client, event: Event, *names: str, **values: Any) -> str:
    """The coordinator, who is signed in, nominates; gives the newest mail's link to a stranger."""
    nominate(client, event, **people(*names, **values))
    client.press("/sign-out")
    return link_in(newest_mail("nomination"), "/nominations/")


def test_a_newcomer_accepts_with_one_password_and_is_in(client: Client, carla: User) -> None:
    event = make.event(capacity=1)
    client.sign_in(carla)
    link = nominated(client, event, NAME)
    answer = client.get(link)
    page = answer.get_data(as_text=True)
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "A seat is held for you until" in page
    assert page.count('type="password"') == 1
    assert PRINTED in page
    answer = client.press(link, page=link, name=NAME, password=PASSWORD)
    (row,) = registrations_of(event)
    assert answer.location == f"/my/registrations/{row.id}"
    assert (row.state, row.user.confirmed_at is not None) == (State.CONFIRMED, True)
    page = client.get(answer.location).get_data(as_text=True)
    assert "Thank you: you have a seat." in page
    assert PRINTED in page
    assert client.get(link).location == f"/my/registrations/{row.id}"


def test_a_weak_password_is_refused_beside_its_field(client: Client, carla: User) -> None:
    event = make.event()
    client.sign_in(carla)
    link = nominated(client, event, "Dora")
    for fields in ({}, {"name": "Dora", "password": "short"}, {"name": "", "password": PASSWORD}):
        answer = client.press(link, page=link, **fields)
        assert answer.status_code == 200
        assert 'class="error"' in answer.get_data(as_text=True)
    assert registrations_of(event)[0].state is State.UNCONFIRMED


def test_the_link_lives_as_long_as_the_nomination(
    client: Client, carla: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = make.event()
    client.sign_in(carla)
    link = nominated(client, event, "Dora")
    until = registrations_of(event)[0].answer_by
    assert until
    monkeypatch.setattr(clock, "now", lambda: until - timedelta(seconds=1))
    assert client.get(link).status_code == 200
    monkeypatch.setattr(clock, "now", lambda: until)
    answer = client.get(link)
    assert answer.status_code == 410
    assert "The time to answer was over on" in answer.get_data(as_text=True)
    answer = client.press(link, page=link, name="Dora", password=PASSWORD)
    assert (answer.status_code, registrations_of(event)[0].state) == (410, State.UNCONFIRMED)


def test_who_has_an_account_accepts_by_one_press(client: Client, carla: User) -> None:
    event, dora = make.event(), make.user("Dora Known", email="dora@example.org")
    client.sign_in(carla)
    link = nominated(client, event, "Dora")
    assert 'type="password"' not in client.get(link).get_data(as_text=True)
    answer = client.press(link, page=link)
    (row,) = registrations_of(event)
    assert (row.state, row.user) == (State.CONFIRMED, dora)
    assert client.get(answer.location).location.startswith("/sign-in?next=")
    assert client.get(link).status_code == 410


def test_somebody_else_who_is_signed_in_answers_nothing(client: Client, carla: User) -> None:
    event = make.event()
    client.sign_in(carla)
    link = nominated(client, event, "Dora")
    client.sign_in(carla)
    page = client.press(link, page=link, name="Dora", password=PASSWORD).get_data(as_text=True)
    assert "this nomination is for dora@example.org" in page
    assert "Decline</button>" not in page
    assert registrations_of(event)[0].state is State.UNCONFIRMED


def test_declining_asks_for_no_account(client: Client, carla: User) -> None:
    event = make.event(capacity=1)
    client.sign_in(carla)
    link = nominated(client, event, "Dora")
    assert "Decline</button>" in client.get(link).get_data(as_text=True)
    assert client.press(f"{link}/decline", page=link).location == "/"
    assert (registrations_of(event)[0].state, event.seats_taken) == (State.CANCELLED, 0)
    answer = client.get(link)
    assert answer.status_code == 410
    assert "The nomination was declined." in answer.get_data(as_text=True)
    assert client.get("/nominations/csv").status_code == 410
    assert client.get(f"{link}x").status_code == 410
    assert client.press("/nominations/csv/decline").status_code == 410


def test_the_nominee_declines_on_the_own_registration_too(client: Client, carla: User) -> None:
    event, dora = make.event(), make.user("Dora", email="dora@example.org")
    client.sign_in(carla)
    nominated(client, event, "Dora")
    (row,) = registrations_of(event)
    own = f"/my/registrations/{row.id}"
    client.sign_in(carla)
    assert client.press(f"{own}/decline").status_code == 404
    client.sign_in(dora)
    page = client.get(own).get_data(as_text=True)
    assert f'action="{own}/decline"' in page
    assert "Cancel my registration" not in page
    assert client.press(f"{own}/decline", page=own).location == "/my/"
    assert (row.state, event.seats_taken) == (State.CANCELLED, 0)
    seat = make.registration(event, dora)
    assert client.press(f"/my/registrations/{seat.id}/decline").status_code == 404
    assert seat.state is State.CONFIRMED


def test_staff_read_who_holds_a_second_place_but_no_address(client: Client, carla: User) -> None:
    event = make.event(capacity=9)
    dora = make.user("Dora", email="dora@example.org")
    make.profile(dora, programme_id=make.programme("Alpine").id)
    make.registration(event, dora)
    client.sign_in(carla)
    nominated(client, event, "Dora")
    client.sign_in(make.member())
    page = client.get(f"/offices/turku/events/{event.slug}/registrations").get_data(as_text=True)
    assert "They had a registration of their own when they were nominated" in unescape(page)
    assert "@invalid" not in page


def test_who_is_at_the_event_already_reads_that_nothing_changes(
    client: Client, carla: User
) -> None:
    event = make.event(capacity=9)
    dora = make.user("Dora", email="dora@example.org")
    make.profile(dora, programme_id=make.programme("Alpine").id)
    own = make.registration(event, dora)
    client.sign_in(carla)
    link = nominated(client, event, "Dora")
    page = client.get(link).get_data(as_text=True)
    assert "There is a registration for this event with your address already." in page
    assert "Accept</button>" not in page
    assert "cancel it first" in client.press(link, page=link).get_data(as_text=True).lower()
    assert own.state is State.CONFIRMED
    client.press(f"{link}/decline", page=link)
    assert (own.state, event.seats_taken) == (State.CONFIRMED, 1)


def test_only_the_nominee_accepts(client: Client, carla: User) -> None:
    event = make.event()
    client.sign_in(carla)
    nominate(client, event, **people("Dora"))
    (row,) = registrations_of(event)
    assert client.press(f"/my/registrations/{row.id}/accept").status_code == 404
    assert row.state is State.UNCONFIRMED


def test_where_registration_is_closed_the_form_is_too(client: Client, carla: User) -> None:
    event = make.event(registration_closes_at=clock.now() - timedelta(days=1))
    client.sign_in(carla)
    assert client.get(nominating(event)).location == programme_page()
    assert client.get(nominating(make.event(state="draft"))).status_code == 404


def test_faults_of_every_sort_are_shown_at_once(client: Client, carla: User) -> None:
    event = make.event()
    event.roles = [make.role()]
    eva = make.user("Eva", email="eva@example.org")
    make.registration(event, eva)
    client.sign_in(carla)
    rows = people("Anna", "Eva", "Bo", "Anna") | {
        "people-1-institution": "",
        "people-2-role": make.role("MA").id,
        "people-2-name": "",
        "people-3-email": "anna@example.org",
    }
    page = unescape(nominate(client, event, **rows).get_data(as_text=True))
    for sentence in (
        "Write where they work. (person 2)",
        "Eva is on the list of this event already. (person 2)",
        "Write their name. (person 3)",
        "This person: This event is for controllers.",
        "Anna: this address is above already. (person 4)",
    ):
        assert sentence in page
    assert page.count('value="anna@example.org"') == 2
    assert len(registrations_of(event)) == 1


def test_an_empty_address_is_asked_for_as_theirs(client: Client, carla: User) -> None:
    client.sign_in(carla)
    rows = people("Anna") | {"people-0-email": ""}
    page = nominate(client, make.event(), **rows).get_data(as_text=True)
    assert "Write their e-mail address." in page
    assert "Write your" not in page


def test_every_try_counts_against_the_limit(client: Client, carla: User) -> None:
    """Also one that is refused: it might be made to learn something."""
    event = make.event()
    client.sign_in(carla)
    rows = people("Anna") | {"people-0-role": ""}
    tries = [nominate(client, event, **rows).status_code for _ in range(6)]
    assert tries == [200] * 5 + [429]


def test_an_event_by_invitation_has_no_button(client: Client, carla: User) -> None:
    event = make.event()
    make.seat_rules(event, by_invitation=True)
    client.sign_in(carla)
    assert "Nominate people</a>" not in client.get(programme_page()).get_data(as_text=True)
    assert client.get(nominating(event)).location == programme_page()
    assert "by invitation only" in client.get(programme_page()).get_data(as_text=True)


def test_withdrawing_asks_first(client: Client, carla: User) -> None:
    event = make.event(capacity=1)
    client.sign_in(carla)
    nominate(client, event, **people(NAME))
    (row,) = registrations_of(event)
    waiting = make.registration(event, state=State.WAITLISTED)
    address = f"{programme_page()}/nominations/{row.id}/withdraw"
    assert f'href="{address}"' in client.get(programme_page()).get_data(as_text=True)
    page = client.get(address).get_data(as_text=True)
    assert f"Withdraw the nomination of {PRINTED}?" in page
    assert row.state is State.UNCONFIRMED
    assert client.press(address, page=address).location == programme_page()
    assert (row.state, waiting.state) == (State.CANCELLED, State.CONFIRMED)
    assert "is withdrawn" in client.get(programme_page()).get_data(as_text=True)
    assert newest_mail("nomination_withdrawn").to_address == row.user.email
    assert client.get(address).location == programme_page()
    assert "was withdrawn" in client.get(programme_page()).get_data(as_text=True)


def test_withdrawing_says_nothing_of_a_secret_selection(client: Client, carla: User) -> None:
    event, tell_at = make.event(capacity=1, admission=Admission.SELECTION), make.days(1)
    make.seat_rules(event, selected_at=tell_at)
    row = make.registration(
        event,
        state=State.UNCONFIRMED,
        upon_confirmation=State.CONFIRMED,
        nominated_by_id=carla.id,
        answer_by=make.days(2),
    )
    make.registration(event, state=State.WAITLISTED, told_at=tell_at)
    client.sign_in(carla)
    page = client.get(f"{programme_page()}/nominations/{row.id}/withdraw").text
    assert "becomes free at once." in page


def test_nobody_else_withdraws(client: Client, carla: User) -> None:
    event = make.event()
    client.sign_in(carla)
    nominate(client, event, **people("Dora"))
    (row,) = registrations_of(event)
    own = make.registration(event, make.user())
    theirs = f"{programme_page('Alpine')}/nominations/{row.id}/withdraw"
    assert client.get(f"{programme_page()}/nominations/{own.id}/withdraw").status_code == 404
    client.sign_in(coordinating(make.user(), "Alpine"))
    assert client.get(theirs).status_code == 404
    assert client.press(theirs).status_code == 404
    assert client.get(f"{programme_page()}/nominations/{row.id}/withdraw").status_code == 404
    assert row.state is State.UNCONFIRMED


def test_the_page_of_a_second_module_says_whom_one_can_nominate(
    client: Client, carla: User
) -> None:
    first, second = make.event("Module 1"), make.event("Module 2", starts_at=make.days(40))
    put_after(second, first, actor=make.member(), now=clock.now())
    db.session.commit()
    client.sign_in(carla)
    assert "at “Module 1” can be nominated" in client.get(nominating(second)).text
    assert "can be nominated" not in client.get(nominating(first)).text
    refused = nominate(client, second, **people("Anna")).get_data(as_text=True)
    assert "at “Module 1”, which comes first." in refused
