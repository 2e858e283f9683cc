"""Jobs: listed in planned order, taken through their states, given to technicians."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, func, tuple_
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.exc import StaleDataError

from dispatch.api import handing, references, transitions
from dispatch.api.job_shapes import (
    AssignmentGiven,
    Candidates,
    JobFilter,
    JobShape,
    TransitionGiven,
    TransitionShape,
    job_shown,
)
from dispatch.api.once import KEY, etag, expect, once, refuses, retried
from dispatch.api.paging import cut, page_of, position, row_id
from dispatch.api.problems import broken_rules, rules_broken
from dispatch.api.resource import Resource
from dispatch.api.shapes import local, technician_shown
from dispatch.errors import problem
from dispatch.extensions import db
from dispatch.models.job import IllegalMove, Job
from dispatch.models.technician import Technician
from dispatch.models.ticket import Ticket
from dispatch.planning import move
from dispatch.planning.candidates import Candidate, candidates
from dispatch.planning.placement import RulesBroken, job_territory
from dispatch.security import any_role, find_or_404, role

blueprint = Resource("api_jobs", __name__, "Proximity work")
handing.handle(blueprint)
# where jobs without a start stand in planned order
NEVER = datetime(2200, 1, 1, tzinfo=UTC)
WITH_ALL = (
    joinedload(Job.client), joinedload(Job.building), joinedload(Job.technician), joinedload(Job.admin_right),
    joinedload(Job.ticket).options(
        joinedload(Ticket.requester), joinedload(Ticket.contact), selectinload(Ticket.handovers)
    ),
)  # fmt: skip


@blueprint.route("/jobs")
@any_role
@blueprint.arguments(JobFilter, location="query")
@blueprint.response(200, page_of(JobShape))
def index(filters: dict[str, Any]) -> dict[str, Any]:
    """Jobs in planned order; those in no route come last."""
    start = func.coalesce(Job.planned_start, NEVER)
    query = _filtered(Job.visible_to(current_user), filters).order_by(start, Job.id)
    if "cursor" in filters:
        query = query.where(tuple_(start, Job.id) > tuple_(*position(filters["cursor"], _instant, row_id)))
    rows = db.session.scalars(query.options(*WITH_ALL).limit(filters["limit"] + 1)).unique().all()
    page, after = cut(rows, filters["limit"], lambda job: [(job.planned_start or NEVER).isoformat(), job.id])
    return {"items": [job_shown(job) for job in page], "next": after}


@blueprint.route("/jobs/<number>")
@any_role
@blueprint.response(200, JobShape)
def show(number: str) -> tuple[Any, ...]:
    """A job, by its number (INT-1042) or its id."""
    job = find_or_404(_named(number).options(*WITH_ALL))
    return job_shown(job), etag(job.version)


@blueprint.route("/jobs/<number>/transitions", methods=["POST"])
@role("technician", "dispatcher", "administrator")
@once
@refuses(412, 428)
@blueprint.arguments(TransitionGiven)
@blueprint.response(200, TransitionShape)
def create_transition(given: dict[str, Any], number: str) -> tuple[Any, ...]:
    """Take a job through a legal move.

    Another one is answered with 409 and the legal ones. With an Idempotency-Key no version is needed: what a
    device did offline counts, whatever happened meanwhile.
    """
    if KEY in request.headers:
        return retried(lambda: _take(number, given, None))
    seen = find_or_404(_named(number)).version
    return _take(number, given, expect(seen, given.get("version")))


@blueprint.route("/jobs/<number>/candidates")
@role("technician", "dispatcher", "administrator")
@refuses(409)
@blueprint.response(200, Candidates)
def index_candidates(number: str) -> dict[str, Any]:
    """Who could take the job on its day, best first, and which rules that would break.

    A technician reads of his own job which colleagues it fits.
    """
    job = find_or_404(_named(number))
    if not job.is_open:
        raise IllegalMove("reassigned", job.state, job.legal_moves(current_user))
    zone = job_territory(job).zone
    found = handing.candidates(job) if current_user.acts_alone else candidates(job)
    return {"items": [_candidate_shown(one, zone) for one in found]}


@blueprint.route("/jobs/<number>/assignment", methods=["PUT"])
@role("technician", "dispatcher", "administrator")
@once
@refuses(412, 428)
@blueprint.arguments(AssignmentGiven)
@blueprint.response(200, JobShape)
def update_assignment(given: dict[str, Any], number: str) -> tuple[Any, ...]:
    """Give a job to a technician; the times that follow are computed again, and both are told.

    Broken rules are answered with 422. With `override_reason` those that a person may override are waived.
    A technician hands over his own job, not begun, to a colleague whom it fits.
    """
    job = find_or_404(_named(number))
    version = expect(job.version, given.get("version"))
    if current_user.acts_alone:
        handing.hand_over(job, given, version)
        return _as_it_is_now(job)
    technician = references.technician_named(given["technician"])
    lock, start = given.get("lock"), given.get("start")
    if lock and job.is_open and job.technician_id == technician.id and start in (None, job.planned_start):
        move.set_lock(job, lock, current_user, version)
    else:
        move.assign(job, technician, current_user, start=start, lock=lock, version=version,
                    override_reason=given["override_reason"])  # fmt: skip
    return _as_it_is_now(job)


@blueprint.errorhandler(RulesBroken)
def breaks_rules(error: RulesBroken) -> Response:
    """What an assignment would break, with the times of the place."""
    db.session.rollback()
    job = find_or_404(_named((request.view_args or {})["number"]))
    return rules_broken(error, job_territory(job).zone)


@blueprint.errorhandler(StaleDataError)
def lost_race(_error: StaleDataError) -> Response:
    """Somebody was faster: the job as it is now."""
    db.session.rollback()
    job = db.session.scalar(_named((request.view_args or {})["number"]).options(*WITH_ALL))
    if job is None:
        return problem(404)
    answer = problem(412, current=JobShape().dump(job_shown(job)))
    answer.headers.extend(etag(job.version))
    return answer


def _take(number: str, given: dict[str, Any], version: int | None) -> tuple[Any, ...]:
    job = find_or_404(_named(number))
    made = transitions.take(job, given, current_user, version)
    shown, headers = _as_it_is_now(job)
    return shown | {"follow_up": made and made.number}, headers


def _as_it_is_now(job: Job) -> tuple[Any, ...]:
    db.session.flush()
    db.session.expire(job)
    return job_shown(job), etag(job.version)


def _named(number: str) -> Select[Job]:
    if number.upper().startswith("INT-"):
        return Job.numbered(number, current_user)
    is_id = number.isascii() and number.isdigit() and len(number) < 10
    return Job.visible_to(current_user).where(Job.id == (int(number) if is_id else 0))


def _filtered(query: Select[Any], filters: dict[str, Any]) -> Select[Any]:
    wanted: list[ColumnElement[bool]] = []
    if "technician" in filters:
        wanted.append(Job.technician.has(references.is_named(Technician, filters["technician"])))
    if "day" in filters:
        wanted.append(Job.day == filters["day"])
    if "state" in filters:
        wanted.append(Job.state.in_(filters["state"]))
    return query.where(*wanted)


def _instant(part: Any) -> datetime:
    instant = datetime.fromisoformat(part)
    if instant.tzinfo is None or not 2000 <= instant.year <= NEVER.year:
        raise ValueError("not an instant of ours")
    return instant


def _candidate_shown(one: Candidate, zone: str) -> dict[str, Any]:
    return {
        "technician": technician_shown(one.technician), "day": one.day, "feasible": one.feasible,
        "added_minutes": one.added_minutes, "arrival": local(one.arrival, zone), "start": local(one.start, zone),
        "lateness_minutes": one.lateness_minutes, "broken": broken_rules(one.broken, zone),
    }  # fmt: skip
