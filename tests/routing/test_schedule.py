"""A fixed order of jobs is timed as well as it can be, and legally whenever that is possible."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.routing.check import failures, price
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
    Window,
    replace,
)
from dispatch.routing.rules import broken_rules
from dispatch.routing.schedule import TimedRoute, time_route
from dispatch.routing.solution import Route, Solution, Stop, Unassigned
from tests.routing.strategies import problems

HQ, TOWER, CAMPUS = range(3)
PLAIN = Costs()
TRAVEL = [[0, 600, 900], [600, 0, 300], [900, 300, 0]]


def day_of(*jobs: Job, costs: Costs = PLAIN, frozen: tuple[Frozen, ...] = (), **amine: Any) -> Problem:
    technician = Technician("amine", **{"shift": (0, 28_800), **amine})
    places = tuple(Location(name) for name in ("hq", "tower", "campus"))
    return Problem(places, (technician,), jobs, {"walk": TRAVEL}, costs, frozen)


def timed(problem: Problem) -> TimedRoute:
    """All jobs in the order in which they are named."""
    return time_route(problem, problem.technicians[0], [job.id for job in problem.jobs])


def starts(problem: Problem) -> list[int]:
    answer = timed(problem)
    assert not answer.broken
    return [stop.start for stop in answer.route.stops]


def broken(problem: Problem) -> list[str]:
    return [violation.rule for violation in timed(problem).broken]


def test_work_begins_after_the_trip_and_the_setup():
    [stop] = timed(day_of(Job("screen", 1800, location=TOWER, setup=300))).route.stops
    assert stop == Stop("screen", travel=600, arrival=600, start=900, end=2700)


def test_setup_is_spent_once_per_stay_and_a_call_does_not_end_it():
    screen, call, mouse = (
        Job("screen", 1800, location=TOWER, setup=300),
        Job("call", 600, mode="remote"),
        Job("mouse", 900, location=TOWER, setup=300),
    )
    assert starts(day_of(screen, call, mouse)) == [900, 2700, 3300]


def test_a_new_stay_begins_when_he_has_been_elsewhere():
    first, away, again = (Job(name, 600, location=at, setup=100) for name, at in
                          (("first", TOWER), ("away", CAMPUS), ("again", TOWER)))  # fmt: skip
    assert starts(day_of(first, away, again)) == [700, 1700, 2700]


def test_a_call_is_made_where_he_is_and_adds_no_travel():
    assert timed(day_of(Job("call", 600, mode="remote"))).objective.travel == 0


def test_lunch_may_cut_a_trip_in_two():
    problem = day_of(Job("screen", 1800, location=TOWER), breaks=(Break(1800, (300, 300)),))
    answer = timed(problem)
    assert answer.route.breaks == ((300, 2100),)
    assert answer.route.stops[0].arrival == 2400


def test_lunch_never_cuts_a_setup():
    problem = day_of(Job("screen", 1800, location=TOWER, setup=300), breaks=(Break(1800, (700, 700)),))
    assert starts(problem) == [700 + 1800 + 300]


def test_the_setup_is_done_before_a_lunch_that_comes_later():
    problem = day_of(
        Job("screen", 1800, location=TOWER, setup=300, windows=((2000, 9000),)),
        breaks=(Break(1800, (1000, 1000)),),
    )
    assert starts(problem) == [1000 + 1800]


def test_kiosk_duty_in_the_same_building_does_not_end_a_stay():
    jobs = [Job(name, 600, location=TOWER, setup=300) for name in ("screen", "mouse")]
    assert starts(day_of(*jobs, duties=(Duty(3600, 7200, TOWER),), shift=(2100, 9000)))[1] == 7200


def test_lunch_falls_where_it_costs_least():
    early, late = Job("early", 3600, location=HQ), Job("late", 3600, location=HQ, due=7200)
    answer = timed(day_of(early, late, breaks=(Break(1800, (0, 10_000)),)))
    assert answer.route.breaks == ((7200, 9000),)
    assert answer.objective.lateness == 0


def test_a_lunch_that_finds_no_room_is_named():
    assert broken(
        day_of(Job("all morning", 7200, location=HQ, lock=Lock(start=0)), breaks=(Break(60, (10, 20)),))
    ) == ["break"]


def test_he_is_at_the_kiosk_for_the_whole_of_his_duty():
    kiosk = Duty(3600, 7200, TOWER)
    assert starts(
        day_of(Job("screen", 1800, location=HQ), Job("mouse", 1500, location=HQ), duties=(kiosk,))
    ) == [0, 7800]


def test_a_duty_without_a_place_holds_him_where_he_is():
    assert starts(day_of(Job("screen", 1800, location=TOWER), duties=(Duty(300, 900),))) == [1200]


def test_a_duty_he_cannot_reach_in_time_is_named():
    assert broken(day_of(Job("screen", 60, location=HQ), duties=(Duty(0, 3600, TOWER),))) == ["duty"]


def test_what_has_begun_decides_when_and_where_he_is_free():
    frozen = Frozen("amine", 5000, CAMPUS)
    assert starts(day_of(Job("screen", 60, location=TOWER), frozen=(frozen,))) == [5300]


def test_a_lunch_whose_time_is_over_when_he_is_free_is_not_asked_for():
    problem = day_of(
        Job("screen", 60, location=HQ), breaks=(Break(1800, (0, 4999)),), frozen=(Frozen("amine", 5000),)
    )
    assert timed(problem).route.breaks == ()
    assert starts(problem) == [5000]


def test_he_waits_for_the_promised_window_when_that_is_cheaper():
    promised = Job("screen", 600, location=HQ, promised=(3600, 7200))
    assert starts(day_of(promised)) == [3600]
    urgent = Job("urgent", 600, location=HQ, due=1200, lateness_cost=5)
    assert starts(day_of(promised, urgent)) == [0, 600]


def test_a_breach_of_promise_costs_once_and_every_second_that_it_is_late():
    late = Job("late", 600, location=HQ, windows=((5000, 9000),), promised=(1000, 4000))
    early = Job("early", 600, location=HQ, windows=((0, 900),), promised=(1000, 4000))
    assert timed(day_of(late)).objective.promise == 3600 + 1000
    assert timed(day_of(early)).objective.promise == 3600


def test_a_locked_start_is_kept_to_the_second():
    assert starts(day_of(Job("screen", 600, location=TOWER, lock=Lock(start=4321)))) == [4321]


def test_a_locked_start_he_cannot_reach_is_named_with_both_times():
    [violation] = timed(day_of(Job("screen", 600, location=TOWER, lock=Lock(start=500)))).broken
    assert (violation.rule, violation.values) == ("lock", {"fixed": 500, "earliest": 600})


def test_a_closed_window_is_named_with_both_times():
    [violation] = timed(day_of(Job("screen", 600, location=TOWER, windows=((0, 500),)))).broken
    assert (violation.rule, violation.values) == ("window", {"earliest": 600, "closes": 500})


def test_a_window_that_was_waived_is_kept_if_that_costs_nothing():
    waived = Job("screen", 600, location=HQ, windows=((3000, 4000),), waived=frozenset(["window"]))
    assert starts(day_of(waived)) == [3000]
    assert starts(day_of(waived, Job("urgent", 60, location=HQ, windows=((600, 600),)))) == [0, 600]


@pytest.mark.parametrize(("most", "rule"), [(0, "shift"), (300, "overtime")])
def test_work_past_the_end_of_the_day_is_named_with_the_seconds_over(most, rule):
    problem = day_of(Job("long", 4000, location=HQ), shift=(0, 3600), costs=Costs(max_overtime=most))
    [violation] = timed(problem).broken
    assert (violation.rule, violation.values["over"]) == (rule, 400 - most)


def test_the_way_home_counts_as_overtime():
    problem = day_of(
        Job("screen", 3000, location=TOWER), shift=(0, 3600), end=HQ, costs=Costs(max_overtime=900)
    )
    assert timed(problem).objective.overtime == 600 * 3


def test_two_windows_leave_the_second_one_when_the_first_is_over():
    assert starts(day_of(Job("screen", 60, location=TOWER, windows=((0, 300), (2000, 2100))))) == [2000]


def test_a_stay_that_saves_a_setup_is_not_given_up_for_a_cheaper_way_that_ends_it():
    """Two calls at the tower, before and after duty elsewhere; only the second one leaves him in his stay there."""
    first, call, last = (
        Job("first", 60, location=TOWER, due=60),
        Job("call", 60, mode="remote", windows=((3900, 3900),)),
        Job("last", 60, location=TOWER, setup=300, windows=((0, 4000),)),
    )
    duties = (Duty(1000, 1100, CAMPUS), Duty(3000, 3900, TOWER))
    problem = day_of(first, call, last, start=TOWER, duties=duties)
    assert starts(problem)[1:] == [3900, 3960]


def test_a_window_that_was_waived_is_kept_when_that_is_free():
    job = Job("screen", 60, location=HQ, windows=((3000, 3600),), waived=frozenset({"window"}))
    assert starts(day_of(job)) == [3000]
    assert starts(day_of(dataclasses.replace(job, due=3059))) == [0]


def test_two_windows_that_were_waived_are_not_worth_a_second():
    waived = frozenset({"window"})
    one = Job("one", 60, location=HQ, windows=((100, 100),), waived=waived)
    two = Job("two", 0, location=HQ, windows=((160, 160),), waived=waived)
    late = Job("late", 60, location=HQ, due=219)
    assert starts(day_of(one, two, late)) == [0, 60, 60]
    assert starts(day_of(one, two, dataclasses.replace(late, due=220))) == [100, 160, 160]


def test_a_break_waits_until_he_is_home_when_that_saves_overtime():
    fields = {"shift": (0, 1200), "end": HQ, "costs": Costs(max_overtime=1000)}
    lunch = Break(300, (700, 1900))
    assert timed(day_of(Job("J", 0, location=TOWER), breaks=(lunch,), **fields)).objective.overtime == 0
    forced = dataclasses.replace(lunch, window=(700, 1199))
    assert timed(day_of(Job("J", 0, location=TOWER), breaks=(forced,), **fields)).objective.overtime == 900


def test_a_duty_of_no_length_holds_nobody():
    assert starts(
        day_of(Job("screen", 60, location=HQ), duties=(Duty(600, 600, TOWER),), shift=(0, 600))
    ) == [0]


def test_no_way_is_named():
    problem = replace(
        day_of(Job("screen", 60, location=TOWER)), travel={"walk": [[0, -1, -1], [-1, 0, -1], [-1, -1, 0]]}
    )
    assert broken(problem) == ["travel"]


def test_a_day_without_jobs_is_never_broken_but_kiosk_duty_is_travelled_to():
    answer = timed(day_of(duties=(Duty(3600, 7200, TOWER),), end=HQ, breaks=(Break(60, (4000, 4000)),)))
    assert not answer.broken
    assert answer.objective.travel == 1200


def alone(problem: Problem) -> Problem:
    """The first technician and his frozen work only, so that the whole plan is his route."""
    first = problem.technicians[0]
    jobs = tuple(
        job
        if not job.lock or job.lock.technician in (None, first.id)
        else dataclasses.replace(job, lock=None)
        for job in problem.jobs
    )
    jobs = tuple(
        dataclasses.replace(job, excluded=job.excluded & {first.person}, preferred={}) for job in jobs
    )
    frozen = tuple(entry for entry in problem.frozen if entry.technician == first.id)
    return replace(problem, technicians=(first,), jobs=jobs, frozen=frozen)


def plan_of(problem: Problem, timed: TimedRoute) -> Solution:
    served = {stop.job for stop in timed.route.stops}
    left = tuple(Unassigned(job.id, "not_found") for job in problem.jobs if job.id not in served)
    return Solution((timed.route,), left, price(problem, (timed.route,)))


@settings(max_examples=80, deadline=None)
@given(problems(most_jobs=4).map(alone), st.randoms())
def test_a_timed_route_is_legal_exactly_when_the_checker_finds_nothing(problem, random):
    technician = problem.technicians[0]
    order: list[str] = []
    for job in random.sample(problem.jobs, len(problem.jobs)):
        if not broken_rules(problem, technician, job, order):
            order.append(job.id)
    answer = time_route(problem, technician, order)
    assert bool(failures(problem, plan_of(problem, answer))) == bool(answer.broken)
    if not answer.broken:
        assert dataclasses.replace(price(problem, (answer.route,)), unserved=0) == answer.objective


@st.composite
def hours(draw: Any) -> Problem:
    """Two jobs in a day of ten ticks, few enough to try every timing."""
    tick = st.integers(0, 8)
    window = st.tuples(tick, tick).map(lambda pair: (min(pair), max(pair)))
    place = st.integers(0, 1)
    jobs = []
    for name in ("first", "second"):
        remote = draw(st.integers(0, 3)) == 0
        jobs.append(
            Job(name, draw(st.integers(1, 2)), mode="remote" if remote else "on_site",
                location=None if remote else draw(place), setup=draw(st.integers(0, 2)),
                windows=tuple(draw(st.lists(window, max_size=1))), due=draw(st.none() | tick),
                lateness_cost=draw(st.integers(1, 3)), promised=draw(st.none() | window))
        )  # fmt: skip
    amine = Technician(
        "amine", shift=(0, draw(st.integers(6, 9))), start=draw(place), end=draw(st.none() | place),
        breaks=tuple(draw(st.lists(st.builds(Break, st.integers(1, 2), window), max_size=1))),
        duties=tuple(draw(st.lists(st.builds(lambda at, where: Duty(at, at + 1, where), st.integers(1, 6), st.none() | place), max_size=1))),
    )  # fmt: skip
    travel = [[0, draw(st.integers(0, 3))], [draw(st.integers(0, 3)), 0]]
    costs = Costs(1, 2, draw(st.sampled_from((0, 2))), 0, 4)
    return Problem((Location("hq"), Location("tower")), (amine,), tuple(jobs), {"walk": travel}, costs)


def every_timing(problem: Problem) -> Iterator[Route]:
    """Every route with both jobs in order, at every tick, with every break and useful arrival."""
    [amine] = problem.technicians
    rests = [[(at, at + b.duration) for at in range(b.window[0], b.window[1] + 1)] for b in amine.breaks]
    begins = [[at for at in range(12) if not job.windows or job.windows[0][0] <= at <= job.windows[0][1]]
              for job in problem.jobs]  # fmt: skip
    for breaks in product(*rests):
        for begin in product(*begins):
            spans = [(at, at + job.duration) for at, job in zip(begin, problem.jobs, strict=True)]
            if spans[0][1] <= spans[1][0]:
                yield from _arrivals(problem, spans, breaks)


def _arrivals(problem: Problem, spans: list[Window], breaks: tuple[Window, ...]) -> Iterator[Route]:
    """As late as the setup lets him, before the work or before a break or duty; from the job or the duty."""
    [amine] = problem.technicians
    edges = [at for at, _ in breaks] + [duty.start for duty in amine.duties]
    choices = [sorted({at - setup for at in (begin, *edges) for setup in {0, job.setup} if at <= begin})
               for (begin, _), job in zip(spans, problem.jobs, strict=True)]  # fmt: skip
    places = [[amine.start, *(duty.location for duty in amine.duties if duty.location is not None)]]
    places.append(
        [places[0][-1] if job.location is None else job.location for job in problem.jobs[:1]] + places[0]
    )
    for arrivals in product(*choices):
        for origins in product(*places):
            yield Route(amine.id, tuple(
                Stop(job.id, 0 if job.location is None else problem.travel["walk"][origin][job.location], arrival, *span)
                for job, span, arrival, origin in zip(problem.jobs, spans, arrivals, origins, strict=True)
            ), tuple(breaks))  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(hours())
def test_no_other_timing_is_cheaper_and_none_is_legal_when_it_says_so(problem):
    answer = timed(problem)
    legal = [route for route in every_timing(problem)
             if not failures(problem, Solution((route,), (), price(problem, (route,))))]  # fmt: skip
    assert bool(legal) == (not answer.broken)
    if legal:
        assert min(price(problem, (route,)).total for route in legal) == answer.objective.total
