import re

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from interact_events.accounts.models import Level
from interact_events.core import clock, outbox
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.mail import KINDS, compose, usual, wording_for
from interact_events.core.outbox import OutboxMessage, Posting, Recipient
from interact_events.events.models import Event, Mode
from interact_events.messages import actions, rules
from interact_events.messages.models import OwnWording
from interact_events.messages.queries import Place
from interact_events.messages.rules import Own, bends_link, effective, joined, parted, placed
from tests import make
from tests.client import Client, counted

CONFIRMED = "registrations.confirmed"
CANCELLED = "registrations.cancelled"
GREEK = """Ζωή "Žižka" <b>O'Neil</b>"""


@pytest.fixture
def event(app: Flask) -> Event:
    return make.event()


def address(event: Event, kind: str = "") -> str:
    base = f"/offices/turku/events/{event.slug}/mails"
    return f"{base}/{kind}" if kind else base


def change(place: Place, kind: str = CONFIRMED, **values: object) -> None:
    said = {"subject": "Come: {{ event }}", "body": "Dear {{ name }},", "is_off": False}
    actions.change_wording(
        place,
        KINDS[kind],
        actor=make.user(),
        now=clock.now(),
        **(said | values),  # type: ignore[arg-type]
    )
    db.session.commit()


# -- rules ---------------------------------------------------------------------------------------

own = st.none() | st.builds(Own, st.sampled_from(["", "a", "b"]), st.booleans())


@given(at_event=own, at_office=own)
def test_the_nearest_place_decides(at_event: Own | None, at_office: Own | None) -> None:
    now = effective(at_event, at_office)
    nearest = at_event or at_office
    assert now.is_off == bool(nearest and nearest.is_off)
    if at_event and at_event.source:
        assert now.source == at_event.source
    else:
        assert now.source == (at_office.source if at_office else "")


@given(number=st.integers(2, 400), words=st.text(min_size=1))
def test_a_line_is_counted_within_the_field(number: int, words: str) -> None:
    assert placed(f"Line {number}: {words}") == ("body", f"Line {number - 1}: {words}")


@pytest.mark.parametrize("kind", [k for k in KINDS.values() if rules.has_secret(k.name)])
@pytest.mark.usefixtures("app")
def test_usual_words_leave_personal_links_whole(kind: object) -> None:
    assert bends_link(usual(kind)) == 0  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "bent",
    [
        "{{ link|join(' ') }}",
        "{{ link ~ 'x' }}",
        "{% for c in link %}{{ c }} {% endfor %}",
        "{% if link < 'https://x' %}a{% endif %}",
    ],
)
@pytest.mark.usefixtures("app")
def test_a_personal_link_is_not_taken_apart(bent: str) -> None:
    kind = KINDS["registrations.seat_invitation"]
    with pytest.raises(DomainError, match=r"Line 2: this link is personal"):
        actions.checked(kind, "Hello", f"Hello\n{bent}")
    actions.checked(KINDS[CONFIRMED], "Hello", "Hello {% if link %}{{ link }}{% endif %}")


@given(
    subject=st.text(alphabet="ab {}", min_size=1).map(str.strip).filter(bool),
    body=st.text("ab \n").map(str.strip),
)
def test_a_template_is_parted_into_what_it_was_joined_from(subject: str, body: str) -> None:
    assert parted(joined(subject, body)) == (subject, body)


# -- the lookup ----------------------------------------------------------------------------------


def test_event_wins_over_office_which_wins_over_usual(event: Event) -> None:
    other, elsewhere = make.event(), make.event(office=make.office("vienna"))
    assert wording_for(CONFIRMED, event.id) is None
    change(Place(event.office), subject="Office")
    change(Place(event.office, event), subject="Event")
    said = [wording_for(CONFIRMED, e.id) for e in (event, other)]
    assert [w.source.split("\n")[0] for w in said if w] == ["Event", "Office"]
    assert wording_for(CONFIRMED, elsewhere.id) is None
    assert wording_for(CONFIRMED, None) is None


def test_asking_is_one_statement(event: Event, app: Flask) -> None:
    change(Place(event.office, event))
    number = event.id
    with counted(db.session.connection()) as statements:
        wording_for(CONFIRMED, number)
    assert len(statements) == 1


def test_a_mail_leaves_in_the_own_words(event: Event) -> None:
    change(Place(event.office, event))
    kind = KINDS[CONFIRMED]
    mail = compose(kind, **kind.samples)
    to = Recipient("Zoi", "zoi@example.org")
    outbox.post_all([Posting(mail=mail, to=to, key="k", event_id=event.id)], now=clock.now())
    row = db.session.scalars(select(OutboxMessage)).one()
    assert row.words.subject == f"Come: {kind.samples['event']}"


def test_an_event_can_have_what_its_office_has_off(event: Event) -> None:
    change(Place(event.office), CANCELLED, subject="Office", is_off=True)
    inherited = Place(event.office, event)
    assert wording_for(CANCELLED, event.id) == ("Office\nDear {{ name }},", True)
    change(inherited, CANCELLED, subject="Office", is_off=False)
    assert wording_for(CANCELLED, event.id) == ("Office\nDear {{ name }},", False)
    change(inherited, CANCELLED, subject="Office", is_off=True)  # the same as above: not kept
    assert len(db.session.scalars(select(OwnWording)).all()) == 1


