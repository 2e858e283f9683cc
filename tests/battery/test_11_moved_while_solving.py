"""Case 11: a dispatcher moves or locks work while a solve on the old version runs and is accepted. His word stays."""

from __future__ import annotations

import random
import time

import pytest

from dispatch.extensions import db
from dispatch.models.job import Job
from tests import factories as make
from tests.battery.invariants import everything_wrong
from tests.battery.stands import stand

SHORT, LONG = 5, 200
JOBS, SEED = 8, 11
CODES = {"Tariq": "tariq", "Zoé": "zoe"}


@pytest.fixture
def desk(database, tmp_path):
    def furnish(_cast, _start):
        for number in range(JOBS):
            make.job(f"appel {number}", mode="remote", building_id=None)

    with stand(database, tmp_path, furnish) as ready:
        yield ready


@pytest.mark.parametrize("rounds", [SHORT, pytest.param(LONG, marks=pytest.mark.battery)])
def test_what_somebody_fixed_during_a_solve_is_never_undone(desk, rounds, record_property):
    chance, answers, fixed = random.Random(SEED), [], {}
    for _round in range(rounds):
        run = _run_under_way(desk)
        number = chance.randint(1, JOBS)
        fixed[number] = _fix(desk, number, chance.choice(sorted(CODES.values())))
        _wait(desk, run, "proposed")
        answers.append(desk.send("Diane", "POST", f"/plan-runs/{run}/acceptance").status_code)
        assert answers[-1] in (200, 412), desk.server.log()
        for key, technician in fixed.items():
            assert desk.read(lambda key=key: _held(key)) == (technician, "technician"), (
                f"seed {SEED}, job {key}"
            )
        assert desk.read(everything_wrong) == []
    assert 200 in answers, "a plan that is never accepted proves nothing"
    record_property("seed", SEED)
    record_property("accepted", answers.count(200))
    record_property("refused", answers.count(412))


def _run_under_way(desk) -> int:
    answer = desk.send("Diane", "POST", "/plan-runs", json={"day": _today(), "seconds": 1})
    assert answer.status_code == 202, answer.text
    _wait(desk, answer.json()["id"], "running")
    return answer.json()["id"]


def _today() -> str:
    return make.now().astimezone(make.ZONE).date().isoformat()


def _wait(desk, run: int, state: str) -> None:
    """Until the run is there, or past it."""
    for _ in range(1200):
        found = desk.send("Diane", "GET", f"/plan-runs/{run}").json()["state"]
        if found in (state, "proposed"):
            return
        assert found in ("queued", "running"), found
        time.sleep(0.05)
    pytest.fail(f"run {run} never came to be {state}")


def _fix(desk, number: int, technician: str) -> str:
    version = desk.send("Denis", "GET", f"/jobs/{number}").json()["version"]
    said = {"technician": technician, "lock": "technician", "version": version}
    answer = desk.send("Denis", "PUT", f"/jobs/{number}/assignment", json=said)
    assert answer.status_code == 200, answer.text
    return technician


def _held(number: int) -> tuple[str | None, str]:
    job = db.session.get_one(Job, number)
    return job.technician and job.technician.code, job.lock
