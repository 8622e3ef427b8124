"""Signing up, in and out, and a new password for who has forgotten theirs."""

from datetime import datetime

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug import Response

from interact_events.accounts import actions
from interact_events.accounts.forms import ForgotForm, ResetForm, SignInForm, SignUpForm
from interact_events.accounts.models import User
from interact_events.accounts.queries import (
    demo_accounts,
    sign_token,
    token_hash,
    user_of_token,
    user_signed_in,
)
from interact_events.accounts.rules import DEMO_PASSWORD, RESET_WITHIN
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.web.access import local_path, login_manager, public
from interact_events.core.web.access import settings as site_settings
from interact_events.core.web.failures import link_over
from interact_events.core.web.limits import GUESSING, MAILING, limiter

blueprint = Blueprint("accounts", __name__)

GUESSING_ONE_ACCOUNT = "20 per hour"  # from wherever the tries come
MAILING_ONE_ADDRESS = "10 per hour"


@login_manager.user_loader  # type: ignore[untyped-decorator]  # Flask-Login has no types
def load_user(token: str) -> User | None:
    g.sign_in = token_hash(token)  # a page is kept only while it lasts (`web.kept`)
    return user_signed_in(g.sign_in, now=clock.now())


def enter(user: User, *, now: datetime) -> None:
    """Sign this browser in: nothing of the session before survives, not even its token."""
    leave()
    session["_user_id"] = actions.begin_sign_in(user, now=now)
    session["_fresh"] = True
    session.permanent = True


def leave() -> None:
    """Sign this browser out."""
    if token := session.get("_user_id"):
        actions.end_sign_in(token)
    session.clear()


def home_of(user: User) -> str:
    """Where a person's work is."""
    if user.is_coordinator:
        return url_for("dashboard.offices")
    if user.offices:
        return url_for("dashboard.office", code=user.offices[0].code)
    return url_for("registrations.mine")


def _address_typed() -> str:
    return "address " + request.form.get("email", "").strip().lower()


def _was_refused(response: Response) -> bool:
    """Only failures count: forty people in one room may sign in at the same minute."""
    return response.status_code != 303


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(GUESSING, methods=["POST"], deduct_when=_was_refused)
@limiter.limit(
    GUESSING_ONE_ACCOUNT, key_func=_address_typed, methods=["POST"], deduct_when=_was_refused
)
@public
def sign_in() -> str | Response:
    form = SignInForm()
    if current_user.is_authenticated and request.method == "GET":
        return redirect(home_of(current_user))
    if form.validate_on_submit():
        user = actions.user_with_password(form.email.data or "", form.password.data or "")
        if user:
            return _let_in(user, clock.now())
        form.refuse(DomainError("That address and that password do not belong together."))
    demo = demo_accounts() if site_settings().is_demo else []
    return render_template(
        "accounts/sign_in.html", form=form, demo_accounts=demo, demo_password=DEMO_PASSWORD
    )


def _let_in(user: User, now: datetime) -> Response:
    """In, or to the mailbox first."""
    wanted = local_path(request.args.get("next"))
    if user.confirmed_at is None:
        actions.ask_to_confirm(user, next_path=wanted or "", now=now)
        db.session.commit()
        flash("Your address is not confirmed yet. We have sent you the link again.", "warning")
        return redirect(url_for("accounts.check_mail"), code=303)
    enter(user, now=now)
    db.session.commit()
    return redirect(wanted or home_of(user), code=303)


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    leave()
    db.session.commit()
    flash("You are signed out.", "success")
    return redirect(url_for("events.home"), code=303)


@blueprint.route("/sign-up", methods=["GET", "POST"])
@limiter.limit(MAILING, methods=["POST"])
@limiter.limit(MAILING_ONE_ADDRESS, key_func=_address_typed, methods=["POST"])
@public
def sign_up() -> str | Response:
    form = SignUpForm()
    if form.validate_on_submit():
        actions.sign_up(
            email=form.email.data or "",
            name=form.name.data or "",
            password=form.password.data or "",
            zone=form.chosen_zone,
            next_path=local_path(request.args.get("next")) or "",
            now=clock.now(),
        )
        db.session.commit()
        return redirect(url_for("accounts.check_mail"), code=303)
    return render_template("accounts/sign_up.html", form=form)


@blueprint.get("/check-mail")
@public
def check_mail() -> str:
    settings = site_settings()
    keeps_mails = settings.mail_url is None and not settings.is_production
    return render_template("accounts/check_mail.html", keeps_mails=keeps_mails)


@blueprint.route("/reset-password", methods=["GET", "POST"])
@limiter.limit(MAILING, methods=["POST"])
@limiter.limit(MAILING_ONE_ADDRESS, key_func=_address_typed, methods=["POST"])
@public
def forgot() -> str | Response:
    form = ForgotForm()
    if form.validate_on_submit():
        actions.forget_password(form.email.data or "", now=clock.now())
        db.session.commit()
        return redirect(url_for("accounts.check_mail"), code=303)
    return render_template("accounts/forgot.html", form=form)


@blueprint.route("/reset-password/<token>", methods=["GET", "POST"])
@limiter.limit(GUESSING, methods=["POST"])
@public
def reset(token: str) -> str | Response | tuple[str, int]:
    key = site_settings().secret_key
    user = user_of_token("reset", token, key=key, max_age=RESET_WITHIN)
    if user is None:
        again = url_for("accounts.forgot")
        return link_over("Ask for a new one.", "Ask for a new link", again)
    form = ResetForm()
    if form.validate_on_submit():
        try:
            actions.reset_password(user, form.password.data or "", now=clock.now())
        except DomainError as refusal:
            db.session.rollback()
            form.refuse(refusal)
        else:
            db.session.commit()
            return _after_reset(user)
    return render_template("accounts/reset.html", form=form)


def _after_reset(user: User) -> Response:
    """Who never confirmed the address has come by a mailed link now: one more button does it."""
    if user.confirmed_at is None:
        token = sign_token("confirm", user, key=site_settings().secret_key)
        return redirect(url_for("registrations.confirm", token=token), code=303)
    flash("Your new password is set. Sign in with it.", "success")
    return redirect(url_for("accounts.sign_in"), code=303)
