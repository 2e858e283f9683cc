"""Case 1: the worker or its solver is killed at any point of a solve. The plan stays, and the run is taken up again."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.plan import PlanRun
from tests import factories as make
from tests.battery.invariants import everything_wrong
from tests.battery.stands import always_open, stand

JOBS, CREW, SEED = 40, 8, 1
SHORT, LONG = (2, 3), (20, 12)  # kills, seconds of a solve
PATIENCE, RETAKEN_SECONDS = 120, 30


@pytest.fixture
def desk(database, tmp_path):
    with stand(database, tmp_path, furnish) as ready:
        yield ready


def furnish(_cast, start) -> None:
    """Forty calls of half an hour: half of them in the plan of the next hours, half to be planned."""
    always_open(make.client())
    crew = [make.technician(f"Technicien {number}", day=None) for number in range(CREW)]
    for technician in crew:
        row = make.shift(technician, start.astimezone(make.ZONE).date())
        row.starts_at, row.ends_at = start, start + timedelta(hours=8)
    for number in range(JOBS // 2):
        turn, who = divmod(number, CREW)
        make.job(f"prévu {number}", mode="remote", building_id=None, technician=crew[who],
                 start=start + timedelta(hours=3 + turn))  # fmt: skip
        make.job(f"à prévoir {number}", mode="remote", building_id=None)


@pytest.mark.parametrize(("kills", "seconds"), [SHORT, pytest.param(*LONG, marks=pytest.mark.battery)])
def test_a_killed_solve_leaves_the_plan_alone_and_is_taken_up_again(desk, kills, seconds, record_property):
    chance, waits = random.Random(SEED), []
    for number in range(kills):
        before = desk.read(plan)
        run = ask(desk, seconds)
        time.sleep(chance.random() * seconds)
        if number % 2:
            kill_solver(desk)
        else:
            desk.server.kill_worker()
            assert desk.read(plan) == before
            assert desk.read(lambda run=run: half_told(run)) == []
            desk.server.start_worker()
            waits.append(until(desk, run, lambda row: row.tries > 1 or row.state == "proposed"))
        until(desk, run, lambda row: row.state == "proposed")
        assert desk.read(plan) == before, f"seed {SEED}, kill {number}"
        assert desk.read(everything_wrong) == []
        answer = desk.send(
            "Diane", "POST", f"/plan-runs/{run}/{'acceptance' if number % 4 == 3 else 'rejection'}"
        )
        assert answer.status_code == 200, answer.text
        assert desk.read(everything_wrong) == []
    record_property("seed", SEED)
    record_property("retaken_seconds", [round(wait, 1) for wait in waits])
    if kills == LONG[0]:
        assert max(waits) < RETAKEN_SECONDS


def ask(desk, seconds: int) -> int:
    day = make.now().astimezone(make.ZONE).date().isoformat()
    answer = desk.send("Diane", "POST", "/plan-runs", json={"day": day, "seconds": seconds})
    assert answer.status_code == 202, answer.text
    until(desk, answer.json()["id"], lambda row: row.state == "running")
    return int(answer.json()["id"])


def until(desk, run: int, seen) -> float:
    """Seconds until the row of the run is as wanted."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        if desk.read(lambda: seen(db.session.get_one(PlanRun, run))):
            return time.monotonic() - began
        time.sleep(0.1)
    return pytest.fail(
        f"run {run} is {desk.read(lambda: db.session.get_one(PlanRun, run).state)}\n{desk.server.log()}"
    )


def plan() -> list[tuple]:
    """The live plan, line by line."""
    columns = (Job.id, Job.state, Job.technician_id, Job.day, Job.planned_start, Job.planned_end, Job.lock)
    return [tuple(row) for row in db.session.execute(select(*columns).order_by(Job.id))]


def half_told(run: int) -> list[str]:
    """What can be seen of a proposal before it is complete."""
    row = db.session.get_one(PlanRun, run)
    whole = row.state == "proposed"
    return [name for name in ("proposal", "diff", "unassigned") if getattr(row, name) and not whole]


def kill_solver(desk) -> None:
    """SIGKILL the solver of this server's worker, should it still be at it."""
    parents = {int(path.parent.name): parent_of(path) for path in Path("/proc").glob("[0-9]*/stat")}
    family = {desk.server.worker.pid}
    for _generation in range(4):
        family |= {pid for pid, parent in parents.items() if parent in family}
    for pid in family:
        with suppress(OSError):
            if b"dispatch.routing" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)


def parent_of(path: Path) -> int:
    """The parent of a process, 0 when it has just gone."""
    with suppress(OSError):
        return int(path.read_text().rpartition(")")[2].split()[1])
    return 0
