"""A route that the clock has overtaken stays as it is when work leaves it, comes back to it, or goes elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from dispatch import clock
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.plan_change import PlanChange
from dispatch.planning import accept, move
from dispatch.planning.undo import undo, undo_of
from tests import factories as make
from tests.people import Cast
from tests.planning.test_accept_part import proposing

TIMES = ("08:30", "10:30", "14:00")
LATE = make.at("09:10")


@pytest.fixture(autouse=True)
def before_work(session: Any) -> Iterator[None]:
    with clock.at(make.at("07:30")):
        yield


@pytest.fixture
def route(cast: Cast) -> list[Job]:
    """Tariq's day: his first visit can begin until nine, or in the afternoon."""
    jobs = [make.job(f"visite {at}", technician=cast.tariq, start=make.at(at)) for at in TIMES]
    jobs[0].ticket.available = [
        [make.at(begin).isoformat(), make.at(end).isoformat()]
        for begin, end in (("08:00", "09:00"), ("13:00", "16:30"))
    ]
    db.session.commit()
    return jobs


def starts(jobs: list[Job]) -> list[Any]:
    return [job.planned_start for job in jobs]


def as_planned(jobs: list[Job]) -> bool:
    return starts(jobs) == [make.at(at) for at in TIMES[: len(jobs)]]


@pytest.mark.parametrize("verb", ["assign", "take_back", "cancel"])
def test_taking_the_last_job_away_moves_no_other(cast: Cast, route: list[Job], verb: str) -> None:
    with clock.at(LATE):
        if verb == "assign":
            move.assign(route[2], cast.zoe, cast.diane)
        else:
            getattr(move, verb)(route[2], cast.diane)
        assert (
            route[2].state == {"assign": "dispatched", "take_back": "unplanned", "cancel": "cancelled"}[verb]
        )
        assert as_planned(route[:2])


def test_what_was_taken_away_comes_back_to_its_minute(cast: Cast, route: list[Job]) -> None:
    with clock.at(LATE):
        move.assign(route[2], cast.zoe, cast.diane)
        db.session.commit()
        with clock.at(LATE + timedelta(minutes=10)):
            [change] = db.session.scalars(select(PlanChange)).all()
            found = undo_of([change])
            assert (len(found.back), found.stays) == (1, [])
            undo([change], cast.diane, found.seen)
            db.session.commit()
    assert route[2].technician is cast.tariq
    assert as_planned(route)


def test_a_minute_that_is_taken_by_now_is_not_given_twice(cast: Cast, route: list[Job]) -> None:
    with clock.at(LATE):
        move.assign(route[1], cast.zoe, cast.diane)
        db.session.commit()
        [change] = db.session.scalars(select(PlanChange)).all()
        other = make.job("entre-temps", technician=cast.tariq, start=make.at("10:20"), minutes=200)
        db.session.commit()
        found = undo_of([change])
        assert [(one.job.id, one.why) for one in found.stays] == [(route[1].id, "rule")]
        assert other.planned_start == make.at("10:20")


def test_a_part_of_a_proposal_leaves_the_routes_alone_to_which_it_brings_nothing(
    cast: Cast, route: list[Job]
) -> None:
    one, other = make.job("une"), make.job("autre")
    run = proposing({cast.tariq: [route[0], route[1], route[2], other], cast.zoe: [one]})
    with clock.at(LATE):
        accept.accept(run, cast.diane, {one.id})
        db.session.commit()
    assert (one.technician, other.technician) == (cast.zoe, None)
    assert as_planned(route)
