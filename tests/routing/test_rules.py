"""Who may do which job: each rule bites, does not bite, and gives way to a person who waives it."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.routing.problem import NEVER_WAIVED, RULES, Job, Location, Lock, Problem, Technician
from dispatch.routing.rules import PERSON_RULES, broken_rules


def problem_of(*jobs: Job, **amine: Any) -> Problem:
    crew = (Technician("amine/mon", (0, 28_800), "amine", **amine), Technician("lea/mon", (0, 28_800), "lea"))
    return Problem((Location("hq"),), crew, jobs, {"walk": [[0]]})


def job_of(name: str = "J1", **needs: Any) -> Job:
    return Job(name, 600, location=0, **needs)


CASES = [
    ("skill", {"skills": {"printer": 2}}, {"skills": {"printer": 2}}, {"skills": {"printer": 1}},
     {"skill": "printer", "needs": 2, "has": 1}),
    ("right", {"rights": frozenset(["acme:admin"])}, {"rights": frozenset(["acme:admin"])}, {}, {"missing": ["acme:admin"]}),
    ("clearance", {"clearances": frozenset(["acme"])}, {"clearances": frozenset(["acme"])}, {}, {"missing": ["acme"]}),
    ("tool", {"tools": frozenset(["toner"])}, {"tools": frozenset(["toner"])}, {}, {"missing": ["toner"]}),
    ("part", {"parts": {"mouse": 2}}, {"parts": {"mouse": 2}}, {"parts": {"mouse": 1}},
     {"part": "mouse", "needs": 2, "left": 1}),
    ("visits", {}, {"max_visits": 1}, {"max_visits": 0}, {"limit": 0, "visits": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "needs", "enough", "short", "values"), CASES)
def test_what_a_job_needs_its_technician_has(rule, needs, enough, short, values):
    fine, lacking = problem_of(job_of(**needs), **enough), problem_of(job_of(**needs), **short)
    assert broken_rules(fine, fine.technicians[0], fine.jobs[0]) == ()
    [reason] = broken_rules(lacking, lacking.technicians[0], lacking.jobs[0])
    assert (reason.technician, reason.rule, reason.values) == ("amine/mon", rule, values)
    waived = problem_of(job_of(**needs, waived=frozenset([rule])), **short)
    assert broken_rules(waived, waived.technicians[0], waived.jobs[0]) == ()


@pytest.mark.parametrize("name", ["amine", "amine/mon"])
def test_who_is_excluded_does_not_come(name):
    problem = problem_of(job_of(excluded=frozenset([name])))
    amine, lea = problem.technicians
    assert [reason.rule for reason in broken_rules(problem, amine, problem.jobs[0])] == ["excluded"]
    assert broken_rules(problem, lea, problem.jobs[0]) == ()


def test_a_locked_job_goes_to_nobody_else_even_if_somebody_waives_it():
    problem = problem_of(job_of(lock=Lock("amine/mon"), waived=frozenset(["lock"])))
    amine, lea = problem.technicians
    assert broken_rules(problem, amine, problem.jobs[0]) == ()
    assert [reason.values for reason in broken_rules(problem, lea, problem.jobs[0])] == [
        {"technician": "amine/mon"}
    ]


def test_a_job_locked_in_time_only_may_go_to_anybody():
    problem = problem_of(job_of(lock=Lock(start=60)))
    assert all(broken_rules(problem, one, problem.jobs[0]) == () for one in problem.technicians)


def test_every_broken_rule_is_told_in_the_order_of_the_rules():
    problem = problem_of(job_of(tools=frozenset(["toner"]), skills={"printer": 1}, rights=frozenset(["x"])))
    assert [r.rule for r in broken_rules(problem, problem.technicians[0], problem.jobs[0])] == [
        "skill",
        "right",
        "tool",
    ]
    assert list(PERSON_RULES) == [rule for rule in RULES if rule in PERSON_RULES]


def test_parts_are_used_up_along_the_route_but_not_by_who_was_waived():
    mouse = {"mouse": 1}
    problem = problem_of(
        job_of("J1", parts=mouse), job_of("J2", parts=mouse), job_of("J3", parts=mouse, waived=frozenset(["part"])),
        parts={"mouse": 1},
    )  # fmt: skip
    amine, (first, _, waived) = problem.technicians[0], problem.jobs
    assert broken_rules(problem, amine, first, ["J3"]) == ()
    [reason] = broken_rules(problem, amine, first, ["J2"])
    assert reason.values == {"part": "mouse", "needs": 1, "left": 0}
    assert broken_rules(problem, amine, waived, ["J1", "J2"]) == ()


def test_visits_are_counted_along_the_route_but_neither_calls_nor_what_was_waived():
    on_top = job_of("J3", waived=frozenset(["visits"]))
    problem = problem_of(job_of("J1"), job_of("J2"), on_top, Job("call", 60, "remote"), max_visits=1)
    (amine, lea), (first, _, waived, call) = problem.technicians, problem.jobs
    assert broken_rules(problem, amine, first, ["J3", "call"]) == ()
    [reason] = broken_rules(problem, amine, first, ["J2", "call"])
    assert (reason.rule, reason.values) == ("visits", {"limit": 1, "visits": 2})
    assert (
        broken_rules(problem, amine, waived, ["J1", "J2"]) == broken_rules(problem, amine, call, ["J1"]) == ()
    )
    assert broken_rules(problem, lea, first, ["J2"]) == ()


def test_what_cannot_be_waived_is_what_time_and_people_cannot_give():
    assert set(PERSON_RULES) & NEVER_WAIVED == {"lock"}
