"""The edge to the web."""

from interact_events.registrations.views import (
    catalogue,
    changes,
    event_page,
    large_exports,
    office,
    registrations,
    seats,
)

BLUEPRINTS = (
    catalogue.blueprint,
    event_page.blueprint,
    registrations.blueprint,
    changes.blueprint,
    office.blueprint,
    large_exports.blueprint,
    seats.blueprint,
)
