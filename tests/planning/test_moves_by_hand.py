"""What a dispatcher does to one job: ranked candidates, a checked move, what it does to others."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from dispatch import clock
from dispatch.models.event import Event
from dispatch.models.job import IllegalMove
from dispatch.models.plan import PlannedBreak
from dispatch.models.technician import Break, Shift
from dispatch.planning.candidates import candidates
from dispatch.planning.move import assign, set_lock, take_back
from dispatch.planning.placement import NotPlaceable, RulesBroken
from tests import factories as make
from tests.people import Cast


@pytest.fixture(autouse=True)
def monday_at_eight(session: Any) -> Any:
    with clock.at(make.at("07:30")):
        yield


def test_a_job_goes_to_a_technician_and_reaches_his_phone(cast: Cast) -> None:
    job = make.job()
    assign(job, cast.tariq, cast.diane)
    assert (job.technician, job.state, job.day) == (cast.tariq, "dispatched", make.MONDAY)
    assert job.planned_start >= make.at("08:00")
    assert job.change["what"] == "assigned"


def test_both_technicians_are_told_of_a_reassignment(cast: Cast, session: Any) -> None:
    job = make.job(technician=cast.tariq)
    assign(job, cast.zoe, cast.diane)
    session.commit()
    told = {(event.kind, event.technician_id) for event in session.scalars(select(Event))}
    assert {("job.withdrawn", cast.tariq.id), ("job.assigned", cast.zoe.id)} <= told


def test_later_times_follow(cast: Cast) -> None:
    early, late = (
        make.job(name, technician=cast.tariq, start=make.at(at))
        for name, at in (("A", "09:00"), ("B", "09:35"))
    )
    longer = make.job("C", minutes=120)
    assign(longer, cast.tariq, cast.diane, start=make.at("08:10"))
    spans = sorted((job.planned_start, job.planned_end) for job in (early, late, longer))
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))


def test_what_follows_a_job_moved_to_tomorrow_takes_its_time_today(cast: Cast, session: Any) -> None:
    tomorrow = make.MONDAY + timedelta(days=1)
    make.shift(cast.tariq, tomorrow)
    early, late = (
        make.job(name, technician=cast.tariq, start=make.at(at), minutes=60)
        for name, at in (("A", "09:00"), ("B", "10:10"))
    )
    session.commit()
    assign(early, cast.tariq, cast.diane, start=make.at("09:00", tomorrow))
    assert (early.day, late.planned_start < make.at("09:30")) == (tomorrow, True)


def test_a_missing_right_needs_a_reason_and_is_then_kept_as_waived(cast: Cast) -> None:
    job = make.job(admin_right_id=make.right().id)
    with pytest.raises(RulesBroken) as refused:
        assign(job, cast.tariq, cast.diane)
    assert [(one.rule, one.waivable) for one in refused.value.broken] == [("right", True)]
    assign(job, cast.tariq, cast.diane, override_reason="granted by phone")
    assert (job.waived, job.lock, job.lock_technician_id) == (
        {"right": "granted by phone"},
        "technician",
        cast.tariq.id,
    )


def test_nobody_can_override_a_kiosk_duty(cast: Cast) -> None:
    make.duty(cast.tariq, ("08:00", "16:50"))
    job = make.job(minutes=60)
    with pytest.raises(RulesBroken) as refused:
        assign(job, cast.tariq, cast.diane, override_reason="please")
    assert not all(one.waivable for one in refused.value.broken)


def test_a_stale_move_loses(cast: Cast) -> None:
    job = make.job()
    seen = job.version
    assign(job, cast.tariq, cast.diane, version=seen)
    make.db.session.flush()
    with pytest.raises(StaleDataError):
        assign(job, cast.zoe, cast.berenice, version=seen)


def test_candidates_name_every_broken_rule_and_come_best_first(cast: Cast) -> None:
    job = make.job(skills={"printer": 2}, admin_right_id=make.right().id)
    able = make.technician("Kim", skills={"printer": 3}, rights=[make.right()])
    found = candidates(job)
    assert found[0].technician.id == able.id and found[0].feasible
    assert {one.rule for one in found[1].broken} == {"skill", "right"}


def test_a_job_without_a_duration_cannot_be_placed(cast: Cast) -> None:
    with pytest.raises(NotPlaceable) as refused:
        candidates(make.job(duration_minutes=None))
    assert refused.value.reason == "no_duration"


def test_work_under_way_can_be_given_to_somebody_else(cast: Cast) -> None:
    job = make.job(technician=cast.tariq, state="travelling")
    assign(job, cast.zoe, cast.diane)
    assert (job.technician, job.state) == (cast.zoe, "dispatched")


def test_taking_back_frees_the_slot_and_the_lock(cast: Cast) -> None:
    job = make.job(technician=cast.tariq)
    set_lock(job, "both", cast.diane)
    assert job.lock_start == job.planned_start
    take_back(job, cast.diane)
    assert (job.state, job.technician_id, job.lock) == ("unplanned", None, "none")


def test_what_was_overridden_for_one_technician_is_not_for_the_next(cast: Cast) -> None:
    job = make.job(admin_right_id=make.right().id)
    assign(job, cast.tariq, cast.diane, override_reason="granted by phone")
    assert all(one.broken for one in candidates(job))
    with pytest.raises(RulesBroken):
        assign(job, cast.zoe, cast.diane)
    take_back(job, cast.diane)
    assert job.waived == {}


def test_a_window_agreed_on_later_replaces_the_presence_said_at_first(cast: Cast) -> None:
    early = [[make.at("06:00").isoformat(), make.at("07:00").isoformat()]]
    job = make.job(of=make.ticket(available=early))
    with pytest.raises(NotPlaceable):
        candidates(job)
    job.not_before = job.promised_from = make.at("14:00")
    job.promised_to = make.at("16:00")
    assert candidates(job)[0].start >= make.at("14:00")


def test_parts_count_for_the_whole_route_and_may_be_overridden(cast: Cast) -> None:
    cast.tariq.parts = {"mouse": 1}
    first, second = (make.job(parts={"mouse": 1}) for _ in range(2))
    assign(first, cast.tariq, cast.diane)
    with pytest.raises(RulesBroken) as refused:
        assign(second, cast.tariq, cast.diane)
    assert [(one.rule, one.waivable) for one in refused.value.broken] == [("part", True)]
    assign(second, cast.tariq, cast.diane, override_reason="he fetches one")
    assert second.technician == cast.tariq and second.waived == {"part": "he fetches one"}


def test_one_more_visit_than_he_may_make_needs_a_reason_each_time(cast: Cast) -> None:
    first, second, third = (make.job() for _ in range(3))
    for job in (first, second):
        assign(job, cast.tariq, cast.diane)
    cast.tariq.max_visits = 1
    broken = {one.technician.id: one.broken for one in candidates(third)}
    assert ([one.rule for one in broken[cast.tariq.id]], broken[cast.zoe.id]) == (["visits"], [])
    with pytest.raises(RulesBroken) as refused:
        assign(third, cast.tariq, cast.diane)
    assert [(one.rule, one.waivable, one.values) for one in refused.value.broken] == [
        ("visits", True, {"limit": 1, "visits": 3})
    ]
    assign(third, cast.tariq, cast.diane, override_reason="he feels fine")
    assert third.technician == cast.tariq and third.waived == {"visits": "he feels fine"}


def test_what_was_overridden_for_one_is_asked_again_for_another(cast: Cast) -> None:
    job = make.job(admin_right_id=make.right().id)
    assign(
        job, cast.tariq, cast.diane, override_reason="granted by phone", lock="time", start=make.at("10:00")
    )
    assert (job.lock, job.lock_technician_id) == ("both", cast.tariq.id)
    with pytest.raises(RulesBroken):
        assign(job, cast.zoe, cast.diane)


def test_a_job_that_leaves_a_day_leaves_its_breaks_there(cast: Cast, session: Any) -> None:
    tuesday = make.MONDAY + timedelta(days=1)
    for day in (make.MONDAY, tuesday):
        cast.tariq.shifts.append(Shift(starts_at=make.at("18:00", day), ends_at=make.at("23:00", day)))
    make.site(opening_week=[[[0, 1440]]] * 7)
    cast.tariq.shifts[-1].breaks.append(
        Break(earliest=make.at("19:00", tuesday), latest=make.at("22:00", tuesday), minutes=45)
    )
    job, other = make.job(), make.job()
    for one in (job, other):
        assign(one, cast.tariq, cast.diane, start=make.at("20:00", tuesday))
    assert len(session.scalars(select(PlannedBreak)).all()) == 1
    assign(job, cast.tariq, cast.diane, start=make.at("10:00"))
    assert len(session.scalars(select(PlannedBreak)).all()) == 1
    assert (job.day, other.day) == (make.MONDAY, tuesday)


def test_a_job_of_the_kiosk_is_given_to_nobody(cast: Cast) -> None:
    with pytest.raises(NotPlaceable) as refused:
        assign(make.job(mode="kiosk"), cast.tariq, cast.diane)
    assert refused.value.reason == "kiosk"


def test_a_job_under_way_is_not_given_to_who_has_it(cast: Cast) -> None:
    with pytest.raises(IllegalMove):
        assign(make.job(technician=cast.tariq, state="working"), cast.tariq, cast.diane)


def test_what_has_ended_is_not_moved(cast: Cast) -> None:
    with pytest.raises(IllegalMove):
        assign(make.job(state="completed"), cast.tariq, cast.diane)


def test_somebody_without_a_shift_that_day_gets_nothing(cast: Cast) -> None:
    with pytest.raises(NotPlaceable) as refused:
        assign(make.job(), make.technician("Lou", day=None), cast.diane)
    assert refused.value.reason == "not_working"


def test_only_what_is_planned_can_be_locked(cast: Cast) -> None:
    with pytest.raises(NotPlaceable):
        set_lock(make.job(), "technician", cast.diane)


def test_a_locked_start_that_the_clock_has_overtaken_is_not_pushed_further_unasked(cast: Cast) -> None:
    """At ten, far away from what is locked at five past: what goes before it would make it later still."""
    far = make.building("Loin", latitude=48.19, longitude=-1.67)
    when = make.at("10:05")
    locked = make.job(technician=cast.tariq, start=when, building_id=far.id, lock="time", lock_start=when)
    near = make.ticket("Écran noir", building_id=make.building().id)
    with clock.at(make.at("10:00")):
        urgent, endless = make.job(of=near, minutes=90), make.job(of=near, minutes=450)
        [too_much] = [one for one in candidates(endless, make.MONDAY) if one.technician.id == cast.tariq.id]
        assert {one.rule for one in too_much.broken} == {"window", "overtime"}, (
            "rather beyond all hours than before it"
        )
        [offer] = [one for one in candidates(urgent, make.MONDAY) if one.technician.id == cast.tariq.id]
        assert offer.feasible
        assign(urgent, cast.tariq, cast.diane, day=make.MONDAY, start=when)
    assert locked.planned_start < urgent.planned_start, "after it there is room"


def test_a_shift_that_is_exceeded_already_is_not_made_longer_unasked(cast: Cast) -> None:
    """At five to five, when the last job will end beyond it: what goes before it would make him later still."""
    last = make.job(technician=cast.tariq, start=make.at("16:30"), minutes=90)
    with clock.at(make.at("16:55")):
        one_more = make.job(minutes=10)
        with pytest.raises(RulesBroken) as refused:
            assign(one_more, cast.tariq, cast.diane, day=make.MONDAY)
        assert {one.rule for one in refused.value.broken} == {"overtime"}
        assign(one_more, cast.tariq, cast.diane, day=make.MONDAY, override_reason="urgent")
    assert one_more.technician_id == last.technician_id == cast.tariq.id


def test_on_his_own_late_route_a_job_is_put_elsewhere_without_a_reason_when_nothing_gets_worse(
    cast: Cast,
) -> None:
    first = make.job(technician=cast.tariq, start=make.at("16:00"), minutes=40)
    make.job(technician=cast.tariq, start=make.at("16:40"), minutes=60)
    with clock.at(make.at("16:30")):
        [own] = [one for one in candidates(first, make.MONDAY) if one.technician.id == cast.tariq.id]
        assert own.feasible, own.broken
        assign(first, cast.tariq, cast.diane, day=make.MONDAY)


def test_a_way_home_that_is_late_already_is_no_news(cast: Cast) -> None:
    """The last requester, far away, is there from five on: what goes before him makes nobody later."""
    last = far_away(cast, "17:00", "18:00")
    job = make.job(of=make.ticket("Écran noir", building_id=make.building().id), minutes=20)
    assign(job, cast.tariq, cast.diane, day=make.MONDAY)
    assert job.planned_start < last.planned_start == make.at("17:00")


def test_a_later_way_home_is_overridden_where_it_binds(cast: Cast) -> None:
    last = far_away(cast, "16:30", "18:00")
    job = make.job(of=make.ticket("Écran noir", building_id=make.building().id), minutes=145)
    with clock.at(make.at("14:00")):
        with pytest.raises(RulesBroken) as refused:
            assign(job, cast.tariq, cast.diane, day=make.MONDAY)
        assert [(one.rule, one.job_id) for one in refused.value.broken] == [("overtime", None)]
        assign(job, cast.tariq, cast.diane, day=make.MONDAY, override_reason="urgent")
    assert job.planned_start < last.planned_start
    assert (job.waived, last.waived) == ({}, {"overtime": "urgent"})


def far_away(cast: Cast, *there: str) -> Any:
    """Tariq's last job, half an hour somewhere from where it takes him as long to come back to his base."""
    cast.tariq.ends_at_base = True
    far = make.building("Loin", latitude=48.115, longitude=-1.66)
    presence = [[make.at(time).isoformat() for time in there]]
    return make.job(technician=cast.tariq, start=make.at(there[0]), minutes=30, of=make.ticket(available=presence),
                    building_id=far.id)  # fmt: skip
