"""Work by the clock."""

from interact_events.accounts import actions
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs import every


@every(minutes=60)
def purge_sign_ins() -> None:
    """Forget sign-ins that are over."""
    actions.purge_sign_ins(now=clock.now())
    db.session.commit()
