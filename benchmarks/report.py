"""The results as tables in Markdown, ready for docs/routing.md."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log
from statistics import median
from typing import Any

from benchmarks.instances import LUNCH
from benchmarks.solvers.registry import PEERS
from benchmarks.store import Key, Store, key

MANY = 200
"""Jobs from which on a day belongs to the hard group even when nothing is left over."""

WHOLE = 0.9
"""The share of a core below which others were at work beside a run, and it should be measured again."""


class Row:
    """One day: per solver the median cost over the seeds."""

    def __init__(self, store: Store, day: str, solvers: Sequence[str], seconds: float, seeds: range) -> None:
        self.day = day
        runs = {solver: _found(store, day, solver, seconds, seeds) for solver in solvers}
        self.runs = {solver: records for solver, records in runs.items() if records}
        self.costs = {solver: median(run["cost"] for run in records) for solver, records in self.runs.items()}
        quick = _found(store, day, solvers[0], 1.0, seeds)
        self.quick = median(run["cost"] for run in quick) if quick else None
        self.ours = self.costs.get(solvers[0])
        self.best_peer = min((cost for solver, cost in self.costs.items() if solver in PEERS), default=None)
        every = [run for records in self.runs.values() for run in records]
        self.jobs = max((run["jobs"] for run in every), default=0)
        self.left_over = min((run["jobs"] - run["served"] for run in every), default=0)

    @property
    def ratio(self) -> float | None:
        """Our cost ÷ that of the best peer."""
        return self.ours / self.best_peer if self.ours and self.best_peer else None

    @property
    def group(self) -> str:
        if self.day.startswith("vrptw/"):
            return "plain VRPTW, all required"
        if self.day.endswith(LUNCH):
            return "with lunch breaks"
        hard = self.left_over > 0 or self.jobs >= MANY
        return "work left over or ≥ 200 jobs" if hard else "elsewhere"

    def cells(self, solvers: Sequence[str]) -> list[str]:
        best = min(self.costs.values())
        ratios = [f"{self.costs[solver] / best:.3f}" if solver in self.costs else "–" for solver in solvers]
        quick = f"{self.quick / self.ours:.3f}" if self.quick and self.ours else "–"
        ours = f"{self.ratio:.3f}" if self.ratio else "–"
        return [self.day, str(self.jobs), str(self.left_over), f"{best:.0f}", *ratios, ours, quick]


def markdown(store: Store, days: Sequence[str], solvers: Sequence[str], seconds: float, seeds: range) -> str:
    """The table of all days, then one line per group."""
    rows = [Row(store, day, solvers, seconds, seeds) for day in days]
    rows = [row for row in rows if row.costs]
    titles = ["day", "jobs", "left over", "best cost (s)", *solvers, "ours ÷ best peer", "ours 1 s ÷ full"]
    lines = [f"Cost ÷ best of the row after {seconds:g} s on one core, median of {len(seeds)} seed(s).", ""]
    lines += _table(titles, [row.cells(solvers) for row in rows])
    lines += ["", *_groups(rows), "", *_footnotes(rows, solvers)]
    return "\n".join(lines) + "\n"


def _groups(rows: list[Row]) -> list[str]:
    body = []
    for group in dict.fromkeys(row.group for row in rows):
        members = [row for row in rows if row.group == group and row.ratio]
        if members:
            worst = max(members, key=lambda row: row.ratio or 0)
            quick = [row.quick / row.ours for row in members if row.quick and row.ours]
            against_vroom = [
                row.ours / row.costs["VROOM"] for row in members if row.ours and "VROOM" in row.costs
            ]
            body.append([
                group, str(len(members)), _mean([row.ratio or 0 for row in members]),
                f"{worst.ratio:.3f} ({worst.day})", _mean(against_vroom), _mean(quick),
            ])  # fmt: skip
    titles = ["group", "days", "ours ÷ best peer", "worst", "ours ÷ VROOM", "ours 1 s ÷ full"]
    return ["Geometric means:", "", *_table(titles, body)]


def _footnotes(rows: list[Row], solvers: Sequence[str]) -> list[str]:
    """Rules broken, memory on the largest day, time over the limit, and whether each had the core for itself."""
    lines = []
    for solver in solvers:
        runs = [run for row in rows for run in row.runs.get(solver, [])]
        if runs:
            largest = max(runs, key=lambda run: run["jobs"])
            lines.append(
                f"- {solver}: {sum(run['dropped'] for run in runs)} illegal jobs dropped from its plans, "
                f"{sum(run['broken'] for run in runs)} rules broken; longest search {max(run['spent'] for run in runs):.1f} s; "
                f"{largest['megabytes']} MB at {largest['jobs']}/{largest['technicians']}; "
                f"{sum(run['core_share'] < WHOLE for run in runs)} of {len(runs)} runs had less than {WHOLE:.0%} of a core."
            )
    return lines


def _found(store: Store, day: str, solver: str, seconds: float, seeds: range) -> list[dict[str, Any]]:
    keys: dict[Key, None] = dict.fromkeys(key(day, solver, seconds, seed) for seed in seeds)
    return [store.found[wanted] for wanted in keys if wanted in store.found]


def _mean(ratios: list[float]) -> str:
    return f"{exp(sum(map(log, ratios)) / len(ratios)):.3f}" if ratios else "–"


def _table(titles: list[str], body: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (titles, ["---"] * len(titles), *body)]
