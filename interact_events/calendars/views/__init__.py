"""The edge to the web."""

from interact_events.calendars.views import feeds

BLUEPRINTS = (feeds.blueprint,)
