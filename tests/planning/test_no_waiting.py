"""Nobody waits for the street router: not in a request, not beside a transaction, not in a run for long."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from sqlalchemy import text

from dispatch import clock, streets, tasks
from dispatch.extensions import db
from dispatch.models.plan import Plan, PlanRun
from dispatch.planning import move, run
from tests import factories as make
from tests.people import Cast
from tests.planning.trips_in_town import HALL, SCHOOL, building, estimate, seconds, use, visit, walker
from tests.servers import LiveServer
from tests.valhalla import Valhalla


@pytest.fixture
def silent() -> Iterator[Any]:
    """A server that would never answer: nobody even takes its calls."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        server_url = f"http://127.0.0.1:{server.getsockname()[1]}"
        yield type("Silent", (), {"url": server_url, "socket": server})


def was_called(silent: Any) -> bool:
    try:
        silent.socket.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def executed(cast: Cast, session: Any) -> PlanRun:
    """A run of Monday that Diane asks for, after a worker with a session of its own has been through it."""
    asked = run.request(make.territory(), make.MONDAY, 1, 1, cast.diane)
    db.session.commit()
    app, run_id = current_app._get_current_object(), asked.id
    db.session.commit()
    with app.app_context():
        run.execute(run_id, "worker of the test")
    session.expire_all()
    return asked


def test_giving_a_job_away_does_not_ask_the_router(
    app_on_both: Flask, session_on_both: Any, silent: Any
) -> None:
    use(silent)
    tariq = walker()
    job, diane = visit("panne", SCHOOL), make.user("Diane", "dispatcher")
    with clock.at(make.at("08:00")):
        move.assign(job, tariq, diane)
        db.session.commit()
        assert job.travel_seconds == estimate(HALL, SCHOOL)[0][1]
        assert Plan.remarks_on(make.territory().id, make.MONDAY) == ["street_router_silent:walk"]
    assert not was_called(silent)


def test_others_write_while_the_router_hangs(
    app_on_both: Flask, session_on_both: Any, small_town: Valhalla, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_on_both
    monkeypatch.setattr(streets, "SECONDS", 60)
    monkeypatch.setattr(tasks, "STREET_SECONDS", 60)
    use(small_town, app)
    walker()
    visit("panne", SCHOOL)
    db.session.commit()
    territory_id, waiting = make.territory().id, threading.Event()
    db.session.commit()
    small_town.hang()

    def work() -> None:
        with app.app_context():
            tasks.ask_streets(territory_id)
        waiting.set()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        _until_called(small_town)
        _write_without_patience(territory_id)
        assert not waiting.is_set(), "the router was not waited for, so nothing was tried"
    finally:
        small_town.go_on()
        worker.join(30)


def test_a_run_asks_before_its_transaction_and_plans_on_real_streets(
    cast: Cast, session: Any, town: Valhalla
) -> None:
    use(town)
    tariq = cast.tariq
    tariq.latitude, tariq.longitude = HALL
    job = visit("panne", SCHOOL, lock="technician", lock_technician_id=tariq.id)
    with clock.at(make.at("06:30")):
        asked = executed(cast, session)
        assert (asked.state, asked.error) == ("proposed", None)
        [trip] = [
            stop["travel"]
            for route in asked.proposal["routes"]
            for stop in route["stops"]
            if stop["job"] == str(job.id)
        ]
    assert trip == seconds(HALL, SCHOOL)[0][0][1] != estimate(HALL, SCHOOL)[0][1]


def test_a_run_goes_on_with_estimates_when_the_router_hangs(
    cast: Cast, session: Any, small_town: Valhalla, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(small_town)
    small_town.hang()
    monkeypatch.setattr(run, "ROUTER_SECONDS", 0.3)
    make.job("panne")
    with clock.at(make.at("06:30")):
        asked = executed(cast, session)
        assert (asked.state, asked.served) == ("proposed", 1)


def test_the_worker_asks_by_itself(database: str, tmp_path: Any, town: Valhalla) -> None:
    from tests.apps import make_app

    app = make_app(database, tmp_path)
    with app.app_context():
        walker()
        building("école", SCHOOL)
        db.session.commit()
    server = LiveServer(database, tmp_path / "instance", {"VALHALLA_URL": town.url})
    try:
        server.start_worker()
        with app.app_context():
            use(town, app)
            assert _soon(lambda: seconds(HALL, SCHOOL)[1] == []), server.log()
    finally:
        server.stop()


def _until_called(server: Valhalla) -> None:
    """Until a connection to the server is open: /proc/net/tcp lists it with its port, in hexadecimal."""
    port = f":{server.port:04X}"

    def is_called() -> bool:
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
        return any(line.split()[2].endswith(port) and line.split()[3] == "01" for line in lines)

    assert _soon(is_called)


def _soon(happens: Any, tries: int = 300) -> bool:
    pause = threading.Event()
    for _ in range(tries):
        if happens():
            return True
        db.session.rollback()
        pause.wait(0.1)
    return False


def _write_without_patience(territory_id: int) -> None:
    """One write that gives up at once instead of waiting for a lock."""
    if db.engine.dialect.name == "sqlite":
        with contextlib.closing(sqlite3.connect(db.engine.url.database, timeout=0)) as connection, connection:
            connection.execute("UPDATE territory SET freeze_minutes = 31 WHERE id = ?", [territory_id])
    else:
        with db.engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '1ms'"))
            connection.execute(text("LOCK TABLE street_times, territory IN ACCESS EXCLUSIVE MODE"))
