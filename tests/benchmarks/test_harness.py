"""What the comparison rests on: the days, the judge, the store and the groups. The peers themselves are not needed."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from benchmarks.days import city_day, solomon_like
from benchmarks.instances import build
from benchmarks.judge import judged
from benchmarks.lived import begun, remaining, rest_of
from benchmarks.report import markdown
from benchmarks.solvers.found import able
from benchmarks.solvers.registry import default_engine, knows
from benchmarks.store import Store, key
from benchmarks.variants import PENALTIES, possible, with_lunch
from dispatch.routing.plan import grown
from dispatch.routing.problem import Job, Location, Problem, Technician

SMALL = Problem(
    locations=(Location("home"), Location("site")),
    technicians=(
        Technician("amine", (0, 1000), end=0, skills={"printer": 1}),
        Technician("berthe", (0, 1000), end=0),
    ),
    jobs=(
        Job("paper jam", 100, location=1, penalty=500, skills={"printer": 1}),
        Job("mouse", 100, location=1, penalty=400),
        Job("exorcism", 100, location=1, penalty=300, skills={"ritual": 1}),
    ),
    travel={"walk": [[0, 50], [50, 0]]},
)
OURS = default_engine()


def test_a_legal_plan_is_priced_by_travel_and_penalties() -> None:
    verdict = judged(SMALL, {"amine": ["paper jam", "mouse"]})
    assert (verdict.cost, verdict.served, verdict.dropped, verdict.broken) == (100 + 300, 2, 0, 0)


def test_an_illegal_job_is_dropped_counted_and_paid_for() -> None:
    verdict = judged(SMALL, {"berthe": ["paper jam", "mouse"]})
    assert (verdict.cost, verdict.served, verdict.dropped, verdict.broken) == (100 + 500 + 300, 1, 1, 0)


def test_who_may_do_what_is_told_to_every_peer_alike() -> None:
    assert able(SMALL) == [(0,), (0, 1), ()]


def test_what_nobody_can_do_is_no_part_of_a_day() -> None:
    assert [job.id for job in possible(SMALL).jobs] == ["paper jam", "mouse"]


def test_a_city_day_is_the_same_for_the_same_seed_and_has_every_priority() -> None:
    one, other = build("city/200/20"), build("city/200/20")
    assert one == other
    assert city_day(1, 3, 10, 0.5, (1, 2)) != city_day(2, 3, 10, 0.5, (1, 2))
    assert {job.penalty for job in one.jobs} == set(PENALTIES)
    assert not any(technician.breaks for technician in one.technicians)
    assert all(technician.breaks for technician in with_lunch(one).technicians)


@pytest.mark.parametrize("kind", ["C1", "R1", "RC1", "C2", "R2", "RC2"])
def test_every_customer_can_be_served(kind: str) -> None:
    problem = solomon_like(kind, 1)
    assert len(possible(problem).jobs) == len(problem.jobs) == 100


def test_a_day_lived_until_noon_leaves_the_other_half() -> None:
    routes = grown(SMALL, ()).routes
    log = begun(routes, 60)
    rest = rest_of(SMALL, log, 60)
    done = {stop.job for stops in log.done.values() for stop in stops}
    planned = {stop.job for route in remaining(routes, log) for stop in route.stops}
    assert done
    assert {job.id for job in rest.jobs} == {job.id for job in SMALL.jobs} - done
    assert planned.isdisjoint(done)
    assert {entry.technician: entry.free_at for entry in rest.frozen}["berthe"] == 60


def record(cost: int, jobs: int, served: int) -> dict[str, int]:
    return {"cost": cost, "jobs": jobs, "served": served, "technicians": 3, "dropped": 0, "broken": 0,
            "spent": 1, "megabytes": 50, "core_share": 0.5}  # fmt: skip


def written(path: Path, results: dict[tuple[str, str], dict[str, int]]) -> Store:
    lines = [
        json.dumps(dataclasses.asdict(key(day, solver, 10, 1)) | found)
        for (day, solver), found in results.items()
    ]
    path.write_text("\n".join(lines))
    return Store(path)


def test_a_result_that_is_there_is_not_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    store = written(path, {("city/200/20", OURS): record(900, 200, 200)})
    before = path.read_text()
    assert store.run(key("city/200/20", OURS, 10, 1), core=0)["cost"] == 900
    assert path.read_text() == before


def test_days_with_work_left_over_are_counted_apart(tmp_path: Path) -> None:
    results = {
        ("trsp/R102/13", OURS): record(900, 100, 80),
        ("real/R5", OURS): record(500, 36, 36),
        ("city/200/20+lunch", OURS): record(700, 200, 190),
    }
    store = written(tmp_path / "runs.jsonl", results)
    text = markdown(store, [day for day, _ in results], [OURS], 10, range(1, 2))
    assert "| trsp/R102/13 | 100 | 20 | 900 | 1.000 |" in text
    assert "0 rules broken" in text
    assert "3 of 3 runs had less than 90% of a core" in text


def test_a_peer_without_breaks_sits_out_the_days_with_lunch() -> None:
    assert knows("PyVRP", "city/200/20")
    assert not knows("PyVRP", "city/200/20+lunch")
    assert knows("VROOM", "city/200/20+lunch")
