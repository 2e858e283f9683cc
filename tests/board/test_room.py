"""Making room for an urgent job from the sheet in which it is moved."""

from __future__ import annotations

import re

import pytest

from dispatch.extensions import db
from tests import factories as make
from tests.board.conftest import Htmx


@pytest.fixture
def full(cast):
    """At ten, Zoé and Tariq are full; a minor job of Zoé's could give way to the urgent one."""
    make.territory().max_overtime_minutes = 0
    jobs = {
        "tariq": make.job("long", technician=cast.tariq, start=make.at("10:40"), minutes=350),
        "zoe": make.job("long aussi", technician=cast.zoe, start=make.at("10:40"), minutes=285),
        "minor": make.job(
            of=make.ticket("Souris", priority=4), technician=cast.zoe, start=make.at("15:10"), minutes=85
        ),
        "urgent": make.job(of=make.ticket("Serveur", priority=1), minutes=60),
    }
    db.session.commit()
    return jobs


def asked(browser, job):
    page = Htmx(browser).get(f"/board/jobs/{job.number}/candidates?territory=rennes&day=2026-11-23").text
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    return page, seen and seen[1]


def test_who_would_make_way_is_shown_first_and_done_as_shown(diane, full):
    page, seen = asked(diane, full["urgent"])
    assert "Nobody has room, but others could make way" in page
    assert f"{full['minor'].number} leaves the day of Zoé" in page
    answer = Htmx(diane).post(
        f"/board/jobs/{full['urgent'].number}/room?territory=rennes&day=2026-11-23",
        seen=seen,
        route="2026-11-23",
        version=full["urgent"].version,
    )
    assert answer.status_code == 200
    assert f"Room was made: {full['urgent'].number} goes to Zoé" in answer.text
    assert full["urgent"].technician.name == "Zoé" and full["minor"].state == "unplanned"


def test_somebody_who_is_slower_is_told_and_nothing_moves(diane, full, cast):
    _page, seen = asked(diane, full["urgent"])
    full["minor"].lock, full["minor"].lock_technician_id = "technician", cast.zoe.id
    db.session.commit()
    answer = Htmx(diane).post(
        f"/board/jobs/{full['urgent'].number}/room?territory=rennes&day=2026-11-23",
        seen=seen,
        route="2026-11-23",
        version=full["urgent"].version,
    )
    assert answer.status_code == 412
    assert "Somebody was faster" in answer.text
    assert full["urgent"].technician is None and full["minor"].technician == cast.zoe


def test_where_somebody_has_room_nobody_makes_way(diane, cast):
    page, seen = asked(diane, make.job())
    assert seen is None and "make way" not in page
