"""Changes of an event that its registrants feel."""

from flask import Blueprint

blueprint = Blueprint("changes", __name__)


@blueprint.route("/offices/<code>/events/<slug>/edit", methods=["GET", "POST"])
def edit(code: str, slug: str) -> str:
    return code + slug


@blueprint.route("/offices/<code>/events/<slug>/cancel", methods=["GET", "POST"])
def cancel(code: str, slug: str) -> str:
    return code + slug
