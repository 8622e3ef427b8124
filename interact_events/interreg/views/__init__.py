"""The edge to the web."""

from interact_events.interreg.views import admin, pages

BLUEPRINTS = (admin.blueprint, pages.blueprint)
