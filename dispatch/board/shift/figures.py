"""A territory's day in numbers, a row per client: of the work that the reader may see, and of nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from dispatch.board.rows import Day
from dispatch.clock import now
from dispatch.extensions import db
from dispatch.models.client import Client
from dispatch.models.entry import Entry
from dispatch.models.job import Job
from dispatch.models.place import Building, Kiosk, Site
from dispatch.models.technician import KioskDuty, Technician
from dispatch.models.transitions import ENDED
from dispatch.models.user import User


@dataclass
class Tally:
    """The numbers of one client, or of all of them. Times are minutes.

    `late` and `at_risk` are of work still open, as the board marks it; a promise is `kept` or `broken` as far
    as that is known by now. Of who came to a kiosk that day `waited` is the sum that `wait`, the mean, is made of.
    """

    planned: int = 0
    served: int = 0
    not_completed: int = 0
    unassigned: int = 0
    late: int = 0
    at_risk: int = 0
    kept: int = 0
    broken: int = 0
    travel: float = 0
    work: float = 0
    worked: float = 0
    kiosk: float = 0
    visitors: int = 0
    waiting: int = 0
    waited: float = 0
    longest: float = 0

    @property
    def wait(self) -> float:
        return self.waited / self.visitors if self.visitors else 0

    def add(self, other: Tally) -> None:
        longest = max(self.longest, other.longest)
        for field in fields(Tally):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))
        self.longest = longest


# what is told of them, in this order
NAMES = (
    "planned", "served", "not_completed", "unassigned", "late", "at_risk", "kept", "broken", "travel", "work", "worked",
    "kiosk", "visitors", "waiting", "wait", "longest",
)  # fmt: skip
MINUTES = ("travel", "work", "worked", "kiosk", "wait", "longest")
Figures = dict[str, Tally]


def figures_of(board: Day, user: User) -> tuple[Figures, Tally]:
    """By client's name, with the total; clients of the territory without any work are told with noughts."""
    names = dict(db.session.execute(_clients(board, user)).all())
    found = {key: Tally() for key in names}
    total = Tally()
    for client_id, tally in [*_work(board), *_duties(board, user), *_visitors(board, user)]:
        found.setdefault(client_id, Tally()).add(tally)
        total.add(tally)
    return {names[key]: tally for key, tally in found.items() if key in names}, total


def _clients(board: Day, user: User) -> Any:
    """The reader's clients that have a place here, or belong here."""
    sites = select(Site.client_id).where(Site.territory_id == board.territory.id)
    works = select(Job.client_id).where(Job.territory_id == board.territory.id)
    here = Client.id.in_(sites) | (Client.territory_id == board.territory.id) | Client.id.in_(works)
    return Client.visible_to(user).with_only_columns(Client.id, Client.name).where(here)


def _work(board: Day) -> Iterator[tuple[int, Tally]]:
    stops = {stop.id: stop for stop in board.stops}
    waiting = {one.stop.id for one in board.decisions if one.kind == "unassigned"}
    for row in db.session.execute(_facts([*stops, *waiting])):
        tally = Tally(unassigned=int(row.id in waiting), **_promise(row))
        if stop := stops.get(row.id):
            mark = stop.mark.status if stop.mark else ""
            tally.planned, tally.late, tally.at_risk = 1, int(mark == "late"), int(mark == "at_risk")
            tally.served, tally.not_completed = (
                int(row.state == "completed"),
                int(row.state == "not_completed"),
            )
            tally.travel = stop.travel / 60
            tally.work = _between(stop.start, stop.end)
            tally.worked = row.worked_seconds / 60 + (
                _between(row.state_at, now()) if row.state == "working" else 0
            )
        yield row.client_id, tally


def _facts(ids: Iterable[int]) -> Any:
    columns = (Job.id, Job.client_id, Job.state, Job.state_at, Job.worked_seconds, Job.working_at, Job.ended_at,
               Job.promised_from, Job.promised_to)  # fmt: skip
    return select(*columns).where(Job.id.in_(ids))


def _promise(row: Row[Any]) -> dict[str, int]:
    """Kept by who begins inside the window; broken outside it, or when it has passed with nobody there."""
    if row.promised_from is None or row.promised_to is None:
        return {}
    begun = row.working_at or (row.ended_at if row.state in ENDED else None)
    if begun is None:
        return {"broken": 1} if row.promised_to < now() else {}
    return {"kept": 1} if row.promised_from <= begun <= row.promised_to else {"broken": 1}


def _duties(board: Day, user: User) -> Iterator[tuple[int, Tally]]:
    """Minutes of kiosk duty inside the day, by whose kiosk it is."""
    query = select(Site.client_id, KioskDuty.starts_at, KioskDuty.ends_at).join(KioskDuty.kiosk)
    query = query.join(Kiosk.building).join(Building.site)
    query = query.join(Technician, Technician.id == KioskDuty.technician_id).where(
        Technician.territory_id == board.territory.id, Technician.left_at.is_(None), user.may_see(Site.client_id),
        KioskDuty.starts_at < board.end, KioskDuty.ends_at > board.begin,
    )  # fmt: skip
    for client_id, start, end in db.session.execute(query):
        yield client_id, Tally(kiosk=_between(max(start, board.begin), min(end, board.end)))


def _visitors(board: Day, user: User) -> Iterator[tuple[int, Tally]]:
    """Who came to a kiosk of the territory that day: his wait ends when he is served, leaves or is not there."""
    query = select(Entry).join(Entry.kiosk).join(Kiosk.building).join(Building.site).where(
        Site.territory_id == board.territory.id, user.may_see(Site.client_id), Entry.day == board.day
    )  # fmt: skip
    for entry in db.session.scalars(query):
        wait = entry.wait(now()) / 60
        yield (
            entry.client_id,
            Tally(visitors=1, waiting=int(entry.state == "waiting"), waited=wait, longest=wait),
        )


def _between(start: datetime | None, end: datetime | None) -> float:
    return (end - start).total_seconds() / 60 if start and end else 0
