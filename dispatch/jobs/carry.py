"""What a phone carries to work without signal: today and tomorrow, drawn by the templates of the live pages.

The phone has no templates and knows no rules: it shows these pieces, and after a tap the piece drawn for the
state that the move leads to. So what is drawn here is every state that taps can reach from now.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Response, abort, current_app, g, get_template_attribute, json, request
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.jobs import blueprint, installed, pages, queries, wording
from dispatch.jobs.day import TURNS, Day
from dispatch.jobs.shared_sheets import SharedSheets, gaps_of
from dispatch.labels import label
from dispatch.models import transitions
from dispatch.models.job import Job
from dispatch.models.ticket import Ticket
from dispatch.models.transitions import ENDED, UNDO_SECONDS, UNDOABLE
from dispatch.proof.words import proofs_of
from dispatch.replay.incoming import PROTOCOL
from dispatch.security import role

# compressed, which the JSON of the API is not
CONTENT_TYPE = "application/vnd.dispatch.carry+json"
DAYS = 2
# off the list: given back, or to be planned anew
_GONE = "unplanned"


@blueprint.get("/jobs/carry")
@role("technician")
def carry() -> Any:
    """All of it, or nothing when the phone has it already (`after`: the last event that it knows of)."""
    after = request.args.get("after", type=int)
    if after is not None and not queries.news_since(after, current_user):
        return "", 204
    return Response(json.dumps(carried()), content_type=CONTENT_TYPE)


def carried() -> dict[str, Any]:
    g.is_carried = True
    if current_user.technician is None:
        abort(403)
    moment = pages.this_moment()
    days = _days()
    jobs = {job.number: job for day in days for job in day.jobs}
    made = _Drawing(list(jobs.values()), moment)
    hours = current_app.config["SETTINGS"].carry_hours
    return {
        "epoch": PROTOCOL, "build": installed.build(), "cursor": moment["after"],
        "made_at": now().isoformat(), "expires_at": (now() + timedelta(hours=hours)).isoformat(),
        "person": current_user.id, "zone": days[0].zone, "token": generate_csrf(), "today": days[0].day.isoformat(),
        "turns": TURNS, "undo_seconds": UNDO_SECONDS, "days": {day.day.isoformat(): made.day(day) for day in days},
        "jobs": {job.number: made.job(job, day) for day in days for job in day.jobs}, "files": _files(jobs.values()),
        "sheets": made.sheets.drawn,
    }  # fmt: skip


def _days() -> list[Day]:
    """The day going on, and the next."""
    first = queries.day_of(current_user)
    return [first, *(queries.day_of(current_user, first.day + timedelta(days=n)) for n in range(1, DAYS))]


def _files(jobs: Any) -> list[str]:
    """The addresses of the files that fit on the phone, those of the first jobs first."""
    left = current_app.config["SETTINGS"].carry_files_mb * 1024 * 1024
    chosen = []
    for file in (file for job in jobs for file in job.ticket.attachments):
        if file.size <= left:
            left -= file.size
            chosen.append(f"/attachments/{file.token}")
    return list(dict.fromkeys(chosen))


@dataclass(frozen=True, slots=True)
class InState:
    """A job as it will be after some taps."""

    job: Job
    state: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.job, name)


class _Drawing:
    """The pieces of some jobs; what they need of the database is read once for all of them."""

    def __init__(self, jobs: list[Job], moment: dict[str, Any]) -> None:
        self.context = dict(moment)
        current_app.update_template_context(self.context)
        tickets = select(Ticket).where(Ticket.id.in_({job.ticket_id for job in jobs}))
        db.session.scalars(tickets.options(selectinload(Ticket.attachments))).all()
        self.sheets = SharedSheets(jobs, self._draw)
        self.histories, self.parents = queries.histories(jobs), queries.parents_of(jobs)
        self.earlier, self.proofs = queries.earlier(jobs), proofs_of(jobs)
        macro = get_template_attribute
        self.card, self.deeds = macro("jobs/card.html", "card"), macro("jobs/card.html", "deeds")
        self.line, self.undo_bar = macro("jobs/lines.html", "line"), macro("jobs/taps.html", "undo_bar")
        self.empty = macro("shared/empty.html", "empty")

    def day(self, day: Day) -> dict[str, Any]:
        counted = sum(job.state != "cancelled" for job in day.jobs)
        return {
            "title": wording.short_day(day.day), "html": self._draw("jobs/_index.html", day=day),
            "jobs": [job.number for job in day.jobs],
            "finished": self.empty(_("Nothing left for this day"), _("What is new appears here by itself."), "check-circle"),
            "tallies": [ngettext("%(num)d done of %(all)s", "%(num)d done of %(all)s", n, all=counted)
                        for n in range(counted + 1)],
            "done": [ngettext("One done", "%(num)d done", n) for n in range(len(day.jobs) + 1)],
        }  # fmt: skip

    def job(self, job: Job, day: Day) -> dict[str, Any]:
        whom = queries.whom_to_call(job)
        legal = job.legal_moves(current_user)
        states = {state: InState(job, state) for state in _reachable(job)}
        return {
            "version": job.version, "state": job.state, "mode": job.mode,
            "page": self._draw("jobs/_show.html", job=job, day=day, entries=self.histories[job.id],
                               parent=self.parents.get(job.parent_id or 0), earlier=self.earlier[job.id], proof=self.proofs.get(job.id)),
            "card": self.card(job, day, "day", wording.eyebrow(job), legal, whom),
            "moves": {state: _moves(job, state) for state in states},
            "cards": {state: self._deeds(seen, day, whom) for state, seen in states.items()},
            "lines": {state: self.line(seen, day.zone, day.probably(job)) for state, seen in states.items()},
            "bars": {state: self.undo_bar(seen, day.day) for state, seen in states.items() if state in ENDED},
            "sheets": self.sheets.of(job, {state: _legal(seen) for state, seen in states.items()}),
            "gaps": gaps_of(job),
        }  # fmt: skip

    def _deeds(self, seen: Any, day: Day, whom: tuple[str | None, str | None]) -> dict[str, str]:
        return {
            "next": wording.eyebrow(seen),
            "alone": str(label(seen.state, "job")).capitalize(),
            "html": self.deeds(seen, day, "day", _legal(seen), whom),
        }

    def _draw(self, template: str, **context: Any) -> str:
        return current_app.jinja_env.get_template(template).render({**self.context, **context})


def _reachable(job: Job) -> list[str]:
    """The states that taps lead to from now, the present one first."""
    found = [job.state]
    for state in found:
        found += [target for target in _moves(job, state).values() if target not in (*found, _GONE)]
    return found


def _moves(job: Job, state: str) -> dict[str, str]:
    moves = (
        transitions.find(name, state, mode=job.mode)
        for name in transitions.legal(state, "technician", job.mode)
    )
    return {move.name: move.target for move in moves if move}


def _legal(seen: Any) -> list[str]:
    """What is legal in that state; the tap that led there can be taken back for a minute, which the phone counts."""
    legal = transitions.legal(seen.state, "technician", seen.mode)
    return [*legal, "undone"] if seen.state != seen.job.state and seen.state in UNDOABLE else legal
