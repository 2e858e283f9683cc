"""Every route says who may call it; forgetting to is an error, not an open door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from dispatch.models.user import ROLES

WRITES = {"POST", "PUT", "PATCH", "DELETE"}


def test_every_route_declares_its_roles_or_is_public(app):
    undeclared = [
        f"{rule.rule} ({rule.endpoint})"
        for rule, view in _routes(app)
        if getattr(view, "public", False) is not True and not getattr(view, "roles", None)
    ]
    assert not undeclared, "add @role, @any_role or @public of dispatch.security\n" + "\n".join(undeclared)


def test_no_route_is_both_public_and_kept_for_roles(app):
    both = [
        rule.endpoint for rule, view in _routes(app) if hasattr(view, "public") and hasattr(view, "roles")
    ]
    assert not both, f"public wins silently, so the roles would be a false promise: {both}"


def test_routes_name_only_roles_that_exist(app):
    named = {role for _rule, view in _routes(app) for role in getattr(view, "roles", ())}
    assert named <= set(ROLES)


def test_reads_and_writes_never_share_a_view(app):
    mixed = [
        rule.endpoint
        for rule, view in _routes(app)
        if not hasattr(view, "view_class") and "GET" in rule.methods and rule.methods & WRITES
    ]
    assert not mixed, f"GET belongs in pages.py, writes in actions.py: {mixed}"


def _routes(app: Flask) -> Iterator[tuple[Rule, Callable[..., Any]]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            yield rule, app.view_functions[rule.endpoint]
