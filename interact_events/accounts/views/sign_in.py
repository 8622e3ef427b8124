"""Signing up, in and out."""

from flask import Blueprint, render_template

from interact_events.accounts.models import User
from interact_events.accounts.queries import token_hash, user_signed_in
from interact_events.core import clock
from interact_events.core.web.access import login_manager, public

blueprint = Blueprint("accounts", __name__)


@login_manager.user_loader  # type: ignore[untyped-decorator]  # Flask-Login has no types
def load_user(token: str) -> User | None:
    return user_signed_in(token_hash(token), now=clock.now())


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> str:
    return render_template("accounts/sign_in.html")


@blueprint.post("/sign-out")
@public
def sign_out() -> str:
    return render_template("accounts/sign_in.html")


@blueprint.route("/sign-up", methods=["GET", "POST"])
@public
def sign_up() -> str:
    return render_template("accounts/sign_in.html")


@blueprint.get("/check-mail")
@public
def check_mail() -> str:
    return render_template("accounts/sign_in.html")


@blueprint.route("/reset-password", methods=["GET", "POST"])
@public
def forgot() -> str:
    return render_template("accounts/sign_in.html")


@blueprint.route("/reset-password/<token>", methods=["GET", "POST"])
@public
def reset(token: str) -> str:
    return render_template("accounts/sign_in.html")


@blueprint.route("/my/settings", methods=["GET", "POST"])
def settings() -> str:
    return render_template("accounts/sign_in.html")
