"""The edge to the web."""

from interact_events.checklists.views import checklist
from interact_events.checklists.views import parts as parts

BLUEPRINTS = (checklist.blueprint,)
