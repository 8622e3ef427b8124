"""The edge to the web."""

from interact_events.reports.views import dashboard

BLUEPRINTS = (dashboard.blueprint,)
