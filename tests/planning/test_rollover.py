"""What was not begun when the day ended."""

from __future__ import annotations

from datetime import timedelta

from dispatch import clock
from dispatch.planning import rollover
from tests import factories as make
from tests.people import Cast

MIDNIGHT = make.at("00:01", make.MONDAY + timedelta(days=1))


def test_work_not_begun_goes_back_with_a_higher_claim(cast: Cast) -> None:
    job = make.job(technician=cast.tariq, state="accepted")
    with clock.at(MIDNIGHT):
        assert rollover.roll_over(make.territory().id) == 1
    assert (job.state, job.technician_id, job.carried_over) == ("unplanned", None, 1)


def test_paused_work_keeps_its_technician(cast: Cast) -> None:
    job = make.job(technician=cast.tariq, state="paused")
    with clock.at(MIDNIGHT):
        assert rollover.roll_over(make.territory().id) == 0
    assert job.technician == cast.tariq


def test_the_day_is_not_over_before_the_territory_s_midnight(cast: Cast) -> None:
    make.job(technician=cast.tariq)
    with clock.at(make.at("23:59")):
        assert rollover.roll_over(make.territory().id) == 0


def test_the_minute_that_was_fixed_is_forgotten_and_who_was_fixed_is_not(cast: Cast) -> None:
    both = make.job(
        technician=cast.tariq, lock="both", lock_technician_id=cast.tariq.id, lock_start=make.at("09:00")
    )
    time = make.job(technician=cast.zoe, lock="time", lock_start=make.at("09:00"))
    with clock.at(MIDNIGHT):
        rollover.roll_over(make.territory().id)
    assert [(job.lock, job.lock_technician_id, job.lock_start) for job in (both, time)] == [
        ("technician", cast.tariq.id, None), ("none", None, None)
    ]  # fmt: skip
