"""What time does to mails."""

from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs import every
from interact_events.messages import actions


@every(minutes=60)
def forget_old_texts() -> None:
    """Empty the texts of mails that are older than two years, a few at a time."""
    while actions.forget_old_texts(now=clock.now()):
        db.session.commit()
    db.session.commit()
