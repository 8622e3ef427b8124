"""What every template and asset keeps to."""

import re
from pathlib import Path

import pytest

from interact_events.config import ROOT

TEMPLATES = ROOT / "templates"
CODE = "\n".join(
    path.read_text() for top in ("interact_events", "tests") for path in (ROOT / top).rglob("*.py")
)


def templates() -> list[str]:
    return sorted(
        str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.is_file()
    )


def is_used(name: str) -> bool:
    """Named in the code or by another template; mails are named without their folder's ending."""
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
    "name", [n for n in templates() if n.endswith(".html") and n != "email.html"]
)
def test_template_has_nothing_inline(name: str) -> None:
    """The content security policy would refuse it. (Mail clients know nothing but inline.)"""
    text = re.sub(r"\{[{%].*?[%}]\}", "", (TEMPLATES / name).read_text(), flags=re.S)
    assert re.findall(r"\sstyle=\"|\son(?:click|change|submit|load)=", text) == []


@pytest.mark.parametrize("path", sorted((ROOT / "static").rglob("*.css")), ids=lambda p: p.name)
def test_style_sheet_asks_no_third_party(path: Path) -> None:
    assert re.findall(r"url\(\s*[\"']?https?:|@import", path.read_text()) == []
