"""What the model and the planning refuse, as problem documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, url_for
from flask_babel import gettext as _
from flask_smorest import Blueprint

from dispatch import sentences
from dispatch.errors import problem
from dispatch.extensions import db
from dispatch.labels import label
from dispatch.models.handed import Refused
from dispatch.models.job import IllegalMove
from dispatch.models.ticket_ending import UnderWay
from dispatch.models.transitions import Incomplete
from dispatch.planning.placement import Broken, NotPlaceable, RulesBroken
from dispatch.planning.run import RunUnderWay

# moves that need to know a technician: PUT …/assignment makes them
BY_ASSIGNMENT = frozenset({"planned", "reassigned"})
# names of the model that the API says otherwise
_FIELDS = {
    "reasons": "escalation_reasons", "building": "place.building", "floor": "place.floor", "desk": "place.desk",
}  # fmt: skip


class Invalid(Exception):
    """A value that only the database can judge; `errors` tells per field what to correct."""

    def __init__(self, errors: Mapping[str, str], **more: Any) -> None:
        super().__init__(", ".join(errors))
        self.errors, self.more = errors, more


def handle(blueprint: Blueprint) -> None:
    """Let a blueprint answer these exceptions."""
    for kind, answer in (
        (Invalid, _invalid), (Refused, _refused), (Incomplete, _incomplete), (IllegalMove, _illegal_move),
        (UnderWay, _under_way),
        (NotPlaceable, _not_placeable), (RunUnderWay, _run_under_way),
    ):  # fmt: skip
        blueprint.register_error_handler(kind, answer)


def broken_rules(broken: Sequence[Broken], zone: str) -> list[dict[str, Any]]:
    """Each broken rule with its sentence in the reader's language."""
    words = sentences.Vocabulary.load(zone) if broken else None
    return [
        {"rule": one.rule, "detail": sentences.reason(one.rule, one.values, words), "waivable": one.waivable}
        for one in broken
        if words
    ]


def _invalid(error: Invalid) -> Response:
    db.session.rollback()
    errors = {name: [text] for name, text in error.errors.items()}
    return problem(
        422,
        _("Some fields need correction: %(fields)s.", fields=", ".join(errors)),
        errors=errors,
        **error.more,
    )


def _refused(error: Refused) -> Response:
    return _invalid(
        Invalid({_FIELDS.get(name, name): str(label(code, "refused")) for name, code in error.errors.items()})
    )


def _incomplete(error: Incomplete) -> Response:
    of_transition = ("reason", "note", "follow_up")
    name = error.field if error.field in of_transition else f"follow_up.{error.field}"
    return _invalid(Invalid({name: _("This is missing, or not one of those offered.")}))


def _illegal_move(error: IllegalMove) -> Response:
    db.session.rollback()
    legal = [name for name in error.legal if name not in BY_ASSIGNMENT]
    detail = _("From “%(state)s” this move is not possible. Possible now: %(moves)s.",
               state=label(error.source, error.family), moves=", ".join(legal) or "–")  # fmt: skip
    return problem(409, detail, legal=legal, state=error.source)


def _under_way(error: UnderWay) -> Response:
    detail = sentences.under_way(error.jobs)
    jobs = [job.number for job in error.jobs]
    db.session.rollback()
    return problem(409, detail, legal=error.legal, state=error.source, jobs=jobs)


def _not_placeable(error: NotPlaceable) -> Response:
    db.session.rollback()
    told = {
        "not_working": _("The technician does not work that day. Choose another one, or another day."),
        "not_planned": _("The job is in no route: give it to a technician first."),
    }
    detail = told.get(error.reason) or _(
        "The job cannot be placed: it %(why)s.", why=sentences.left_out(error.reason)
    )
    return problem(422, detail, reason=error.reason)


def rules_broken(error: RulesBroken, zone: str) -> Response:
    """An assignment that breaks rules; `zone` is that of the job's territory, as on the board."""
    broken = broken_rules(error.broken, zone)
    final = [one["detail"] for one in broken if not one["waivable"]]
    if final:
        detail = _(
            "Nobody can override this: %(rules)s. Choose another technician or time.", rules="; ".join(final)
        )
    else:
        detail = _("This breaks rules: %(rules)s. Repeat it with an override_reason if it has to be.",
                   rules="; ".join(one["detail"] for one in broken))  # fmt: skip
    return problem(422, detail, broken=broken)


def _run_under_way(error: RunUnderWay) -> Response:
    location = url_for("api_plan_runs.show", key=error.run.id)
    db.session.rollback()
    answer = problem(
        409, _("A run of this territory is under way. Wait for it, or cancel it."), location=location
    )
    answer.headers["Location"] = location
    return answer
