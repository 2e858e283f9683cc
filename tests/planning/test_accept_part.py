"""A proposal accepted in part: what is refused stays where it lives, the rest is done beside it."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import select

from dispatch import clock
from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.models.plan import PlanRun
from dispatch.models.technician import Technician
from dispatch.planning import accept
from dispatch.planning.build import build
from dispatch.planning.proposal import basis_of
from dispatch.planning.run import publish
from dispatch.routing.check import failures, price
from dispatch.routing.schedule import time_route
from dispatch.routing.solution import Solution, Unassigned
from tests import factories as make
from tests.people import Cast


@pytest.fixture(autouse=True)
def monday_before_dawn(session: Any) -> Any:
    with clock.at(make.at("06:30")):
        yield


def proposing(orders: dict[Technician, list[Job]]) -> PlanRun:
    """A run that proposes exactly these routes."""
    run = PlanRun(territory_id=make.territory().id, day=make.MONDAY, seconds=1, requested_at=clock.now(), state="running")  # fmt: skip
    db.session.add(run)
    db.session.commit()
    draft = build(make.territory(), make.MONDAY)
    names = {slot.technician.id: name for name, slot in draft.slots.items()}
    people = {one.id: one for one in draft.problem.technicians}
    timed = [
        time_route(draft.problem, people[names[who.id]], [str(job.id) for job in jobs])
        for who, jobs in orders.items()
    ]
    assert not any(one.broken for one in timed)
    routes = tuple(one.route for one in timed)
    served = {stop.job for route in routes for stop in route.stops}
    out = tuple(Unassigned(one.id, "not_found") for one in draft.problem.jobs if one.id not in served)
    publish(run, draft, basis_of(draft), Solution(routes, out, price(draft.problem, routes)))
    db.session.commit()
    return run


def legal() -> bool:
    """Whether the independent checker passes the live plan."""
    db.session.expire_all()
    draft = build(make.territory(), make.MONDAY)
    routes = tuple(draft.live_routes())
    served = {stop.job for route in routes for stop in route.stops}
    out = tuple(Unassigned(one.id, "not_found") for one in draft.problem.jobs if one.id not in served)
    return failures(draft.problem, Solution(routes, out, price(draft.problem, routes))) == ()


def test_only_what_was_chosen_is_done(cast: Cast, session: Any) -> None:
    moved = make.job("déplacée", technician=cast.tariq, start=make.at("09:00"))
    one, other = make.job("une"), make.job("autre")
    run = proposing({cast.zoe: [moved, one], cast.tariq: [other]})
    done = accept.accept(run, cast.diane, {one.id})
    session.commit()
    assert (done.changed >= 1, done.refused, done.unfit) == (True, 2, ())
    assert (moved.technician, one.technician, other.technician) == (cast.tariq, cast.zoe, None)
    [event] = [row for row in session.scalars(select(Event).where(Event.kind == "run.state")) if row.data["target"] == "accepted"]  # fmt: skip
    assert (event.data["part"], event.data["refused"]) == (True, 2)
    assert legal()


def test_everything_chosen_is_the_whole(cast: Cast, session: Any) -> None:
    jobs = [make.job(f"panne {n}") for n in range(4)]
    run = proposing({cast.zoe: jobs[:2], cast.tariq: jobs[2:]})
    done = accept.accept(run, cast.diane, {job.id for job in jobs})
    assert (done.refused, [job.technician for job in jobs]) == (0, [cast.zoe] * 2 + [cast.tariq] * 2)


def test_what_has_no_place_without_the_rest_is_named_and_not_done(cast: Cast, session: Any) -> None:
    """Zoé's day is full: the new work fits only if the long one goes to Tariq."""
    make.territory().max_overtime_minutes = 0
    long = make.job("longue", technician=cast.zoe, start=make.at("08:15"), minutes=420)
    new = make.job("neuve", minutes=300)
    tall = make.job("chez Zoé", technician=cast.tariq, start=make.at("08:15"), minutes=200)
    run = proposing({cast.tariq: [long], cast.zoe: [new, tall]})
    done = accept.accept(run, cast.diane, {new.id, tall.id})
    session.commit()
    assert set(done.unfit) == {new, tall}
    assert [job.technician for job in (long, new, tall)] == [cast.zoe, None, cast.tariq]
    assert run.state == "accepted" and legal()


def test_what_stays_because_of_another_takes_no_third_with_it(cast: Cast, session: Any) -> None:
    """A to Zoé makes room for B with Tariq: without A neither has to go, and C goes as proposed."""
    make.territory().max_overtime_minutes = 0
    a = make.job("A", technician=cast.tariq, start=make.at("08:15"), minutes=300)
    b, c = make.job("B", minutes=300), make.job("C", minutes=30)
    run = proposing({cast.zoe: [a, c], cast.tariq: [b]})
    done = accept.accept(run, cast.diane, {b.id, c.id})
    session.commit()
    assert done.unfit == (b,)
    assert [job.technician for job in (a, b, c)] == [cast.tariq, None, cast.zoe]
    assert legal()


@pytest.mark.parametrize("seed", [1, 2])
def test_any_part_is_a_legal_plan_in_which_the_refused_have_not_moved(
    cast: Cast, session: Any, seed: int
) -> None:
    any_of = random.Random(seed)
    people = [cast.tariq, cast.zoe, make.technician("Yann"), make.technician("Lise")]
    jobs = [make.job(f"panne {n}", minutes=45) for n in range(14)]
    accept.accept(proposing({who: jobs[n:12:4] for n, who in enumerate(people)}), cast.diane)
    session.commit()
    mixed = any_of.sample(jobs, len(jobs))
    run = proposing({who: mixed[n::4] for n, who in enumerate(people)})
    changed = [item["job"] for item in run.diff]
    chosen = set(any_of.sample(changed, len(changed) // 2))
    before = {job.id: (job.technician_id, job.day) for job in jobs}
    wanted = {item["job"]: item["to"] and item["to"]["technician_id"] for item in run.diff}
    done = accept.accept(run, cast.diane, chosen)
    session.commit()
    unfit = {job.id for job in done.unfit}
    for job in jobs:
        if job.id in chosen - unfit:
            assert job.technician_id == wanted[job.id]
        else:
            assert (job.technician_id, job.day) == before[job.id]
    assert legal()
