"""How far a group of work is to be believed over the wider group it lies in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dispatch.durations.history import Group

Values = NDArray[np.float64]
# The wider group counts like so many jobs of the narrower one. At 20 no single job can decide a quantile up
# to 95 %, however absurd it is; at 400 a thousand jobs still speak for themselves.
LEAST, MOST = 20.0, 400.0


def strengths(groups: Mapping[Group, Values]) -> tuple[float, ...]:
    """For each depth of groups (1 = categories), how many jobs of a group the wider group counts for.

    The parameter k = s² / t² of Bühlmann-Straub credibility, every job with weight one: s² is the variance
    inside the groups of that depth, t² the variance between those that lie in the same wider group, both
    of logarithms, by the unbiased estimators of Bühlmann and Gisler, A Course in Credibility Theory and
    its Applications (Springer 2005), section 4.8. Kept between LEAST and MOST, also where nothing can
    be told apart (t² is not positive: MOST) or there is nothing to compare (LEAST).
    """
    depth = max(map(len, groups), default=0)
    return tuple(_strength(_siblings(groups, length)) for length in range(1, depth + 1))


def _siblings(groups: Mapping[Group, Values], length: int) -> list[list[Values]]:
    """The logarithms of the groups of one depth, those of one wider group together."""
    found: dict[Group, list[Values]] = {}
    for group in sorted((one for one in groups if len(one) == length), key=repr):
        found.setdefault(group[:-1], []).append(np.log(groups[group]))
    return list(found.values())


def _strength(families: Sequence[Sequence[Values]]) -> float:
    everybody = [values for family in families for values in family]
    freedom = sum(len(values) - 1 for values in everybody)
    compared = sum(_spread_of_sizes(family) for family in families)
    if freedom <= 0 or compared <= 0:
        return LEAST
    inside = sum(float(((values - values.mean()) ** 2).sum()) for values in everybody) / freedom
    between = sum(_between(family) - (len(family) - 1) * inside for family in families) / compared
    return float(np.clip(inside / between, LEAST, MOST)) if between > 0 else MOST


def _between(family: Sequence[Values]) -> float:
    sizes, means = _sizes(family), np.array([values.mean() for values in family])
    return float((sizes * (means - np.average(means, weights=sizes)) ** 2).sum())


def _spread_of_sizes(family: Sequence[Values]) -> float:
    sizes = _sizes(family)
    return float(sizes.sum() - (sizes**2).sum() / sizes.sum())


def _sizes(family: Sequence[Values]) -> Values:
    return np.array([len(values) for values in family], dtype=float)
