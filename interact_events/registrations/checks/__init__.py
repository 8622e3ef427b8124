"""What does not add up: counts and limits of events recomputed from the rows. Only reads."""

from interact_events.registrations.checks.found import findings, totals

__all__ = ["findings", "totals"]
