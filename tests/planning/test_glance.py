"""What is only looked at is the same day, read with less."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from dispatch.clock import now
from dispatch.extensions import db, reading
from dispatch.models.job import Job, Refusal
from dispatch.models.place import Territory
from dispatch.models.technician import Technician
from dispatch.models.transitions import BEGUN, OPEN
from dispatch.planning import glance
from dispatch.planning.build import build, build_in, horizon_of, look, routes
from dispatch.planning.glance import jobs_seen, technicians_seen
from dispatch.planning.rows import open_work
from dispatch.routing.problem import Job as Work
from dispatch.routing.problem import Problem
from tests.demo.demos import demo_at

TO_DO = (
    (Job.day == date(2026, 11, 24)) & Job.state.in_(OPEN) & Job.state.not_in(BEGUN) & (Job.mode != "kiosk")
)
UNDER_WAY = Job.state.in_(BEGUN)
MIDDAY = "2026-11-24T11:40:00+01:00"
real = glance._job


@pytest.fixture(scope="module")
def territory(tmp_path_factory):
    """The demo's day, with work under way, locks, rights, calls and somebody who has declined."""
    with demo_at(MIDDAY, tmp_path_factory.mktemp("glance")):
        territory = db.session.scalars(select(Territory).order_by(Territory.id)).first()
        planned = _jobs(territory, TO_DO)
        for job in planned[:3]:
            job.refusals.append(
                Refusal(technician_id=job.technician_id, day=job.day, reason="no_key", at=now())
            )
        planned[0].lock, planned[0].lock_technician_id = "technician", planned[0].technician_id
        db.session.commit()
        yield territory


def _jobs(territory, which) -> list[Job]:
    return list(
        db.session.scalars(select(Job).where(Job.territory_id == territory.id, which).order_by(Job.id))
    )


def _both(territory, job: Job) -> tuple[Problem, Problem]:
    horizon = horizon_of(territory, now().date())
    seen, read = look(territory, horizon, job), build_in(territory, horizon, planned_only=True, extra=job)
    assert [(one.what, one.id, one.reason) for one in seen.left_out] == [
        (one.what, one.id, one.reason) for one in read.left_out
    ]
    assert seen.live_routes() == read.live_routes()
    return seen.problem, read.problem


def _by_id(problem: Problem) -> dict[str, tuple[str | None, Work]]:
    """Each job with the name of its place, whose number depends on the order of reading."""
    places = problem.locations
    return {
        job.id: (
            None if job.location is None else places[job.location].id,
            replace(job, location=0, mode="on_site"),
        )
        for job in problem.jobs
    }


def test_a_job_that_waits_is_looked_at_in_the_same_problem(territory):
    waiting = _jobs(territory, Job.state == "unplanned")
    assert waiting
    for job in waiting[:5]:
        seen, read = _both(territory, job)
        assert seen == read


def test_so_is_a_planned_one_and_one_under_way(territory):
    some = _jobs(territory, TO_DO)[:4] + _jobs(territory, UNDER_WAY)[:3]
    assert len(some) > 4
    for job in some:
        seen, read = _both(territory, job)
        assert _by_id(seen) == _by_id(read)
        assert [replace(one, location=None) for one in seen.frozen] == [
            replace(one, location=None) for one in read.frozen
        ]
        assert any(one.excluded for one in read.jobs)


def test_what_it_has_not_read_is_an_error_and_not_a_query(territory):
    horizon = horizon_of(territory, now().date())
    seen = jobs_seen(open_work(territory, horizon))
    assert len(seen) > 20
    with pytest.raises(AttributeError):
        assert seen[0].note
    with pytest.raises(AttributeError):
        assert seen[0].ticket.summary
    with pytest.raises(AttributeError):
        seen[0].planned_start = None


def test_the_routes_of_two_are_weighed_in_the_same_problem_and_written_in_the_session(territory):
    """What a move reads: people without anything else, and the jobs that it will change."""
    planned = _jobs(territory, TO_DO)
    waiting = _jobs(territory, (Job.state == "unplanned") & Job.building_id.is_not(None))[0]
    two = {planned[0].technician_id, next(job.technician_id for job in planned if job is not planned[0])}
    read = build(territory, now().date(), technician_ids=two, planned_only=True, extra=waiting)
    seen = routes(territory, now().date(), two, waiting)
    assert (seen.problem, seen.left_out) == (read.problem, read.left_out)
    assert seen.jobs == read.jobs and waiting in seen.jobs.values()
    assert seen.slots == read.slots


def test_who_is_only_looked_at_answers_as_his_own_row_does(territory):
    horizon = horizon_of(territory, now().date())
    for seen in technicians_seen(territory, horizon):
        row = db.session.get_one(Technician, seen.id)
        assert [one.holds_on(horizon.first) for one in seen.rights] == [
            one.holds_on(horizon.first) for one in sorted(row.rights, key=lambda one: one.id)
        ]
        with pytest.raises(AttributeError):
            seen.name = "Somebody else"
        with pytest.raises(AttributeError):
            assert seen.user


def test_who_only_reads_reads_again_what_has_changed_and_nothing_else(territory, monkeypatch):
    horizon = horizon_of(territory, now().date())
    which = open_work(territory, horizon)
    with reading():
        first = {job.id: job for job in jobs_seen(which)}
    db.session.rollback()
    changed, caller = _jobs(territory, TO_DO)[:2]
    changed.duration_minutes += 5
    caller.ticket.requester.phone = "02 99 00 00 01"
    db.session.commit()
    read = []
    monkeypatch.setattr(glance, "_job", lambda row: read.append(row[0]) or real(row))
    with reading():
        second = {job.id: job for job in jobs_seen(which)}
    db.session.rollback()
    asked = {job.id for job in second.values() if job.ticket.requester_id == caller.ticket.requester_id}
    assert set(read) == {changed.id, *asked}
    assert second[changed.id].duration_minutes == first[changed.id].duration_minutes + 5
    assert second[caller.id].ticket.requester.phone == "02 99 00 00 01"
    assert all(second[key] is not first[key] for key in first), "what hangs on one is nobody else's"


def test_who_writes_reads_everything(territory, monkeypatch):
    """What he sees may be his own, and be taken back: then its version means something else tomorrow."""
    which = open_work(territory, horizon_of(territory, now().date()))
    read = []
    monkeypatch.setattr(glance, "_job", lambda row: read.append(row[0]) or real(row))
    assert read == [] and [job.id for job in jobs_seen(which)] == read
