"""Reasons as the planning stores them, and the words for their codes."""

from __future__ import annotations

from dispatch.sentences import Vocabulary

WORDS = Vocabulary("Europe/Paris", {"skill:printer": "printers", "right:acme:network": "network Acme"})


MONDAY_TEXT, TUESDAY_TEXT = "2026-11-23", "2026-11-24"


def lacks_right(name="Zoé"):
    return {"technician": name, "rule": "right", "values": {"missing": ["acme:network"]}}


def lacks_skill(has=1):
    return {"technician": "Tariq", "rule": "skill", "values": {"skill": "printer", "needs": 2, "has": has}}


def kept_out(who, rule, day, **values):
    return {
        "technician_id": who,
        "technician": ("Zoé", "Tariq", "Karim")[who],
        "rule": rule,
        "values": values,
        "day": day,
    }
