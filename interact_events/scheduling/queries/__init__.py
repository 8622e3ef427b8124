"""Reading what decides whether dates fit."""

from interact_events.scheduling.queries.around import date_rules
from interact_events.scheduling.queries.finding import Wanted, countries_named_by, wish_of
from interact_events.scheduling.queries.plans import TypedDates
from interact_events.scheduling.queries.warnings import (
    Looked,
    dismissed_in,
    looked_at,
    warnings_of,
    warnings_of_typed,
    warnings_once_moved,
)

__all__ = [
    "Looked",
    "TypedDates",
    "Wanted",
    "countries_named_by",
    "date_rules",
    "dismissed_in",
    "looked_at",
    "warnings_of",
    "warnings_of_typed",
    "warnings_once_moved",
    "wish_of",
]
