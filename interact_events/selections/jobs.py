"""Deciding on more people than a request should wait for."""

from interact_events.accounts.models import User
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs import Job, report, task
from interact_events.events.models import Event
from interact_events.selections.actions import decide_selection


@task
def decide_in_background(job: Job, event_id: int, people: int, seen: str, override: str) -> str:
    """One transaction, which ends with the job's own: a crash leaves nothing half decided, and
    running it again decides once."""
    report(job, 0, people)
    event = db.session.get_one(Event, event_id)
    actor = db.session.get_one(User, job.owner_id)
    selection = decide_selection(event, seen=seen, actor=actor, now=clock.now(), override=override)
    job.done = job.total
    if selection is None:
        return "This was decided already."
    return "Everything is decided. Until the mails leave you can undo it on the board."
