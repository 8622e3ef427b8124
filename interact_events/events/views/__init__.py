"""The edge to the web."""

from interact_events.events.views import office

BLUEPRINTS = (office.blueprint,)
