"""What a dispatcher changed goes back to where it was, as far as that still holds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from dispatch import clock
from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.models.plan import PlanRun
from dispatch.models.plan_change import PlanChange
from dispatch.planning import accept, bulk, move
from dispatch.planning.build import build
from dispatch.planning.placement import RulesBroken
from dispatch.planning.proposal import basis_of
from dispatch.planning.retime import retime
from dispatch.planning.run import publish
from dispatch.planning.solver import fallback
from dispatch.planning.undo import undo, undo_of
from tests import factories as make
from tests.people import Cast, assemble

TUESDAY = make.MONDAY + timedelta(days=1)


@pytest.fixture
def cast(session: Any) -> Any:
    with clock.at(make.at("07:30")):
        yield assemble()


@pytest.fixture
def cast_on_both(session_on_both: Any) -> Any:
    with clock.at(make.at("07:30")):
        yield assemble()


def changes(number: int | None = 1) -> Sequence[PlanChange]:
    """The latest changes, as many as asked for; None: all."""
    return db.session.scalars(select(PlanChange).order_by(PlanChange.id.desc()).limit(number)).all()


def placed(*jobs: Job) -> list[tuple[Any, ...]]:
    return [
        (job.technician and job.technician.name, job.day, job.planned_start, job.lock, job.lock_start, job.waived)
        for job in jobs
    ]  # fmt: skip


def planned(cast: Cast, *names: str) -> list[Job]:
    """Work on Tariq's day, at the times that the engine gives it."""
    jobs = [
        make.job(name, technician=cast.tariq, start=make.at(f"{8 + n:02}:30")) for n, name in enumerate(names)
    ]
    retime(make.territory().id, make.MONDAY, {cast.tariq.id}, None)
    db.session.commit()
    return jobs


def done(verb: Any, *args: Any, **more: Any) -> None:
    verb(*args, **more)
    db.session.commit()


def test_a_move_goes_back_and_both_technicians_are_told(cast_on_both: Cast) -> None:
    cast = cast_on_both
    jobs = planned(cast, "A", "B", "C")
    before = placed(*jobs)
    done(move.assign, jobs[1], cast.zoe, cast.diane)
    jobs[1].see(cast.zoe.user)
    [change] = changes()
    assert (change.kind, change.by, [row.job_id for row in change.jobs if row.meant]) == (
        "move", cast.diane, [jobs[1].id],
    )  # fmt: skip
    found = undo_of([change])
    assert [(one["number"], one["to"]["technician"]) for one in found.back] == [(jobs[1].number, "Tariq")]
    done(undo, [change], cast.ahmed, found.seen)
    assert placed(*jobs) == before
    told = [(one.kind, one.technician_id) for one in db.session.scalars(select(Event).order_by(Event.id))]
    assert told.index(("job.withdrawn", cast.zoe.id)) > 0 and told.count(("job.assigned", cast.tariq.id)) == 1
    assert (change.undone_by, jobs[1].change["what"]) == (cast.ahmed, "assigned")


def test_an_undo_is_undone_like_any_change(cast: Cast) -> None:
    jobs = planned(cast, "A", "B")
    done(move.assign, jobs[0], cast.zoe, cast.diane)
    moved = placed(*jobs)
    [change] = changes()
    done(undo, [change], cast.diane)
    done(undo, changes(), cast.diane)
    assert (placed(*jobs), change.undone_at) == (moved, None)
    done(undo, [change], cast.diane)
    assert jobs[0].technician == cast.tariq


@pytest.mark.parametrize("verb", ["take_back", "cancel"])
def test_what_left_the_plan_comes_back(cast: Cast, verb: str) -> None:
    jobs = planned(cast, "A", "B")
    done(move.set_lock, jobs[0], "time", cast.diane)
    before = placed(*jobs)
    done(getattr(move, verb), jobs[0], cast.diane)
    assert jobs[0].state in ("unplanned", "cancelled")
    done(undo, changes(), cast.diane)
    assert (placed(*jobs), jobs[0].state) == (before, "dispatched")
    done(undo, changes(), cast.diane)
    assert jobs[0].state in ("unplanned", "cancelled")


