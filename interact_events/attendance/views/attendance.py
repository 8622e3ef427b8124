"""The list from which staff tick who is there."""

from flask import Blueprint

blueprint = Blueprint("attendance", __name__, url_prefix="/offices/<code>/events/<slug>/attendance")


@blueprint.get("")
def index(code: str, slug: str) -> str:
    return f"{code} {slug}"


@blueprint.post("/<int:session_id>/<int:registration_id>")
def tick(code: str, slug: str, session_id: int, registration_id: int) -> str:
    return f"{code} {slug} {session_id} {registration_id}"
