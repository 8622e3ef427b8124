"""Where staff give mails words of their own, for an office or for one event."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts.views.guard import staff_office
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.mail import Kind, Words
from interact_events.core.web.access import permitted, visible
from interact_events.events.views.guard import staff_event
from interact_events.messages import actions, queries
from interact_events.messages.emails import preview
from interact_events.messages.forms import WordingForm
from interact_events.messages.policies import can_change_wordings
from interact_events.messages.queries import Place
from interact_events.messages.rules import joined
from interact_events.registrations.models import Registration
from interact_events.registrations.queries import choices_by

of_offices = Blueprint("office_wordings", __name__, url_prefix="/offices/<code>/mails")
of_events = Blueprint("event_wordings", __name__, url_prefix="/offices/<code>/events/<slug>/mails")


@of_offices.get("")
@of_events.get("")
def index(code: str, slug: str = "") -> str:
    place = _place(code, slug)
    return render_template(
        "messages/wordings/index.html",
        standings=queries.standings(place, queries.kinds_of_events()),
        may_change=can_change_wordings(current_user, place),
        **_shared(place),
    )


@of_offices.route("/<kind>", methods=["GET", "POST"])
@of_events.route("/<kind>", methods=["GET", "POST"])
def edit(code: str, kind: str, slug: str = "") -> str | Response:
    """The editor; its preview fills in what is typed and saves nothing."""
    place, known = _place(code, slug), _kind(kind)
    permitted(can_change_wordings(current_user, place))
    (standing,) = queries.standings(place, [known])
    people = queries.people_to_preview(place)
    form = WordingForm(standing, people)
    shown = None
    if not form.is_submitted() or form.validate():
        try:
            if form.is_submitted() and "preview" not in request.form:
                return _saved(place, known, form)
            shown = _preview(known, form, people)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return render_template(
        "messages/wordings/edit.html", form=form, standing=standing, shown=shown, **_shared(place)
    )


@of_offices.post("/<kind>/usual")
@of_events.post("/<kind>/usual")
def usual(code: str, kind: str, slug: str = "") -> Response:
    place, known = _place(code, slug), _kind(kind)
    permitted(can_change_wordings(current_user, place))
    actions.use_usual_words(place, known, actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"“{known.title}” has its usual words again.", "success")
    return _listing(place)


def _place(code: str, slug: str) -> Place:
    if not slug:
        return Place(staff_office(code))
    event = staff_event(code, slug)
    return Place(event.office, event)


def _kind(name: str) -> Kind:
    known = queries.kind_of_events(name)
    visible(known)
    assert known  # visible() has answered 404 otherwise
    return known


def _shared(place: Place) -> dict[str, object]:
    """What the pages of both places are built on."""
    base = "event_base" if place.event else "office_base"
    return {
        "base": f"events/office/{base}.html",
        "office": place.office,
        "event": place.event,
        "at": _at(place),
    }


def _at(place: Place) -> dict[str, str]:
    at = {"code": place.office.code}
    return at | {"slug": place.event.slug} if place.event else at


def _listing(place: Place) -> Response:
    at = dict[str, Any](_at(place))
    return redirect(url_for(".index", **at), code=303)


def _saved(place: Place, kind: Kind, form: WordingForm) -> Response:
    actions.change_wording(
        place,
        kind,
        subject=form.subject.data or "",
        body=form.body.data or "",
        is_off=form.wants_off,
        actor=current_user,
        now=clock.now(),
    )
    db.session.commit()
    flash(f"“{kind.title}” is saved. Mails that leave from now on have these words.", "success")
    return _listing(place)


def _preview(kind: Kind, form: WordingForm, people: list[Registration]) -> Words:
    subject, body = form.subject.data or "", form.body.data or ""
    if form.is_submitted():
        actions.checked(kind, subject, body)
    person = next((row for row in people if str(row.id) == form.person.data), None)
    chosen = choices_by(person) if person else set()
    sessions = [each for each in person.event.sessions if each.id in chosen] if person else []
    return preview(kind, joined(subject, body), person, sessions)
