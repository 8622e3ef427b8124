"""The demand board as a stranger, stakeholders and staff see it."""

from datetime import timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import Connection, select

from interact_events.accounts.models import Level, User
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.ideas.actions import close_idea, merge_ideas
from interact_events.ideas.models import Idea
from interact_events.ideas.rules import IdeaState
from tests import make
from tests.client import Client, counted
from tests.ideas.conftest import (
    complete,
    draft,
    first_day,
    mails,
    new_idea,
    proposal,
    publish,
    supporter,
    supports_of,
)

NAME = """Ζωή "Žižka" <b>O'Neil</b>"""
LONG = "Förderfähigkeitsprüfung grenzüberschreitender Bürgerbeteiligungsprojekte"


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def idea_titled(title: str) -> Idea:
    return db.session.scalars(select(Idea).where(Idea.title == title)).one()


def codes(client: Client, *addresses: str) -> list[int]:
    return [client.get(address).status_code for address in addresses]


# -- who sees what -------------------------------------------------------------------------------


def test_a_stranger_is_asked_to_sign_in(client: Client) -> None:
    idea = new_idea()
    for address in ("/ideas", "/ideas/new", f"/ideas/{idea.slug}", f"/ideas/{idea.slug}/plan"):
        assert "/sign-in" in client.get(address).location
    assert ">Ideas</a>" not in text_of(client, "/events")


def test_a_proposal_is_seen_by_its_proposer_and_by_staff(client: Client) -> None:
    proposer = make.user()
    idea = proposal(proposed_by_id=proposer.id)
    seen = {}
    for who, user in (
        ("proposer", proposer),
        ("other", make.user()),
        ("viewer", make.member("vienna", Level.VIEWER)),
        ("coordinator", make.coordinator()),
    ):
        client.sign_in(user)
        seen[who] = client.get(f"/ideas/{idea.slug}").status_code
    assert seen == {"proposer": 200, "other": 404, "viewer": 200, "coordinator": 200}


def test_a_closed_idea_is_seen_by_who_it_concerns(client: Client) -> None:
    idea = new_idea()
    person = supporter(idea)
    close_idea(idea, "We had one in May.", actor=make.member(), now=clock.now())
    client.sign_in(person)
    assert "We had one in May." in text_of(client, f"/ideas/{idea.slug}")
    away = client.press(f"/ideas/{idea.slug}/support/withdraw", page="/ideas")
    assert (away.location, supports_of(idea)) == ("/ideas", {})
    assert client.get(f"/ideas/{idea.slug}").status_code == 404


def test_stakeholders_read_how_many_would_come_and_staff_who(client: Client) -> None:
    proposer = make.user(NAME)
    idea = new_idea(proposed_by_id=proposer.id)
    supporter(idea, months=(3,), comment="Why <b>so</b>?")
    client.sign_in(make.profile().user)
    page = text_of(client, f"/ideas/{idea.slug}")
    assert "1 person would come" in page
    assert [
        word
        for word in ("Proposed by", "O&#39;Neil", "Central Baltic</span>", "Why")
        if word in page
    ] == []
    client.sign_in(make.member("vienna", Level.VIEWER))
    page = text_of(client, f"/ideas/{idea.slug}")
    assert "Proposed by Ζωή &#34;Žižka&#34; &lt;b&gt;O&#39;Neil&lt;/b&gt;" in page
    assert "Why &lt;b&gt;so&lt;/b&gt;?" in page
    assert [f"By {name}" in page for name in ("role", "programme", "country", "month")] == [
        True
    ] * 4
    assert "For staff" not in page  # viewers read


@pytest.mark.parametrize("page", ["edit", "close", "merge", "plan"])
def test_editors_care_for_ideas_of_no_office_and_of_their_own(client: Client, page: str) -> None:
    free, own = new_idea(), new_idea(office_id=make.office().id)
    addresses = [f"/ideas/{idea.slug}/{page}" for idea in (free, own)]
    seen = {}
    for who, user in (
        ("stakeholder", make.user()),
        ("viewer", make.member(level=Level.VIEWER)),
        ("colleague", make.member("vienna")),
        ("editor", make.member()),
        ("coordinator", make.coordinator()),
    ):
        client.sign_in(user)
        seen[who] = codes(client, *addresses)
    assert seen == {
        "stakeholder": [403, 403],
        "viewer": [403, 403],
        "colleague": [200, 403],
        "editor": [200, 200],
        "coordinator": [200, 200],
    }


