"""The edge to the web."""

from interact_events.nominations.views import coordinators, handovers, programmes

BLUEPRINTS = (handovers.blueprint, programmes.blueprint, coordinators.blueprint)
