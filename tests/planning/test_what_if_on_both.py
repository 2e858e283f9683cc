"""Nothing leaks out of a what-if, and it is accepted as a whole or not at all: on SQLite and on PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from dispatch import clock
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.models.plan import Plan
from dispatch.models.ticket import Ticket
from dispatch.planning import accept, run
from tests import factories as make
from tests.people import Cast, assemble
from tests.planning.sandboxes import absent, asked, closed, more, tables, worked


@pytest.fixture
def session(app_on_both: Any, session_on_both: Any, monkeypatch: Any) -> Any:
    """On Monday before dawn; the solver is lost, so that each run has its greedy plan at once."""
    monkeypatch.setattr("sys.executable", "/bin/false")
    with clock.at(make.at("06:30")):
        yield session_on_both


@pytest.fixture
def cast(session: Any) -> Cast:
    found = assemble()
    session.commit()
    return found


def test_two_more_printers_become_two_tickets_when_it_is_accepted(cast, session):
    waiting = make.job("panne")
    found = worked(asked(cast, more(2, priority=2)))
    assert sorted(item["number"] for item in found.diff) == ["+1", "+2", waiting.number]
    assert session.scalars(select(Job)).all() == [waiting]
    with clock.at(make.at("06:40")):
        accept.accept(found, cast.diane)
        session.commit()
    made = session.scalars(select(Ticket).where(Ticket.id != waiting.ticket_id)).all()
    jobs = [job for ticket in made for job in ticket.jobs]
    assert [(one.summary, one.description, one.priority, one.opened_at) for one in made] == [
        ("printer", "ajouté", 2, make.at("06:40"))
    ] * 2
    assert all(one.due_at and "requester" in one.missing for one in made)
    assert {(job.state, job.duration_minutes, job.building_id) for job in jobs} == {
        ("dispatched", 30, make.building().id)
    }
    assert {item["number"] for item in found.diff} == {job.number for job in [waiting, *jobs]}


def test_nothing_of_a_what_if_leaks_before_it_is_accepted(cast, session):
    make.territory().acceptance = "automatic"
    make.duty(cast.zoe, ("10:00", "12:00"))
    [make.job(f"panne {n}", technician=cast.tariq, start=make.at(f"{10 + n}:00")) for n in range(3)]
    make.job("serveur", admin_right_id=make.right().id)
    requested = asked(cast, absent(cast.tariq, "11:00"), more(3), closed("11:00"))
    before = tables()
    found = worked(requested)
    assert found.unassigned, "what nobody can do is told in the sandbox"
    assert tables() == before
    with clock.at(make.at("06:31")):
        assert run.abandoned() == [], "no worker accepts it for the territory"
    accept.reject(found, cast.diane)
    assert tables() == before
    kinds = set(session.scalars(select(Event.kind)))
    assert kinds == {"what_if.state"}


def test_one_that_no_longer_fits_is_superseded_and_leaves_nothing(cast, session):
    make.duty(cast.zoe, ("10:00", "12:00"))
    make.job("long", minutes=240)
    Plan.lock(make.territory().id, make.MONDAY)
    found = worked(asked(cast, more(2), absent(cast.tariq, "12:00"), closed("11:00")))
    before = tables()
    with clock.at(make.at("15:30")):
        with pytest.raises(accept.Superseded):
            accept.accept(found, cast.diane)
        assert tables() == before
    session.expire_all()
    assert (found.state, found.ended_at) == ("superseded", make.at("15:30"))
    assert {"+1", "+2"} <= {item["number"] for item in found.diff}
    with pytest.raises(accept.Superseded):
        accept.accept(found, cast.diane)
    assert tables() == before


def test_accepting_twice_makes_it_real_once(cast, session):
    found = worked(asked(cast, more(1)))
    accept.accept(found, cast.diane)
    session.commit()
    with pytest.raises(accept.Superseded):
        accept.accept(found, cast.ahmed)
    session.commit()
    assert (found.state, len(session.scalars(select(Ticket)).all())) == ("accepted", 1)