@pytest.mark.parametrize("press", ["open", "reopen", "merge", "edit", "close", "plan"])
def test_a_stakeholder_presses_none_of_what_staff_press(client: Client, press: str) -> None:
    idea = new_idea()
    client.sign_in(make.user())
    assert client.press(f"/ideas/{idea.slug}/{press}", page="/ideas", into="x").status_code == 403


# -- the board -----------------------------------------------------------------------------------


def test_the_most_wanted_stand_first_and_filters_narrow(client: Client) -> None:
    wanted, other = new_idea("Jems for auditors"), new_idea("Sampling", office_id=make.office().id)
    person = supporter(wanted)
    proposal("Waits")
    planned = new_idea("Made an event")
    draft(planned)
    client.sign_in(person)

    def titles(query: str = "") -> list[str]:
        page = text_of(client, f"/ideas{query}")
        every = (wanted, other, planned, "Waits")
        named = [each if isinstance(each, str) else each.title for each in every]
        return sorted((t for t in named if f">{t}</a>" in page), key=lambda t: page.index(f">{t}<"))

    assert titles() == ["Jems for auditors", "Sampling"]
    assert titles("?q=AUDITORS") == ["Jems for auditors"]
    assert titles("?office=turku") == ["Sampling"]
    assert titles("?topic=audit") == []
    assert titles("?show=planned") == ["Made an event"]
    assert titles("?show=mine") == ["Jems for auditors"]
    assert titles("?show=waiting") == ["Jems for auditors", "Sampling"]  # not theirs to ask
    client.sign_in(make.member())
    assert titles("?show=waiting") == ["Waits"]
    assert titles("?show=nonsense&page=99") == ["Jems for auditors", "Sampling"]


def test_board_costs_the_same_for_one_idea_and_for_three(
    client: Client, connection: Connection
) -> None:
    client.sign_in(make.member())
    numbers = []
    for rows in (1, 2):
        for _ in range(rows):
            idea = new_idea(office_id=make.office().id)
            supporter(idea)
            draft(new_idea())
        for query in ("", "?show=planned"):
            with counted(connection) as statements:
                client.get(f"/ideas{query}")
            numbers.append(len(statements))
    assert numbers[:2] == numbers[2:]
    assert max(numbers) <= 11


def test_page_of_staff_costs_the_same_for_one_supporter_and_for_three(
    client: Client, connection: Connection
) -> None:
    idea = new_idea()
    client.sign_in(make.member())
    numbers = []
    for people in (1, 2):
        for _ in range(people):
            supporter(idea, comment="Why?")
        db.session.expire_all()
        with counted(connection) as statements:
            client.get(f"/ideas/{idea.slug}")
        numbers.append(len(statements))
    assert numbers[0] == numbers[1] <= 14


def test_an_empty_board_invites_to_propose(client: Client) -> None:
    client.sign_in(make.user())
    assert "No idea is open" in text_of(client, "/ideas")
    assert 'href="/ideas/new?title=fraud"' in text_of(client, "/ideas?q=fraud")
    assert 'href="/ideas/new?title=fraud"' in text_of(client, "/events?q=fraud")


# -- proposing -----------------------------------------------------------------------------------


def test_proposing_notes_that_one_would_come(client: Client) -> None:
    person = make.profile().user
    client.sign_in(person)
    fields = {
        "title": LONG,
        "text": "Which **evidence**?",
        "would_come": "y",
        "profile": str(person.profiles[0].id),
        "language": "de",
        "months": ["3", "4"],
        "comment": "",
    }
    answer = client.press("/ideas/new", page="/ideas/new", **fields)
    idea = idea_titled(LONG)
    assert answer.location == f"/ideas/{idea.slug}"
    assert (idea.is_proposed, supports_of(idea)) == (True, {person.id: 12})
    page = text_of(client, f"/ideas/{idea.slug}")
    assert "An office looks at this proposal" in page
    assert "In German. March and April." in page


def test_ideas_that_are_alike_are_shown_first(client: Client) -> None:
    known, hidden = new_idea("Off-the-shelf lump sums"), proposal("Lump sums of others")
    client.sign_in(make.user())
    page = client.press("/ideas/new", page="/ideas/new", title="Lump sums").get_data(as_text=True)
    assert "This is alike" in page
    assert f'href="/ideas/{known.slug}"' in page
    assert hidden.title not in page
    assert 'value="Lump sums"' in page
    client.press("/ideas/new", page="/ideas/new", title="Lump sums", anyway="1")
    assert idea_titled("Lump sums").is_proposed


