"""Room on a page for what the features above its own have to say there."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, flash
from markupsafe import Markup

Part = TypeVar("Part", bound=Callable[..., str])

PARTS: defaultdict[str, list[Callable[..., str]]] = defaultdict(list)


def part(page: str) -> Callable[[Part], Part]:
    """Let the function write a part of `page`: rendered HTML, or nothing.

    It gets what the page's template hands to `parts`, by name.
    """

    def mark(function: Part) -> Part:
        PARTS[page].append(function)
        return function

    return mark


def parts(page: str, **about: Any) -> list[Markup]:
    """What there is to show, in the order in which the factory knows the features."""
    written = (write(**about) for write in PARTS[page])
    return [Markup(html) for html in written if html]  # noqa: S704  # rendered by templates


def say_parts(page: str, **about: Any) -> None:
    """The same as notices on the next page."""
    for sentence in parts(page, **about):
        flash(sentence, "warning")


def init_app(app: Flask) -> None:
    app.jinja_env.globals["parts"] = parts
