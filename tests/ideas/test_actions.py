"""What people and staff do with ideas."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from interact_events.accounts.actions import delete_account, retire_profile
from interact_events.accounts.queries import personal_data
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.outbox import OutboxMessage
from interact_events.events.actions import cancel_event, delete_draft
from interact_events.events.models import Kind, Mode
from interact_events.ideas import queries
from interact_events.ideas.actions import (
    IdeaValues,
    SupportValues,
    close_idea,
    merge_ideas,
    open_idea,
    plan_idea,
    propose,
    reopen_idea,
    save_idea,
    support,
    take_back,
    withdraw_support,
)
from interact_events.ideas.actions.supporting import MOST_A_DAY
from interact_events.ideas.jobs import forget_supports
from interact_events.ideas.models import Idea, IdeaSupport
from interact_events.ideas.policies import can_edit_idea
from interact_events.ideas.rules import IdeaState
from interact_events.interreg.models import Topic
from interact_events.registrations.models import HeadStart
from tests import make
from tests.ideas.conftest import (
    draft,
    draft_values,
    first_day,
    mails,
    new_idea,
    noted,
    proposal,
    publish,
    supporter,
    supports_of,
)

pytestmark = pytest.mark.usefixtures("app")

NOW = clock.now()


def refusal(call: Any, *arguments: Any, **keywords: Any) -> str:
    with pytest.raises(DomainError) as caught:
        call(*arguments, **({"actor": make.member(), "now": NOW} | keywords))
    return caught.value.message


def topic(code: str = "audit") -> Topic:
    return db.session.scalars(select(Topic).where(Topic.code == code)).one()


# -- proposing -----------------------------------------------------------------------------------


def test_what_a_stakeholder_proposes_waits_and_what_staff_post_is_open() -> None:
    values = IdeaValues(title="Lump sums", text="Which?", topics=(topic(),))
    states = {
        name: propose(values, actor=actor, now=NOW).state
        for name, actor in (
            ("stakeholder", make.user()),
            ("viewer", make.member(level="viewer")),  # type: ignore[arg-type]  # by value
            ("editor", make.member()),
            ("coordinator", make.coordinator()),
        )
    }
    assert states == {
        "stakeholder": "proposed",
        "viewer": "proposed",
        "editor": "open",
        "coordinator": "open",
    }
    slugs = db.session.scalars(select(Idea.slug).order_by(Idea.id)).all()
    assert slugs == ["lump-sums", "lump-sums-2", "lump-sums-3", "lump-sums-4"]


def test_a_title_that_an_address_of_the_board_has_gets_another_slug() -> None:
    assert propose(IdeaValues(title="New"), actor=make.user(), now=NOW).slug == "new-2"


def test_the_same_title_pressed_twice_is_one_proposal() -> None:
    person = make.user()
    first = propose(IdeaValues(title="Lump sums"), actor=person, now=NOW)
    assert propose(IdeaValues(title="Lump sums"), actor=person, now=NOW) is first
    assert propose(IdeaValues(title="Lump sums"), actor=make.user(), now=NOW) is not first


def test_what_staff_post_by_two_presses_is_one_idea() -> None:
    editor, later = make.member(), NOW + timedelta(hours=1)
    first = propose(IdeaValues(title="Lump sums"), actor=editor, now=NOW)
    db.session.commit()
    assert propose(IdeaValues(title="Lump sums"), actor=editor, now=NOW) is first
    assert propose(IdeaValues(title="Lump sums"), actor=editor, now=later) is not first


def test_who_proposes_very_much_goes_on_the_next_day() -> None:
    person = make.user()
    for number in range(MOST_A_DAY):
        propose(IdeaValues(title=f"Idea {number}"), actor=person, now=NOW)
    values = IdeaValues(title="One more")
    assert refusal(propose, values, actor=person).startswith("You have proposed 10 ideas")
    assert propose(values, actor=person, now=NOW + timedelta(days=1)).is_proposed


def test_a_proposal_is_taken_back_until_staff_have_opened_it() -> None:
    idea, other = proposal(), proposal("Another")
    supporter(idea)
    take_back(idea, actor=make.user(), now=NOW)
    open_idea(other, actor=make.member(), now=NOW)
    db.session.flush()
    assert refusal(take_back, other).startswith("Staff have looked at this idea")
    assert (db.session.get(Idea, idea.id), supports_of(idea)) == (None, {})


# -- I would come --------------------------------------------------------------------------------


def test_saying_it_twice_changes_what_was_said() -> None:
    idea, profile = new_idea(), make.profile()
    supporter(idea, profile=profile, months=(3, 4), comment="Why?")
    supporter(idea, profile=profile, language="de")
    row = queries.support_of(idea, profile.user)
    assert row
    assert (supports_of(idea), row.language, row.comment) == ({profile.user_id: 0}, "de", "")
    assert noted(idea) == ["support given", "support changed"]


def test_nobody_comes_as_somebody_else_or_as_what_they_were() -> None:
    idea, profile, stranger = new_idea(), make.profile(), make.user()
    values = SupportValues(profile=profile, language="en")
    assert refusal(support, idea, values, actor=stranger) == "Choose one of your profiles."
    retire_profile(profile, now=NOW)
    assert refusal(support, idea, values, actor=profile.user) == "Choose one of your profiles."


def test_support_of_an_idea_that_was_merged_goes_where_it_went() -> None:
    idea, target = new_idea(), new_idea("Simplified costs")
    merge_ideas(idea, target, actor=make.member(), now=NOW)
    person = supporter(idea)
    assert (supports_of(idea), list(supports_of(target))) == ({}, [person.id])
    withdraw_support(idea, actor=person, now=NOW)
    withdraw_support(idea, actor=person, now=NOW)
    assert supports_of(target) == {}


def test_nobody_supports_what_is_closed_or_can_be_registered_for() -> None:
    closed, planned = new_idea(), new_idea()
    close_idea(closed, "Not now.", actor=make.member(), now=NOW)
    publish(draft(planned))
    values = SupportValues(profile=make.profile(), language="en")
    actor = values.profile.user
    assert refusal(support, closed, values, actor=actor) == "This idea is closed."
    assert refusal(support, planned, values, actor=actor) == (
        "There is an event on this idea already: register for it."
    )


# -- what staff do -------------------------------------------------------------------------------


def test_merging_moves_supporters_and_keeps_one_of_each() -> None:
    idea, target, older = new_idea(), new_idea("Simplified costs"), new_idea("Oldest")
    merge_ideas(older, idea, actor=make.member(), now=NOW)
    both = make.profile()
    only = supporter(idea, months=(6,))
    supporter(idea, profile=both, months=(1,))
    supporter(target, profile=both, months=(2,))
    assert merge_ideas(idea, target, actor=make.member(), now=NOW) == 1
    db.session.commit()
    assert supports_of(target) == {both.user_id: 2, only.id: 32}
    assert (supports_of(idea), idea.state, idea.merged_into) == ({}, IdeaState.MERGED, target)
    assert older.merged_into is target  # no address leads through a third


def test_of_two_merges_into_each_other_the_second_is_refused() -> None:
    one, other = new_idea(), new_idea()
    merge_ideas(one, other, actor=make.member(), now=NOW)
    assert refusal(merge_ideas, other, one) == (
        "The other idea is not open any more. Choose another."
    )
    assert refusal(merge_ideas, one, other).startswith("This idea is merged or closed")
    assert (other.is_open, one.merged_into) == (True, other)


def test_what_has_an_event_takes_others_in_but_goes_nowhere() -> None:
    planned, other = new_idea(), new_idea()
    event = draft(planned)
    assert refusal(merge_ideas, planned, other).startswith("There is an event on this idea")
    person = supporter(other)
    merge_ideas(other, planned, actor=make.member(), now=NOW)
    publish(event)
    assert mails("invited_first") == {person.email: 1}
    assert refusal(merge_ideas, new_idea(), planned).startswith(
        "The other idea’s event is published already"
    )
    assert refusal(merge_ideas, planned, planned) == "An idea can’t be merged into itself."


def test_closing_tells_everybody_behind_it_why() -> None:
    proposer, office = make.user(), make.office()
    idea = new_idea(proposed_by_id=proposer.id, office_id=office.id)
    person = supporter(idea)
    assert refusal(close_idea, idea, "  ").startswith("Say why")
    assert close_idea(idea, "We had one in May.", actor=make.member(), now=NOW) == 2
    assert mails("closed") == {proposer.email: 1, person.email: 1}
    mail = db.session.scalars(select(OutboxMessage)).first()
    assert mail
    assert (mail.values["reason"], mail.reply_to) == ("We had one in May.", office.email)
    assert refusal(close_idea, idea, "Again.").startswith("This idea is merged or closed")


def test_who_posted_an_idea_for_an_office_is_not_among_those_behind_it() -> None:
    idea = new_idea(proposed_by_id=make.member().id)
    assert close_idea(idea, "Not now.", actor=make.member(), now=NOW) == 0


def test_a_closed_idea_is_opened_again_with_its_supporters() -> None:
    idea = new_idea()
    person = supporter(idea)
    close_idea(idea, "Not now.", actor=make.member(), now=NOW)
    reopen_idea(idea, actor=make.member(), now=NOW)
    assert (idea.is_open, idea.reason, list(supports_of(idea))) == (True, "", [person.id])
    assert refusal(reopen_idea, idea) == "This idea is open, or has become part of another."


def test_an_idea_whose_event_is_off_is_opened_again() -> None:
    idea = new_idea()
    event = publish(draft(idea))
    assert refusal(reopen_idea, idea).startswith("This idea is open")
    cancel_event(event, "Snow.", actor=make.member(), now=clock.now())
    reopen_idea(idea, actor=make.member(), now=NOW)
    assert (idea.event, idea.is_planned) == (None, False)


def test_editing_keeps_the_idea_where_its_event_is() -> None:
    idea = new_idea()
    values = IdeaValues(title="Other", topics=(topic(),), office=make.office("vienna"))
    save_idea(idea, values, actor=make.member("vienna"), now=NOW)
    assert (idea.title, idea.office, idea.search_text) == (
        "Other",
        make.office("vienna"),
        "other audit and control",
    )
    draft(idea, office=make.office("vienna"))
    moved = IdeaValues(title="Other", office=make.office("turku"))
    assert refusal(save_idea, idea, moved) == ("The office that made an event of it keeps it.")


def test_an_idea_whose_event_was_handed_over_can_still_be_edited() -> None:
    idea = new_idea()
    event = draft(idea)
    event.office = make.office("vienna")
    db.session.commit()
    values = IdeaValues(title="Other", office=make.office())
    save_idea(idea, values, actor=make.member(), now=NOW)
    assert (idea.title, idea.office) == ("Other", make.office())


def test_a_head_start_changes_until_the_event_is_published() -> None:
    idea = new_idea()
    supporter(idea)
    event = draft(idea, head_start_days=60)
    shorter = IdeaValues(title="Lump sums", office=make.office(), head_start_days=3)
    save_idea(idea, shorter, actor=make.member(), now=NOW)
    publish(event)
    assert idea.head_start_days == 3
    assert refusal(save_idea, idea, shorter) == "Its supporters have been invited already."
    assert refusal(save_idea, new_idea(), IdeaValues(title="A", head_start_days=1))


def test_who_proposed_what_was_merged_stands_behind_the_other() -> None:
    proposer = make.user()
    idea, into = proposal(proposed_by_id=proposer.id), new_idea()
    merge_ideas(idea, into, actor=make.member(), now=NOW)
    assert close_idea(into, "Not now.", actor=make.member(), now=NOW) == 1
    assert mails("closed") == {proposer.email: 1}


def test_what_a_retired_office_leaves_behind_is_cared_for_by_all() -> None:
    idea = proposal(office_id=make.office("viborg").id)
    editor = make.member()
    assert (can_edit_idea(editor, idea), queries.waiting_for_staff(make.office())) == (False, 0)
    make.office("viborg").is_retired = True
    db.session.commit()
    assert (can_edit_idea(editor, idea), queries.waiting_for_staff(make.office())) == (True, 1)


def test_only_what_can_take_supporters_in_is_found_for_a_merge() -> None:
    idea, free, planned, published = (new_idea(f"Lump sums {n}") for n in range(4))
    draft(planned)
    publish(draft(published))
    found = db.session.scalars(queries.may_take_in(idea, "lump")).all()
    assert set(found) == {free, planned}


# -- an event ------------------------------------------------------------------------------------


def test_a_draft_gets_what_the_idea_knows() -> None:
    idea = new_idea(text="Which **evidence**?", topics=[topic()])
    person = supporter(idea, language="de")
    event = draft(idea, roles=(make.role(),), head_start_days=3)
    assert (event.title, event.description, event.language) == (
        "Lump sums in practice",
        "Which **evidence**?",
        "de",
    )
    assert (event.topics, event.roles, event.office) == ([topic()], [make.role()], make.office())
    assert (event.is_draft, clock.to_local(event.starts_at, event.zone).date()) == (
        True,
        first_day(),
    )
    assert (idea.is_planned, idea.office, mails("planned")) == (
        True,
        make.office(),
        {person.email: 1},
    )


def test_a_webinar_is_online() -> None:
    assert draft(new_idea(), kind=Kind.WEBINAR).mode is Mode.ONLINE


def test_an_idea_becomes_one_event() -> None:
    idea, waiting = new_idea(), proposal()
    draft(idea)
    again = {"actor": make.member(), "now": NOW, "host": "ie.example"}
    assert refusal(plan_idea, idea, draft_values(), **again) == (
        "Somebody has made an event of this idea already."
    )
    assert refusal(plan_idea, waiting, draft_values(), **again) == (
        "Only an open idea can become an event."
    )
    past = draft_values(first_day=NOW.date() - timedelta(days=1))
    assert refusal(plan_idea, new_idea(), past, **again) == "Choose a day that lies ahead."


def test_a_deleted_draft_leaves_the_idea_open() -> None:
    idea = new_idea()
    person = supporter(idea)
    delete_draft(draft(idea), actor=make.member(), now=NOW)
    db.session.commit()
    db.session.refresh(idea)
    assert (idea.is_open, idea.is_planned, list(supports_of(idea))) == (True, False, [person.id])


def test_supporters_are_told_once_at_the_moment_of_publication() -> None:
    idea = new_idea()
    person, gone = supporter(idea), supporter(idea)
    event = draft(idea)
    delete_account(gone, now=NOW)
    assert mails("invited_first") == {}
    publish(event)
    assert mails("invited_first") == {person.email: 1}
    mail = db.session.scalars(
        select(OutboxMessage).where(OutboxMessage.kind == "ideas.invited_first")
    ).one()
    assert (mail.event_id, mail.reply_to) == (event.id, event.contact_email)
    assert (mail.values["opens"], mail.values["everybody"], mail.values["verb"]) == (
        "",
        "",
        "Register",
    )
    assert event.registration_opens_at is None


def test_a_head_start_opens_registration_later_to_everybody_else() -> None:
    idea = new_idea()
    person = supporter(idea)
    event = publish(draft(idea, head_start_days=3))
    assert event.published_at
    assert event.registration_opens_at
    assert (
        timedelta(days=3)
        <= event.registration_opens_at - event.published_at
        < timedelta(days=3, hours=1)
    )
    row = db.session.scalars(select(HeadStart)).one()
    assert (row.user_id, row.from_at) == (person.id, event.published_at)


def test_without_supporters_nobody_waits() -> None:
    event = publish(draft(new_idea(), head_start_days=3))
    assert event.registration_opens_at is None


def test_a_head_start_that_leaves_no_time_to_register_is_refused() -> None:
    idea = new_idea()
    supporter(idea)
    event = draft(idea, head_start_days=60, first_day=make.days(58).date())
    with pytest.raises(DomainError) as caught:
        publish(event)
    assert caught.value.message.startswith("Supporters of the idea register 60 days before ")


# -- keeping no longer than needed ---------------------------------------------------------------


def test_who_leaves_takes_their_support_along_and_their_name_off_the_idea() -> None:
    idea = new_idea()
    person = supporter(idea)
    idea.proposed_by_id = person.id
    other = supporter(idea)
    publish(draft(idea, head_start_days=2))
    delete_account(person, now=NOW)
    db.session.commit()
    db.session.refresh(idea)
    assert [idea.proposed_by_id, *supports_of(idea)] == [None, other.id]
    assert [row.user_id for row in db.session.scalars(select(HeadStart))] == [other.id]


def test_own_data_says_what_somebody_proposed_and_where_they_would_come() -> None:
    person = make.profile().user
    idea = propose(IdeaValues(title="Lump sums"), actor=person, now=NOW)
    supporter(idea, profile=person.profiles[0], months=(3,), comment="Why?")
    told = personal_data(person, NOW)["ideas"]
    assert [(each["title"], each["state"]) for each in told["proposed"]] == [
        ("Lump sums", "proposed")
    ]
    assert [(each["idea"], each["months"], each["comment"]) for each in told["would_come_to"]] == [
        ("Lump sums", "March", "Why?")
    ]
    assert told["invited_first_to"] == []


def test_support_is_forgotten_a_while_after_the_end() -> None:
    long_ago, lately = NOW - timedelta(days=181), NOW - timedelta(days=179)
    kept = [new_idea(), new_idea(), proposal()]
    over = [new_idea(), new_idea()]
    for idea in (*kept, *over):
        supporter(idea)
    for idea, at in ((kept[0], lately), (over[0], long_ago)):
        idea.state, idea.reason, idea.closed_at = IdeaState.CLOSED, "Not now.", at
    for idea, at in ((kept[1], lately), (over[1], long_ago)):
        idea.event = make.event(starts_at=at - timedelta(hours=7), ends_at=at)
    db.session.commit()
    forget_supports()
    assert set(db.session.scalars(select(IdeaSupport.idea_id))) == {idea.id for idea in kept}