def test_what_is_missing_is_said_and_the_rest_kept(client: Client) -> None:
    person = make.profile().user
    client.sign_in(person)
    fields = {"title": " ", "text": "Kept <words>", "would_come": "y", "profile": "4711"}
    page = client.press("/ideas/new", page="/ideas/new", language="en", **fields)
    html = page.get_data(as_text=True)
    assert [s in html for s in ("Give the idea a title.", "Choose one of those on offer.")] == [
        True,
        True,
    ]
    assert "Kept &lt;words&gt;" in html
    assert db.session.scalars(select(Idea)).all() == []


def test_an_editor_posts_for_the_own_office(client: Client) -> None:
    client.sign_in(make.member())
    fields = {"title": "Lump sums", "office": str(make.office().id)}
    client.press("/ideas/new", page="/ideas/new", **fields)
    idea = idea_titled("Lump sums")
    assert (idea.is_open, idea.office) == (True, make.office())
    fields = {"title": "Other", "office": str(make.office("vienna").id)}
    page = client.press("/ideas/new", page="/ideas/new", **fields).get_data(as_text=True)
    assert "Choose one of those on offer." in page


def test_a_proposal_is_taken_back_by_its_proposer_alone(client: Client) -> None:
    proposer = make.user()
    address = f"/ideas/{proposal(proposed_by_id=proposer.id).slug}/take-back"
    client.sign_in(make.user())
    assert client.press(address, page="/ideas").status_code == 404
    client.sign_in(make.member())
    assert client.press(address, page="/ideas").status_code == 403
    client.sign_in(proposer)
    assert client.press(address, page="/ideas").location == "/ideas"
    assert db.session.scalars(select(Idea)).all() == []


# -- I would come --------------------------------------------------------------------------------


def test_support_is_given_changed_and_taken_back(client: Client) -> None:
    idea, person = new_idea(), make.profile().user
    client.sign_in(person)
    page = f"/ideas/{idea.slug}"
    fields = {"profile": str(person.profiles[0].id), "language": "en"}
    client.press(f"{page}/support", page=page, months=["1", "12"], **fields)
    assert supports_of(idea) == {person.id: 1 + 2048}
    assert "You would come" in text_of(client, page)
    assert "You would come" in text_of(client, "/ideas")
    client.press(f"{page}/support", page=page, **fields)
    assert supports_of(idea) == {person.id: 0}
    client.press(f"{page}/support/withdraw", page=page)
    assert supports_of(idea) == {}


@pytest.mark.parametrize(
    "wrong", [{"profile": "4711"}, {"language": "xx"}, {"months": ["13"]}, {"profile": ""}]
)
def test_wrong_answers_are_refused(client: Client, wrong: dict[str, object]) -> None:
    idea, person = new_idea(), make.profile().user
    client.sign_in(person)
    usual = {"profile": str(person.profiles[0].id), "language": "en"}
    page = f"/ideas/{idea.slug}"
    answer = client.press(f"{page}/support", page=page, **(usual | wrong))
    assert "Please look at this" in answer.get_data(as_text=True)
    assert supports_of(idea) == {}


def test_the_profile_of_somebody_else_is_not_on_offer(client: Client) -> None:
    idea, others = new_idea(), make.profile()
    client.sign_in(make.profile().user)
    page = f"/ideas/{idea.slug}"
    client.press(f"{page}/support", page=page, profile=str(others.id), language="en")
    assert supports_of(idea) == {}


def test_who_has_no_profile_is_led_to_one(client: Client) -> None:
    idea = new_idea()
    client.sign_in(make.user())
    page = text_of(client, f"/ideas/{idea.slug}")
    assert f'href="/my/profiles/new?next=/ideas/{idea.slug}"' in page


def test_an_old_address_leads_to_the_idea_that_counts(client: Client) -> None:
    idea, target = new_idea("Old & <first>"), new_idea("Lump sums")
    merge_ideas(idea, target, actor=make.member(), now=clock.now())
    person = make.profile().user
    client.sign_in(person)
    answer = client.get(f"/ideas/{idea.slug}", follow_redirects=True)
    assert answer.request.path == f"/ideas/{target.slug}"
    assert "“Old &amp; &lt;first&gt;” is now part of this idea." in answer.get_data(as_text=True)
    fields = {"profile": str(person.profiles[0].id), "language": "en"}
    client.press(f"/ideas/{idea.slug}/support", page="/ideas", **fields)
    assert list(supports_of(target)) == [person.id]


# -- staff ---------------------------------------------------------------------------------------


