"""A person's own registrations."""

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response
from werkzeug.exceptions import Unauthorized

from interact_events.accounts.actions import is_password_of
from interact_events.accounts.models import Profile, User
from interact_events.accounts.queries import profiles_of, user_of_token
from interact_events.accounts.rules import CONFIRM_WITHIN
from interact_events.accounts.views.sign_in import enter
from interact_events.core import clock, words
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import local_path, public, settings, visible
from interact_events.core.web.failures import link_over
from interact_events.core.web.limits import GUESSING, MAILING, limiter, was_taken
from interact_events.events.models import Event
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
    bad_code,
    can_accept,
    can_cancel,
    closed_in_words,
    decision_in_words,
    held_in_words,
    is_ahead,
    left_in_words,
    missed_in_words,
    modes_for,
    notice_for,
    only_wait,
    registration_notice,
    seats_left_at,
    seats_left_for,
    standing_for,
    vacancy,
    wrong_code,
)
from interact_events.registrations.queries import Opening
from interact_events.registrations.views.place import (
    has_seat_elsewhere,
    line_in_words,
    session_choices,
)

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
    opening = queries.opening_of(slug, current_user if _is_signed_in() else None)
    visible(opening)
    assert opening  # visible() has answered 404 otherwise
    if "profile" in request.form and not _is_signed_in():
        raise Unauthorized  # a member's form: `stale` keeps it until they have signed in again
    notice = _notice(opening.event)
    if notice:
        if notice != registration_notice(opening.event, clock.now()):  # the page says that one
            flash(notice, "warning")
        return redirect(url_for("event_page.show", slug=slug), code=303)
    return _register_as_member(opening) if _is_signed_in() else _register_as_newcomer(opening)


def _notice(event: Event) -> str:
    """Why whoever looks can't register now."""
    if _is_signed_in():
        return notice_for(event, current_user, clock.now())
    return registration_notice(event, clock.now())


def _code() -> str:
    return request.args.get("invitation", "")[:40]


def _register_as_member(opening: Opening) -> str | Response:
    """At the opening everybody presses at once: a press that is taken asks only what it must."""
    event = opening.event
    standing = queries.standing_registration(event, current_user) if opening.standing else None
    if standing:
        return _standing_page(standing)
    profiles = profiles_of(current_user)
    form = RegisterForm(event, session_choices(event), data={"code": _code()})
    if form.validate_on_submit():
        try:
            return _register(event, form, profiles)
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
            standing = queries.standing_registration(event, current_user)
    return _standing_page(standing) if standing else _member_form(opening, form, profiles)


def _standing_page(standing: Registration) -> Response:
    """Who is registered is shown their registration instead of a form."""
    flash(already(standing, clock.now()), "info")
    return _own_page(standing)


def _own_page(registration: Registration) -> Response:
    return redirect(url_for("registrations.show", registration_id=registration.id), code=303)


def _member_form(opening: Opening, form: RegisterForm, profiles: Sequence[Profile]) -> str:
    """Who may still type a code is not told that they lack one."""
    event, settings = opening.event, opening.settings
    viewer = standing_for(event, settings, profiles, now=clock.now(), is_invited=True)
    answers = answers_for(profiles, viewer)
    if settings.by_invitation:
        _ask_for_code(event, form)
    else:
        del form.code
    seats = seats_left_for(viewer, settings)
    form.offer(answers, modes_for(answers, seats))
    if not form.is_submitted():
        form.wants_news.data = current_user.wants_news
    return render_template(
        "registrations/register.html",
        event=event,
        form=form,
        answers=answers,
        seats=seats,
        only_wait=only_wait(answers),
        vacancy=vacancy(event, settings, clock.now()),
    )


def _ask_for_code(event: Event, form: RegisterForm) -> None:
    """Not of those who are invited by their address; that a link is not theirs is said at once."""
    email, code = current_user.email, _code().upper()
    is_theirs = current_user.confirmed_at is not None
    found = queries.invitation_for(event, email=email, code=code, is_theirs=is_theirs)
    if found and found.email and is_theirs:
        del form.code
        return
    form.code.flags.required = True
    if code and not found and not form.is_submitted():
        form.refuse(DomainError(wrong_code(event, code, email), "code"))


def _look_at_link(event: Event, form: NewcomerForm) -> None:
    """A code that lets in nobody is said before the whole form is filled in."""
    if _code() and not form.is_submitted() and (why := bad_code(event, _code().upper())):
        form.refuse(DomainError(why, "code"))


PROFILE_GONE = "You no longer have the profile that you chose, so nothing was registered."


def _register(event: Event, form: RegisterForm, profiles: Sequence[Profile]) -> Response:
    profile = next((p for p in profiles if p.id == form.profile.data), None)
    if profile is None:
        raise DomainError(PROFILE_GONE, "profile")
    registration = actions.register(profile, event, form.answers, now=clock.now(), is_first=True)
    flash(SENTENCES[registration.state], "success")
    answer = _own_page(registration)
    db.session.commit()
    return answer


def _register_as_newcomer(opening: Opening) -> str | Response:
    event, settings = opening.event, opening.settings
    if settings.after_event_id is not None:
        return _sign_in_first(event, settings.after_event_id)
    form = NewcomerForm(event, session_choices(event), data={"code": _code()})
    if settings.by_invitation:
        form.require_code()
        _look_at_link(event, form)
    else:
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
    form.ask_password_again()
    seats = seats_left_at(event, clock.now())
    form.say_seats_left(seats.modes)
    return render_template(
        "registrations/newcomer.html",
        event=event,
        form=form,
        held=held_in_words(event, clock.now()),
        seats=seats,
        audience=audience(event, queries.rules_of(event, settings)),
        vacancy=vacancy(event, settings, clock.now()),
    )


