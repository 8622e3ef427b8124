"""Work in the background, and by the clock."""

from interact_events.attendance.jobs.desk import forget_ticks
from interact_events.attendance.jobs.evidence import sweep_evidence
from interact_events.attendance.jobs.imports import forget_reports, sweep_reports
from interact_events.attendance.jobs.paper import make_paper

__all__ = ["forget_reports", "forget_ticks", "make_paper", "sweep_evidence", "sweep_reports"]
