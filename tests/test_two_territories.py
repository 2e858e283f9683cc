"""Two territories are planned at once by two workers, as they run in production; one territory is planned once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask

from dispatch import clock, tasks
from dispatch.extensions import db
from dispatch.models.plan import PlanRun
from dispatch.planning.run import RunUnderWay, request
from tests import factories as make
from tests.apps import make_app
from tests.battery.stands import EVERY_HOUR, always_open
from tests.servers import LiveServer

TERRITORIES = ("rennes", "brest")
AN_HOUR = 3600
JOBS = 120  # enough for minutes of search


@pytest.fixture
def app(database: str, tmp_path: Path) -> Iterator[Flask]:
    """Two territories with a technician and enough work each, for tomorrow."""
    queue = database if database.startswith("postgresql") else ""
    app = make_app(database, tmp_path / "instance", queue_url=queue)
    with app.app_context():
        for code in TERRITORIES:
            _populate(code)
        db.session.commit()
        yield app
        db.session.rollback()
        db.engine.dispose()


@pytest.fixture
def workers(app: Flask, database: str, tmp_path: Path) -> Iterator[LiveServer]:
    queue = {"QUEUE_URL": app.config["SETTINGS"].queue_url}
    server = LiveServer(database, tmp_path / "instance", queue)
    try:
        server.start_worker(processes=2)
        yield server
    finally:
        server.stop()


def test_two_workers_plan_two_territories_at_once(app: Flask, workers: LiveServer) -> None:
    runs = [_requested(code) for code in TERRITORIES]
    seen = _seen(runs, workers, lambda found: [run.state for run in found] == ["running", "running"])
    assert len({run.worker for run in seen}) == 2, "each has a worker of its own"
    for code in TERRITORIES:
        with pytest.raises(RunUnderWay):
            _requested(code)
        db.session.rollback()
    seen = _seen(runs, workers, lambda found: all(run.best_cost is not None for run in found))
    assert [run.state for run in seen] == ["running", "running"]


def _populate(code: str) -> None:
    zone = make.territory(code)
    owner = make.client(f"client of {code}", territory_id=zone.id)
    always_open(owner)
    make.site(owner=owner).opening_week = EVERY_HOUR
    for number in range(3):
        make.technician(f"{code} {number}", day=_tomorrow(), territory_id=zone.id)
    for number in range(JOBS):
        make.job(f"{code} {number}", owner=owner, territory_id=zone.id)


def _tomorrow() -> date:
    return clock.now().astimezone(make.ZONE).date() + timedelta(days=1)


def _requested(code: str) -> int:
    found = request(make.territory(code), _tomorrow(), 1, AN_HOUR, None)
    db.session.commit()
    tasks.enqueue("solve", found.id)
    return found.id


def _seen(runs: list[int], server: LiveServer, wanted: Callable[[list[PlanRun]], bool]) -> list[PlanRun]:
    """The runs as they are once they are as wanted; between two looks nothing is held that a worker waits for."""
    patience = time.monotonic() + 120
    while time.monotonic() < patience:
        found = [db.session.get_one(PlanRun, run_id) for run_id in runs]
        db.session.expunge_all()
        db.session.rollback()
        if wanted(found):
            return found
        time.sleep(0.2)
    pytest.fail(f"it never came to that\n{server.log()[-3000:]}")
