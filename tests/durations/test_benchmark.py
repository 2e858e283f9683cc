"""The measurement itself is right where the answer is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from benchmarks.durations import halves, learned, pinball, raw, table
from dispatch.itsm.base import Incident

BEGIN = datetime(2026, 3, 2, 8, tzinfo=UTC)


def incident(number: int, minutes: float, place: str = "Location 1") -> Incident:
    opened = BEGIN + timedelta(hours=number)
    return Incident(
        number=str(number), state="closed", awaited=None, opened_at=opened,
        resolved_at=opened + timedelta(minutes=minutes), closed_at=None, category="Category 1", location=place,
        caller=None, impact=None, urgency=None, summary="", description="",
    )  # fmt: skip


def test_pinball_loss_weighs_what_took_longer_against_what_took_less() -> None:
    assert pinball([10, 10], [6, 6], 0.8) == pytest.approx(0.8 * 4)
    assert pinball([10, 10], [20, 20], 0.8) == pytest.approx(0.2 * 10)


def test_the_loss_is_smallest_at_the_quantile() -> None:
    minutes = list(range(1, 101))
    losses = [pinball(minutes, [told] * 100, 0.8) for told in minutes]
    assert minutes[int(np.argmin(losses))] == 80


def test_nothing_is_foretold_from_what_came_after() -> None:
    split = halves([incident(number, 90) for number in range(10)])
    assert (len(split.known), split.unknown, len(split.later)) == (4, 2, 4)


def test_the_table_names_everybody_and_calibration() -> None:
    random = np.random.default_rng(1)
    lines: list[str] = []
    split = halves([incident(number, minutes) for number, minutes in enumerate(random.uniform(10, 50, 400))])
    table(split, lines.append)
    assert len(lines) == 10
    assert "learned, category and place" in lines[-2]


def test_a_place_with_one_long_job_is_not_foretold_from_it_alone() -> None:
    history = halves(
        [incident(0, 50, "Location 2"), *(incident(number, 20) for number in range(1, 300))]
    ).known
    group = ("Category 1", "Location 2")
    assert raw(history, 2)(group, 0.8) == 50
    assert learned(history)(group, 0.8) == 20
