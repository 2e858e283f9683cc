"""Several days of one technician."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch import clock
from dispatch.board.queries import day_of
from dispatch.board.week import DAYS, days_of
from dispatch.models import tap
from dispatch.models.plan import Plan, PlannedBreak
from tests import factories as make
from tests.board.conftest import Htmx, queries_of
from tests.people import signed_in

TUESDAY = make.MONDAY + timedelta(days=1)


def address(technician, day=make.MONDAY):
    return f"/board/technicians/{technician.id}?day={day}"


@pytest.fixture
def planned(cast, session):
    """A visit on Monday, a meal and Breizh's secret on Tuesday, which ends in the night."""
    make.shift(cast.zoe, TUESDAY, ("18:00", "02:00"))
    make.job("Écran noir", technician=cast.zoe, start=make.at("11:00"))
    make.job(
        "Après minuit", technician=cast.zoe, start=make.at("01:00", TUESDAY + timedelta(days=1)), day=TUESDAY
    )
    for start in ("19:00", "19:40"):
        make.job(
            "Secret de Breizh",
            owner=make.client("breizh"),
            technician=cast.zoe,
            start=make.at(start, TUESDAY),
        )
    plan = Plan(territory_id=make.territory().id, day=TUESDAY, changed_at=make.at("08:00"))
    plan.breaks.append(
        PlannedBreak(
            technician_id=cast.zoe.id, starts_at=make.at("21:00", TUESDAY), ends_at=make.at("21:30", TUESDAY)
        )
    )
    session.add(plan)
    make.absence(cast.zoe, day=TUESDAY + timedelta(days=2))
    session.commit()


def kinds(day):
    return [item.kind if item.kind != "job" else item.summary for item in day.routes[0].items]


def test_each_day_has_its_own_row_and_a_night_belongs_to_the_day_it_begins(cast, planned):
    monday, tuesday, wednesday, thursday, *rest = days_of(cast.zoe, make.MONDAY, cast.diane)
    assert len(rest) == DAYS - 4
    assert kinds(monday) == ["Écran noir"]
    assert kinds(tuesday) == ["Secret de Breizh", "Secret de Breizh", "break", "Après minuit"]
    assert (kinds(wednesday), kinds(thursday)) == ([], ["absence"])
    assert [shift[0] for shift in tuesday.routes[0].shifts][-1] == make.at("18:00", TUESDAY)


def test_her_night_is_there_until_it_is_over(cast, planned):
    with clock.at(make.at("01:10", TUESDAY + timedelta(days=1))):
        first = days_of(cast.zoe, TUESDAY + timedelta(days=1), cast.diane)[0]
    assert (first.day, "Après minuit" in kinds(first)) == (TUESDAY, True)


def test_diane_goes_from_the_row_to_the_days_and_from_a_block_to_its_day_s_board(diane, cast, planned):
    board = diane.get("/board?day=2026-11-23").text
    assert f'href="{address(cast.zoe)}"' in board
    page = diane.get(address(cast.zoe)).text
    assert "Monday 23 November to Sunday 29 November" in page
    assert page.count('<li class="route') == DAYS
    assert "?territory=rennes&amp;day=2026-11-24" in page
    assert 'draggable="true"' not in page and 'id="route-' not in page.replace('id="route-list"', "")
    rows = Htmx(diane).get(address(cast.zoe)).text
    assert rows.count('<li class="route') == DAYS and "<html" not in rows


def test_denis_sees_work_of_other_clients_as_other_work_there_too(denis, cast, planned):
    make.secondment(cast.zoe, make.client("breizh"))
    page = denis.get(address(cast.zoe)).text
    assert page.count("Other work") == 1 and "Breizh" not in page and "Écran noir" in page


def test_a_technician_out_of_reach_or_gone_is_not_there(app, diane, denis, cast, session):
    far = make.technician("Yann")
    far.territory_id = make.territory("brest").id
    cast.tariq.left_at = make.at("08:00")
    session.commit()
    assert denis.get(address(far)).status_code == 404
    assert diane.get(address(far)).status_code == 200
    assert diane.get(address(cast.tariq)).status_code == 404
    assert signed_in(app, cast.zoe.user).get(address(cast.zoe)).status_code == 403


def test_the_number_of_queries_does_not_grow_with_the_work(diane, cast, planned):
    few = queries_of(diane, address(cast.zoe))
    for number in range(30):
        day = make.MONDAY + timedelta(days=number % DAYS)
        make.job(f"Encore {number}", technician=cast.zoe, start=make.at("10:00", day))
        make.shift(cast.zoe, day, ("22:00", "23:00"))
    assert queries_of(diane, address(cast.zoe)) == few


def test_days_and_last_places_read_the_same_on_either_database(app_on_both, session_on_both):
    diane, zoe = make.user("Diane", "dispatcher", every_client=True), make.technician("Zoé")
    house = make.building("Colbert", latitude=48.1, longitude=-1.68)
    job = make.job(
        of=make.ticket(building_id=house.id), technician=zoe, state="accepted", start=make.at("10:00")
    )
    tap.take(job, "travelling", zoe.user)
    session_on_both.commit()
    assert [kinds(day) for day in days_of(zoe, make.MONDAY, diane)] == [["Écran noir"], *[[]] * (DAYS - 1)]
    [route] = day_of(make.territory(), make.MONDAY, diane).routes
    assert (route.seen.place, route.seen.at) == ("Colbert", make.at("10:00"))