def test_usual_words_are_not_kept_as_own(event: Event) -> None:
    subject, body = parted(usual(KINDS[CONFIRMED]))
    change(Place(event.office), subject=subject, body=body)
    assert db.session.scalars(select(OwnWording)).all() == []


def test_what_people_rely_on_is_not_switched_off(event: Event) -> None:
    with pytest.raises(DomainError, match="can’t be switched off"):
        change(Place(event.office), is_off=True)


# -- pages ---------------------------------------------------------------------------------------


def test_parts_that_mails_share_are_explained_where_there_are_any(
    client: Client, event: Event
) -> None:
    page, says = address(event, CONFIRMED), "stands for a part that mails share"
    client.sign_in(make.member())
    assert says in client.get(page).text
    client.press(page, page=page, person="", subject="Hello", body="Dear {{ name }},")
    assert says not in client.get(page).text


def test_an_editor_changes_words_and_goes_back(client: Client, event: Event) -> None:
    editor = make.member()
    client.sign_in(editor)
    assert "Own words" not in client.get(address(event)).text
    words = {"subject": "Come to {{ event }}", "body": "Dear {{ name }},\n\nSee you."}
    page = address(event, CONFIRMED)
    assert client.press(page, page=page, person="", **words).status_code == 303
    row = db.session.scalars(select(OwnWording)).one()
    assert (row.event_id, row.changed_by_id) == (event.id, editor.id)
    assert "Own words" in client.get(address(event)).text
    assert "Come to {{" not in client.get(address(event)).text
    assert client.press(f"{page}/usual").status_code == 303
    assert db.session.scalars(select(OwnWording)).all() == []
    did = [e.action for e in db.session.scalars(select(AuditEntry)) if e.action.startswith("words")]
    assert did == ["words changed", "words dropped"]


def test_a_wrong_variable_is_refused_with_its_line_and_answers_are_kept(
    client: Client, event: Event
) -> None:
    client.sign_in(make.member())
    page = address(event, CONFIRMED)
    body = "Dear you,\n\n{{ nmae }} & more"
    response = client.press(page, page=page, person="", subject="Come", body=body)
    assert response.status_code == 200
    assert "Line 3: there is no variable “nmae”." in response.text
    assert "{{ nmae }} &amp; more</textarea>" in response.text
    assert db.session.scalars(select(OwnWording)).all() == []


def test_a_fault_in_the_subject_is_said_beside_it(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    page = address(event, CONFIRMED)
    text = client.press(page, page=page, person="", subject="{{ event", body="Dear you,").text
    assert re.search(r'id="subject-error"', text)
    assert "Line 1" not in text


def test_preview_keeps_a_real_persons_way_to_join(client: Client) -> None:
    """Whoever uses it is noted as them."""
    event = make.event(mode=Mode.ONLINE, joining_url="https://meet.example/")
    row = make.registration(event)
    client.sign_in(make.member())
    page = address(event, CONFIRMED)
    fields = {"subject": "Come", "body": "Join: {{ joining_link }}", "preview": "yes"}
    text = client.press(page, page=page, person=str(row.id), **fields).text
    assert ("Join: [personal link]" in text, "/join/" in text) == (True, False)


def test_preview_has_a_real_persons_values_and_saves_nothing(client: Client, event: Event) -> None:
    row = make.registration(event, make.user(GREEK))
    client.sign_in(make.member())
    page = address(event, CONFIRMED)
    text = client.press(
        page,
        page=page,
        person=str(row.id),
        subject="Come: {{ event }}",
        body="Dear {{ name }},",
        preview="yes",
    ).text
    assert f"Come: {event.title}" in text
    assert "Dear Ζωή &#34;Žižka&#34; &lt;b&gt;O&#39;Neil&lt;/b&gt;," in text
    assert db.session.scalars(select(OwnWording)).all() == []
    assert db.session.scalars(select(OutboxMessage)).all() == []


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("kind", [k.name for k in KINDS.values()])
def test_every_kind_of_an_event_can_be_edited(client: Client, kind: str) -> None:
    event = make.event()
    make.registration(event)
    client.sign_in(make.member())
    may = KINDS[kind].owner == "event"
    for base in (address(event, kind), f"/offices/turku/mails/{kind}"):
        page = client.get(base)
        assert page.status_code == (200 if may else 404)
        if may:
            assert ("Don’t send this mail" in page.text) is KINDS[kind].may_be_off


def test_colleagues_see_and_others_find_nothing(client: Client, event: Event) -> None:
    for base in (address(event), "/offices/turku/mails"):
        page = f"{base}/{CONFIRMED}"
        client.sign_in(make.member(level=Level.VIEWER))
        assert client.get(base).status_code == 200
        assert client.get(page).status_code == 403
        assert client.press(page, subject="a", body="b").status_code == 403
        assert client.press(f"{page}/usual").status_code == 403
        for stranger in (make.member("vienna"), make.user()):
            client.sign_in(stranger)
            assert client.get(base).status_code == 404
            assert client.press(page, subject="a", body="b").status_code == 404
            assert client.press(f"{page}/usual").status_code == 404


def test_the_list_asks_the_same_for_any_number_of_own_words(
    client: Client, event: Event, app: Flask
) -> None:
    client.sign_in(make.member())
    seen = []
    for kind in (CONFIRMED, CANCELLED, "registrations.waitlisted"):
        change(Place(event.office, event), kind)
        connection: Connection = db.session.connection()
        with counted(connection) as statements:
            client.get(address(event))
        seen.append(len(statements))
    assert seen[0] == seen[2]
