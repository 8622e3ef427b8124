"""Words, links and safe Markdown for templates."""

from typing import Any
from urllib.parse import urlencode

import nh3
from flask import Flask, request
from flask_login import current_user
from markdown_it import MarkdownIt
from markupsafe import Markup

from interact_events.core import clock, words

MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
TAGS = {
    *("p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}


def markdown(text: str, top: int = 3) -> Markup:
    """Markdown as safe HTML; its largest headings get the level `top`, below the page's own."""
    tokens = MARKDOWN.parse(text)
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    largest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(6, int(token.tag[1]) - largest + top)}"
    html = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    clean = nh3.clean(html, tags=TAGS, attributes={"a": {"href"}, "ol": {"start"}})
    return Markup(clean)  # noqa: S704  # cleaned just above


def same_page(**changes: Any) -> str:
    """This page's address with some query parameters changed; None removes one."""
    query = request.args.to_dict(flat=False) | {
        key: value if isinstance(value, list) else [value] for key, value in changes.items()
    }
    kept = {key: [v for v in values if v not in (None, "")] for key, values in query.items()}
    pairs = [(key, value) for key, values in kept.items() for value in values]
    return request.path + (f"?{urlencode(pairs)}" if pairs else "")


def viewer_zone() -> str | None:
    """The signed-in person's zone."""
    return current_user.zone if current_user.is_authenticated else None


def init_app(app: Flask) -> None:
    app.jinja_env.filters |= {"markdown": markdown}
    app.jinja_env.globals |= {
        "words": words,
        "clock": clock,
        "same_page": same_page,
        "viewer_zone": viewer_zone,
    }
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
