"""What must be true of the database after every run of the battery (I1 to I4, I6 and I7); reads only, either kind.

Each returns what it found wrong, one sentence each; `everything_wrong` is all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import pairwise

from sqlalchemy import func, inspect, select, text

from dispatch.extensions import db
from dispatch.models import entry_states
from dispatch.models.client import AdminRight, Category
from dispatch.models.entry import Entry
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.models.place import Building, Site
from dispatch.models.ticket import Requester, Ticket
from dispatch.models.transitions import ENDED, ON_PHONE, find


def everything_wrong() -> list[str]:
    return [
        *homeless(),
        *overlaps(),
        *broken_chains(),
        *broken_queues(),
        *broken_entries(),
        *mixed_clients(),
        *orphans(),
    ]


def homeless() -> list[str]:
    """I1: an open job has a technician, a day and times, or none of them and is unplanned."""
    wrong = []
    for job in db.session.scalars(select(Job).where(Job.state.not_in(ENDED))):
        place = [job.technician_id, job.day, job.planned_start, job.planned_end]
        seated = job.state in ("planned", *ON_PHONE)
        if (None in place) if seated else any(part is not None for part in place):
            wrong.append(f"I1: {job.number} is {job.state} with {place}")
    return wrong


def overlaps() -> list[str]:
    """I2: no technician has two open jobs at once."""
    query = select(Job).where(Job.state.not_in(ENDED), Job.technician_id.is_not(None))
    jobs = db.session.scalars(query.order_by(Job.technician_id, Job.planned_start)).all()
    return [
        f"I2: {_span(one)} and {_span(two)} overlap on technician {one.technician_id}"
        for one, two in pairwise(jobs)
        if one.technician_id == two.technician_id and one.planned_end > two.planned_start
    ]


def _span(job: Job) -> str:
    return f"{job.number} ({job.state}, {job.planned_start:%H:%M:%S} to {job.planned_end:%H:%M:%S})"


def broken_chains() -> list[str]:
    """I3: every noted move is legal and begins where the one before has ended; the last is where the job is."""
    wrong, present = [], {}
    query = select(Event).where(Event.kind == "job.state").order_by(Event.job_id, Event.id)
    for event in db.session.scalars(query):
        source, target, move = (event.data.get(name) for name in ("source", "target", "move"))
        if event.job_id in present and present[event.job_id] != source:
            wrong.append(f"I3: event {event.id} leaves {source}, the job was {present[event.job_id]}")
        if move != "undone" and find(move, source) is None:
            wrong.append(f"I3: event {event.id}: {move} from {source} is not legal")
        present[event.job_id] = target
    states = dict(db.session.execute(select(Job.id, Job.state)).all())
    return wrong + [
        f"I3: job {key} is {states[key]}, its log says {state}"
        for key, state in present.items()
        if states[key] != state
    ]


def lost(acknowledged: Collection[str], sent: Collection[str]) -> list[str]:
    """I4: of the summaries sent as tickets, those acknowledged are there once; others once or not at all."""
    query = select(Ticket.summary, func.count()).where(Ticket.summary.in_(sent)).group_by(Ticket.summary)
    found = dict(db.session.execute(query).all())
    missing = [f"I4: {name} was acknowledged and is not there" for name in acknowledged if name not in found]
    return missing + [f"I4: {name} is there {count} times" for name, count in found.items() if count > 1]


def broken_queues() -> list[str]:
    """I7: a kiosk's numbers of a day begin at 1 and leave none out, and nobody has two at his desk."""
    wrong, last, desks = [], {}, set()
    for entry in db.session.scalars(select(Entry).order_by(Entry.number)):
        day = (entry.kiosk_id, entry.day)
        if entry.number != last.get(day, 0) + 1:
            wrong.append(f"I7: kiosk {entry.kiosk_id} gave {entry.number} after {last.get(day)}")
        last[day] = entry.number
        if entry.is_at_desk and entry.technician_id:
            desk = (*day, entry.technician_id)
            wrong += [f"I7: technician {entry.technician_id} has two at his desk"] if desk in desks else []
            desks.add(desk)
    return wrong


def broken_entries() -> list[str]:
    """I3, of who came to a kiosk."""
    wrong: list[str] = []
    present: dict[int, str] = {}
    for event in db.session.scalars(select(Event).where(Event.kind == "entry.state").order_by(Event.id)):
        key, source, target, move = (event.data[name] for name in ("entry", "source", "target", "move"))
        found = entry_states.find(move, source) if source else None
        if present.get(key) != source or target != (found.target if found else "waiting"):
            wrong.append(f"I3: event {event.id}: {move} from {source} to {target}, it was {present.get(key)}")
        present[key] = target
    kept = db.session.execute(select(Entry.id, Entry.state)).all()
    lost = ((key, state) for key, state in kept if present.get(key) != state)
    return wrong + [f"I3: entry {key} is {state}, its log says {present.get(key)}" for key, state in lost]


def mixed_clients() -> list[str]:
    """I6: nothing of one client hangs on something of another."""
    pairs = {
        "ticket and requester": select(Ticket.id).join(Requester, Requester.id == Ticket.requester_id).where(
            Requester.client_id != Ticket.client_id),
        "ticket and contact": select(Ticket.id).join(Requester, Requester.id == Ticket.contact_id).where(
            Requester.client_id != Ticket.client_id),
        "ticket and building": select(Ticket.id).join(Building, Building.id == Ticket.building_id).join(
            Site, Site.id == Building.site_id).where(Site.client_id != Ticket.client_id),
        "ticket and category": select(Ticket.id).join(Category, Category.id == Ticket.category_id).where(
            Category.client_id != Ticket.client_id),
        "job and ticket": select(Job.id).join(Ticket, Ticket.id == Job.ticket_id).where(
            Ticket.client_id != Job.client_id),
        "job and building": select(Job.id).join(Building, Building.id == Job.building_id).join(
            Site, Site.id == Building.site_id).where(Site.client_id != Job.client_id),
        "job and admin right": select(Job.id).join(AdminRight, AdminRight.id == Job.admin_right_id).where(
            AdminRight.client_id != Job.client_id),
    }  # fmt: skip
    return [
        f"I6: {what} of two clients: {key}"
        for what, query in pairs.items()
        for key in db.session.scalars(query)
    ]


def orphans() -> list[str]:
    """I6: the file is whole, and every reference leads somewhere."""
    if db.engine.dialect.name == "sqlite":
        checked = db.session.execute(text("PRAGMA integrity_check")).scalars().all()
        dangling = db.session.execute(text("PRAGMA foreign_key_check")).all()
        return [f"I6: {line}" for line in [*checked, *dangling] if line != "ok"]
    return list(_dangling())


def _dangling() -> Iterable[str]:
    """PostgreSQL checks references itself; a restored or damaged table need not have been."""
    for table in inspect(db.engine).get_table_names():
        for key in inspect(db.engine).get_foreign_keys(table):
            (here,), (there,) = key["constrained_columns"], key["referred_columns"]
            query = text(f'SELECT count(*) FROM "{table}" a LEFT JOIN "{key["referred_table"]}" b ON '
                         f'a."{here}" = b."{there}" WHERE a."{here}" IS NOT NULL AND b."{there}" IS NULL')  # fmt: skip
            if count := db.session.scalar(query):
                yield f"I6: {count} rows of {table}.{here} lead nowhere"
