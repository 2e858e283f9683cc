"""The compiled search says of every day what the labels, CP-SAT and the checker say, and returns only legal plans."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from dispatch.routing.index import FOREVER, JobTiming, index_of
from dispatch.routing.limits import Limits
from dispatch.routing.plan import plan_of, revised
from dispatch.routing.problem import Job, Location, Lock, Problem, Technician
from dispatch.routing.referee import Order, ruling
from dispatch.routing.rules import broken_rules
from dispatch.routing.search import moves
from dispatch.routing.search.facts import MUST, NOWHERE, PENALTY
from dispatch.routing.search.routes import COUNT, PRICE, SIZE, STOP, cost_with
from dispatch.routing.search.searcher import Searcher
from dispatch.routing.search.timing import WIDE
from dispatch.routing.solution import Route
from dispatch.routing.solve import solve
from dispatch.routing.standing import Standing
from dispatch.routing.timing import first_label, step
from tests.routing import generate, strategies
from tests.routing.orders import broken

MOVES = 60

crooked = st.integers(0, 2**48).map(lambda seed: strategies.random_problem(Random(seed), 6))
straight = st.integers(0, 2**32).map(lambda seed: generate.random_problem(seed, 1 + seed % 3, 5 + seed % 4))


def searched(problem: Problem, count: int = MOVES) -> Searcher:
    searcher = Searcher(problem, 1)
    searcher.construct()
    searcher.move(count, 2000.0, 100.0)
    return searcher


def exact_labels(problem: Problem, technician_id: str, job_ids: list[str]) -> int:
    """The most labels that the exact timing keeps at any place of a day; the search keeps WIDE."""
    index = index_of(problem)
    day = index.days[technician_id]
    labels, most = [first_label(day)], 1
    for job_id in job_ids:
        labels = step(problem.costs, day, labels, index.jobs[job_id])
        most = max(most, len(labels))
    return most


def order_in(problem: Problem, searcher: Searcher, day: int) -> list[JobTiming | tuple[int, int, int]]:
    """The stops of a day as they stand in the search, jobs and duties at places."""
    index = index_of(problem)
    row = searcher.routes.slot[day]
    posts = [post for one in problem.technicians for post in index.days[one.id].posts]
    return [
        index.jobs[problem.jobs[stop].id] if stop < len(problem.jobs) else posts[stop - len(problem.jobs)]
        for stop in searcher.routes.spots[row, : searcher.routes.rows[row, SIZE], STOP]
    ]


def has_jobs(order: Order) -> bool:
    return any(isinstance(stop, JobTiming) for stop in order)


@settings(max_examples=120, deadline=None)
@given(crooked | straight)
@example(strategies.random_problem(Random(51), 9)).via("an idle day that misses its duty")
@example(strategies.random_problem(Random(2206), 6)).via("two duties at one moment, on a day without jobs")
def test_its_plans_are_legal_and_cost_what_it_says(problem: Problem) -> None:
    searcher = searched(problem)
    wanted = searcher.sequences()
    empty = plan_of(problem, [Route(technician.id) for technician in problem.technicians])
    plan = revised(problem, empty, wanted)
    assert {route.technician: [stop.job for stop in route.stops] for route in plan.routes} == wanted
    assert broken(problem, *plan.routes) == ()
    served = {job for jobs in wanted.values() for job in jobs}
    must = sum(MUST for job in problem.jobs if job.lock and job.id not in served)
    if any(index_of(problem).days[one.id].posts for one in problem.technicians):
        assert searcher.cost >= plan.cost + must  # its duties have a fixed place among the jobs
    elif all(exact_labels(problem, name, jobs) < WIDE for name, jobs in wanted.items()):
        assert searcher.cost == plan.cost + must


@settings(max_examples=25, deadline=None)
@given(crooked | straight)
@example(strategies.random_problem(Random(12), 6)).via("two duties at once: no job may join them")
def test_a_day_and_each_insertion_cost_what_cp_sat_says(problem: Problem) -> None:
    searcher = searched(problem, count=3)
    facts, routes, room = searcher.facts, searcher.routes, searcher.room
    for day, technician in enumerate(problem.technicians):
        order = order_in(problem, searcher, day)
        row = routes.slot[day]
        if routes.spots[row, : len(order) + 1, COUNT].max() >= WIDE - 2:
            continue
        standing = {job.id: int(facts.standing[n, day]) for n, job in enumerate(problem.jobs)}
        if has_jobs(order):
            found = ruling(problem, technician.id, order)
            assert found is not None
            assert routes.rows[row, PRICE] == found.cost - sum(
                standing[stop.id] for stop in order if isinstance(stop, JobTiming)
            )
        for number, spot in insertions(searcher, day, order):
            job = index_of(problem).jobs[problem.jobs[number].id]
            longer = [*order[:spot], job, *order[spot:]]
            cost = cost_with(facts, routes, room, day, spot, number, FOREVER)
            found = ruling(problem, technician.id, longer)
            assert (cost >= FOREVER) == (found is None)
            if found is not None:
                assert cost == found.cost - sum(
                    standing[stop.id] for stop in longer if isinstance(stop, JobTiming)
                )


def insertions(searcher: Searcher, day: int, order: Order) -> Iterator[tuple[int, int]]:
    """Every job that is out, at every spot of a day that can be worked."""
    if searcher.routes.rows[searcher.routes.slot[day], PRICE] < FOREVER:
        for number in range(len(searcher.facts.allowed)):
            if searcher.routes.where[number] == NOWHERE:
                yield from ((number, spot) for spot in range(len(order) + 1))


@settings(max_examples=150, deadline=None)
@given(crooked | straight)
@example(generate.random_problem(436, 2, 9)).via("a duty anywhere between the new job and the next")
def test_the_best_spot_is_the_best_of_all(problem: Problem) -> None:
    """Its bounds pass over no spot that is better, and labels know none that it does not know."""
    searcher = searched(problem, count=3)
    facts, routes, walk, room = searcher.facts, searcher.routes, searcher.walk, searcher.room
    orders = [order_in(problem, searcher, day) for day in range(len(problem.technicians))]
    jobs = [[stop.id for stop in order if isinstance(stop, JobTiming)] for order in orders]
    everybody = range(len(problem.technicians))
    standing = Standing(problem, dict(zip([one.id for one in problem.technicians], jobs, strict=True)))
    for number, job in enumerate(problem.jobs):
        if routes.where[number] != NOWHERE:
            continue
        day, _ = moves.best_spot(facts, routes, room, walk, number, 0.0)
        least = walk.found[0] if day != NOWHERE else facts.stops[number, PENALTY]
        tried = [(n, spot) for n, order in enumerate(orders) for one, spot in insertions(searcher, n, order)
                 if one == number and fits(problem, n, jobs[n], number)]  # fmt: skip
        added = [cost_with(facts, routes, room, n, spot, number, FOREVER) - routes.rows[routes.slot[n], PRICE]
                 + facts.standing[number, n] for n, spot in tried]  # fmt: skip
        assert least == min([facts.stops[number, PENALTY], *added])
        able = [day for day in everybody if standing.may(day, job)]
        known = [spot.added for spot in standing.best(job, able).values()] if able else []
        if any(standing.index.days[one.id].posts for one in problem.technicians):
            assert min([facts.stops[number, PENALTY], *known]) <= least
        elif standing.stand.counts.max() < WIDE - 2:
            assert min([facts.stops[number, PENALTY], *known]) == least


def fits(problem: Problem, day: int, job_ids: list[str], number: int) -> bool:
    technician, job = problem.technicians[day], problem.jobs[number]
    return not broken_rules(problem, technician, job, job_ids)


def test_of_two_locked_jobs_that_exclude_each_other_the_dearer_one_is_served() -> None:
    jobs = (
        Job("near", 600, location=0, penalty=8_500, lock=Lock(start=3_600)),
        Job("dear", 600, location=1, penalty=9_500, lock=Lock(start=3_600)),
    )
    crew = (Technician("anna", (0, 7_200)),)
    problem = Problem((Location("here"), Location("there")), crew, jobs, {"walk": [[0, 300], [300, 0]]})
    [left] = solve(problem, Limits(iterations=20), engine="hybrid").unassigned
    assert left.job == "near"
