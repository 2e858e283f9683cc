"""From work that was done to the minutes to plan: shrunk distributions, and a quantile of them.

The distribution of a group (say, printers of level 1 on site in one building) is estimated as

    F(group) = z · empirical(group) + (1 - z) · F(wider group),    z = n / (n + k),    n jobs of the group

from the whole client's work down to the building, the work of the group itself not counted again in the
wider one; the minutes to plan are a quantile of it. This is the Bayes estimate of a distribution function under a Dirichlet process whose mean is the wider group's
distribution and whose strength is k: T. S. Ferguson, A Bayesian Analysis of Some Nonparametric Problems,
Annals of Statistics 1 (1973) 209-230, section 5(a). How large k is, is learned too: see credibility.py.

Why not a log-normal with shrunk location and scale: its quantiles stay wrong where work is not log-normal,
however much there is of it, and they are a formula to a dispatcher; a quantile of jobs is a sentence.

Above all categories stands what the client's catalogue says they take: work is compared as a ratio to it,
so that a new category starts from its own usual duration, stretched as the client's other work is.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dispatch.durations.credibility import LEAST, Values, strengths
from dispatch.durations.history import Bounds, Group, Worked, by_group, checked

_ROUNDING = 1e-9
_AS_USUAL: Values = np.ones(1)
_NOTHING: Values = np.empty(0)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Minutes in which the share `quantile` of such work is done, as `jobs` of the category show, `near` of
    them from the very group that was asked for or, where it has none, the next wider one that has."""

    minutes: float
    quantile: float
    jobs: int
    near: int


class Layer(NamedTuple):
    """A part of a mixed distribution: the values of a group, ascending, without those of a narrower one."""

    weight: float
    values: Values
    without: Values

    def share_up_to(self, value: float) -> float:
        inside, apart = (
            int(np.searchsorted(one, value, side="right")) for one in (self.values, self.without)
        )
        return (inside - apart) / (len(self.values) - len(self.without))


@dataclass(frozen=True, slots=True)
class Learned:
    """What history says; made by `learn`. Ratios to the usual duration by group, ascending."""

    ratios: Mapping[Group, Values]
    strengths: Sequence[float]
    usual: Mapping[Hashable, float]
    bounds: Bounds

    @property
    def groups(self) -> list[Group]:
        """Every group that work was seen of, categories first."""
        return sorted((group for group in self.ratios if group), key=lambda group: (len(group), repr(group)))

    def jobs(self, group: Group) -> int:
        """How many pieces of work of the group could be believed."""
        return len(self.ratios.get(group, ()))

    def estimate(self, group: Group, quantile: float) -> Estimate:
        """The minutes of a group at a quantile between 0 and 1.

        A group without history is answered as the wider one. Raises ValueError for an impossible quantile,
        KeyError for a category with neither history nor usual duration.
        """
        if not 0 < quantile < 1:
            raise ValueError(f"a quantile lies between 0 and 1, not at {quantile}")
        usual = self.usual[group[0]]
        ratio = _quantile(self._layers(group), quantile)
        known = [group[:length] for length in range(1, len(group) + 1) if group[:length] in self.ratios]
        near = self.jobs(known[-1]) if known else 0
        return Estimate(self.bounds.clip(ratio * usual), quantile, self.jobs(group[:1]), near)

    def _layers(self, group: Group) -> list[Layer]:
        """What the group's distribution is mixed from, the narrowest first."""
        left, inner, layers = 1.0, _NOTHING, []
        for length in range(len(group), -1, -1):
            values = self.ratios.get(group[:length], _NOTHING)
            others = len(values) - len(inner)
            if others:
                own = others / (others + (self.strengths[length - 1] if length else LEAST))
                layers.append(Layer(left * own, values, inner))
                left, inner = left * (1 - own), values
        return [*layers, Layer(left, _AS_USUAL, _NOTHING)]


def learn(
    history: Iterable[Worked], usual: Mapping[Hashable, float], bounds: Bounds | None = None
) -> Learned:
    """Learn from work done, in any order; `usual` are the catalogue's minutes by category (the first of a group).

    A category without usual duration is measured against the median of its own work. Work outside
    `bounds` is not believed and does not count. Raises ValueError for an impossible usual duration.
    """
    bounds = bounds or Bounds()
    minutes = by_group(history, bounds)
    medians = {group[0]: float(np.median(values)) for group, values in minutes.items() if len(group) == 1}
    known = medians | checked(usual, bounds)
    ratios = {
        group: np.sort(np.array(values) / known[group[0]]) for group, values in minutes.items() if group
    }
    everything = [values for group, values in ratios.items() if len(group) == 1]
    ratios[()] = np.sort(np.concatenate(everything)) if everything else np.empty(0)
    return Learned(ratios, strengths(ratios), known, bounds)


def _quantile(layers: Sequence[Layer], quantile: float) -> float:
    """The smallest value at which the mixed distribution reaches the quantile."""
    found = (_first(layer.values, layers, quantile) for layer in layers)
    return min(value for value in found if value is not None)


def _first(values: Values, layers: Sequence[Layer], quantile: float) -> float | None:
    """The smallest of these ascending values at which it does; None when it does at none of them."""
    low, high = 0, len(values)
    while low < high:
        middle = (low + high) // 2
        if _share_up_to(float(values[middle]), layers) >= quantile - _ROUNDING:
            high = middle
        else:
            low = middle + 1
    return float(values[low]) if low < len(values) else None


def _share_up_to(value: float, layers: Sequence[Layer]) -> float:
    return math.fsum(layer.weight * layer.share_up_to(value) for layer in layers)
