"""What-ifs for tests: what is assumed, a run of it worked out, and everything that is in the tables."""

from __future__ import annotations

from typing import Any

from flask import current_app
from sqlalchemy import select

from dispatch.database import Base
from dispatch.extensions import db
from dispatch.models.plan import PlanRun
from dispatch.planning import run
from dispatch.planning.assuming import checked
from dispatch.planning.build import horizon_of
from tests import factories as make
from tests.people import Cast


def absent(person: Any, since: str = "00:00", until: str = "23:59") -> dict[str, Any]:
    return {"kind": "absent", "technician": person.id, "from": make.at(since), "to": make.at(until)}


def more(count: int = 2, **fields: Any) -> dict[str, Any]:
    usual = {
        "building": make.building().id,
        "category": make.category("printer").code,
        "priority": 3,
        "minutes": None,
    }
    return {"kind": "more_jobs", "count": count, "summary": "", **usual, **fields}


def closed(since: str) -> dict[str, Any]:
    return {"kind": "kiosk_closed", "kiosk": make.kiosk().id, "from": make.at(since)}


def asked(cast: Cast, *given: dict[str, Any], by: Any = None) -> PlanRun:
    by = by or cast.diane
    horizon = horizon_of(make.territory(), make.MONDAY)
    told = checked(given, horizon, make.territory(), by, "ajouté")
    return run.request(make.territory(), make.MONDAY, 1, 2, by, assumptions=told)


def worked(requested: PlanRun) -> PlanRun:
    app, run_id = current_app._get_current_object(), requested.id  # type: ignore[attr-defined]
    db.session.commit()
    with app.app_context():
        run.execute(run_id, "worker of the test")
    db.session.expire_all()
    assert (requested.state, requested.error) == ("proposed", None)
    return requested


def tables() -> dict[str, list[Any]]:
    """Every row that there is, but those of the what-ifs themselves and what is noted of them."""
    db.session.commit()
    found = {}
    for table in Base.metadata.sorted_tables:
        query = select(table).order_by(*table.primary_key)
        if table.name == "event":
            query = query.where(table.c.kind != "what_if.state")
        if table.name not in ("plan_run",):
            found[table.name] = [tuple(map(str, row)) for row in db.session.execute(query)]
    return found
