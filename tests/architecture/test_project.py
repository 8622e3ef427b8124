"""The files around the code."""

import re
import subprocess

from interact_events.config import ROOT


def names(file: str) -> set[str]:
    """The packages that a requirements file pins or asks for."""
    lines = (ROOT / file).read_text().splitlines()
    return {m.group(1).lower() for line in lines if (m := re.match(r"([A-Za-z0-9][\w.-]*)", line))}


def tracked() -> list[str]:
    listing = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return listing.stdout.splitlines()


def test_everything_asked_for_is_pinned() -> None:
    assert names("requirements.in") - names("requirements.txt") == set()
    assert names("requirements-dev.in") - names("requirements-dev.txt") == set()


def test_every_pin_has_hashes() -> None:
    for file in ("requirements.txt", "requirements-dev.txt"):
        blocks = re.split(r"\n(?=[a-z0-9])", (ROOT / file).read_text().strip())
        assert [block for block in blocks if "--hash=sha256:" not in block] == []


def test_the_run_time_needs_no_test_tools() -> None:
    assert (
        names("requirements.txt") & {"pytest", "mypy", "ruff", "playwright", "hypothesis"} == set()
    )


def test_the_top_level_is_as_agreed() -> None:
    assert {path.split("/")[0] for path in tracked()} == {
        *(".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "Makefile", "Procfile", "README.md"),
        *("app.py", "docs", "interact_events", "migrations", "pyproject.toml", "static"),
        *("requirements-dev.in", "requirements-dev.txt", "requirements.in", "requirements.txt"),
        *("templates", "tests"),
    }


def test_no_file_names_a_package_registry() -> None:
    hosts = [f"{name}.org" for name in ("pypi", "pythonhosted", "registry.npmjs")]
    guilty = [
        path
        for path in tracked()
        if (ROOT / path).is_file() and not path.endswith((".png", ".pdf"))
        if any(host in (ROOT / path).read_text(errors="ignore") for host in hosts)
    ]
    assert guilty == []
