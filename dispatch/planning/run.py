"""A plan run from request to proposal. The row in `plan_run` is the truth; the solver is a child process.

The worker that holds a run beats once a second. A run whose holder is silent is taken up again by
another worker, from the start: nothing of a run is visible before its proposal is complete.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select, update

from dispatch.clock import now
from dispatch.extensions import db, reading
from dispatch.models.job import Job
from dispatch.models.night import nights
from dispatch.models.place import Territory
from dispatch.models.plan import PlanRun
from dispatch.models.user import User
from dispatch.planning import accept as acceptance
from dispatch.planning import assumed
from dispatch.planning.apply import explain_in_tables
from dispatch.planning.beside import Beside
from dispatch.planning.build import build_in, horizon_of
from dispatch.planning.draft import Draft
from dispatch.planning.proposal import basis_of, differences, reasons, unconsidered
from dispatch.planning.scope import Scope, days_of, scoped
from dispatch.planning.solver import Cancelled, solve
from dispatch.planning.survey import survey
from dispatch.planning.weighed import weighed
from dispatch.routing.check import failures
from dispatch.routing.codec import solution_to_json
from dispatch.routing.solution import Solution

SILENT_SECONDS = 10
MOST_TRIES = 5
# nobody sets out before the run has ended and its proposal has been read
READING = timedelta(minutes=5)
ROUTER_SECONDS = 5  # less than SILENT_SECONDS: a beat may have to wait as long
log = logging.getLogger(__name__)


class RunUnderWay(Exception):
    """There is a run of this territory already; `run` is the one."""

    def __init__(self, run: PlanRun) -> None:
        super().__init__(f"run {run.id} is under way")
        self.run = run


class DayOver(Exception):
    """Nothing can be planned any more on the days asked for, and what is left of them waits for a later one."""


def require_ahead(territory: Territory, day: date, days: int) -> None:
    """Raises DayOver when the last of these days is past, and no night of it is still going on."""
    last, moment = day + timedelta(days=days - 1), now()
    if last < min([moment.astimezone(ZoneInfo(territory.zone)).date(), *nights(territory, moment).values()]):
        raise DayOver


def request(territory: Territory, day: date, days: int, seconds: int, by: User | None,
            scope: Mapping[str, Any] | None = None, *,
            assumptions: Sequence[assumed.Assumption] = ()) -> PlanRun:  # fmt: skip
    """Queue a run of a scope (`Scope.to_json()`); raises RunUnderWay when the territory has one.

    The caller commits and enqueues.

    With `assumptions` (of planning.assuming) it is a what-if: it waits for what-ifs only, and no run waits for it.
    """
    db.session.execute(select(Territory.id).where(Territory.id == territory.id).with_for_update())
    under_way = PlanRun.active(territory.id, what_if=bool(assumptions))
    if under_way is not None:
        raise RunUnderWay(under_way)
    everybody = by is None or by.every_client
    run = PlanRun(territory_id=territory.id, day=day, days=days, seconds=seconds, requested_at=now(),
                  requested_by_id=by.id if by else None, state="queued",
                  client_ids=None if everybody else sorted(by.client_ids) if by else None,
                  scope=dict(scope or {}), assumed=list(assumptions) or None)  # fmt: skip
    db.session.add(run)
    db.session.flush()
    run.set_state("queued", by)
    return run


def cancel(run: PlanRun, by: User) -> None:
    """Stop a run; its solver ends within a second. One that has ended stays as it is.

    Raises OutOfScope when it moves work of clients that the user does not act for.
    """
    acceptance.require_scope(run, by)
    db.session.refresh(run, with_for_update={"of": PlanRun})
    if run.is_active:
        run.set_state("cancelled", by)


def abandoned() -> list[int]:
    """Runs that nobody is working on: never taken up, or whose worker is silent.

    Also proposals that their territory accepts by itself, when the worker was lost before it did.
    """
    silent = now() - timedelta(seconds=SILENT_SECONDS)
    waiting = (PlanRun.state == "queued") & (PlanRun.requested_at < now() - timedelta(seconds=2))
    lost = (PlanRun.state == "running") & or_(PlanRun.beat_at.is_(None), PlanRun.beat_at < silent)
    with reading():
        ids = list(db.session.scalars(select(PlanRun.id).where(waiting | lost | _unanswered())))
        db.session.rollback()
    return ids


def execute(run_id: int, worker: str, memory_mb: int = 1500, processes: int = 1) -> None:
    """Take a run up, solve it in a child process and publish the proposal; safe to call twice."""
    try:
        if _claim(run_id, worker):
            _work(run_id, worker, memory_mb, processes)
        elif _claim_answer(run_id):
            _accept_by_policy(run_id)
    except Cancelled:
        db.session.rollback()
        log.info("run %s was cancelled or taken over", run_id, extra={"fields": {"run": run_id}})
    except Exception as error:
        db.session.rollback()
        log.exception("run %s failed", run_id, extra={"fields": {"run": run_id}})
        _fail(run_id, worker, f"{type(error).__name__}: {error}"[:500])


def publish(run: PlanRun, draft: Draft, basis: dict[str, Any], solution: Solution,
            beside: dict[str, Any] | None = None) -> None:  # fmt: skip
    """Make a solution the proposal of its run; `basis` is basis_of() when the draft was built.

    `beside`: what a what-if is compared with. It replaces no proposal, and of no job does it say why nobody has it.
    """
    run.basis = {"jobs": basis, "weighed": weighed(draft, solution), "days": days_of(draft),
                 **({"beside": beside} if beside else {})}  # fmt: skip
    run.left_out = [entry.to_json() for entry in draft.left_out]
    run.proposal = solution_to_json(solution)
    run.diff = differences(draft, solution)
    run.unassigned = reasons(draft, solution)
    run.objective = run.proposal["objective"]
    run.best_cost, run.progress = solution.objective.total, 1.0
    run.served = sum(len(route.stops) for route in solution.routes)
    if not run.is_what_if:
        _supersede_earlier(run)
        if Scope.of(run.scope).is_whole:  # else there are people whom it did not ask
            _explain(run)
    run.set_state("proposed")
    if not run.diff and not run.is_what_if:
        run.ended_at = now()  # nobody has to answer it


def _work(run_id: int, worker: str, memory_mb: int, processes: int) -> None:
    beat = partial(_beat, run_id, worker)
    _ask_for_trips(run_id, beat)
    with reading():
        run = db.session.get_one(PlanRun, run_id)
        ahead = timedelta(seconds=run.seconds) + READING
        horizon = horizon_of(run.territory, run.day, run.days, ahead)
        facts = scoped(build_in(run.territory, horizon, client_ids=run.client_ids), Scope.of(run.scope))
        beside = Beside(facts, run.seconds, beat) if run.is_what_if else None
        draft = assumed.draft_of(run, horizon) if beside else facts
        basis, seconds, live = basis_of(draft), run.seconds, draft.live_routes()
        db.session.expunge_all()  # the rows of the draft stay as they are now, whatever others write
        db.session.rollback()
    if beside:
        best, seconds = beside.search(run_id, memory_mb, processes), beside.seconds
    solution = solve(
        draft.problem, seconds, run_id, beside.beat if beside else beat, memory_mb, processes, live
    )
    found = failures(draft.problem, solution)
    if found:
        raise RuntimeError(f"the checker refused the plan: {found[0].detail}")
    told = beside.told(best, draft, solution) if beside else None
    _publish(run_id, worker, draft, basis, solution, told)


def _ask_for_trips(run_id: int, beat: Callable[[], None]) -> None:
    """Let the street router say what it can in a few seconds; what it leaves open is estimated."""
    with reading():
        territory_id = db.session.get_one(PlanRun, run_id).territory_id
        db.session.rollback()
    for _ in survey(territory_id, ROUTER_SECONDS, at_work=True):
        beat()


def _claim(run_id: int, worker: str) -> bool:
    """Make the run this worker's own; only one of several can."""
    silent = now() - timedelta(seconds=SILENT_SECONDS)
    free = (PlanRun.state == "queued") | (
        (PlanRun.state == "running") & or_(PlanRun.beat_at.is_(None), PlanRun.beat_at < silent)
    )
    taken = db.session.scalar(
        update(PlanRun)
        .where(PlanRun.id == run_id, free)
        .values(state="running", worker=worker, beat_at=now(), started_at=now(), tries=PlanRun.tries + 1,
                progress=0.0, best_cost=None, served=None, version=PlanRun.version + 1)
        .returning(PlanRun.id)
    )  # fmt: skip
    if taken is None:
        db.session.rollback()
        return False
    run = db.session.get_one(PlanRun, run_id)
    if run.tries > MOST_TRIES:
        run.error = "the solver was lost too often"
        run.set_state("failed")
        db.session.commit()
        return False
    run.set_state("running")
    db.session.commit()
    return True


