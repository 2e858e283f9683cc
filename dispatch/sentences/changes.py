"""What a proposal would change, one line each, and what it costs."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _

from dispatch.sentences.names import from_name, of_name, to_name
from dispatch.sentences.vocabulary import Reason, Vocabulary


def day_of(item: Reason, vocabulary: Vocabulary) -> date:
    """The day under which a change is read: where the job goes, or what it leaves."""
    return _seat_day(item.get("to") or item["from"], vocabulary)


def _seat_day(seat: Reason, vocabulary: Vocabulary) -> date:
    """The day of the route: after midnight a night is still yesterday's."""
    return date.fromisoformat(seat["day"]) if seat.get("day") else vocabulary.day(seat["start"])


def change(item: Reason, vocabulary: Vocabulary, dated: bool = False) -> str:
    """One line of a proposal: "INT-1042 moves from Alice to Karim, 14:10 → 13:30"; `dated` with its day."""
    before, after, number = item.get("from") or {}, item.get("to") or {}, item["number"]
    clock = vocabulary.moment if dated or _changes_day(before, after, vocabulary) else vocabulary.time
    old, new = (clock(seat["start"]) if seat else "–" for seat in (before, after))
    was, will = before.get("technician", ""), after.get("technician", "")
    stays = before.get("technician_id") == after.get("technician_id") and was == will
    if stays and _changes_day(before, after, vocabulary):
        return _("%(number)s stays with %(who)s, on another day: %(old)s → %(new)s",
                 number=number, who=will, old=old, new=new)  # fmt: skip
    if item["kind"] == "moved":
        return _("%(number)s moves %(origin)s %(to)s, %(old)s → %(new)s",
                 number=number, origin=from_name(was), to=to_name(will), old=old, new=new)  # fmt: skip
    if item["kind"] == "retimed":
        return _(
            "%(number)s stays with %(who)s, %(old)s → %(new)s", number=number, who=will, old=old, new=new
        )
    if item["kind"] == "unassigned":
        return _("%(number)s leaves the day %(of)s (%(old)s)", number=number, of=of_name(was), old=old)
    if dated:
        return _("%(number)s goes %(to)s, %(new)s", number=number, to=to_name(will), new=new)
    return _("%(number)s goes %(to)s at %(new)s", number=number, to=to_name(will), new=new)


def _changes_day(before: Reason, after: Reason, vocabulary: Vocabulary) -> bool:
    return bool(before and after) and _seat_day(before, vocabulary) != _seat_day(after, vocabulary)


def cost(part: str) -> str:
    """A part of what a plan costs."""
    told = {
        "travel": _("of travel"), "lateness": _("price of lateness"), "overtime": _("price of overtime"),
        "moves": _("price of moves"), "promise": _("price of broken promises"),
        "preference": _("effect of preferences"), "unserved": _("price of what is left out"),
    }  # fmt: skip
    return told[part]
