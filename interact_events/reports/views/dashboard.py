"""What an office has to do now."""

from flask import Blueprint, render_template
from flask_login import current_user

from interact_events.accounts.views.guard import staff_office

blueprint = Blueprint("dashboard", __name__)


@blueprint.get("/offices/")
def offices() -> str:
    return render_template("reports/offices.html", offices=current_user.offices)


@blueprint.get("/offices/<code>/")
def office(code: str) -> str:
    return render_template("reports/office.html", office=staff_office(code))
