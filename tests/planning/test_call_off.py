"""Who has work of a cancelled ticket is told, and what follows on his day comes earlier."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm.exc import StaleDataError

from dispatch import clock
from dispatch.models.plan import Plan
from dispatch.planning.call_off import cancel, close
from tests import factories as make
from tests.people import Cast

TEN = make.at("10:00")


@pytest.fixture(autouse=True)
def ten_o_clock(session: Any) -> Any:
    with clock.at(TEN):
        yield


def test_what_follows_a_cancelled_ticket_comes_earlier(cast: Cast) -> None:
    visit = make.job("A", technician=cast.tariq, start=make.at("10:30"), minutes=60)
    later = make.job("B", technician=cast.tariq, start=make.at("11:35"))
    cancel(visit.ticket, cast.paula, "remplacé", visit.ticket.version)
    assert visit.state == "cancelled"
    assert later.planned_start < make.at("11:00")


def test_each_of_several_technicians_is_timed_again(cast: Cast) -> None:
    ticket = make.ticket()
    laters = []
    for technician in (cast.tariq, cast.zoe):
        make.job(of=ticket, technician=technician, start=make.at("10:30"), minutes=60)
        laters.append(make.job("B", technician=technician, start=make.at("11:35")))
    cancel(ticket, cast.paula, "remplacé")
    assert all(later.planned_start < make.at("11:00") for later in laters)


def test_work_without_a_route_needs_no_plan(session: Any, cast: Cast) -> None:
    job = make.job()
    cancel(job.ticket, cast.paula, "remplacé")
    assert (job.state, session.query(Plan).count()) == ("cancelled", 0)


@pytest.mark.parametrize("verb", [lambda ticket, by, version: cancel(ticket, by, "x", version), close])
def test_who_has_seen_an_older_version_changes_nothing(cast: Cast, verb: Any) -> None:
    ticket = make.job(of=make.ticket(state="resolved")).ticket
    with pytest.raises(StaleDataError):
        verb(ticket, cast.paula, ticket.version + 1)
    assert ticket.state == "resolved"
