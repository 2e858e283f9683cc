"""The file format: what is read, what is refused, and that nothing is lost on the way."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings

from dispatch.routing.codec import problem_from_json, problem_to_json, solution_from_json, solution_to_json
from dispatch.routing.problem import Duty, Lock, ProblemError
from dispatch.routing.solution import Fix, Objective, Reason, Route, Solution, Stop, Unassigned
from tests.routing.strategies import problems

FULL: dict[str, Any] = {
    "locations": [{"id": "hq", "latitude": 48.1, "longitude": -1.7}],
    "travel": {"walk": [[0]], "car": [[0]]},
    "technicians": [
        {"id": "amine/mon", "person": "amine", "start": 0, "end": 0, "shift": [0, 28800], "profile": "walk",
         "breaks": [{"duration": 2700, "window": [14400, 19800]}],
         "duties": [{"from": 3600, "to": 7200, "location": 0}], "skills": {"printer": 2},
         "rights": ["acme:local-admin"], "clearances": ["acme"], "tools": ["toner-kit"], "parts": {"mouse": 3},
         "max_visits": 6}
    ],
    "jobs": [
        {"id": "J1", "mode": "on_site", "location": 0, "duration": 1800, "setup": 300, "release": 0,
         "windows": [[0, 28800]], "due": 14400, "lateness_cost": 2, "penalty": 60000, "skills": {"printer": 1},
         "rights": [], "clearances": ["acme"], "tools": [], "parts": {}, "excluded": [],
         "preferred": {"amine": 600}, "promised": [9000, 12600],
         "lock": {"technician": "amine/mon", "start": 9000}, "waived": [], "current": "amine/mon"}
    ],
    "costs": {"travel": 1, "overtime": 3, "max_overtime": 0, "move": 1800, "promise": 3600},
    "frozen": [{"technician": "amine/mon", "free_at": 1800, "location": 0}],
}  # fmt: skip


def test_the_example_of_the_documentation_is_read_in_full():
    problem = problem_from_json(FULL)
    [amine], [job] = problem.technicians, problem.jobs
    assert amine.duties == (Duty(3600, 7200, 0),)
    assert amine.rights == {"acme:local-admin"}
    assert amine.max_visits == 6
    assert job.lock == Lock("amine/mon", 9000)
    assert job.preferred == {"amine": 600}
    assert problem.costs.move == 1800


def test_everything_but_the_essentials_may_be_left_out():
    problem = problem_from_json(
        {
            "locations": [{"id": "hq", "latitude": 48.1, "longitude": -1.7}],
            "technicians": [{"id": "amine/mon", "shift": [0, 28800]}],
            "jobs": [
                {"id": "J1", "duration": 60, "location": 0},
                {"id": "J2", "duration": 60, "mode": "remote"},
            ],
        }
    )
    job = problem.jobs[0]
    assert (job.penalty, job.lateness_cost, job.setup, job.due, job.windows) == (36_000, 1, 0, None, ())
    assert problem.technicians[0].person == "amine/mon"
    assert problem.travel == {"walk": [[0]]}


def test_a_technician_without_a_shift_works_the_longest_day_of_the_others():
    crew = [{"id": "amine/mon", "shift": [0, 28800]}, {"id": "lea/mon"}]
    problem = problem_from_json(
        {"locations": [{"id": "hq", "latitude": 48, "longitude": -1}], "technicians": crew}
    )
    assert problem.technicians[1].shift == (0, 28800)


def test_an_unreachable_pair_is_null_in_the_file():
    data = {"locations": [{"id": "a"}, {"id": "b"}], "travel": {"walk": [[0, None], [60, 0]]}}
    problem = problem_from_json(data)
    assert problem.travel == {"walk": [[0, -1], [60, 0]]}
    assert problem_to_json(problem)["travel"] == data["travel"]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("nonsense",), 1, "the problem: unknown field nonsense"),
        (("jobs", 0, "duraton"), 1, "jobs[0]: unknown field duraton"),
        (("jobs", 0, "duration"), None, "jobs[0]: duration is missing"),
        (("jobs", 0, "duration"), "long", "jobs[0].duration: must be a whole number"),
        (("jobs", 0, "due"), True, "jobs[0].due: must be a whole number"),
        (
            ("jobs", 0, "windows"),
            [[5, 2]],
            "jobs[0]: job J1: windows: the window [5, 2] ends before it begins",
        ),
        (("jobs", 0, "lock", "until"), 3, "jobs[0].lock: unknown field until"),
        (("jobs", 0, "lock"), {}, "jobs[0].lock: lock: name a technician, a start, or both"),
        (("technicians", 0, "may_stay"), 1, "technicians[0].may_stay: must be true or false"),
        (("jobs", 0, "skills"), ["printer"], "jobs[0].skills: must be an object with named fields"),
        (("jobs", 0, "rights"), "local", "jobs[0].rights: must be a list"),
        (("jobs", 0, "location"), 7, "job J1: location is no location"),
        (("technicians", 0, "duties", 0, "from"), None, "technicians[0].duties[0]: from is missing"),
        (
            ("technicians", 0, "profile"),
            "canoe",
            "technician amine/mon: no travel times for the profile canoe",
        ),
        (("technicians",), {}, "technicians: must be a list"),
        (
            ("travel", "walk"),
            [[-3]],
            "travel.walk[0][0]: must not be negative; write null where no way leads",
        ),
        (("travel", "walk"), [[0, 1]], "travel: walk must be 1 x 1, one row per location"),
        (("frozen", 0, "technician"), "nobody", "frozen names no technician: nobody"),
    ],
)
def test_a_wrong_field_is_refused_by_name_and_place(path, value, message):
    data = copy.deepcopy(FULL)
    *way, last = path
    target: Any = data
    for part in way:
        target = target[part]
    target[last] = value
    with pytest.raises(ProblemError) as refusal:
        problem_from_json(data)
    assert message in str(refusal.value)


def test_coordinates_are_asked_for_when_there_is_no_travel():
    with pytest.raises(ProblemError, match="location hq: give latitude and longitude, or travel times"):
        problem_from_json({"locations": [{"id": "hq"}]})


@settings(deadline=None)
@given(problems())
def test_a_problem_written_and_read_again_is_the_same(problem):
    assert problem_from_json(json.loads(json.dumps(problem_to_json(problem)))) == problem


def test_a_solution_written_and_read_again_is_the_same():
    reason = Reason("amine/mon", "right", "lacks the admin right x", {"missing": ["x"]})
    fix = Fix("right", "amine/mon", "grant amine the right x", {"missing": ["x"]})
    solution = Solution(
        routes=(Route("amine/mon", (Stop("J1", 240, 8700, 9000, 10800),), ((14400, 17100),)),),
        unassigned=(Unassigned("J2", "impossible", (reason,), fix.detail, ("J1",), fix),),
        objective=Objective(travel=240, unserved=36_000),
        engine="ortools",
        seconds=1.5,
        stated_total=36_240,
    )
    assert solution_from_json(json.loads(json.dumps(solution_to_json(solution)))) == solution


def test_a_solution_that_cannot_be_read_is_refused_by_place():
    with pytest.raises(ProblemError, match=r"routes\[0\].stops\[0\].start: must be a whole number"):
        solution_from_json(
            {"routes": [{"technician": "amine/mon", "stops": [{"job": "J1", "travel": 0, "arrival": 0}]}]}
        )
