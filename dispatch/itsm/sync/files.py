"""What the commands `import sites` and `import incidents` do: files in, rows and a report out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from dispatch.extensions import db, reading
from dispatch.itsm.base import BadRow, Heard, Unusable
from dispatch.itsm.incident_log import read_log
from dispatch.itsm.mapping import DEFAULT, read_mapping
from dispatch.itsm.site_list import Place, read_sites
from dispatch.itsm.sync.incidents import sync_incidents
from dispatch.itsm.sync.sites import Counted, buildings_of, sync_sites
from dispatch.models.client import Client
from dispatch.models.place import Building, Territory

DEFAULT_ZONE = "Europe/Paris"
Watch = Callable[[str], Heard]


class Owner(NamedTuple):
    """Whose rows an import makes: codes, and the names under which to make what there is not yet."""

    client: str
    territory: str | None = None
    new_client: str | None = None
    new_territory: str | None = None


@dataclass(slots=True)
class Report:
    """What an import did, for the person who started it."""

    what: str
    counted: Counted
    rows: int
    bad: list[BadRow]
    began: float
    notes: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        seconds = max(0.001, time.monotonic() - self.began)
        told = self.counted
        return [
            *self.notes,
            f"{told.total} {self.what}: {told.created} created, {told.updated} updated, {told.unchanged} unchanged",
            f"{self.rows} rows in {seconds:.1f} s ({self.rows / seconds:,.0f} rows/s), {len(self.bad)} quarantined",
        ]


def import_sites(file: Path, owner: Owner, city: str | None, watch: Watch) -> Report:
    """Make a site of each row that the client does not have yet. The caller commits. Raises Unusable."""
    began = time.monotonic()
    found = read_sites(file, city, watch("reading"))
    client, territory = _rows_of(owner)
    if territory is None:
        raise Unusable("Say with --territory CODE where the sites belong.")
    counted = sync_sites(client, territory, found.places)
    return Report("sites", counted, found.rows, found.bad, began)


def import_incidents(file: Path, owner: Owner, sites: Path, watch: Watch, *, city: str | None = None,
                     as_of: str | None = None, mapping: Path | None = None) -> Report:  # fmt: skip
    """Bring the client's tickets to what a log says, on the sites of a list. The caller commits.

    `as_of` is RFC 3339; without an offset it is a wall time of the client. Raises Unusable.
    """
    began = time.monotonic()
    zone = _zone(owner.client)
    meaning = read_mapping(mapping or DEFAULT)
    places = read_sites(sites, city).biggest_first()
    log = read_log(file, zone, meaning, _instant(as_of, zone), watch("reading"))
    client, territory = _rows_of(owner)
    buildings = _buildings(client, territory, places)
    counted = sync_incidents(client, log, meaning, buildings, watch("writing"))
    source = (mapping or DEFAULT).name
    assumed = (
        f"Assumed: times of the log are wall times of {zone}; its {len(log.locations)} locations lie, by rank, on "
        f"{len(buildings)} sites of {sites.name}; kinds of work, durations, skills and on-site shares are those "
        f"of {source}, which can be edited."
    )
    report = Report("incidents", counted, log.rows, log.bad, began, [assumed])
    if log.unknown_columns:
        report.notes.append(f"Columns that nobody knows were left aside: {', '.join(log.unknown_columns)}")
    return report


def _zone(code: str) -> str:
    """Read apart: nobody's writing has to wait until a long file is read."""
    with reading(), db.engine.connect() as connection:
        return connection.scalar(select(Client.zone).where(Client.code == code)) or DEFAULT_ZONE


def _rows_of(owner: Owner) -> tuple[Client, Territory | None]:
    """The client and where its new sites belong, made when their names are given; not its own territory."""
    territory = None
    if owner.territory:
        territory = db.session.scalar(select(Territory).where(Territory.code == owner.territory))
        if territory is None and not owner.new_territory:
            raise Unusable(f"There is no territory {owner.territory}. Make it with --create-territory NAME.")
        if territory is None:
            territory = Territory(code=owner.territory, name=owner.new_territory)
            db.session.add(territory)
            db.session.flush()
    client = db.session.scalar(select(Client).where(Client.code == owner.client))
    if client is None and not owner.new_client:
        raise Unusable(f"There is no client {owner.client}. Make it with --create-client NAME.")
    if client is None:
        client = Client(
            code=owner.client, name=owner.new_client, territory_id=territory.id if territory else None
        )
        db.session.add(client)
        db.session.flush()
    return client, territory


def _buildings(client: Client, territory: Territory | None, places: list[Place]) -> list[Building]:
    """The client's buildings for the places, the biggest first; missing ones are made in the territory."""
    if territory is not None:
        sync_sites(client, territory, places)
    known = buildings_of(client)
    missing = [place.code for place in places if place.code not in known]
    if missing or not places:
        raise Unusable(f"{client.code} lacks {len(missing)} of {len(places)} sites. Import them first, "
                       "or say with --territory CODE where they belong.")  # fmt: skip
    return [known[place.code] for place in places]


def _instant(text: str | None, zone: str) -> datetime | None:
    if text is None:
        return None
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise Unusable(f"--as-of {text}: write 2016-03-07T06:00 or 2016-03-07T06:00+01:00.") from None
    return (said if said.tzinfo else said.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
