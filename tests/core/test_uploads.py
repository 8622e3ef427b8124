"""Views that take files, and parts of pages."""

import inspect

import pytest
from flask import Flask

from interact_events.core.web import parts
from interact_events.core.web.access import is_public
from tests.client import Client

GUARDS = ("staff_event(", "_office(")  # some ask for an office by a function of their own


def test_each_view_that_takes_files_receives_them_after_it_has_looked_who_sends(app: Flask) -> None:
    """Only `receive` checks the token there."""
    taking = {
        name: inspect.getsource(inspect.unwrap(view))
        for name, view in app.view_functions.items()
        if getattr(view, "takes_files", False)
    }
    assert taking
    for_everybody = {name for name in taking if is_public(name)}
    assert for_everybody == {"certificates.verify_file"}  # limited by address and small
    for name, source in taking.items():
        if name not in for_everybody:
            asked = min(source.index(guard) for guard in GUARDS if guard in source)
            assert asked < source.index("receive(")
        assert source.index("receive(") < source.index("validate_on_submit(")


def test_every_other_view_has_its_token_checked_before_it_runs(app: Flask) -> None:
    exempt = app.extensions["csrf"]._exempt_views
    marked = {
        f"{view.__module__}.{view.__name__}"
        for view in app.view_functions.values()
        if getattr(view, "takes_files", False)
    }
    by_link = {"interact_events.news.views.news.switch_off"}  # a mail program presses it
    assert exempt == marked | by_link


def test_parts_are_shown_in_order_and_empty_ones_are_not(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(parts.PARTS, "event")
    page = parts.part("event")
    page(lambda event, now: f"<p>{event}, {now}</p>")
    page(lambda event, now: "")
    page(lambda event, now: "<p>last</p>")
    assert parts.parts("event", event="it", now="1") == ["<p>it, 1</p>", "<p>last</p>"]
    assert parts.parts("a page without any") == []
