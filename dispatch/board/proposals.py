"""A run as the dispatcher reads it: what would change, what stays out, and who was not looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dispatch.board.explanations import Known, explained, known_of
from dispatch.board.rows import Explained
from dispatch.models.place import Territory
from dispatch.models.plan import PlanRun
from dispatch.models.user import User
from dispatch.planning.build import build

PARTS = ("travel", "lateness", "overtime", "moves", "promise", "preference", "unserved")


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A job that the proposal leaves out."""

    number: str
    summary: str
    priority: int
    told: Explained


@dataclass(frozen=True, slots=True)
class Proposal:
    """`others`: it also changes work that the reader may not see; `parts` are minutes of cost, for who sees all."""

    changes: Sequence[dict[str, Any]]
    others: bool
    is_mine: bool
    unplaced: Sequence[Unplaced]
    parts: Sequence[tuple[str, float]]
    left_out: Sequence[dict[str, Any]]


def proposal_of(run: PlanRun, user: User) -> Proposal:
    changes = [item for item in run.diff if user.sees(item["client_id"])]
    unassigned = [item for item in run.unassigned if user.sees(item["client_id"])]
    known = known_of([(item["outbid_by"], item["fix"]) for item in unassigned], user)
    parts = [
        (name, run.objective[name] / 60) for name in PARTS if user.every_client and run.objective.get(name)
    ]
    return Proposal(
        sorted(changes, key=_order), len(run.diff) > len(changes),
        run.is_for(user),
        [_unplaced(item, known) for item in unassigned], parts,
        [item for item in run.left_out if _is_visible(item, user)],
    )  # fmt: skip


def left_out_of(territory: Territory, day: date, user: User) -> list[dict[str, Any]]:
    """Who and what a run of that day would silently leave out, people first."""
    clients = None if user.every_client else user.client_ids
    found = [entry.to_json() for entry in build(territory, day, client_ids=clients).left_out]
    return sorted((item for item in found if _is_visible(item, user)), key=lambda item: item["what"] == "job")


def _is_visible(item: dict[str, Any], user: User) -> bool:
    return item["what"] != "job" or user.sees(item["client_id"])


def _order(item: dict[str, Any]) -> tuple[Any, ...]:
    """Newcomers and losers first, then what moves, then mere times; in the order of the day."""
    rank = {"unassigned": 0, "assigned": 1, "moved": 2, "retimed": 3}[item["kind"]]
    place = item["to"] or item["from"] or {}
    return rank, place.get("start", "")


def _unplaced(item: dict[str, Any], known: Known) -> Unplaced:
    told = explained(item["kind"], item["reasons"], item["outbid_by"], item["fix"], known)
    return Unplaced(item["number"], item["summary"], item["priority"], told)
