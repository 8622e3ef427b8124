"""Find a date: the ten best of a window, and using one of them."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts.policies import can_edit_in_office
from interact_events.accounts.views.guard import staff_office
from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import visible
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event
from interact_events.events.queries import office_event
from interact_events.events.views.guard import staff_event
from interact_events.interreg.models import Office
from interact_events.scheduling import actions, queries
from interact_events.scheduling.forms import FinderForm, MoveForm
from interact_events.scheduling.policies import passed_over, proposed_days, proposed_weekdays, why
from interact_events.scheduling.rules import Proposal, find

blueprint = Blueprint("finding", __name__, url_prefix="/offices/<code>")
blueprint.add_app_template_global(why, "why_this_date")
blueprint.add_app_template_global(passed_over, "dates_passed_over")
for words_of in (proposed_days, proposed_weekdays):
    blueprint.add_app_template_global(words_of)


@blueprint.get("/find-a-date")
def find_a_date(code: str) -> str:
    office = staff_office(code, can_edit_in_office)
    event = _draft(office)
    is_asked = "first" in request.args
    form = FinderForm(formdata=request.args if is_asked else None)
    today, rules = clock.to_local(clock.now(), office.zone).date(), queries.date_rules()
    found = None
    if not is_asked:
        _start(form, event, today + timedelta(weeks=rules.lead_weeks))
    elif form.validate():
        wish, around = queries.wish_of(office, event, form.wanted())
        found = find(wish, around, today)
    return render_template(
        "scheduling/finding/find.html",
        office=office,
        event=event,
        form=form,
        found=found,
        rules=rules,
        use=lambda proposal: _use(office, event, form, proposal),
    )


def _draft(office: Office) -> Event | None:
    """The draft that is to be moved, if the address names one."""
    slug = request.args.get("event")
    if not slug:
        return None
    event = office_event(office.code, slug)
    visible(event and event.is_draft and not event.is_template)
    return event


def _start(form: FinderForm, event: Event | None, first: date) -> None:
    form.start(first)
    if event:
        form.follow(event, queries.countries_named_by(event))


def _use(office: Office, event: Event | None, form: FinderForm, proposal: Proposal) -> str:
    """Where the date is taken: the form for a new event, or the press that moves the draft."""
    wanted = form.wanted()
    times: dict[str, Any] = {
        "starts": f"{datetime.combine(proposal.first, wanted.starts):%Y-%m-%dT%H:%M}",
        "ends": f"{datetime.combine(proposal.last, wanted.ends):%Y-%m-%dT%H:%M}",
    }
    if event:
        return url_for("finding.move", code=office.code, slug=event.slug, **times)
    target = {"roles": sorted(wanted.roles), "topics": sorted(wanted.topics)}
    return url_for("office_events.add", code=office.code, **(times | target))


@blueprint.route("/events/<slug>/move", methods=["GET", "POST"])
def move(code: str, slug: str) -> str | Response:
    """Shows what will move; the press moves it."""
    event = staff_event(code, slug, can_edit_event)
    visible(event.is_draft and not event.is_template)
    form = MoveForm() if request.method == "POST" else MoveForm(formdata=request.args)
    if form.is_submitted() and form.validate():
        assert form.starts.data
        assert form.ends.data
        try:
            actions.move_draft(
                event,
                form.starts.data,
                form.ends.data,
                version=_version(form.version.data),
                actor=current_user,
                now=clock.now(),
            )
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
            if isinstance(refusal, actions.ChangedMeanwhile):
                form.version.data = str(event.version)
        else:
            db.session.commit()
            flash(f"The draft is moved to {_when(event)}, with its agenda.", "success")
            return redirect(url_for("office_events.show", code=code, slug=slug), code=303)
    visible(form.starts.data and form.ends.data)
    if not form.is_submitted():
        form.version.data = str(event.version)
    return render_template("scheduling/finding/move.html", event=event, form=form)


def _when(event: Event) -> str:
    return words.day_span(event.starts_at, event.ends_at, event.zone)


def _version(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None
