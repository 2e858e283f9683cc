"""A proposal beside the live plan: what both cost, who gains or loses, which promised times move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from marshmallow import fields

from dispatch import sentences
from dispatch.api.fields import Day, Instant
from dispatch.api.shapes import Shape, Span, TechnicianShape, instant_of, local
from dispatch.models.plan import PlanRun

LENGTHS = ("travel", "work", "lateness", "overtime")


class CountsShape(Shape):
    before = fields.Integer()
    after = fields.Integer()


class InstantsShape(Shape):
    before = Instant(allow_none=True)
    after = Instant(allow_none=True)


class GainShape(Shape):
    technician = fields.Nested(TechnicianShape, allow_none=True)
    day = Day(metadata={"description": "of the route"})
    holds = fields.Boolean(
        metadata={
            "description": "whether the live times can still be kept; without that there is nothing to compare"
        }
    )
    jobs_lost = fields.Integer(
        metadata={"description": "jobs that no longer fit on a route that does not hold"}
    )
    jobs_came = fields.Integer()
    jobs_gone = fields.Integer()
    travel_seconds = fields.Integer(metadata={"description": "more than in the live plan; negative: less"})
    work_seconds = fields.Integer()
    lateness_seconds = fields.Integer()
    overtime_seconds = fields.Integer()
    end = fields.Nested(InstantsShape, metadata={"description": "of the day, the way home included"})
    text = fields.String()


class PromiseShape(Shape):
    job = fields.String()
    summary = fields.String()
    kind = fields.String(metadata={
        "enum": ["broken", "missed", "mended", "kept"],
        "description": "broken: the live plan kept it; missed: neither does; mended: only the proposal; kept: both",
    })  # fmt: skip
    promised = fields.Nested(Span)
    start = fields.Nested(InstantsShape, metadata={"description": "null where nobody comes, or nobody knows"})
    outside_seconds = fields.Integer(
        allow_none=True,
        metadata={"description": "of the proposal: too late, or negative: too early; null: nobody comes"},
    )
    text = fields.String()


class ComparedShape(Shape):
    objective = fields.Dict(
        keys=fields.String(), values=fields.Integer(),
        metadata={"description": "of the live plan timed again, in seconds of travel, as far as it still holds"},
    )  # fmt: skip
    served = fields.Nested(CountsShape, allow_none=True)
    technicians = fields.List(
        fields.Nested(GainShape), metadata={"description": "those who change, worst off first"}
    )
    promises = fields.List(fields.Nested(PromiseShape), metadata={"description": "those that break first"})


def compared_shown(
    run: PlanRun, promises: Sequence[Any], told: bool, words: sentences.Vocabulary, people: Mapping[int, Any]
) -> dict[str, Any] | None:
    """`promises` are those that the caller may read; `told` whether he may read of all the work that the run moves."""
    found = run.weighed
    if found is None:
        return None
    before, after = found["served"]
    days = found["days"] if told else []
    return {
        "objective": found["before"] if told else {},
        "served": {"before": before, "after": after} if told else None,
        "technicians": [_gain(item, run, words, people) for item in days],
        "promises": [_promise(item, run, words) for item in promises],
    }


def _gain(
    item: Mapping[str, Any], run: PlanRun, words: sentences.Vocabulary, people: Mapping[int, Any]
) -> dict[str, Any]:
    dated = run.days > 1 or item["day"] != run.day.isoformat()
    return {
        "technician": people.get(item["technician_id"]), "day": date.fromisoformat(item["day"]),
        "holds": item["holds"], "jobs_lost": item["lost"], "jobs_came": item["came"], "jobs_gone": item["gone"],
        **{f"{name}_seconds": item[name] for name in LENGTHS},
        "end": _instants(item["end"], words.zone), "text": sentences.gain(item, words, dated),
    }  # fmt: skip


def _promise(item: Mapping[str, Any], run: PlanRun, words: sentences.Vocabulary) -> dict[str, Any]:
    start, end = (local(instant_of(bound), words.zone) for bound in item["window"])
    return {
        "job": item["number"], "summary": item["summary"], "kind": item["kind"],
        "promised": {"start": start, "end": end}, "start": _instants(item["start"], words.zone),
        "outside_seconds": item["outside"][1], "text": sentences.promise(item, words, run.days > 1),
    }  # fmt: skip


def _instants(pair: Sequence[str | None], zone: str) -> dict[str, Any]:
    before, after = (local(instant_of(one), zone) if one else None for one in pair)
    return {"before": before, "after": after}
