"""Who works in an office, and who is asked to."""

from flask import Blueprint, render_template

from interact_events.accounts.views.guard import staff_office
from interact_events.core.web.access import public

blueprint = Blueprint("staff", __name__)


@blueprint.get("/offices/<code>/staff")
def index(code: str) -> str:
    staff_office(code)
    return render_template("accounts/sign_in.html")


@blueprint.post("/offices/<code>/staff/invite")
def invite(code: str) -> str:
    staff_office(code)
    return render_template("accounts/sign_in.html")


@blueprint.post("/offices/<code>/staff/<int:membership_id>/end")
def end(code: str, membership_id: int) -> str:
    staff_office(code)
    return render_template("accounts/sign_in.html")


@blueprint.post("/offices/<code>/staff/invitations/<int:invitation_id>/withdraw")
def withdraw(code: str, invitation_id: int) -> str:
    staff_office(code)
    return render_template("accounts/sign_in.html")


@blueprint.route("/invitations/<token>", methods=["GET", "POST"])
@public
def accept(token: str) -> str:
    return render_template("accounts/sign_in.html")


@blueprint.get("/admin/coordinators")
def coordinators() -> str:
    return render_template("accounts/sign_in.html")
