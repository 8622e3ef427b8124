"""The edge to the web."""

from interact_events.events.views import office, public

BLUEPRINTS = (public.blueprint, office.blueprint)
