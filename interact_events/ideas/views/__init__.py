"""The edge to the web."""

from interact_events.ideas.views import board, caring, planning, proposals

BLUEPRINTS = (board.blueprint, proposals.blueprint, caring.blueprint, planning.blueprint)
