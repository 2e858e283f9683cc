from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user

from dispatch.board import blueprint, scopes
from dispatch.board.news import changed_since
from dispatch.board.offers import offers_for
from dispatch.board.proposals import DAYS, left_out_of, proposal_of
from dispatch.board.regions import (
    asked_day,
    asked_since,
    asked_territory,
    changes,
    choice_context,
    has_aged,
    job_day,
    job_region,
    job_territory,
    page,
    reason_context,
    runs,
    shared,
    week,
)
from dispatch.models.job import Job
from dispatch.models.note import DayNote
from dispatch.models.place import Territory
from dispatch.models.plan import PlanRun
from dispatch.models.technician import Technician
from dispatch.security import find_or_404, role
from dispatch.web import page_or_fragment, wants_fragment

SECONDS = (10, 30, 60, 180)


@blueprint.get("/board")
@role("dispatcher", "administrator")
def index() -> str:
    territory = asked_territory()
    return render_template("board/index.html", **page(territory, asked_day(territory)))


@blueprint.get("/board/jobs/<number>")
@role("dispatcher", "administrator")
def show_job(number: str) -> str:
    job = find_or_404(Job.numbered(number, current_user))
    if wants_fragment():
        return job_region(job)
    territory = job_territory(job)
    return render_template("board/index.html", **page(territory, job_day(job, territory), job))


@blueprint.get("/board/jobs/<number>/candidates")
@role("dispatcher", "administrator")
def index_candidates(number: str) -> tuple[str, int]:
    context = choice_context(find_or_404(Job.numbered(number, current_user)))
    return page_or_fragment("board/candidates.html", **context), 422 if context["when"].errors else 200


@blueprint.get("/board/jobs/<number>/offers")
@role("dispatcher", "administrator")
def index_offers(number: str) -> dict[str, Any]:
    """What each row says while the job is held above it."""
    job = find_or_404(Job.numbered(number, current_user))
    return {"items": offers_for(job, asked_day(asked_territory()), current_user)}


@blueprint.get("/board/jobs/<number>/reason")
@role("dispatcher", "administrator")
def show_reason(number: str) -> str:
    """Why the job is with its technician, and what another would cost: computed only when it is asked."""
    job = find_or_404(Job.numbered(number, current_user))
    territory = job_territory(job)
    reason = reason_context(job, territory)
    if wants_fragment():
        return render_template(
            "board/_reason.html", job=job, **shared(territory, job_day(job, territory)), **reason
        )
    return render_template("board/index.html", **page(territory, job_day(job, territory), job), **reason)


@blueprint.get("/board/technicians/<int:technician_id>")
@role("dispatcher", "administrator")
def show_technician(technician_id: int) -> str:
    """A technician's next days, one row each."""
    mine = Technician.visible_to(current_user)
    found = find_or_404(mine.where(Technician.id == technician_id, Technician.left_at.is_(None)))
    return page_or_fragment("board/week.html", **week(found))


@blueprint.get("/board/runs/new")
@role("dispatcher", "administrator")
def new_run() -> str:
    territory = asked_territory()
    return ask_for_run(territory, asked_day(territory))


def ask_for_run(territory: Territory, day: date, **trouble: str) -> str:
    """The form of a run, with what it would leave out, and what is wrong with it."""
    days = asked_days()
    left_out, (preset, lengths) = left_out_of(territory, day, days, current_user), search_lengths()
    seconds = request.values.get("seconds", preset, type=int)
    return page_or_fragment("board/runs/new.html", **shared(territory, day), days=days, reaches=DAYS,
                            left_out=left_out, seconds=seconds, lengths=lengths,
                            scope=scopes.choice(territory, day), **trouble)  # fmt: skip


@blueprint.get("/board/runs/<int:run_id>")
@role("dispatcher", "administrator")
def show_run(run_id: int) -> Any:
    run = find_or_404(PlanRun.visible_to(current_user).where(PlanRun.id == run_id))
    if run.is_what_if:
        return redirect(url_for("board.show_what_if", run_id=run.id))
    return render_template("board/runs/show.html", **shared(run.territory, run.day), run=run, reaches=DAYS,
                           proposal=proposal_of(run, current_user))  # fmt: skip


@blueprint.get("/board/runs/<int:run_id>/progress")
@role("dispatcher", "administrator")
def show_progress(run_id: int) -> Any:
    """The run while it is under way; afterwards everything it has to say on the board."""
    run = find_or_404(PlanRun.visible_to(current_user).where(PlanRun.id == run_id))
    if run.is_active:
        return render_template("board/runs/_progress.html", run=run)
    if run.is_what_if:
        return "", 200, {"HX-Redirect": url_for("board.show_what_if", run_id=run.id)}
    return render_template("board/_notice.html", oob=True, zone=run.territory.zone, **runs(run.territory))


@blueprint.get("/board/news")
@role("dispatcher", "administrator")
def news() -> Any:
    """Swaps for what changed since the cursor, and for what the clock has changed since it was drawn; nothing when there is none."""
    territory = asked_territory()
    day = asked_day(territory)
    since = asked_since(territory, day)
    found = changed_since(request.args.get("after", type=int) or 0, territory, current_user)
    if found.is_empty and not (since and has_aged(territory, day, found.cursor, since)):
        return "", 204
    job = _selected() if found.concerns(request.args.get("selected", "")) else None
    more = runs(territory) if found.runs else {}
    if found.notes:
        more["notes"] = DayNote.of_day(territory, day, current_user)
    return changes(job, territory, day, found.technician_ids, panel_apart=True, known=found.cursor, since=since,
                   cursor=found.cursor, toasts=found.toasts, **more)  # fmt: skip


def asked_days() -> int:
    """How many days a run is to plan: one of the few to choose from."""
    days = request.values.get("days", 1, type=int)
    return days if days in DAYS else abort(400)


def search_lengths() -> tuple[int, list[int]]:
    """How long a run may search, in seconds: what the operator has set, and everything to choose from."""
    preset: int = current_app.config["SETTINGS"].solver_seconds
    return preset, sorted({*SECONDS, preset})


def _selected() -> Job | None:
    number = request.args.get("selected", "")
    return find_or_404(Job.numbered(number, current_user)) if number else None
