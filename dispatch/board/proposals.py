"""A run as the dispatcher reads it: what would change, what stays out, and who was not looked at."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

from dispatch import sentences
from dispatch.board import scopes
from dispatch.board.explanations import Known, explained, known_of
from dispatch.board.rows import Explained
from dispatch.models.place import Territory
from dispatch.models.plan import PlanRun
from dispatch.models.user import User
from dispatch.planning.build import build_in, horizon_of

# how many days a dispatcher may have planned at once
DAYS = (1, 2, 3, 5)
# of the cost, all but the price of what is left out: that is told as a number of jobs
PARTS = ("travel", "lateness", "overtime", "moves", "promise", "preference")


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A job that the proposal leaves out."""

    number: str
    summary: str
    priority: int
    told: Explained


@dataclass(frozen=True, slots=True)
class Aside:
    """Somebody or something that a run does not look at, and why, in words; `what` is `technician` or `job`."""

    what: str
    name: str
    told: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the plan; `before` is that of the live plan, None where a run has not kept it.

    Of `served` and `unplaced` a number of jobs, of a part of the cost minutes.
    """

    name: str
    before: float | None
    after: float

    @property
    def changes(self) -> bool:
        return self.before is not None and round(self.before) != round(self.after)


class Person(NamedTuple):
    """Somebody whose day changes, and by how many of the changes."""

    id: int
    name: str
    changes: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What changes, by day.

    `searched`: among how many jobs and technician-days; `costs` of the live plan and of this one, in minutes. `others`: it also changes work that the reader may not see. `figures` are for who sees all, `gains` (a
    technician-day each) for who may answer the run, `promises` those of the reader's clients.
    """

    changes: Mapping[date, Sequence[dict[str, Any]]]
    others: bool
    is_mine: bool
    unplaced: Sequence[Unplaced]
    figures: Sequence[Figure]
    gains: Sequence[dict[str, Any]]
    promises: Sequence[dict[str, Any]]
    left_out: Sequence[Aside]
    scope: scopes.Told
    searched: tuple[int, int]
    costs: tuple[int, int] | None

    @property
    def is_empty(self) -> bool:
        """Whether the run found nothing better than the live plan: there is nothing to accept."""
        return not self.changes and not self.others

    @property
    def count(self) -> int:
        return sum(len(items) for items in self.changes.values())

    @property
    def people(self) -> list[Person]:
        """Whose days change, by name."""
        seats = [
            {(seat["technician_id"], seat["technician"]) for seat in (item["from"], item["to"]) if seat}
            for items in self.changes.values() for item in items
        ]  # fmt: skip
        found = Counter(seat for both in seats for seat in both)
        return [
            Person(key, name, count)
            for (key, name), count in sorted(found.items(), key=lambda one: one[0][1])
        ]

    @property
    def holds(self) -> bool:
        """Whether the live plan could still be kept as a whole."""
        return all(item["holds"] for item in self.gains)


def proposal_of(run: PlanRun, user: User) -> Proposal:
    changes = [item for item in run.diff if user.sees(item["client_id"])]
    unassigned = [item for item in run.unassigned if user.sees(item["client_id"])]
    known = known_of([(item["outbid_by"], item["fix"]) for item in unassigned], user)
    beside = run.weighed or {"days": [], "promises": []}
    return Proposal(
        _by_day(changes, run.territory.zone), len(run.diff) > len(changes),
        run.is_for(user),
        [_unplaced(item, known) for item in unassigned],
        _figures(run) if run.objective and user.every_client else [],
        beside["days"] if run.is_for(user) else [],
        [item for item in beside["promises"] if user.sees(item["client_id"])],
        _asides(run.left_out, run.days, user),
        scopes.told(run, sentences.Vocabulary(run.territory.zone, {}), user),
        (len(run.basis.get("jobs", ())), len(run.basis.get("days", ()))),
        _costs(run) if user.every_client else None,
    )  # fmt: skip


def _costs(run: PlanRun) -> tuple[int, int] | None:
    """What the live plan and the proposal cost, in minutes, where the run has kept both."""
    before = (run.weighed or {}).get("before", {}).get("total")
    after = run.objective.get("total")
    return None if before is None or after is None else (round(before / 60), round(after / 60))


def _figures(run: PlanRun) -> list[Figure]:
    """How many jobs somebody has, and what the plan costs, without the parts that are nothing."""
    beside, out = run.weighed, len(run.unassigned)
    served = beside["served"][1] if beside else run.served or 0
    was = beside["served"][0] if beside else None
    jobs = [
        Figure("served", was, served),
        Figure("unplaced", None if was is None else served + out - was, out),
    ]
    before = beside["before"] if beside else {}
    parts = [
        Figure(name, before[name] / 60 if beside else None, run.objective.get(name, 0) / 60) for name in PARTS
    ]
    return [*jobs, *(part for part in parts if part.before or part.after)]


def left_out_of(territory: Territory, day: date, days: int, user: User) -> list[Aside]:
    """Who and what a run of those days would silently leave out, people first."""
    clients = None if user.every_client else user.client_ids
    draft = build_in(territory, horizon_of(territory, day, days), client_ids=clients)
    return _asides([entry.to_json() for entry in draft.left_out], days, user)


def _asides(items: Sequence[dict[str, Any]], days: int, user: User) -> list[Aside]:
    """One line for each, whatever the number of reasons: people first."""
    told: dict[tuple[str, int, str], list[str]] = defaultdict(list)
    for item in items:
        if item["what"] != "job" or user.sees(item["client_id"]):
            out = [date.fromisoformat(text) for text in item.get("days", ())]
            told[item["what"], item["id"], item["name"]].append(sentences.left_out(item["reason"], out, days))
    lines = [Aside(what, name, "; ".join(texts)) for (what, _id, name), texts in told.items()]
    return sorted(lines, key=lambda line: line.what == "job")


def _by_day(changes: Sequence[dict[str, Any]], zone: str) -> dict[date, list[dict[str, Any]]]:
    words = sentences.Vocabulary(zone, {})
    ordered = sorted(changes, key=lambda item: (sentences.day_of(item, words), *_order(item)))
    return {
        day: list(items) for day, items in groupby(ordered, key=lambda item: sentences.day_of(item, words))
    }


def _order(item: dict[str, Any]) -> tuple[Any, ...]:
    """Newcomers and losers first, then what moves, then mere times; in the order of the day."""
    rank = {"unassigned": 0, "assigned": 1, "moved": 2, "retimed": 3}[item["kind"]]
    place = item["to"] or item["from"] or {}
    return rank, place.get("start", "")


def _unplaced(item: dict[str, Any], known: Known) -> Unplaced:
    told = explained(item["kind"], item["reasons"], item["outbid_by"], item["fix"], known)
    return Unplaced(item["number"], item["summary"], item["priority"], told)
