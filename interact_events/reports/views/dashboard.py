"""What an office has to do now."""

from flask import Blueprint, render_template
from flask_login import current_user

from interact_events.accounts.policies import can_edit_in_office
from interact_events.accounts.views.guard import staff_office
from interact_events.core import clock
from interact_events.core.web.access import visible
from interact_events.interreg.queries import offices as all_offices
from interact_events.reports.queries import dashboard, office_lines

blueprint = Blueprint("dashboard", __name__)


@blueprint.get("/offices/")
def offices() -> str:
    mine = all_offices() if current_user.is_coordinator else current_user.offices
    visible(mine)
    return render_template("reports/offices.html", lines=office_lines(mine, clock.now()))


@blueprint.get("/offices/<code>/")
def office(code: str) -> str:
    home = staff_office(code)
    now = clock.now()
    return render_template(
        "reports/office.html",
        office=home,
        todo=dashboard(home, now),
        may_edit=can_edit_in_office(current_user, home),
        now=now,
    )
