"""What a proposal would change."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import force_locale

from dispatch import sentences
from tests.factories import MONDAY, at
from tests.sentences.reasons import MONDAY_TEXT, WORDS


def change(kind, before=None, after=None):
    item = {"number": "INT-1042", "kind": kind, "from": before, "to": after}
    return sentences.change(item, WORDS)


def test_a_proposal_reads_as_sentences():
    alice = {"technician": "Alice", "start": at("14:10").isoformat()}
    karim = {"technician": "Karim", "start": at("13:30").isoformat()}
    assert change("moved", alice, karim) == "INT-1042 moves from Alice to Karim, 14:10 → 13:30"
    assert change("assigned", None, karim) == "INT-1042 goes to Karim at 13:30"
    assert change("retimed", alice, {**alice, "start": at("14:30").isoformat()}) == (
        "INT-1042 stays with Alice, 14:10 → 14:30"
    )
    tomorrow = {**alice, "start": at("09:00", MONDAY + timedelta(days=1)).isoformat()}
    assert change("moved", alice, tomorrow) == (
        "INT-1042 stays with Alice, on another day: Monday 23 at 14:10 → Tuesday 24 at 09:00"
    )
    assert "Tuesday 24 at 09:00" in change("moved", karim, tomorrow)
    assert change("unassigned", alice) == "INT-1042 leaves the day of Alice (14:10)"


def test_french_elides_before_a_vowel(app):
    alice, karim = ({"technician": name, "start": at("14:10").isoformat()} for name in ("Alice", "Karim"))
    with app.test_request_context(), force_locale("fr"):
        assert change("moved", alice, karim).startswith("INT-1042 passe d’Alice à Karim")
        assert change("moved", karim, alice).startswith("INT-1042 passe de Karim à Alice")


def test_a_change_in_a_plan_of_several_days_can_name_its_day():
    seat = {"technician_id": 1, "technician": "Zoé", "day": MONDAY_TEXT, "start": at("15:20").isoformat()}
    item = {"number": "INT-1001", "kind": "assigned", "from": None, "to": seat}
    assert sentences.change(item, WORDS) == "INT-1001 goes to Zoé at 15:20"
    assert sentences.change(item, WORDS, dated=True) == "INT-1001 goes to Zoé, Monday 23 at 15:20"


def test_over_midnight_a_change_of_the_night_stays_on_its_day():
    before = {"technician_id": 1, "technician": "Zoé", "day": MONDAY_TEXT, "start": at("23:50").isoformat()}
    after = {**before, "start": at("00:20", MONDAY + timedelta(days=1)).isoformat()}
    item = {"number": "INT-1001", "kind": "retimed", "from": before, "to": after}
    assert sentences.change(item, WORDS) == "INT-1001 stays with Zoé, 23:50 → 00:20"
