"""The edge to the web."""

from interact_events.registrations.views import changes, event_page, office, registrations, seats

BLUEPRINTS = (
    event_page.blueprint,
    registrations.blueprint,
    changes.blueprint,
    office.blueprint,
    seats.blueprint,
)
