"""Why a job is with its technician, in a sentence."""

from __future__ import annotations

from flask_babel import gettext as _

from dispatch import sentences
from dispatch.labels import label
from dispatch.planning.why import Comparison
from dispatch.sentences import Vocabulary
from dispatch.web import minutes


def because(found: Comparison, vocabulary: Vocabulary) -> str:
    """ "Zoé costs least: with Tariq, the next best, it would be 14 min more." """
    return " ".join(filter(None, (_fixed(found), _others(found, vocabulary))))


def _fixed(found: Comparison) -> str:
    """What a person has decided for this technician alone."""
    told = []
    if found.locked:
        told.append(_("Locked to %(name)s.", name=found.technician.name))
    if found.waived:
        rules = ", ".join(str(label(rule, "rule")) for rule in sorted(found.waived))
        told.append(_("Overridden for %(name)s: %(rules)s.", name=found.technician.name, rules=rules))
    return " ".join(told)


def _others(found: Comparison, vocabulary: Vocabulary) -> str:
    if found.runner_up is None:
        return _nobody_else(found, vocabulary)
    name, other = found.technician.name, found.runner_up.name
    difference = minutes(abs(found.minutes))
    if found.minutes > 0:
        return _("%(name)s costs least: with %(other)s, the next best, it would be %(minutes)s more.",
                 name=name, other=other, minutes=difference)  # fmt: skip
    if found.minutes == 0:
        return _("%(other)s could do it at the same cost.", other=other)
    less = _("%(other)s could do it for %(minutes)s less.", other=other, minutes=difference)
    if found.locked or found.waived:
        return less
    moves = _("A run changes technicians only to save more than %(minutes)s.", minutes=minutes(found.move_minutes))  # fmt: skip
    return f"{less} {moves}"


def _nobody_else(found: Comparison, vocabulary: Vocabulary) -> str:
    if not found.others:
        return _("Nobody else works that day.")
    rules = {one["rule"] for one in found.others}
    if rules & found.waived:  # he breaks it too, so nobody is what it says
        told = sentences.summary(found.others, vocabulary)
    else:
        told = sentences.nobody_else(found.others, vocabulary)
    return f"{told[:1].upper()}{told[1:]}."
