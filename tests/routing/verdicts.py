"""What must hold of every plan, whoever made it, and the days on which that is least sure."""

from __future__ import annotations

from dispatch.routing.check import failures
from dispatch.routing.plan import plan_of
from dispatch.routing.problem import Job, Problem, replace
from dispatch.routing.schedule import time_route
from dispatch.routing.solution import Solution, Unassigned
from tests.routing.generate import HOUR, random_problem

DEGENERATE = {
    "nobody works": replace(random_problem(1), technicians=(), frozen=(), jobs=(Job("J", 900, location=0),)),
    "nothing to do": replace(random_problem(2), jobs=()),
    "nobody and nothing": replace(random_problem(3), technicians=(), frozen=(), jobs=()),
    "nobody has the skill": replace(random_problem(4), jobs=(Job("J", 900, location=0, skills={"juggling": 9}),)),
    "the window is past": replace(random_problem(5), jobs=(Job("J", 900, location=0, windows=((0, 0),)),)),
    "the window is before the horizon": replace(
        random_problem(5), jobs=(Job("J", 900, location=0, windows=((-7200, -3600),)),)
    ),
    "all at one place": replace(
        random_problem(6), travel={"car": [[0] * 4] * 4, "walk": [[0] * 4] * 4}
    ),
    "work longer than the day": replace(random_problem(7), jobs=(Job("J", 100 * HOUR, location=0),)),
    "no place can be reached": replace(
        random_problem(8), travel={name: [[-1] * 4] * 4 for name in ("car", "walk")}
    ),
    "work that takes no time": replace(random_problem(9), jobs=(Job("J", 0, location=0), Job("K", 0, location=0))),
}  # fmt: skip


def must_be_right(problem: Problem, solution: Solution) -> None:
    """No rule broken, every job once, locks kept, and `impossible` said of the impossible alone."""
    assert failures(problem, solution) == ()
    planned = {stop.job: (route.technician, stop.start) for route in solution.routes for stop in route.stops}
    left = {entry.job: entry for entry in solution.unassigned}
    assert planned.keys() | left.keys() == {job.id for job in problem.jobs}
    for job in problem.jobs:
        if job.lock and job.id in planned:
            technician, start = planned[job.id]
            assert job.lock.technician in (None, technician)
            assert job.lock.start in (None, start)
        if job.id in left and not job.lock:
            assert (left[job.id].kind == "impossible") == (not somebody_could(problem, job.id))


def somebody_could(problem: Problem, job_id: str) -> bool:
    """Whether the checker accepts the job alone on some day: its own answer, not the explanation's."""
    others = tuple(Unassigned(job.id, "outbid") for job in problem.jobs if job.id != job_id)
    for technician in problem.technicians:
        route = time_route(problem, technician, [job_id]).route
        priced = plan_of(problem, [route])
        lone = Solution(priced.routes, others)
        if not [found for found in failures(problem, lone) if found.rule != "plan"]:
            return True
    return False
