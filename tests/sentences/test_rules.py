"""Why somebody cannot take a job."""

from __future__ import annotations

import pytest
from flask_babel import force_locale

from dispatch import sentences
from dispatch.labels import LABELS
from tests.factories import at
from tests.sentences.reasons import WORDS, lacks_skill


def test_one_rule_is_told_with_its_numbers():
    assert (
        sentences.reason("skill", lacks_skill()["values"], WORDS) == "skill printers: level 2 needed, has 1"
    )
    shift = {"end": at("17:20").isoformat(), "limit": at("17:00").isoformat(), "over": 1_200}
    assert sentences.reason("shift", shift, WORDS) == "would end at 17:20, there only until 17:00"


def test_visits_still_to_make_are_told_apart_from_none_at_all():
    assert sentences.reason("visits", {"limit": 4, "visits": 5}, WORDS) == (
        "already has 4 visits to make that day and may make no more"
    )
    assert sentences.reason("visits", {"limit": 0, "visits": 1}, WORDS) == "may make no more visits that day"
    with force_locale("fr"):
        told = sentences.reason("visits", {"limit": 1, "visits": 2}, WORDS)
    assert told == "a déjà 1 visite à faire ce jour-là et ne peut en faire plus"


@pytest.mark.parametrize("instant", [at("14:20"), at("14:20").isoformat()])
def test_an_instant_may_come_as_text(instant):
    assert WORDS.time(instant) == "14:20"


VALUES = {
    "skill": {"skill": "printer", "needs": 2, "has": 0}, "right": {"missing": ["acme:network"]},
    "clearance": {"missing": ["site:1"]}, "tool": {"missing": ["ladder"]}, "part": {"part": "mouse", "needs": 1, "left": 0}, "visits": {"limit": 4, "visits": 5},
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
