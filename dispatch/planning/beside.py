"""Plans side by side in figures: what is live, the best without the assumptions of a what-if, and the best with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dispatch.planning.draft import Draft
from dispatch.planning.solver import Beat, solve
from dispatch.planning.weighed import live_of
from dispatch.routing.check import failures, price, tallies
from dispatch.routing.problem import Job, Problem
from dispatch.routing.solution import Route, Solution, Stop

LENGTHS = ("travel", "work", "lateness", "overtime")


def figures(problem: Problem, routes: Sequence[Route]) -> dict[str, int]:
    """What a plan comes to: numbers of jobs, lengths in seconds, `total` and `unserved` in seconds of travel.

    `late` are the served jobs that end after their due time, `promises` those that begin outside what was promised.
    """
    jobs = {job.id: job for job in problem.jobs}
    stops = [(jobs[stop.job], stop) for route in routes for stop in route.stops]
    days, cost = tallies(problem, routes).values(), price(problem, routes)
    return {
        "served": len(stops), "left_out": len(jobs) - len(stops),
        "late": sum(_is_late(job, stop) for job, stop in stops),
        "promises": sum(_breaks_promise(job, stop) for job, stop in stops),
        **{name: sum(getattr(day, name) for day in days) for name in LENGTHS},
        "unserved": cost.unserved, "total": cost.total,
    }  # fmt: skip


class Beside:
    """The search of a what-if: half of its time for the day as it is, half for the day as it is assumed to be.

    Both are searched for equally long, so that what lies between them is due to the assumptions. A plan that nobody
    has searched for would make every assumption look like a gain.
    """

    def __init__(self, facts: Draft, seconds: int, beat: Beat) -> None:
        self.seconds = max(1, seconds // 2)
        self._facts, self._beat, self._done = facts.problem, beat, 0.0
        self._live, self._lost = live_of(facts)
        self._start = facts.live_routes()

    def beat(self, **said: Any) -> None:
        """Say how far both searches are together; what the first has found is nobody's proposal."""
        progress = said.pop("progress", None)
        told = {} if self._done == 0.0 else said
        self._beat(**told, **({} if progress is None else {"progress": self._done + progress / 2}))

    def search(self, seed: int, memory_mb: int, processes: int) -> Solution:
        """The best plan of the day as it is; raises RuntimeError when the checker refuses it."""
        best = solve(self._facts, self.seconds, seed, self.beat, memory_mb, processes, self._start)
        if found := failures(self._facts, best):
            raise RuntimeError(f"the checker refused the plan without assumptions: {found[0].detail}")
        self._done = 0.5
        return best

    def told(self, best: Solution, draft: Draft, solution: Solution) -> dict[str, Any]:
        """Three plans in figures; `holds` is false where only what still fits of the live one is counted."""
        return {
            "now": figures(self._facts, self._live), "best": figures(self._facts, best.routes),
            "then": figures(draft.problem, solution.routes), "holds": not self._lost,
        }  # fmt: skip


def _is_late(job: Job, stop: Stop) -> bool:
    return job.due is not None and stop.end > job.due


def _breaks_promise(job: Job, stop: Stop) -> bool:
    return job.promised is not None and not job.promised[0] <= stop.start <= job.promised[1]
