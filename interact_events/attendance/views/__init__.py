"""The edge to the web."""

from interact_events.attendance.views import attendance

BLUEPRINTS = (attendance.blueprint,)
