"""The regions of the board and what they are rendered with: pages and answers to writes share them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, current_app, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from dispatch import live, sentences
from dispatch.board import panels
from dispatch.board.aging import has_new_late, has_new_long_wait, overtaken
from dispatch.board.because import because
from dispatch.board.common_days import Pieces, Sight, common_days
from dispatch.board.crew import days_ahead
from dispatch.board.drawn import rows_drawn
from dispatch.board.queries import day_of, runs_of
from dispatch.board.repairs import repairs_of
from dispatch.board.rows import Day
from dispatch.board.sieve import Sieve
from dispatch.board.week import DAYS, days_of
from dispatch.board.when import When
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.note import DayNote
from dispatch.models.place import Territory
from dispatch.models.plan import Plan
from dispatch.models.technician import Technician
from dispatch.planning.placement import NotPlaceable
from dispatch.planning.room import room_for
from dispatch.planning.why import why
from dispatch.security import find_or_404

Context = dict[str, Any]


def asked_territory() -> Territory:
    """The territory named in the address, or the first that the user sees."""
    code = request.values.get("territory")
    if code:
        return find_or_404(Territory.visible_to(current_user).where(Territory.code == code))
    return find_or_404(Territory.visible_to(current_user).limit(1))


def asked_day(territory: Territory) -> date:
    """The day named in the address, or today where the territory is."""
    text = request.values.get("day")
    if not text:
        return today(territory)
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(400)


def today(territory: Territory) -> date:
    return now().astimezone(ZoneInfo(territory.zone)).date()


def page(territory: Territory, day: date, job: Job | None = None) -> Context:
    """Everything the whole page shows; the cursor is read first, so that no change is missed."""
    cursor, settings = live.cursor(), current_app.config["SETTINGS"]
    context = {**day_context(territory, day), **(panel(job, territory, day) if job else {})}
    return {
        **context, **runs(territory), "drawn_rows": rows_drawn(context, context["board"].routes), "sieve": Sieve.of(context["board"]),
        "cursor": cursor, "today": today(territory), "notes": DayNote.of_day(territory, day, current_user),
        "remarks": [sentences.remark(code) for code in Plan.remarks_on(territory.id, day)],
        "tiles": settings.map_tiles, "attribution": settings.map_attribution,
        "territories": list(db.session.scalars(Territory.visible_to(current_user))),
    }  # fmt: skip


def runs(territory: Territory) -> Context:
    active, told = runs_of(territory, current_user)
    return {"active_run": active, "told_runs": told}


def day_context(territory: Territory, day: date, cursor: int | None = None) -> Context:
    """The day; with `cursor`, the newest event that is known, as another board of this process may have read it."""
    board, pieces = _day(territory, day, cursor)
    return {
        **shared(territory, day),
        "board": board,
        "pieces": pieces,
        "repairs": repairs_of(board, current_user),
    }


def _day(territory: Territory, day: date, cursor: int | None) -> tuple[Day, Pieces]:
    user = current_user._get_current_object()
    if cursor is None:
        return day_of(territory, day, user), Pieces()
    sight = Sight.of(territory, day, user)
    return common_days(current_app).get(sight, cursor, territory, lambda: day_of(territory, day, user))


def week(technician: Technician) -> Context:
    """A technician's days from the one asked for on; each block leads to its job on the board of its day."""
    territory, cursor = technician.territory, live.cursor()
    day, present = asked_day(territory), today(territory)
    days = days_of(technician, day, current_user)
    return {**shared(territory, day), "technician": technician, "days": days, "cursor": cursor, "today": present,
            "opening": next((one.begin for one in days if one.day == present), days[0].begin),
            "earlier": day - timedelta(days=DAYS), "later": day + timedelta(days=DAYS)}  # fmt: skip


def shared(territory: Territory, day: date) -> Context:
    """What every region needs: words, zone and the address of a job."""
    return {
        "sentences": sentences, "vocabulary": sentences.Vocabulary.load(territory.zone), "zone": territory.zone,
        "territory": territory, "day": day, "selected": request.values.get("selected"),
        "jobs_url": url_for("board.show_job", number="INT-0", territory=territory.code, day=day),
    }  # fmt: skip


def panel(job: Job, territory: Territory, day: date) -> Context:
    return {
        **shared(territory, day),
        "job": job,
        "selected": job.number,
        **panels.facts_of(job, current_user, territory.zone),
    }


