"""Runs migrations, each in one transaction on either database."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app

from dispatch.database import Instant

database = current_app.extensions["migrate"].db


def run_migrations() -> None:
    options = current_app.extensions["migrate"].configure_args
    with database.engine.connect() as connection:
        on_sqlite = connection.dialect.name == "sqlite"
        raw: Any = connection.connection.driver_connection
        if on_sqlite:
            # rebuilding a parent table would delete its children's rows; inside a transaction this is too late
            raw.execute("PRAGMA foreign_keys=OFF")
        try:
            context.configure(
                connection=connection, target_metadata=database.metadata, transactional_ddl=True,
                render_item=_render_item, **options,
            )  # fmt: skip
            with context.begin_transaction():
                context.run_migrations()
                if on_sqlite and (orphans := raw.execute("PRAGMA foreign_key_check").fetchall()):
                    raise RuntimeError(f"a migration would leave rows without their parent: {orphans[:5]}")
            connection.commit()
        finally:
            if on_sqlite:
                raw.execute("PRAGMA foreign_keys=ON")


def _render_item(kind: str, item: Any, _context: Any) -> Any:
    if kind == "type" and isinstance(item, Instant):
        return "sa.DateTime(timezone=True)"
    return False


run_migrations()
