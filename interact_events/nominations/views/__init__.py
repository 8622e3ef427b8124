"""The edge to the web."""

from interact_events.nominations.views import answers, coordinators, handovers, programmes

BLUEPRINTS = (
    handovers.blueprint,
    programmes.blueprint,
    answers.blueprint,
    coordinators.blueprint,
)
