"""Conventions of docs/architecture.md that a linter does not know."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from interact_events.config import ROOT

PACKAGE = ROOT / "interact_events"
Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def functions() -> Iterator[tuple[Path, Function]]:
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, Function):
                yield path, node


def length(function: Function) -> int:
    """Lines from `def` to the end, the docstring left out."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 2 if body else 1


def test_median_function_is_short() -> None:
    assert median(length(function) for _, function in functions()) < 10


def test_no_function_is_too_long_to_read() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{function.name}"
        for path, function in functions()
        if length(function) > 40
    ]
    assert long == []


@pytest.mark.parametrize("layer", ["actions", "queries", "policies", "rules", "forms", "emails"])
def test_only_views_commands_and_jobs_commit(layer: str) -> None:
    guilty = [
        str(path.relative_to(ROOT))
        for path in PACKAGE.rglob(f"{layer}.py")
        if "session.commit(" in path.read_text()
    ]
    assert guilty == []


def test_the_clock_is_read_only_at_the_edges() -> None:
    """Actions, queries, policies and rules take `now` as an argument."""
    guilty = [
        str(path.relative_to(ROOT))
        for layer in ("actions", "queries", "policies", "rules", "models", "emails", "ics", "pdf")
        for path in PACKAGE.glob(f"*/{layer}.py")
        if path.parent.name != "core"
        and re.search(r"clock\.now\(|datetime\.now\(", path.read_text())
    ]
    assert guilty == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in modules()
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_no_file_name_says_nothing() -> None:
    empty = re.compile(r"(utils?|helpers?|misc|common|managers?)\.py$")
    assert [str(path) for path in modules() if empty.search(path.name)] == []


def test_answers_to_a_mail_about_an_event_go_to_its_office() -> None:
    """Whatever posts a mail of an event says where answers go."""
    calls = [
        (path, call, {keyword.arg for keyword in call.keywords})
        for path in modules()
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and path.parent.name != "outbox"
    ]
    about_events = [each for each in calls if "event_id" in each[2] and _posts(each[1])]
    silent = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, call, named in about_events
        if "reply_to" not in named
    ]
    assert (silent, bool(about_events)) == ([], True)


def _posts(call: ast.Call) -> bool:
    name = call.func
    called = name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "")
    return called in ("post", "Posting")
