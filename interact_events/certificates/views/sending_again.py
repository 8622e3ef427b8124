"""Sending the mail with the link once more: first it is shown to whom."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.certificates import queries
from interact_events.certificates.actions import send_again
from interact_events.certificates.queries import Mailed
from interact_events.core import clock, outbox, words
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import staff_event

blueprint = Blueprint("certificate_mails", __name__)


@blueprint.route("/offices/<code>/events/<slug>/certificates/send-again", methods=["GET", "POST"])
def choose(code: str, slug: str) -> str | Response:
    """`?person=` is one of them; otherwise those whose mail failed are ticked."""
    event = staff_event(code, slug, can_edit_event)
    if request.method == "POST":
        return _sent(event)
    person = request.args.get("person", 0, type=int)
    rows = [r for r in queries.mailed(event) if person in (0, r.certificate.registration_id)]
    return render_template(
        "certificates/office/send_again.html",
        event=event,
        rows=sorted(rows, key=lambda row: not row.has_failed),
        chosen=_chosen(rows, person),
        person=person,
        failed=sum(row.has_failed for row in rows),
        marked=outbox.bounced_among(row.address for row in rows),
    )


def _chosen(rows: list[Mailed], person: int) -> set[str]:
    return {row.token for row in rows if person or row.has_failed}


def _sent(event: Event) -> Response:
    number = send_again(
        event, set(request.form.getlist("mail")), actor=current_user, now=clock.now()
    )
    db.session.commit()
    if number:
        flash(f"{words.count(number, 'mail')} will be sent.", "success")
    else:
        flash("Nothing was sent: nobody was chosen, or it has been sent again already.", "info")
    address = url_for("office_certificates.index", code=event.office.code, slug=event.slug)
    return redirect(address, code=303)
