"""Case 24, planned times: the night of 25 October 2026 has 02:30 twice, that of 28 March 2027 has it never.

Elapsed time is real minutes, order is that of UTC, a repeated hour is shown with its offset, and a time that does
not exist is moved on by the missing hour: 02:30 becomes 03:30.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.plan import PlannedBreak
from dispatch.planning import move
from dispatch.planning.greedy import plan_greedily
from dispatch.sla.calendar import local_instant
from tests import factories as make
from tests.battery.invariants import everything_wrong
from tests.battery.stands import always_open
from tests.people import signed_in

AUTUMN, SPRING = date(2026, 10, 25), date(2027, 3, 28)
HOUR = timedelta(hours=1)
FIRST = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
SECOND = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
AFTER_THE_GAP = datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


def night(day: date):
    """A night's work of Tariq, midnight to six with half an hour to eat, seen at midnight."""
    always_open(make.client())
    make.territory().max_overtime_minutes = 0
    tariq = make.technician("Tariq", day=None)
    make.shift(tariq, day, ("00:00", "06:00"), lunch=("02:00", "05:00", 30))
    return tariq, make.user("Diane", "dispatcher", every_client=True)


def calls(count: int) -> None:
    for number in range(count):
        make.job(f"appel {number}", mode="remote", building_id=None, minutes=60)


@pytest.mark.parametrize(("day", "hours", "served"), [(AUTUMN, 7, 6), (SPRING, 5, 4)])
def test_a_night_holds_as_many_calls_as_it_has_real_hours(session, day, hours, served):
    with at(make.at("00:00", day)):
        tariq, diane = night(day)
        assert (
            tariq.shifts[0].ends_at.astimezone(UTC) - tariq.shifts[0].starts_at.astimezone(UTC)
            == hours * HOUR
        )
        calls(8)
        plan_greedily(make.territory(), day, diane)
        session.commit()
        jobs = session.scalars(
            select(Job).where(Job.technician_id.is_not(None)).order_by(Job.planned_start)
        ).all()
        assert len(jobs) == served
        assert {job.planned_end - job.planned_start for job in jobs} == {HOUR}
        pause = session.scalars(select(PlannedBreak)).one()
        assert pause.ends_at - pause.starts_at == timedelta(minutes=30)
        assert make.at("02:00", day) <= pause.starts_at
        assert all(job.planned_end <= pause.starts_at or pause.ends_at <= job.planned_start for job in jobs)
        assert everything_wrong() == []


def test_the_two_half_past_two_of_autumn_are_two_moments_and_look_like_it(app, session):
    with at(make.at("00:00", AUTUMN)):
        tariq, diane = night(AUTUMN)
        calls(2)
        late, early = session.scalars(select(Job).order_by(Job.id)).all()
        make.territory()
        move.assign(late, tariq, diane, start=SECOND, lock="time")
        move.assign(early, tariq, diane, start=FIRST, lock="time")
        session.commit()
        plan_greedily(make.territory(), AUTUMN, diane)
        session.commit()
        assert (early.planned_start, late.planned_start) == (FIRST, SECOND)
        assert everything_wrong() == []
        for person, path in ((tariq.user, f"/jobs?day={AUTUMN}"), (diane, f"/board?day={AUTUMN}")):
            page = signed_in(app, person).get(path).get_data(as_text=True)
            shown = re.findall(r"02:30 \(\+0[12]:00\)", page)
            assert list(dict.fromkeys(shown)) == ["02:30 (+02:00)", "02:30 (+01:00)"], path
            bare = re.findall(r".{60}(?<!T)02:30(?! \().{40}", page, re.DOTALL)
            assert bare == [], "an hour that comes twice, without saying which"


def test_a_site_that_opens_at_a_time_which_does_not_exist_opens_an_hour_later(session):
    with at(make.at("00:00", SPRING)):
        _tariq, diane = night(SPRING)
        building = make.building()
        building.site.opening_week = [[]] * 6 + [[[150, 360]]]
        make.job(of=make.ticket(building_id=building.id, due_at=make.at("03:00", SPRING)))
        plan_greedily(make.territory(), SPRING, diane)
        session.commit()
        job = session.scalars(select(Job)).one()
        assert local_instant(SPRING, 150, "Europe/Paris") == AFTER_THE_GAP
        assert job.planned_start is not None
        assert job.planned_start >= AFTER_THE_GAP
        assert job.planned_start.astimezone(make.ZONE).hour == 3


def test_a_window_typed_with_a_time_that_does_not_exist_begins_an_hour_later(app, session):
    with at(make.at("00:00", SPRING)):
        tariq, _diane = night(SPRING)
        job = make.job(technician=tariq, start=make.at("00:10", SPRING), state="working")
        said = {
            "to": "not_completed", "reason": "user_absent", "follow_up": "new_window", "key": "absent",
            "from": "2027-03-28T02:30", "until": "2027-03-28T05:00",
        }  # fmt: skip
        answer = signed_in(app, tariq.user).post(f"/jobs/{job.number}/transitions", data=said)
        assert answer.status_code == 303
        db.session.expire_all()
        follow_up = session.scalars(select(Job).where(Job.parent_id == job.id)).one()
        assert follow_up.not_before == AFTER_THE_GAP
