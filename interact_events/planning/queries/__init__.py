"""Reading the plan of all offices."""

from interact_events.planning.queries.board import (
    Change,
    PlanFilters,
    Since,
    changes_since,
    planned,
    planned_event,
    seen_until,
    visit_of,
)
from interact_events.planning.queries.handing import (
    event_handed_on,
    leads_of,
    offer_numbered,
    offers_between,
    offers_of,
    open_offers,
)
from interact_events.planning.queries.moving import changed_after, events_around, latest_entry
from interact_events.planning.queries.own_data import own_planning
from interact_events.planning.queries.workload import Load, workload

__all__ = [
    "Change",
    "Load",
    "PlanFilters",
    "Since",
    "changed_after",
    "changes_since",
    "event_handed_on",
    "events_around",
    "latest_entry",
    "leads_of",
    "offer_numbered",
    "offers_between",
    "offers_of",
    "open_offers",
    "own_planning",
    "planned",
    "planned_event",
    "seen_until",
    "visit_of",
    "workload",
]
