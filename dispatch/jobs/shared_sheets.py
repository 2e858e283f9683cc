"""The sheets that a phone carries: drawn once for all jobs that have the same choices, with gaps for what is a job's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from markupsafe import escape

from dispatch.jobs import pages, queries
from dispatch.models.job import Job

NAMES = ("reasons", "more", "completion")
_ASKED = frozenset({"not_completed", "declined"})


@dataclass(frozen=True, slots=True)
class _Person:
    name: str = "{signer}"
    phone: None = None


@dataclass(frozen=True, slots=True)
class _Ticket:
    summary: str = "{summary}"
    contact: _Person = _Person()
    requester: None = None
    phone: None = None


@dataclass(frozen=True, slots=True)
class _Gaps:
    """Any job of that mode in that state: the phone puts in which one (static/js/phone/taps.js)."""

    mode: str
    state: str
    id: int = 0
    number: str = "INT-0"
    version: str = "{version}"
    duration_minutes: str = "{minutes}"
    ticket: _Ticket = _Ticket()


class SharedSheets:
    """`drawn`: the sheets by their names on the phone; `draw` renders a template."""

    def __init__(self, jobs: list[Job], draw: Callable[..., str]) -> None:
        self.drawn: dict[str, str] = {}
        self._names: dict[tuple[Any, ...], str] = {}
        self._draw, self._skills = draw, queries.skills()
        self._rights, self._categories = queries.rights_of(jobs), queries.categories_of(jobs)
        self._equipment = queries.parts()

    def of(self, job: Job, legal: dict[str, list[str]]) -> dict[str, dict[str, str]]:
        """Name of a sheet -> state -> which of `drawn`; `legal` are the moves possible in each state."""
        return {
            name: {state: self._sheet(name, job, state, moves) for state, moves in legal.items() if moves} for name in NAMES
        }  # fmt: skip

    def _sheet(self, name: str, job: Job, state: str, moves: list[str]) -> str:
        asked = pages.proof_asked(job)
        alike = (name, job.client_id, *_matters(name, job, state, moves, asked))
        if alike not in self._names:
            known = self._names[alike] = f"{name}-{len(self._names)}"
            context = pages.sheet_context(_Gaps(job.mode, state), f"jobs/sheets/{name}.html")
            told = {"skills": self._skills, "rights": self._rights[job.client_id],
                    "categories": self._categories[job.client_id], "equipment": self._equipment}  # fmt: skip
            self.drawn[known] = self._draw("jobs/_sheet.html", **context, **told, **asked, legal=moves)
        return self._names[alike]


def gaps_of(job: Job) -> dict[str, str]:
    """What goes into the gaps, ready for HTML; number and version the phone knows."""
    signer = queries.whom_to_call(job)[0] or ""
    return {
        "summary": str(escape(job.ticket.summary)), "signer": str(escape(signer)),
        "minutes": str(job.duration_minutes or ""),
    }  # fmt: skip


def _matters(name: str, job: Job, state: str, moves: Iterable[str], asked: dict[str, Any]) -> Iterable[str]:
    """What makes one sheet of that name differ from another."""
    if name == "more":
        return (job.mode, "on" if state == "paused" else "", *moves)
    if name == "completion":
        return (repr(asked["needs"]), repr(sorted(asked["parts"])))
    return sorted(_ASKED.intersection(moves))
