"""Where the secretariat notes whom programmes have named as their coordinators."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import visible
from interact_events.core.web.pages import page_of
from interact_events.interreg.policies import can_administer
from interact_events.nominations import actions, queries
from interact_events.nominations.forms import CoordinatorForm

blueprint = Blueprint(
    "programme_coordinators", __name__, url_prefix="/admin/programme-coordinators"
)

ROWS = 50


@blueprint.before_request
def secretariat_only() -> None:
    visible(can_administer(current_user))


@blueprint.route("", methods=["GET", "POST"])
def index() -> str | Response:
    form = CoordinatorForm()
    if form.validate_on_submit():
        try:
            return _named(form)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "nominations/coordinators/index.html",
        page=page_of(queries.all_coordinations(), ROWS),
        form=form,
    )


def _named(form: CoordinatorForm) -> Response:
    programme = form.programme.data
    assert programme  # the form has checked it
    row = actions.name_coordinator(
        programme,
        form.email.data or "",
        form.named_by.data or "",
        actor=current_user,
        now=clock.now(),
    )
    db.session.commit()
    flash(f"{row.user.name} coordinates {programme.name} and gets a mail.", "success")
    return redirect(url_for(".index"), code=303)


@blueprint.post("/<int:number>/end")
def end(number: int) -> Response:
    """Pressed twice it does the same."""
    row = queries.active_coordination(number)
    if row:
        actions.end_coordination(row, actor=current_user, now=clock.now())
        db.session.commit()
        flash(f"{row.user.name} no longer coordinates {row.programme.name}.", "success")
    return redirect(url_for(".index"), code=303)
