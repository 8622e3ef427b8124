"""When to meet, decided over plain data: days off, warnings about dates, the best dates."""

from interact_events.scheduling.rules.days_off import (
    WEEKEND,
    Calendar,
    Closed,
    changed_by,
    main_zone,
    public_calendar,
)
from interact_events.scheduling.rules.finding import Found, Obstacle, Proposal, Wish, find
from interact_events.scheduling.rules.plans import Around, Named, Plan, Slot, named, speakers_of
from interact_events.scheduling.rules.warnings import BETWEEN_EVENTS, DateWarning, Kind, warnings

__all__ = [
    "BETWEEN_EVENTS",
    "WEEKEND",
    "Around",
    "Calendar",
    "Closed",
    "DateWarning",
    "Found",
    "Kind",
    "Named",
    "Obstacle",
    "Plan",
    "Proposal",
    "Slot",
    "Wish",
    "changed_by",
    "find",
    "main_zone",
    "named",
    "public_calendar",
    "speakers_of",
    "warnings",
]
