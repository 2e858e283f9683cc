"""A demo built at a moment of the test's choice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from flask import Flask

from dispatch import clock
from dispatch.demo.build import fill
from dispatch.extensions import db
from tests.apps import make_app
from tests.servers import sqlite_database


@contextmanager
def demo_at(moment: str, folder: Path) -> Iterator[Flask]:
    """The application with a demo begun at `moment` (ISO, with its offset), and the clock stopped there."""
    folder.mkdir(exist_ok=True)
    app = make_app(sqlite_database(folder), folder)
    with app.app_context(), clock.at(datetime.fromisoformat(moment)):
        fill(folder)
        db.session.commit()
        yield app
        db.session.rollback()
