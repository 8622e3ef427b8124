"""The edge to the web."""

from interact_events.certificates.views import office, public

BLUEPRINTS = (public.blueprint, office.blueprint)
