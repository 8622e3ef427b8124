"""The languages of an event's certificates, and everybody's own choice among them."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.certificates import actions, queries
from interact_events.certificates.forms import LanguagesForm, WishForm
from interact_events.certificates.queries.designs import choice_of, languages_of
from interact_events.certificates.rules.languages import names
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import visible
from interact_events.core.web.parts import part
from interact_events.events.models import Event
from interact_events.events.policies import can_edit_event
from interact_events.events.views.guard import staff_event
from interact_events.registrations.models import Registration, State
from interact_events.registrations.queries import own_registration

of_events = Blueprint(
    "event_languages",
    __name__,
    url_prefix="/offices/<code>/events/<slug>/certificates/languages",
)
of_people = Blueprint("own_language", __name__)


@part("certificates")
def on_events_page(event: Event) -> str:
    """Which languages there are, and the way to change them."""
    return render_template(
        "certificates/languages/_event.html",
        event=event,
        languages=[names()[code] for code in languages_of(event)],
        may_edit=can_edit_event(current_user, event),
    )


@of_events.route("", methods=["GET", "POST"])
def edit(code: str, slug: str) -> str | Response:
    event = staff_event(code, slug, can_edit_event)
    now_offered = languages_of(event)
    form = LanguagesForm(data={"usual": now_offered[0], "others": now_offered[1:]})
    if form.validate_on_submit():
        actions.set_languages(event, form.codes, actor=current_user, now=clock.now())
        db.session.commit()
        flash("The languages are saved.", "success")
        return redirect(url_for("office_certificates.index", code=code, slug=slug), code=303)
    return render_template("certificates/languages/edit.html", event=event, form=form)


@part("registration")
def on_own_page(event: Event, registration: Registration, now: datetime) -> str:
    """As long as there is something to choose."""
    if event.is_cancelled or registration.state_shown(now) is not State.CONFIRMED:
        return ""
    choice = choice_of(registration)
    if len(choice.on_offer) < 2 or queries.certificate_for(registration):
        return ""
    return render_template(
        "certificates/languages/_own.html", registration=registration, form=WishForm(choice)
    )


@of_people.post("/my/registrations/<int:registration_id>/certificate-language")
def choose(registration_id: int) -> Response:
    registration = own_registration(current_user, registration_id)
    visible(registration)
    assert registration  # visible() has answered 404 otherwise
    form = WishForm(choice_of(registration))
    if not form.validate_on_submit():
        raise DomainError("Choose one of the languages on offer.")
    wish = form.language.data or ""
    actions.wish_language(registration, wish, actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"Your certificate will be in this language: {names()[wish]}.", "success")
    return redirect(url_for("registrations.show", registration_id=registration_id), code=303)