def _sign_in_first(event: Event, earlier: int) -> Response:
    """Another event comes first: who has a seat there has an account."""
    first = queries.names_for(event).title(earlier)
    flash(f"“{event.title}” is only for people who have a seat at {first}. Sign in first.", "info")
    here = url_for("registrations.register", slug=event.slug, invitation=_code() or None)
    return redirect(url_for("accounts.sign_in", next=here), code=303)


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
@limiter.limit(GUESSING, methods=["POST"])
@public
def confirm(token: str) -> str | Response | tuple[str, int]:
    """Confirms an address, and with it what its owner registered for meanwhile."""
    user = user_of_token("confirm", token, key=settings().secret_key, max_age=CONFIRM_WITHIN)
    if user is None:
        return link_over(NOT_CONFIRMED, "Sign in", url_for("accounts.sign_in"))
    form, now = ConfirmForm(), clock.now()
    missed = [missed_in_words(row.event, now) for row in queries.missed_by(user, now)]
    if form.validate_on_submit():
        if is_password_of(user, form.password.data or ""):
            return _confirm(user, missed, now)
        form.refuse(WRONG_PASSWORD)
    return render_template(
        "registrations/confirm.html",
        form=form,
        user=user,
        waiting=[row for row in queries.unconfirmed_of(user) if is_ahead(row.event, now)],
        missed=missed,
    )


NOT_CONFIRMED = (
    "It works for 24 hours. If you have confirmed your address, simply sign in. If not, signing in "
    "sends you a new link."
)
WRONG_PASSWORD = DomainError(
    "That is not the password of the form. If you did not fill it in, or forgot, "
    "choose a new one: that confirms your address as well.",
    "password",
)


def _confirm(user: User, missed: Sequence[str], now: datetime) -> Response:
    """Link and password together are what signing in asks, and more: they are in at once."""
    confirmed = actions.confirm_newcomer(user, now=now)
    wanted = local_path(request.args.get("next")) or _page_of(confirmed)
    enter(user, now=now)
    db.session.commit()
    flash(" ".join([_confirmed(confirmed), *missed]), "success")
    return redirect(wanted, code=303)


def _page_of(registrations: Sequence[Registration]) -> str:
    """That of the only one, or the list."""
    if len(registrations) == 1:
        return url_for("registrations.show", registration_id=registrations[0].id)
    return url_for("registrations.mine")


def _confirmed(registrations: list[Registration]) -> str:
    """Each event and what became of it, in a line."""
    events = [f"{row.event.title}: {OWN[row.state]}." for row in registrations]
    return " ".join(["Thank you, your address is confirmed, and you are signed in.", *events])


@blueprint.get("/my/")
def mine() -> str:
    found = queries.registrations_of(current_user, clock.now())
    return render_template(
        "registrations/mine.html",
        mine=found,
        places=queries.places_in_line(found.undecided, clock.now()),
        left=queries.left_from(found.past),
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
    has_needs = registration.event.mode.has_place and registration.has_needs
    needs = queries.needs_of(registration) if has_needs else None
    travels = not registration.is_online or needs is not None  # what they wrote is still kept
    form = AnswersForm(registration.event, travels=travels)
    if form.validate_on_submit():
        actions.change_answers(registration, form.answers, now=clock.now())
        db.session.commit()
        flash("Your choices are saved.", "success")
        return redirect(url_for(".show", registration_id=registration_id), code=303)
    if not form.is_submitted():
        form.fill(registration, needs)
    return _shown(registration, form)


def _shown(registration: Registration, form: AnswersForm) -> str:
    event, now = registration.event, clock.now()
    state, closed = registration.state_shown(now), closed_in_words(registration, now)
    rules = queries.seat_rules_of(event)
    return render_template(
        "registrations/show.html",
        registration=registration,
        event=event,
        state=state,
        form=form,
        now=now,
        seats=seats_left_at(event, now) if state is State.PENDING else None,
        line="" if closed or state is not State.WAITLISTED else line_in_words(registration, now),
        closed=closed,
        left=_left_from(registration) if state is State.CANCELLED else None,
        sessions=_sessions_form(registration),
        lost=_lost_sessions(registration, now),
        may_accept=can_accept(registration, now),
        may_cancel=can_cancel(registration, now),
        has_seat_there=has_seat_elsewhere(registration, now),
        decision=decision_in_words(event, rules, now),
        vacancy=vacancy(event, rules, now),
    )


def _left_from(registration: Registration) -> State | None:
    return queries.left_from([registration]).get(registration.id)


def _lost_sessions(registration: Registration, now: datetime) -> str:
    """ "“Sampling” and “Appeals”"."""
    if not registration.event.has_choice:
        return ""
    lost = queries.sessions_lost_by([registration], now)[registration.id]
    return words.listed([f"“{session.title}”" for session in lost])


def _sessions_form(registration: Registration) -> SessionsForm | None:
    if not registration.event.has_choice:
        return None
    now = clock.now()
    chosen = queries.choices_shown(registration, now)
    has_seat = registration.state_shown(now) is State.CONFIRMED
    return SessionsForm(session_choices(registration.event, chosen, has_seat=has_seat), chosen)


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
    said = actions.change_mode(registration, is_online=is_online, now=clock.now())
    db.session.commit()
    flash(said, "success")
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
    said, seen = left_in_words(registration, clock.now()), request.args.get("seen", "")
    actions.cancel_registration(registration, actor=current_user, now=clock.now(), seen=seen)
    db.session.commit()
    flash(said, "success")
    return redirect(url_for(".mine"), code=303)
