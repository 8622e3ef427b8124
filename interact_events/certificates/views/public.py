"""Certificates for everybody to verify and for their owners to fetch."""

from flask import Blueprint

from interact_events.core.web.access import public

blueprint = Blueprint("certificates", __name__)


@blueprint.route("/certificates/verify", methods=["GET", "POST"])
@public
def verify() -> str:
    return ""


@blueprint.get("/certificates/verify/<code>")
@public
def verified(code: str) -> str:
    return code


@blueprint.get("/certificates/<code>.pdf")
def download(code: str) -> str:
    return code


@blueprint.get("/my/certificates")
def mine() -> str:
    return ""
