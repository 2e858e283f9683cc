"""The application under test, as a browser or a piece of code meets it without a server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dispatch.config import Settings
from tests.compiled import share_statements
from tests.servers import sqlite_database

if TYPE_CHECKING:
    from tests.people import Cast


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """The application on a migrated, empty SQLite database of the test's own."""
    return make_app(sqlite_database(tmp_path), tmp_path)


@pytest.fixture
def app_on_both(database: str, tmp_path: Path) -> Flask:
    """As `app`, once on SQLite and once on PostgreSQL."""
    return make_app(database, tmp_path)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that has not signed in."""
    return app.test_client()


@pytest.fixture
def session(app: Flask) -> Iterator[Any]:
    """The session that factories add to, on SQLite, for the length of the test."""
    yield from _session_of(app)


@pytest.fixture
def session_on_both(app_on_both: Flask) -> Iterator[Any]:
    """As `session`, once on SQLite and once on PostgreSQL; goes with `app_on_both`."""
    yield from _session_of(app_on_both)


@pytest.fixture
def cast(session: Any) -> Cast:
    """Everybody of tests/people.py, in the test's session."""
    from tests.people import assemble

    return assemble()


def _session_of(app: Flask) -> Iterator[Any]:
    from dispatch.extensions import db

    with app.app_context():
        yield db.session
        db.session.rollback()


def make_app(database: str, folder: Path, **settings: Any) -> Flask:
    from dispatch.app import create_app  # the pure layers are tested without loading the web
    from dispatch.extensions import db, set_reading

    app = create_app(
        Settings(instance_path=str(folder), database_url=database, secret_key="only for tests", **settings)
    )
    app.config.update(TESTING=True)
    with app.app_context():
        share_statements(db.engine)
    set_reading(False)  # a request of the test before may have left it on
    return app
