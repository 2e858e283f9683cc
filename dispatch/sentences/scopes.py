"""What a run may touch and why it was asked for, as sentences; a cause is what board.repairs found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from dispatch.sentences.vocabulary import Vocabulary, enumerated

Names = Mapping[int, str]


def scope(told: Mapping[str, Any], names: Names, vocabulary: Vocabulary) -> str:
    """What the run looked at; empty for one that looked at everything. `names`: of technicians, by id."""
    kind = told.get("kind", "all")
    if kind == "from":
        return _(
            "Only what begins from %(time)s on; what begins before stays.",
            time=vocabulary.moment(told["from"]),
        )
    if kind == "technicians":
        known = [names[key] for key in told["technician_ids"] if key in names]
        return _("Only the routes of these, and work that nobody has: %(names)s.", names=enumerated(known))
    if kind == "unassigned":
        return _("Only work that nobody has; whoever has work keeps it.")
    return ""


def within(told: Mapping[str, Any]) -> str:
    """Under what its reasons hold: a run that did not ask everybody cannot say that nobody can."""
    return {
        "from": _("Only from that time on was a place looked for."),
        "technicians": _("Only these technicians were asked; others may be able to."),
        "unassigned": _("Nobody was asked to make way."),
    }.get(told.get("kind", "all"), "")


def cause(told: Mapping[str, Any], names: Names, vocabulary: Vocabulary) -> str:
    """Why a repair is offered, or was asked for."""
    who = names.get(told.get("technician") or 0, _("somebody"))
    return _CAUSES[told["kind"]](told, who, vocabulary) if told.get("kind") in _CAUSES else ""


def _absent(told: Mapping[str, Any], who: str, vocabulary: Vocabulary) -> str:
    jobs = ngettext("%(num)d job to share out", "%(num)d jobs to share out", len(told["jobs"]))
    until = vocabulary.time(told["until"])
    if told.get("from"):
        return _("%(who)s: absent from %(from)s to %(until)s, %(jobs)s",
                 who=who, until=until, jobs=jobs, **{"from": vocabulary.time(told["from"])})  # fmt: skip
    return _("%(who)s: absent until %(until)s, %(jobs)s", who=who, until=until, jobs=jobs)


def _late(told: Mapping[str, Any], who: str, _vocabulary: Vocabulary) -> str:
    return ngettext(
        "%(who)s is running late: %(num)d job would miss its deadline or its promised time",
        "%(who)s is running late: %(num)d jobs would miss their deadlines or promised times",
        len(told["jobs"]), who=who,
    )  # fmt: skip


def _user_absent(told: Mapping[str, Any], who: str, _vocabulary: Vocabulary) -> str:
    return ngettext(
        "A user was absent: %(who)s has time, and %(num)d job is waiting",
        "A user was absent: %(who)s has time, and %(num)d jobs are waiting",
        told["waiting"], who=who,
    )  # fmt: skip


def _urgent(told: Mapping[str, Any], _who: str, _vocabulary: Vocabulary) -> str:
    return ngettext(
        "%(num)d urgent job has no technician", "%(num)d urgent jobs have no technician", len(told["jobs"])
    )


_CAUSES: dict[str, Callable[[Mapping[str, Any], str, Vocabulary], str]] = {
    "absent": _absent,
    "late": _late,
    "user_absent": _user_absent,
    "urgent": _urgent,
}
