"""Rows that look the same are drawn once; whatever a row shows makes another one of it."""

from __future__ import annotations

import re
from datetime import date

import pytest

from dispatch.board import drawn
from dispatch.board.drawn import MOST_ROWS, DrawnRows
from tests import factories as make
from tests.board.conftest import Htmx
from tests.people import signed_in

BOARD = "/board?territory=rennes&day=2026-11-23"


@pytest.fixture
def jobs(cast):
    """Zoé's at eleven, Tariq's at two."""
    return (
        make.job("Écran noir", technician=cast.zoe, start=make.at("11:00")),
        make.job("<!--row--> & \f", technician=cast.tariq, start=make.at("14:00")),
    )


@pytest.fixture
def rows(monkeypatch):
    """The technicians whose rows were drawn, in the order in which that happened."""
    names, render = [], drawn.render_template

    def counted(template, **context):
        names.extend(route.name for route in context["rows"])
        return render(template, **context)

    monkeypatch.setattr(drawn, "render_template", counted)
    return names


def row_of(technician, page):
    return re.search(rf'<li class="route[^>]*id="route-{technician.id}".*?\n</li>', page, re.DOTALL)[0]


def test_a_row_is_drawn_for_the_first_page_and_for_the_next_one_not_again(diane, cast, jobs, rows):
    first = diane.get(BOARD).text
    assert sorted(rows) == ["Tariq", "Zoé"]
    second = diane.get(BOARD).text
    assert sorted(rows) == ["Tariq", "Zoé"]
    assert [row_of(one, first) for one in (cast.tariq, cast.zoe)] == [
        row_of(one, second) for one in (cast.tariq, cast.zoe)
    ]


def test_what_somebody_writes_cannot_end_a_row(diane, cast, jobs):
    page = diane.get(BOARD).text
    assert "&lt;!--row--&gt; &amp;" in row_of(cast.tariq, page)
    assert "<!--row-->" not in page


def test_a_change_draws_the_routes_that_it_has_changed(diane, cast, jobs, rows):
    diane.get(BOARD)
    rows.clear()
    form = {"technician": cast.zoe.id, "version": jobs[0].version, "lock": "technician"}
    answer = Htmx(diane).post(f"/board/jobs/{jobs[0].number}/lock?{BOARD.partition('?')[2]}", **form)
    assert answer.status_code == 200 and rows == ["Zoé"], "as a swap"
    assert "icon" in row_of(cast.zoe, diane.get(BOARD).text)
    assert rows == ["Zoé", "Zoé"], "and as a part of the page, where Tariq's is as it was"


def test_who_reads_another_language_or_day_gets_his_own(app, cast, diane, jobs, rows):
    english = row_of(cast.zoe, diane.get(BOARD).text)
    french = row_of(cast.zoe, signed_in(app, cast.diane, "fr").get(BOARD).text)
    assert "1 job" in english and "1 intervention" in french
    diane.get(BOARD.replace("2026-11-23", "2026-11-24"))
    assert rows.count("Zoé") == 3


def test_the_job_that_is_open_is_marked_for_whoever_has_it_open(diane, cast, jobs):
    for _again in range(2):
        page = diane.get(f"/board/jobs/{jobs[0].number}?{BOARD.partition('?')[2]}").text
        assert 'aria-current="true"' in row_of(cast.zoe, page)
        assert 'aria-current="true"' not in row_of(cast.zoe, diane.get(BOARD).text)


def test_who_may_not_see_a_client_never_gets_a_row_that_shows_it(diane, denis, cast):
    make.job("Secret", owner=make.client("breizh"), technician=cast.zoe, start=make.at("11:00"))
    assert "Secret" in row_of(cast.zoe, diane.get(BOARD).text)
    row = row_of(cast.zoe, denis.get(BOARD).text)
    assert "Secret" not in row and "Other work" in row


def test_a_process_keeps_so_many_rows_and_no_more():
    shelf = DrawnRows()
    for number in range(MOST_ROWS + 5):
        shelf.keep((date.min, number), "row")
        shelf.get((date.min, 0))
    assert shelf.get((date.min, 0)) == "row", "asked for all the time"
    assert shelf.get((date.min, 1)) is None
