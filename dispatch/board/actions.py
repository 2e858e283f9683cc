from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy.orm.exc import StaleDataError

from dispatch import sentences
from dispatch.board import blueprint
from dispatch.board.answers import moved_on, offer_undo, unsaid, written
from dispatch.board.forms import chosen_changes, override_reason, route, version, window
from dispatch.board.pages import ask_for_run, asked_days, search_lengths
from dispatch.board.regions import asked_day, asked_territory, asked_when, job_territory
from dispatch.board.reversals import asked_changes, reversal_shown, undone
from dispatch.board.scopes import NoScope, asked_scope
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.plan import PlanRun
from dispatch.models.technician import Technician
from dispatch.planning import accept as acceptance
from dispatch.planning import move, run
from dispatch.planning.room import make_room
from dispatch.planning.undo import undo
from dispatch.security import find_or_404, role
from dispatch.tasks import enqueue
from dispatch.web import long_day, wants_fragment


@blueprint.post("/board/jobs/<number>/assignment")
@role("dispatcher", "administrator")
def create_assignment(number: str) -> Any:
    chosen = Technician.visible_to(current_user).where(
        Technician.id == request.form.get("technician", type=int)
    )
    job, technician = _job(number), find_or_404(chosen)
    when = asked_when(job, job_territory(job)).checked()
    day = route() or when.day
    act = partial(move.assign, technician=technician, override_reason=override_reason(), day=day,
                  start=when.start, lock=when.lock_of(job), lock_binds=True)  # fmt: skip
    told = _("Moved to %(technician)s, %(day)s", technician=technician.name, day=long_day(day))
    return _change(job, act, told)


@blueprint.post("/board/jobs/<number>/room")
@role("dispatcher", "administrator")
def create_room(number: str) -> Any:
    """Others make way for the job, as it was shown."""
    job, seen = _job(number), request.form.get("seen", "")
    room = make_room(job, current_user, seen, version=version(), day=route())
    told = _(
        "Room was made: %(number)s goes %(to)s", number=job.number, to=sentences.to_name(room.technician.name)
    )
    db.session.commit()
    return written(job, room.technician_ids, told)


@blueprint.post("/board/jobs/<number>/withdrawal")
@role("dispatcher", "administrator")
def create_withdrawal(number: str) -> Any:
    return _change(_job(number), move.take_back, _("Taken back"))


@blueprint.post("/board/jobs/<number>/lock")
@role("dispatcher", "administrator")
def update_lock(number: str) -> Any:
    return _change(_job(number), partial(move.set_lock, lock=request.form.get("lock", "")), _("Lock changed"))


@blueprint.post("/board/jobs/<number>/cancellation")
@role("dispatcher", "administrator")
def create_cancellation(number: str) -> Any:
    """With a reason, which the log keeps and the technician is told."""
    job, reason = _job(number), override_reason()
    if reason is None:
        return unsaid(job)
    return _change(job, partial(move.cancel, note=reason), _("Job cancelled"))


@blueprint.post("/board/jobs/<number>/reopening")
@role("dispatcher", "administrator")
def create_reopening(number: str) -> Any:
    return _change(_job(number), move.reopen, _("Job reopened"))


@blueprint.post("/board/jobs/<number>/confirmation")
@role("dispatcher", "administrator")
def create_confirmation(number: str) -> Any:
    return _change(_job(number), partial(move.confirm, window=window()), _("Can be planned now"))


@blueprint.post("/board/changes/<int:change_id>/reversal")
@role("dispatcher", "administrator")
def create_reversal(change_id: int) -> Any:
    """Do what was shown, or all of it in one click; the loser of a race sees what is possible now."""
    asked = asked_changes(change_id)
    try:
        done = undo(asked, current_user, request.form.get("seen"))
    except StaleDataError:
        db.session.rollback()
        return reversal_shown(asked_changes(change_id), 412)
    db.session.commit()
    return undone(done)


