"""The service worker, which opens a desk again while there is no connection."""

from flask import Blueprint, Response, current_app

from interact_events.core.web.access import public

blueprint = Blueprint("worker", __name__)


@blueprint.get("/check-in-worker.js")
@public
def script() -> Response:
    """At the top of the site: it has to see that somebody signs out, to forget their lists."""
    response = current_app.send_static_file("js/check-in-worker.js")
    response.headers["Cache-Control"] = "no-cache"
    return response
