"""The page behind the link in a nomination's mail: one press says yes or no."""

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts.views.sign_in import enter
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import public, settings, visible, working
from interact_events.core.web.forms import Form
from interact_events.core.web.headers import NOT_INDEXED
from interact_events.core.web.limits import GUESSING, limiter
from interact_events.nominations import actions, queries
from interact_events.nominations.forms import NewcomerAcceptsForm
from interact_events.nominations.policies import stands_against, why_nomination_over, why_waiting
from interact_events.nominations.queries import Nomination
from interact_events.registrations.policies import in_mode
from interact_events.registrations.queries import standing_registration

blueprint = Blueprint("nominations", __name__)


def _of(token: str) -> Nomination:
    nomination = queries.nomination_of_token(token, key=settings().secret_key)
    working(nomination)
    assert nomination  # working() has answered 410 otherwise
    return nomination


@blueprint.route("/nominations/<token>", methods=["GET", "POST"])
@limiter.limit(GUESSING, methods=["POST"])
@public
def show(token: str) -> Response:
    """Who can read the mail is who was asked, so nobody signs in first."""
    nomination = _of(token)
    if why := why_nomination_over(nomination.registration, clock.now()):
        return _over(nomination, why)
    is_other = current_user.is_authenticated and current_user.id != nomination.nominee.id
    form = _form_for(nomination)
    if not is_other and form.validate_on_submit():
        try:
            return _accepted(nomination, form)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _shown(nomination, token, form, is_other=is_other)


def _form_for(nomination: Nomination) -> Form:
    """Whose address is known to be theirs only presses the button."""
    if nomination.nominee.confirmed_at:
        return Form()
    return NewcomerAcceptsForm(nomination.nominee.email, nomination.registration.name)


def _shown(nomination: Nomination, token: str, form: Form, *, is_other: bool) -> Response:
    registration = nomination.registration
    standing = standing_registration(registration.event, nomination.nominee)
    page = render_template(
        "nominations/answers/show.html",
        token=token,
        registration=registration,
        nominee=nomination.nominee,
        event=registration.event,
        form=form,
        is_other=is_other,
        in_mode=in_mode(registration.event, registration.is_online),
        why=why_waiting(registration, clock.now()),
        has_another=standing != registration and stands_against(standing, clock.now()),
    )
    return make_response(page, 200, NOT_INDEXED)


def _over(nomination: Nomination, why: str) -> Response:
    """Who has accepted comes to their registration, however often they open the link."""
    registration = nomination.registration
    is_theirs = current_user.is_authenticated and current_user.id == registration.user_id
    if is_theirs:
        flash(why, "info")
        return _to(nomination)
    page = render_template(
        "nominations/answers/over.html", event=registration.event, why=why, own=_own(nomination)
    )
    return make_response(page, 410, NOT_INDEXED)


def _own(nomination: Nomination) -> str:
    return url_for("registrations.show", registration_id=nomination.registration.id)


def _to(nomination: Nomination) -> Response:
    return redirect(_own(nomination), code=303)


def _accepted(nomination: Nomination, form: Form) -> Response:
    """A newcomer is signed in: they have just chosen the password."""
    now = clock.now()
    if isinstance(form, NewcomerAcceptsForm):
        said = actions.accept_as_newcomer(
            nomination, form.name.data or "", form.password.data or "", now=now
        )
        enter(nomination.nominee, now=now)
    else:
        said = actions.accept_nomination(nomination, now=now)
    db.session.commit()
    flash(said, "success")
    return _to(nomination)  # who is not signed in does it on the way


@blueprint.post("/nominations/<token>/decline")
@limiter.limit(GUESSING)
@public
def decline(token: str) -> Response:
    """Whoever holds the mailed link may say no; for that nobody has to make an account."""
    _decline(_of(token))
    return redirect(url_for("events.home"), code=303)


@blueprint.post("/my/registrations/<int:registration_id>/decline")
def decline_own(registration_id: int) -> Response:
    """The same from the own registration."""
    registration = queries.nomination(registration_id)
    visible(registration and registration.user_id == current_user.id)
    assert registration  # visible() has answered 404 otherwise
    _decline(Nomination(registration, current_user))
    return redirect(url_for("registrations.mine"), code=303)


def _decline(nomination: Nomination) -> None:
    actions.decline_nomination(nomination, now=clock.now())
    db.session.commit()
    title = nomination.registration.event.title
    flash(f"You have declined the nomination for “{title}”. Thank you for saying so.", "success")
