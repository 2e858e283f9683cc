"""Each rule as OR-Tools is told it, on days small enough to know the best order by heart: it bites, or it does not.

Four places lie ten minutes apart on a line, 0 to 3; Amine starts at 0, and Berthe too where there are two.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given, settings

from dispatch.routing import ortools_model
from dispatch.routing.index import index_of
from dispatch.routing.ortools_engine import allowed_days, anchors
from dispatch.routing.ortools_visits import Search, Sequences, order_of, visits_of
from dispatch.routing.problem import (
    Break,
    Costs,
    Duty,
    Frozen,
    Job,
    Location,
    Lock,
    Problem,
    Technician,
    replace,
)
from dispatch.routing.schedule import time_route
from dispatch.routing.solution import Route
from tests.routing.strategies import problems

HOUR = 3600
LINE = [[600 * abs(a - b) for b in range(4)] for a in range(4)]
EVERYTHING = 100_000


def day(*jobs: Job, crew: tuple[str, ...] = ("amine",), costs: Costs | None = None, **fields: Any) -> Problem:
    frozen = fields.pop("frozen", ())
    travel = fields.pop("travel", {"car": LINE})
    people = tuple(Technician(name, **{"shift": (0, 8 * HOUR), **fields}) for name in crew)
    places = tuple(Location(f"place {number}") for number in range(4))
    return Problem(places, people, jobs, travel, costs or Costs(), frozen)


def found(problem: Problem, *start: Route) -> Sequences:
    """What the model finds from this plan, by default from nothing; the last plan it reports."""
    routes = start or tuple(Route(technician.id) for technician in problem.technicians)
    jobs = tuple(job.id for job in problem.jobs)
    plans: list[Sequences] = []
    allowed = allowed_days(problem, jobs, [route.technician for route in routes])
    search = Search(problem, allowed, anchors(problem, routes), jobs, routes, effort=3000)
    ortools_model.run(search, plans.append)
    return plans[-1]


def amines(problem: Problem) -> tuple[str, ...]:
    return found(problem)["amine"]


def visit(name: str, place: int, duration: int = HOUR, **fields: Any) -> Job:
    return Job(name, duration, location=place, **fields)


def test_the_shortest_way_is_taken() -> None:
    assert amines(day(visit("near", 1), visit("far", 3), visit("middle", 2))) == ("near", "middle", "far")


def test_the_way_home_counts_where_the_day_ends_at_a_place() -> None:
    """Half an hour there is worth 2,400 seconds of travel, there and back is not."""
    job = visit("far", 3, penalty=2400)
    assert amines(day(job)) == ("far",)
    assert amines(day(job, end=0)) == ()


def test_windows_order_the_day_and_their_gaps_are_closed() -> None:
    early, late = ((0, 900),), ((2 * HOUR, 3 * HOUR),)
    assert amines(day(visit("far", 3, windows=late), visit("near", 1, windows=early))) == ("near", "far")
    split = visit("split", 1, windows=((0, 300), (7 * HOUR, 8 * HOUR)), duration=600)
    long = visit("long", 1, duration=6 * HOUR)
    assert amines(day(split, long, shift=(0, 7 * HOUR + 600))) == ("long", "split")
    assert amines(day(split, long, shift=(0, 7 * HOUR + 599))) == ("long",)


def test_a_release_holds_a_job_back() -> None:
    near, far = visit("near", 1), visit("far", 3)
    assert amines(day(near, far, shift=(0, 5 * HOUR))) == ("near", "far")
    late = dataclasses.replace(near, release=4 * HOUR)
    assert amines(day(late, far, shift=(0, 5 * HOUR))) == ("far", "near")


def test_lateness_is_weighed_against_travel() -> None:
    """Due at once at the far end, with a small and a large price per second."""
    near, far = visit("near", 1), visit("far", 3, due=HOUR + 1800, lateness_cost=0)
    assert amines(day(near, far)) == ("near", "far")
    assert amines(day(near, dataclasses.replace(far, lateness_cost=2))) == ("far", "near")


def test_a_promise_is_kept_when_breaking_it_costs_more_than_the_way() -> None:
    """On his way up at once is too early for the promised call; on the way back he is in time, after a detour."""
    promised = visit("promised", 1, promised=(4 * HOUR, 5 * HOUR))
    far = visit("far", 3, windows=((2 * HOUR, 2 * HOUR + 600),))
    assert amines(day(promised, far, costs=Costs(promise=1300))) == ("far", "promised")
    assert amines(day(promised, far, costs=Costs(promise=1100))) == ("promised", "far")


def test_a_promise_missed_by_an_hour_costs_an_hour_more() -> None:
    promised, near = visit("promised", 3, promised=(1800, 1800)), visit("near", 1)
    assert amines(day(promised, near, costs=Costs(promise=1))) == ("promised", "near")
    assert amines(day(promised, near, costs=Costs(travel=5, promise=1))) == ("near", "promised")


def test_a_broken_promise_does_not_drop_the_job() -> None:
    assert amines(day(visit("far", 3, promised=(0, 60)))) == ("far",)


def test_setup_is_spent_once_per_stay() -> None:
    """Three jobs of two hours with half an hour of setup fill 7 h 10 at one place, and do not fit at three."""
    together = [visit(f"J{number}", 1, 2 * HOUR, setup=1800) for number in range(3)]
    assert len(amines(day(*together, shift=(0, 7 * HOUR)))) == 3
    apart = [visit(f"J{number}", number, 2 * HOUR, setup=1800) for number in range(1, 4)]
    assert len(amines(day(*apart, shift=(0, 7 * HOUR)))) == 2


def test_overtime_is_paid_up_to_its_limit() -> None:
    job = visit("long", 1, 8 * HOUR, penalty=EVERYTHING)
    assert amines(day(job, costs=Costs(overtime=3, max_overtime=900))) == ("long",)
    assert amines(day(job, costs=Costs(overtime=3, max_overtime=500))) == ()
    assert amines(day(job, costs=Costs(overtime=1000, max_overtime=900))) == ()


def test_a_break_takes_its_time_outside_work() -> None:
    jobs = (visit("one", 0, 4 * HOUR), visit("two", 0, 4 * HOUR))
    assert len(amines(day(*jobs))) == 2
    assert len(amines(day(*jobs, breaks=(Break(1800, (3 * HOUR, 5 * HOUR)),)))) == 1


def test_a_duty_anywhere_is_time_taken_and_a_duty_at_a_place_is_a_visit() -> None:
    jobs = (visit("one", 3, 2 * HOUR), visit("two", 3, 2 * HOUR))
    anywhere = day(*jobs, shift=(0, 6 * HOUR), duties=(Duty(2 * HOUR, 4 * HOUR),))
    assert len(amines(anywhere)) == 1
    for shift_end, served in ((6 * HOUR + 1800, 2), (6 * HOUR + 1799, 1)):
        posted = day(*jobs, shift=(0, shift_end), duties=(Duty(600, 2 * HOUR + 600, 1),))
        assert len(amines(posted)) == served


def test_who_has_nothing_to_do_and_cannot_get_home_keeps_nobody_from_working() -> None:
    late = (Frozen("amine", 8 * HOUR - 60, 3),)
    problem = day(visit("near", 1), crew=("amine", "berthe"), end=0, frozen=late)
    assert found(problem) == {"amine": (), "berthe": ("near",)}


def test_home_from_a_duty_that_lasts_as_long_as_the_shift_is_never_too_late() -> None:
    near, during = visit("near", 1), visit("during", 0, windows=((7 * HOUR, 7 * HOUR),))
    assert amines(day(near, during, end=0, duties=(Duty(6 * HOUR, 8 * HOUR, 3),))) == ("near",)


def test_two_breaks_after_work_are_had_one_after_the_other() -> None:
    evening = Break(HOUR, (7 * HOUR, 7 * HOUR))
    for opens, served in ((6 * HOUR, 1), (7 * HOUR, 0)):
        breaks = (evening, Break(HOUR, (opens, 7 * HOUR)))
        assert len(amines(day(visit("J", 0), breaks=breaks))) == served


def test_breaks_that_leave_each_other_no_room_stop_only_him_who_has_them() -> None:
    problem = day(visit("near", 1), crew=("amine", "berthe"))
    twice = dataclasses.replace(problem.technicians[0], breaks=(Break(HOUR, (HOUR, HOUR)),) * 2)
    assert found(replace(problem, technicians=(twice, problem.technicians[1]))) == {
        "amine": (),
        "berthe": ("near",),
    }


def test_a_start_plan_keeps_its_order_where_work_takes_no_time() -> None:
    problem = day(visit("second", 0), visit("first", 0, 0))
    route = time_route(problem, problem.technicians[0], ["first", "second"]).route
    search = Search(
        problem, allowed_days(problem, ["first", "second"], ["amine"]), {}, ("second", "first"), (route,), 1
    )
    assert order_of(visits_of(search, 8 * HOUR), 0, route) == [1, 0]


def test_a_lock_names_the_technician_the_start_or_both() -> None:
    who = visit("J", 1, lock=Lock(technician="berthe"))
    assert found(day(who, crew=("amine", "berthe"))) == {"amine": (), "berthe": ("J",)}
    when = visit("first", 1, lock=Lock(start=600))
    assert amines(day(visit("other", 0), when)) == ("first", "other")


def test_a_locked_job_stays_when_dearer_work_wants_its_hour() -> None:
    locked = visit("locked", 1, penalty=1, lock=Lock(start=HOUR))
    dear = visit("dear", 1, penalty=EVERYTHING, windows=((HOUR, HOUR),))
    assert amines(day(locked, dear)) == ("locked",)


def test_work_already_begun_sets_when_and_where_the_day_starts() -> None:
    jobs = (visit("near", 1), visit("far", 3))
    frozen = (Frozen("amine", HOUR, 3),)
    assert amines(day(*jobs, frozen=frozen)) == ("far", "near")
    assert amines(day(visit("early", 1, windows=((0, HOUR),)), frozen=frozen)) == ()


def test_parts_run_out() -> None:
    jobs = [visit(f"J{number}", 1, 600, parts={"mouse": 2}) for number in range(3)]
    assert len(amines(day(*jobs, parts={"mouse": 5}))) == 2
    waived = dataclasses.replace(jobs[0], waived=frozenset({"part"}))
    assert len(amines(day(waived, *jobs[1:], parts={"mouse": 5}))) == 3


def test_visits_are_counted_and_calls_are_not() -> None:
    jobs = [visit("J0", 1, 600), visit("J1", 2, 600), Job("call", 600, "remote")]
    assert len(amines(day(*jobs, max_visits=1))) == 2
    waived = dataclasses.replace(jobs[0], waived=frozenset({"visits"}))
    assert len(amines(day(waived, *jobs[1:], max_visits=1))) == 3


def test_nobody_does_what_he_may_not() -> None:
    problem = day(visit("J", 1, skills={"voip": 2}), crew=("amine", "berthe"), skills={"voip": 1})
    assert found(problem) == {"amine": (), "berthe": ()}


def test_a_job_moves_to_another_person_when_that_saves_more_than_its_price() -> None:
    job = visit("J", 3, current="amine")
    crew = (Technician("amine", (0, 8 * HOUR)), Technician("berthe", (0, 8 * HOUR), start=3))
    costly = dataclasses.replace(day(job, costs=Costs(move=3000)), technicians=crew)
    assert found(costly) == {"amine": ("J",), "berthe": ()}
    assert found(dataclasses.replace(costly, costs=Costs(move=600))) == {"amine": (), "berthe": ("J",)}


def test_a_price_per_move_does_not_keep_a_job_from_being_left_out() -> None:
    """A dimension of unary vectors that differ by vehicle would: see `_wish`."""
    job = visit("J", 3, penalty=100, current="berthe")
    assert found(day(job, crew=("amine", "berthe"), costs=Costs(move=1800))) == {"amine": (), "berthe": ()}


def test_a_preferred_technician_is_worth_a_detour_of_that_many_seconds() -> None:
    crew = (Technician("amine", (0, 8 * HOUR)), Technician("berthe", (0, 8 * HOUR), start=3))
    for saved, chosen in ((2000, "amine"), (1000, "berthe")):
        problem = Problem(day().locations, crew, (visit("J", 3, preferred={"amine": saved}),), {"car": LINE})
        assert [name for name, jobs in found(problem).items() if jobs] == [chosen]


def test_each_technician_travels_at_his_own_speed() -> None:
    slow = [[3 * cell for cell in row] for row in LINE]
    crew = (
        Technician("amine", (0, 8 * HOUR), profile="walk"),
        Technician("berthe", (0, 8 * HOUR), profile="car"),
    )
    problem = Problem(day().locations, crew, (visit("J", 3),), {"walk": slow, "car": LINE})
    assert found(problem) == {"amine": (), "berthe": ("J",)}


def test_a_place_without_a_way_is_not_visited() -> None:
    cut = [[cell if b != 3 else -1 for b, cell in enumerate(row)] for row in LINE]
    assert amines(day(visit("near", 1), visit("island", 3), travel={"car": cut})) == ("near",)


def test_a_remote_job_is_done_where_the_plan_before_had_it() -> None:
    problem = day(visit("far", 3), Job("call", HOUR, mode="remote"))
    before = time_route(problem, problem.technicians[0], ["far", "call"]).route
    assert anchors(problem, (before,)) == {"call": 3}
    assert found(problem, before)["amine"] == ("far", "call")


def test_the_start_plan_is_taken_over_with_its_breaks_and_duties() -> None:
    """The first plan reported from a good start is that start, not one built anew."""
    problem = day(
        visit("near", 1),
        visit("far", 3),
        breaks=(Break(1800, (HOUR, 3 * HOUR)),),
        duties=(Duty(5 * HOUR, 6 * HOUR, 2),),
    )
    start = time_route(problem, problem.technicians[0], ["far", "near"]).route
    plans: list[Sequences] = []
    allowed = allowed_days(problem, ("near", "far"), ("amine",))
    search = Search(problem, allowed, {}, ("near", "far"), (start,), effort=1)
    ortools_model.run(search, plans.append)
    assert plans[0] == {"amine": ("far", "near")}


def test_a_start_that_the_model_cannot_hold_is_replaced() -> None:
    """A duty that cannot be reached any more is left out of the model; the jobs are planned all the same."""
    problem = day(visit("near", 1), duties=(Duty(60, HOUR, 3),))
    start = time_route(problem, problem.technicians[0], []).route
    assert index_of(problem).days["amine"].posts
    assert found(problem, start)["amine"] == ("near",)


@pytest.mark.parametrize("jobs", [0, 1])
def test_a_search_ends_on_a_day_with_next_to_nothing_to_do(jobs: int) -> None:
    problem = day(*(visit(f"J{number}", 1) for number in range(jobs)))
    assert amines(problem) == tuple(f"J{number}" for number in range(jobs))


@settings(max_examples=60, deadline=None)
@given(problems())
def test_every_problem_of_the_format_can_be_said(problem: Problem) -> None:
    """Odd windows, duties past the end, places without a way: the model is built, and names known jobs only."""
    routes = tuple(Route(technician.id) for technician in problem.technicians)
    jobs = tuple(job.id for job in problem.jobs)
    allowed = allowed_days(problem, jobs, [route.technician for route in routes])
    plans: list[Sequences] = []
    ortools_model.run(
        Search(problem, allowed, anchors(problem, routes), jobs, routes, effort=20), plans.append
    )
    for plan in plans:
        assert set(plan) == {technician.id for technician in problem.technicians}
        assert all(technician in allowed[job] for technician, jobs in plan.items() for job in jobs)
