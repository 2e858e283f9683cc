from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.jobs import blueprint, pages, wording
from dispatch.models.job import IllegalMove, Job
from dispatch.models.report import check, fill
from dispatch.models.tap import take
from dispatch.models.transitions import Incomplete
from dispatch.planning.late import hold_route
from dispatch.planning.retime import freeing
from dispatch.receipts import answer_once, fingerprint_of
from dispatch.replay import ledger, words
from dispatch.replay.details import details_of, note_of
from dispatch.replay.kinds import see
from dispatch.replay.proof import meant, said_of
from dispatch.security import find_or_404, role
from dispatch.web import wants_fragment

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
# the sheets of the moves that ask something
_ASKS = {"not_completed": "reasons", "completed": "completion"}


@blueprint.post("/jobs/<number>/transitions")
@role("technician")
def create_transition(number: str) -> Any:
    form = request.form
    means = [form.get(name) for name in _MEANT] + meant(form)
    act = _once(form, fingerprint_of(request.path, *means), lambda: _take(number, form))
    return _answer(number, form, act)


@blueprint.post("/jobs/<number>/notes")
@role("technician")
def create_note(number: str) -> Any:
    form = request.form
    act = _once(form, fingerprint_of(request.path, form.get("note")), lambda: _note(number, form))
    return _answer(number, form, act)


@blueprint.post("/jobs/<number>/words")
@role("technician")
def create_word(number: str) -> Any:
    """What he says to the dispatchers: that he is late, that he needs help; or that he has read, or told somebody."""
    form = request.form
    meant = [form.get(name) for name in ("say", "minutes", "reason", "note", "word", "whom")]
    act = _once(form, fingerprint_of(request.path, *meant), lambda: _say(number, form))
    return _answer(number, form, act)


@blueprint.post("/jobs/<number>/finds")
@role("technician")
def create_find(number: str) -> Any:
    """Work found on the spot, done or to be planned."""
    form = request.form
    meant = [form.get(name) for name in ("summary", "category", "minutes", "note", "done")]
    act = _once(form, fingerprint_of(request.path, *meant), lambda: _find(number, form))
    return _answer(number, form, act)


@blueprint.post("/jobs/sightings")
@role("technician")
def create_sighting() -> Any:
    """What was changed is acknowledged, as far as it was on the screen."""
    shown = request.form.getlist("job")
    until = _until()
    see(current_user, until, shown, request.form.getlist("withdrawn", type=int))
    db.session.commit()
    return day(request.form)


def _until() -> datetime:
    try:
        until = datetime.fromisoformat(request.form["until"])
    except ValueError:
        abort(400)
    return until if until.tzinfo else abort(400)


def _once(form: MultiDict[str, str], fingerprint: str, act: Callable[[], None]) -> Callable[[], Response]:
    def answer() -> Any:
        if not ledger.knows(current_user.id, form.get("key", "")):  # sent again by the phone's queue
            act()
        return "", 204

    return lambda: answer_once(current_user, form.get("key", ""), fingerprint, answer)


def _take(number: str, form: MultiDict[str, str]) -> None:
    name, made = form.get("to", ""), form.get("follow_up") or None
    with freeing(_mine(number), name, current_user):
        job = _held(number)
        proof = said_of(form, job) if name == "completed" else {}
        if name == "completed":
            check(job, proof)
        take(job, name, current_user, reason=form.get("reason") or None, note=note_of(form),
             follow_up=made, details=details_of(form, job) if made else None,
             based_on=form.get("based_on", type=int))  # fmt: skip
        if name == "completed":
            fill(job, proof, current_user)


def _note(number: str, form: MultiDict[str, str]) -> None:
    text = note_of(form)
    if not text:
        raise Incomplete("note")
    _held(number).add_note(text, current_user)


def _say(number: str, form: MultiDict[str, str]) -> None:
    if form.get("say") not in words.ON_A_JOB:
        return words.close(form, current_user, current_user)
    hold_route(_mine(number))
    return words.say(_held(number), form, current_user, current_user, now())


def _find(number: str, form: MultiDict[str, str]) -> None:
    words.find_beside(_held(number), form, current_user, current_user, now())


def _mine(number: str) -> Job:
    return find_or_404(Job.numbered(number, current_user))


def _held(number: str) -> Job:
    """The job, kept to this transaction: two taps on it follow one another."""
    query = Job.numbered(number, current_user).with_for_update(of=Job)
    return find_or_404(query.execution_options(populate_existing=True))


# answers ---------------------------------------------------------------------------------------------


def _answer(number: str, form: MultiDict[str, str], act: Callable[[], Response]) -> Any:
    """The present state after the tap, or what kept it from being made."""
    try:
        done = act()
    except IllegalMove as refused:
        return overtaken(number, form, wording.overtaken(refused))
    except Incomplete as asked:
        db.session.rollback()
        return _ask_again(number, form, asked.field)
    if done.status_code == 404:
        return overtaken(number, form, _("%(number)s is no longer on your list: it was given to somebody else or "
                                          "taken back.", number=number))  # fmt: skip
    return _shown(number, form) if done.status_code < 400 else done


def _shown(number: str, form: MultiDict[str, str]) -> Any:
    if form.get("back") != "job":
        return day(form)
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


def day(form: MultiDict[str, str]) -> Any:
    if not wants_fragment():
        return redirect(url_for("jobs.index", day=form.get("day") or None), 303)
    return _fragment("jobs/_index.html", pages.day_context(form.get("day")))


def overtaken(number: str, form: MultiDict[str, str], sentence: str) -> Any:
    """Too late: say so above the present state, with what was typed."""
    db.session.rollback()
    note = note_of(form)
    if not wants_fragment():
        noted = _("Your note: %(note)s", note=note)
        flash(f"{sentence} {noted}" if note else sentence, "warn")
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
    body = f"jobs/sheets/{_ASKS.get(form.get('to', ''), 'more')}.html"
    answer = make_response(pages.sheet(body, number, form, (field, wording.asked(field))), 422)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#sheet", "innerHTML"
    return answer


def _fragment(template: str, context: dict[str, Any], status: int = 200) -> Response:
    answer = make_response(render_template(template, **context), status)
    answer.headers["HX-Trigger"] = "close-dialog"
    return answer
