"""The extensions, unbound, and the transaction rules of the database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask_babel import Babel
from flask_compress import Compress
from flask_htmx import HTMX
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import Engine, event

from dispatch.database import Base

db = SQLAlchemy(model_class=Base)
migrate = Migrate(directory="migrations", render_as_batch=True, compare_type=True)
login_manager = LoginManager()
csrf = CSRFProtect()
babel = Babel()
htmx = HTMX()
compress = Compress()

_reading: ContextVar[bool] = ContextVar("reading", default=False)


def set_reading(reading: bool) -> None:
    """Say whether transactions begun from here on only read (GET, HEAD and streams)."""
    _reading.set(reading)


def is_reading() -> bool:
    """Whether transactions begun now only read."""
    return _reading.get()


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun inside the block only read, and never wait behind a writer."""
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """WAL, enforced foreign keys, and transactions begun by us alone (see _begin_sqlite)."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=15000"):
        connection.execute(f"PRAGMA {pragma}")
    # SQLite's own knows A to Z only, and nobody would find Écran by écran
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Any) -> None:
    """Writers take the lock at once: a deferred transaction that turns writer loses updates."""
    if connection.dialect.name != "sqlite":
        return
    only_reads = _reading.get()
    connection.connection.dbapi_connection.execute(f"PRAGMA query_only={'ON' if only_reads else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")
