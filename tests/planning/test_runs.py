"""A plan run from request to the phones, with the real solver in its child process."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from flask import current_app

from dispatch import clock
from dispatch.models.job import Job
from dispatch.models.plan import PlanRun
from dispatch.planning import accept, move, run
from dispatch.planning.build import build
from dispatch.planning.solver import solve
from tests import factories as make
from tests.api.callers import calling
from tests.people import Cast, signed_in
from tests.planning.days import preference


@pytest.fixture(autouse=True)
def monday_before_dawn(session: Any) -> Any:
    with clock.at(make.at("06:30")):
        yield


def proposed(cast: Cast, session: Any, **fields: Any) -> PlanRun:
    """A run of Monday, requested, solved and published."""
    requested = run.request(
        make.territory(), make.MONDAY, fields.get("days", 1), 1, fields.get("by", cast.diane)
    )
    work(requested)
    session.expire_all()
    return requested


def work(requested: PlanRun, worker: str = "worker of the test") -> None:
    """What the worker does, in a session of its own."""
    app, run_id = current_app._get_current_object(), requested.id  # type: ignore[attr-defined]
    make.db.session.commit()  # no transaction of the test is left to wait for
    with app.app_context():
        run.execute(run_id, worker)


def test_a_run_proposes_and_accepting_dispatches_today(cast: Cast, session: Any) -> None:
    jobs = [make.job(f"panne {n}") for n in range(6)]
    found = proposed(cast, session)
    assert (found.state, found.error) == ("proposed", None)
    assert {item["job"] for item in found.diff} == {job.id for job in jobs}
    assert [job.state for job in jobs] == ["unplanned"] * 6
    assert accept.accept(found, cast.diane).changed == 6
    session.commit()
    assert {job.state for job in jobs} == {"dispatched"}
    assert found.state == "accepted"


def test_a_run_over_a_plan_that_is_as_good_as_any_changes_nothing(cast: Cast, session: Any) -> None:
    """Whoever has the work keeps it, in the order in which he has it, though others could do it as well."""
    jobs = [make.job(f"panne {n}", building=make.building()) for n in range(4)]
    session.commit()
    for job in jobs:
        move.assign(job, cast.zoe, cast.diane)
        session.commit()
    found = proposed(cast, session)
    assert (found.diff, found.found_nothing, found.is_active) == ([], True, False)
    assert found.ended_at is not None, "it has ended by itself, though whoever wants may still accept it"
    assert accept.accept(found, cast.diane).changed == 0


def test_what_lies_beyond_the_horizon_stays_planned(cast: Cast, session: Any) -> None:
    tomorrow = make.MONDAY + timedelta(days=1)
    make.shift(cast.tariq, tomorrow)
    job = make.job(not_before=make.at("00:00", tomorrow))
    found = proposed(cast, session, days=2)
    accept.accept(found, cast.diane)
    assert (job.state, job.day) == ("planned", tomorrow)


def test_an_unassigned_job_says_who_lacks_what(cast: Cast, session: Any) -> None:
    job = make.job("serveur", admin_right_id=make.right().id)
    found = proposed(cast, session)
    entry = found.unassigned[0]
    assert (entry["job"], entry["kind"]) == (job.id, "impossible")
    assert {reason["rule"] for reason in entry["reasons"]} == {"right"}
    accept.accept(found, cast.diane)
    session.commit()
    assert job.explanation is not None and job.explanation.kind == "impossible"


def test_why_nobody_has_a_job_is_known_while_the_proposal_waits(app, cast, session):
    right, silent = make.job("serveur", admin_right_id=make.right().id), make.job("sans durée", minutes=None)
    placed = make.job("panne")
    proposed(cast, session)
    assert right.explanation.kind == "impossible"
    assert (silent.explanation.kind, silent.explanation.reasons) == ("left_out", [{"rule": "no_duration"}])
    assert placed.explanation is None
    diane = signed_in(app, cast.diane, "en")
    board = diane.get("/board?day=2026-11-23").text
    assert "has no duration" in board and "nobody holds the right" in board
    assert "has no duration" in diane.get(f"/board/jobs/{silent.number}?day=2026-11-23").text
    [told] = [
        one for one in calling(app, cast.diane, "en").get("/api/v1/plans/2026-11-23").json["unassigned"]
        if one["job"] == silent.number
    ]  # fmt: skip
    assert (told["kind"], told["text"], told["reasons"]) == ("left_out", "has no duration", [])


def test_there_is_one_run_at_a_time(cast: Cast, session: Any) -> None:
    run.request(make.territory(), make.MONDAY, 1, 1, cast.diane)
    with pytest.raises(run.RunUnderWay):
        run.request(make.territory(), make.MONDAY, 1, 1, cast.diane)


def test_what_a_dispatcher_moved_meanwhile_wins(cast: Cast, session: Any) -> None:
    jobs = [make.job(f"panne {n}") for n in range(5)]
    found = proposed(cast, session)
    proposed_for = {item["job"]: item["to"]["technician_id"] for item in found.diff}
    moved = jobs[2]
    other = cast.zoe if proposed_for[moved.id] == cast.tariq.id else cast.tariq
    with clock.at(make.at("06:40")):
        move.assign(moved, other, cast.denis, lock="both")
        session.commit()
        at = moved.planned_start
        accept.accept(found, cast.diane)
        session.commit()
    assert (moved.technician_id, moved.planned_start, moved.lock) == (other.id, at, "both")
    assert all(job.technician_id for job in jobs)
    assert not overlaps(jobs)


def test_moves_and_locks_by_hand_do_not_spoil_a_whole_proposal(cast: Cast, session: Any) -> None:
    jobs = [make.job(f"panne {n}", minutes=50) for n in range(14)]
    found = proposed(cast, session)
    by_hand = jobs[:3]
    with clock.at(make.at("07:50")):
        for job, start in zip(by_hand, ("08:40", "10:00", "13:00"), strict=True):
            move.assign(job, cast.tariq, cast.denis, start=make.at(start), lock="both")
        session.commit()
        accept.accept(found, cast.diane)
        session.commit()
    assert all(job.technician_id == cast.tariq.id and job.lock == "both" for job in by_hand)
    assert not overlaps(jobs)
    assert sum(job.technician_id is not None for job in jobs) >= 12


def test_a_job_that_was_in_no_proposal_is_not_seated_when_others_are_squeezed_out(cast, session):
    jobs = [make.job(f"panne {n}", minutes=50) for n in range(8)]
    found = proposed(cast, session)
    with clock.at(make.at("07:50")):
        newcomer = make.job("arrivée depuis", minutes=5)
        for job, start in zip(jobs[:3], ("08:40", "10:00", "13:00"), strict=True):
            move.assign(job, cast.tariq, cast.denis, start=make.at(start), lock="both")
        session.commit()
        accept.accept(found, cast.diane)
        session.commit()
    assert all(job.technician_id for job in jobs)
    assert newcomer.technician_id is None


def test_a_dispatcher_of_one_client_cannot_accept_for_all(cast: Cast, session: Any) -> None:
    make.job()
    found = proposed(cast, session)
    with pytest.raises(accept.OutOfScope):
        accept.accept(found, cast.denis)


def test_a_proposal_that_no_longer_fits_is_superseded(cast: Cast, session: Any) -> None:
    make.job("long", minutes=400)
    found = proposed(cast, session)
    with clock.at(make.at("15:30")), pytest.raises(accept.Superseded):
        accept.accept(found, cast.diane)
    assert found.state == "superseded"


def test_a_proposal_leaves_time_to_be_read(cast: Cast, session: Any) -> None:
    make.territory().max_overtime_minutes = 0
    with clock.at(make.at("14:00")):
        for number in range(80):
            make.job(f"panne {number}", minutes=5)
        found = proposed(cast, session)
    assert 50 < len(found.diff) < 80, "the day is too short for all"
    with clock.at(make.at("14:05")):
        assert accept.accept(found, cast.diane).changed == len(found.diff)


def test_what_the_freeze_could_not_hold_until_the_proposal_is_read_may_be_accepted_at_once(cast, session):
    """The run plans from the moment on at which it is read: too late for him who has the job, not for another."""
    make.territory().max_overtime_minutes = 0
    cast.zoe.shifts.clear()
    make.shift(cast.zoe, hours=("14:00", "20:00"))
    with clock.at(make.at("14:00")):
        job = make.job("longue", technician=cast.tariq, start=make.at("14:02"), minutes=166)
        found = proposed(cast, session)
        assert [(item["job"], item["to"]["technician_id"]) for item in found.diff] == [(job.id, cast.zoe.id)]
        assert accept.accept(found, cast.diane).changed == 1
    assert (job.technician_id, job.waived) == (cast.zoe.id, {})


def test_the_freeze_does_not_hold_what_a_dispatcher_accepts(cast, session):
    preference(cast.zoe, "prefers", minutes=300)
    job = make.job("écran", technician=cast.tariq, start=make.at("10:00"))
    found = proposed(cast, session)
    assert [(item["job"], item["to"]["technician_id"]) for item in found.diff] == [(job.id, cast.zoe.id)]
    with clock.at(make.at("09:55")):
        assert accept.accept(found, cast.diane).changed == 1
    assert job.technician_id == cast.zoe.id


@pytest.mark.parametrize("taken_away", [False, True])
def test_a_route_for_which_it_is_too_late_keeps_its_times(cast, session, taken_away):
    make.territory().max_overtime_minutes = 0
    with clock.at(make.at("14:00")):
        full = make.job("longue", technician=cast.zoe, start=make.at("14:15"), minutes=150)
        if taken_away:
            other = make.job("écran", technician=cast.zoe, start=make.at("16:45"), minutes=40)
        else:
            other = make.job("écran", minutes=40)
        found = proposed(cast, session)
    assert [(item["job"], item["to"]["technician_id"]) for item in found.diff] == [(other.id, cast.tariq.id)]
    with clock.at(make.at("14:45")):
        done = accept.accept(found, cast.diane)
        session.commit()
    assert (done.changed, done.standing) == (1, (cast.zoe,))
    assert (full.technician_id, full.planned_start) == (cast.zoe.id, make.at("14:15"))
    assert (other.technician_id, other.state) == (cast.tariq.id, "dispatched")


def test_a_cancelled_run_publishes_nothing(cast: Cast, session: Any) -> None:
    make.job()
    requested = run.request(make.territory(), make.MONDAY, 1, 1, cast.diane)
    session.commit()
    run.cancel(requested, cast.diane)
    session.commit()
    work(requested)
    session.expire_all()
    assert (requested.state, requested.proposal) == ("cancelled", None)


def test_a_run_whose_worker_is_silent_is_taken_up_again(cast: Cast, session: Any) -> None:
    make.job()
    requested = run.request(make.territory(), make.MONDAY, 1, 1, cast.diane)
    requested.state, requested.worker, requested.beat_at = "running", "dead", make.at("06:29")
    session.commit()
    assert run.abandoned() == [requested.id]
    work(requested, "another worker")
    session.expire_all()
    assert (requested.state, requested.worker, requested.tries) == ("proposed", "another worker", 1)


def test_a_solver_that_fails_leaves_a_greedy_plan_at_the_first_try(cast, session, monkeypatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    for number in range(150):
        make.job(f"panne {number}", minutes=20)
    beats: list[dict[str, Any]] = []
    solve(build(make.territory(), make.MONDAY).problem, 1, seed=1, beat=lambda **said: beats.append(said))
    assert len(beats) > 10, "a worker that plans by itself says that it lives"
    found = proposed(cast, session)
    assert (found.state, found.tries, found.proposal["engine"]) == ("proposed", 1, "greedy")
    assert all(entry["kind"] for entry in found.unassigned)


def test_an_automatic_territory_accepts_by_itself(cast: Cast, session: Any) -> None:
    make.territory().acceptance = "automatic"
    job = make.job()
    found = proposed(cast, session)
    assert (found.state, job.state) == ("accepted", "dispatched")
    assert run.abandoned() == []


def test_a_worker_lost_before_accepting_leaves_that_to_another(cast, session, monkeypatch):
    make.territory().acceptance = "automatic"
    job = make.job()
    with monkeypatch.context() as lost:
        lost.setattr(run, "_accept_by_policy", lambda _run_id: None)
        found = proposed(cast, session)
    assert (found.state, job.state, run.abandoned()) == ("proposed", "unplanned", [])
    with clock.at(make.at("06:31")):
        assert run.abandoned() == [found.id]
        work(found, "another worker")
        session.expire_all()
        assert (found.state, job.state, run.abandoned()) == ("accepted", "dispatched", [])


def test_a_dispatcher_of_one_client_moves_only_its_work(cast: Cast, session: Any) -> None:
    breizh = make.client("breizh")
    theirs = make.job("chaudière", owner=breizh, technician=cast.tariq, start=make.at("10:00"))
    waiting = make.job("à planifier", owner=breizh)
    mine = make.job("écran")
    found = proposed(cast, session, by=cast.denis)
    assert {item["job"] for item in found.diff} == {mine.id}
    accept.accept(found, cast.denis)
    session.commit()
    assert theirs.planned_start == make.at("10:00")
    assert waiting.technician_id is None


def overlaps(jobs: list[Job]) -> bool:
    spans = sorted(
        (job.technician_id or 0, job.planned_start, job.planned_end) for job in jobs if job.planned_start
    )
    return any(a[0] == b[0] and a[2] > b[1] for a, b in itertools.pairwise(spans))
