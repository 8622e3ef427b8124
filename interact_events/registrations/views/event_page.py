"""The public page of one event, with what the viewer can do about it."""

from typing import Any

from flask import Blueprint, render_template
from flask_login import current_user

from interact_events.accounts.queries import profiles_of
from interact_events.core import clock
from interact_events.core.web.access import public, visible
from interact_events.events.models import Event
from interact_events.events.rules import registration_phase
from interact_events.registrations.models import State
from interact_events.registrations.policies import answers_for, can_cancel, registration_notice
from interact_events.registrations.queries import (
    event_with_everything,
    place_in_line,
    standing_registration,
)

blueprint = Blueprint("event_page", __name__)


@blueprint.get("/events/<slug>")
@public
def show(slug: str) -> str:
    event = event_with_everything(slug)
    visible(event)
    assert event  # visible() has answered 404 otherwise
    now = clock.now()
    return render_template(
        "registrations/event_page/show.html",
        event=event,
        now=now,
        phase=registration_phase(event, now),
        notice=registration_notice(event, now),
        **_viewers_part(event),
    )


def _viewers_part(event: Event) -> dict[str, Any]:
    """What only the signed-in viewer sees: where they stand, or as what they can come."""
    if not current_user.is_authenticated:
        return {"mine": None, "place": None, "answers": [], "may_cancel": False}
    mine = standing_registration(event, current_user)
    return {
        "mine": mine,
        "place": place_in_line(mine) if mine and mine.state is State.WAITLISTED else None,
        "answers": [] if mine else answers_for(profiles_of(current_user), event),
        "may_cancel": mine is not None and can_cancel(mine, clock.now()),
    }
