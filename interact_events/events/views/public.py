"""What everybody sees of the events: the home page and the catalogue."""

from itertools import groupby

from flask import Blueprint, render_template, request

from interact_events.core import clock, words
from interact_events.core.web.access import public
from interact_events.core.web.pages import page_of
from interact_events.events.models import LANGUAGES, Kind, Mode
from interact_events.events.queries import (
    Filters,
    coming_by_office,
    next_events,
    on_offer,
)
from interact_events.events.queries import catalogue as catalogue_of
from interact_events.events.rules import registration_phase
from interact_events.events.views.meta import agenda_days, event_address, schema_org
from interact_events.interreg.models import Office, StakeholderRole, Topic

blueprint = Blueprint("events", __name__)
for function in (registration_phase, event_address, agenda_days, schema_org):
    blueprint.add_app_template_global(function)


@blueprint.get("/")
@public
def home() -> str:
    now = clock.now()
    return render_template(
        "events/home.html",
        events=next_events(now, 4),
        offices=on_offer(Office),
        coming=coming_by_office(now),
        roles=on_offer(StakeholderRole),
        now=now,
    )


@blueprint.get("/events")
@public
def catalogue() -> str:
    filters, now = Filters.from_args(request.args), clock.now()
    page = page_of(catalogue_of(filters, now), size=20)
    months = groupby(page.rows, lambda event: words.month(event.starts_at, event.zone))
    return render_template(
        "events/catalogue.html",
        filters=filters,
        page=page,
        months=[(name, list(events)) for name, events in months],
        offices=[(office.code, office.city) for office in on_offer(Office)],
        roles=[(role.code, role.plural_in()) for role in on_offer(StakeholderRole)],
        topics=[(topic.code, topic.name) for topic in on_offer(Topic)],
        kinds=[(kind.value, kind.label) for kind in Kind],
        modes=[(mode.value, mode.label) for mode in Mode],
        languages=list(LANGUAGES.items()),
        now=now,
    )
