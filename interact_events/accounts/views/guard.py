"""Loads the office that an address names, for those who may."""

from collections.abc import Callable

from flask_login import current_user

from interact_events.accounts.models import User
from interact_events.accounts.policies import can_view_office
from interact_events.core.web.access import permitted, visible
from interact_events.interreg.models import Office
from interact_events.interreg.queries import office_by_code


def staff_office(code: str, may: Callable[[User, Office], bool] = can_view_office) -> Office:
    """The office; 404 for strangers to it, 403 for staff who may not do this."""
    office = office_by_code(code)
    visible(office and can_view_office(current_user, office))
    assert office  # visible() has answered 404 otherwise
    permitted(may(current_user, office))
    return office
