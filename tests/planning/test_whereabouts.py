"""Where technicians are, on either database: the end of a shift beside a dispatcher's move, a pause beside a tap."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.tap import take
from dispatch.models.technician import Absence, KioskDuty, Technician
from dispatch.models.user import User
from dispatch.planning import whereabouts
from dispatch.planning.placement import NotPlaceable, RulesBroken
from tests import factories as make
from tests.battery.invariants import everything_wrong
from tests.people import assemble
from tests.planning.test_races import assign, at_once, the

__all__ = ["at_once"]
TEN = make.at("10:00")


@pytest.fixture
def cast(session_on_both: Any) -> Any:
    with at(TEN):
        yield assemble()
    db.session.rollback()
    db.engine.dispose()


def ending() -> Any:
    return lambda: len(whereabouts.end_shift(the(Technician, "Tariq"), the(User, "Tariq"), TEN))


def test_what_is_given_to_him_while_he_goes_is_left_over_or_refused(cast: Any, at_once: Any) -> None:
    mine = make.job(technician=cast.tariq, start=make.at("11:00"), state="accepted")
    other = make.job("Autre", technician=cast.zoe, start=make.at("14:00"), state="accepted")
    left, moved = at_once(ending(), assign(other.id, "Tariq", version=other.version))
    assert db.session.get_one(Job, mine.id).state == "unplanned"
    if left == 2:
        assert moved is None
        assert db.session.get_one(Job, other.id).state == "unplanned"
    else:
        assert isinstance(moved, RulesBroken | NotPlaceable)
        assert db.session.get_one(Job, other.id).technician_id == cast.zoe.id
    assert everything_wrong() == []


def test_a_pause_and_a_tap_on_his_job_at_once_end_without_a_deadlock(cast: Any, at_once: Any) -> None:
    job = make.job(technician=cast.tariq, start=make.at("10:10"), state="accepted")
    later = make.job("Plus tard", technician=cast.tariq, start=make.at("10:50"), state="accepted")
    job_id = job.id

    def tap() -> None:
        held = db.session.scalars(select(Job).where(Job.id == job_id).with_for_update(of=Job)).one()
        take(held, "travelling", the(User, "Tariq"))

    def pause() -> None:
        whereabouts.pause(the(Technician, "Tariq"), 30, the(User, "Tariq"), TEN)

    assert at_once(tap, pause) == [None, None]
    assert db.session.get_one(Job, later.id).planned_start >= make.at("10:50")
    assert everything_wrong() == []


def test_the_whole_of_it_on_either_database(cast: Any) -> None:
    job = make.job(technician=cast.tariq, start=make.at("10:10"), state="accepted")
    where = make.kiosk()
    db.session.commit()
    whereabouts.pause(cast.tariq, 30, cast.tariq.user, TEN)
    db.session.commit()
    assert job.planned_start >= make.at("10:30")
    with at(make.at("10:40")):
        whereabouts.resume(cast.tariq, cast.tariq.user, make.at("10:40"))
        whereabouts.go_to_kiosk(cast.tariq, where, 60, cast.tariq.user, make.at("10:40"))
        db.session.commit()
        assert job.planned_start >= make.at("11:40")
        whereabouts.leave_kiosk(cast.tariq, cast.tariq.user, make.at("10:40"))
        assert whereabouts.end_shift(cast.tariq, cast.tariq.user, make.at("10:40")) == [job]
        db.session.commit()
    assert [one.kind for one in db.session.scalars(select(Absence).order_by(Absence.id))] == ["pause", "off"]
    assert not db.session.scalars(select(KioskDuty)).one().is_open
    assert everything_wrong() == []
