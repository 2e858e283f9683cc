"""Who gains or loses by a proposal, and which promised times it moves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask_babel import force_locale

from dispatch import sentences
from tests.factories import MONDAY, at
from tests.sentences.reasons import MONDAY_TEXT, WORDS

UNCHANGED = {
    "came": 0,
    "gone": 0,
    "travel": 0,
    "work": 0,
    "lateness": 0,
    "overtime": 0,
    "lost": 0,
    "holds": True,
}
TUESDAY = MONDAY + timedelta(days=1)


def gain(end=("16:05", "16:05"), dated=False, **changes):
    item = {
        "technician": "Zoé",
        "day": MONDAY_TEXT,
        "end": [at(one).isoformat() if one else None for one in end],
    }
    return sentences.gain({**UNCHANGED, **item, **changes}, WORDS, dated)


def promise(before, after, outside, day=MONDAY, dated=False):
    start = [
        None if before is None else at(before).isoformat(),
        None if after is None else at(after, day).isoformat(),
    ]
    item = {
        "number": "INT-1207",
        "window": [at("14:00").isoformat(), at("15:00").isoformat()],
        "start": start,
    }
    return sentences.promise({**item, "outside": [0, outside]}, WORDS, dated)


@pytest.fixture
def french(app):
    with app.test_request_context(), force_locale("fr"):
        yield


MORE = {"came": 1, "travel": 720, "end": ("16:05", "16:40")}
LESS = {"gone": 2, "travel": -2100, "work": -3600, "end": ("16:05", None)}
MIXED = {"came": 2, "gone": 1, "overtime": 1200, "lateness": -300}
LOST = {"holds": False, "lost": 1, "end": (None, "16:40")}


def test_what_a_technician_gains_or_loses_is_one_sentence():
    assert gain(**MORE) == "Zoé: 1 job more, 12\u00a0min more travel, ends at 16:40 instead of 16:05"
    assert gain(**LESS) == (
        "Zoé: 2 jobs fewer, 1\u00a0h\u00a000 less work, 35\u00a0min less travel, nothing left to do"
    )
    assert gain(**MIXED) == (
        "Zoé: 2 new jobs, 1 job given up, 20\u00a0min more overtime, 5\u00a0min less lateness"
    )
    assert gain(came=1, end=(None, "09:30"), dated=True) == "Zoé, Monday 23: 1 job more, ends at 09:30"
    assert gain(travel=59) == "Zoé: just as much, at other times"


def test_the_same_in_french(french):
    assert gain(**MORE) == (
        "Zoé\u00a0: 1 intervention de plus, 12\u00a0min de trajet en plus, fin à 16:40 au lieu de 16:05"
    )
    assert gain(**LESS) == (
        "Zoé\u00a0: 2 interventions de moins, 1\u00a0h\u00a000 de travail en moins, 35\u00a0min de trajet en moins, "
        "plus rien à faire"
    )
    assert gain(**MIXED) == (
        "Zoé\u00a0: 2 nouvelles interventions, 1 intervention cédée, 20\u00a0min d’heures supplémentaires en plus, "
        "5\u00a0min de retard en moins"
    )


def test_times_that_can_no_longer_be_kept_are_words_instead_of_figures(app):
    assert gain(**LOST) == (
        "Zoé: the times of the live plan can no longer be kept, 1 job too many, with the proposal the day ends at 16:40"
    )
    assert gain(holds=False, end=(None, None)) == "Zoé: the times of the live plan can no longer be kept"
    with app.test_request_context(), force_locale("fr"):
        assert gain(**{**LOST, "lost": 2}) == (
            "Zoé\u00a0: les horaires du plan actuel ne peuvent plus être tenus, 2 interventions de trop, "
            "fin à 16:40 avec la proposition"
        )


def test_a_promised_time_says_by_how_much_it_is_missed():
    assert promise("14:30", "15:20", 1200) == (
        "INT-1207: promised between 14:00 and 15:00, would start at 15:20 instead of 14:30, 20\u00a0min too late"
    )
    assert promise(None, "13:50", -600).endswith("would start at 13:50, 10\u00a0min too early")
    assert promise("15:30", "14:50", 0).endswith("would start at 14:50 instead of 15:30, as promised")
    assert promise("14:30", None, None).endswith(
        "between 14:00 and 15:00, would be left without a technician"
    )
    assert promise("14:30", "15:00", 1).endswith("1\u00a0min too late"), "not kept is never told as nothing"


def test_a_promise_that_moves_to_another_day_names_both():
    assert promise("14:30", "09:00", 18 * 3600, TUESDAY) == (
        "INT-1207: promised between Monday 23 at 14:00 and 15:00, "
        "would start on Tuesday 24 at 09:00 instead of Monday 23 at 14:30, 18\u00a0h\u00a000 too late"
    )
    assert "between Monday 23 at 14:00" in promise("14:30", "14:40", 0, dated=True)


def test_a_promise_in_french(french):
    assert promise(None, "15:20", 1200) == (
        "INT-1207\u00a0: promise entre 14:00 et 15:00, commencerait à 15:20, 20\u00a0min trop tard"
    )
    assert promise("15:10", "14:20", 0).endswith("commencerait à 14:20 au lieu de 15:10, comme promis")
    assert promise("14:10", None, None).endswith("resterait sans technicien")
    assert "commencerait mardi 24 à 09:00 au lieu de lundi 23 à 14:30" in promise(
        "14:30", "09:00", 18 * 3600, TUESDAY
    )
