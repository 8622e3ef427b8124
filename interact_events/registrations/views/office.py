"""The staff's list of one event's registrations."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response as Redirect

from interact_events.accounts.models import User
from interact_events.accounts.queries import profile_of, profiles_of, user_by_email
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.pages import page_of
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import staff_event
from interact_events.registrations import actions, queries
from interact_events.registrations.forms import (
    AddPersonForm,
    AddProfileForm,
    DecisionForm,
    ListForm,
    SearchPersonForm,
)
from interact_events.registrations.models import Registration
from interact_events.registrations.rules import MOVES, State
from interact_events.registrations.views import export as files
from interact_events.registrations.views.place import reasons_in_line

blueprint = Blueprint("office_registrations", __name__)

ROWS = 50


@blueprint.get("/offices/<code>/events/<slug>/registrations")
def index(code: str, slug: str) -> str:
    event = staff_event(code, slug)
    may_edit = can_edit_event(current_user, event)
    filters = queries.ListFilters.from_args(request.args)
    tallies, now = queries.tallies(event), clock.now()
    page = page_of(queries.listed(event, filters), ROWS)
    return render_template(
        "registrations/office/index.html",
        event=event,
        now=now,
        page=page,
        reasons=reasons_in_line(event, page.rows, now),
        filters=ListForm(filters, tallies),
        kept=_kept(filters),
        is_filtered=bool(_kept(filters)),
        tallies=tallies,
        form=DecisionForm(),
        may_edit=may_edit,
        may_decide=may_edit and event.is_published and now < event.ends_at,
        moves=_moves_of,
        needs=queries.needs_at(event) if may_edit and event.mode.has_place else [],
    )


def _kept(filters: queries.ListFilters) -> dict[str, str]:
    """The filters that are set, for links that keep them."""
    return {name: value for name, value in filters.to_args.items() if value}


def _query(values: dict[str, str]) -> str:
    return f"?{urlencode(values)}" if values else ""


def _moves_of(registration: Registration) -> list[State]:
    """The buttons beside a registration; an application is declined rather than cancelled."""
    if registration.state is State.UNCONFIRMED:
        return [State.CANCELLED]
    fits = [state for state in actions.DECISIONS if state in MOVES[registration.state]]
    if registration.state is State.PENDING:
        fits.remove(State.CANCELLED)
    return fits


@blueprint.post("/offices/<code>/events/<slug>/registrations/decide")
def decide(code: str, slug: str) -> Redirect:
    event = staff_event(code, slug, can_edit_event)
    form = DecisionForm()
    numbers, to = form.chosen
    if not form.validate() or to is None:
        raise DomainError("Tick at least one person and choose a decision.")
    happened = actions.decide(
        event,
        numbers,
        to,
        actor=current_user,
        now=clock.now(),
        reason=form.reason.data or "",
        override=form.reason_beyond,
    )
    db.session.commit()
    flash(happened, "success")
    here = _kept(queries.ListFilters.from_args(request.args))
    return redirect(url_for(".index", code=code, slug=slug) + _query(here), code=303)


@blueprint.route("/offices/<code>/events/<slug>/registrations/add", methods=["GET", "POST"])
def add(code: str, slug: str) -> str | Redirect:
    event = staff_event(code, slug, can_edit_event)
    search = SearchPersonForm(formdata=request.args) if "email" in request.args else None
    found = None
    if search and search.validate():
        found = user_by_email(search.email.data or "")
    form = _form_for(event, found, search)
    if form and form.validate_on_submit():
        try:
            added = _add(event, form, found)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash(f"{added.name}: {added.state.label.lower()}. They get a mail.", "success")
            return redirect(url_for(".index", code=code, slug=slug), code=303)
    return render_template(
        "registrations/office/add.html", event=event, search=search, found=found, form=form
    )


def _form_for(
    event: Event, found: User | None, search: SearchPersonForm | None
) -> AddProfileForm | AddPersonForm | None:
    """Their profiles where there is an account, else everything about a new person."""
    if search is None or search.errors:
        return None
    if found is None:
        return AddPersonForm(event, data={"email": search.email.data})
    form = AddProfileForm(event)
    form.profile.choices = [(p.id, p.label) for p in profiles_of(found)]
    if not form.is_submitted() and form.profile.choices:
        form.profile.data = form.profile.choices[0][0]
    return form


def _add(event: Event, form: Any, found: User | None) -> Registration:
    now = clock.now()
    how = {"is_online": form.is_online, "override": form.reason_beyond}
    if isinstance(form, AddPersonForm):
        person = form.person(event.zone)
        return actions.add_person_by_hand(person, event, actor=current_user, now=now, **how)
    profile = profile_of(found, form.profile.data) if found else None
    if profile is None:
        raise DomainError("Choose one of their profiles.", "profile")
    return actions.add_by_hand(profile, event, actor=current_user, now=now, **how)


@blueprint.get("/offices/<code>/events/<slug>/registrations.<any(csv, xlsx):kind>")
def export(code: str, slug: str, kind: str) -> Response:
    event = staff_event(code, slug, can_edit_event)
    filters = queries.ListFilters.from_args(request.args)
    lines = files.table(event, db.session.scalars(queries.listed(event, filters)))
    is_csv = kind == "csv"
    body = files.as_csv(lines) if is_csv else files.as_xlsx(lines)
    sheet = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = Response(body, mimetype="text/csv" if is_csv else f"application/{sheet}")
    response.headers["Content-Disposition"] = f'attachment; filename="{event.slug}.{kind}"'
    return response
