"""Locked jobs that only another job leads to."""

from __future__ import annotations

import pytest

from dispatch.routing.check import failures, price
from dispatch.routing.escort import escorted
from dispatch.routing.limits import Limits, never
from dispatch.routing.plan import Plan, plan_of
from dispatch.routing.problem import Job, Location, Lock, Problem, Technician
from dispatch.routing.schedule import time_route
from dispatch.routing.solution import Solution
from dispatch.routing.solve import ENGINES, solve

HOME, LOBBY, CELLAR = range(3)
HERS = Lock("anna")
SHUT = [[0, 600, -1], [600, 0, 60], [-1, 60, 0]]
OPEN = [[0, 600, 660], [600, 0, 60], [660, 60, 0]]


def day(trips: list[list[int]], lead: Lock | None = None, cellar: Lock | None = HERS) -> Problem:
    """Anna starts at home, Bruno in the lobby; the cellar's job is locked to her."""
    places = tuple(Location(name) for name in ("home", "lobby", "cellar"))
    crew = (Technician("anna", (0, 7200)), Technician("bruno", (0, 7200), start=LOBBY))
    jobs = (
        Job("lead", 600, location=LOBBY, lock=lead),
        Job("boiler", 600, location=CELLAR, penalty=900, lock=cellar),
    )
    return Problem(places, crew, jobs, {"walk": trips})


def bruno_leads(problem: Problem) -> Plan:
    """Everybody as it is cheapest, one job at a time: Anna has no way into the cellar."""
    orders = {"anna": [], "bruno": ["lead"]}
    return plan_of(problem, [time_route(problem, one, orders[one.id]).route for one in problem.technicians])


def test_a_job_of_somebody_else_leads_to_a_locked_one() -> None:
    problem = day(SHUT)
    plan = escorted(problem, bruno_leads(problem), never)
    assert [[stop.job for stop in route.stops] for route in plan.routes] == [["lead", "boiler"], []]
    assert not failures(problem, Solution(plan.routes, (), price(problem, plan.routes)))


@pytest.mark.parametrize(
    "problem",
    [day(OPEN), day(SHUT, lead=Lock("bruno")), day(SHUT, cellar=None)],
    ids=["with a direct way", "with a locked escort", "for a job that nobody locked"],
)
def test_nothing_is_led_there(problem: Problem) -> None:
    plan = bruno_leads(problem)
    assert escorted(problem, plan, never) is plan


def test_time_that_is_over_is_over() -> None:
    problem = day(SHUT)
    plan = bruno_leads(problem)
    assert escorted(problem, plan, lambda: True) is plan


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_serves_it(engine: str) -> None:
    assert not solve(day(SHUT), Limits(iterations=200), engine=engine).unassigned
