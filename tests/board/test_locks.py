"""A locked job is moved like any other: rows say what the lock means there, and breaking it takes a reason."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatch.models.event import Event
from tests import factories as make
from tests.board.conftest import Htmx
from tests.board.test_offers import offers

DAY = "territory=rennes&day=2026-11-23"


def locked(cast, kind, at="11:00"):
    job = make.job("Écran noir", technician=cast.zoe, start=make.at(at), lock=kind)
    job.lock_technician_id = cast.zoe.id if kind in ("technician", "both") else None
    job.lock_start = make.at(at) if kind in ("time", "both") else None
    return job


def told(browser, job):
    return {one["technician"]: one for one in offers(browser, job)}


def move(browser, job, technician, **more):
    form = {"technician": technician.id, "route": "2026-11-23", "version": job.version, **more}
    return Htmx(browser).post(f"/board/jobs/{job.number}/assignment?{DAY}", **form)


@pytest.mark.parametrize("kind", ["technician", "time", "both"])
def test_a_locked_job_can_be_taken_up(diane, cast, kind):
    job = locked(cast, kind)
    page = diane.get(f"/board?{DAY}").text
    block = page[page.index(f'id="stop-{job.number}"') :]
    assert 'draggable="true"' in block[: block.index(">")]


def test_a_locked_time_is_kept_by_whoever_can_be_there(diane, cast):
    job = locked(cast, "time")
    told_by = told(diane, job)[cast.tariq.id]
    assert (told_by["tone"], "keeps 11:00, locked" in told_by["told"]) == ("fits", True)
    assert move(diane, job, cast.tariq).status_code == 200
    assert (job.technician, job.planned_start, job.lock) == (cast.tariq, make.at("11:00"), "time")


def test_whoever_cannot_be_there_then_says_so_and_takes_it_with_a_reason(diane, cast):
    job = locked(cast, "time")
    make.job("Longue panne", technician=cast.tariq, start=make.at("10:40"), minutes=60, state="working")
    told_by = told(diane, job)[cast.tariq.id]
    assert told_by["tone"] == "broken"
    assert "locked at 11:00, would begin at 11:" in told_by["told"] and "with a reason" in told_by["told"]
    refused = move(diane, job, cast.tariq)
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (422, "#sheet")
    assert "locked at 11:00, would begin at 11:" in refused.text and "Override and move" in refused.text
    assert (job.technician, job.planned_start) == (cast.zoe, make.at("11:00"))
    assert move(diane, job, cast.tariq, override_reason="Le client préfère").status_code == 200
    assert (job.technician, job.lock, job.lock_start) == (cast.tariq, "time", job.planned_start)
    assert job.planned_start > make.at("11:00")


def test_a_lock_to_a_technician_holds_against_everybody_else(diane, cast):
    job = locked(cast, "technician")
    rows = told(diane, job)
    assert rows[cast.zoe.id]["tone"] == "fits"
    assert "locked to somebody else" in rows[cast.tariq.id]["told"]
    assert move(diane, job, cast.tariq).status_code == 422
    assert job.technician is cast.zoe
    assert move(diane, job, cast.tariq, override_reason="Zoé est malade").status_code == 200
    assert (job.technician, job.lock, job.lock_technician_id) == (cast.tariq, "technician", cast.tariq.id)


def test_the_log_says_that_the_lock_was_overridden_and_why(diane, cast, session):
    job = locked(cast, "both")
    assert move(diane, job, cast.tariq, override_reason="Zoé est malade").status_code == 200
    moved = session.scalars(select(Event).where(Event.kind == "job.moved")).one()
    assert (moved.data["waived"], moved.data["reason"]) == (["lock"], "Zoé est malade")
    assert job.waived == {}, "the lock followed: nothing of it is broken any more"
    assert (job.lock, job.lock_start) == ("both", make.at("11:00"))


def test_a_typed_start_is_a_new_time_for_a_locked_one(diane, cast):
    job = locked(cast, "time")
    assert move(diane, job, cast.tariq, at="14:00", on="2026-11-23").status_code == 200
    assert (job.lock, job.lock_start) == ("time", make.at("14:00"))


def test_a_locked_time_that_has_passed_binds_no_more(diane, cast):
    job = locked(cast, "time", at="09:00")
    assert told(diane, job)[cast.tariq.id]["tone"] == "fits"
    assert move(diane, job, cast.tariq).status_code == 200


def test_that_a_locked_start_will_be_missed_stands_before_the_padlock(diane, cast):
    job = locked(cast, "time")
    job.lock_start = make.at("10:30")
    page = diane.get(f"/board?{DAY}").text
    block = page[page.index(f'id="stop-{job.number}"') :].partition("</a>")[0]
    assert "Locked at 10:30, and cannot begin then" in block
    assert block.index("At risk") < block.lower().index("time locked")
