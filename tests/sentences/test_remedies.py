"""The cheapest way out."""

from __future__ import annotations

import pytest

from dispatch import sentences
from tests.factories import at
from tests.sentences.reasons import MONDAY_TEXT, TUESDAY_TEXT, WORDS, kept_out, lacks_right


@pytest.mark.parametrize(
    ("fix", "told"),
    [
        (lacks_right(), "Zoé, once the right network Acme is granted"),
        ({"technician": "Karim", "rule": "shift", "values": {"seconds": 1200}}, "Extend the shift of Karim by 20\xa0min"),
        ({"technician": "Karim", "rule": "window", "values": {"start": at("14:00").isoformat(), "seconds": 60}},
         "Ask for a later time: Karim could begin at 14:00"),
        ({"technician": "Karim", "rule": "visits", "values": {"limit": 4, "visits": 5}},
         "Ask whether Karim may make one more visit"),
        ({"technician": "Karim", "rule": "lock", "values": {"lock": "start", "holder": None}}, "Remove the lock on the time"),
        ({}, ""),
    ],
)  # fmt: skip
def test_the_cheapest_fix_is_named(fix, told):
    assert sentences.fix(fix, WORDS) == told


def test_a_way_out_says_its_day_where_several_were_looked_at():
    remedy = kept_out(2, "shift", TUESDAY_TEXT, seconds=1200)
    both = [kept_out(2, "shift", day) for day in (MONDAY_TEXT, TUESDAY_TEXT)]
    day = sentences.fix_day(remedy, both)
    assert sentences.fix(remedy, WORDS, day) == "Extend the shift of Karim by 20\xa0min on Tuesday 24"
    right = kept_out(2, "right", TUESDAY_TEXT, missing=["acme:network"])
    assert sentences.fix(right, WORDS, day) == "Karim, once the right network Acme is granted"
    assert sentences.fix_day(remedy, both[1:]) is None
    assert sentences.fix_day(None, both) is None
