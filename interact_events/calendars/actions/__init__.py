"""What offices do with files of planned events, and people with their own calendars."""

from interact_events.calendars.actions.addresses import (
    forget_address,
    make_address,
    stop_address,
)
from interact_events.calendars.actions.imports import (
    GONE,
    LABELS,
    LOOK_AGAIN,
    Change,
    Line,
    Outcome,
    Preview,
    add_import,
    apply_import,
    discard_import,
    forget_imports,
    keep_known,
    preview,
)

__all__ = [
    "GONE",
    "LABELS",
    "LOOK_AGAIN",
    "Change",
    "Line",
    "Outcome",
    "Preview",
    "add_import",
    "apply_import",
    "discard_import",
    "forget_address",
    "forget_imports",
    "keep_known",
    "make_address",
    "preview",
    "stop_address",
]
