"""Markdown as safe HTML and as plain text, and values that stay what they are within it."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

ADDRESS = re.compile(r"""(https?://[^\s<>"]*[^\s<>"'.,;:!?)\]])""")
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
TAGS = {
    *("p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
PUNCTUATION = r"[!-/:-@\[-`{-~]"
LINK = re.compile(r"(?<!\\)\[((?:\\.|[^\[\]\\])+)\]\(((?:\\.|[^()\s\\])+)\)")


def markdown(text: str, top: int = 3, *, link_addresses: bool = False) -> Markup:
    """Markdown as safe HTML; its largest headings get the level `top`, below the page's own."""
    tokens = MARKDOWN.parse(text)
    if link_addresses:
        for inline in (token for token in tokens if token.type == "inline"):
            inline.children = list(_linked(inline.children or []))
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    largest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(6, int(token.tag[1]) - largest + top)}"
    html = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    clean = nh3.clean(html, tags=TAGS, attributes={"a": {"href"}, "ol": {"start"}})
    return Markup(clean)  # noqa: S704  # cleaned just above


def _linked(tokens: Iterable[Token]) -> Iterator[Token]:
    """The same with web addresses that stand in the text as links."""
    depth = 0
    for token in tokens:
        depth += token.nesting if token.type.startswith("link_") else 0
        if token.type != "text" or depth:
            yield token
            continue
        for n, piece in enumerate(ADDRESS.split(token.content)):
            yield from _as_link(piece) if n % 2 else [Token("text", "", 0, content=piece)]


def _as_link(address: str) -> Iterator[Token]:
    yield Token("link_open", "a", 1, attrs={"href": address})
    yield Token("text", "", 0, content=address)
    yield Token("link_close", "a", -1)


def escaped(value: Any) -> str:
    """A value on one line in which no character is Markdown's."""
    return re.sub(f"({PUNCTUATION})", r"\\\1", " ".join(str(value).split()))


def plain(text: str) -> str:
    """Markdown for who reads no HTML: links with their address behind them, nothing escaped."""
    spelled_out = LINK.sub(r"\1 (\2)", text)
    return re.sub(rf"\\({PUNCTUATION}|\n)", r"\1", spelled_out)
