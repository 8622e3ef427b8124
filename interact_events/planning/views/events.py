"""An event as all offices see it in the plan, and which offices it belongs to."""

from datetime import datetime

from flask import Blueprint, render_template
from flask_login import current_user
from markupsafe import Markup

from interact_events.core import clock
from interact_events.core.web.parts import part
from interact_events.events.models import Event
from interact_events.events.policies import can_lead_event
from interact_events.events.views.guard import on_missing
from interact_events.planning import queries
from interact_events.planning.policies import (
    can_answer,
    can_end_help,
    can_see_offer,
    why_not_move,
    why_not_offer,
)
from interact_events.planning.views.guard import event_of_the_plan
from interact_events.scheduling.queries import looked_at

blueprint = Blueprint("planning_event", __name__, url_prefix="/planning/events")
on_missing(queries.event_handed_on)
for policy in (can_see_offer, can_answer):
    blueprint.add_app_template_global(policy)


@blueprint.get("/<slug>")
def show(slug: str) -> str:
    event, now = event_of_the_plan(slug), clock.now()
    return render_template(
        "planning/event.html",
        event=event,
        stays=why_not_move(event, now),
        offices=Markup(offices_of(event, now)),  # noqa: S704  # rendered by a template
        looked=looked_at([event], now=now)[event.id],
        now=now,
    )


@part("office_event")
def offices_of(event: Event, now: datetime) -> str:
    """Who leads it, who helps, and what was asked and answered."""
    may_offer = can_lead_event(current_user, event) and not why_not_offer(event, now)
    ending = [office for office in event.co_organisers if can_end_help(current_user, event, office)]
    return render_template(
        "planning/_offices.html",
        event=event,
        offers=queries.offers_of(event),
        may_offer=may_offer,
        ending=ending if event.ends_at > now and not event.is_cancelled else [],
    )
