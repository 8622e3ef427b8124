"""The edge to the web."""

from interact_events.series.views import parts as parts
from interact_events.series.views import series, templates, together

BLUEPRINTS = (templates.blueprint, series.blueprint, together.blueprint)
