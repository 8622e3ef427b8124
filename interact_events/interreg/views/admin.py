"""Pages where the secretariat edits the network's data, the same for every table."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.core import clock, words
from interact_events.core.db import Base, db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import visible
from interact_events.core.web.pages import page_of
from interact_events.interreg import actions
from interact_events.interreg.forms import RowForm
from interact_events.interreg.policies import can_administer
from interact_events.interreg.views.tables import TABLES, Table

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.before_request
def coordinators_only() -> None:
    visible(can_administer(current_user))


@blueprint.get("/")
def index() -> str:
    return render_template("interreg/admin/index.html", tables=TABLES.values())


@blueprint.get("/<table>")
def listing(table: str) -> str:
    known = _table(table)
    query = known.search(request.args.get("q", "")[:100])
    if show := request.args.get("show"):
        query = query.where(known.retired if show == "retired" else ~known.retired)
    return render_template("interreg/admin/listing.html", table=known, page=page_of(query))


@blueprint.route("/<table>/new", methods=["GET", "POST"])
def add(table: str) -> str | Response:
    known = _table(table)
    visible(not known.is_fixed)
    return _edited(known, known.model(), known.form(None))


@blueprint.route("/<table>/<int:row_id>", methods=["GET", "POST"])
def edit(table: str, row_id: int) -> str | Response:
    known = _table(table)
    row = _row(known, row_id)
    return _edited(known, row, known.form(row))


@blueprint.post("/<table>/<int:row_id>/retire")
def retire(table: str, row_id: int) -> Response:
    """Retire the row, or bring it back when it is retired already."""
    known = _table(table)
    visible(not known.is_fixed)
    row = _row(known, row_id)
    wants_back = "back" in request.form
    act = actions.bring_back if wants_back else actions.retire
    act(row, actor=current_user, now=clock.now())
    db.session.commit()
    done = "is on offer again" if wants_back else "is retired: nothing new can use it"
    flash(f"{known.title.value(row)} {done}.", "success")
    return redirect(url_for("admin.edit", table=table, row_id=row_id), code=303)


def _table(code: str) -> Table:
    visible(code in TABLES)
    return TABLES[code]


def _row(table: Table, row_id: int) -> Any:
    row = db.session.get(table.model, row_id)
    visible(row)
    return row


def _edited(table: Table, row: Base, form: RowForm) -> str | Response:
    """The form, until what it holds is saved."""
    if form.validate_on_submit():
        try:
            table.save(row, form.values(), actor=current_user, now=clock.now())
            db.session.commit()
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash(f"{words.capitalised(table.one)} saved.", "success")
            return redirect(url_for("admin.listing", table=table.code), code=303)
    return render_template("interreg/admin/edit.html", table=table, row=row, form=form)
