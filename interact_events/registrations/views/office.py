"""The staff's list of one event's registrations."""

from flask import Blueprint

blueprint = Blueprint("office_registrations", __name__)


@blueprint.get("/offices/<code>/events/<slug>/registrations")
def index(code: str, slug: str) -> str:
    return code + slug


@blueprint.post("/offices/<code>/events/<slug>/registrations/decide")
def decide(code: str, slug: str) -> str:
    return code + slug


@blueprint.route("/offices/<code>/events/<slug>/registrations/add", methods=["GET", "POST"])
def add(code: str, slug: str) -> str:
    return code + slug


@blueprint.get("/offices/<code>/events/<slug>/registrations.<any(csv, xlsx):kind>")
def export(code: str, slug: str, kind: str) -> str:
    return code + slug + kind
