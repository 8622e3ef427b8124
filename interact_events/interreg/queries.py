"""Reading the network's data."""

from sqlalchemy import select

from interact_events.core.db import db
from interact_events.interreg.models import Office


def office_by_code(code: str) -> Office | None:
    return db.session.scalar(select(Office).where(Office.code == code))
