"""A person's own registrations."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts.actions import is_password_of
from interact_events.accounts.models import Profile, User
from interact_events.accounts.queries import profiles_of, user_of_token
from interact_events.accounts.rules import CONFIRM_WITHIN
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import local_path, public, settings, visible
from interact_events.core.web.limits import GUESSING, MAILING, limiter, was_taken
from interact_events.events.models import Event
from interact_events.events.queries import public_event
from interact_events.registrations import actions, queries
from interact_events.registrations.forms import (
    AnswersForm,
    ConfirmForm,
    NewcomerForm,
    RegisterForm,
    SessionsForm,
)
from interact_events.registrations.models import Registration, State
from interact_events.registrations.policies import (
    OWN,
    already,
    answers_for,
    audience,
    can_accept,
    can_cancel,
    registration_notice,
    standing_for,
)
from interact_events.registrations.views.place import line_in_words, session_choices

blueprint = Blueprint("registrations", __name__)

SENTENCES = {
    State.CONFIRMED: "You have a seat. We have sent you the details by e-mail.",
    State.WAITLISTED: "There is no seat for you now, so you are on the waiting list. We have sent "
    "you a mail, and write again when a seat becomes yours.",
    State.PENDING: "We have your application. The office chooses and then writes to you.",
}


def _is_signed_in() -> bool:
    return bool(current_user.is_authenticated)


@blueprint.route("/events/<slug>/register", methods=["GET", "POST"])
@limiter.limit(MAILING, methods=["POST"], exempt_when=_is_signed_in, deduct_when=was_taken)
@public
def register(slug: str) -> str | Response:
    event = public_event(slug)
    visible(event)
    assert event  # visible() has answered 404 otherwise
    notice = registration_notice(event, clock.now())
    if notice:
        flash(notice, "warning")
        return redirect(url_for("event_page.show", slug=slug), code=303)
    return _register_as_member(event) if _is_signed_in() else _register_as_newcomer(event)


def _code() -> str:
    return request.args.get("invitation", "")[:40]


def _register_as_member(event: Event) -> str | Response:
    """At the opening everybody presses at once: a press that is taken asks only what it must."""
    profiles = profiles_of(current_user)
    form = RegisterForm(event, session_choices(event), data={"code": _code()})
    if form.validate_on_submit():
        try:
            return _register(event, form, profiles)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
    return _standing_page(event) or _member_form(event, form, profiles)


def _standing_page(event: Event) -> Response | None:
    """Who is registered is shown their registration instead of a form."""
    standing = queries.standing_registration(event, current_user)
    if standing is None:
        return None
    flash(already(standing, clock.now()), "info")
    return _own_page(standing)


def _own_page(registration: Registration) -> Response:
    return redirect(url_for("registrations.show", registration_id=registration.id), code=303)


def _member_form(event: Event, form: RegisterForm, profiles: Sequence[Profile]) -> str:
    """Who may still type a code is not told that they lack one."""
    settings = queries.seat_rules_of(event)
    viewer = standing_for(event, settings, profiles, now=clock.now(), is_invited=True)
    answers = answers_for(profiles, viewer)
    if not settings.by_invitation or (_is_invited(event) and not _code()):
        del form.code
    form.offer(answers)
    if not form.is_submitted():
        form.wants_news.data = current_user.wants_news
    return render_template("registrations/register.html", event=event, form=form, answers=answers)


def _is_invited(event: Event) -> bool:
    email = current_user.email if current_user.confirmed_at else None
    return queries.invitation_for(event, email=email, code=_code()) is not None


def _register(event: Event, form: RegisterForm, profiles: Sequence[Profile]) -> Response:
    profile = next((p for p in profiles if p.id == form.profile.data), None)
    if profile is None:
        raise DomainError("Choose one of your profiles.", "profile")
    registration = actions.register(profile, event, form.answers, now=clock.now())
    flash(SENTENCES[registration.state], "success")
    answer = _own_page(registration)
    db.session.commit()
    return answer


def _register_as_newcomer(event: Event) -> str | Response:
    settings = queries.seat_rules_of(event)
    form = NewcomerForm(event, session_choices(event), data={"code": _code()})
    if not settings.by_invitation:
        del form.code
    if form.validate_on_submit():
        try:
            actions.register_newcomer(
                form.person, form.password.data or "", event, form.answers, now=clock.now()
            )
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            return redirect(url_for("accounts.check_mail"), code=303)
    for_ = audience(event, queries.rules_of(event, settings))
    return render_template("registrations/newcomer.html", event=event, form=form, audience=for_)


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
@limiter.limit(GUESSING, methods=["POST"])
@public
def confirm(token: str) -> str | Response | tuple[str, int]:
    """Confirms an address, and with it what its owner registered for meanwhile."""
    user = user_of_token("confirm", token, key=settings().secret_key, max_age=CONFIRM_WITHIN)
    if user is None:
        return render_template("registrations/link_over.html"), 410
    form = ConfirmForm()
    if form.validate_on_submit():
        if is_password_of(user, form.password.data or ""):
            return _confirm(user)
        form.refuse(WRONG_PASSWORD)
    return render_template(
        "registrations/confirm.html", form=form, user=user, waiting=queries.unconfirmed_of(user)
    )


WRONG_PASSWORD = DomainError(
    "That is not the password of the form. If you did not fill it in, or forgot, "
    "choose a new one: that confirms your address as well.",
    "password",
)


def _confirm(user: User) -> Response:
    confirmed = actions.confirm_newcomer(user, now=clock.now())
    db.session.commit()
    flash(_confirmed(confirmed), "success")
    wanted = local_path(request.args.get("next")) or url_for("registrations.mine")
    return redirect(url_for("accounts.sign_in", next=wanted), code=303)


def _confirmed(registrations: list[Registration]) -> str:
    """Each event and what became of it, in a line."""
    events = [f"{row.event.title}: {OWN[row.state]}." for row in registrations]
    thanks = "Thank you, your address is confirmed."
    return " ".join([thanks, *events, "Sign in to see everything."])


@blueprint.get("/my/")
def mine() -> str:
    found = queries.registrations_of(current_user, clock.now())
    return render_template(
        "registrations/mine.html",
        mine=found,
        places=queries.places_in_line(found.undecided),
        now=clock.now(),
    )


def _own(registration_id: int) -> Registration:
    registration = queries.own_registration(current_user, registration_id)
    visible(registration)
    assert registration  # visible() has answered 404 otherwise
    return registration


@blueprint.route("/my/registrations/<int:registration_id>", methods=["GET", "POST"])
def show(registration_id: int) -> str | Response:
    registration = _own(registration_id)
    form = AnswersForm(registration.event, travels=not registration.is_online)
    if form.validate_on_submit():
        actions.change_answers(registration, form.answers, now=clock.now())
        db.session.commit()
        flash("Your choices are saved.", "success")
        return redirect(url_for(".show", registration_id=registration_id), code=303)
    if not form.is_submitted():
        form.fill(registration, queries.needs_of(registration) if "diet" in form else None)
    return _shown(registration, form)


def _shown(registration: Registration, form: AnswersForm) -> str:
    event, now = registration.event, clock.now()
    state = registration.state_shown(now)
    return render_template(
        "registrations/show.html",
        registration=registration,
        event=event,
        state=state,
        form=form,
        now=now,
        line=line_in_words(registration, now) if state is State.WAITLISTED else "",
        sessions=_sessions_form(registration),
        may_accept=can_accept(registration, now),
        may_cancel=can_cancel(registration, now),
    )


def _sessions_form(registration: Registration) -> SessionsForm | None:
    chosen = queries.choices_by(registration)
    offered = session_choices(registration.event, chosen)
    return SessionsForm(offered, chosen) if offered else None


@blueprint.post("/my/registrations/<int:registration_id>/sessions")
def sessions(registration_id: int) -> Response:
    registration = _own(registration_id)
    form = SessionsForm(session_choices(registration.event))
    if not form.validate():
        raise DomainError("Choose among the sessions that are offered.")
    actions.choose_sessions(registration, form.sessions.data or (), now=clock.now())
    db.session.commit()
    flash("Your sessions are saved.", "success")
    return redirect(url_for(".show", registration_id=registration_id), code=303)


@blueprint.post("/my/registrations/<int:registration_id>/mode")
def mode(registration_id: int) -> Response:
    registration = _own(registration_id)
    is_online = request.form.get("mode") == "online"
    actions.change_mode(registration, is_online=is_online, now=clock.now())
    db.session.commit()
    flash(f"You take part {'online' if is_online else 'on site'}.", "success")
    return redirect(url_for(".show", registration_id=registration_id), code=303)


@blueprint.post("/my/registrations/<int:registration_id>/accept")
def accept(registration_id: int) -> Response:
    registration = _own(registration_id)
    said = actions.accept(registration, now=clock.now())
    db.session.commit()
    flash(said, "success")
    return redirect(url_for(".show", registration_id=registration_id), code=303)


@blueprint.post("/my/registrations/<int:registration_id>/cancel")
def cancel(registration_id: int) -> Response:
    registration = _own(registration_id)
    actions.cancel_registration(registration, actor=current_user, now=clock.now())
    db.session.commit()
    flash(f"Your registration for “{registration.event.title}” is cancelled.", "success")
    return redirect(url_for(".mine"), code=303)
