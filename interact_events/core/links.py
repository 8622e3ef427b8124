"""Addresses for mails and PDFs: from BASE_URL, never from what a request claims as its host."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import current_app
from werkzeug.routing import Map, MapAdapter

if TYPE_CHECKING:
    from interact_events.config import Settings


def url(endpoint: str, **values: Any) -> str:
    """The absolute address of a view."""
    settings: Settings = current_app.extensions["settings"]
    adapter = _adapter(current_app.url_map, settings.base_url)
    return adapter.build(endpoint, values, force_external=True)


@lru_cache(maxsize=4)
def _adapter(urls: Map, base_url: str) -> MapAdapter:
    base = urlsplit(base_url)
    return urls.bind(base.netloc, base.path or "/", url_scheme=base.scheme)
