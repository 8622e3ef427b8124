"""What a programme's coordinator sees and asks for."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import visible
from interact_events.core.web.limits import MAILING, limiter, was_taken
from interact_events.core.web.pages import page_of
from interact_events.events.models import Event
from interact_events.events.queries import public_event
from interact_events.events.rules import registration_phase
from interact_events.interreg.models import Programme
from interact_events.nominations import actions, queries
from interact_events.nominations.forms import NominateForm
from interact_events.nominations.policies import is_for, place_in_words, seats_in_words
from interact_events.registrations.policies import registration_notice
from interact_events.registrations.queries import seat_rules_of

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
            and is_for(programme, event, rules[event.id])
            for event in page.rows
        },
        place_in_words=place_in_words,
        now=now,
    )


@blueprint.route("/my/programmes/<int:programme_id>/nominate/<slug>", methods=["GET", "POST"])
@limiter.limit(MAILING, methods=["POST"], deduct_when=was_taken)
def nominate(programme_id: int, slug: str) -> str | Response:
    programme, event = _own(programme_id), _event(slug)
    notice = registration_notice(event, clock.now())
    if notice:
        flash(notice, "warning")
        return redirect(url_for(".show", programme_id=programme_id), code=303)
    form = NominateForm()
    if form.validate_on_submit():
        try:
            said = _nominated(programme, event, form)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            flash(said, "success")
            return redirect(url_for(".show", programme_id=programme_id), code=303)
    now = clock.now()
    settings, places = seat_rules_of(event), queries.places_of(programme, [event], now)
    return render_template(
        "nominations/programmes/nominate.html",
        programme=programme,
        event=event,
        form=form,
        seats=seats_in_words(places[event.id].seats, event, settings, now),
    )


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
