"""Reading events for calendars, and what offices plan."""

from interact_events.calendars.queries.feeds import ENTRIES_ALONE, last_end, with_entries, years
from interact_events.calendars.queries.imports import (
    countries_by_code,
    events_known_as,
    events_of_sessions,
    import_of,
    imports_of,
    is_waiting,
    known_at,
)
from interact_events.calendars.queries.personal import (
    address_of,
    feed_name,
    own_address,
    registrations_of,
    token_of_address,
    user_of_address,
)

__all__ = [
    "ENTRIES_ALONE",
    "address_of",
    "countries_by_code",
    "events_known_as",
    "events_of_sessions",
    "feed_name",
    "import_of",
    "imports_of",
    "is_waiting",
    "known_at",
    "last_end",
    "own_address",
    "registrations_of",
    "token_of_address",
    "user_of_address",
    "with_entries",
    "years",
]
