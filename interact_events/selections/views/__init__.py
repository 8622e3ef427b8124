"""The edge to the web."""

from interact_events.selections.views import board, decide

BLUEPRINTS = (board.blueprint, decide.blueprint)