def choice_context(job: Job) -> Context:
    """The technicians for a job when it is asked for, or why it cannot be placed then."""
    territory = job_territory(job)
    context = shared(territory, job_day(job, territory))
    when, choices, refused = asked_when(job, territory), [], None
    if not when.errors:
        try:
            choices = panels.choices_for(job, when, current_user, context["vocabulary"])
        except NotPlaceable as error:
            refused = error.reason
    days = days_ahead(territory, today(territory), {context["day"], when.day, job.day})
    room = _room(job, when, choices, context["vocabulary"])
    return {
        **context,
        "job": job,
        "when": when,
        "days": days,
        "choices": choices,
        "refused": refused,
        "room": room,
    }


def _room(job: Job, when: When, choices: Sequence[panels.Choice], vocabulary: sentences.Vocabulary) -> Any:
    """How others could make way, where nobody can simply take the job on the day asked for."""
    if not choices or when.start or any(one.candidate.feasible for one in choices):
        return None
    found = room_for(job, current_user, when.day)
    if found is None:
        return None
    known = [one for one in found.changes if current_user.sees(one["client_id"])]
    told = [sentences.change(one, vocabulary) for one in known]
    return {"found": found, "changes": told, "others": len(found.changes) - len(known)}


def reason_context(job: Job, territory: Territory) -> Context:
    """Why the job is with its technician, in a sentence, or why that cannot be said."""
    try:
        told = because(why(job), sentences.Vocabulary.load(territory.zone))
    except NotPlaceable as error:
        told = _(
            "Nothing to compare: the job or its technician %(why)s.", why=sentences.left_out(error.reason)
        )
    return {"because": told}


def asked_when(job: Job, territory: Territory) -> When:
    """The day and the start asked for; without any, those of the plan, of the board, or today."""
    shown = job_day(job, territory)
    own = job.day if job.day and job.day >= today(territory) else None
    return When.read(request.values, own or max(shown, today(territory)), territory.zone)


def job_region(job: Job, **more: Any) -> str:
    """The panel of one job alone."""
    territory = job_territory(job)
    return render_template("board/_job.html", **panel(job, territory, job_day(job, territory)), **more)


def answered(job: Job, territory: Territory, day: date, technician_ids: Collection[int], **more: Any) -> str:
    """Swaps for a job that was just written and for the routes of these technicians; the rest of the board follows with the news."""
    board = day_of(territory, day, current_user, list(technician_ids))
    context = {**panel(job, territory, day), "board": board}
    rows = rows_drawn(context, board.routes, oob=True)
    return render_template("board/_answer.html", **context, drawn_rows=rows, **more)


def changes(job: Job | None, territory: Territory, day: date, technician_ids: Collection[int] | None,
            *, known: int | None = None, since: datetime | None = None, **more: Any) -> str:  # fmt: skip
    """Swaps for the regions that changed: figures, decisions, the routes of these technicians (None: all).

    News tell with `known` which event is the newest one; an answer to a write reads the day itself. With `since` also
    the routes that the clock has changed since then.
    """
    context = {**day_context(territory, day, known), **(panel(job, territory, day) if job else {}), **more}
    board, older = context["board"], overtaken(context["board"], since) if since else set()
    routes = [r for r in board.routes if technician_ids is None or r.id in technician_ids or r.id in older]
    alike = {**context, "selected": None} if known is not None else context
    if known is not None:
        context["drawn_decisions"] = _decisions(alike)
    rows = rows_drawn(alike, routes, oob=True)
    return render_template("board/_changes.html", **context, drawn_rows=rows)


def asked_since(territory: Territory, day: date) -> datetime | None:
    """When the page was drawn; None when it does not say, or shows a day that does not age."""
    drawn = request.args.get("drawn", type=int)
    if drawn is None or day != today(territory) or not 0 < drawn <= now().timestamp():
        return None
    return datetime.fromtimestamp(drawn, UTC)


def has_aged(territory: Territory, day: date, cursor: int, since: datetime) -> bool:
    """Whether the day looks otherwise than at `since` though nobody has done anything."""
    board, _pieces = _day(territory, day, cursor)
    return bool(overtaken(board, since)) or has_new_late(board, since) or has_new_long_wait(board, since)


def _decisions(context: Context) -> str:
    """As all boards of one sight show them, which mark by themselves the job that is open in them."""

    def draw() -> str:
        drawn = render_template("board/_decisions.html", **context)
        return Markup(drawn)  # noqa: S704 - our own templates escape what they draw

    pieces: Pieces = context["pieces"]
    return pieces.get("decisions", draw)


def job_territory(job: Job) -> Territory:
    """Where the reader is; the job's own territory when the address does not say."""
    if request.values.get("territory") or job.territory_id is None:
        return asked_territory()
    return find_or_404(Territory.visible_to(current_user).where(Territory.id == job.territory_id))


def job_day(job: Job, territory: Territory) -> date:
    if request.values.get("day"):
        return asked_day(territory)
    return job.day or today(territory)
