"""The staff's list of one event's registrations."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response as Redirect

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.pages import page_of
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import as_it_is, staff_event
from interact_events.registrations import actions, queries
from interact_events.registrations.forms import DecisionForm, ListForm
from interact_events.registrations.models import Registration
from interact_events.registrations.policies import seats_left_for_staff
from interact_events.registrations.rules import MOVES, State
from interact_events.registrations.views import export as files
from interact_events.registrations.views import large_exports
from interact_events.registrations.views.adding import add_to, adding_to
from interact_events.registrations.views.place import reasons_in_line

blueprint = Blueprint("office_registrations", __name__)

ROWS = 50


@blueprint.route("/offices/<code>/events/<slug>/registrations", methods=["GET", "POST"])
def index(code: str, slug: str) -> str | Redirect:
    """The list, and what is decided on it; a refusal is shown there, and nothing ticked is lost."""
    if request.method == "GET":
        return _list(staff_event(code, slug), DecisionForm(formdata=None))
    event, form = staff_event(code, slug, can_edit_event), DecisionForm()
    try:
        numbers, to = _chosen(form)
        if to is State.CANCELLED and not form.sure.data:
            return _ask_first(event, form, numbers)
        happened = _decide(event, form, numbers, to)
    except DomainError as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _list(event, form)
    db.session.commit()
    flash(happened, "success")
    return redirect(request.full_path.rstrip("?"), code=303)


def _list(event: Event, form: DecisionForm) -> str:
    may_edit, now = can_edit_event(current_user, event), clock.now()
    settings = queries.seat_rules_of(event)
    filters, tallies = queries.ListFilters.from_args(request.args), queries.tallies(event)
    page = page_of(queries.listed(event, filters), ROWS)
    return render_template(
        "registrations/office/index.html",
        event=event,
        now=now,
        page=page,
        reasons=reasons_in_line(event, page.rows, now),
        filters=ListForm(filters, tallies),
        kept=_kept(filters),
        tallies=tallies,
        form=form,
        told_at=settings.selected_at,
        may_edit=may_edit,
        may_decide=may_edit and event.is_published and now < event.ends_at,
        moves=_moves_of,
        seats_left=seats_left_for_staff(event, settings),
        needs=queries.needs_at(event) if may_edit and event.mode.has_place else [],
    )


def _chosen(form: DecisionForm) -> tuple[list[int], State]:
    numbers, to = form.chosen
    if not numbers or to is None:
        raise DomainError("Tick at least one person and choose a decision.")
    if not form.validate():
        raise DomainError("Nothing was changed.")
    return numbers, to


def _decide(event: Event, form: DecisionForm, numbers: list[int], to: State) -> str:
    return actions.decide(
        event,
        numbers,
        to,
        actor=current_user,
        now=clock.now(),
        reason=form.reason.data or "",
        override=form.reason_beyond,
    )


def _ask_first(event: Event, form: DecisionForm, numbers: list[int]) -> str:
    """Whose registrations are about to be cancelled, and why: they read it in a mail."""
    people = queries.registrations_by_number(event, numbers)
    if not people:
        raise DomainError("Tick at least one person and choose a decision.")
    return render_template(
        "registrations/office/cancel.html", event=event, form=form, people=people
    )


def _kept(filters: queries.ListFilters) -> dict[str, str]:
    """The filters that are set, for links that keep them."""
    return {name: value for name, value in filters.to_args.items() if value}


def _moves_of(registration: Registration) -> list[State]:
    """The buttons beside a registration; an application is declined rather than cancelled."""
    if registration.state is State.UNCONFIRMED:
        return [State.CANCELLED]
    fits = [state for state in actions.DECISIONS if state in MOVES[registration.state]]
    if registration.state is State.PENDING:
        fits.remove(State.CANCELLED)
    return fits


@blueprint.route("/offices/<code>/events/<slug>/registrations/add", methods=["GET", "POST"])
def add(code: str, slug: str) -> str | Redirect:
    event = staff_event(code, slug, can_edit_event)
    if kept := as_it_is(event, ".index"):
        return kept
    adding = adding_to(event)
    form = adding.form
    if form and form.validate_on_submit():
        try:
            added = add_to(event, adding)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash(f"{added.name}: {added.state.label.lower()}. They get a mail.", "success")
            return redirect(url_for(".index", code=code, slug=slug), code=303)
    return render_template("registrations/office/add.html", event=event, **vars(adding))


@blueprint.get("/offices/<code>/events/<slug>/registrations.<any(csv, xlsx):kind>")
def export(code: str, slug: str, kind: str) -> Response:
    event = staff_event(code, slug, can_edit_event)
    filters = queries.ListFilters.from_args(request.args)
    if large_exports.length(event, filters) > large_exports.MOST_AT_ONCE:
        where = dict(code=code, slug=slug, kind=kind, **_kept(filters))
        return redirect(url_for("large_exports.prepare", **where))  # type: ignore[return-value,arg-type]
    lines = files.table(event, db.session.scalars(queries.listed(event, filters)))
    is_csv = kind == "csv"
    body = files.as_csv(lines) if is_csv else files.as_xlsx(lines)
    sheet = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = Response(body, mimetype="text/csv" if is_csv else f"application/{sheet}")
    response.headers["Content-Disposition"] = f'attachment; filename="{event.slug}.{kind}"'
    return response