@blueprint.post("/board/runs")
@role("dispatcher", "administrator")
def create_run() -> Any:
    territory = asked_territory()
    day = asked_day(territory)
    preset, lengths = search_lengths()
    days, seconds = asked_days(), request.form.get("seconds", preset, type=int)
    if seconds not in lengths:
        abort(400)
    try:
        run.require_ahead(territory, day, days)
        asked = run.request(
            territory, day, days, seconds, current_user, asked_scope(territory, day).to_json()
        )
    except NoScope as error:
        return ask_for_run(territory, day, trouble=str(error)), 422
    except run.DayOver:
        told = _(
            "This day is over: nothing can be planned on it any more. What is left waits on today’s board."
        )
        return ask_for_run(territory, day, trouble=told), 422
    except run.RunUnderWay:
        flash(_("A run of this territory is under way already. Wait for it or stop it."), "warn")
    else:
        db.session.commit()
        enqueue("solve", asked.id)
    return _to_board(territory.code, day)


@blueprint.post("/board/runs/<int:run_id>/cancellation")
@role("dispatcher", "administrator")
def create_run_cancellation(run_id: int) -> Any:
    found = _answerable(run_id)
    run.cancel(found, current_user)
    db.session.commit()
    if wants_fragment():
        return ("", 200, {"HX-Refresh": "true"}) if found.is_what_if else ""
    return _to_board(found.territory.code, found.day)


@blueprint.post("/board/runs/<int:run_id>/acceptance")
@role("dispatcher", "administrator")
def create_acceptance(run_id: int) -> Any:
    found, only = _answerable(run_id), chosen_changes()
    if found.is_what_if and only is not None:  # it becomes real as a whole
        abort(400)
    if only == []:
        flash(_("Tick at least one change, or reject the proposal."), "warn")
        return redirect(url_for("board.show_run", run_id=run_id))
    try:
        done = acceptance.accept(found, current_user, only)
    except acceptance.Superseded:
        db.session.commit()
        return moved_on(found)
    db.session.commit()
    _tell_accepted(done)
    offer_undo()
    return _to_board(found.territory.code, found.day)


def _tell_accepted(done: acceptance.Accepted) -> None:
    changed = ngettext(
        "Proposal accepted: %(num)d job changed.", "Proposal accepted: %(num)d jobs changed.", done.changed
    )
    flash(changed, "ok")
    _tell_part(done)
    ids = [one.id for one in done.standing]
    names = db.session.scalars(Technician.visible_to(current_user).where(Technician.id.in_(ids))).all()
    if names:
        kept = ngettext(
            "%(names)s keeps the times of the route: by now they could not all be kept if it was timed again.",
            "%(names)s keep the times of their routes: by now they could not all be kept if they were timed again.",
            len(names), names=sentences.enumerated([one.name for one in names]),
        )  # fmt: skip
        flash(kept, "warn")


def _tell_part(done: acceptance.Accepted) -> None:
    if done.refused:
        flash(ngettext("%(num)d change was not accepted. Where work came to a route, its other times follow.",
                       "%(num)d changes were not accepted. Where work came to a route, its other times follow.", done.refused), "info")  # fmt: skip
    unfit = [job.number for job in done.unfit if current_user.sees(job.client_id)]
    if unfit:
        flash(
            _(
                "No place was left for %(numbers)s: nothing was done about it.",
                numbers=sentences.enumerated(unfit),
            ),
            "warn",
        )


@blueprint.post("/board/runs/<int:run_id>/rejection")
@role("dispatcher", "administrator")
def create_rejection(run_id: int) -> Any:
    found = _answerable(run_id)
    try:
        acceptance.reject(found, current_user)
    except acceptance.Superseded:
        return moved_on(found)
    db.session.commit()
    flash(_("Proposal rejected. The plan stays as it is."), "info")
    return _to_board(found.territory.code, found.day)


def _job(number: str) -> Job:
    return find_or_404(Job.numbered(number, current_user))


def _change(job: Job, act: Callable[..., None], told: str) -> Any:
    """One verb done to one job as the form knew it; whoever had it and whoever has it now are drawn again."""
    before = job.technician_id
    act(job, by=current_user, version=version())
    concerned = {before, job.technician_id}
    _commit_as_written()
    return written(job, concerned, told)


def _commit_as_written() -> None:
    """What was written is drawn as it is known, and not read once more."""
    session = db.session()
    session.expire_on_commit = False
    session.commit()
    session.expire_on_commit = True


def _answerable(run_id: int) -> PlanRun:
    found = find_or_404(PlanRun.visible_to(current_user).where(PlanRun.id == run_id))
    return found if found.is_for(current_user) else abort(403)


def _to_board(territory: str, day: Any) -> Any:
    return redirect(url_for("board.index", territory=territory, day=day))
