"""The offices' pages about their events."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug import Response

from interact_events.accounts.policies import can_edit_in_office
from interact_events.accounts.views.guard import staff_office
from interact_events.events.policies import can_edit_event, can_lead_event
from interact_events.events.views.guard import staff_event

blueprint = Blueprint("office_events", __name__, url_prefix="/offices/<code>/events")


@blueprint.get("/")
def index(code: str) -> str:
    return render_template("events/office/index.html", office=staff_office(code))


@blueprint.route("/new", methods=["GET", "POST"])
def add(code: str) -> str:
    return render_template(
        "events/office/index.html", office=staff_office(code, can_edit_in_office)
    )


@blueprint.get("/<slug>/")
def show(code: str, slug: str) -> str:
    return render_template("events/office/show.html", event=staff_event(code, slug))


@blueprint.get("/<slug>/preview")
def preview(code: str, slug: str) -> str:
    return render_template("events/office/show.html", event=staff_event(code, slug))


@blueprint.post("/<slug>/publish")
def publish(code: str, slug: str) -> Response:
    staff_event(code, slug, can_lead_event)
    return redirect(url_for(".show", code=code, slug=slug))


@blueprint.route("/<slug>/duplicate", methods=["GET", "POST"])
def duplicate(code: str, slug: str) -> str:
    event = staff_event(code, slug, can_edit_event)
    return render_template("events/office/show.html", event=event)


@blueprint.post("/<slug>/delete")
def delete(code: str, slug: str) -> Response:
    staff_event(code, slug, can_edit_event)
    return redirect(url_for(".index", code=code))


@blueprint.get("/<slug>/agenda")
def agenda(code: str, slug: str) -> str:
    return render_template("events/office/show.html", event=staff_event(code, slug))


@blueprint.route("/<slug>/agenda/new", methods=["GET", "POST"])
def session_add(code: str, slug: str) -> str:
    event = staff_event(code, slug, can_edit_event)
    return render_template("events/office/show.html", event=event)


@blueprint.route("/<slug>/agenda/<int:session_id>", methods=["GET", "POST"])
def session_edit(code: str, slug: str, session_id: int) -> str:
    event = staff_event(code, slug, can_edit_event)
    return render_template("events/office/show.html", event=event)


@blueprint.post("/<slug>/agenda/<int:session_id>/remove")
def session_remove(code: str, slug: str, session_id: int) -> Response:
    staff_event(code, slug, can_edit_event)
    return redirect(url_for(".agenda", code=code, slug=slug))
