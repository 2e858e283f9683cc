"""CP-SAT, the labels and the checker say the same of a day in a given order: what is legal, and what it costs."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.routing.check import price
from dispatch.routing.index import index_of
from dispatch.routing.problem import Break, Costs, Duty, Job, Location, Problem, Technician
from dispatch.routing.referee import Ruling, order_of, ruling
from dispatch.routing.schedule import time_route
from dispatch.routing.solution import Objective, Route, Stop
from tests.routing.orders import broken, crowded, orders

HQ, TOWER = range(2)


def day_of(*jobs: Job, costs: Costs | None = None, **amine: Any) -> Problem:
    amine = {"shift": (0, 28_800), **amine}
    places = (Location("hq"), Location("tower"))
    return Problem(
        places, (Technician("amine", **amine),), jobs, {"walk": [[0, 600], [600, 0]]}, costs or Costs()
    )


def ruled(problem: Problem) -> Ruling | None:
    """All jobs in the order in which they are named, duties at places where the labels have them."""
    [amine] = problem.technicians
    timed = time_route(problem, amine, [job.id for job in problem.jobs])
    return ruling(problem, amine.id, order_of(index_of(problem), timed.route))


def starts(problem: Problem) -> list[int]:
    found = ruled(problem)
    assert found is not None
    return [stop.start for stop in found.route.stops]


def test_a_day_is_timed_with_its_trip_its_setup_and_its_price() -> None:
    found = ruled(day_of(Job("screen", 1800, location=TOWER, setup=300, due=2000, lateness_cost=2)))
    assert found == Ruling(Route("amine", (Stop("screen", 600, 600, 900, 2700),)), 600 + 2 * 700)


def test_lunch_cuts_a_trip_and_not_a_setup() -> None:
    trip = ruled(day_of(Job("screen", 1800, location=TOWER), breaks=(Break(1800, (300, 300)),)))
    assert trip is not None and trip.route.stops[0].arrival == 2400
    late = Job("screen", 1800, location=TOWER, setup=300, due=0)
    assert starts(day_of(late, breaks=(Break(1800, (700, 700)),))) == [700 + 1800 + 300]


def test_lunch_can_wait_until_he_is_home() -> None:
    """On the way it would cost him ten minutes of overtime; labels and checker think the same."""
    problem = day_of(
        Job("screen", 1800, location=TOWER), shift=(0, 3000), end=HQ, breaks=(Break(600, (2500, 3600)),),
        costs=Costs(max_overtime=3600),
    )  # fmt: skip
    found = ruled(problem)
    assert found is not None and found.route.breaks[0][0] >= 3000
    assert found.cost == 1200
    assert time_route(problem, problem.technicians[0], ["screen"]).objective == Objective(travel=1200)
    assert price(problem, (found.route,)) == Objective(travel=1200)


def test_a_stay_ends_with_a_duty_elsewhere_and_not_with_one_in_the_same_building() -> None:
    jobs = [Job(name, 600, location=TOWER, setup=300, due=0) for name in ("screen", "mouse")]
    assert starts(day_of(*jobs, duties=(Duty(1800, 7200, TOWER),))) == [900, 7200]
    assert starts(day_of(*jobs, duties=(Duty(3600, 7200, HQ),), shift=(1200, 9000))) == [2100, 8100]


def test_a_promise_is_kept_by_waiting_when_that_pays() -> None:
    promised = Job("promised", 600, location=HQ, promised=(3600, 4000))
    after = Job("after", 600, location=HQ, due=1200, lateness_cost=1)
    assert starts(day_of(promised, after, costs=Costs(promise=3601))) == [3600, 4200]
    assert starts(day_of(promised, after, costs=Costs(promise=3599))) == [0, 600]


def test_what_cannot_be_in_time_has_no_ruling() -> None:
    assert ruled(day_of(Job("screen", 60, location=TOWER, windows=((0, 599),)))) is None
    assert ruled(day_of(Job("screen", 28_000, location=HQ), breaks=(Break(900, (9000, 9600)),))) is None
    assert ruled(day_of(Job("screen", 900, location=HQ), breaks=(Break(900, (28_000, 28_100)),))) is None


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**48).map(Random))
def test_labels_and_checker_agree_with_it_on_every_order(dice: Random) -> None:
    problem, technician, jobs = crowded(dice)
    if not jobs:
        return
    timed = time_route(problem, technician, jobs)
    found = [ruling(problem, technician.id, order) for order in orders(problem, technician, jobs)]
    legal = [one for one in found if one is not None]
    for one in legal:
        assert broken(problem, one.route) == ()
    assert bool(legal) == (not timed.broken)
    assert bool(legal) == (not broken(problem, timed.route))
    if legal:
        assert min(one.cost for one in legal) == timed.objective.total
