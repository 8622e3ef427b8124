"""The office sees who gets a certificate, and issues them."""

from flask import Blueprint

blueprint = Blueprint(
    "office_certificates", __name__, url_prefix="/offices/<code>/events/<slug>/certificates"
)


@blueprint.get("")
def index(code: str, slug: str) -> str:
    return f"{code} {slug}"


@blueprint.post("/issue")
def issue(code: str, slug: str) -> str:
    return f"{code} {slug}"
