"""A seat on its way to a colleague: the holder's side, and the page behind the mailed link."""

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts.queries import profile_of, profiles_of
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import public, visible, working
from interact_events.core.web.headers import NOT_INDEXED
from interact_events.core.web.limits import GUESSING, MAILING, limiter
from interact_events.nominations import actions, queries
from interact_events.nominations.forms import AcceptForm, OfferForm
from interact_events.nominations.models import Handover
from interact_events.nominations.policies import (
    belongs_to,
    can_hand_over,
    capacity_of,
    fitting,
    gives_way,
    is_addressee,
    why_not_take,
    why_over,
)
from interact_events.registrations.models import Registration
from interact_events.registrations.queries import own_registration, standing_registration

blueprint = Blueprint("handovers", __name__)


# -- who has the seat ----------------------------------------------------------------------------


def _own(registration_id: int) -> Registration:
    registration = own_registration(current_user, registration_id)
    visible(registration)
    assert registration  # visible() has answered 404 otherwise
    return registration


@blueprint.route("/my/registrations/<int:registration_id>/hand-over", methods=["GET", "POST"])
@limiter.limit(MAILING, methods=["POST"])
def offer(registration_id: int) -> str | Response:
    registration, now = _own(registration_id), clock.now()
    if not can_hand_over(registration, now):
        flash("This seat can’t be handed over.", "warning")
        return _to(registration)
    form = OfferForm()
    if form.validate_on_submit():
        try:
            handover = actions.offer_seat(registration, form.email.data or "", now=now)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            flash(f"A mail is on its way to {handover.email}.", "success")
            return redirect(url_for(".offer", registration_id=registration_id), code=303)
    return render_template(
        "nominations/handovers/offer.html",
        registration=registration,
        event=registration.event,
        as_=capacity_of(registration),
        within=belongs_to(registration),
        form=form,
        waiting=open_offer(registration),
    )


@blueprint.app_template_global()
def open_offer(registration: Registration) -> Handover | None:
    """What the colleague can still accept."""
    handover = queries.open_handover(registration)
    return handover if handover and clock.now() < handover.expires_at else None


def _to(registration: Registration) -> Response:
    return redirect(url_for("registrations.show", registration_id=registration.id), code=303)


@blueprint.post("/my/registrations/<int:registration_id>/hand-over/take-back")
def take_back(registration_id: int) -> Response:
    registration = _own(registration_id)
    was_open = actions.take_back(registration, now=clock.now())
    db.session.commit()
    if was_open:
        flash("You have taken your offer back. The link in the mail no longer works.", "success")
    else:
        flash("There was nothing to take back: your offer is over already.", "info")
    return _to(registration)


# -- who gets it ---------------------------------------------------------------------------------


def _offered(token: str) -> Handover:
    handover = queries.handover_of_token(token)
    working(handover)
    assert handover  # working() has answered 410 otherwise
    return handover


@blueprint.route("/handovers/<token>", methods=["GET", "POST"])
@public
def show(token: str) -> Response:
    """Everything happens here: who opens it signs in on the way, and comes back."""
    handover = _offered(token)
    over = why_over(handover, clock.now())
    if over:
        return _over(handover, over)
    if current_user == handover.registration.user:  # their own link, to see whether it works
        return redirect(url_for(".offer", registration_id=handover.registration_id), code=303)
    form = _form_for(handover)
    if form and form.validate_on_submit():
        try:
            return _accepted(handover, form)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _offer_page(handover, token, form)


def _is_theirs(handover: Handover) -> bool:
    return current_user.is_authenticated and is_addressee(current_user, handover)


def _offer_page(handover: Handover, token: str, form: AcceptForm | None) -> Response:
    """Who can't take the seat reads so at once, and not after filling in the form."""
    registration, now = handover.registration, clock.now()
    is_theirs = _is_theirs(handover)
    standing = standing_registration(registration.event, current_user) if is_theirs else None
    return _shown(
        "nominations/handovers/show.html",
        200,
        token=token,
        handover=handover,
        event=registration.event,
        as_=capacity_of(registration),
        within=belongs_to(registration),
        is_theirs=is_theirs,
        standing=standing,
        why_not=why_not_take(standing, now),
        gives_way=gives_way(standing, now),
        form=form,
    )


def _shown(template: str, status: int, **values: Any) -> Response:
    return make_response(render_template(template, **values), status, NOT_INDEXED)


def _over(handover: Handover, why: str) -> Response:
    """Who has taken the seat over comes to it, however often they open the link."""
    event = handover.registration.event
    if handover.accepted_at and current_user.is_authenticated:
        theirs = standing_registration(event, current_user)
        if theirs:
            return _to(theirs)
    return _shown("nominations/handovers/over.html", 410, event=event, why=why)


def _form_for(handover: Handover) -> AcceptForm | None:
    """For nobody but the one whom the mail went to."""
    if not _is_theirs(handover):
        return None
    registration = handover.registration
    profiles = fitting(profiles_of(current_user), registration)
    return AcceptForm(registration.event, profiles, data={"wants_news": current_user.wants_news})


def _accepted(handover: Handover, form: AcceptForm) -> Response:
    profile = profile_of(current_user, form.profile.data)
    if profile is None:
        raise DomainError("Choose one of your profiles.", "profile")
    registration = actions.accept_handover(
        handover, profile, form.answers, user=current_user, now=clock.now()
    )
    db.session.commit()
    flash("The seat is yours. We have sent you the details by e-mail.", "success")
    return _to(registration)


@blueprint.post("/handovers/<token>/refuse")
@limiter.limit(GUESSING)
@public
def refuse(token: str) -> Response:
    """Whoever holds the mailed link may say no; to refuse nobody has to make an account."""
    handover = _offered(token)
    title = handover.registration.event.title
    actor = current_user if current_user.is_authenticated else None
    actions.refuse_handover(handover, actor=actor, now=clock.now())
    db.session.commit()
    flash(f"You have refused the seat at “{title}”. Thank you for saying so.", "success")
    return redirect(url_for("events.home"), code=303)
