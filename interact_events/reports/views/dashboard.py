"""What an office has to do now."""

from flask import Blueprint, render_template
from flask_login import current_user

from interact_events.accounts.policies import can_edit_in_office
from interact_events.accounts.views.guard import staff_office
from interact_events.core import clock
from interact_events.core.web.access import settings, visible
from interact_events.ideas.queries import waiting_for_staff
from interact_events.interreg.queries import offices as all_offices
from interact_events.messages.queries import events_in_trouble, in_trouble
from interact_events.planning.queries import offers_between
from interact_events.reports.queries import dashboard, office_lines

blueprint = Blueprint("dashboard", __name__)


@blueprint.get("/offices/")
def offices() -> str:
    mine = all_offices() if current_user.is_coordinator else current_user.offices
    visible(mine)
    return render_template(
        "reports/offices.html",
        lines=office_lines(mine, clock.now()),
        in_trouble=in_trouble() if current_user.is_coordinator else 0,
        keeps_mails=settings().mail_url is None,
    )


@blueprint.get("/offices/<code>/")
def office(code: str) -> str:
    home = staff_office(code)
    now = clock.now()
    return render_template(
        "reports/office.html",
        office=home,
        todo=dashboard(home, now),
        in_trouble=events_in_trouble(home),
        ideas_waiting=waiting_for_staff(home),
        offers=offers_between(home, now),
        may_edit=can_edit_in_office(current_user, home),
        now=now,
        keeps_mails=settings().mail_url is None,
    )
