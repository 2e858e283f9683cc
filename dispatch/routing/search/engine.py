"""The engine `search`: ruin and recreate from a greedy plan, as long as the clock allows."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Sequence

from dispatch.routing.limits import Clock
from dispatch.routing.plan import Plan, plan_of, revised
from dispatch.routing.problem import Break, Job, Location, Problem, Technician
from dispatch.routing.search import parts
from dispatch.routing.search.crew import news_of
from dispatch.routing.search.facts import Facts, facts_of
from dispatch.routing.search.parts import Known, moves_of
from dispatch.routing.search.searcher import Names, Searcher
from dispatch.routing.search.tasks import News, Task
from dispatch.routing.solution import Route, sequences

SEEDS_APART = 1_000_003
"""Between the seeds of two processes, so that they meet no other solve's."""

WARM = 0.4
"""How hot a search begins that goes on from a plan in use, as a `Task` has it."""

SHARE_TOLD = 0.05
"""The largest share of the time spent on exact plans that are only progress."""


@functools.cache
def prepare() -> None:
    """Has the kernels compiled, or loaded when an earlier process has compiled them: half a minute of a core, or a second."""
    days = (Technician("anybody", (0, 3600), breaks=(Break(60, (0, 3600)),), parts={"part": 1}),)
    jobs = tuple(Job(f"job {n}", 60, location=0, parts={"part": 1}) for n in range(2))
    searcher = Searcher(Problem((Location("anywhere"),), days, jobs, {"walk": [[0]]}), 0)
    searcher.construct()
    searcher.move(1, 2.0, 1.0)
    searcher.load(searcher.sequences())


def first(problem: Problem, over: Callable[[], bool]) -> Plan:
    """A greedy plan, exactly timed: a tenth of a second for four hundred jobs."""
    empty = plan_of(problem, [Route(technician.id) for technician in problem.technicians])
    if not problem.technicians or not problem.jobs:
        return empty
    searcher = Searcher(problem, 0)
    searcher.construct()
    return revised(problem, empty, searcher.sequences())


def improve(
    problem: Problem, plan: Plan, clock: Clock, seed: int, reserve: float, warm: bool = False
) -> Iterator[Plan]:
    """Better and better legal plans, until all but `reserve` seconds or so many rounds are spent.

    A large problem is searched in parts, a smaller one whole; by as many processes as the limits allow. `warm` says
    that people work by that plan: it is not shaken up before it is improved.
    """
    if not problem.technicians or not problem.jobs:
        return
    facts, names = facts_of(problem), Names(problem)
    told = _Told(problem, plan, names)
    search = parts.search if parts.is_large(facts) else whole
    for known in search(
        facts, names.orders(sequences(plan.routes)), clock, seed, reserve, WARM if warm else 1.0
    ):
        if known.gain > told.gain and (known.settled or told.may_spend(clock)):
            yield from told.exact(known)


def whole(
    facts: Facts, orders: Sequence[Sequence[int]], clock: Clock, seed: int, reserve: float, heat: float
) -> Iterator[Known]:
    """All of it at once; every process with a seed of its own, and the best of them counts."""
    processes = clock.limits.processes
    moves = moves_of(clock, facts)
    tasks = [Task(orders, None, seed + n * SEEDS_APART, moves, heat) for n in range(processes)]
    until = clock.deadline(reserve=reserve)
    best = News(0, 0, dict(enumerate(map(list, orders))), last=False)
    for news in news_of(facts, tasks, clock, until, processes):
        if (news.gain, -news.task) > (best.gain, -best.task):
            best = news
            if processes == 1 or until is not None:
                yield Known(best.gain, best.orders, settled=False)
    yield Known(best.gain, best.orders, settled=True)


class _Told:
    """The best exact plan so far; making another one is put off when that takes too much of the time."""

    def __init__(self, problem: Problem, plan: Plan, names: Names) -> None:
        self.problem, self.plan, self.names = problem, plan, names
        self.gain = -1
        self.spent = 0.0

    def may_spend(self, clock: Clock) -> bool:
        return clock.limits.seconds is None or self.spent <= SHARE_TOLD * clock.seconds

    def exact(self, found: Known) -> Iterator[Plan]:
        began = time.monotonic()
        self.gain = found.gain
        known = sequences(self.plan.routes)
        changed = {
            day: jobs
            for day, jobs in self.names.sequences(found.orders).items()
            if jobs != known.get(day, [])
        }
        plan = revised(self.problem, self.plan, changed)
        self.spent += time.monotonic() - began
        if plan < self.plan:
            self.plan = plan
            yield plan
