"""Room for an urgent job on a day that is full."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm.exc import StaleDataError

from dispatch import clock
from dispatch.models.job import IllegalMove, Job
from dispatch.planning.room import make_room, room_for
from tests import factories as make
from tests.people import Cast


@pytest.fixture(autouse=True)
def monday_before_dawn(session: Any) -> Any:
    with clock.at(make.at("06:30")):
        yield


@pytest.fixture
def full(cast: Cast, session: Any) -> dict[str, Job]:
    """Zoé and Tariq have no minute left: long work, and one short job of low priority on Zoé's day."""
    make.territory().max_overtime_minutes = 0
    minor = make.ticket("Souris", priority=4)
    jobs = {
        "tariq": make.job("long", technician=cast.tariq, start=make.at("08:15"), minutes=510),
        "zoe": make.job("long aussi", technician=cast.zoe, start=make.at("08:15"), minutes=420),
        "minor": make.job(of=minor, technician=cast.zoe, start=make.at("15:20"), minutes=85),
        "urgent": make.job(of=make.ticket("Serveur", priority=1), minutes=60),
    }
    session.commit()
    return jobs


def test_the_cheaper_job_makes_way_for_the_urgent_one(cast, session, full):
    room = room_for(full["urgent"], cast.diane)
    assert room is not None and room.technician == cast.zoe
    kinds = {one["job"]: one["kind"] for one in room.changes}
    assert kinds[full["urgent"].id] == "assigned" and kinds[full["minor"].id] == "unassigned"
    make_room(full["urgent"], cast.diane, room.seen, version=full["urgent"].version)
    session.commit()
    assert (full["urgent"].technician, full["urgent"].state) == (cast.zoe, "dispatched")
    assert (full["minor"].technician, full["minor"].state) == (None, "unplanned")
    assert (full["minor"].explanation.kind, full["minor"].explanation.outbid_by) == (
        "outbid",
        [full["urgent"].id],
    )
    assert full["tariq"].planned_start == make.at("08:15")


def test_nothing_that_is_locked_makes_way(cast, session, full):
    for name in ("tariq", "zoe", "minor"):
        job = full[name]
        job.lock, job.lock_technician_id, job.lock_start = "both", job.technician_id, job.planned_start
    session.commit()
    assert room_for(full["urgent"], cast.diane) is None


def test_work_of_clients_that_one_does_not_act_for_stays(cast, session, full):
    """Denis dispatches for Acme only; the short job is Breizh's now."""
    breizh = make.client("breizh")
    full["minor"].client_id = full["minor"].ticket.client_id = breizh.id
    session.commit()
    room = room_for(full["urgent"], cast.denis)
    assert room is None or full["minor"].id not in {one["job"] for one in room.changes}
    assert full["minor"].id in {one["job"] for one in room_for(full["urgent"], cast.diane).changes}


def test_what_has_changed_since_is_shown_again_instead_of_done(cast, session, full):
    room = room_for(full["urgent"], cast.diane)
    full["minor"].lock, full["minor"].lock_technician_id = "technician", cast.zoe.id
    session.commit()
    with pytest.raises(StaleDataError):
        make_room(full["urgent"], cast.diane, room.seen, version=full["urgent"].version)
    session.rollback()
    assert full["minor"].technician == cast.zoe
    with pytest.raises(StaleDataError):
        make_room(full["urgent"], cast.diane, room.seen, version=full["urgent"].version - 1)


def test_a_job_that_somebody_has_needs_no_room(cast, session, full):
    assert room_for(full["minor"], cast.diane) is None
    with pytest.raises(IllegalMove):
        make_room(full["minor"], cast.diane, "", version=full["minor"].version)


def test_a_route_that_breaks_a_rule_of_its_person_is_no_way_and_no_error(cast, session, full):
    """His right has expired since: nothing is put beside the work that needed it."""
    full["minor"].admin_right_id = full["zoe"].admin_right_id = make.right().id
    session.commit()
    room = room_for(full["urgent"], cast.diane)
    assert room is None or room.technician != cast.zoe


def test_a_start_that_slips_while_one_reads_is_no_other_answer(cast, session, full):
    room = room_for(full["urgent"], cast.diane)
    with clock.at(make.at("08:20")):
        make_room(full["urgent"], cast.diane, room.seen, version=full["urgent"].version)
    session.commit()
    assert full["urgent"].technician == cast.zoe
