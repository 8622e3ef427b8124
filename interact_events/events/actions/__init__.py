"""What the offices do with events; nothing here tells registrants, their feature does."""

from interact_events.events.actions.agenda import add_session, remove_session, save_session
from interact_events.events.actions.copying import Elsewhere, duplicate_event
from interact_events.events.actions.history import described
from interact_events.events.actions.publishing import (
    cancel_event,
    delete_draft,
    on_publication,
    publish_event,
)
from interact_events.events.actions.refusals import (
    CANCELLED,
    check_event,
    check_registration_times,
    refuse_cancelled,
    refuse_fewer_seats,
    refuse_template,
)
from interact_events.events.actions.saving import (
    change_co_organisers,
    change_office,
    create_event,
    on_creation,
    save_event,
)
from interact_events.events.actions.values import (
    EventValues,
    SessionValues,
    session_values,
    values_of,
)

__all__ = [
    "CANCELLED",
    "Elsewhere",
    "EventValues",
    "SessionValues",
    "add_session",
    "cancel_event",
    "change_co_organisers",
    "change_office",
    "check_event",
    "check_registration_times",
    "create_event",
    "delete_draft",
    "described",
    "duplicate_event",
    "on_creation",
    "on_publication",
    "publish_event",
    "refuse_cancelled",
    "refuse_fewer_seats",
    "refuse_template",
    "remove_session",
    "save_event",
    "save_session",
    "session_values",
    "values_of",
]
