"""Sending a letter: to oneself, to everybody now or later, and stopping it."""

from datetime import datetime

from flask import Blueprint, flash, request
from flask_login import current_user
from werkzeug import Response

from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.jobs import queue
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import staff_event
from interact_events.letters import actions, jobs
from interact_events.letters.forms import SendForm
from interact_events.letters.models import Letter
from interact_events.letters.views.letters import (
    letter_in,
    letter_page,
    reader_of,
    said_to,
    to_letter,
)

blueprint = Blueprint(
    "sending", __name__, url_prefix="/offices/<code>/events/<slug>/letters/<int:letter_id>"
)


@blueprint.post("/send")
def send(code: str, slug: str, letter_id: int) -> Response:
    event = staff_event(code, slug, can_edit_event)
    letter = letter_in(event, letter_id)
    is_new = _press(letter, None)
    if is_new:
        queue(jobs.post_letter, letter.id)
    db.session.commit()
    said = "It is being sent. What has not left yet can be stopped."
    flash(said if is_new else "This letter is on its way already.", "info")
    return to_letter(event, letter.id)


@blueprint.route("/send-later", methods=["GET", "POST"])
def send_later(code: str, slug: str, letter_id: int) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    letter, form = letter_in(event, letter_id), SendForm()
    if request.method == "GET":  # searches and links of the page that says what was wrong
        return to_letter(event, letter.id, **request.args.to_dict())
    if not form.validate():
        return letter_page(event, letter, form)
    try:
        assert form.at.data  # the form asks for it
        at = clock.to_utc(form.at.data, event.zone, field="at")
        is_new = _press(letter, at)
    except DomainError as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return letter_page(event, letter, form)
    db.session.commit()
    said = f"It leaves on {words.moment(at, event.zone)}. Until then you can stop it."
    flash(said if is_new else "This letter is on its way already.", "info")
    return to_letter(event, letter.id)


def _press(letter: Letter, at: datetime | None) -> bool:
    """`version` is that of the letter which was on the page."""
    version = request.form.get("version", -1, type=int)
    return actions.press_letter(letter, version=version, at=at, actor=current_user, now=clock.now())


@blueprint.post("/test")
def test(code: str, slug: str, letter_id: int) -> Response:
    event = staff_event(code, slug, can_edit_event)
    letter, now = letter_in(event, letter_id), clock.now()
    said = said_to(event, letter, reader_of(event, letter, now), now)
    actions.send_test(letter, said, actor=current_user, now=now)
    db.session.commit()
    flash(f"A test is on its way to {current_user.email}.", "success")
    return to_letter(event, letter.id)


@blueprint.post("/stop")
def stop(code: str, slug: str, letter_id: int) -> Response:
    event = staff_event(code, slug, can_edit_event)
    letter = letter_in(event, letter_id)
    stopped, left = actions.stop_letter(letter, actor=current_user, now=clock.now())
    db.session.commit()
    flash(_stopped(stopped, left), "success")
    return to_letter(event, letter.id)


def _stopped(stopped: int, left: int) -> str:
    if not left:
        return "Stopped: nobody gets it."
    not_sent = words.count(stopped, "mail was", "mails were")
    return f"Stopped: {not_sent} not sent, {left:,} had left before."
