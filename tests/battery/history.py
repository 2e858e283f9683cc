"""What several clients saw of the same jobs, and what of it no single order of events can explain.

A job is a register: each answer shows its version and its value, a write names the version that it has seen. With
versions that only grow, a history is linearizable when the order of versions agrees with the order in which
operations followed one another in time, when a version has one value, and when no two writes have replaced the same one
(Herlihy and Wing, Linearizability, TOPLAS 12, 1990, section 2: an order of all operations that keeps real time).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer: when it was asked and given (seconds), which version of the job it showed, and what that was.

    `replaced` is the version that a write has named and, so it was answered, replaced; None of a read.
    """

    job: int
    asked: float
    answered: float
    version: int
    value: tuple[Any, ...]
    replaced: int | None = None


def contradictions(history: Iterable[Seen]) -> list[str]:
    """One sentence for each thing that cannot be."""
    by_job: dict[int, list[Seen]] = defaultdict(list)
    for one in history:
        by_job[one.job].append(one)
    return [
        f"job {job}: {wrong}"
        for job, seen in sorted(by_job.items())
        for wrong in (*two_values(seen), *backwards(seen), *lost_updates(seen))
    ]


def two_values(seen: Sequence[Seen]) -> list[str]:
    """A version that showed different things."""
    values: dict[int, set[tuple[Any, ...]]] = defaultdict(set)
    for one in seen:
        values[one.version].add(one.value)
    return [
        f"version {version} was {sorted(map(str, many))}" for version, many in values.items() if len(many) > 1
    ]


def backwards(seen: Sequence[Seen]) -> list[str]:
    """Somebody asked after an answer was given, and was shown an older version; or a write that made none."""
    wrong = [
        f"a write of version {one.replaced} was answered with version {one.version}"
        for one in seen
        if one.replaced is not None and one.version < one.replaced
    ]
    newest, by_answer = 0, sorted(seen, key=lambda one: one.answered)
    at = 0
    for one in sorted(seen, key=lambda one: one.asked):
        while at < len(by_answer) and by_answer[at].answered < one.asked:
            newest = max(newest, by_answer[at].version)
            at += 1
        if one.version < newest:
            wrong.append(f"version {one.version} was shown after version {newest}")
    return wrong


def lost_updates(seen: Sequence[Seen]) -> list[str]:
    """Two writes that were both told that they had replaced the same version with another value."""
    writes = sorted(
        (one for one in seen if one.replaced is not None), key=lambda one: (one.replaced, one.version)
    )
    return [
        f"two writes replaced version {one.replaced}: {one.value} and {two.value}"
        for one, two in pairwise(writes)
        if one.replaced == two.replaced and one.version != two.version
    ]


def shrinking(versions: Sequence[int]) -> list[str]:
    """A list of versions, as read one after the other, that did not only grow."""
    return [f"version {two} was read after version {one}" for one, two in pairwise(versions) if two < one]
