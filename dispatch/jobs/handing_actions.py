"""A job handed to a colleague, and one taken that nobody has: once per key, as it was seen, within the rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, flash, json, make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from dispatch.extensions import db
from dispatch.jobs import blueprint
from dispatch.jobs.actions import day, overtaken
from dispatch.jobs.colleagues import broken_words, colleagues_sheet, offers_sheet, refused_words
from dispatch.models.job import IllegalMove, Job, id_of
from dispatch.models.technician import Technician
from dispatch.planning import handing
from dispatch.planning.placement import NotPlaceable, RulesBroken, job_territory
from dispatch.receipts import answer_once, fingerprint_of
from dispatch.security import find_or_404, role
from dispatch.sentences import Vocabulary
from dispatch.web import local_time, wants_fragment

LONGEST_WHY = 200
_Refusals = (IllegalMove, NotPlaceable, RulesBroken, handing.Locked, handing.PromiseMissed)


class _Faster(Exception):
    """It is not as it was seen any more: told with what is there now, not with a page of its own."""


@blueprint.post("/jobs/<number>/assignment")
@role("technician")
def create_assignment(number: str) -> Any:
    """Hand one's own job to a colleague."""
    form = request.form
    means = fingerprint_of(request.path, form.get("technician"), form.get("why"))
    try:
        done = answer_once(current_user, form.get("key", ""), means, lambda: _seen(lambda: _hand(number)))
    except _Faster:
        return _again(number, _("Something has changed meanwhile. This is how it stands now."))
    except _Refusals as refusal:
        return _again(number, _words(refusal, number))
    if done.status_code == 404:
        return overtaken(number, form, _("%(number)s is no longer on your list: it was given to somebody else or "
                                         "taken back.", number=number))  # fmt: skip
    return _said(done.get_data(as_text=True)) if done.status_code < 400 else done


@blueprint.post("/jobs/<number>/taking")
@role("technician")
def create_taking(number: str) -> Any:
    """Take a job that nobody has."""
    means = fingerprint_of(request.path)
    try:
        done = answer_once(
            current_user, request.form.get("key", ""), means, lambda: _seen(lambda: _take(number))
        )
    except _Faster:
        return _offered_again(_("Somebody was faster with %(number)s.", number=number))
    except _Refusals as refusal:
        return _offered_again(_words(refusal, number))
    if done.status_code == 404:
        return _offered_again(_("Somebody was faster with %(number)s.", number=number))
    return _said(done.get_data(as_text=True)) if done.status_code < 400 else done


def _hand(number: str) -> str:
    job, form = find_or_404(Job.numbered(number, current_user)), request.form
    mates = select(Technician).where(
        Technician.territory_id == job.territory_id, Technician.left_at.is_(None)
    )
    to = find_or_404(mates.where(Technician.id == form.get("technician", type=int)))
    why = form.get("why", "").strip()[:LONGEST_WHY] or None
    handing.hand_over(job, to, current_user, form.get("version", type=int), why)
    zone = job_territory(job).zone
    return _("%(number)s goes to %(name)s, about %(time)s.", number=number, name=to.name,
             time=local_time(job.planned_start, zone))  # fmt: skip


def _take(number: str) -> str:
    # whoever is asked twice sees only work that nobody has
    job = find_or_404(handing.takeable(current_user).where(Job.id == id_of(number)))
    handing.take_up(job, current_user, request.form.get("version", type=int))
    zone = job_territory(job).zone
    return _("%(number)s is yours, about %(time)s.", number=number, time=local_time(job.planned_start, zone))


def _seen(act: Callable[[], str]) -> Any:
    try:
        return act(), 200, {"Content-Type": "text/plain; charset=utf-8"}
    except StaleDataError:
        raise _Faster from None


def _words(refusal: Exception, number: str) -> str:
    """Why it could not be done, with the first rule where it is one."""
    db.session.rollback()
    if isinstance(refusal, handing.PromiseMissed):
        return _("It would be outside the promised window: only a dispatcher may do that.")
    if isinstance(refusal, RulesBroken):
        job = db.session.scalars(select(Job).where(Job.id == id_of(number))).one()
        words = Vocabulary.load(job_territory(job).zone)
        return _("It does not fit any more: %(why)s.", why=broken_words(refusal.broken[0], job, words))
    return refused_words(refusal)


def _again(number: str, trouble: str) -> Any:
    """The sheet as it is now while the job is still his; else his list."""
    db.session.rollback()
    job = db.session.scalar(Job.numbered(number, current_user))
    if job is None or job.state not in handing.NOT_BEGUN:
        return overtaken(number, request.form, trouble)
    return _in_sheet(colleagues_sheet(job, trouble))


def _offered_again(trouble: str) -> Any:
    """What can be taken now; without htmx back to the list."""
    db.session.rollback()
    if not wants_fragment():
        flash(trouble, "warn")
        return redirect(url_for("jobs.index"), 303)
    return _in_sheet(offers_sheet(trouble))


def _in_sheet(page: str) -> Response:
    answer = make_response(page, 409)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#sheet", "innerHTML"
    return answer


def _said(told: str) -> Any:
    """His day as it is now, and what was done in one line."""
    form = request.form
    if not wants_fragment() or form.get("back") == "job":
        flash(told, "ok")
        address = url_for("jobs.index", day=form.get("day") or None)
        return (
            Response(status=204, headers={"HX-Redirect": address})
            if wants_fragment()
            else redirect(address, 303)
        )
    answer = day(form)
    answer.headers["HX-Trigger"] = json.dumps({"close-dialog": "", "toast": {"text": told, "tone": "ok"}})
    return answer
