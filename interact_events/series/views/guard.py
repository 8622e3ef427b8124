"""Loads the template or the series that an address names, for those who may."""

from collections.abc import Callable

from flask_login import current_user

from interact_events.accounts.models import User
from interact_events.accounts.policies import can_view_office
from interact_events.accounts.views.guard import staff_office
from interact_events.core.web.access import visible
from interact_events.events.models import Event
from interact_events.interreg.models import Office
from interact_events.series import queries
from interact_events.series.models import Series

May = Callable[[User, Office], bool]


def office_template(code: str, slug: str, may: May = can_view_office) -> tuple[Office, Event]:
    """One of the templates that the office may use."""
    office = staff_office(code, may)
    template = queries.template_for(office, slug)
    visible(template)
    assert template  # visible() has answered 404 otherwise
    return office, template


def office_series(code: str, number: int, may: May = can_view_office) -> Series:
    series = queries.series_numbered(staff_office(code, may), number)
    visible(series and can_view_office(current_user, series.office))
    assert series  # visible() has answered 404 otherwise
    return series
