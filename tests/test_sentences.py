"""Codes and numbers as sentences."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask_babel import force_locale

from dispatch import sentences
from dispatch.labels import LABELS
from dispatch.models.transitions import MOVES
from tests.factories import MONDAY, at

WORDS = sentences.Vocabulary(
    "Europe/Paris", {"skill:printer": "printers", "right:acme:network": "network Acme"}
)


@pytest.fixture(autouse=True)
def english(app):
    with app.test_request_context(), force_locale("en"):
        yield


def lacks_right(name="Zoé"):
    return {"technician": name, "rule": "right", "values": {"missing": ["acme:network"]}}


def lacks_skill(has=1):
    return {"technician": "Tariq", "rule": "skill", "values": {"skill": "printer", "needs": 2, "has": has}}


def test_one_rule_is_told_with_its_numbers():
    assert (
        sentences.reason("skill", lacks_skill()["values"], WORDS) == "skill printers: level 2 needed, has 1"
    )
    assert sentences.reason("shift", {"end": at("17:20").isoformat(), "over": 1_200}, WORDS) == (
        "would end at 17:20, 20\xa0min after the shift"
    )


@pytest.mark.parametrize("instant", [at("14:20"), at("14:20").isoformat()])
def test_an_instant_may_come_as_text(instant):
    assert WORDS.time(instant) == "14:20"


VALUES = {
    "skill": {"skill": "printer", "needs": 2, "has": 0}, "right": {"missing": ["acme:network"]},
    "clearance": {"missing": ["site:1"]}, "tool": {"missing": ["ladder"]}, "part": {"part": "mouse", "needs": 1, "left": 0},
    "window": {"earliest": 50_000, "closes": 40_000}, "release": {"fixed": 1, "release": 2},
    "shift": {"end": 2, "limit": 1, "over": 1}, "overtime": {"end": 2, "limit": 1, "over": 1},
    "break": {"duration": 1, "from": 1, "to": 2}, "duty": {"from": 1, "to": 2}, "lock": {"technician": "zoe"},
}  # fmt: skip


@pytest.mark.parametrize("rule", LABELS["rule"])
def test_every_rule_has_sentences_of_its_own(rule):
    values = VALUES.get(rule, {})
    one = {"technician": "Zoé", "rule": rule, "values": values}
    assert sentences.reason(rule, values, WORDS) != str(LABELS["rule"][rule])
    assert sentences.summary([one], WORDS) != str(LABELS["rule"][rule])
    other = {"technician": "Tariq", "rule": "excluded" if rule != "excluded" else "travel", "values": {}}
    assert "1 " in sentences.summary([one, other], WORDS)


def test_the_same_reason_for_everybody_is_one_sentence():
    assert (
        sentences.summary([lacks_right(), lacks_right("Tariq")], WORDS)
        == "nobody holds the right network Acme"
    )


def test_different_levels_of_the_same_skill_are_one_reason():
    assert (
        sentences.summary([lacks_skill(0), lacks_skill(1)], WORDS) == "nobody has the skill printers level 2"
    )


def test_several_reasons_are_counted_the_commonest_first():
    told = sentences.summary([lacks_skill(), lacks_right(), lacks_right("Tariq")], WORDS)
    assert told == "2 without the right network Acme, 1 without the skill printers level 2"


@pytest.mark.parametrize(
    ("fix", "told"),
    [
        (lacks_right(), "Grant the right network Acme to Zoé"),
        ({"technician": "Karim", "rule": "shift", "values": {"seconds": 1200}}, "Extend the shift of Karim by 20\xa0min"),
        ({"technician": "Karim", "rule": "window", "values": {"start": at("14:00").isoformat(), "seconds": 60}},
         "Ask for a later time: Karim could begin at 14:00"),
        ({"technician": "Karim", "rule": "lock", "values": {"lock": "start", "holder": None}}, "Remove the lock on the time"),
        ({}, ""),
    ],
)  # fmt: skip
def test_the_cheapest_fix_is_named(fix, told):
    assert sentences.fix(fix, WORDS) == told


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


@pytest.mark.parametrize("move", sorted({move.name for move in MOVES}))
def test_every_move_has_words_for_the_history(move):
    data = {"source": "planned", "target": "dispatched", "move": move}
    assert sentences.event("job.state", data, "Zoé")


def test_a_move_by_hand_keeps_its_reason():
    told = sentences.event("job.moved", {"reason": "sur place avec Karim", "lock": "technician"}, "Zoé")
    assert told == "Moved by hand to Zoé, rules overridden: sur place avec Karim"


def test_what_no_reader_needs_is_left_out():
    assert sentences.event("plan.changed", {}, "") == ""


def test_a_learned_duration_says_how_many_jobs_it_rests_on():
    assert sentences.duration_source("learned", {"jobs": 32, "near": 6, "quantile": 80}) == (
        "learned: 32 similar jobs, 6 of them just like it · 80% took no longer"
    )
    assert sentences.duration_source("learned", {"jobs": 32, "near": 32, "quantile": 70}) == (
        "learned: 32 similar jobs · 70% took no longer"
    )


def test_a_duration_that_nobody_learned_says_who_said_it():
    assert sentences.duration_source("said", {}) == "entered by hand"
    assert sentences.duration_source("category", {}) == "as usual for this kind of work"
    assert sentences.duration_source(None, {}) == ""


MONDAY_TEXT, TUESDAY_TEXT = "2026-11-23", "2026-11-24"


def kept_out(who, rule, day, **values):
    return {
        "technician_id": who,
        "technician": ("Zoé", "Tariq", "Karim")[who],
        "rule": rule,
        "values": values,
        "day": day,
    }


def test_of_several_days_people_are_counted_and_not_their_days():
    full = [kept_out(who, "overlap", day, count=3) for who in range(3) for day in (MONDAY_TEXT, TUESDAY_TEXT)]
    assert sentences.summary(full, WORDS) == "everybody's day is full"
    lacking = [
        kept_out(who, "right", day, missing=["acme:network"])
        for who in (0, 1)
        for day in (MONDAY_TEXT, TUESDAY_TEXT)
    ]
    told = sentences.summary([*lacking, *full[-2:]], WORDS)
    assert told == "2 without the right network Acme, 1 with a full day"


def test_who_is_kept_out_by_different_things_is_counted_with_the_days():
    mixed = [
        kept_out(who, rule, day, count=3)
        for who in (0, 1) for day, rule in ((MONDAY_TEXT, "overlap"), (TUESDAY_TEXT, "shift"))
    ]  # fmt: skip
    told = sentences.summary([*mixed, kept_out(2, "excluded", MONDAY_TEXT)], WORDS)
    assert told == (
        "2 with a full day on Monday 23, 2 without time left in the shift on Tuesday 24, 1 excluded"
    )
    with force_locale("fr"):
        told = sentences.summary(mixed, WORDS)
    assert told == "2 à la journée pleine lundi 23, 2 sans temps avant la fin de plage mardi 24"


def test_each_technician_has_one_line_with_his_days_where_they_differ():
    same = [kept_out(0, "excluded", day) for day in (MONDAY_TEXT, TUESDAY_TEXT)]
    other = [kept_out(1, "overlap", MONDAY_TEXT, count=3), kept_out(1, "excluded", TUESDAY_TEXT)]
    assert sentences.each([*same, *other], WORDS) == [
        ("Zoé", "Monday 23 and Tuesday 24: excluded by the client or the requester"),
        (
            "Tariq",
            "Monday 23: 3 other jobs leave no room; Tuesday 24: excluded by the client or the requester",
        ),
    ]
    assert sentences.each(same[:1], WORDS) == [("Zoé", "excluded by the client or the requester")]


def test_a_way_out_says_its_day_where_several_were_looked_at():
    remedy = kept_out(2, "shift", TUESDAY_TEXT, seconds=1200)
    both = [kept_out(2, "shift", day) for day in (MONDAY_TEXT, TUESDAY_TEXT)]
    day = sentences.fix_day(remedy, both)
    assert sentences.fix(remedy, WORDS, day) == "Extend the shift of Karim by 20\xa0min on Tuesday 24"
    right = kept_out(2, "right", TUESDAY_TEXT, missing=["acme:network"])
    assert sentences.fix(right, WORDS, day) == "Grant the right network Acme to Karim"
    assert sentences.fix_day(remedy, both[1:]) is None
    assert sentences.fix_day(None, both) is None


def test_who_is_left_out_of_several_days_is_told_with_them():
    tuesday = MONDAY + timedelta(days=1)
    assert sentences.left_out("no_shift", [MONDAY], 1) == "has no shift that day"
    assert sentences.left_out("no_shift", [tuesday], 3) == "has no shift on Tuesday 24"
    assert sentences.left_out("absent", [MONDAY, tuesday], 3) == "is absent on Monday 23 and Tuesday 24"
    assert sentences.left_out("no_shift", [MONDAY, tuesday], 2) == "has no shift on any of these days"
    assert sentences.left_out("no_base", [], 2) == "has no base on the map"


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