def _unanswered() -> ColumnElement[bool]:
    """Proposals of automatic territories that nobody accepted, though their worker has fallen silent."""
    automatic = select(Territory.id).where(Territory.acceptance == "automatic")
    silent = PlanRun.beat_at < now() - timedelta(seconds=SILENT_SECONDS)
    waits = (PlanRun.state == "proposed") & (PlanRun.tries <= MOST_TRIES) & PlanRun.assumed.is_(None)
    return waits & silent & PlanRun.territory_id.in_(automatic)


def _claim_answer(run_id: int) -> bool:
    """Make the accepting of such a proposal this worker's own."""
    mine = update(PlanRun).where(PlanRun.id == run_id, _unanswered())
    taken = db.session.scalar(mine.values(beat_at=now(), tries=PlanRun.tries + 1).returning(PlanRun.id))
    db.session.commit()
    return taken is not None


def _beat(run_id: int, worker: str, **said: Any) -> None:
    """Say that the run lives and how far it is; raises Cancelled when it is not ours any more."""
    mine = (PlanRun.id == run_id) & (PlanRun.worker == worker) & (PlanRun.state == "running")
    alive = db.session.scalar(update(PlanRun).where(mine).values(beat_at=now(), **said).returning(PlanRun.id))
    db.session.commit()
    if alive is None:
        raise Cancelled


