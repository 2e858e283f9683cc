"""What an import stands on: the client's connection, and the categories, skills and rights of its mapping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select

from dispatch.clock import now
from dispatch.database import Base
from dispatch.extensions import db
from dispatch.itsm.mapping import Kind, Mapping
from dispatch.models.client import AdminRight, Category, Client, Connection, Skill

SYSTEM = "servicenow"
Row = TypeVar("Row", bound=Base)


@dataclass(frozen=True, slots=True)
class Ground:
    """The rows that tickets of the import hang on; categories and rights by their code."""

    client: Client
    connection: Connection
    categories: dict[str, Category]
    rights: dict[str, AdminRight]


def lay(client: Client, mapping: Mapping) -> Ground:
    """Find or make the rows, flushed. The mapping decides what its categories need, also on a second import."""
    connection = _once(Connection, {"client_id": client.id, "system": SYSTEM},
                       {"created_at": now(), "label": "ServiceNow"})  # fmt: skip
    codes = {kind.right for kind in mapping.kinds.values() if kind.right}
    rights = {
        code: _once(AdminRight, {"client_id": client.id, "code": code}, {"label": code})
        for code in sorted(codes)
    }
    categories = {kind.code: _category(client, kind) for kind in mapping.kinds.values()}
    db.session.flush()
    return Ground(client, connection, categories, rights)


def _category(client: Client, kind: Kind) -> Category:
    labels = {"label_fr": kind.label_fr, "label_en": kind.label_en}
    skill = _once(Skill, {"code": kind.skill}, labels)
    category = _once(Category, {"client_id": client.id, "code": kind.code}, labels)
    category.label_fr, category.label_en, category.skill = kind.label_fr, kind.label_en, skill
    category.level, category.duration_minutes = kind.level, kind.minutes
    return category


def _once(table: type[Row], key: dict[str, Any], first: dict[str, Any]) -> Row:
    found = db.session.scalars(select(table).filter_by(**key)).first()
    if found is None:
        found = table(**key, **first)
        db.session.add(found)
        db.session.flush()
    return found
