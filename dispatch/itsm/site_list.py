"""A list of places as CSV: its columns are recognised by the names that such lists usually give them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from dispatch.itsm.base import BadRow, BadValue, Heard, Row, Table, Unusable

# what we need -> how lists call it, best name first
COLUMNS = {
    "code": ("code", "uai", "osm_id", "site_code", "id"),
    "name": ("name", "nom", "site", "libelle"),
    "kind": ("kind", "type"),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lon", "lng"),
    "address": ("address", "adresse"),
    "postcode": ("postcode", "code_postal"),
    "city": ("city", "ville", "commune"),
    "weight": ("pupils", "weight", "headcount", "effectif"),
}
NEEDED = ("code", "latitude", "longitude")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Place:
    """One site of the list; `weight` is how many people are there, where the list says it."""

    code: str
    name: str
    address: str
    latitude: float
    longitude: float
    weight: float = 0.0


@dataclass(slots=True)
class Places:
    """The usable places in the order of the file, and what was refused."""

    places: list[Place] = field(default_factory=list)
    rows: int = 0
    bad: list[BadRow] = field(default_factory=list)

    def biggest_first(self) -> list[Place]:
        """By weight; places without one keep the order of the file, behind the others."""
        return sorted(self.places, key=lambda one: -one.weight)


def read_sites(path: Path, city: str | None = None, heard: Heard = lambda _share: None) -> Places:
    """The places of a list, those of one `city` only when it is given (case does not matter).

    Raises Unusable when the list has no column for codes or coordinates, or none for the city asked for.
    """
    table = Table(path, heard)
    found = Places()
    lines: dict[str, int] = {}
    for row in table:
        columns = _recognised(table, city)
        if city and (row.values[columns["city"]] or "").casefold() != city.casefold():
            continue
        try:
            place = _place(row, columns)
            if place.code in lines:
                raise BadValue(f"the code {place.code} is that of line {lines[place.code]} already")
        except BadValue as reason:
            table.bad.append(row.refused(reason))
            continue
        lines[place.code] = row.line
        found.places.append(place)
    _recognised(table, city)
    found.rows, found.bad = table.rows_read, table.bad
    return found


def _recognised(table: Table, city: str | None) -> dict[str, str]:
    """Our name -> the column of this list."""
    named = {column.casefold(): column for column in table.columns}
    columns = {
        wanted: named[known[0]]
        for wanted, names in COLUMNS.items()
        if (known := [name for name in names if name in named])
    }
    for wanted in (*NEEDED, *(["city"] if city else [])):
        if wanted not in columns:
            raise Unusable(
                f"{table.path.name}: no column for {wanted}; name it {' or '.join(COLUMNS[wanted])}"
            )
    return columns


def _place(row: Row, columns: dict[str, str]) -> Place:
    told = {wanted: row.values[column] or "" for wanted, column in columns.items()}
    if not told["code"]:
        raise BadValue("the code is missing")
    for wanted, text in told.items():
        if len(text) > LONGEST:
            raise BadValue(f"{wanted} has {len(text)} characters, more than {LONGEST}")
    latitude, longitude = _degrees(told, "latitude", 90), _degrees(told, "longitude", 180)
    town = " ".join(part for part in (told.get("postcode"), told.get("city")) if part)
    return Place(
        code=told["code"],
        name=told.get("name") or " ".join(part for part in (told.get("kind"), told["code"]) if part),
        address=", ".join(part for part in (told.get("address"), town) if part),
        latitude=latitude,
        longitude=longitude,
        weight=_weight(told.get("weight", "")),
    )


def _degrees(told: dict[str, str], wanted: str, limit: int) -> float:
    try:
        degrees = float(told[wanted])
    except ValueError:
        raise BadValue(f"{wanted} {told[wanted]!r} is no number") from None
    if not -limit <= degrees <= limit:
        raise BadValue(f"{wanted} {degrees} lies outside -{limit} to {limit}")
    return degrees


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 < weight < float("inf") else 0.0
