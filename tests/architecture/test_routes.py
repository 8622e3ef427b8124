"""Addresses and their views."""

import inspect
import re

from flask import Flask


def test_addresses_are_kebab_case(app: Flask) -> None:
    odd = [
        str(rule)
        for rule in app.url_map.iter_rules()
        if not re.fullmatch(
            r"(/(<[a-z_:]+>|[a-z0-9.-]|[<>a-z_.:])*)*", re.sub(r"<[^>]+>", "", str(rule))
        )
        or "_" in re.sub(r"<[^>]+>", "", str(rule))
    ]
    assert odd == []


def test_a_view_is_short(app: Flask) -> None:
    long = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if view.__module__.startswith("interact_events")
        and len(inspect.getsource(inspect.unwrap(view)).splitlines()) > 32
    ]
    assert long == []


def test_a_get_route_never_shares_its_view_with_an_action_alone(app: Flask) -> None:
    """Views named like actions accept POST only, so that no link can act."""
    verbs = {
        "cancel",
        "delete",
        "end",
        "issue",
        "publish",
        "retire",
        "sign_out",
        "tick",
        "withdraw",
    }
    acting_on_get = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.rpartition(".")[2] in verbs
        and "GET" in (rule.methods or ())
        and "POST" not in (rule.methods or ())
    ]
    assert acting_on_get == []
