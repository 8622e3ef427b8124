"""What a programme's coordinator sees and asks for."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import visible
from interact_events.core.web.forms import Form
from interact_events.core.web.limits import MAILING, limiter
from interact_events.core.web.pages import page_of
from interact_events.events.models import Event
from interact_events.events.queries import public_event
from interact_events.events.rules import registration_phase
from interact_events.interreg.models import Programme
from interact_events.nominations import actions, queries
from interact_events.nominations.forms import NominateForm
from interact_events.nominations.policies import (
    place_in_words,
    seats_in_words,
    why_nomination_over,
    why_not_nominate,
)
from interact_events.registrations.policies import registration_notice, seats_left_at
from interact_events.registrations.queries import event_before, seat_rules_of

blueprint = Blueprint("programmes", __name__)

ROWS = 10
SHOWN = 40  # letters of a name: what is said once travels in a cookie


@blueprint.app_template_global()
def coordinates_programmes() -> bool:
    """Whether the viewer has pages about programmes."""
    return current_user.is_authenticated and bool(queries.programmes_of(current_user))


def _own(programme_id: int) -> Programme:
    """The programme that the viewer coordinates; it does not exist for others."""
    coordination = queries.coordination(current_user, programme_id)
    visible(coordination)
    assert coordination  # visible() has answered 404 otherwise
    return coordination.programme


@blueprint.get("/my/programmes/")
def index() -> str:
    programmes = queries.programmes_of(current_user)
    visible(programmes)
    return render_template("nominations/programmes/index.html", programmes=programmes)


@blueprint.get("/my/programmes/<int:programme_id>")
def show(programme_id: int) -> str:
    programme, now = _own(programme_id), clock.now()
    page = page_of(queries.events_for(programme, now), ROWS)
    rules = queries.seat_rules_for(page.rows)
    places = queries.places_of(programme, page.rows, now)
    return render_template(
        "nominations/programmes/show.html",
        programme=programme,
        page=page,
        places=places,
        seats={
            event.id: seats_in_words(places[event.id].seats, event, rules[event.id], now)
            for event in page.rows
        },
        may_nominate={
            event.id: registration_phase(event, now).takes_registrations
            and not why_not_nominate(programme, event, rules[event.id])
            for event in page.rows
        },
        place_in_words=place_in_words,
        now=now,
    )


@blueprint.route("/my/programmes/<int:programme_id>/nominate/<slug>", methods=["GET", "POST"])
@limiter.limit(MAILING, methods=["POST"])
def nominate(programme_id: int, slug: str) -> str | Response:
    programme, event, now = _own(programme_id), _event(slug), clock.now()
    settings = seat_rules_of(event)
    notice = registration_notice(event, now) or why_not_nominate(programme, event, settings)
    if notice:
        flash(notice, "warning")
        return _to_places(programme_id)
    form = NominateForm(event)
    if form.is_submitted() and (said := _tried(programme, event, form)):
        flash(said, "success")
        return _to_places(programme_id)
    places = queries.places_of(programme, [event], now)
    return render_template(
        "nominations/programmes/nominate.html",
        programme=programme,
        event=event,
        form=form,
        own_seats=seats_in_words(places[event.id].seats, event, settings, now),
        seats=seats_left_at(event, now),
        until=actions.answer_by(event, now),
        first=event_before(event),
    )


def _to_places(programme_id: int) -> Response:
    return redirect(url_for(".show", programme_id=programme_id), code=303)


def _tried(programme: Programme, event: Event, form: NominateForm) -> str:
    """What each person got; empty where there are faults, which are then beside their fields: all
    of them, those of the form and those of the rules."""
    is_sound = form.validate()
    try:
        if is_sound:
            return _nominated(programme, event, form)
        if faults := actions.faults_in(programme, event, form.drafts(), now=clock.now()):
            raise actions.RowsRefused(faults)
    except DomainError as refusal:
        db.session.rollback()
        form.refuse(refusal)
    return ""


def _event(slug: str) -> Event:
    event = public_event(slug)
    visible(event)
    assert event  # visible() has answered 404 otherwise
    return event


def _nominated(programme: Programme, event: Event, form: NominateForm) -> str:
    """ "Anna: a seat is held; Bo: on the waiting list: your programme has its 2 seats." """
    found = actions.nominate(
        programme,
        event,
        form.people(programme, current_user.zone),
        actor=current_user,
        now=clock.now(),
    )
    said = [f"{_short(each.registration.name)}: {each.outcome}" for each in found]
    until = words.moment(actions.answer_by(event, clock.now()), event.zone)
    db.session.commit()
    return f"{'; '.join(said)}. They have until {until} to accept; each of them gets a mail."


def _short(name: str) -> str:
    return name if len(name) <= SHOWN else f"{name[:SHOWN]}…"


# -- taking a nomination back --------------------------------------------------------------------


@blueprint.route(
    "/my/programmes/<int:programme_id>/nominations/<int:registration_id>/withdraw",
    methods=["GET", "POST"],
)
def withdraw(programme_id: int, registration_id: int) -> str | Response:
    """Asks first: the person has had a mail about it."""
    programme = _own(programme_id)
    nomination = queries.nomination(registration_id, programme_id)
    visible(nomination)
    assert nomination  # visible() has answered 404 otherwise
    if why := why_nomination_over(nomination, clock.now()):
        flash(f"{nomination.name}: {why}", "warning")
        return _to_places(programme_id)
    form = Form()
    if form.validate_on_submit():
        actions.withdraw_nomination(nomination, actor=current_user, now=clock.now())
        db.session.commit()
        flash(f"The nomination of {_short(nomination.name)} is withdrawn.", "success")
        return _to_places(programme_id)
    return render_template(
        "nominations/programmes/withdraw.html",
        programme=programme,
        nomination=nomination,
        event=nomination.event,
        waiting=seats_left_at(nomination.event, clock.now()).waiting,
        form=form,
    )
