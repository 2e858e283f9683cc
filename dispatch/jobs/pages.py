from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import joinedload

from dispatch import live
from dispatch.clock import now
from dispatch.jobs import blueprint, queries
from dispatch.labels import label
from dispatch.models.follow_up import FARTHEST
from dispatch.models.job import Job
from dispatch.models.report import CAUSES, needs_of, parts_offered
from dispatch.models.ticket import Ticket
from dispatch.models.transitions import DECLINED, NOT_COMPLETED
from dispatch.proof.words import proof_of
from dispatch.security import find_or_404, role
from dispatch.web import page_or_fragment, wants_fragment

# the clock on the page and the time left for an undo are redrawn by then
REDRAW_SECONDS = 50


@blueprint.get("/jobs")
@role("technician")
def index() -> Any:
    if is_current():
        return "", 204
    return page_or_fragment("jobs/index.html", **day_context(request.args.get("day")))


@blueprint.get("/jobs/<number>")
@role("technician")
def show(number: str) -> Any:
    if is_current():
        return "", 204
    return page_or_fragment("jobs/show.html", **job_context(number))


@blueprint.get("/jobs/<number>/reasons")
@role("technician")
def reasons(number: str) -> str:
    return sheet("jobs/sheets/reasons.html", number)


@blueprint.get("/jobs/<number>/more")
@role("technician")
def more(number: str) -> str:
    return sheet("jobs/sheets/more.html", number)


@blueprint.get("/jobs/<number>/completion")
@role("technician")
def new_completion(number: str) -> str:
    return sheet("jobs/sheets/completion.html", number)


def is_current() -> bool:
    """Whether a refresh would draw the same again, as after one's own tap: a swap under the thumb loses it."""
    after, drawn = request.args.get("after", type=int), request.args.get("drawn", type=int)
    if after is None or drawn is None or now().timestamp() - drawn > REDRAW_SECONDS:
        return False
    return wants_fragment() and not queries.news_since(after, current_user)


def day_context(wanted: str | None) -> dict[str, Any]:
    """A day that cannot be read is today: a stale link is no reason to show nothing."""
    moment = this_moment()
    try:
        day = date.fromisoformat(wanted) if wanted else None
    except ValueError:
        day = None
    if current_user.technician is None:
        abort(403)
    return {"day": queries.day_of(current_user, day), **moment}


def job_context(number: str) -> dict[str, Any]:
    moment = this_moment()
    query = queries.whole(Job.numbered(number, current_user))
    job = find_or_404(query.options(joinedload(Job.ticket).selectinload(Ticket.attachments)))
    day = queries.day_of(current_user, job.day)
    told = {
        "entries": queries.history(job),
        "parent": queries.parent_of(job),
        "earlier": queries.earlier([job])[job.id],
        "proof": proof_of(job),
    }
    return {"job": job, "day": day, **told, **moment}


def this_moment() -> dict[str, Any]:
    """Where the page begins to listen: taken before it reads, so that it misses nothing."""
    return {
        "after": live.cursor(), "drawn": int(now().timestamp()), "is_fragment": wants_fragment(),
        "overtaken": None, "kept_note": None,
    }  # fmt: skip


def sheet(body: str, number: str, typed: Any = None, error: tuple[str, str] | None = None) -> str:
    """A sheet over the list; a page of its own without scripts. `error` is (field, sentence)."""
    job = find_or_404(queries.whole(Job.numbered(number, current_user)))
    offered = {
        "skills": queries.skills(), "equipment": queries.parts(),
        "rights": queries.rights_of([job])[job.client_id],
        "categories": queries.categories_of([job])[job.client_id],
    }  # fmt: skip
    context = {
        **sheet_context(job, body), **proof_asked(job), **offered, "typed": typed or {}, "error": error,
        "back": (typed or request.args).get("back", "day"), "legal": job.legal_moves(current_user),
    }  # fmt: skip
    return render_template("jobs/_sheet.html" if wants_fragment() else "jobs/sheet.html", **context)


def sheet_context(job: Any, body: str) -> dict[str, Any]:
    return {
        "job": job, "body": body, "typed": {}, "error": None, "back": "day", "title": sheet_title(body),
        "endings": NOT_COMPLETED.values(), "declined": DECLINED, "farthest_days": FARTHEST.days,
    }  # fmt: skip


def proof_asked(job: Job) -> dict[str, Any]:
    """What the end of the job has to say: of the job itself, so that not every job shares a sheet with another."""
    carried = job.technician.parts if job.technician else {}
    return {
        "needs": needs_of(job),
        "parts": parts_offered(job).items(),
        "carried": carried,
        "causes": _causes(),
    }


def _causes() -> list[tuple[str, Any]]:
    return [("", _("Choose…")), *((cause, label(cause, "cause")) for cause in CAUSES)]


def sheet_title(body: str) -> str:
    titles = {
        "jobs/sheets/reasons.html": _("Not possible"),
        "jobs/sheets/more.html": _("More"),
        "jobs/sheets/completion.html": _("Finish"),
    }
    return titles[body]
