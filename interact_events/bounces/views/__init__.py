"""The edge to the web."""

from interact_events.bounces.views import addresses

BLUEPRINTS = (addresses.blueprint,)
