"""The proved optimum of a small problem with every rule: dynamic programming over sets of jobs.

Per technician-day, the cheapest way to do each set of jobs in any order (Held & Karp 1962, with the exact labels of
`timing` in place of lengths); then the cheapest split of the jobs over the days. About twelve jobs are the most.
"""

from __future__ import annotations

from collections.abc import Iterator

from dispatch.routing.index import index_of, leaves_person, preference
from dispatch.routing.plan import MUST
from dispatch.routing.problem import Problem, Technician
from dispatch.routing.rules import broken_rules
from dispatch.routing.schedule import time_route
from dispatch.routing.timing import Label, end_of_day, first_label, step

Costs = dict[int, int]
"""Cost per set of jobs, a bit mask; sets that cannot be done are missing."""

States = dict[int, list[Label]]
"""Labels by the job done last."""


def optimum(problem: Problem) -> tuple[int, int]:
    """How many locked jobs the best plan leaves out, and what it costs."""
    best: Costs = {0: 0}
    for technician in problem.technicians:
        best = _joined(best, day_costs(problem, technician))
    everything = (1 << len(problem.jobs)) - 1
    total = min(cost + _left_out(problem, everything ^ done) for done, cost in best.items())
    locked_out = max(0, round(total / MUST))
    return locked_out, total - locked_out * MUST


def _left_out(problem: Problem, mask: int) -> int:
    jobs = [job for number, job in enumerate(problem.jobs) if mask >> number & 1]
    return sum(job.penalty + (MUST if job.lock else 0) for job in jobs)


def _joined(best: Costs, day: Costs) -> Costs:
    joined: Costs = {}
    for done, cost in best.items():
        for more, price in day.items():
            if not done & more and cost + price < joined.get(done | more, cost + price + 1):
                joined[done | more] = cost + price
    return joined


def day_costs(problem: Problem, technician: Technician) -> Costs:
    """The least cost of each set of jobs that this technician-day can do."""
    index = index_of(problem)
    day, jobs = index.days[technician.id], [index.jobs[job.id] for job in problem.jobs]
    costs: Costs = {0: time_route(problem, technician, ()).objective.total}
    layer: dict[int, States] = {0: {-1: [first_label(day)]}}
    while layer:
        following: dict[int, States] = {}
        for mask, states in layer.items():
            for number in _next_jobs(problem, technician, mask):
                labels = [
                    label
                    for before in states.values()
                    for group in _alike(before)
                    for label in step(problem.costs, day, group, jobs[number])
                ]
                if labels:
                    following.setdefault(mask | 1 << number, {})[number] = _undominated(labels)
        for mask, states in following.items():
            ends = [end_of_day(problem.costs, day, group, jobs[last])
                    for last, labels in states.items() for group in _alike(labels)]  # fmt: skip
            legal = [end.cost for end in ends if end is not None]
            if legal:
                costs[mask] = min(legal) + _standing(problem, technician, mask)
        layer = following
    return costs


def _next_jobs(problem: Problem, technician: Technician, mask: int) -> Iterator[int]:
    done = [job.id for number, job in enumerate(problem.jobs) if mask >> number & 1]
    for number, job in enumerate(problem.jobs):
        if not mask >> number & 1 and not broken_rules(problem, technician, job, done):
            yield number


def _standing(problem: Problem, technician: Technician, mask: int) -> int:
    """Moves and preferences, which do not depend on the time."""
    index, total = index_of(problem), 0
    day = index.days[technician.id]
    for number, job in enumerate(problem.jobs):
        if mask >> number & 1:
            total += (problem.costs.move if leaves_person(index, job, day) else 0) - preference(job, day)
    return total


def _alike(labels: list[Label]) -> Iterator[list[Label]]:
    """Labels that stand at the same place in the same stay: `step` compares those only."""
    groups: dict[tuple[int, int | None], list[Label]] = {}
    for label in labels:
        groups.setdefault((label.place, label.stay), []).append(label)
    yield from groups.values()


def _undominated(labels: list[Label]) -> list[Label]:
    """Without those for which another one, with the same still to do, is neither later nor dearer."""
    cheapest: dict[tuple[int, int | None, int, int], int] = {}
    kept = []
    for label in sorted(labels, key=lambda label: (label.time, label.cost)):
        state = (label.place, label.stay, label.todo, label.post)
        if label.cost < cheapest.get(state, label.cost + 1):
            cheapest[state] = label.cost
            kept.append(label)
    return kept
