"""Joining online by a link of one's own, which notes the join and leads on."""

from datetime import datetime

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_login import current_user

from interact_events.attendance import actions, queries
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import public, settings, visible
from interact_events.core.web.failures import link_over
from interact_events.core.web.headers import LEADING_OUT, NOT_INDEXED
from interact_events.core.web.limits import limiter
from interact_events.registrations.emails import joins_online
from interact_events.registrations.models import Registration, State
from interact_events.registrations.queries import Purpose, own_registration

blueprint = Blueprint("joining", __name__)

FROM_ONE_ADDRESS = "120 per minute"  # a whole institution may join at the same moment


@blueprint.route("/my/registrations/<int:registration_id>/join", methods=["GET", "POST"])
def own(registration_id: int) -> Response:
    registration = own_registration(current_user, registration_id)
    visible(registration)
    assert registration  # visible() has answered 404 otherwise
    now = clock.now()
    visible(_may_join(registration, now))
    return _join(registration, now)


@blueprint.route("/join/<token>", methods=["GET", "POST"])
@limiter.limit(FROM_ONE_ADDRESS)
@public
def by_link(token: str) -> Response:
    """From a mail; programs open such links unasked, so only the button notes anything."""
    key, now = settings().secret_key, clock.now()
    registration = queries.registration_of_code(Purpose.JOIN, token, key=key)
    if registration is None or not _may_join(registration, now):
        address = url_for("registrations.mine")
        return make_response(link_over("Sign in to see where you can join.", "My events", address))
    return _join(registration, now)


def _may_join(registration: Registration, now: datetime) -> bool:
    event = registration.event
    has_seat = registration.state_shown(now) is State.CONFIRMED
    return has_seat and joins_online(registration) and event.is_published and now < event.ends_at


def _join(registration: Registration, now: datetime) -> Response:
    if request.method == "POST":
        _note(registration, now)
        return redirect(registration.event.joining_url, code=303)  # type: ignore[return-value]  # werkzeug's own class
    page = render_template(
        "attendance/joining/show.html",
        event=registration.event,
        sessions=actions.to_join(registration, now),
        next_session=actions.next_to_join(registration, now),
        is_closed=queries.closing_of(registration.event) is not None,
    )
    return make_response(page, LEADING_OUT | NOT_INDEXED)


def _note(registration: Registration, now: datetime) -> None:
    """Whatever stands in the way of noting it: nobody is kept from joining."""
    try:
        actions.join(registration, now=now)
    except DomainError:
        db.session.rollback()
    else:
        db.session.commit()
