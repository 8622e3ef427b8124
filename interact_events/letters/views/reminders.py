"""The reminders of an event: what goes out when, and what it says."""

from dataclasses import replace
from typing import NamedTuple

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import visible
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import as_it_is, staff_event
from interact_events.letters import actions, emails, policies, queries
from interact_events.letters.forms import ReminderForm, reminder_fields
from interact_events.letters.rules import USUAL, Reminder, is_usual
from interact_events.registrations.queries import names_for, tallies

blueprint = Blueprint("reminders", __name__, url_prefix="/offices/<code>/events/<slug>/reminders")


class Line(NamedTuple):
    """A reminder as the list says it."""

    reminder: Reminder
    timing: str
    group: str
    standing: str


@blueprint.get("")
def index(code: str, slug: str) -> str:
    event = staff_event(code, slug, can_edit_event)
    return render_template("letters/reminders/index.html", event=event, lines=_lines(event))


def _lines(event: Event) -> list[Line]:
    now, names = clock.now(), names_for(event)
    found = [(each, queries.due_of(event, each)) for each in queries.reminders_of(event)]
    keys = [queries.reminder_key(event, each, at) if at else "" for each, at in found]
    told = queries.mails_by_key(event, [key for key in keys if key])
    return [
        Line(
            each,
            policies.timing_in_words(each),
            policies.group_in_words(event, each.group, names),
            policies.standing_of_reminder(event, each, at, told.get(key, 0), now),
        )
        for (each, at), key in zip(found, keys, strict=True)
    ]


@blueprint.route("/new", methods=["GET", "POST"])
def new(code: str, slug: str) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    if kept := as_it_is(event, ".index"):
        return kept
    blank = replace(USUAL[0], key=actions.new_key(), name="", subject="{{ subject_facts }}")
    return _edit(event, replace(blank, text=""))


@blueprint.route("/<key>", methods=["GET", "POST"])
def edit(code: str, slug: str, key: str) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    if kept := as_it_is(event, ".index"):
        return kept
    reminder = queries.reminder_of(event, key)
    visible(reminder)
    assert reminder  # visible() has answered 404 otherwise
    return _edit(event, reminder, key)


def _edit(event: Event, reminder: Reminder, key: str = "") -> str | Response:
    form = ReminderForm(data=reminder_fields(reminder))
    form.offer(event, tallies(event), names_for(event), reminder.group)
    if form.validate_on_submit() and _saved(event, form.reminder(reminder), form):
        return _back(event, f"“{form.name.data}” is saved.")
    return render_template(
        "letters/reminders/edit.html",
        event=event,
        form=form,
        key=key,
        is_usual=is_usual(key),
        is_changed=bool(key and queries.rule_of(event, key)),
        variables=emails.VARIABLES,
        said=emails.sample(reminder.subject, reminder.text, event),
    )


def _saved(event: Event, reminder: Reminder, form: ReminderForm) -> bool:
    try:
        actions.save_reminder(event, reminder, actor=current_user, now=clock.now())
    except DomainError as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return False
    db.session.commit()
    return True


@blueprint.post("/<key>/reset")
def reset(code: str, slug: str, key: str) -> Response:
    event = staff_event(code, slug, can_edit_event)
    actions.reset_reminder(event, key, actor=current_user, now=clock.now())
    db.session.commit()
    return _back(event, "It is as usual again." if is_usual(key) else "It is deleted.")


def _back(event: Event, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for(".index", code=event.office.code, slug=event.slug), code=303)
