"""What every template and asset keeps to."""

import re
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import meta

from interact_events.config import ROOT
from interact_events.core.mail import KINDS
from interact_events.factory import create_app  # noqa: F401  # every feature makes its kinds known

TEMPLATES = ROOT / "templates"
CODE = "\n".join(
    path.read_text() for top in ("interact_events", "tests") for path in (ROOT / top).rglob("*.py")
)


def templates() -> list[str]:
    return sorted(
        str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.is_file()
    )


def is_used(name: str) -> bool:
    """Named in the code or by another template; that of a mail bears the name of its kind."""
    if name in {kind.template for kind in KINDS.values()}:
        return True
    others = (TEMPLATES / other for other in templates() if other != name)
    return f'"{name}"' in CODE or any(f'"{name}"' in other.read_text() for other in others)


@pytest.mark.parametrize("name", templates())
def test_template_is_used(name: str) -> None:
    assert is_used(name), f"nothing shows templates/{name}"


@pytest.mark.parametrize("name", templates())
def test_template_asks_no_third_party(name: str) -> None:
    """A page loads nothing from elsewhere; links that a person follows are fine."""
    text = (TEMPLATES / name).read_text()
    loads = re.findall(
        r"<(?:script|link|img|iframe|source)[^>]*(?:src|href)=[\"']?(https?:[^\"'> ]+)", text
    )
    assert [address for address in loads if "{{" not in address] == []


@pytest.mark.parametrize(
    "name",
    [n for n in templates() if n.endswith(".html") and n != "email.html" and "/pdf/" not in n],
)
def test_template_has_nothing_inline(name: str) -> None:
    """The content security policy would refuse it. (Mail clients know nothing but inline, and no
    browser shows what becomes a PDF.)"""
    text = re.sub(r"\{[{%].*?[%}]\}", "", (TEMPLATES / name).read_text(), flags=re.S)
    assert re.findall(r"\sstyle=\"|\son(?:click|change|submit|load)=", text) == []


@pytest.mark.parametrize("path", sorted((ROOT / "static").rglob("*.css")), ids=lambda p: p.name)
def test_style_sheet_asks_no_third_party(path: Path) -> None:
    assert re.findall(r"url\(\s*[\"']?https?:|@import", path.read_text()) == []


SHARED = ("_macros/forms.html", "_macros/ui.html")  # by every page, so they are made once


@pytest.mark.parametrize("name", SHARED)
def test_shared_macros_know_no_page(name: str, app: Flask) -> None:
    """What a page gives to its template they don't see: it would be empty without a word."""
    text = (TEMPLATES / name).read_text()
    own = set(re.findall(r"{% set (\w+)", text))
    read = meta.find_undeclared_variables(app.jinja_env.parse(text))
    assert read - own <= set(app.jinja_env.globals)


@pytest.mark.parametrize("name", templates())
def test_shared_macros_are_made_once(name: str) -> None:
    text = (TEMPLATES / name).read_text()
    assert not re.search(rf'"({"|".join(SHARED)})" [^%]*with context', text)
