"""Mails to read without a mail server; registered outside production only."""

from flask import Blueprint, Response, render_template
from sqlalchemy import select

from interact_events.core.db import db
from interact_events.core.outbox import OutboxMessage
from interact_events.core.web.access import public

blueprint = Blueprint("dev_mail", __name__)


@blueprint.get("/dev/mail")
@public
def index() -> str:
    newest = select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(100)
    return render_template("dev_mail/index.html", messages=db.session.scalars(newest).all())


@blueprint.get("/dev/mail/<int:message_id>")
@public
def show(message_id: int) -> str:
    return render_template("dev_mail/show.html", message=db.get_or_404(OutboxMessage, message_id))


@blueprint.get("/dev/mail/<int:message_id>/event.ics")
@public
def calendar(message_id: int) -> Response:
    message = db.get_or_404(OutboxMessage, message_id)
    return Response(message.calendar or b"", mimetype="text/calendar")