def test_a_proposal_is_opened(client: Client) -> None:
    idea = proposal()
    client.sign_in(make.member())
    assert "1 idea waits" in text_of(client, "/offices/turku/")
    client.press(f"/ideas/{idea.slug}/open", page="/ideas")
    assert idea.is_open
    assert "idea waits" not in text_of(client, "/offices/turku/")


def test_doubles_are_merged_after_one_has_read_what_happens(client: Client) -> None:
    idea, target = new_idea("Lump sums"), new_idea("Lump sums off the shelf")
    both = make.profile()
    for each in (idea, target):
        supporter(each, profile=both)
    supporter(idea)
    foreign = new_idea("Lump sums of Vienna", office_id=make.office("vienna").id)
    client.sign_in(make.member())
    page = f"/ideas/{idea.slug}/merge"
    assert f"into={target.slug}" in text_of(client, page)
    found = text_of(client, f"{page}?q=lump")
    assert (f"into={target.slug}" in found, f"into={foreign.slug}" in found) == (True, False)
    sure = text_of(client, f"{page}?into={target.slug}")
    assert "2 supporters go there. 1 of them would come to both, and keeps what" in sure
    assert "Together that makes 2 supporters." in sure
    assert client.get(f"{page}?into={foreign.slug}").status_code == 403
    assert client.press(page, page=page, into=foreign.slug).status_code == 403
    assert client.press(page, page=page, into="nothing").status_code == 404
    assert client.press(page, page=page, into=target.slug).location == f"/ideas/{target.slug}"
    assert (idea.merged_into, len(supports_of(target))) == (target, 2)


def test_a_merge_is_offered_only_where_it_can_be_done(client: Client) -> None:
    idea, closed = new_idea(), new_idea(state=IdeaState.CLOSED, reason="Held in May.")
    client.sign_in(make.member())
    for into in (idea, closed):
        page = text_of(client, f"/ideas/{idea.slug}/merge?into={into.slug}")
        assert "Merge the ideas" not in page
        assert "Into which one?" in page


def test_closing_asks_for_a_reason(client: Client) -> None:
    idea = new_idea()
    person = supporter(idea)
    client.sign_in(make.member())
    page = f"/ideas/{idea.slug}/close"
    assert "1 person gets a mail" in text_of(client, page)
    assert "Say why" in client.press(page, page=page, reason=" ").get_data(as_text=True)
    client.press(page, page=page, reason="We had one in May.")
    assert (idea.is_closed, mails("closed")) == (True, {person.email: 1})
    assert "Open it again" in text_of(client, f"/ideas/{idea.slug}")
    client.press(f"/ideas/{idea.slug}/reopen", page="/ideas")
    assert idea.is_open


def test_editing_takes_an_idea_to_an_office(client: Client) -> None:
    idea = new_idea()
    client.sign_in(make.member())
    page = f"/ideas/{idea.slug}/edit"
    client.press(page, page=page, title="Other", office=str(make.office().id))
    assert (idea.title, idea.office) == ("Other", make.office())


def test_an_idea_of_a_retired_office_keeps_it_when_edited(client: Client) -> None:
    viborg = make.office("viborg")
    idea = new_idea(office_id=viborg.id)
    viborg.is_retired = True
    db.session.commit()
    client.sign_in(make.member())
    page = f"/ideas/{idea.slug}/edit"
    assert f'<option selected value="{viborg.id}">' in client.get(page).text
    client.press(page, page=page, title="Other", office=str(viborg.id))
    assert (idea.title, idea.office) == ("Other", viborg)


def test_a_head_start_is_changed_from_the_draft(client: Client) -> None:
    idea = new_idea()
    supporter(idea)
    event = complete(draft(idea, head_start_days=30))
    client.sign_in(make.member(level=Level.LEAD))
    page = f"/ideas/{idea.slug}/edit"
    assert f"{page}#head_start" in client.get(f"/offices/turku/events/{event.slug}/").text
    fields = {"title": "Lump sums", "office": str(make.office().id)}
    assert "from 0 to 60" in client.press(page, page=page, head_start="61", **fields).get_data(
        as_text=True
    )
    client.press(page, page=page, head_start="2", **fields)
    assert idea.head_start_days == 2


def test_return_in_a_field_asks_again_about_what_is_alike(client: Client) -> None:
    """The first button of a form is the one that the key presses."""
    new_idea("Off-the-shelf lump sums")
    client.sign_in(make.user())
    page = client.press("/ideas/new", page="/ideas/new", title="Lump sums").get_data(as_text=True)
    form = page[page.index('<form method="post" class="form"') :]
    assert 'name="anyway"' not in form[form.index("<button") :].split(">", 1)[0]


