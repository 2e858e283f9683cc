"""Cost over time, a small picture per day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from benchmarks.solvers.found import Curve
from benchmarks.store import Store, key

PLOTTED = (
    "trsp/R102/13", "trsp/RC205/8", "city/200/20", "city/400/40/tight", "city/400/40/wide", "city/1000/100",
)  # fmt: skip
TIMES = (1.0, 2.0, 5.0, 10.0)
"""When VROOM is looked at, by runs of that length: it tells nothing on the way."""

ACROSS = 3


def draw(store: Store, days: Sequence[str], solvers: Sequence[str], seconds: float, path: Path) -> None:
    """Writes a PNG; nothing where no day of the plot was measured."""
    if not days:
        return
    down = -(-len(days) // ACROSS)
    figure, axes = plt.subplots(down, ACROSS, figsize=(14, 4 * down), squeeze=False, layout="constrained")
    for axis in axes.flat[len(days) :]:
        axis.set_axis_off()
    for axis, day in zip(axes.flat, days, strict=False):
        _one(axis, store, day, solvers, seconds)
    figure.supxlabel("seconds, one core")
    figure.supylabel("cost ÷ best, travel and penalties")
    axes.flat[0].legend()
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _one(axis: Axes, store: Store, day: str, solvers: Sequence[str], seconds: float) -> None:
    curves = {solver: _curve(store, day, solver, seconds) for solver in solvers}
    best = min((cost for curve in curves.values() for _, cost in curve), default=1)
    for solver, curve in curves.items():
        if curve:
            times, costs = zip(*curve, strict=True)
            axis.step(times, [cost / best for cost in costs], where="post", label=solver)
    axis.set_title(day)
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xlim(0.05, seconds * 1.1)
    axis.grid(visible=True, which="both", alpha=0.2)


def _curve(store: Store, day: str, solver: str, seconds: float) -> Curve:
    if solver == "VROOM":
        runs = {at: store.found.get(key(day, solver, at, 1)) for at in {*TIMES, seconds}}
        points = sorted(
            (min(at, run["spent"]), run["cost"]) for at, run in runs.items() if run and at <= seconds
        )
        return [*points, (max(seconds, points[-1][0]), points[-1][1])] if points else []
    run = store.found.get(key(day, solver, seconds, 1))
    if run is None:
        return []
    until = max([seconds, *(at for at, _ in run["curve"])])
    return [*((at, cost) for at, cost in run["curve"]), (until, run["cost"])]
