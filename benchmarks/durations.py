"""How good learned durations are on an incident log: `python -m benchmarks.durations --data FOLDER`.

FOLDER holds `incident_event_log_until_april.csv.gz`. What was resolved by the middle of the log teaches; what
was opened after it is foretold. The log knows elapsed ticket time only: see docs/durations.md.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from statistics import NormalDist

import numpy as np

from benchmarks.machine import machine
from dispatch.durations.credibility import LEAST
from dispatch.durations.estimate import learn
from dispatch.durations.history import Bounds, Group, Worked
from dispatch.itsm.base import Incident
from dispatch.itsm.incident_log import read_log
from dispatch.itsm.mapping import read_mapping

FILE = "incident_event_log_until_april.csv.gz"
QUANTILES = (0.5, 0.8, 0.9)
# a minute to a year: the log knows elapsed time, which no working day bounds
ELAPSED = Bounds(1, 365 * 24 * 60)
DRIFT_DAYS = 14
COLUMNS = "{:<44}" + " {:>9} {:>7}" * len(QUANTILES)
Foretold = Callable[[Group, float], float]


@dataclass(frozen=True, slots=True)
class Halves:
    """Work by (category, place): what was known in the middle of the log, its last days, what came after."""

    known: list[Worked]
    lately: list[Worked]
    later: list[Worked]
    unknown: int


def halves(incidents: Iterable[Incident]) -> Halves:
    """Split by time, so that nothing is foretold from what came after it."""
    ordered = sorted(incidents, key=lambda one: one.opened_at)
    middle = ordered[len(ordered) // 2].opened_at
    ended = [(one, one.resolved_at) for one in ordered if one.resolved_at is not None]
    known = [(one, end) for one, end in ended if end <= middle]
    lately = [_worked(one) for one, end in known if end > middle - timedelta(days=DRIFT_DAYS)]
    later = [_worked(one) for one, _end in ended if one.opened_at > middle]
    unknown = sum(one.opened_at <= middle for one in ordered) - len(known)
    return Halves([_worked(one) for one, _end in known], lately, _believed(later), unknown)


def _worked(one: Incident) -> Worked:
    assert one.resolved_at is not None
    return Worked((one.resolved_at - one.opened_at).total_seconds() / 60, (one.category, one.location))


def _believed(history: Iterable[Worked]) -> list[Worked]:
    return [work for work in history if ELAPSED.holds(work.minutes)]


def pinball(minutes: Sequence[float], told: Sequence[float], quantile: float) -> float:
    """The mean pinball loss in minutes: what a quantile is judged by (Koenker and Bassett, Econometrica 46
    (1978) 33-50, eq. 1.2); smallest in expectation at the true quantile."""
    over = np.asarray(minutes) - np.asarray(told)
    return float(np.mean(np.where(over >= 0, quantile * over, (quantile - 1) * over)))


# who foretells --------------------------------------------------------------------------------------------


def learned(history: Sequence[Worked], depth: int = 2) -> Foretold:
    """Ours, down to `depth` groups; each category's usual duration is the median of everything."""
    middle = float(np.median([work.minutes for work in _believed(history)]))
    usual = {work.group[0]: middle for work in history}
    model = learn((Worked(work.minutes, work.group[:depth]) for work in history), usual, ELAPSED)

    def minutes(group: Group, quantile: float) -> float:
        known = group[0] in model.usual
        return model.estimate(group[:depth], quantile).minutes if known else middle

    return cache(minutes)


def raw(history: Sequence[Worked], depth: int) -> Foretold:
    """The empirical quantile of the narrowest group that was seen, nothing pooled."""
    groups = _groups(history)

    def minutes(group: Group, quantile: float) -> float:
        seen = next(groups[group[:n]] for n in range(depth, -1, -1) if group[:n] in groups)
        return float(np.quantile(seen, quantile, method="inverted_cdf"))

    return cache(minutes)


def mean(history: Sequence[Worked]) -> Foretold:
    """The category's mean, whatever the quantile: what a catalogue that is kept up would say."""
    means = {group: float(np.mean(values)) for group, values in _groups(history).items()}
    return lambda group, _quantile: means.get(group[:1], means[()])


def log_normal(history: Sequence[Worked]) -> Foretold:
    """The rival: log-normal, location and variance shrunk towards the wider group with the same strength."""
    logs = {group: np.log(values) for group, values in _groups(history).items()}

    def minutes(group: Group, quantile: float) -> float:
        location, variance = 0.0, 1.0
        for length in range(3):
            if (values := logs.get(group[:length])) is not None:
                own = len(values) / (len(values) + LEAST) if length else 1.0
                location = own * values.mean() + (1 - own) * location
                variance = own * ((values - location) ** 2).mean() + (1 - own) * variance
        return math.exp(location + NormalDist().inv_cdf(quantile) * math.sqrt(variance))

    return cache(minutes)


def _groups(history: Sequence[Worked]) -> dict[Group, list[float]]:
    groups: defaultdict[Group, list[float]] = defaultdict(list)
    for work in _believed(history):
        for length in range(3):
            groups[work.group[:length]].append(work.minutes)
    return dict(groups)


# the table ------------------------------------------------------------------------------------------------


def table(split: Halves, say: Callable[[str], None] = print) -> None:
    """A line per rival: mean pinball loss in hours and the share that took no longer, per quantile."""
    rivals = {
        "category mean": mean(split.known),
        "category quantile": raw(split.known, 1),
        "category and place quantile, not shrunk": raw(split.known, 2),
        "log-normal, category and place, shrunk": log_normal(split.known),
        "learned, category": learned(split.known, 1),
        "learned, category and place": learned(split.known),
        f"learned from the last {DRIFT_DAYS} days only": learned(split.lately),
    }
    say(machine())
    say(
        f"{len(split.known)} known ({split.unknown} opened before were still open), {len(split.later)} foretold"
    )
    say(COLUMNS.format("pinball loss in hours; share that took no longer",
                       *(text for q in QUANTILES for text in (f"{q:.0%}", "share"))))  # fmt: skip
    for name, foretold in rivals.items():
        say(COLUMNS.format(name, *_figures(foretold, split.later)))


def _figures(foretold: Foretold, later: Sequence[Worked]) -> list[str]:
    minutes = np.array([work.minutes for work in later])
    figures = []
    for quantile in QUANTILES:
        told = np.array([foretold(work.group, quantile) for work in later])
        loss = pinball(minutes.tolist(), told.tolist(), quantile) / 60
        figures += [f"{loss:.2f}", f"{np.mean(minutes <= told):.1%}"]
    return figures


def main() -> int:
    """Prints the table; exit code 2 without the log."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    at_hand = Path(os.environ.get("DISPATCH_DATA", default)) / "servicenow-incidents"
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=at_hand, help="the folder with the incident log")
    path = parser.parse_args().data / FILE
    if not path.exists():
        print(f"No {FILE} in {path.parent}. Name its folder with --data.")
        return 2
    table(halves(read_log(path, "Europe/Paris", read_mapping()).incidents))
    return 0


if __name__ == "__main__":
    sys.exit(main())
