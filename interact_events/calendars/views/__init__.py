"""The edge to the web."""

from interact_events.calendars.views import feeds, imports, pages, subscribing

BLUEPRINTS = (feeds.blueprint, subscribing.blueprint, pages.blueprint, imports.blueprint)
