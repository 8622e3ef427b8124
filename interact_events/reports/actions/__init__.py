"""Loading the demo."""

from interact_events.reports.actions.load import (
    is_demo_loaded,
    load_demo,
    number_of_events,
)

__all__ = ["is_demo_loaded", "load_demo", "number_of_events"]
