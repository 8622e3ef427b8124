"""What templates and series have to say on the pages of an event."""

from datetime import datetime

from flask import render_template

from interact_events.core.web.parts import part
from interact_events.events.models import Event
from interact_events.registrations.queries import event_before
from interact_events.series import queries


@part("event")
def on_public_page(event: Event, now: datetime, **_more: object) -> str:
    """The other dates, or the other modules, that everybody may see."""
    found = queries.public_series(event)
    if len(found) < 2:
        return ""
    return render_template("series/_public.html", event=event, siblings=found, now=now)


@part("office_event")
def on_event(event: Event, now: datetime, **_more: object) -> str:
    """Where the event comes from and what it belongs to."""
    return render_template(
        "series/_event.html",
        event=event,
        now=now,
        place=None if event.is_template else queries.place_of(event),
        template=queries.template_of(event),
        first=event_before(event),
    )


@part("template")
def on_template(event: Event, now: datetime, **_more: object) -> str:
    """What a template is for, in the place of what a draft lacks."""
    return render_template("series/_template.html", event=event)
