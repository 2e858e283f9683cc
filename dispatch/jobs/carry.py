"""What a phone carries to work without signal: today and tomorrow, drawn by the templates of the live pages.

The phone has no templates and knows no rules: it shows these pieces, and after a tap the piece drawn for the
state that the move leads to. So what is drawn here is every state that taps can reach from now.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import (
    Response,
    abort,
    current_app,
    g,
    get_template_attribute,
    json,
    render_template,
    request,
)
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from dispatch.clock import now
from dispatch.extensions import db
from dispatch.jobs import blueprint, installed, pages, presence, queries, wording
from dispatch.jobs.day import TURNS, Day
from dispatch.jobs.shared import Shared, line_of, moves_of
from dispatch.jobs.tags import numbered
from dispatch.models import transitions
from dispatch.models.job import Job
from dispatch.models.ticket import Ticket
from dispatch.models.transitions import OPEN, UNDO_SECONDS, UNDOABLE
from dispatch.proof.words import proofs_of
from dispatch.replay.incoming import PROTOCOL
from dispatch.security import role

# compressed, which the JSON of the API is not
CONTENT_TYPE = "application/vnd.dispatch.carry+json"
DAYS = 2
# off the list: given back, or to be planned anew
_GONE = "unplanned"
# the phone puts in how the card is headed: in a list by its turn, on its own page by its state
_HEADING = Markup("<!--heading-->")
_BETWEEN = re.compile(r">\s*\n\s*<")


@blueprint.get("/jobs/carry")
@role("technician")
def carry() -> Any:
    """All of it, or nothing when the phone has it already (`after`: the last event that it knows of)."""
    after = request.args.get("after", type=int)
    if after is not None and not queries.news_since(after, current_user):
        return "", 204
    return Response(
        json.dumps(carried(), ensure_ascii=False, separators=(",", ":")), content_type=CONTENT_TYPE
    )


def carried() -> dict[str, Any]:
    g.is_carried = True
    if current_user.technician is None:
        abort(403)
    moment = pages.this_moment()
    days = _days()
    jobs = {job.number: job for day in days for job in day.jobs}
    made = _Drawing(list(jobs.values()), moment)
    hours = current_app.config["SETTINGS"].carry_hours
    drawn, tags = numbered({
        "days": {day.day.isoformat(): made.day(day) for day in days},
        "jobs": {job.number: made.job(job, day) for day in days for job in day.jobs},
        "pieces": made.shared.pieces, "presence": presence.carried(days[0]),
    })  # fmt: skip
    return {
        "epoch": PROTOCOL, "build": installed.build(), "cursor": moment["after"],
        "made_at": now().isoformat(), "expires_at": (now() + timedelta(hours=hours)).isoformat(),
        "person": current_user.id, "zone": days[0].zone, "token": generate_csrf(), "today": days[0].day.isoformat(),
        "turns": TURNS, "undo_seconds": UNDO_SECONDS, "files": _files(jobs.values()),
        **drawn, "kinds": made.shared.kinds, "tags": tags, "menu": render_template("layouts/user_menu.html"),
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

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    def __getattr__(self, name: str) -> Any:
        return getattr(self.job, name)


class _Drawing:
    """The pieces of some jobs; what they need of the database is read once for all of them."""

    def __init__(self, jobs: list[Job], moment: dict[str, Any]) -> None:
        self.context = dict(moment)
        current_app.update_template_context(self.context)
        tickets = select(Ticket).where(Ticket.id.in_({job.ticket_id for job in jobs}))
        db.session.scalars(tickets.options(selectinload(Ticket.attachments))).all()
        self.shared = Shared(jobs, self._draw)
        self.histories, self.parents = queries.histories(jobs), queries.parents_of(jobs)
        self.earlier, self.proofs = queries.earlier(jobs), proofs_of(jobs)
        macro = get_template_attribute
        self.card, self.line = macro("jobs/card.html", "card"), macro("jobs/lines.html", "line")
        self.empty = macro("shared/empty.html", "empty")

    def day(self, day: Day) -> dict[str, Any]:
        counted = sum(job.state != "cancelled" for job in day.jobs)
        return {
            "title": wording.short_day(day.day), "html": self._draw("jobs/_index.html", day=day),
            "jobs": [job.number for job in day.jobs], "next": day.next and day.next.number,
            "finished": tight(self.empty(_("Nothing left for this day"), _("What is new appears here by itself."), "check-circle")),
            "tallies": [ngettext("%(num)d of %(all)s ended", "%(num)d of %(all)s ended", n, all=counted)
                        for n in range(counted + 1)],
            "done": [ngettext("One ended", "%(num)d ended", n) for n in range(len(day.jobs) + 1)],
        }  # fmt: skip

    def job(self, job: Job, day: Day) -> dict[str, Any]:
        states = {state: InState(job, state) for state in _reachable(job)}
        likely = {name: day.probably(job) for name in OPEN}  # what has ended is not awaited any more
        return {
            "version": job.version, "state": job.state, "before": _before(job), "mode": job.mode, "day": day.day.isoformat(),
            "page": self._draw("jobs/_show.html", job=job, day=day, entries=self.histories[job.id],
                               parent=self.parents.get(job.parent_id or 0), earlier=self.earlier[job.id], proof=self.proofs.get(job.id)),
            "card": tight(self.card(job, day, "day", _HEADING, (), queries.whom_to_call(job))),
            "lines": {name: tight(self.line(seen, day.zone, likely.get(seen.state))) for name, seen in _unlike(states).items()},
            "kind": self.shared.kind_of(job, {state: _legal(seen) for state, seen in states.items()}),
            "gaps": self.shared.gaps_of(job),
        }  # fmt: skip

    def _draw(self, template: str, **context: Any) -> str:
        drawn = current_app.jinja_env.get_template(template).render({**self.context, **context})
        return tight(drawn)


def tight(html: str) -> str:
    """Without the lines and indents between tags, which are a tenth of it; text keeps its own."""
    return _BETWEEN.sub("> <", html.strip())


def _unlike(states: dict[str, InState]) -> dict[str, InState]:
    """One of the states for each line that looks different."""
    return {line_of(state): seen for state, seen in states.items()}


def _reachable(job: Job) -> list[str]:
    """The states that taps lead to from now, the present one first; also from where the last tap came, while it can be undone."""
    found = [job.state, *([before] if (before := _before(job)) else [])]
    for state in found:
        found += [target for target in moves_of(job.mode, state).values() if target not in (*found, _GONE)]
    return found


def _before(job: Job) -> str | None:
    """Where taking the last tap back leads to, while that is possible."""
    return job.change["tap"]["state"] if job.can_undo(current_user) else None


def _legal(seen: Any) -> list[str]:
    """What is legal in that state; the tap that led there can be taken back for a minute, which the phone counts."""
    if seen.state == seen.job.state:
        return list(seen.job.legal_moves(current_user))
    legal = transitions.legal(seen.state, "technician", seen.mode)
    return [*legal, "undone"] if seen.state in UNDOABLE else legal
