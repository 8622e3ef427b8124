"""The edge to the web."""

from interact_events.materials.views import office, public

BLUEPRINTS = (office.blueprint, public.blueprint)
