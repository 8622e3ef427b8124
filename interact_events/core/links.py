"""Addresses for mails and PDFs: from BASE_URL, never from what a request claims as its host."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import current_app

if TYPE_CHECKING:
    from interact_events.config import Settings


def url(endpoint: str, **values: Any) -> str:
    """The absolute address of a view."""
    settings: Settings = current_app.extensions["settings"]
    base = urlsplit(settings.base_url)
    adapter = current_app.url_map.bind(base.netloc, base.path or "/", url_scheme=base.scheme)
    return adapter.build(endpoint, values, force_external=True)
