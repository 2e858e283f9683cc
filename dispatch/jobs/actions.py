from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from dispatch.extensions import db
from dispatch.jobs import blueprint, pages, wording
from dispatch.models.client import AdminRight, Skill
from dispatch.models.event import record
from dispatch.models.job import IllegalMove, Job
from dispatch.models.tap import take
from dispatch.models.transitions import Incomplete
from dispatch.planning.retime import freeing
from dispatch.receipts import answer_once, fingerprint_of
from dispatch.security import find_or_404, role
from dispatch.web import wants_fragment

LONGEST_NOTE = 4000
# what a key stands for; a token of the form may change between two tries
_MEANT = (
    "to",
    "reason",
    "note",
    "follow_up",
    "from",
    "until",
    "arrival",
    "part",
    "contact",
    "skill",
    "minutes",
)


@blueprint.post("/jobs/<number>/transitions")
@role("technician")
def create_transition(number: str) -> Any:
    form = request.form
    meant = [form.get(name) for name in _MEANT]
    act = _once(form, fingerprint_of(request.path, *meant), lambda: _take(number, form))
    return _answer(number, form, act)


@blueprint.post("/jobs/<number>/notes")
@role("technician")
def create_note(number: str) -> Any:
    form = request.form
    act = _once(form, fingerprint_of(request.path, form.get("note")), lambda: _note(number, form))
    return _answer(number, form, act)


@blueprint.post("/jobs/sightings")
@role("technician")
def create_sighting() -> Any:
    """What was changed is acknowledged, as far as it was on the screen."""
    shown = request.form.getlist("job")
    until = _until()
    jobs = db.session.scalars(Job.visible_to(current_user).where(Job.changed_at <= until))
    for job in jobs:
        if job.number in shown:
            job.see(current_user)
    taken = request.form.getlist("withdrawn", type=int)
    if taken and current_user.technician:
        record("day.seen", by=current_user, technician_id=current_user.technician.id, until=max(taken))
    db.session.commit()
    return _day(request.form)


def _until() -> datetime:
    try:
        until = datetime.fromisoformat(request.form["until"])
    except ValueError:
        abort(400)
    return until if until.tzinfo else abort(400)


def _once(form: MultiDict[str, str], fingerprint: str, act: Callable[[], None]) -> Callable[[], Response]:
    def answer() -> Any:
        act()
        return "", 204

    return lambda: answer_once(current_user, form.get("key", ""), fingerprint, answer)


def _take(number: str, form: MultiDict[str, str]) -> None:
    name, made = form.get("to", ""), form.get("follow_up") or None
    with freeing(_mine(number), name, current_user):
        job = _held(number)
        take(job, name, current_user, reason=form.get("reason") or None, note=_text(form),
             follow_up=made, details=_details(form, job) if made else None,
             based_on=form.get("based_on", type=int))  # fmt: skip


def _note(number: str, form: MultiDict[str, str]) -> None:
    text = _text(form)
    if not text:
        raise Incomplete("note")
    _held(number).add_note(text, current_user)


def _mine(number: str) -> Job:
    return find_or_404(Job.numbered(number, current_user))


def _held(number: str) -> Job:
    """The job, kept to this transaction: two taps on it follow one another."""
    query = Job.numbered(number, current_user).with_for_update(of=Job)
    return find_or_404(query.execution_options(populate_existing=True))


def _text(form: MultiDict[str, str]) -> str | None:
    return form.get("note", "").strip()[:LONGEST_NOTE] or None


def _details(form: MultiDict[str, str], job: Job) -> dict[str, Any]:
    """What was said of the follow-up; what cannot be read is asked again under the name of its field."""
    details: dict[str, Any] = {
        "part": form.get("part") or None, "contact": form.get("contact") or None, "minutes": _minutes(form),
    }  # fmt: skip
    if form.get("arrival"):
        details["arrival"] = _read("arrival", lambda: date.fromisoformat(form["arrival"]))
    if form.get("from") or form.get("until"):
        details["window"] = _window(form, job)
    if form.get("skill"):
        details |= _skill_or_right(form["skill"], job)
    return {name: value for name, value in details.items() if value is not None}


