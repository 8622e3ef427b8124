"""The edge to the web."""

from interact_events.planning.views import board, events, handing, moving, workload

BLUEPRINTS = (
    board.blueprint,
    events.blueprint,
    moving.blueprint,
    handing.blueprint,
    workload.blueprint,
)
