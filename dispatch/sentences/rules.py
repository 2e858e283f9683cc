"""Why somebody cannot take a job: the first rule that he breaks, with its numbers."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _
from flask_babel import ngettext

from dispatch.labels import label
from dispatch.sentences.vocabulary import Values, Vocabulary
from dispatch.web import minutes


def reason(rule: str, values: Values, vocabulary: Vocabulary) -> str:
    """The first failing rule of one technician, with its numbers: "skill printer: level 2 needed, has 1"."""
    told = _REASONS.get(rule)
    return told(values, vocabulary) if told else str(label(rule, "rule"))


def _skill(values: Values, words: Vocabulary) -> str:
    skill = words.word("skill", values["skill"])
    if not values["has"]:
        return _("skill %(skill)s missing, level %(needs)s needed", skill=skill, needs=values["needs"])
    return _("skill %(skill)s: level %(needs)s needed, has %(has)s",
             skill=skill, needs=values["needs"], has=values["has"])  # fmt: skip


def _right(values: Values, words: Vocabulary) -> str:
    return _("does not hold the right %(right)s that day", right=words.all("right", values["missing"]))


def _clearance(values: Values, words: Vocabulary) -> str:
    return _("has no access to %(site)s", site=words.all("place", values["missing"]))


def _tool(values: Values, words: Vocabulary) -> str:
    return _("does not carry %(tool)s", tool=words.all("equipment", values["missing"]))


def _part(values: Values, words: Vocabulary) -> str:
    return _("part %(part)s: %(needs)s needed, %(left)s left",
             part=words.word("equipment", values["part"]), needs=values["needs"], left=values["left"])  # fmt: skip


def _visits(values: Values, _words: Vocabulary) -> str:
    """He may have made some already: what is counted here is what is still to do."""
    if values["visits"] == 1:
        return _("may make no more visits that day")
    return ngettext(
        "already has %(num)d visit to make that day and may make no more",
        "already has %(num)d visits to make that day and may make no more",
        values["visits"] - 1,
    )


def _excluded(_values: Values, _words: Vocabulary) -> str:
    """One rule for all three, so the sentence has to be true of each."""
    return _("kept from this work by an exclusion, a secondment or a refusal of his own")


def _window(values: Values, words: Vocabulary) -> str:
    if "fixed" in values:
        return _("the locked time %(time)s is outside the hours", time=words.time(values["fixed"]))
    return _("could begin at %(earliest)s, the hours close at %(closes)s",
             earliest=words.time(values["earliest"]), closes=words.time(values["closes"]))  # fmt: skip


def _release(values: Values, words: Vocabulary) -> str:
    return _("not before %(time)s", time=words.time(values.get("release")))


def _shift(values: Values, words: Vocabulary) -> str:
    """Also where an absence ends the day before the shift does."""
    return _(
        "would end at %(end)s, there only until %(limit)s",
        end=words.time(values["end"]),
        limit=words.time(values["limit"]),
    )


def _overtime(values: Values, words: Vocabulary) -> str:
    return _("would end at %(end)s, %(over)s beyond the overtime allowed",
             end=words.time(values["end"]), over=minutes(values["over"] / 60))  # fmt: skip


def _break(values: Values, words: Vocabulary) -> str:
    return _("the break would not fit between %(from)s and %(to)s",
             **{"from": words.time(values["from"]), "to": words.time(values["to"])})  # fmt: skip


def _duty(values: Values, words: Vocabulary) -> str:
    return _("kiosk duty or absence from %(from)s to %(to)s",
             **{"from": words.time(values["from"]), "to": words.time(values["to"])})  # fmt: skip


def _lock(values: Values, words: Vocabulary) -> str:
    if "because" in values:
        return _("the lock cannot be kept: %(rule)s", rule=label(values["because"], "rule"))
    if "begins" in values:
        return _other_time(values, words)
    if "fixed" in values:
        return _("locked at %(fixed)s, could be there at %(earliest)s",
                 fixed=words.time(values["fixed"]), earliest=words.time(values.get("earliest")))  # fmt: skip
    return _("the job is locked to somebody else")


def _other_time(values: Values, words: Vocabulary) -> str:
    return _("locked at %(fixed)s, would begin at %(begins)s",
             fixed=words.time(values["fixed"]), begins=words.time(values["begins"]))  # fmt: skip


def _frozen(_values: Values, _words: Vocabulary) -> str:
    return _("busy with work already begun")


def _travel(_values: Values, _words: Vocabulary) -> str:
    return _("no way leads there")


def _overlap(values: Values, _words: Vocabulary) -> str:
    if "count" in values:
        return ngettext(
            "%(num)d other job leaves no room", "%(num)d other jobs leave no room", values["count"]
        )
    if "added" in values:
        return _("would cost the others more than it is worth")
    return _("no room left beside the other jobs")


_REASONS: dict[str, Callable[[Values, Vocabulary], str]] = {
    "skill": _skill, "right": _right, "clearance": _clearance, "tool": _tool, "part": _part,
    "visits": _visits, "excluded": _excluded, "window": _window, "release": _release, "shift": _shift, "overtime": _overtime,
    "break": _break, "duty": _duty, "lock": _lock, "frozen": _frozen, "travel": _travel, "overlap": _overlap,
}  # fmt: skip
