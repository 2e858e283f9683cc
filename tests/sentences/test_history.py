"""The log in words."""

from __future__ import annotations

import pytest

from dispatch import sentences
from dispatch.models.transitions import MOVES


@pytest.mark.parametrize("move", sorted({move.name for move in MOVES}))
def test_every_move_has_words_for_the_history(move):
    data = {"source": "planned", "target": "dispatched", "move": move}
    assert sentences.event("job.state", data, "Zoé")


def test_a_move_by_hand_keeps_its_reason():
    told = sentences.event("job.moved", {"reason": "sur place avec Karim", "lock": "technician"}, "Zoé")
    assert told == "Moved by hand to Zoé, rules overridden: sur place avec Karim"


def test_what_no_reader_needs_is_left_out():
    assert sentences.event("plan.changed", {}, "") == ""
