"""The migrations build what the models say, on both databases, and can be taken back."""

from __future__ import annotations

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from dispatch.extensions import db
from dispatch.models.plan import PlanRun
from tests import factories as make
from tests.house_rules.source import ROOT
from tests.servers import flask


@pytest.fixture
def settings(database, tmp_path):
    return {"DATABASE_URL": database, "INSTANCE_PATH": str(tmp_path)}


def test_the_migrations_build_exactly_the_tables_of_the_models(settings):
    flask("db", "check", environment=settings)


def test_the_migrations_can_be_taken_back_and_applied_again(settings):
    flask("db", "downgrade", "base", environment=settings)
    flask("db", "upgrade", environment=settings)
    flask("db", "check", environment=settings)


def test_a_version_that_knows_no_what_ifs_does_not_take_one_for_a_proposal(
    app_on_both, session_on_both, settings
):
    usual = {
        "territory_id": make.territory().id,
        "day": make.MONDAY,
        "seconds": 1,
        "requested_at": make.at("09:00"),
    }
    kept = [
        PlanRun(**usual, state="proposed"),
        PlanRun(**usual, state="accepted", assumed=[{"kind": "absent"}]),
    ]
    db.session.add_all([*kept, PlanRun(**usual, state="proposed", assumed=[{"kind": "absent"}])])
    db.session.commit()
    ids = [one.id for one in kept]
    db.session.rollback()
    db.engine.dispose()
    flask("db", "downgrade", "0009", environment=settings)
    assert sorted(db.session.execute(text("SELECT id FROM plan_run")).scalars()) == ids


def test_there_is_one_line_of_migrations():
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    heads = ScriptDirectory.from_config(config).get_heads()
    assert len(heads) == 1, f"two people added a migration: point one at the other: {heads}"
