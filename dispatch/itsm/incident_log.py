"""ServiceNow's incident audit log: several rows per incident, of which the last one before an instant counts.

Rows are ordered by `sys_updated_at` and, within a minute, by their place in the file. `sys_mod_count` has
gaps and repeats and is not looked at. Every row carries the incident's `resolved_at` and `closed_at` even
before they came about: they count only once the state says so and the instant has come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from dispatch.itsm.base import BadRow, BadValue, Heard, Incident, Row, Table, instant, needs_columns
from dispatch.itsm.mapping import Mapping

REQUIRED = {
    "number": "the incident", "incident_state": "its state", "opened_at": "since when", "sys_updated_at": "its order",
}  # fmt: skip
USED = (
    "resolved_at", "closed_at", "caller_id", "location", "category", "subcategory", "u_symptom", "impact",
    "urgency", "assignment_group", "short_description", "description",
)  # fmt: skip
# known to ServiceNow's export and of no use here
IGNORED = (
    "active", "reassignment_count", "reopen_count", "sys_mod_count", "made_sla", "opened_by", "sys_created_by",
    "sys_created_at", "sys_updated_by", "contact_type", "cmdb_ci", "priority", "assigned_to", "knowledge",
    "u_priority_confirmation", "notify", "problem_id", "rfc", "vendor", "caused_by", "closed_code", "resolved_by",
)  # fmt: skip
DATES = ("opened_at", "sys_updated_at", "resolved_at", "closed_at")
LONGEST_NUMBER = 100
LONGEST_NAME = 200
LEVELS = {"1": 1, "2": 2, "3": 3}


@dataclass(slots=True)
class Log:
    """What a file says: incidents by number in the order of their first row, and what was refused."""

    incidents: list[Incident]
    # places of the whole file, those with most incidents first, whatever instant was asked for
    locations: list[str]
    rows: int
    bad: list[BadRow]
    unknown_columns: list[str]


def read_log(path: Path, zone: str, mapping: Mapping, as_of: datetime | None = None,
             heard: Heard = lambda _share: None) -> Log:  # fmt: skip
    """Read a log whose times are wall times of `zone`; only rows up to `as_of` (UTC) count.

    A row that makes no sense is refused by itself and told in `bad`; an incident keeps its other rows.
    Raises Unusable when the file cannot be read or lacks a column that nothing works without.
    """
    table = Table(path, heard)
    understood = _Understood(mapping, zone)
    histories: dict[str, _History] = {}
    places: dict[str, str | None] = {}
    for row in table:
        needs_columns(table, REQUIRED)
        try:
            number, step = understood.step(row)
        except BadValue as reason:
            table.bad.append(row.refused(reason))
            continue
        places[number] = row.values.get("location")
        if as_of is None or step.at <= as_of:
            histories.setdefault(number, _History()).add(step, row)
    needs_columns(table, REQUIRED)
    known = {*REQUIRED, *USED, *IGNORED}
    unknown = [name for name in table.columns if name not in known]
    incidents = [understood.incident(number, one, as_of) for number, one in histories.items()]
    return Log(incidents, _by_rank(places.values()), table.rows_read, table.bad, unknown)


class _Step(NamedTuple):
    """One row of an incident, in the order that counts."""

    at: datetime
    line: int
    state: str


@dataclass(slots=True)
class _History:
    """The steps of one incident, and the row of the last one."""

    steps: list[_Step] = field(default_factory=list)
    last: dict[str, str | None] = field(default_factory=dict)

    def add(self, step: _Step, row: Row) -> None:
        if not self.steps or step >= max(self.steps):
            self.last = row.values
        self.steps.append(step)

    def since(self, states: tuple[str, ...]) -> datetime:
        """When it came into one of these states for the last time; it is in one of them now."""
        ordered = sorted(self.steps, reverse=True)
        return [step.at for step in takewhile(lambda one: one.state in states, ordered)][-1]


class _Understood:
    """The rows of a log in our words."""

    def __init__(self, mapping: Mapping, zone: str) -> None:
        self.mapping = mapping
        # thousands of rows share a minute
        self.instant = cache(lambda text: instant(text, zone, mapping.dates))

    def step(self, row: Row) -> tuple[str, _Step]:
        """The incident's number and its step; raises BadValue."""
        number = row.values["number"]
        if number is None or len(number) > LONGEST_NUMBER:
            raise BadValue("number is missing" if number is None else "number is too long")
        dates = {name: self._date(row, name) for name in DATES}
        at = dates["sys_updated_at"]
        for name in ("opened_at", "sys_updated_at"):
            if dates[name] is None:
                raise BadValue(f"{name} is missing")
        for name in ("caller_id", "location", "category"):
            if len(row.values.get(name) or "") > LONGEST_NAME:
                raise BadValue(f"{name} is longer than {LONGEST_NAME} characters")
        found = self.mapping.state(row.values["incident_state"])
        if found is None:
            raise BadValue(
                f"incident_state {row.values['incident_state']!r} is in no line of the mapping's [states]"
            )
        assert at is not None
        return number, _Step(at, row.line, found[0])

    def incident(self, number: str, history: _History, as_of: datetime | None) -> Incident:
        """What the last row says, without what lies behind `as_of`."""
        told = history.last
        state, awaited = self.mapping.state(told["incident_state"]) or ("open", None)
        ended = history.since(("resolved", "closed")) if state in ("resolved", "closed") else None
        return Incident(
            number=number,
            state=state,
            awaited=awaited,
            opened_at=self.instant(told["opened_at"]),
            resolved_at=self._end(told, "resolved_at", ended, as_of),
            closed_at=self._end(
                told, "closed_at", history.since(("closed",)) if state == "closed" else None, as_of
            ),
            category=told.get("category"),
            location=told.get("location"),
            caller=told.get("caller_id"),
            impact=LEVELS.get((told.get("impact") or "")[:1]),
            urgency=LEVELS.get((told.get("urgency") or "")[:1]),
            summary=_joined(told, ("short_description",))
            or _joined(told, ("category", "subcategory"))
            or number,
            description=_joined(told, ("description", "u_symptom", "assignment_group")),
        )

    def _date(self, row: Row, name: str) -> datetime | None:
        text = row.values.get(name)
        try:
            return self.instant(text) if text else None
        except BadValue as reason:
            raise BadValue(f"{name}: {reason}") from None

    def _end(
        self, told: dict[str, str | None], name: str, began: datetime | None, as_of: datetime | None
    ) -> datetime | None:
        """When it ended: as the row says, else when its last rows began to say so; None while it has not."""
        text = told.get(name)
        said = self.instant(text) if text else None
        known = said is not None and (as_of is None or said <= as_of)
        return said if began is not None and known else began


def _by_rank(places: Iterable[str | None]) -> list[str]:
    found = Counter(place for place in places if place)
    return sorted(found, key=lambda name: (-found[name], name))


def _joined(told: dict[str, str | None], names: tuple[str, ...]) -> str:
    return " · ".join(value for name in names if (value := told.get(name)))
