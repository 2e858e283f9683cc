"""Every kind of event says who may hear of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dispatch.models.audience import CONTACTS
from tests.house_rules.source import modules


def recorded() -> Iterator[tuple[str, ast.expr]]:
    """Where events are recorded, and what is written as their kind."""
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("record", "event.record"):
                yield f"{module}:{node.lineno}", node.args[0]


def test_an_event_is_recorded_by_its_name():
    unnamed = [where for where, kind in recorded() if not isinstance(kind, ast.Constant)]
    assert not unnamed, (
        "write the kind of the event as a text, so that its audience can be looked up\n" + "\n".join(unnamed)
    )


def test_every_kind_of_event_has_an_audience():
    missing = [
        f"{where} {kind.value}"
        for where, kind in recorded()
        if isinstance(kind, ast.Constant) and kind.value not in CONTACTS
    ]
    assert not missing, (
        "say in dispatch/models/audience.py what a client's contact may read of it, or that it is HIDDEN\n"
        + "\n".join(missing)
    )


def test_no_audience_is_declared_for_what_never_happens():
    kinds = {kind.value for _where, kind in recorded() if isinstance(kind, ast.Constant)}
    assert set(CONTACTS) - kinds == set()
