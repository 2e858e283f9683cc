"""The cheapest way out done with one press: tried on the plan as it is, done as it was shown or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from dispatch import clock
from dispatch.models.event import Event
from dispatch.models.job import IllegalMove, Job
from dispatch.models.plan import Explanation
from dispatch.models.technician import RightGrant, Shift, Technician
from dispatch.planning.apply import explain_in_tables
from dispatch.planning.placement import RulesBroken
from dispatch.planning.remedy import Offer, mend, offer_for
from tests import factories as make
from tests.people import Cast


@pytest.fixture(autouse=True)
def monday_at_half_past_seven(session: Any) -> Any:
    with clock.at(make.at("07:30")):
        yield


@pytest.fixture
def alone(cast: Cast, session: Any) -> Cast:
    """Tariq works this Monday, and nobody else."""
    for shift in session.scalars(select(Shift).where(Shift.technician_id != cast.tariq.id)):
        session.delete(shift)
    session.flush()
    session.expire_all()
    return cast


def named(job: Job, technician: Technician, rule: str, **values: Any) -> None:
    """What a run has found out."""
    fix = {
        "technician_id": technician.id, "technician": technician.name, "day": make.MONDAY.isoformat(),
        "rule": rule, "values": values, "detail": "",
    }  # fmt: skip
    entry = {"job": job.id, "kind": "impossible", "reasons": [fix], "outbid_by": [], "fix": fix}
    explain_in_tables([entry], None)
    make.db.session.commit()


def seen(offer: Offer) -> str:
    assert offer.remedy is not None
    return offer.remedy.seen


def test_a_missing_right_is_overridden_with_a_reason(cast: Cast, session: Any) -> None:
    job = make.job(admin_right_id=make.right().id)
    named(job, cast.tariq, "right", missing=["acme:local_admin"])
    offer = offer_for(job)
    assert offer.remedy and [one.rule for one in offer.remedy.broken] == ["right"]
    with pytest.raises(RulesBroken):
        mend(job, cast.diane, seen(offer), version=job.version)
    session.rollback()
    mend(job, cast.diane, seen(offer), version=job.version, reason="granted by phone")
    session.commit()
    assert (job.technician, job.waived, job.lock) == (cast.tariq, {"right": "granted by phone"}, "technician")
    assert session.get(Explanation, job.id) is None


def test_a_shift_is_extended_and_that_is_logged(alone: Cast, session: Any) -> None:
    make.job("A", technician=alone.tariq, start=make.at("08:00"), minutes=500)
    job = make.job("B", minutes=60)
    session.commit()
    found = offer_for(job)
    assert found.remedy and found.remedy.rule in ("shift", "overtime")
    assert found.remedy.broken == []
    mend(job, alone.diane, seen(found), version=job.version)
    session.commit()
    assert job.technician is alone.tariq
    ends = session.scalars(select(Shift.ends_at).where(Shift.technician_id == alone.tariq.id)).one()
    assert ends == found.remedy.shift_ends and ends > make.at("17:00")
    assert (ends - make.at("17:00")).total_seconds() % 300 == 0
    told = session.scalars(select(Event).where(Event.kind == "shift.extended")).one()
    assert (told.technician_id, told.actor_id, told.job_id) == (alone.tariq.id, alone.diane.id, job.id)


def test_a_later_time_is_locked_once_it_is_agreed(cast: Cast, session: Any) -> None:
    job = make.job(minutes=30)
    named(job, cast.tariq, "window", start=make.at("16:00").isoformat(), seconds=1800)
    offer = offer_for(job)
    assert offer.remedy and offer.remedy.start == make.at("16:00")
    mend(job, cast.diane, seen(offer), version=job.version, reason="agreed with Camille")
    assert (job.planned_start, job.lock_start) == (make.at("16:00"), make.at("16:00"))


def test_a_lock_on_somebody_who_cannot_is_removed(cast: Cast, session: Any) -> None:
    job = make.job(lock="technician", lock_technician_id=cast.zoe.id)
    named(job, cast.tariq, "lock", lock="technician", holder="zoe")
    mend(job, cast.diane, seen(offer_for(job)), version=job.version)
    assert (job.technician, job.lock) == (cast.tariq, "none")


def test_what_no_longer_does_it_is_looked_for_again(alone: Cast, session: Any) -> None:
    """Tariq's day has filled since the run: the right alone does not help any more."""
    job = make.job(admin_right_id=make.right().id)
    named(job, alone.tariq, "right", missing=["acme:local_admin"])
    before = offer_for(job)
    alone.tariq.rights.append(RightGrant(admin_right_id=make.right().id))
    make.job("A", technician=alone.tariq, start=make.at("08:00"), minutes=530)
    session.commit()
    after = offer_for(job)
    assert after.afresh
    assert after.entry and after.entry["kind"] in ("outbid", "impossible")
    with pytest.raises(StaleDataError):
        mend(job, alone.diane, seen(before), version=job.version, reason="granted")
    session.rollback()
    assert job.technician is None


def test_somebody_else_was_faster(cast: Cast, session: Any) -> None:
    job = make.job(admin_right_id=make.right().id)
    named(job, cast.tariq, "right", missing=["acme:local_admin"])
    offer = offer_for(job)
    with pytest.raises(StaleDataError):
        mend(job, cast.diane, seen(offer), version=job.version - 1, reason="granted")
    job.state = "cancelled"
    session.commit()
    with pytest.raises(IllegalMove):
        mend(job, cast.diane, seen(offer), version=job.version, reason="granted")
    assert offer_for(job).remedy is None


def test_the_remedy_of_a_day_that_is_over_is_none(cast: Cast) -> None:
    job = make.job(admin_right_id=make.right().id)
    named(job, cast.tariq, "right", missing=["acme:local_admin"])
    with clock.at(make.at("07:30", make.MONDAY + timedelta(days=1))):
        assert offer_for(job).remedy is None


def test_whoever_can_simply_take_it_is_named(cast: Cast, session: Any) -> None:
    job = make.job()
    session.commit()
    offer = offer_for(job)
    assert offer.remedy and (offer.remedy.rule, offer.remedy.broken, offer.afresh) == ("free", [], False)
    mend(job, cast.diane, seen(offer), version=job.version)
    assert job.technician is offer.remedy.technician


def test_on_the_board_of_another_day_that_day_is_looked_at(cast: Cast, session: Any) -> None:
    tomorrow = make.MONDAY + timedelta(days=1)
    make.shift(cast.zoe, tomorrow)
    job = make.job()
    session.commit()
    offer = offer_for(job, tomorrow)
    assert offer.remedy and (offer.remedy.technician, offer.remedy.day) == (cast.zoe, tomorrow)
    mend(job, cast.diane, seen(offer), version=job.version, day=tomorrow)
    assert (job.technician, job.day) == (cast.zoe, tomorrow)
