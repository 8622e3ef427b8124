"""Whether the process lives, and whether it can do its work."""

from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from interact_events.core.db import db
from interact_events.core.web.access import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def alive() -> Response:
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def ready() -> Response | tuple[Response, int]:
    """The database answers and has its tables."""
    try:
        db.session.execute(text("SELECT 1 FROM alembic_version"))
    except Exception:  # noqa: BLE001  # whatever it is, we are not ready
        db.session.rollback()
        return jsonify(status="the database does not answer"), 503
    return jsonify(status="ok")