def _mine(run_id: int, worker: str) -> PlanRun:
    query = select(PlanRun).where(PlanRun.id == run_id, PlanRun.worker == worker, PlanRun.state == "running")
    run = db.session.scalar(query.with_for_update())
    if run is None:
        raise Cancelled
    return run


def _publish(run_id: int, worker: str, draft: Draft, basis: dict[str, Any], solution: Solution,
             beside: dict[str, Any] | None) -> None:  # fmt: skip
    run = _mine(run_id, worker)
    publish(run, draft, basis, solution, beside)
    db.session.commit()
    if run.territory.acceptance == "automatic" and not run.is_what_if:
        _accept_by_policy(run_id)


def _accept_by_policy(run_id: int) -> None:
    try:
        acceptance.accept(db.session.get_one(PlanRun, run_id), None)
    except acceptance.Superseded:
        log.info("run %s no longer fits the plan", run_id, extra={"fields": {"run": run_id}})
    db.session.commit()


def _supersede_earlier(run: PlanRun) -> None:
    """A newer proposal for the same day replaces one of its kind that nobody has answered.

    What is asked for a part, or to mend something, is no answer to whoever asked for the whole day.
    """
    older = select(PlanRun).where(
        PlanRun.territory_id == run.territory_id, PlanRun.day == run.day, PlanRun.state == "proposed",
        PlanRun.id != run.id, PlanRun.assumed.is_(None),
    )  # fmt: skip
    for other in db.session.scalars(older):
        if Scope.of(other.scope).kind == Scope.of(run.scope).kind:
            other.set_state("superseded")


def _explain(run: PlanRun) -> None:
    """Say of every job that nobody has why that is so, whatever becomes of the proposal."""
    aside = [unconsidered(entry) for entry in run.left_out if entry["what"] == "job"]
    told = {entry["job"]: entry for entry in [*aside, *run.unassigned]}
    waiting = select(Job.id).where(Job.id.in_(told), Job.state == "unplanned").order_by(Job.id)
    ids = db.session.scalars(waiting.with_for_update(of=Job)).all()
    explain_in_tables([told[job_id] for job_id in ids], run.id)


def _fail(run_id: int, worker: str, error: str) -> None:
    try:
        run = _mine(run_id, worker)
    except Cancelled:
        db.session.rollback()
        return
    run.error = error
    run.set_state("failed")
    db.session.commit()
