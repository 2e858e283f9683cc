"""The planning rules that need no clock: who may do which job. One function per rule.

Each answers with the reason why this technician-day may not do this job beside the `others` on its route, or
None; most rules do not look at the others. What a person has waived no longer bites; a rule of NEVER_WAIVED
always does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Set
from typing import Any

from dispatch.routing.index import index_of
from dispatch.routing.problem import NEVER_WAIVED, RULES, Job, Problem, Technician
from dispatch.routing.solution import Reason

Rule = Callable[[Technician, Job, Collection[Job]], Reason | None]


def broken_rules(
    problem: Problem, technician: Technician, job: Job, others: Collection[str] = ()
) -> tuple[Reason, ...]:
    """Every broken rule that nobody has waived, in the order of RULES; empty when he may do it.

    With `others`, the ids of the other jobs on his route, also what the route as a whole forbids. Without
    them it is computed once per pair and kept with the problem; anew for a job that is not in it, or is changed.
    """
    if others and (job.parts or technician.max_visits is not None):
        return _broken_rules(technician, job, [index_of(problem).job[other] for other in others])
    if index_of(problem).job.get(job.id) is not job:
        return _broken_rules(technician, job)
    known: dict[tuple[str, str], tuple[Reason, ...]] = problem.memo.setdefault("broken_rules", {})
    key = (technician.id, job.id)
    if key not in known:
        known[key] = _broken_rules(technician, job)
    return known[key]


def _broken_rules(technician: Technician, job: Job, others: Collection[Job] = ()) -> tuple[Reason, ...]:
    waived = job.waived - NEVER_WAIVED
    asked = (
        rule for name, rule in PERSON_RULES.items() if getattr(job, ASKED_BY[name]) and name not in waived
    )
    return tuple(reason for rule in asked if (reason := rule(technician, job, others)))


def skill(technician: Technician, job: Job, others: Collection[Job]) -> Reason | None:
    """He has every skill at the level that the job needs."""
    for name, level in job.skills.items():
        has = technician.skills.get(name, 0)
        if has < level:
            detail = f"needs {name} at level {level}, has {f'level {has}' if has else 'none'}"
            return Reason(technician.id, "skill", detail, {"skill": name, "needs": level, "has": has})
    return None


def right(technician: Technician, job: Job, others: Collection[Job]) -> Reason | None:
    """He holds every admin right that the job needs, on that day."""
    return _lacks("right", "admin right", technician, job.rights, technician.rights)


def clearance(technician: Technician, job: Job, others: Collection[Job]) -> Reason | None:
    """He may enter the site."""
    return _lacks("clearance", "site access", technician, job.clearances, technician.clearances)


def tool(technician: Technician, job: Job, others: Collection[Job]) -> Reason | None:
    """He carries every tool that the job needs."""
    return _lacks("tool", "tool", technician, job.tools, technician.tools)


def part(technician: Technician, job: Job, others: Collection[Job]) -> Reason | None:
    """The parts he carries last for this job after the others; one that was waived uses none."""
    used: Counter[str] = Counter()
    for other in others:
        if "part" not in other.waived:
            used.update(other.parts)
    for name, count in job.parts.items():
        left = technician.parts.get(name, 0) - used[name]
        if count and left < count:
            values: dict[str, Any] = {"part": name, "needs": count, "left": max(0, left)}
            return Reason(technician.id, "part", f"needs {count} x {name}, has {max(0, left)} left", values)
    return None


def visits(technician: Technician, job: Job, others: Collection[Job]) -> Reason | None:
    """With this job he makes no more visits than he may that day."""
    most, count = technician.max_visits, 1 + sum(other.is_counted for other in others)
    if most is None or count <= most or not job.is_counted:
        return None
    detail = f"it would be visit {count} of at most {most}"
    return Reason(technician.id, "visits", detail, {"limit": most, "visits": count})


def excluded(technician: Technician, job: Job, others: Collection[Job]) -> Reason | None:
    """The client or the requester does not exclude him."""
    if job.excluded.isdisjoint((technician.person, technician.id)):
        return None
    return Reason(
        technician.id, "excluded", f"{technician.person} is excluded", {"person": technician.person}
    )


def lock(technician: Technician, job: Job, others: Collection[Job]) -> Reason | None:
    """A job locked to a technician goes to nobody else."""
    if job.lock is None or job.lock.technician in (None, technician.id):
        return None
    holder = job.lock.technician
    return Reason(technician.id, "lock", f"the job is locked to {holder}", {"technician": holder})


def _lacks(rule: str, noun: str, technician: Technician, needed: Set[str], held: Set[str]) -> Reason | None:
    missing = sorted(needed - held)
    if not missing:
        return None
    return Reason(technician.id, rule, f"lacks the {noun} {', '.join(missing)}", {"missing": missing})


PERSON_RULES: dict[str, Rule] = {
    rule.__name__: rule for rule in sorted(
        (skill, right, clearance, tool, part, visits, excluded, lock), key=lambda rule: RULES.index(rule.__name__)
    )
}  # fmt: skip

ASKED_BY = {
    "skill": "skills", "right": "rights", "clearance": "clearances", "tool": "tools", "part": "parts",
    "visits": "mode", "excluded": "excluded", "lock": "lock",
}  # fmt: skip
"""The field of a job without which the rule cannot be broken (every job has a mode)."""
