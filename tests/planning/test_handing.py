"""Handing over and taking on either database: of two at once one wins, and nothing is searched for."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.technician import Technician
from dispatch.models.user import User
from dispatch.planning import handing
from tests import factories as make
from tests.battery.invariants import everything_wrong
from tests.people import assemble
from tests.planning.test_races import assign, at_once, the

__all__ = ["at_once"]


@pytest.fixture
def cast(session_on_both: Any) -> Any:
    with at(make.at("10:00")):
        yield assemble()
    db.session.rollback()
    db.engine.dispose()


def taking(job_id: int, version: int, who: str) -> Any:
    return lambda: handing.take_up(db.session.get_one(Job, job_id), the(User, who), version)


def handing_over(job_id: int, version: int, to: str, by: str) -> Any:
    return lambda: handing.hand_over(
        db.session.get_one(Job, job_id), the(Technician, to), the(User, by), version
    )


def test_of_two_who_take_the_same_one_gets_it(cast: Any, at_once: Any) -> None:
    job = make.job(minutes=20)
    answers = at_once(*(taking(job.id, job.version, who) for who in ("Tariq", "Zoé")))
    assert sorted(map(type, answers), key=str) == sorted((type(None), StaleDataError), key=str)
    winner = ("Tariq", "Zoé")[answers.index(None)]
    assert db.session.get_one(Job, job.id).technician.name == winner
    assert everything_wrong() == []


def test_a_dispatchers_move_and_a_hand_over_at_once_leave_one_of_them(cast: Any, at_once: Any) -> None:
    make.technician("Karim")
    job = make.job(technician=cast.tariq, start=make.at("14:00"), state="accepted")
    moving = assign(job.id, "Karim", version=job.version)
    answers = at_once(moving, handing_over(job.id, job.version, "Zoé", "Tariq"))
    assert [type(one) for one in answers].count(StaleDataError) == 1
    held = db.session.get_one(Job, job.id)
    assert held.technician.name == ("Karim", "Zoé")[answers.index(None)]
    assert everything_wrong() == []


def test_both_ways_on_either_database(cast: Any) -> None:
    job, free = (
        make.job(technician=cast.tariq, start=make.at("14:00"), state="accepted"),
        make.job("Libre", minutes=20),
    )
    db.session.commit()
    handing.hand_over(job, cast.zoe, cast.tariq.user, job.version)
    assert [offer.job.id for offer in handing.on_offer(cast.tariq.user)] == [free.id]
    handing.take_up(free, cast.tariq.user, free.version)
    db.session.commit()
    assert {one.technician_id: one.state for one in db.session.scalars(select(Job))} == {
        cast.zoe.id: "dispatched", cast.tariq.id: "accepted",
    }  # fmt: skip
    assert everything_wrong() == []
