"""Words, links and Markdown for templates."""

from collections.abc import Iterable, MutableMapping
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request
from flask.templating import Environment
from flask_login import current_user
from markupsafe import Markup

from interact_events.core import clock, words
from interact_events.core.markdown import markdown


def same_page(**changes: Any) -> str:
    """This page's address with some query parameters changed; None removes one."""
    query = request.args.to_dict(flat=False) | {
        key: value if isinstance(value, list) else [value] for key, value in changes.items()
    }
    kept = {key: [v for v in values if v not in (None, "")] for key, values in query.items()}
    pairs = [(key, value) for key, values in kept.items() for value in values]
    return request.path + (f"?{urlencode(pairs)}" if pairs else "")


def marked_tabs(tabs: Iterable[tuple[str, ...]]) -> list[tuple[str, str, str]]:
    """Each tab's text, address and `aria-current`: "page" here, "true" where this page is below.

    A tab is a text, its address, and those of pages that stand elsewhere but belong to it.
    """
    rows = [(text, addresses) for text, *addresses in tabs]
    known = [address for _, addresses in rows for address in addresses if _is_above(address)]
    nearest = max(known, key=len, default="")
    marks = ("page" if request.path == a[0] else "true" if nearest in a else "" for _, a in rows)
    return [(text, a[0], mark) for (text, a), mark in zip(rows, marks, strict=True)]


def _is_above(address: str) -> bool:
    return f"{request.path}/".startswith(f"{address.rstrip('/')}/")


def viewer_zone() -> str | None:
    """The signed-in person's zone."""
    return current_user.zone if current_user.is_authenticated else None


def breakable(address: str) -> Markup:
    """An e-mail address that a narrow column parts at its @ rather than anywhere."""
    return Markup("<wbr>@").join(address.rsplit("@", 1))


class Templates(Environment):
    """All templates have the same globals, as no template has any of its own: one dictionary.

    The library would look at every name of theirs, in two dictionaries, for each part of a page.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def init_app(app: Flask) -> None:
    app.jinja_env.filters |= {"markdown": markdown, "breakable": breakable}
    app.jinja_env.globals |= {
        "words": words,
        "clock": clock,
        "same_page": same_page,
        "marked_tabs": marked_tabs,
        "viewer_zone": viewer_zone,
    }
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
