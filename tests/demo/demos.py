"""A demo built at a moment of the test's choice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from flask import Flask

from dispatch import clock
from dispatch.demo.build import fill
from dispatch.extensions import db
from tests.apps import make_app
from tests.compiled import folder_of_run
from tests.servers import alone, sqlite_database


@contextmanager
def demo_at(moment: str, folder: Path) -> Iterator[Flask]:
    """The application with a demo begun at `moment` (ISO, with its offset), and the clock stopped there.

    A copy: the run builds one demo of each moment.
    """
    original = folder_of_run() / f"demo {moment}"
    with alone(original.name):
        if not original.exists():
            draft = original.with_name(f"{original.name}.draft")
            build(moment, draft)
            draft.rename(original)
    shutil.copytree(original, folder, dirs_exist_ok=True)
    app = make_app(f"sqlite:///{folder / 'dispatch.db'}", folder)
    with app.app_context(), clock.at(datetime.fromisoformat(moment)):
        yield app
        db.session.rollback()


def build(moment: str, folder: Path) -> None:
    """A demo of its own in that folder."""
    folder.mkdir()
    app = make_app(sqlite_database(folder), folder)
    with app.app_context(), clock.at(datetime.fromisoformat(moment)):
        fill(folder)
        db.session.commit()
        db.engine.dispose()
