"""What everybody sees of the events: the home page and the catalogue."""

from itertools import groupby

from flask import Blueprint, render_template, request

from interact_events.core import clock, words
from interact_events.core.web.access import public
from interact_events.core.web.kept import kept
from interact_events.core.web.pages import page_of_first
from interact_events.events.models import LANGUAGES, Kind, Mode
from interact_events.events.queries import (
    LISTED,
    Filters,
    coming_by_office,
    next_events,
    on_offer,
)
from interact_events.events.rules import registration_phase
from interact_events.events.views.meta import agenda_days, event_address, schema_org
from interact_events.interreg.models import Office, StakeholderRole, Topic
from interact_events.registrations.policies import seats_in_words
from interact_events.registrations.queries import catalogue as catalogue_of

blueprint = Blueprint("events", __name__)
MOST = 1000  # events that are listed; who looks for others has filters
for function in (registration_phase, event_address, agenda_days, schema_org):
    blueprint.add_app_template_global(function)


@blueprint.get("/")
@public
@kept
def home() -> str:
    now = clock.now()
    events = next_events(now, 4)
    return render_template(
        "events/home.html",
        events=events,
        seats=seats_in_words(events, now),
        offices=on_offer(Office),
        coming=coming_by_office(now),
        roles=on_offer(StakeholderRole),
        now=now,
    )


@blueprint.get("/events")
@public
@kept
def catalogue() -> str:
    filters, now = Filters.from_args(request.args), clock.now()
    page = page_of_first(catalogue_of(filters, now), LISTED, 20, most=MOST)
    months = groupby(page.rows, lambda event: words.month(event.starts_at, event.zone))
    return render_template(
        "events/catalogue.html",
        filters=filters,
        page=page,
        seats=seats_in_words(page.rows, now),
        months=[(name, list(events)) for name, events in months],
        choices=filter_choices(),
        now=now,
    )


def filter_choices() -> dict[str, list[tuple[str, str]]]:
    """What each filter offers: values with their words."""
    return {
        "office": [(office.code, office.city) for office in on_offer(Office)],
        "role": [(role.code, role.plural_in()) for role in on_offer(StakeholderRole)],
        "topic": [(topic.code, topic.name) for topic in on_offer(Topic)],
        "kind": [(kind.value, kind.label) for kind in Kind],
        "mode": [(mode.value, mode.label) for mode in Mode],
        "language": list(LANGUAGES.items()),
    }