def test_a_lock_and_an_override_go_back(cast: Cast) -> None:
    job = make.job(admin_right_id=make.right().id)
    with pytest.raises(RulesBroken):
        move.assign(job, cast.tariq, cast.diane)
    assert changes() == []
    done(move.assign, job, cast.tariq, cast.diane, override_reason="par téléphone")
    before = placed(job)
    done(move.set_lock, job, "both", cast.diane)
    done(undo, changes(), cast.diane)
    assert placed(job) == before and job.waived
    done(undo, changes(3)[-1:], cast.diane)
    assert (job.technician, job.lock, job.waived) == (None, "none", {})
    done(undo, changes(), cast.diane)
    assert placed(job) == before


def test_a_job_goes_back_to_another_day(cast: Cast) -> None:
    make.shift(cast.zoe, TUESDAY)
    jobs = planned(cast, "A", "B")
    before = placed(*jobs)
    done(move.assign, jobs[0], cast.zoe, cast.diane, start=make.at("10:00", TUESDAY))
    assert jobs[0].day == TUESDAY
    done(undo, changes(), cast.diane)
    assert placed(*jobs) == before


def test_what_has_begun_ended_or_moved_since_stays_and_says_why(cast_on_both: Cast) -> None:
    cast = cast_on_both
    jobs = planned(cast, "A", "B", "C", "D")
    for job in jobs:
        done(move.assign, job, cast.zoe, cast.diane)
    for name in ("accepted", "travelling"):
        jobs[0].move(name, cast.zoe.user)
    jobs[1].decline(cast.zoe.user, "overloaded")
    done(move.assign, jobs[2], cast.tariq, cast.ahmed)
    made = changes(None)[1:]
    found = undo_of(made)
    assert {one.job.id: (one.why, one.by) for one in found.stays} == {
        jobs[0].id: ("begun", None), jobs[1].id: ("moved", None),
    }  # fmt: skip
    assert [one["job"] for one in found.back] == [jobs[3].id]  # C is with Tariq already
    with pytest.raises(StaleDataError):
        undo(made, cast.diane)  # in one click only what goes back as a whole
    db.session.rollback()
    done(undo, made, cast.diane, found.seen)
    assert [job.technician for job in jobs] == [cast.zoe, None, cast.tariq, cast.tariq]


def test_who_moved_it_since_is_named(cast: Cast) -> None:
    [job] = planned(cast, "A")
    done(move.take_back, job, cast.diane)
    [change] = changes()
    done(move.assign, job, cast.zoe, cast.ahmed)
    [stays] = undo_of([change]).stays
    assert (stays.why, stays.by) == ("moved", cast.ahmed)


def test_what_no_longer_fits_because_it_is_later_stays(cast: Cast) -> None:
    make.territory().max_overtime_minutes = 0
    [job] = planned(cast, "A")
    done(move.set_lock, job, "time", cast.diane)
    done(move.assign, job, cast.zoe, cast.diane, start=make.at("16:00"))
    jobs = [make.job(f"long {n}", technician=cast.tariq, start=make.at(at), minutes=220)
            for n, at in enumerate(("08:30", "12:30"))]  # fmt: skip
    db.session.commit()
    [change] = changes()
    with clock.at(make.at("09:30")):
        found = undo_of([change])
        assert [(one.job.id, one.why) for one in found.stays] == [(job.id, "rule")]
        assert found.back == []
        with pytest.raises(StaleDataError):
            undo([change], cast.diane, found.seen)
    db.session.rollback()
    assert [one.technician for one in (job, *jobs)] == [cast.zoe, cast.tariq, cast.tariq]


def test_a_technician_who_is_away_by_now_gets_nothing_back(cast: Cast) -> None:
    [job] = planned(cast, "A")
    done(move.assign, job, cast.zoe, cast.diane)
    make.absence(cast.tariq)
    db.session.commit()
    [stays] = undo_of(changes()).stays
    assert (stays.why, stays.values["technician"]) == ("nobody", "Tariq")


def test_the_second_of_two_who_undo_the_same_is_refused(cast: Cast) -> None:
    jobs = planned(cast, "A", "B")
    done(move.assign, jobs[0], cast.zoe, cast.diane)
    [change] = changes()
    seen = undo_of([change]).seen
    done(undo, [change], cast.diane, seen)
    for told in (seen, None):
        with pytest.raises(StaleDataError):
            undo([change], cast.ahmed, told)
        db.session.rollback()
    assert jobs[0].technician == cast.tariq


