"""The edge to the web."""

from interact_events.news.views import news

BLUEPRINTS = (news.blueprint,)
