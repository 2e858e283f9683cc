"""The cheapest single change that would let a job in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _

from dispatch.sentences.everybody import days_of, subject_of
from dispatch.sentences.names import of_name, to_name
from dispatch.sentences.vocabulary import Reason, Vocabulary, on
from dispatch.web import long_day, minutes


def fix(remedy: Reason | None, vocabulary: Vocabulary, day: date | None = None) -> str:
    """The cheapest single change that would let the job in: "Extend Karim's shift by 20 min".

    `day` is told where several were looked at, of what is mended for one day only.
    """
    if not remedy:
        return ""
    told = _fix(remedy, vocabulary)
    return on(told, [day]) if told and day and remedy["rule"] in _OF_ONE_DAY else told


_OF_ONE_DAY = ("shift", "overtime", "window", "part", "visits")


def fix_day(remedy: Reason | None, reasons: Sequence[Reason]) -> date | None:
    """The day of a remedy, where several were looked at."""
    return next(iter(days_of([remedy])), None) if remedy and len(days_of(reasons)) > 1 else None


def _fix(remedy: Reason, vocabulary: Vocabulary) -> str:
    rule, values = remedy["rule"], remedy.get("values") or {}
    who = remedy.get("technician") or ""
    told = {
        "skill": lambda: _("Accept %(who)s in spite of the skill %(what)s", who=who, what=subject_of(remedy, vocabulary)[1]),
        "right": lambda: _grant(remedy, who, vocabulary),
        "clearance": lambda: _("%(who)s, once access to %(what)s is arranged", what=subject_of(remedy, vocabulary)[1], who=who),
        "tool": lambda: _("Give %(what)s %(to)s", what=subject_of(remedy, vocabulary)[1], to=to_name(who)),
        "part": lambda: _("Give the part %(what)s %(to)s", what=subject_of(remedy, vocabulary)[1], to=to_name(who)),
        "visits": lambda: _("Ask whether %(who)s may make one more visit", who=who),
        "excluded": lambda: _("Ask whether %(who)s may come after all", who=who),
        "window": lambda: _("Ask for a later time: %(who)s could begin at %(time)s",
                            who=who, time=vocabulary.time(values.get("start"))),
        "lock": lambda: (_("Remove the lock on the time") if values.get("lock") == "start"
                         else _("Remove the lock: %(who)s could do it", who=who)),
    }  # fmt: skip
    if rule in ("shift", "overtime"):
        return _(
            "Extend the shift %(of)s by %(minutes)s",
            of=of_name(who),
            minutes=minutes(values.get("seconds", 0) / 60),
        )
    return told[rule]() if rule in told else ""


def _grant(remedy: Reason, who: str, vocabulary: Vocabulary) -> str:
    right = subject_of(remedy, vocabulary)[1]
    if remedy.get("expired"):
        return _("%(who)s, once the right %(what)s is extended (expired on %(day)s)",
                 who=who, what=right, day=long_day(remedy["expired"]))  # fmt: skip
    return _("%(who)s, once the right %(what)s is granted", who=who, what=right)
