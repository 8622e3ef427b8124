"""What checklists have to say on the pages of an office and of an event."""

from datetime import datetime

from flask import render_template
from flask_login import current_user

from interact_events.checklists import queries
from interact_events.checklists.rules import Urgency
from interact_events.core.web.parts import part
from interact_events.events.models import Event
from interact_events.interreg.models import Office

AT_MOST = 10  # tasks of one list


@part("office")
def on_dashboard(office: Office, now: datetime, **_more: object) -> str:
    """What the viewer has to do, and what is late, or nobody's, in the office."""
    found = queries.reminders_for(current_user, office, now)
    if not (found.mine or found.office):
        return ""
    return render_template("checklists/_reminders.html", found=found, office=office, most=AT_MOST)


@part("office_event")
def on_event(event: Event, now: datetime, **_more: object) -> str:
    """How far the checklist is."""
    items = queries.checklist_of(event)
    stands = list(queries.urgencies(items, now).values())
    return render_template(
        "checklists/_progress.html",
        event=event,
        total=len(items),
        done=stands.count(Urgency.DONE),
        overdue=stands.count(Urgency.OVERDUE),
    )
