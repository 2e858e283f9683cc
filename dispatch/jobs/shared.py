"""What the jobs that a phone carries have in common, drawn once: buttons and sheets with gaps for what is a job's own.

Drawn for every job in every state they were nine tenths of what is carried. The phone fills the gaps and nothing else
(static/js/phone/unfold.js). A whole piece goes where a comment names it (`<!--deeds-->`), which text that was typed cannot
forge, because it is escaped; a value goes where its name stands between tildes, only in what is shared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import get_template_attribute
from markupsafe import escape

from dispatch.jobs import pages, queries, wording
from dispatch.labels import label
from dispatch.models import transitions
from dispatch.models.job import Job
from dispatch.models.transitions import ENDED, OPEN
from dispatch.planning.rollover import NOT_BEGUN

PHONE = "+00000000"
_ASKED = ("not_completed", "declined")
# whose line in the list is not that of any other open job
_LINES = ("planned", "paused", *ENDED)


@dataclass(frozen=True, slots=True)
class _Person:
    name: str = "~signer~"
    phone: None = None


@dataclass(frozen=True, slots=True)
class _Ticket:
    kind: str
    summary: str = "~summary~"
    contact: _Person = _Person()
    requester: None = None
    phone: None = None
    category: None = None


@dataclass(frozen=True, slots=True)
class _Site:
    access_notes: str | None
    zone: str = "~zone~"


@dataclass(frozen=True, slots=True)
class _Building:
    site: _Site


@dataclass(frozen=True, slots=True)
class _AnyJob:
    """Any job of that mode in that state."""

    mode: str
    state: str
    ticket: _Ticket
    building: _Building
    id: int = 0
    number: str = "~number~"
    version: str = "~version~"
    duration_minutes: str = "~minutes~"


class _Place:
    """The day that is shown, in an address."""

    day = "~day~"


class Shared:
    """`pieces`: what is drawn, by name; `kinds`: what jobs of one kind look like in each state; `draw` renders a template."""

    def __init__(self, jobs: list[Job], draw: Callable[..., str]) -> None:
        self.pieces: dict[str, str] = {}
        self.kinds: dict[str, dict[str, Any]] = {}
        self._names: dict[Any, str] = {}
        self._draw, self._skills = draw, queries.skills()
        self._rights, self._categories = queries.rights_of(jobs), queries.categories_of(jobs)
        self._equipment = queries.parts()
        self._deeds = get_template_attribute("jobs/card.html", "deeds")
        self._bar = get_template_attribute("jobs/taps.html", "undo_bar")

    def kind_of(self, job: Job, legal: dict[str, list[str]]) -> str:
        """The name of its kind; `legal` are the moves possible in each state that it may reach."""
        asks = wording.asks_on_completion(job)
        calls, enters = bool(queries.whom_to_call(job)[1]), bool(_access(job))
        asked = pages.proof_asked(job)
        key = (
            job.mode,
            asks,
            calls,
            enters,
            _told(asked),
            tuple((state, *moves) for state, moves in legal.items()),
        )
        if key not in self._names:
            name = self._names[key] = f"kind-{len(self.kinds)}"
            any_job = {state: _any(job.mode, state, asks, enters) for state in legal}
            self.kinds[name] = {
                state: self._state(any_job[state], moves, calls, asked) for state, moves in legal.items()
            }
        return self._names[key]

    def gaps_of(self, job: Job) -> dict[str, str]:
        """What goes into the gaps, ready for HTML; number, version and day the phone knows."""
        signer, phone = queries.whom_to_call(job)
        return {
            "summary": str(escape(job.ticket.summary)), "signer": str(escape(signer or "")),
            "minutes": str(job.duration_minutes or ""), "tel": wording.dial(phone) if phone else "",
            "access": str(escape(_access(job) or "")), "zone": job.building.site.zone if job.building else job.client.zone,
            "rights": self._of_client("rights", job, self._rights), "categories": self._of_client("categories", job, self._categories),
        }  # fmt: skip

    def _of_client(self, name: str, job: Job, known: dict[int, list[Any]]) -> str:
        context = {name: known[job.client_id], "typed": {}}
        return self._piece((name, job.client_id), lambda: self._draw(f"jobs/sheets/{name}.html", **context))

    def _state(self, job: Any, legal: list[str], calls: bool, asked: dict[str, Any]) -> dict[str, Any]:
        look = (job.mode, job.state, job.ticket.kind, bool(job.building.site.access_notes), calls, *legal)
        whom = (None, PHONE if calls else None)
        told = {
            "next": wording.eyebrow(job), "alone": str(label(job.state, "job")).capitalize(),
            "moves": moves_of(job.mode, job.state), "line": line_of(job.state), **self._sheets(job, legal, asked),
            "deeds": self._piece(("deeds", *look), lambda: self._deeds(job, _Place, "~back~", legal, whom)),
        }  # fmt: skip
        if job.state in ENDED:
            told["bar"] = self._piece(("bar", job.state), lambda: self._bar(job, "~day~"))
        return told

    def _sheets(self, job: Any, legal: list[str], asked: dict[str, Any]) -> dict[str, Any]:
        """Only those that a button of that state opens."""
        found: dict[str, Any] = {}
        is_early = job.state in NOT_BEGUN
        if legal or is_early:  # what is only planned has no move of his, but can be handed on
            on_sheet = tuple(name for name in legal if name != "undone")  # the phone counts that minute
            words = (job.mode, job.state == "paused", is_early, on_sheet)
            found["more"] = self._sheet("more", job, legal)
            found["choices"] = self._piece(("choices", *words), lambda: self._draw(
                "jobs/sheets/choices.html", job=job, legal=on_sheet, back="day", typed={}))  # fmt: skip
        ending = [name for name in _ASKED if name in legal]
        if ending:
            found["reasons"] = self._sheet("reasons", job, legal, ending)
        if wording.main_move(job, legal) == "completed" and job.ticket.kind == "incident":
            found["completion"] = self._sheet("completion", job, legal, _told(asked), **asked)
        return found

    def _sheet(self, name: str, job: Any, legal: list[str], alike: Any = None, **asked: Any) -> str:
        context = pages.sheet_context(job, f"jobs/sheets/{name}.html")
        told = {"skills": self._skills, "equipment": self._equipment, "legal": legal}
        return self._piece(
            (name, repr(alike)), lambda: self._draw("jobs/_sheet.html", **context, **told, **asked)
        )

    def _piece(self, key: Any, draw: Callable[[], str]) -> str:
        if key not in self._names:
            self._names[key] = f"{key[0]}-{len(self.pieces)}"
            self.pieces[self._names[key]] = draw()
        return self._names[key]


def moves_of(mode: str, state: str) -> dict[str, str]:
    """Where each tap of a technician leads from that state."""
    moves = (
        transitions.find(name, state, mode=mode) for name in transitions.legal(state, "technician", mode)
    )
    return {move.name: move.target for move in moves if move}


def line_of(state: str) -> str:
    """The states whose line in the list looks the same have one name."""
    return "open" if state in OPEN and state not in _LINES else state


def _any(mode: str, state: str, asks: bool, enters: bool) -> _AnyJob:
    ticket, site = _Ticket("incident" if asks else "request"), _Site("~access~" if enters else None)
    return _AnyJob(mode, state, ticket, _Building(site))


def _access(job: Job) -> str | None:
    return job.building.site.access_notes if job.building and job.mode != "remote" else None


def _told(asked: dict[str, Any]) -> str:
    """What makes one sheet on which a job is completed differ from another."""
    return repr((asked["needs"], sorted(asked["parts"])))
