"""Accepting a what-if: what it assumes becomes so, and its proposal goes into the plan; all of it, or nothing."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import select, update

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models import duration
from dispatch.models.event import record, tentative
from dispatch.models.intake import hand_over
from dispatch.models.job import Job
from dispatch.models.plan import Plan, PlanRun
from dispatch.models.technician import Absence, KioskDuty, Technician
from dispatch.models.user import User
from dispatch.planning.assumed import Assumption, closing, handed_of, instant, supposed_ids
from dispatch.planning.build import horizon_of
from dispatch.planning.proposal import fingerprint
from dispatch.planning.rows import hold_jobs

More = ParamSpec("More")
Answer = TypeVar("Answer")
Accept = Callable[Concatenate[PlanRun, User | None, More], Answer]


def with_assumptions(accept: Accept[More, Answer]) -> Accept[More, Answer]:
    """Let `accept` of a what-if find its assumptions made real; when it raises, nothing of them is left.

    A run that `accept` has superseded stays so.
    """

    @wraps(accept)
    def accepted(run: PlanRun, by: User | None, *args: More.args, **more: More.kwargs) -> Answer:
        if not run.is_what_if:
            return accept(run, by, *args, **more)
        _hold(run)
        before = state = run.state
        try:
            with tentative():
                try:
                    if before == "proposed":
                        make_real(run, by)
                    return accept(run, by, *args, **more)
                finally:
                    state = run.state
        except Exception:
            if state == "superseded" and before == "proposed":
                run.set_state("superseded", by)
            raise

    return cast("Accept[More, Answer]", accepted)


def make_real(run: PlanRun, by: User | None) -> None:
    """Enter what the run assumes: absences, closed kiosks, longer work, and tickets for the supposed jobs.

    The run then speaks of the jobs that there are, as if it had seen them. The caller holds plan and run, and commits.
    """
    for one in run.assumed or ():
        if one["kind"] == "absent":
            _enter_absence(run, one, by)
        elif one["kind"] == "kiosk_closed":
            _cut_duties(run, one, by)
        elif one["kind"] == "longer":
            _lengthen(one, by)
    real = {job_id: _hand_over(one, by) for job_id, one in supposed_ids(run.assumed or ())}
    db.session.flush()
    _speak_of(run, real)


def _hold(run: PlanRun) -> None:
    """The plans first, as everybody does, then the run, then the work: nobody else is at any of it from here on."""
    horizon = horizon_of(run.territory, run.day, run.days)
    for day in horizon.route_dates:
        Plan.lock(run.territory_id, day)
    db.session.refresh(run, with_for_update={"of": PlanRun})
    hold_jobs(
        run.territory_id, horizon, ids=[one["job"] for one in run.assumed or () if one["kind"] == "longer"]
    )


def _enter_absence(run: PlanRun, one: Assumption, by: User | None) -> None:
    span = {"starts_at": instant(one["from"]), "ends_at": instant(one["to"])}
    db.session.add(Absence(technician_id=one["technician"], **span))
    his = update(Technician).where(Technician.id == one["technician"])
    db.session.execute(his.values(absences_version=Technician.absences_version + 1))
    record("technician.absence", by=by, technician_id=one["technician"], territory_id=run.territory_id,
           target="absent", run=run.id, **{"from": one["from"], "until": one["to"]})  # fmt: skip


def _cut_duties(run: PlanRun, one: Assumption, by: User | None) -> None:
    begin, end = closing(one, now(), run.territory.zone)
    mine = (KioskDuty.kiosk_id == one["kiosk"], KioskDuty.ends_at > begin, KioskDuty.starts_at < end)
    for duty in db.session.scalars(select(KioskDuty).where(*mine).order_by(KioskDuty.id).with_for_update()):
        record("duty.cut", by=by, technician_id=duty.technician_id, territory_id=run.territory_id,
               run=run.id, kiosk=one["kiosk"], start=begin.isoformat(), end=duty.ends_at.isoformat())  # fmt: skip
        if duty.starts_at >= begin:
            db.session.delete(duty)
        else:
            duty.ends_at = begin


def _lengthen(one: Assumption, by: User | None) -> None:
    job = db.session.get_one(Job, one["job"])
    if job.is_open and duration.renew(job, one["minutes"]):
        if job.technician_id is not None:
            job.note_change("details", by, fields=["duration_minutes"])
        record("job.changed", by=by, job=job, fields=["duration_minutes"])


def _hand_over(one: Assumption, by: User | None) -> Job:
    handed = handed_of(one)
    assert handed.building is not None
    _ticket, job, _new = hand_over(handed.building.site.client, handed, by)
    assert job is not None
    return job


def _speak_of(run: PlanRun, real: dict[int, Job]) -> None:
    """Put the jobs that there are in the place of the supposed ones, wherever the run names them."""
    numbers = {job_id: (job.id, job.number) for job_id, job in real.items()}
    proposal, basis = copy.deepcopy(run.proposal or {}), copy.deepcopy(run.basis)
    for stop in [stop for route in proposal.get("routes", ()) for stop in route["stops"]]:
        if int(stop["job"]) in numbers:
            stop["job"] = str(numbers[int(stop["job"])][0])
    for job_id, job in real.items():
        if basis["jobs"].pop(str(job_id), None) is not None:
            basis["jobs"][str(job.id)] = fingerprint(job)
    if basis.get("weighed"):
        basis["weighed"]["promises"] = _named(basis["weighed"]["promises"], numbers)
    run.proposal, run.basis = proposal, basis
    run.diff, run.unassigned = _named(run.diff, numbers), _named(run.unassigned, numbers)
    run.left_out = [
        {**one, "id": numbers[one["id"]][0], "name": numbers[one["id"]][1]}
        if one["what"] == "job" and one["id"] in numbers else one for one in run.left_out
    ]  # fmt: skip


def _named(items: Sequence[Any], numbers: dict[int, tuple[int, str]]) -> list[dict[str, Any]]:
    """The items with the id and the number of the job that there is; also where one was outbid by such a job."""
    told = []
    for one in items:
        job_id, number = numbers.get(one["job"], (one["job"], one["number"]))
        fresh = {**one, "job": job_id, "number": number}
        if one.get("outbid_by"):
            fresh["outbid_by"] = [numbers.get(other, (other, ""))[0] for other in one["outbid_by"]]
        told.append(fresh)
    return told
