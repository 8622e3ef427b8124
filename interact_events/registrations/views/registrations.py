"""A person's own registrations."""

from flask import Blueprint

from interact_events.core.web.access import public

blueprint = Blueprint("registrations", __name__)


@blueprint.route("/events/<slug>/register", methods=["GET", "POST"])
@public
def register(slug: str) -> str:
    return slug


@blueprint.get("/my/")
def mine() -> str:
    return ""


@blueprint.route("/my/registrations/<int:registration_id>", methods=["GET", "POST"])
def show(registration_id: int) -> str:
    return str(registration_id)


@blueprint.post("/my/registrations/<int:registration_id>/cancel")
def cancel(registration_id: int) -> str:
    return str(registration_id)


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> str:
    return token
