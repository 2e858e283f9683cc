"""The form of a what-if: what is assumed, row by row, as typed and as understood."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select

from dispatch.board.when import instants_of
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.labels import label
from dispatch.models.client import Category, Client
from dispatch.models.place import Building, Kiosk, Site, Territory
from dispatch.models.technician import Shift, Technician
from dispatch.planning.assuming import KINDS, MOST, WrongAssumption
from dispatch.sla.calendar import local_instant

NAMES = ("technician", "from", "to", "building", "category", "count", "priority", "minutes", "kiosk", "job")
USUAL = {"count": "1", "priority": "3"}


@dataclass(slots=True)
class Row:
    """One assumption as it was typed; `errors` says in words what is wrong with which field."""

    number: int
    kind: str
    typed: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def given(self, territory: Territory, day: date) -> dict[str, Any]:
        """As planning.assuming wants it; what is not understood is in `errors`."""
        read = {
            "absent": self._absent, "more_jobs": self._more_jobs, "kiosk_closed": self._kiosk_closed,
            "longer": self._longer,
        }  # fmt: skip
        return {"kind": self.kind, **read[self.kind](territory.zone, day)}

    def _absent(self, zone: str, day: date) -> dict[str, Any]:
        who = self._whole("technician")
        begin = self._time("from", zone, day) or max(now(), local_instant(day, 0, zone))
        return {
            "technician": who,
            "from": begin,
            "to": self._time("to", zone, day) or _day_ends(who, zone, day),
        }

    def _more_jobs(self, _zone: str, _day: date) -> dict[str, Any]:
        """The category is named with its client, because clients call theirs by the same codes."""
        client, _colon, code = self.typed["category"].partition(":")
        building = self._whole("building")
        theirs = select(Building.id).join(Building.site).join(Site.client)
        if not db.session.scalar(theirs.where(Building.id == building, Client.code == client)):
            self.errors.setdefault("category", str(label("not_of_client", "refused")))
        minutes = self._whole("minutes") if self.typed["minutes"] else None
        return {"building": building, "category": code, "count": self._whole("count"),
                "priority": self._whole("priority"), "minutes": minutes, "summary": ""}  # fmt: skip

    def _kiosk_closed(self, zone: str, day: date) -> dict[str, Any]:
        begin = self._time("from", zone, day) or max(now(), local_instant(day, 0, zone))
        return {"kiosk": self._whole("kiosk"), "from": begin}

    def _longer(self, _zone: str, _day: date) -> dict[str, Any]:
        return {"job": self.typed["job"], "minutes": self._whole("minutes")}

    def _whole(self, name: str) -> int:
        text = self.typed[name]
        if text.isascii() and text.isdigit() and len(text) < 9:
            return int(text)
        self.errors[name] = str(label("out_of_range" if text else "required", "refused"))
        return 0

    def _time(self, name: str, zone: str, day: date) -> datetime | None:
        if not self.typed[name]:
            return None
        found, wrong = instants_of(self.typed[name], day, zone)
        if wrong:
            self.errors[name] = wrong
        return found[0] if found else None


@dataclass(slots=True)
class WhatIfForm:
    """The rows, and what may be chosen in them; `trouble` concerns all of it."""

    territory: Territory
    day: date
    rows: list[Row]
    trouble: str = ""

    @classmethod
    def read(cls, typed: Mapping[str, str], territory: Territory, day: date) -> WhatIfForm:
        rows = [
            Row(number, kind, {name: typed.get(f"{name}-{number}", "").strip()[:200] for name in NAMES})
            for number in range(MOST) if (kind := typed.get(f"kind-{number}", "")) in KINDS
        ]  # fmt: skip
        return cls(territory, day, rows)

    def change(self, add: str, drop: str) -> None:
        """A row more, or a row less."""
        self.rows = [row for row in self.rows if str(row.number) != drop]
        free = next(
            (number for number in range(MOST) if number not in {row.number for row in self.rows}), None
        )
        if add in self.kinds and free is not None:
            self.rows.append(Row(free, add, {name: USUAL.get(name, "") for name in NAMES}))

    def given(self) -> list[dict[str, Any]] | None:
        """What is assumed; None when something is not understood, which its row then says."""
        found = [row.given(self.territory, self.day) for row in self.rows]
        if not found:
            self.trouble = _("Say what is to be assumed: add at least one line.")
        return found if found and not any(row.errors for row in self.rows) else None

    def refuse(self, error: WrongAssumption) -> None:
        for (place, name), code in error.errors.items():
            self.rows[place].errors[name] = str(label(code, "refused"))

    @property
    def errors(self) -> list[tuple[str, str]]:
        return [(f"{name}-{row.number}", told) for row in self.rows for name, told in row.errors.items()]

    @property
    def kinds(self) -> list[str]:
        """What this reader may assume here: an absence concerns everybody's work."""
        mine = {"absent": current_user.every_client, "kiosk_closed": bool(self.kiosks)}
        return [kind for kind in KINDS if mine.get(kind, True)]

    @property
    def technicians(self) -> Sequence[tuple[int, str]]:
        here = Technician.visible_to(current_user).where(Technician.territory_id == self.territory.id)
        rows = db.session.scalars(here.where(Technician.left_at.is_(None)))
        return [(row.id, row.name) for row in rows]

    @property
    def buildings(self) -> Sequence[tuple[int, str]]:
        here = Building.visible_to(current_user).where(Site.territory_id == self.territory.id)
        rows = db.session.scalars(here).unique()
        return sorted(
            ((row.id, f"{row.site.client.name} · {row.full_name}") for row in rows), key=lambda one: one[1]
        )

    @property
    def categories(self) -> Iterator[tuple[str, list[tuple[str, Category]]]]:
        """By client, as groups of a list: (name of the client, [(value, category)])."""
        here = select(Site.client_id).where(Site.territory_id == self.territory.id)
        for client in db.session.scalars(Client.visible_to(current_user).where(Client.id.in_(here))):
            mine = select(Category).where(Category.client_id == client.id).order_by(Category.label_fr)
            yield client.name, [(f"{client.code}:{one.code}", one) for one in db.session.scalars(mine)]

    @property
    def kiosks(self) -> Sequence[tuple[int, str]]:
        mine = (
            select(Kiosk).join(Kiosk.building).join(Building.site).where(current_user.may_see(Site.client_id))
        )
        rows = db.session.scalars(mine.where(Site.territory_id == self.territory.id).order_by(Kiosk.name))
        return [(row.id, row.name) for row in rows]


def _day_ends(technician_id: int, zone: str, day: date) -> datetime:
    """At midnight, or with the night shift that begins on that day."""
    begin, midnight = local_instant(day, 0, zone), local_instant(day, 1440, zone)
    mine = (Shift.technician_id == technician_id, Shift.starts_at >= begin, Shift.starts_at < midnight)
    last = db.session.scalar(select(func.max(Shift.ends_at)).where(*mine))
    return max(midnight, last) if last else midnight
