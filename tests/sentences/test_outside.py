"""Who a run does not consider."""

from __future__ import annotations

from datetime import timedelta

from dispatch import sentences
from tests.factories import MONDAY


def test_who_is_left_out_of_several_days_is_told_with_them():
    tuesday = MONDAY + timedelta(days=1)
    assert sentences.left_out("no_shift", [MONDAY], 1) == "has no shift that day"
    assert sentences.left_out("no_shift", [tuesday], 3) == "has no shift on Tuesday 24"
    assert sentences.left_out("absent", [MONDAY, tuesday], 3) == "is absent on Monday 23 and Tuesday 24"
    assert sentences.left_out("no_shift", [MONDAY, tuesday], 2) == "has no shift on any of these days"
    assert sentences.left_out("no_base", [], 2) == "has no base on the map"
