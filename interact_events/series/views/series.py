"""Series of an office, and what is in them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts.policies import can_edit_in_office
from interact_events.accounts.views.guard import staff_office
from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import settings, visible
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event
from interact_events.series import actions, queries
from interact_events.series.actions.together import is_ahead
from interact_events.series.forms import NewEventsForm, PutInForm, SeriesForm
from interact_events.series.models import Series
from interact_events.series.views.guard import office_series

blueprint = Blueprint("series", __name__, url_prefix="/offices/<code>/series")


@blueprint.get("/")
def index(code: str) -> str:
    office = staff_office(code)
    lines = queries.series_of_office(office)
    return render_template("series/series/index.html", office=office, lines=lines)


@blueprint.route("/new", methods=["GET", "POST"])
def add(code: str) -> str | Response:
    office = staff_office(code, can_edit_in_office)
    form = SeriesForm()
    if form.validate_on_submit():
        series = actions.add_series(
            office,
            form.name.data or "",
            is_ordered=form.is_ordered,
            actor=current_user,
            now=clock.now(),
        )
        db.session.commit()
        return _back(series, "The series is made. Next: its events.")
    return render_template("series/series/form.html", office=office, series=None, form=form)


@blueprint.get("/<int:number>")
def show(code: str, number: int) -> str:
    series = office_series(code, number)
    now, members = clock.now(), queries.members_of(series)
    may_edit = can_edit_in_office(current_user, series.office)
    free = queries.events_without_series(series.office, now) if may_edit else []
    return render_template(
        "series/series/show.html",
        series=series,
        office=series.office,
        members=members,
        titles={member.event.id: member.event for member in members},
        earlier_than={
            member.event.id: [each.event for each in members if _may_precede(each.event, member)]
            for member in members
        },
        has_ahead=any(is_ahead(member.event, now) for member in members),
        may_edit=may_edit,
        put_in=PutInForm(free, formdata=None) if free else None,
        now=now,
    )


def _may_precede(event: Event, member: queries.Member) -> bool:
    """What is chosen already is on offer whatever has become of it."""
    is_sound = event.starts_at < member.event.starts_at and not event.is_cancelled
    return event.id == member.after_id or is_sound


@blueprint.route("/<int:number>/edit", methods=["GET", "POST"])
def edit(code: str, number: int) -> str | Response:
    series = office_series(code, number, can_edit_in_office)
    form = SeriesForm(series)
    if form.validate_on_submit():
        actions.change_series(
            series,
            form.name.data or "",
            is_ordered=form.is_ordered,
            actor=current_user,
            now=clock.now(),
        )
        db.session.commit()
        return _back(series, "The series is saved.")
    return render_template(
        "series/series/form.html", office=series.office, series=series, form=form
    )


@blueprint.post("/<int:number>/delete")
def delete(code: str, number: int) -> Response:
    series = office_series(code, number, can_edit_in_office)
    actions.delete_series(series, actor=current_user, now=clock.now())
    db.session.commit()
    flash("The series is deleted. Its events stay, each for itself.", "success")
    return redirect(url_for(".index", code=code), code=303)


@blueprint.route("/<int:number>/new-events", methods=["GET", "POST"])
def new_events(code: str, number: int) -> str | Response:
    series = office_series(code, number, can_edit_in_office)
    sources = [*queries.templates_for(series.office), *queries.events_to_copy(series.office)]
    form = NewEventsForm(series, current_user, sources)
    if "more" in request.form:
        form.grow(series.office)
    elif form.validate_on_submit():
        try:
            made = actions.add_events(
                series,
                form.chosen,
                form.wanted,
                actor=current_user,
                now=clock.now(),
                host=settings().host,
            )
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            return _back(series, f"{words.count(len(made), 'draft')} made.")
    return render_template(
        "series/series/new_events.html", series=series, office=series.office, form=form
    )


@blueprint.post("/<int:number>/put-in")
def put_in(code: str, number: int) -> Response:
    series = office_series(code, number, can_edit_in_office)
    form = PutInForm(queries.events_without_series(series.office, clock.now()))
    event = form.events.get(form.event.data) if form.validate() else None
    if event is None:
        raise DomainError("Choose an event that is in no series yet.")
    actions.put_into(series, event, actor=current_user, now=clock.now())
    db.session.commit()
    return _back(series, f"“{event.title}” is part of the series.")


@blueprint.post("/<int:number>/take-out/<int:event_id>")
def take_out(code: str, number: int, event_id: int) -> Response:
    series = office_series(code, number, can_edit_in_office)
    event = _member(series, event_id)
    actions.take_out(series, event, actor=current_user, now=clock.now())
    db.session.commit()
    return _back(series, f"“{event.title}” is no longer part of the series.")


@blueprint.post("/<int:number>/order/<int:event_id>")
def order(code: str, number: int, event_id: int) -> Response:
    series = office_series(code, number, can_edit_in_office)
    up = request.form.get("to") == "up"
    event = _member(series, event_id)
    actions.move_in_order(series, event, up=up, actor=current_user, now=clock.now())
    db.session.commit()
    return _back(series, "The order is saved.")


@blueprint.post("/<int:number>/after/<int:event_id>")
def after(code: str, number: int, event_id: int) -> Response:
    """Which event comes first for another one; empty: none."""
    series = office_series(code, number, can_edit_in_office)
    event = _member(series, event_id)
    if not can_edit_event(current_user, event):
        raise DomainError(f"Only editors of {event.office.name} can change its rules.")
    wanted = request.form.get("after", type=int)
    earlier = _member(series, wanted) if wanted else None
    is_new = actions.put_after(series, event, earlier, actor=current_user, now=clock.now())
    db.session.commit()
    who = "everybody whom its other rules allow"
    if earlier:
        who = f"people who have a seat at “{earlier.title}”"
    said = f"“{event.title}” is open to {who}. Nobody who is on its list loses anything by it."
    return _back(series, said if is_new else "Nothing has changed.")


def _member(series: Series, number: int) -> Event:
    event = next((m.event for m in queries.members_of(series) if m.event.id == number), None)
    visible(event)
    assert event  # visible() has answered 404 otherwise
    return event


def _back(series: Series, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for(".show", code=series.office.code, number=series.id), code=303)
