"""Why nobody can take a job, or nobody else: the reasons of all technicians together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from dispatch.labels import label
from dispatch.sentences.rules import reason
from dispatch.sentences.vocabulary import Reason, Vocabulary, dated_text, on


def summary(reasons: Iterable[Reason], vocabulary: Vocabulary) -> str:
    """All technicians in one sentence: "nobody holds the right network Acme", or the commonest reasons.

    Of several days it counts people, not their days: who is kept out by different things on different days
    is counted for each of them, with the days.
    """
    groups = _groups(reasons, vocabulary)
    if not groups:
        return ""
    if len({about for about, _days in groups}) == 1:
        [(rule, subject), _days] = next(iter(groups))
        return _nobody(rule, subject)
    return ", ".join(on(_so_many(*about, count), days) for (about, days), count in groups.most_common(3))


def _groups(
    reasons: Iterable[Reason], words: Vocabulary
) -> Counter[tuple[tuple[str, str], tuple[date, ...]]]:
    """How many people each thing keeps out, and on which days where that differs."""
    whose: dict[Any, dict[tuple[str, str], list[date]]] = {}
    for number, one in enumerate(reasons):
        mine = whose.setdefault(one.get("technician_id", f"nobody {number}"), {})
        mine.setdefault(subject_of(one, words), []).extend(days_of([one]))
    return Counter(
        (about, tuple(days) if len(mine) > 1 else ())
        for mine in whose.values()
        for about, days in mine.items()
    )


def each(reasons: Sequence[Reason], vocabulary: Vocabulary) -> list[tuple[str, str]]:
    """One line per technician: his name, and what keeps him out; of several days on which of them."""
    several = len(days_of(reasons)) > 1
    told: dict[Any, tuple[str, dict[str, list[date]]]] = {}
    for number, one in enumerate(reasons):
        who = told.setdefault(one.get("technician_id", number), (one.get("technician") or "", {}))
        who[1].setdefault(reason(one["rule"], one.get("values") or {}, vocabulary), []).extend(days_of([one]))
    return [
        (name, "; ".join(dated_text(text, days) if several else text for text, days in texts.items()))
        for name, texts in told.values()
    ]


def days_of(reasons: Iterable[Reason]) -> list[date]:
    """The days that reasons speak of, in order."""
    return sorted({date.fromisoformat(one["day"]) for one in reasons if one.get("day")})


def nobody_else(reasons: Iterable[Reason], vocabulary: Vocabulary) -> str:
    """The same of everybody but the one who has the job: "nobody else holds the right network Acme"."""
    reasons = list(reasons)
    groups = {subject_of(one, vocabulary) for one in reasons}
    rule, subject = next(iter(groups))
    told = {
        "skill": _("nobody else has the skill %(what)s", what=subject),
        "right": _("nobody else holds the right %(what)s", what=subject),
        "clearance": _("nobody else may enter %(what)s", what=subject),
        "tool": _("nobody else carries %(what)s", what=subject),
        "part": _("nobody else has the part %(what)s left", what=subject),
    }
    if len(groups) == 1 and rule in told:
        return told[rule]
    counted = Counter(subject_of(one, vocabulary) for one in reasons)
    listed = ", ".join(_so_many(rule, subject, count) for (rule, subject), count in counted.most_common())
    return _("nobody else can: %(reasons)s", reasons=listed)


def subject_of(one: Reason, words: Vocabulary) -> tuple[str, str]:
    """What a reason is about, without the person's own numbers."""
    rule, values = one["rule"], one.get("values") or {}
    if rule == "skill":
        return rule, _(
            "%(skill)s level %(level)s", skill=words.word("skill", values["skill"]), level=values["needs"]
        )
    families = {"right": "right", "clearance": "place", "tool": "equipment"}
    if rule in families:
        return rule, words.all(families[rule], values["missing"])
    return rule, words.word("equipment", values["part"]) if rule == "part" else ""


def _nobody(rule: str, subject: str) -> str:
    told = {
        "skill": _("nobody has the skill %(what)s", what=subject),
        "right": _("nobody holds the right %(what)s", what=subject),
        "clearance": _("nobody may enter %(what)s", what=subject),
        "tool": _("nobody carries %(what)s", what=subject),
        "part": _("nobody has the part %(what)s left", what=subject),
        "visits": _("nobody may make another visit"),
        "excluded": _("everybody is kept from it by an exclusion, a secondment or a refusal"),
        "window": _("nobody can be there within the hours"),
        "release": _("nobody is left after the earliest time"),
        "shift": _("nobody has enough time left in the shift"),
        "overtime": _("nobody has enough time left, even with overtime"),
        "break": _("everybody's break is in the way"),
        "duty": _("everybody is on kiosk duty or absent then"),
        "lock": _("the lock cannot be kept"),
        "frozen": _("everybody is busy with work already begun"),
        "travel": _("no way leads there"),
        "overlap": _("everybody's day is full"),
    }
    return told.get(rule, str(label(rule, "rule")))


def _so_many(rule: str, subject: str, count: int) -> str:
    told = {
        "skill": _("%(count)d without the skill %(what)s", count=count, what=subject),
        "right": _("%(count)d without the right %(what)s", count=count, what=subject),
        "clearance": _("%(count)d without access to %(what)s", count=count, what=subject),
        "tool": _("%(count)d without %(what)s", count=count, what=subject),
        "part": _("%(count)d without the part %(what)s", count=count, what=subject),
        "visits": _("%(count)d who may make no more visits", count=count),
        "excluded": ngettext(
            "%(num)d kept from it (exclusion, secondment or refusal)",
            "%(num)d kept from it (exclusion, secondment or refusal)",
            count,
        ),
        "window": _("%(count)d not there within the hours", count=count),
        "release": _("%(count)d gone before the earliest time", count=count),
        "shift": _("%(count)d without time left in the shift", count=count),
        "overtime": _("%(count)d without time left", count=count),
        "break": _("%(count)d with the break in the way", count=count),
        "duty": _("%(count)d on kiosk duty or absent", count=count),
        "lock": _("%(count)d kept out by the lock", count=count),
        "frozen": ngettext("%(num)d busy", "%(num)d busy", count),
        "travel": _("%(count)d without a way there", count=count),
        "overlap": _("%(count)d with a full day", count=count),
    }
    return told.get(rule, f"{count} × {label(rule, 'rule')}")


def outbid(numbers: Sequence[str], others: int) -> str:
    """By which work a job was outbid; what the reader may not see is only counted."""
    known = ", ".join(numbers)
    if not numbers:
        return _("work of other clients goes first")
    if others:
        return _("%(numbers)s and work of other clients go first", numbers=known)
    return ngettext("%(numbers)s goes first", "%(numbers)s go first", len(numbers), numbers=known)
