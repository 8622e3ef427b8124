"""The public page of one event, with what the viewer can do about it."""

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template
from flask_login import current_user

from interact_events.accounts.models import User
from interact_events.accounts.queries import profiles_of
from interact_events.core import clock
from interact_events.core.web.access import public, visible
from interact_events.core.web.kept import kept
from interact_events.events.models import Event
from interact_events.events.rules import registration_phase
from interact_events.events.views.guard import staff_event
from interact_events.registrations.models import SeatRules, State
from interact_events.registrations.policies import (
    Answer,
    answers_for,
    closed_in_words,
    comes_first,
    decision_in_words,
    only_wait,
    registration_notice,
    rules_in_words,
    seats_left_at,
    standing_for,
    vacancy,
)
from interact_events.registrations.queries import (
    choices_shown,
    event_with_everything,
    invitation_for,
    rules_of,
    seat_rules_of,
    seats_left_in_sessions,
    standing_registration,
)
from interact_events.registrations.views.place import line_in_words

blueprint = Blueprint("event_page", __name__)


@blueprint.get("/events/<slug>")
@public
@kept
def show(slug: str) -> str:
    event = event_with_everything(slug)
    visible(event)
    assert event  # visible() has answered 404 otherwise
    viewer = current_user if current_user.is_authenticated else None
    return _page("registrations/event_page/show.html", event, viewer)


@blueprint.get("/offices/<code>/events/<slug>/preview")
def preview(code: str, slug: str) -> str:
    """The same to staff as a stranger sees it, of a draft too; nothing on it can be pressed."""
    event = staff_event(code, slug)
    return _page("registrations/event_page/preview.html", event, None)


def _page(template: str, event: Event, viewer: User | None) -> str:
    now = clock.now()
    seat_rules = seat_rules_of(event)
    seats = seats_left_at(event, now)
    is_first = viewer is not None and comes_first(event, viewer, now)
    return render_template(
        template,
        event=event,
        now=now,
        viewer=viewer,
        seats=seats,
        phase=registration_phase(event, now, seats.seats_left),
        is_first=is_first,
        # A draft is seen as it will be.
        notice="" if is_first or event.is_draft else registration_notice(event, now),
        by_invitation=seat_rules.by_invitation,
        rules=rules_in_words(event, seat_rules, rules_of(event, seat_rules), now),
        left_in_sessions=seats_left_in_sessions(event, now) if event.chosen_sessions else {},
        vacancy=vacancy(event, seat_rules, now),
        **_viewers_part(event, viewer, seat_rules, now, is_first=is_first),
    )


def _viewers_part(
    event: Event, viewer: User | None, seat_rules: SeatRules, now: datetime, *, is_first: bool
) -> dict[str, Any]:
    """What only the signed-in viewer sees: where they stand, or as what they can come."""
    if viewer is None:
        return {"mine": None, "state": None, "answers": [], "only_wait": False}
    mine = standing_registration(event, viewer)
    state = mine and mine.state_shown(now)
    closed = closed_in_words(mine, now) if mine else ""
    waits = mine and state is State.WAITLISTED and not closed
    opens = max(now, event.registration_opens_at or now)
    answers = [] if mine else _answers(event, viewer, seat_rules, now if is_first else opens)
    return {
        "mine": mine,
        "state": state,
        "closed": closed,
        "decision": decision_in_words(event, seat_rules, now),
        "line": line_in_words(mine, now) if mine and waits else "",
        "answers": answers,
        "only_wait": only_wait(answers),
        "my_sessions": choices_shown(mine, now) if mine and event.chosen_sessions else (),
    }


def _answers(event: Event, viewer: User, seat_rules: SeatRules, at: datetime) -> list[Answer]:
    """As what they can come at that time: before registration opens, by the rules of then."""
    profiles = profiles_of(viewer)
    is_theirs = viewer.confirmed_at is not None
    is_invited = seat_rules.by_invitation and bool(
        invitation_for(event, email=viewer.email, code=None, is_theirs=is_theirs)
    )
    standing = standing_for(event, seat_rules, profiles, now=at, is_invited=is_invited)
    return answers_for(profiles, standing)
