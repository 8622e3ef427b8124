"""The edge to the web."""

from interact_events.scheduling.views import closures, finding, warnings

BLUEPRINTS = (warnings.blueprint, finding.blueprint)
TABLES = closures.TABLES
