"""Files of planned events, and people’s own calendars."""

from interact_events.calendars.models.addresses import (
    CalendarAddress,
)
from interact_events.calendars.models.imports import (
    EventImport,
    ImportedEvent,
)

__all__ = [
    "CalendarAddress",
    "EventImport",
    "ImportedEvent",
]
