"""Monday morning in Rennes, for every test of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from dispatch import clock
from dispatch.extensions import db
from tests import factories as make


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    with clock.at(make.at("08:00")):
        yield


@pytest.fixture
def queries(app: Flask) -> Callable[[Callable[[], Any]], int]:
    """Counts the statements that a request sends to the database."""

    def count(act: Callable[[], Any]) -> int:
        statements: list[str] = []
        db.session.commit()

        def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            statements.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            act()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return sum("PRAGMA" not in statement and "BEGIN" not in statement for statement in statements)

    return count
