"""Templates: what they keep, what is made from them, and what follows them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select

from interact_events.accounts.models import Level, User
from interact_events.certificates.actions.automatic import choose_automatic
from interact_events.certificates.actions.languages import set_languages
from interact_events.certificates.models import AutomaticIssue
from interact_events.certificates.queries.automatic import automatic_of, events_to_issue
from interact_events.certificates.queries.designs import languages_of
from interact_events.checklists import actions as checklists
from interact_events.checklists.queries import checklist_of
from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.clock import to_local
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.mail import KINDS
from interact_events.events import actions as events
from interact_events.events.models import Event, EventState, Mode
from interact_events.letters import actions as letters
from interact_events.letters.queries import reminders_of
from interact_events.letters.rules import USUAL
from interact_events.materials import actions as materials
from interact_events.materials.models import Material
from interact_events.materials.queries import materials_of
from interact_events.materials.rules import Audience
from interact_events.messages.actions import change_wording
from interact_events.messages.queries import Place, standings
from interact_events.registrations import actions as registrations
from interact_events.registrations.queries import seat_rules_of
from interact_events.registrations.rules import Cap, Dimension, Step
from interact_events.series import actions, queries
from interact_events.series.actions import NewEvent
from tests import make
from tests.client import counted

pytestmark = pytest.mark.usefixtures("app")

WHERE: dict[str, Any] = {"now": clock.now(), "host": "localhost"}
CONFIRMED = KINDS["registrations.confirmed"]


def editor(code: str = "turku", level: Level = Level.EDITOR) -> User:
    return make.member(code, level)


def new(title: str = "In May") -> NewEvent:
    return NewEvent(title=title, first_day=date(2028, 5, 9), office=make.office())


def kept(event: Event, actor: User | None = None) -> Event:
    template = actions.save_as_template(event, event.title, actor=actor or editor(), **WHERE)
    db.session.commit()
    return template


def made(template: Event, actor: User | None = None, title: str = "In May") -> Event:
    event = actions.make_event(template, new(title), actor=actor or editor(), **WHERE)
    db.session.commit()
    return event


def edit(event: Event, **values: Any) -> None:
    said = replace(events.values_of(event), **values)
    registrations.change_event(event, said, actor=editor(), now=clock.now())
    db.session.commit()


def rich_event() -> tuple[Event, User]:
    """With everything that an event can have of its own."""
    actor, now = editor(level=Level.LEAD), clock.now()
    event = make.event(
        description="All of it",
        learning_objectives="Know it",
        certificate_threshold=60,
        joining_url="https://meet.example/secret",
        mode=Mode.HYBRID,
        online_capacity=5,
        internal_notes="Ask Jo",
    )
    make.seat_rules(event, caps=[Cap(Dimension.PROGRAMME, (Step(None, 2),))])
    words = {"subject": "Come", "body": "Dear {{ name }}, come.", "is_off": False}
    change_wording(Place(event.office, event), CONFIRMED, actor=actor, now=now, **words)  # type: ignore[arg-type]
    letters.save_reminder(event, replace(USUAL[0], is_on=False), actor=actor, now=now)
    set_languages(event, ["de", "en"], actor=actor, now=now)
    choose_automatic(event, 3, actor=actor, now=now)
    sharing = materials.Sharing(
        session_id=event.agenda[0].id, audience=Audience.EVERYONE, available=None
    )
    materials.add_link(event, "Guide", "https://keep.eu/", sharing, actor=actor, now=now)
    checklists.use_usual_tasks(event, actor=actor, now=now)
    db.session.commit()
    db.session.refresh(event)
    return event, actor


def everything(event: Event) -> dict[str, Any]:
    """What an event says, apart from when and where."""
    automatic = db.session.get(AutomaticIssue, event.id)
    return {
        **queries.parts_of(event),
        "capacity": (event.capacity, event.online_capacity),
        "caps": seat_rules_of(event).caps,
        "words": standings(Place(event.office, event), [CONFIRMED])[0].now,
        "reminders": reminders_of(event),
        "languages": languages_of(event),
        "automatic": automatic and (automatic.days, automatic.set_by_id),
        "links": [
            (m.title, m.url, m.session and m.session.title, m.audience) for m in materials_of(event)
        ],
        "tasks": [(item.text, item.due_days) for item in checklist_of(event)],
    }


def test_an_event_from_a_template_of_an_event_has_all_of_it() -> None:
    event, actor = rich_event()
    template = kept(event, actor)
    again = made(template, actor)
    assert everything(event) == everything(template) == everything(again)
    assert again.made_from_id == template.id
    assert (template.is_template, template.is_draft, again.is_template) == (True, True, False)
    assert (template.joining_url, template.internal_notes) == ("", "")
    local = to_local(again.starts_at, again.zone)
    assert local.date() == date(2028, 5, 9)
    assert local.time() == to_local(event.starts_at, event.zone).time()


def test_an_ordinary_copy_has_all_of_it_too() -> None:
    event, actor = rich_event()
    copy = registrations.duplicate_event(event, "Again", date(2028, 5, 9), actor=actor, **WHERE)
    db.session.commit()
    assert everything(copy) == everything(event)
    assert (copy.made_from_id, copy.joining_url) == (None, "https://meet.example/secret")


def test_files_stay_where_they_are() -> None:
    event, actor = rich_event()
    db.session.add(
        Material(
            event_id=event.id,
            code="c" * 32,
            position=9,
            title="Slides",
            audience=Audience.EVERYONE,
            stored_as="materials/x",
            file_name="slides.pdf",
            created_at=clock.now(),
            created_by_id=actor.id,
        )
    )
    db.session.commit()
    assert [each.title for each in materials_of(kept(event, actor))] == ["Guide"]


def test_automatic_issue_of_a_template_is_no_choice_for_other_events() -> None:
    other = make.event()
    lead = editor(level=Level.LEAD)
    template = kept(make.event())
    choose_automatic(template, 1, actor=lead, now=clock.now())
    db.session.commit()
    assert automatic_of(other) is None
    ended = make.event(starts_at=make.days(-9), ends_at=make.days(-8))
    assert ended.id not in events_to_issue(clock.now())


def test_whoever_does_not_lead_the_copys_office_issues_nothing_there() -> None:
    secretary = make.member("bratislava", Level.LEAD)
    event = make.event(office=make.office("bratislava"))
    choose_automatic(event, 3, actor=secretary, now=clock.now())
    template = kept(event, secretary)
    again = made(template)
    assert db.session.get(AutomaticIssue, again.id) is None


def test_an_event_of_another_office_takes_place_at_home() -> None:
    secretary = make.member("bratislava")
    event = make.event(
        office=make.office("bratislava"),
        co_organisers=[make.office("turku"), make.office("vienna")],
        address="Hlavné námestie 1",
    )
    again = made(kept(event, secretary))
    home = make.office()
    assert (again.office, again.zone, again.city, again.country) == (
        *(home, "Europe/Helsinki", "Turku", home.country),
    )
    assert (again.venue, again.address, again.contact_email) == ("", "", home.email)
    assert again.co_organisers == []  # who helps has to agree, each time
    hours = [to_local(each.starts_at, each.zone).time() for each in (event, again)]
    assert hours[0] == hours[1]
    session = again.agenda[0]
    assert (session.starts_at, session.ends_at) == (again.starts_at, again.ends_at)


@pytest.mark.parametrize("of", ["vienna", "bratislava"])
def test_an_office_uses_its_own_templates_and_the_networks(of: str) -> None:
    template = kept(make.event(office=make.office(of)), make.member(of))
    own = kept(make.event("Own"))
    listed = queries.templates_for(make.office())
    assert listed == ([own, template] if of == "bratislava" else [own])
    if of == "vienna":
        with pytest.raises(DomainError, match="You can’t make events of Interact Office Turku"):
            made(template)


def test_a_template_of_a_template_is_refused() -> None:
    with pytest.raises(DomainError, match="This is a template already"):
        kept(kept(make.event()))


def test_nothing_happens_to_a_template_that_happens_to_events() -> None:
    template, actor, now = kept(make.event()), editor(level=Level.LEAD), clock.now()
    for act in (
        lambda: events.publish_event(template, actor=actor, now=now),
        lambda: registrations.add_by_hand(make.profile(), template, actor=actor, now=now),
        lambda: registrations.invite(template, ["a@example.org"], actor=actor, now=now),
    ):
        with pytest.raises(DomainError, match="This is a template, which nobody can come to"):
            act()
    with pytest.raises(DomainError, match="Only a published event can be cancelled"):
        registrations.cancel_event(template, "Snow", actor=actor, now=now)


def test_rules_of_a_template_never_come_to_pass() -> None:
    """Else what stands in them could not be changed any more."""
    event = make.event(starts_at=make.days(-40), ends_at=make.days(-39))
    template = kept(event)
    values = registrations.SeatValues(admission=event.admission, capacity=30)
    registrations.set_seat_rules(template, values, actor=editor(), now=clock.now())
    assert template.capacity == 30


def test_deleting_a_template_leaves_what_was_made_from_it() -> None:
    template = kept(make.event())
    event = made(template)
    events.delete_draft(template, actor=editor(), now=clock.now())
    db.session.commit()
    db.session.refresh(event)
    assert event.made_from_id is None


# -- following -----------------------------------------------------------------------------------


def followers(template: Event) -> dict[str, list[tuple[str, bool]]]:
    found = queries.followers_of(template, queries.made_from(template, clock.now()))
    return {each.event.title: [(d.part, d.is_own) for d in each.differences] for each in found}


def test_a_change_of_the_template_touches_nothing_and_is_named() -> None:
    template = kept(make.event())
    event = made(template)
    assert followers(template) == {}
    edit(template, summary="New summary", certificate_threshold=50, title="New title")
    assert (event.summary, event.certificate_threshold) == ("Two days of cases.", 80)
    assert followers(template) == {"In May": [("summary", False), ("certificate_threshold", False)]}
    edit(event, summary="Our own summary")
    assert followers(template)["In May"][0] == ("summary", True)
    later = made(template, title="Made later")
    assert later.summary == "New summary"
    assert "Made later" not in followers(template)


def test_what_only_the_event_changed_is_its_own() -> None:
    template = kept(make.event())
    edit(made(template), summary="Our own summary")
    assert followers(template) == {}


def test_an_event_takes_over_what_is_chosen_and_may_follow_again() -> None:
    template = kept(make.event())
    event = made(template)
    edit(template, summary="New", description="New too")
    take_over(template, event, "summary")
    assert (event.summary, event.description) == ("New", "")
    assert followers(template) == {"In May": [("description", False)]}
    edit(template, summary="Newer")
    assert followers(template)["In May"][0] == ("summary", False)


def take_over(template: Event, event: Event, *parts: str) -> None:
    actions.take_over(template, event, parts, actor=editor(), now=clock.now())
    db.session.commit()
    db.session.refresh(event)


def test_the_agenda_of_a_draft_follows_as_a_whole() -> None:
    template = kept(make.event())
    event = made(template)
    first = template.agenda[0]
    values = events.session_values(first, template.zone, timedelta())
    half = values.starts + timedelta(hours=3)
    actor, now = editor(), clock.now()
    events.save_session(first, replace(values, ends=half), actor=actor, now=now)
    cases = events.SessionValues(title="Cases", starts=half, ends=values.ends, room="B")
    events.add_session(template, cases, actor=actor, now=now)
    db.session.commit()
    assert followers(template) == {"In May": [("agenda", False)]}
    take_over(template, event, "agenda")
    assert queries.agenda_in_words(event) == queries.agenda_in_words(template)
    assert followers(template) == {}


def test_a_public_agenda_does_not_follow() -> None:
    template = kept(make.event())
    event = made(template)
    event.state = EventState.PUBLISHED
    with pytest.raises(DomainError, match="The agenda of “In May” is public"):
        take_over(template, event, "agenda")


def test_other_parts_are_named_until_somebody_has_looked() -> None:
    template = kept(make.event())
    event = made(template)
    checklists.use_usual_tasks(template, actor=editor(), now=clock.now())
    item = checklist_of(template)[0]
    checklists.remove_item(item, actor=editor(), now=clock.now())
    db.session.commit()

    def elsewhere() -> list[list[tuple[str, str]]]:
        return [each.elsewhere for each in queries.followers_of(template, [event])]

    assert elsewhere() == [[("checklist", "checklist.index")]]
    take_over(template, event, "checklist")
    assert elsewhere() == []


def test_usual_tasks_that_a_template_gets_later_are_named() -> None:
    template = kept(make.event())
    event = made(template)
    checklists.use_usual_tasks(template, actor=editor(), now=clock.now())
    db.session.commit()
    (found,) = queries.followers_of(template, [event])
    assert found.elsewhere == [("checklist", "checklist.index")]


def test_only_an_event_to_come_of_this_template_takes_over() -> None:
    template, other = kept(make.event()), make.event()
    with pytest.raises(DomainError, match="was not made from this template"):
        take_over(template, other, "summary")
    event = made(template)
    edit(template, summary="New")
    event.starts_at, event.ends_at = make.days(-1), make.days(1)
    with pytest.raises(DomainError, match="has begun already"):
        take_over(template, event, "summary")
    assert queries.made_from(template, clock.now()) == []


def test_more_followers_cost_no_more_statements(app: Flask, connection: Connection) -> None:
    template = kept(make.event())

    def cost() -> int:
        made(template)
        edit(template, summary=f"Version {template.version}")
        db.session.expire_all()
        db.session.refresh(template)
        with counted(connection) as statements:
            queries.followers_of(template, queries.made_from(template, clock.now()))
        return len(statements)

    first = cost()
    assert [cost(), cost()] == [first, first]


def test_the_history_says_which_parts_were_taken_over() -> None:
    template = kept(make.event())
    event = made(template)
    edit(template, summary="New")
    take_over(template, event, "summary")
    row = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == queries.TAKEN_OVER)
    ).one()
    assert row.changes == {"parts": ["summary"]}
