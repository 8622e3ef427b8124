"""Events go from one office to another when leads of both agree."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from interact_events.accounts.models import Level, User
from interact_events.accounts.queries import personal_data
from interact_events.calendars.models import ImportedEvent
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import OutboxMessage
from interact_events.events.models import Event, EventState
from interact_events.events.policies import can_edit_event, can_lead_event, can_view_event
from interact_events.events.queries import history
from interact_events.planning import actions
from interact_events.planning.models import EventHandOver, OfferKind, OfferState
from interact_events.registrations.actions import cancel_event
from tests import make
from tests.client import Client
from tests.planning.days import NASTY, draft, event, mails, monday

pytestmark = pytest.mark.usefixtures("app")

HAND_OVER, HELP = OfferKind.HAND_OVER, OfferKind.CO_ORGANISE
CONTACT = actions.Contact("Vienna’s desk", "vienna@interact.example")


@dataclass(frozen=True)
class People:
    """Leads of two offices, and others who work there."""

    turku: User
    vienna: User
    editor: User  # in Vienna
    viewer: User  # in Turku


@pytest.fixture
def people() -> People:
    return People(
        make.member("turku", Level.LEAD, name="Kaisa Lindström"),
        make.member("vienna", Level.LEAD, name="Florian Pichler"),
        make.member("vienna", Level.EDITOR),
        make.member("turku", Level.VIEWER),
    )


def offered(
    row: Event, by: User, kind: OfferKind = HAND_OVER, to: str = "vienna", message: str = ""
) -> EventHandOver:
    offer = actions.offer_event(row, make.office(to), kind, message, actor=by, now=clock.now())
    db.session.commit()
    return offer


def accepted(offer: EventHandOver, by: User) -> None:
    contact = CONTACT if offer.is_hand_over else None
    actions.accept_offer(offer, contact, "We like to.", actor=by, now=clock.now())
    db.session.commit()


def refusal(offer: EventHandOver, by: User) -> str:
    with pytest.raises(DomainError) as caught:
        accepted(offer, by)
    db.session.rollback()
    return caught.value.message


# -- the actions ---------------------------------------------------------------------------------


def test_an_accepted_hand_over_changes_who_leads(people: People) -> None:
    row = event()
    row.co_organisers = [make.office("vienna"), make.office("viborg")]
    db.session.commit()
    accepted(offered(row, people.turku), people.vienna)
    assert row.office == make.office("vienna")
    assert row.co_organisers == [make.office("viborg")]
    assert (row.contact_name, row.contact_email) == (CONTACT.name, CONTACT.email)
    assert can_lead_event(people.vienna, row)
    assert not can_view_event(people.turku, row)
    assert row.zone == "Europe/Helsinki"
    assert row.sequence > 0  # calendars show who organises it
    assert row.agenda[0].sequence > 0


def test_an_accepted_help_gives_its_editors_their_rights(people: People) -> None:
    row = event()
    version = row.version
    assert not can_view_event(people.editor, row)
    accepted(offered(row, people.turku, HELP), people.vienna)
    assert row.office == make.office()
    assert row.co_organisers == [make.office("vienna")]
    assert can_edit_event(people.editor, row)
    assert not can_lead_event(people.vienna, row)
    assert row.version > version


def test_a_file_of_the_new_office_finds_the_event(people: People) -> None:
    """And one of the former office that holds it still may be sent again."""
    row, other = draft(), draft(office=make.office("vienna"))
    known = ImportedEvent(event=row, office_id=row.office_id, uid="plan-7")
    db.session.add(known)
    accepted(offered(row, people.turku), people.vienna)
    assert known.office_id == make.office("vienna").id
    db.session.add(ImportedEvent(event=other, office_id=make.office().id, uid="plan-7"))
    accepted(offered(row, people.vienna, to="turku"), people.turku)
    assert db.session.get(ImportedEvent, row.id) is None


def test_the_leads_get_mails_and_nobody_else(people: People) -> None:
    row = event(NASTY)
    make.registration(row)
    make.member("viborg", Level.LEAD)
    colleague = make.member("turku", Level.LEAD)
    offer = offered(row, people.turku, message="We have no room.")
    assert mails() == [("planning.offered", people.vienna.email)]
    accepted(offer, people.vienna)
    told = [("planning.answered", each.email) for each in (people.turku, colleague)]
    assert mails()[1:] == told
    said = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert said[0].values["message"] == "We have no room."
    assert said[0].values["link"].endswith(f"/planning/offers/{offer.id}")
    assert (said[1].values["is_accepted"], said[1].values["answer"]) == (True, "We like to.")


def test_the_history_keeps_who_asked_and_who_answered(people: People) -> None:
    row = event()
    declined = offered(row, people.turku)
    actions.decline_offer(declined, "Not this year.", actor=people.vienna, now=clock.now())
    accepted(offered(row, people.turku), people.vienna)
    did = [(entry.did, entry.who, entry.note) for entry in history(row)]
    vienna = "Interact Office Vienna"
    assert did == [
        ("handed over", "Florian Pichler", ""),
        ("edited", "Florian Pichler", ""),
        ("offered to another office", "Kaisa Lindström", vienna),
        ("offer declined", "Florian Pichler", vienna),
        ("offered to another office", "Kaisa Lindström", vienna),
    ]
    (change,) = history(row)[0].changes
    assert (change.label, change.before, change.after) == ("Office", make.office().name, vienna)


def test_a_declined_offer_changes_nothing(people: People) -> None:
    row = event()
    offer = offered(row, people.turku)
    actions.decline_offer(offer, "Not this year.", actor=people.vienna, now=clock.now())
    assert (row.office, row.co_organisers) == (make.office(), [])
    assert offer.state is OfferState.DECLINED
    assert mails()[-1] == ("planning.answered", people.turku.email)


def test_what_is_accepted_once_is_not_accepted_twice(people: People) -> None:
    offer = offered(event(), people.turku)
    accepted(offer, people.vienna)
    assert refusal(offer, people.vienna).startswith("This offer was accepted already on ")


def test_what_is_withdrawn_meanwhile_is_not_accepted(people: People) -> None:
    row = event()
    offer = offered(row, people.turku)
    actions.withdraw_offer(offer, actor=people.turku, now=clock.now())
    db.session.commit()
    assert refusal(offer, people.vienna).startswith("This offer was withdrawn already on ")
    assert row.office == make.office()
    assert mails()[-1] == ("planning.withdrawn", people.vienna.email)


def test_what_is_accepted_meanwhile_is_not_withdrawn(people: People) -> None:
    offer = offered(event(), people.turku)
    accepted(offer, people.vienna)
    with pytest.raises(DomainError, match="This offer was accepted already"):
        actions.withdraw_offer(offer, actor=people.turku, now=clock.now())


def test_of_two_offers_at_once_the_second_is_refused(people: People) -> None:
    make.member("viborg", Level.LEAD)
    row = event()
    offered(row, people.turku)
    with pytest.raises(DomainError, match="is offered to Interact Office Vienna already"):
        offered(row, people.turku, to="viborg")
    with pytest.raises(DomainError, match="is asked about this event already"):
        offered(row, people.turku, HELP)
    assert offered(row, people.turku, HELP, to="viborg").is_open


def test_the_database_holds_one_open_hand_over_as_well(people: People) -> None:
    offer = offered(event(), people.turku)
    facts = {"event_id": offer.event_id, "from_office_id": offer.from_office_id, "kind": HAND_OVER}
    second = {"to_office_id": make.office("viborg").id, "asked_by_id": people.turku.id}
    db.session.add(EventHandOver(**facts, **second, asked_at=clock.now()))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_who_has_it_or_helps_already_is_not_asked(people: People) -> None:
    row = event()
    row.co_organisers = [make.office("vienna")]
    db.session.commit()
    with pytest.raises(DomainError, match="leads this event already"):
        offered(row, people.turku, to="turku")
    with pytest.raises(DomainError, match="helps with this event already"):
        offered(row, people.turku, HELP)


def test_an_office_that_nobody_leads_is_not_asked(people: People) -> None:
    with pytest.raises(DomainError, match="Nobody leads Interact Office Viborg at present"):
        offered(event(), people.turku, to="viborg")


def test_for_the_secretariat_those_answer_who_coordinate(people: People) -> None:
    coordinator = make.coordinator()
    offered(event(), people.turku, to="bratislava")
    assert mails() == [("planning.offered", coordinator.email)]


def test_a_hand_over_ends_what_the_former_office_had_asked_others(people: People) -> None:
    viborg = make.member("viborg", Level.LEAD)
    row = event()
    help_ = offered(row, people.turku, HELP, to="viborg")
    accepted(offered(row, people.turku), people.vienna)
    assert help_.state is OfferState.WITHDRAWN
    assert ("planning.withdrawn", viborg.email) in mails()


def test_cancelled_and_past_events_stay_with_their_offices(people: People) -> None:
    row = event()
    offer = offered(row, people.turku)
    cancel_event(row, "The speaker is ill.", actor=people.turku, now=clock.now())
    db.session.commit()
    assert offer.state is OfferState.WITHDRAWN
    with pytest.raises(DomainError, match="cancelled"):
        offered(row, people.turku)
    over = event(day=clock.now().date() - timedelta(days=9))
    with pytest.raises(DomainError, match="This event is over"):
        offered(over, people.turku)


def test_what_has_ended_meanwhile_is_not_accepted(people: People) -> None:
    row = event()
    offer = offered(row, people.turku)
    with pytest.raises(DomainError, match="This event is over"):
        actions.accept_offer(offer, CONTACT, "", actor=people.vienna, now=row.ends_at)


def test_a_deleted_draft_takes_its_offers_along(people: People) -> None:
    row = draft()
    offered(row, people.turku)
    db.session.delete(row)
    db.session.commit()
    assert db.session.scalars(select(EventHandOver)).all() == []


@pytest.mark.parametrize("side", ["turku", "vienna"])
def test_either_lead_ends_the_help_and_both_offices_hear_of_it(people: People, side: str) -> None:
    row = event()
    offer = offered(row, people.turku, HELP)
    accepted(offer, people.vienna)
    actor, told = getattr(people, side), people.vienna if side == "turku" else people.turku
    before = len(mails())
    actions.end_help(row, make.office("vienna"), actor=actor, now=clock.now())
    db.session.commit()
    assert row.co_organisers == []
    assert offer.state is OfferState.ENDED
    assert mails()[before:] == [("planning.help_ended", told.email)]
    with pytest.raises(DomainError, match="does not help with this event any more"):
        actions.end_help(row, make.office("vienna"), actor=actor, now=clock.now())


def test_people_download_what_they_asked_and_answered(people: People) -> None:
    accepted(offered(event("Lump sums"), people.turku, message="Please."), people.vienna)
    asked, answered = (
        personal_data(each, clock.now())["planning"]["offers"][0]
        for each in (people.turku, people.vienna)
    )
    assert (asked["event"], asked["message"], asked["answer"]) == ("Lump sums", "Please.", None)
    assert (answered["state"], answered["message"], answered["answer"]) == (
        "accepted",
        None,
        "We like to.",
    )


# -- the pages -----------------------------------------------------------------------------------


def ask(client: Client, row: Event, **changes: object) -> str:
    page = f"/planning/events/{row.slug}/offer"
    usual = {"kind": "hand-over", "office": make.office("vienna").id, "message": NASTY}
    return client.press(page, page=page, **(usual | changes)).get_data(as_text=True)


def open_offer() -> EventHandOver:
    return db.session.scalars(select(EventHandOver)).one()


def test_a_lead_offers_and_the_other_accepts(client: Client, people: People) -> None:
    row = event(NASTY)
    client.sign_in(people.turku)
    ask(client, row)
    offer = open_offer()
    page = f"/planning/offers/{offer.id}"
    assert "Withdraw the offer" in client.get(page).text
    assert "Vienna is asked to take it over" in client.get(f"/planning?from={monday()}").text
    assert "You have asked Interact Office Vienna" in client.get("/offices/turku/").text

    client.sign_in(people.vienna)
    for where in ("/offices/vienna/", "/planning"):
        assert page in client.get(where).text
    text = client.get(page).text
    assert "<b>O" not in text
    assert 'value="vienna@interact.example"' in text
    answer = client.press(
        page, page=page, accept="yes", contact_name="Desk", contact_email="desk@example.org"
    )
    assert answer.location == f"/planning/events/{row.slug}"
    assert "leads this event now" in client.get(answer.location).text
    assert (row.office.code, row.contact_email) == ("vienna", "desk@example.org")
    assert page not in client.get("/planning").text


def test_the_address_under_the_former_office_leads_on(client: Client, people: People) -> None:
    row = event()
    row.co_organisers = [make.office("viborg")]
    db.session.commit()
    accepted(offered(row, people.turku), people.vienna)
    old, new = (f"/offices/{code}/events/{row.slug}" for code in ("turku", "vienna"))
    client.sign_in(people.vienna)
    answer = client.get(f"{old}/registrations?state=confirmed")
    assert (answer.status_code, answer.location) == (307, f"{new}/registrations?state=confirmed")
    assert client.post(f"{old}/publish").status_code in (307, 400)
    client.sign_in(make.member("viborg"))
    assert client.get(f"{old}/", follow_redirects=True).status_code == 200
    client.sign_in(people.turku)
    assert client.get(f"{old}/").status_code == 404
    assert client.get(f"{new}/").status_code == 404
    assert client.get(f"/offices/viborg/events/{row.slug}/").status_code == 404
    assert client.get(f"/events/{row.slug}").status_code == 200


def test_an_event_that_was_handed_back_is_where_it_was(client: Client, people: People) -> None:
    row = event()
    accepted(offered(row, people.turku), people.vienna)
    accepted(offered(row, people.vienna, to="turku"), people.turku)
    client.sign_in(people.turku)
    assert client.get(f"/offices/turku/events/{row.slug}/").status_code == 200
    answer = client.get(f"/offices/vienna/events/{row.slug}/")
    assert answer.location == f"/offices/turku/events/{row.slug}/"


def test_declining_needs_no_contact_and_accepting_does(client: Client, people: People) -> None:
    row = event()
    client.sign_in(people.turku)
    ask(client, row)
    page = f"/planning/offers/{open_offer().id}"
    client.sign_in(people.vienna)
    empty = {"contact_name": "", "contact_email": ""}
    refused = client.press(page, page=page, accept="yes", **empty)
    assert "Give an address for questions." in refused.text
    assert client.press(page, page=page, decline="yes", **empty).status_code == 303
    assert open_offer().state is OfferState.DECLINED
    assert row.office.code == "turku"
    again = client.press(page, page=page, decline="yes", **empty)
    assert "was declined already" in client.get(again.location).text


def test_help_is_asked_and_given_without_a_contact(client: Client, people: People) -> None:
    row = event(contact_email="turku@interact.example")
    client.sign_in(people.turku)
    ask(client, row, kind="co-organise")
    page = f"/planning/offers/{open_offer().id}"
    client.sign_in(people.vienna)
    assert "contact_email" not in client.get(page).text
    client.press(page, page=page, accept="yes")
    assert (row.co_organisers, row.contact_email) == (
        [make.office("vienna")],
        "turku@interact.example",
    )
    end = f"/planning/events/{row.slug}/co-organisers/vienna/end"
    assert end in client.get(f"/offices/turku/events/{row.slug}/").text
    client.press(end)
    assert row.co_organisers == []
    again = client.press(end)
    assert "does not help" in client.get(again.location).text


def test_who_asked_cannot_answer_for_the_other_office(client: Client) -> None:
    """One who coordinates leads everywhere, and yet both offices have to agree."""
    coordinator, row = make.coordinator(), event()
    make.member("vienna", Level.LEAD)
    client.sign_in(coordinator)
    ask(client, row)
    page = f"/planning/offers/{open_offer().id}"
    assert "Accept</button>" not in client.get(page).text
    yes = {"accept": "yes", "contact_email": "desk@example.org"}
    assert client.press(page, page=page, **yes).status_code == 403
    client.sign_in(make.coordinator())
    assert client.press(page, page=page, **yes).status_code == 303


def test_only_leads_ask_answer_withdraw_and_end(client: Client, people: People) -> None:
    row = event()
    row.co_organisers = [make.office("viborg")]
    offer = offered(row, people.turku)
    page, ask_page = f"/planning/offers/{offer.id}", f"/planning/events/{row.slug}/offer"
    end = f"/planning/events/{row.slug}/co-organisers/viborg/end"
    expected = {
        people.viewer: (200, 403, 403, 403, 403),
        people.editor: (200, 403, 403, 403, 403),
        make.member("viborg"): (404, 404, 404, 403, 403),
        make.member("valencia", Level.LEAD): (404, 404, 404, 403, 403),
        make.user(): (404, 404, 404, 404, 404),
    }
    for who, codes in expected.items():
        client.sign_in(who)
        found = (
            client.get(page).status_code,
            client.press(page, accept="yes", contact_email="a@example.org").status_code,
            client.press(f"{page}/withdraw").status_code,
            client.get(ask_page).status_code,
            client.press(end).status_code,
        )
        assert found == codes
    assert (row.office, row.co_organisers) == (make.office(), [make.office("viborg")])
    client.sign_in(people.turku)
    assert client.press(f"{page}/withdraw").status_code == 303
    assert offer.state is OfferState.WITHDRAWN


def test_pages_that_are_not_there(client: Client, people: People) -> None:
    row = event()
    client.sign_in(people.turku)
    assert client.get("/planning/offers/99999").status_code == 404
    assert client.press(f"/planning/events/{row.slug}/co-organisers/nowhere/end").status_code == 404
    called_off = event(state=EventState.CANCELLED)
    assert client.get(f"/planning/events/{called_off.slug}/offer").status_code == 303


def test_a_form_without_answers_says_what_is_missing(client: Client, people: People) -> None:
    client.sign_in(people.turku)
    text = ask(client, event(), office="", kind="")
    assert "Choose an office." in text
    assert "Choose what you ask for." in text
    assert "Nobody leads" in ask(client, event(), office=make.office("viborg").id)
    assert "Choose one of those on offer" in ask(client, event(), office=make.office().id)


def test_the_form_of_an_event_leaves_its_helpers_alone(client: Client, people: People) -> None:
    """Without both offices' consent nobody becomes one."""
    row = event()
    row.co_organisers = [make.office("vienna")]
    db.session.commit()
    client.sign_in(people.turku)
    page = f"/offices/turku/events/{row.slug}/edit"
    assert "co_organisers" not in client.get(page).text
    client.press(page, page=page, co_organisers=str(make.office("viborg").id), title="Other")
    assert row.co_organisers == [make.office("vienna")]
