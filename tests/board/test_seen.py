"""Where technicians last tapped, for the map: what they said themselves, and nobody's secret."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch import clock
from dispatch.board.queries import day_of
from dispatch.extensions import db
from dispatch.models import tap
from dispatch.models.job import Job
from tests import factories as make
from tests.board.conftest import queries_of


@pytest.fixture
def visit(cast):
    """Zoé's visit at the Colbert building, which she has accepted."""
    return visit_at("Colbert", cast.zoe)


def visit_at(name, technician, owner=None, **fields) -> Job:
    house = make.building(name, owner, latitude=48.1, longitude=-1.68)
    of = make.ticket(f"Panne {name}", owner, building_id=house.id)
    return make.job(of=of, technician=technician, state="accepted", **fields)


def taps(job, *moves, at="10:12", by=None, **told):
    for number, name in enumerate(moves):
        with clock.at(make.at(at) + timedelta(minutes=number)):
            tap.take(job, name, by or job.technician.user, **told)
    db.session.commit()


def seen(cast, reader=None, day=make.MONDAY, at="11:00"):
    with clock.at(make.at(at)):
        routes = day_of(make.territory(), day, reader or cast.diane).routes
    return next(route.seen for route in routes if route.id == cast.zoe.id)


def test_zoe_is_on_her_way_and_then_there(cast, visit):
    assert seen(cast) is None
    taps(visit, "travelling")
    told = seen(cast)
    assert (told.place, told.on_the_way, told.at) == ("Colbert", True, make.at("10:12"))
    assert told.point == (48.1, -1.68)
    taps(visit, "working", "completed", at="10:20")
    told = seen(cast)
    assert (told.on_the_way, told.at) == (False, make.at("10:21"))


def test_a_mistap_that_was_undone_and_a_call_say_nothing(cast, visit):
    taps(visit, "travelling", "undone")
    assert seen(cast) is None
    taps(visit_at("Tour", cast.zoe, mode="remote"), "working")
    assert seen(cast) is None


def test_what_ended_before_she_left_or_on_the_telephone_says_nothing(cast, visit):
    taps(visit, "not_completed", reason="no_access")
    taps(visit_at("Tour", cast.zoe), "solved_remotely")
    assert seen(cast) is None


def test_what_diane_enters_for_her_and_yesterday_s_taps_say_nothing(cast, visit):
    taps(visit, "travelling", by=cast.diane)
    assert seen(cast) is None
    with clock.at(make.at("16:00", make.MONDAY - timedelta(days=1))):
        tap.take(visit_at("Tour", cast.zoe), "travelling", cast.zoe.user)
        db.session.commit()
    assert seen(cast) is None


def test_what_was_tapped_offline_is_told_with_the_time_of_the_device(cast, visit):
    taps(visit, "travelling", at_claimed=make.at("09:58"))
    assert seen(cast).at == make.at("09:58")


def test_denis_is_not_told_where_she_is_at_another_client_s(cast, visit):
    taps(visit, "travelling", "working", "completed")
    taps(visit_at("Tour", cast.zoe, make.client("breizh")), "travelling", at="10:30")
    assert seen(cast).place == "Tour"
    assert seen(cast, cast.denis) is None


def test_the_last_place_is_shown_today_only_in_words_and_in_one_query(diane, cast, visit):
    taps(visit, "travelling", at="09:52")
    page, few = diane.get("/board").text, queries_of(diane, "/board")
    assert 'data-seen="48.1 -1.68"' in page and "on the way to Colbert, seen at 09:52" in page
    for name in ("Tour", "Gare", "Parc"):
        taps(visit_at(name, cast.tariq), "travelling", "working", "completed", at="09:40")
    assert queries_of(diane, "/board") == few
    assert "data-seen" not in diane.get("/board?day=2026-11-24").text
