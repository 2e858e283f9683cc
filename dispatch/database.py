"""The declarative base, the column types and the version counter that all tables share."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, MetaData, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, registry
from sqlalchemy.orm.attributes import flag_modified

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def read_json(text: str | bytes) -> Any:
    """What a JSON column holds. Most hold nothing, and a board reads thousands of them: those need no parser."""
    if text in ("{}", b"{}"):
        return {}
    if text in ("[]", b"[]"):
        return []
    return json.loads(text)


class Instant(TypeDecorator[datetime]):
    """An aware instant. Stored in UTC on every database; a naive datetime is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored: say its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: Instant(), dict[str, Any]: JSON(), list[Any]: JSON()},
    )

    def touch(self, *names: str) -> None:
        """Tell the session that a JSON value was changed in place."""
        for name in names:
            flag_modified(self, name)
