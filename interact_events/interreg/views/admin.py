"""Pages where the secretariat edits the network's data."""

from flask import Blueprint, render_template
from werkzeug import Response

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.get("/")
def index() -> str:
    return render_template("interreg/admin/index.html")


@blueprint.get("/<table>")
def listing(table: str) -> str:
    return render_template("interreg/admin/index.html")


@blueprint.route("/<table>/new", methods=["GET", "POST"])
def add(table: str) -> str:
    return render_template("interreg/admin/index.html")


@blueprint.route("/<table>/<int:row_id>", methods=["GET", "POST"])
def edit(table: str, row_id: int) -> str:
    return render_template("interreg/admin/index.html")


@blueprint.post("/<table>/<int:row_id>/retire")
def retire(table: str, row_id: int) -> Response:
    return Response()
