"""Files of evidence that belong to nothing."""

from interact_events.attendance.actions import EVIDENCE
from interact_events.attendance.queries import evidence_names
from interact_events.core import clock, files
from interact_events.core.jobs import every


@every(minutes=60)
def sweep_evidence() -> None:
    """Remove files of evidence that belong to nothing any more, a day after they came."""
    files.sweep(EVIDENCE, evidence_names, clock.now())