def test_an_idea_becomes_a_draft_of_the_office(client: Client) -> None:
    idea = new_idea()
    supporter(idea)
    client.sign_in(make.member())
    page = f"/ideas/{idea.slug}/plan"
    assert text_of(client, page).count("checked") == 1  # the role of the one who would come
    fields = {
        "office": str(make.office().id),
        "title": "Lump sums in practice",
        "kind": "workshop",
        "first_day": first_day().isoformat(),
        "head_start": "3",
    }
    wrong = client.press(page, page=page, **(fields | {"head_start": "61", "first_day": ""}))
    assert "Give a number from 0 to 60." in wrong.get_data(as_text=True)
    assert "Choose the first day." in wrong.get_data(as_text=True)
    answer = client.press(page, page=page, **fields)
    event = db.session.scalars(select(Event)).one()
    assert answer.location == f"/offices/turku/events/{event.slug}/"
    assert (event.is_draft, idea.event, idea.head_start_days) == (True, event, 3)
    shown = text_of(client, f"/ideas/{idea.slug}")
    assert "Supporters register 3 days before everybody else." in shown
    assert "See the draft" in shown


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "Registration opens at once to everybody."), (3, "They register 3 days before everybody")],
)
def test_who_publishes_reads_whom_it_tells_first(client: Client, days: int, said: str) -> None:
    idea = new_idea()
    supporter(idea)
    event = complete(draft(idea, head_start_days=days))
    client.sign_in(make.member(level=Level.LEAD))
    page = text_of(client, f"/offices/turku/events/{event.slug}/")
    assert "1 person behind it gets a mail" in page
    assert said in page
    client.press(f"/offices/turku/events/{event.slug}/publish", page="/ideas")
    assert mails("invited_first").total() == 1
    assert "behind it gets a mail" not in text_of(client, f"/offices/turku/events/{event.slug}/")


def test_stakeholders_learn_of_a_draft_only_that_there_is_one(client: Client) -> None:
    idea = new_idea()
    event = draft(idea, title="Secret title")
    client.sign_in(make.user())
    page = text_of(client, f"/ideas/{idea.slug}")
    assert "Interact Office Turku plans an event on this idea." in page
    assert "Secret title" not in page
    publish(event)
    assert "Secret title" in text_of(client, f"/ideas/{idea.slug}")


def test_demand_is_a_file_without_names(client: Client) -> None:
    idea = new_idea()
    person = supporter(idea, comment="=1+1", months=(3,))
    address = f"/ideas/{idea.slug}/demand.xlsx"
    client.sign_in(person)
    assert client.get(address).status_code == 403
    client.sign_in(make.member("vienna", Level.VIEWER))
    with ZipFile(BytesIO(client.get(address).data)) as book:
        inside = "".join(book.read(name).decode() for name in book.namelist())
    assert [word in inside for word in ("Controller", "March", "'=1+1", "<f>")] == [
        True,
        True,
        True,
        False,
    ]
    assert person.name not in inside


# -- invited first -------------------------------------------------------------------------------


def first_of(idea: Idea) -> tuple[Event, User]:
    """A supporter, and the event with a head start that became of the idea."""
    person = supporter(idea)
    return publish(draft(idea, head_start_days=3)), person


def test_supporters_register_before_everybody_else(client: Client) -> None:
    event, person = first_of(new_idea())
    page = f"/events/{event.slug}"
    fields = {"profile": str(person.profiles[0].id)}
    client.sign_in(make.profile().user)
    assert "You are invited first" not in text_of(client, page)
    assert client.get(f"{page}/register").location == page
    client.sign_in(person)
    assert "You are invited first" in text_of(client, page)
    assert client.press(f"{page}/register", page=f"{page}/register", **fields).status_code == 303
    assert "You have a seat" in text_of(client, page)
    assert event.seats_taken == 1


def test_a_stranger_waits_for_the_opening(client: Client) -> None:
    event, _person = first_of(new_idea())
    page = f"/events/{event.slug}"
    assert "You are invited first" not in text_of(client, page)
    assert client.get(f"{page}/register").location == page


def test_a_head_start_ends_when_registration_opens_to_all(client: Client) -> None:
    event, person = first_of(new_idea())
    event.registration_opens_at = clock.now() - timedelta(minutes=1)
    client.sign_in(person)
    assert "You are invited first" not in text_of(client, f"/events/{event.slug}")
    assert client.get(f"/events/{event.slug}/register").status_code == 200


def test_states_are_those_that_the_database_knows() -> None:
    assert [state.value for state in IdeaState] == ["proposed", "open", "merged", "closed"]
