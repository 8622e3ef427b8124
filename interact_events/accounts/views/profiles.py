"""A person's contact profiles."""

from flask import Blueprint, render_template

blueprint = Blueprint("profiles", __name__)


@blueprint.get("/my/profiles")
def index() -> str:
    return render_template("accounts/sign_in.html")


@blueprint.route("/my/profiles/new", methods=["GET", "POST"])
def add() -> str:
    return render_template("accounts/sign_in.html")


@blueprint.route("/my/profiles/<int:profile_id>", methods=["GET", "POST"])
def edit(profile_id: int) -> str:
    return render_template("accounts/sign_in.html")


@blueprint.post("/my/profiles/<int:profile_id>/default")
def make_default(profile_id: int) -> str:
    return render_template("accounts/sign_in.html")


@blueprint.post("/my/profiles/<int:profile_id>/retire")
def retire(profile_id: int) -> str:
    return render_template("accounts/sign_in.html")