def proposal(cast: Cast, **more: Any) -> PlanRun:
    found = PlanRun(territory_id=make.territory().id, day=make.MONDAY, seconds=1, requested_at=clock.now(), state="running",
                    requested_by_id=cast.diane.id, **more)  # fmt: skip
    db.session.add(found)
    db.session.flush()
    draft = build(make.territory(), make.MONDAY)
    publish(found, draft, basis_of(draft), fallback(draft.problem))
    db.session.commit()
    return found


def test_an_accepted_run_is_undone_with_the_order_of_the_day(cast_on_both: Cast) -> None:
    cast = cast_on_both
    jobs = planned(cast, "A", "B", "C", "D")
    new = [make.job(f"neuf {n}") for n in range(5)]
    before = placed(*jobs, *new)
    run = proposal(cast)
    done(accept.accept, run, cast.diane)
    assert all(job.technician for job in new)
    [change] = changes()
    assert (change.kind, change.run_id) == ("run", run.id)
    done(undo, [change], cast.diane)
    assert placed(*jobs, *new) == before


def test_denis_takes_back_only_what_is_all_his(cast: Cast) -> None:
    [job] = planned(cast, "A")
    theirs = make.job("Breizh", owner=make.client("breizh"), technician=cast.tariq, start=make.at("11:00"))
    db.session.commit()
    done(move.assign, job, cast.zoe, cast.denis)
    done(move.assign, theirs, cast.zoe, cast.diane)
    seen = db.session.scalars(PlanChange.visible_to(cast.denis)).all()
    assert [[row.job_id for row in one.jobs if row.meant] for one in seen] == [[job.id]]
    assert [one.is_for(cast.denis) for one in changes(None)] == [False, True]
    done(undo, seen, cast.denis)
    assert (job.technician, theirs.technician) == (cast.tariq, cast.zoe)


def test_of_a_visit_called_off_by_the_desk_nothing_is_kept(cast: Cast) -> None:
    [job] = planned(cast, "A")
    job.decline(cast.tariq.user, "overloaded")
    db.session.commit()
    assert changes() == []


@pytest.mark.parametrize("seed", [1, 2])
def test_any_moves_undone_leave_every_place_as_it_was(cast_on_both: Cast, seed: int) -> None:
    """The time stands still, so every minute is the same again; the checker has looked at each step."""
    cast = cast_on_both
    any_of = random.Random(seed)
    for who in (cast.tariq, cast.zoe):
        make.shift(who, TUESDAY)
    jobs = [*planned(cast, "A", "B", "C", "D"), *(make.job(f"neuf {n}") for n in range(3))]
    before = placed(*jobs)
    for _ in range(8):
        one_move(any_of, cast, any_of.choice(jobs))
    made = changes(None)
    assert len(made) > 2
    latest_first = made if seed % 2 else [made[0]]
    while latest_first:
        done(undo, latest_first, cast.diane)
        rest = [one for one in changes(None) if one.undone_at is None and one.kind != "undo"]
        latest_first = rest[:1]
    assert placed(*jobs) == before


def one_move(any_of: random.Random, cast: Cast, job: Job) -> None:
    day = any_of.choice((make.MONDAY, make.MONDAY, TUESDAY))
    try:
        verb = any_of.choice(("assign", "assign", "assign", "take_back", "lock", "cancel"))
        if verb == "assign" and job.state != "cancelled":
            move.assign(job, any_of.choice((cast.tariq, cast.zoe)), cast.diane, day=day)
        elif verb == "take_back" and job.technician:
            move.take_back(job, cast.diane)
        elif verb == "lock" and job.state == "dispatched":
            move.set_lock(job, any_of.choice(("technician", "time", "both")), cast.diane)
        elif verb == "cancel" and job.state != "cancelled":
            move.cancel(job, cast.diane)
        db.session.commit()
    except RulesBroken:
        db.session.rollback()


def test_work_that_is_elsewhere_by_now_does_not_come_back(cast: Cast) -> None:
    job, other = planned(cast, "A", "B")
    done(bulk.hand_over, make.territory(), {job.id: job.version, other.id: other.version}, cast.diane)
    job.territory_id = make.territory("brest").id  # its ticket has another building since
    db.session.commit()
    found = undo_of(changes())
    assert ([one["job"] for one in found.back], [(one.job, one.why) for one in found.stays]) == (
        [other.id], [(job, "moved")],
    )  # fmt: skip