def _window(form: MultiDict[str, str], job: Job) -> tuple[datetime, datetime]:
    zone = ZoneInfo(job.building.site.zone if job.building else job.client.zone)
    begins, ends = (
        _read("window", partial(datetime.fromisoformat, form.get(name, ""))) for name in ("from", "until")
    )
    return begins.replace(tzinfo=zone), ends.replace(tzinfo=zone)


def _minutes(form: MultiDict[str, str]) -> int | None:
    return _read("minutes", lambda: int(form["minutes"])) if form.get("minutes") else None


def _read(field: str, reader: Callable[[], Any]) -> Any:
    try:
        return reader()
    except (ValueError, KeyError):
        raise Incomplete(field) from None


def _skill_or_right(choice: str, job: Job) -> dict[str, Any]:
    """One list offers both: `skill:CODE` and `right:ID` of the job's own client."""
    kind, _colon, what = choice.partition(":")
    if kind == "skill" and db.session.scalar(select(Skill.id).where(Skill.code == what)):
        return {"skill": what}
    rights = select(AdminRight.id).where(AdminRight.client_id == job.client_id)
    if kind == "right" and what in {str(known) for known in db.session.scalars(rights)}:
        return {"admin_right_id": int(what)}
    raise Incomplete("skill")


# answers ---------------------------------------------------------------------------------------------


def _answer(number: str, form: MultiDict[str, str], act: Callable[[], Response]) -> Any:
    """The present state after the tap, or what kept it from being made."""
    try:
        done = act()
    except IllegalMove as refused:
        return _overtaken(number, form, wording.overtaken(refused))
    except Incomplete as asked:
        db.session.rollback()
        return _ask_again(number, form, asked.field)
    if done.status_code == 404:
        return _overtaken(number, form, _("%(number)s is no longer on your list: it was given to somebody else or "
                                          "taken back.", number=number))  # fmt: skip
    return _shown(number, form) if done.status_code < 400 else done


def _shown(number: str, form: MultiDict[str, str]) -> Any:
    if form.get("back") != "job":
        return _day(form)
    if not wants_fragment():
        return redirect(
            url_for("jobs.show", number=number) if _is_mine(number) else url_for("jobs.index"), 303
        )
    if _is_mine(number):
        return _fragment("jobs/_show.html", pages.job_context(number))
    return Response(status=204, headers={"HX-Redirect": url_for("jobs.index")})


def _is_mine(number: str) -> bool:
    """Not after it was declined, turned into a visit, or given to somebody else."""
    return db.session.scalar(Job.numbered(number, current_user)) is not None


def _day(form: MultiDict[str, str]) -> Any:
    if not wants_fragment():
        return redirect(url_for("jobs.index", day=form.get("day") or None), 303)
    return _fragment("jobs/_index.html", pages.day_context(form.get("day")))


def _overtaken(number: str, form: MultiDict[str, str], sentence: str) -> Any:
    """Too late: say so above the present state, with what was typed."""
    db.session.rollback()
    note = _text(form)
    if not wants_fragment():
        flash(f"{sentence} {_('Your note: %(note)s', note=note)}" if note else sentence, "warn")
        return redirect(url_for("jobs.index", day=form.get("day") or None), 303)
    if form.get("back") == "job" and _is_mine(number):
        context, template, place = pages.job_context(number), "jobs/_show.html", "#job"
    else:
        context, template = pages.day_context(form.get("day")), "jobs/_index.html"
        place = "#job" if form.get("back") == "job" else "#day"
    answer = _fragment(template, {**context, "overtaken": sentence, "kept_note": note}, 409)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = place, "outerHTML"
    return answer


def _ask_again(number: str, form: MultiDict[str, str], field: str) -> Any:
    """The sheet again, as it was filled in, with what is still missing."""
    body = "jobs/sheets/reasons.html" if form.get("to") == "not_completed" else "jobs/sheets/more.html"
    answer = make_response(pages.sheet(body, number, form, (field, wording.asked(field))), 422)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#sheet", "innerHTML"
    return answer


def _fragment(template: str, context: dict[str, Any], status: int = 200) -> Response:
    answer = make_response(render_template(template, **context), status)
    answer.headers["HX-Trigger"] = "close-dialog"
    return answer
