"""A run as the dispatcher reads it: what would change, what stays out, and who was not looked at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from dispatch import sentences
from dispatch.board.explanations import Known, explained, known_of
from dispatch.board.rows import Explained
from dispatch.models.place import Territory
from dispatch.models.plan import PlanRun
from dispatch.models.user import User
from dispatch.planning.build import build_in, horizon_of

# how many days a dispatcher may have planned at once
DAYS = (1, 2, 3, 5)
PARTS = ("travel", "lateness", "overtime", "moves", "promise", "preference", "unserved")


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
class Proposal:
    """What changes, by day.

    `others`: it also changes work that the reader may not see; `parts` are minutes of cost, for who sees all.
    """

    changes: Mapping[date, Sequence[dict[str, Any]]]
    others: bool
    is_mine: bool
    unplaced: Sequence[Unplaced]
    parts: Sequence[tuple[str, float]]
    left_out: Sequence[Aside]

    @property
    def count(self) -> int:
        return sum(len(items) for items in self.changes.values())


def proposal_of(run: PlanRun, user: User) -> Proposal:
    changes = [item for item in run.diff if user.sees(item["client_id"])]
    unassigned = [item for item in run.unassigned if user.sees(item["client_id"])]
    known = known_of([(item["outbid_by"], item["fix"]) for item in unassigned], user)
    parts = [
        (name, run.objective[name] / 60) for name in PARTS if user.every_client and run.objective.get(name)
    ]
    return Proposal(
        _by_day(changes, run.territory.zone), len(run.diff) > len(changes),
        run.is_for(user),
        [_unplaced(item, known) for item in unassigned], parts,
        _asides(run.left_out, run.days, user),
    )  # fmt: skip


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
