"""How long a dispatcher waits for one job: `python -m benchmarks.moves`.

40 technicians with 10 jobs each on one day, on SQLite, read from the database for each job as a request does.
Wall clock and, beside other work on the machine, processor time: building the problem, the candidates of an unplanned
job (with the problem), and giving it to the best one (with everything that is written, then rolled back).
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

from sqlalchemy import select

from benchmarks.machine import machine
from benchmarks.pages import DAY, fill
from dispatch.app import create_app
from dispatch.config import Settings
from dispatch.extensions import db, reading
from dispatch.models.job import Job
from dispatch.models.technician import Technician
from dispatch.models.user import User
from dispatch.planning.candidates import candidates
from dispatch.planning.move import assign
from dispatch.planning.placement import draft_with
from dispatch.routing.standing import prepare
from tests.servers import flask

COLUMNS = "{:<12} {:>8} {:>8} {:>8}"


def main() -> int:
    """Prints the machine and the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--technicians", type=int, default=40)
    parser.add_argument("--jobs", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    print(machine(), f"load {os.getloadavg()[0]:.1f}", sep=", ")
    prepare()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # as the web server does
    with tempfile.TemporaryDirectory(prefix="dispatch-moves-") as folder:
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{Path(folder) / 'dispatch.db'}"}
        flask("db", "upgrade", environment=environment)
        with create_app(Settings.from_environment(environment)).app_context():
            fill(options.technicians, options.jobs)
            db.session.commit()
            measure(options.rounds)
    return 0


def measure(rounds: int) -> None:
    """Prints one line per step."""
    print(f"{rounds} rounds", COLUMNS.format("", "p50 ms", "p95 ms", "cpu ms"), sep="\n")
    for name, step in (("build", _build), ("candidates", _candidates), ("assign", _assign)):
        taken, spent = zip(*(_timed(step, number) for number in range(rounds + 1)), strict=True)
        figures = (median(taken[1:]), quantiles(taken[1:], n=20)[18], median(spent[1:]))
        print(COLUMNS.format(name, *(f"{1000 * figure:.1f}" for figure in figures)), flush=True)


def _timed(step: Callable[[Job, User], object], number: int) -> tuple[float, float]:
    """Seconds by the clock and of the processor, for one of the unplanned jobs, with nothing read before."""
    waiting = db.session.scalars(select(Job.id).where(Job.state == "unplanned").order_by(Job.id)).all()
    by = db.session.scalars(select(User).where(User.role == "dispatcher")).one()
    job = db.session.get_one(Job, waiting[number % len(waiting)])
    wall, processor = time.perf_counter(), time.process_time()
    step(job, by)
    seconds = time.perf_counter() - wall, time.process_time() - processor
    db.session.rollback()
    db.session.expunge_all()
    return seconds


def _build(job: Job, _by: User) -> None:
    with reading():
        draft_with(job, DAY)


def _candidates(job: Job, _by: User) -> None:
    with reading():
        candidates(job, DAY)


def _assign(job: Job, by: User) -> None:
    technician = db.session.scalars(select(Technician).order_by(Technician.id)).all()[job.id % 10]
    assign(job, technician, by, day=DAY, override_reason="measured")


if __name__ == "__main__":
    sys.exit(main())
