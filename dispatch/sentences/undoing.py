"""What was changed in the plan, and what taking it back does or cannot do, one sentence each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from dispatch.labels import label
from dispatch.sentences.changes import change
from dispatch.sentences.outside import left_out
from dispatch.sentences.rules import reason
from dispatch.sentences.vocabulary import Reason, Values, Vocabulary
from dispatch.web import long_day


def done(kind: str, items: Sequence[Reason], others: int, vocabulary: Vocabulary) -> str:
    """A change of the day: "Proposal accepted: 12 jobs"; of one job alone what became of it.

    `items` are the jobs that the reader may see, `others` how many more there are.
    """
    if len(items) + others == 1 and items and kind != "undo":
        return put_back(items[0], vocabulary)
    jobs = ngettext("%(num)d job", "%(num)d jobs", len(items) + others)
    told = _DONE.get(kind)
    return _("%(what)s: %(jobs)s", what=told(), jobs=jobs) if told else jobs


_DONE: dict[str, Callable[[], str]] = {
    "run": lambda: _("Proposal accepted"),
    "room": lambda: _("Room made"),
    "undo": lambda: _("Undone"),
    "bulk": lambda: _("Done together"),
}


def put_back(item: Reason, vocabulary: Vocabulary, dated: bool = False) -> str:
    """One job that a change, or its undoing, puts somewhere else."""
    if item.get("cancelled"):
        return _("%(number)s is cancelled", number=item["number"])
    if item["from"] is None and item["to"] is None:
        return _waiting(item, vocabulary)
    if item["kind"] == "locked":
        return _("%(number)s: %(lock)s", number=item["number"], lock=label(item["lock"], "lock"))
    return change(item, vocabulary, dated)


def _waiting(item: Reason, vocabulary: Vocabulary) -> str:
    """A job that nobody has before and after; `until` when it is postponed."""
    if item.get("until"):
        day = vocabulary.day(item["until"])
        return _("%(number)s is postponed to %(day)s", number=item["number"], day=long_day(day))
    return _("%(number)s waits for a technician", number=item["number"])


def stays(number: str, technician: str, state: str, told: Reason, vocabulary: Vocabulary) -> str:
    """Why a job does not go back: "INT-1042 stays with Karim: travelling".

    `told` holds `why`, its `values`, and `by` and `time` of whoever moved it.
    """
    if told["why"] == "ended":
        return _("%(number)s stays as it is: %(state)s", number=number, state=label(state, "job"))
    why = _why(state, told, vocabulary)
    if not technician:
        return _("%(number)s stays without a technician: %(why)s", number=number, why=why)
    return _("%(number)s stays with %(who)s: %(why)s", number=number, who=technician, why=why)


def _why(state: str, told: Reason, vocabulary: Vocabulary) -> str:
    why, values = told["why"], told["values"]
    if why == "begun":
        return str(label(state, "job"))
    if why == "moved":
        if told.get("by"):
            return _("%(name)s moved it at %(time)s", name=told["by"], time=told["time"])
        return _("it was moved since")
    if why == "over":
        return _("that day is over")
    return _no_way(why, values, vocabulary)


def _no_way(why: str, values: Values, vocabulary: Vocabulary) -> str:
    if why == "out":
        return _("it %(why)s", why=left_out(values["reason"]))
    if why == "nobody":
        return _("%(name)s %(why)s", name=values["technician"], why=left_out(values["reason"]))
    return _("it no longer fits there (%(why)s)", why=reason(values["rule"], values["values"], vocabulary))
