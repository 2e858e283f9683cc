"""What a problem is made of, read from the tables in a constant number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import defer, joinedload, selectinload

from dispatch.extensions import db
from dispatch.models.client import AdminRight, Category, Client
from dispatch.models.job import Job
from dispatch.models.night import in_nights
from dispatch.models.place import Building, Kiosk, Site, Territory
from dispatch.models.technician import (
    Absence,
    KioskDuty,
    Preference,
    RightGrant,
    Shift,
    Technician,
    TechnicianSkill,
)
from dispatch.models.ticket import Requester, Ticket
from dispatch.models.transitions import BEGUN, ENDED, OPEN
from dispatch.planning.crew import Visit, Visits
from dispatch.planning.horizon import Horizon, Places


def jobs_of(territory: Territory, horizon: Horizon, technician_ids: Collection[int] | None, planned_only: bool,
            extra: Job | None) -> list[Job]:  # fmt: skip
    """Open work of the territory: unplanned, planned in the horizon, or under way."""
    which = open_work(territory, horizon, technician_ids, planned_only)
    jobs = list(db.session.scalars(loaded(select(Job)).where(which).order_by(Job.id)).unique())
    return with_extra(jobs, extra)


def open_work(territory: Territory, horizon: Horizon, technician_ids: Collection[int] | None = None,
              planned_only: bool = True) -> ColumnElement[bool]:  # fmt: skip
    """Which jobs those are, for those who read them to write and for those who only look (glance.py)."""
    wanted = planned_in(horizon) if planned_only else or_(Job.day.is_(None), planned_in(horizon))
    found = (Job.territory_id == territory.id) & Job.state.in_(OPEN) & (wanted | Job.state.in_(BEGUN))
    return found if technician_ids is None else found & Job.technician_id.in_(technician_ids)


def with_extra(jobs: list[Job], extra: Job | None) -> list[Job]:
    """With this one too, unless it has ended: its place among the others says nothing."""
    if extra is not None and extra not in jobs and extra.state not in ENDED:
        jobs.append(extra)
    return jobs


def hold_jobs(territory_id: int, *horizons: Horizon, ids: Collection[int] = ()) -> None:
    """Nobody else changes the open work of the territory from here on: a tap on a phone waits for the plan.

    Whoever holds work of several horizons, or other jobs (`ids`) too, does it at once: they are held by their id.
    """
    here = (Job.territory_id == territory_id) & Job.state.in_(OPEN)
    concerned = or_(Job.day.is_(None), *(planned_in(horizon) for horizon in horizons))
    wanted = (here & concerned) | Job.id.in_(ids)
    query = select(Job).where(wanted).order_by(Job.id).with_for_update(of=Job)
    db.session.scalars(query.execution_options(populate_existing=True)).all()


def planned_in(horizon: Horizon) -> ColumnElement[bool]:
    """Jobs on the days of the horizon, or in the night that it begins with."""
    return or_(Job.day.in_(horizon.dates), in_nights(horizon.nights))


def loaded(query: Select[Job]) -> Select[Job]:
    """The same query with everything a problem reads, in a constant number of statements."""
    return query.options(
        selectinload(Job.ticket).options(
            defer(Ticket.description),
            defer(Ticket.unknown),
            defer(Ticket.missing),
            defer(Ticket.fingerprint),
            joinedload(Ticket.requester).load_only(Requester.phone),
            selectinload(Ticket.category).selectinload(Category.skill),
        ),
        selectinload(Job.client).selectinload(Client.closures),
        selectinload(Job.building).joinedload(Building.site).joinedload(Site.client),
        selectinload(Job.admin_right).joinedload(AdminRight.client),
        selectinload(Job.technician),
        selectinload(Job.refusals),
    )


def technicians_of(territory: Territory, ids: Collection[int] | None, horizon: Horizon) -> list[Technician]:
    query = select(Technician).where(Technician.territory_id == territory.id, Technician.left_at.is_(None))
    if ids is not None:
        query = query.where(Technician.id.in_(ids))
    query = query.options(
        selectinload(Technician.skills).joinedload(TechnicianSkill.skill),
        selectinload(Technician.rights).joinedload(RightGrant.admin_right).joinedload(AdminRight.client),
        selectinload(Technician.accesses),
        selectinload(Technician.secondments),
        selectinload(Technician.shifts.and_(concerns(horizon))),
        selectinload(Technician.absences.and_(Absence.ends_at > horizon.origin)),
        selectinload(Technician.duties.and_(KioskDuty.ends_at > horizon.origin))
        .joinedload(KioskDuty.kiosk)
        .joinedload(Kiosk.building),
    )
    # one transaction may look at two days: the shifts of the first are not those of the second
    afresh = query.order_by(Technician.code).execution_options(populate_existing=True)
    return list(db.session.scalars(afresh).unique())


def concerns(horizon: Horizon) -> ColumnElement[bool]:
    """The shifts that begin inside the horizon, and those which are going on when it begins."""
    going_on = Shift.ends_at > horizon.begin
    return (Shift.starts_at < horizon.end) & or_(Shift.starts_at >= horizon.origin, going_on)


def preferences_of(jobs: Sequence[Job]) -> list[Preference]:
    clients = {job.client_id for job in jobs}
    return list(
        db.session.scalars(
            select(Preference).where(Preference.client_id.in_(clients)).order_by(Preference.id)
        )
    )


def visits_of(technicians: Sequence[Technician], horizon: Horizon, places: Places) -> Visits:
    """What technicians have visited today or in the night before; counted for those who may not make many."""
    limited = [technician.id for technician in technicians if technician.max_visits is not None]
    return Visits(_last_visits(technicians, horizon, places), _counted(limited, horizon) if limited else {})


def _counted(ids: Collection[int], horizon: Horizon) -> dict[int, list[datetime]]:
    """When their visits ended: not a call that made one needless, nor what was given up before he set out."""
    left_for_it = Job.travelling_at.is_not(None) | Job.working_at.is_not(None)
    made = left_for_it & Job.outcome.is_distinct_from("solved_remotely")
    query = select(Job.technician_id, Job.ended_at, Job.waived).where(_ended(ids, horizon), made)
    found: dict[int, list[datetime]] = defaultdict(list)
    for technician_id, ended_at, waived in db.session.execute(query):
        if "visits" not in waived:
            found[technician_id].append(ended_at)
    return found


def _ended(ids: Collection[int], horizon: Horizon) -> ColumnElement[bool]:
    """The work on site of these technicians that ended today or the day before."""
    since = Job.ended_at >= horizon.origin - timedelta(days=1)
    done = Job.state.in_(("completed", "not_completed")) & since
    return done & Job.technician_id.in_(ids) & (Job.mode == "on_site")


def _last_visits(technicians: Sequence[Technician], horizon: Horizon, places: Places) -> dict[int, Visit]:
    """When and where each technician ended his last visit, today or in the night before."""
    visit = _ended([technician.id for technician in technicians], horizon)
    latest = (
        select(Job.technician_id, func.max(Job.ended_at).label("ended_at"))
        .where(visit)
        .group_by(Job.technician_id)
        .subquery()
    )
    query = (
        select(Job.technician_id, Job.ended_at, Building)
        .join(Building, Building.id == Job.building_id)
        .join(latest, (latest.c.technician_id == Job.technician_id) & (latest.c.ended_at == Job.ended_at))
        .where(visit)
    )
    found: dict[int, Visit] = {}
    for technician_id, ended_at, building in db.session.execute(query).unique():
        if (
            technician_id is None
            or ended_at is None
            or building.latitude is None
            or building.longitude is None
        ):
            continue
        place = places.add(f"building:{building.id}", building.latitude, building.longitude)
        found[technician_id] = Visit(ended_at, place)
    return found
