"""What a write answers with: the regions that changed, or why it was refused and what is true now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm.exc import StaleDataError

from dispatch import sentences
from dispatch.board import blueprint
from dispatch.board.forms import override_reason
from dispatch.board.panels import sentence_of
from dispatch.board.proposals import DAYS, proposal_of
from dispatch.board.regions import answered, choice_context, job_day, job_region, job_territory, page, shared
from dispatch.board.trail import recent
from dispatch.board.what_ifs import what_if_page
from dispatch.board.when import NoSuchTime
from dispatch.extensions import db, reading
from dispatch.labels import label
from dispatch.models.job import IllegalMove, Job
from dispatch.models.plan import PlanRun
from dispatch.models.transitions import Incomplete
from dispatch.planning.journal import just_kept
from dispatch.planning.placement import NotPlaceable, RulesBroken
from dispatch.security import find_or_404
from dispatch.web import local_instant, page_or_fragment, wants_fragment


class Trouble(NamedTuple):
    """What went wrong, and what to do about it."""

    title: str
    text: str


def written(job: Job, technician_ids: Iterable[int | None], told: str) -> Any:
    """The panel and the routes concerned; without htmx back to the job. Nobody who writes waits until it is drawn."""
    with reading():
        return _written(job, technician_ids, told)


def _written(job: Job, technician_ids: Iterable[int | None], told: str) -> Any:
    territory = job_territory(job)
    day = job_day(job, territory)
    if not wants_fragment():
        flash(told, "ok")
        offer_undo()
        return redirect(url_for("board.show_job", number=job.number, territory=territory.code, day=day))
    routes = {one for one in technician_ids if one is not None}
    toasts = [(f"{job.number} · {told}", "ok")]
    answer = make_response(answered(job, territory, day, routes, toasts=toasts, undoable=just_kept()))
    answer.headers["HX-Trigger"] = "close-dialog, written"
    return answer


def offer_undo() -> None:
    """After a redirect: the way to what was just changed, to take it back."""
    if (kept := just_kept()) is not None:
        flash(url_for("board.show_reversal", change_id=kept.id), "undo")


def moved_on(run: PlanRun) -> Any:
    """A proposal that nobody can answer any more, shown as it stands now."""
    if run.is_what_if:
        return what_if_page(run), 412
    context = {**shared(run.territory, run.day), "run": run, "reaches": DAYS}
    proposal = proposal_of(run, current_user)
    return render_template("board/runs/show.html", **context, proposal=proposal), 412


def unsaid(job: Job) -> Response:
    """The panel again, for the reason that a cancellation needs."""
    return _refused(job, 422, unsaid=True)


@blueprint.errorhandler(StaleDataError)
def somebody_faster(_error: StaleDataError) -> Any:
    """Who did what, when; and the job, or the proposal, as it is now."""
    if run_id := (request.view_args or {}).get("run_id"):
        db.session.rollback()
        return moved_on(find_or_404(PlanRun.visible_to(current_user).where(PlanRun.id == run_id)))
    job, said = _again(), override_reason()
    told = _last_change(job)
    if said:
        told += " " + _("You had written: “%(text)s”", text=said)
    return _refused(job, 412, Trouble(_("Somebody was faster"), told))


@blueprint.errorhandler(IllegalMove)
def not_from_here(error: IllegalMove) -> Any:
    job = _again()
    legal = ", ".join(str(label(name, "move")) for name in job.legal_moves(current_user))
    state = label(error.source, "job")
    text = _("The job is %(state)s. Possible now: %(legal)s.", state=state, legal=legal or _("nothing"))
    return _refused(job, 409, Trouble(_("Not possible any more"), text))


@blueprint.errorhandler(Incomplete)
def no_such_window(_error: Incomplete) -> Any:
    text = _("Say both from when and until when, in this order and not in the past; or leave both open.")
    return _refused(_again(), 422, Trouble(_("This time makes no sense"), text))


@blueprint.errorhandler(NotPlaceable)
def not_placeable(error: NotPlaceable) -> Any:
    text = sentences.left_out(error.reason)
    return _refused(_again(), 409, Trouble(_("Cannot be placed"), text[:1].upper() + text[1:] + "."))


@blueprint.errorhandler(RulesBroken)
def rules_broken(error: RulesBroken) -> Any:
    """The technicians again, with what is broken said where the choice was made."""
    job = _again()
    context = choice_context(job)
    rules = [sentence_of(one, job, current_user, context["vocabulary"]) for one in error.broken]
    waivable = all(one.waivable for one in error.broken)
    asked = request.form.get("technician", type=int)
    return _choose_again(context, asked=asked, rules=rules, waivable=waivable)


@blueprint.errorhandler(NoSuchTime)
def no_such_time(_error: NoSuchTime) -> Any:
    """The form again as it was filled in, with what is wrong with it."""
    return _choose_again(choice_context(_again()))


def _choose_again(context: dict[str, Any], **more: Any) -> Response:
    answer = make_response(page_or_fragment("board/candidates.html", **context, **more), 422)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#sheet", "innerHTML"
    return answer


def _last_change(job: Job) -> str:
    zone = job_territory(job).zone
    last = next(iter(recent(job, zone)), None)
    if last is None:
        return _("Look again, then decide.")
    return _("%(who)s, %(time)s: %(what)s. Look again, then decide.", who=last.who or _("the engine"),
             time=local_instant(last.at, job_territory(job).zone), what=last.what)  # fmt: skip


def _again() -> Job:
    """The job as it is in the database now."""
    db.session.rollback()
    return find_or_404(Job.numbered((request.view_args or {})["number"], current_user))


def _refused(job: Job, status: int, trouble: Trouble | None = None, **more: Any) -> Response:
    if wants_fragment():
        answer = make_response(job_region(job, trouble=trouble, **more), status)
        answer.headers.update({"HX-Retarget": "#detail", "HX-Reswap": "outerHTML"})
        answer.headers["HX-Trigger"] = "close-dialog"
        return answer
    territory = job_territory(job)
    context = page(territory, job_day(job, territory), job)
    return make_response(render_template("board/index.html", **context, trouble=trouble, **more), status)
