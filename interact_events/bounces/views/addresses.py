"""Where the secretariat sees whom no mail reaches."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.bounces import actions, queries
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.web.access import settings, visible
from interact_events.core.web.pages import page_of
from interact_events.interreg.policies import can_administer

blueprint = Blueprint("addresses", __name__, url_prefix="/admin/addresses")

ROWS = 50


@blueprint.before_request
def secretariat_only() -> None:
    visible(can_administer(current_user))


@blueprint.get("")
def index() -> str:
    search = request.args.get("q", "").strip()[:100]
    page = page_of(queries.marked_addresses(search), ROWS)
    return render_template(
        "bounces/addresses/index.html",
        page=page,
        owners=queries.owners_of(page.rows),
        subjects=queries.subjects_of(page.rows),
        search=search,
        is_reading=settings().bounces_url is not None,
    )


@blueprint.post("/<int:number>/works")
def works(number: int) -> Response:
    """Pressed twice it does the same."""
    mark = queries.marked_address(number)
    visible(mark)
    assert mark  # visible() has answered 404 otherwise
    if actions.let_work_again(mark, actor=current_user, now=clock.now()):
        db.session.commit()
        flash(f"Mails go to {mark.address} again. What was not sent stays so.", "success")
    return redirect(url_for(".index"), code=303)
