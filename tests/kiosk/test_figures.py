"""The wait at the kiosk in the day's figures and in the board's bar, by hand arithmetic."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from dispatch import clock, live, tasks
from tests import factories as make
from tests.board.conftest import Htmx, queries_of, seen
from tests.board.test_figures import CSV, FIGURES, rows
from tests.board.test_news import news
from tests.kiosk.conftest import Counter
from tests.people import signed_in

BOARD = "/board?territory=rennes&day=2026-11-23"
WAITS = ("visitors at the kiosk", "waiting now", "mean wait (min)", "longest wait (min)")


@pytest.fixture
def morning(counter, cast):
    """Until ten at Colbert: one served after 20 min, one gone after 4, one back from aside who has waited 10 and 12."""
    served, _gone, aside = counter.comes("08:00"), counter.comes("08:10"), counter.comes("09:00")
    counter.calls(cast.tariq, "08:18")
    counter.taps(served, "serving", when="08:20")
    counter.taps(_gone, "left", when="08:14")
    counter.taps(served, "served", when="08:40")
    counter.taps(aside, "on_hold", when="09:10")
    counter.taps(aside, "resumed", when="09:48")


def waits(found, client):
    return tuple(int(found[client][word]) for word in WAITS)


def test_who_came_who_waits_and_how_long_by_client(diane, morning, landry, cast, saved):
    there = Counter(landry, cast.zoe.user)
    there.comes("09:30")
    there.calls(cast.zoe, "09:40")  # called, not yet served: he waits on, but nobody is to be called any more
    saved()
    found = rows(diane)
    assert waits(found, "Acme Assurances") == (3, 1, round((20 + 4 + 22) / 3), 22)
    assert waits(found, "Breizh Énergie") == (1, 0, 30, 30)
    assert waits(found, "Total") == (4, 1, round((20 + 4 + 22 + 30) / 4), 30)


def test_a_client_without_a_kiosk_has_noughts(diane, morning, saved):
    make.client("breizh")
    saved()
    assert waits(rows(diane), "Breizh Énergie") == (0, 0, 0, 0)


def test_yesterday_is_told_as_it_ended(app, cast, morning, saved):
    saved()
    tuesday = make.MONDAY + timedelta(days=1)
    with clock.at(make.at("09:00", tuesday)):
        tasks.put_queues_away()
        at_night = 10 + (19 - 9.8) * 60  # the one who was forgotten, until the site closed
        found = rows(signed_in(app, cast.diane, "en"))
        assert waits(found, "Acme Assurances") == (
            3,
            0,
            round((20 + 4 + at_night) / 3),
            round(at_night),
        )


def test_denis_reads_the_same_with_and_without_the_visitors_of_others(denis, landry, morning, cast, saved):
    saved()
    before = [seen(denis, url) for url in (FIGURES, CSV, BOARD)]
    Counter(landry, cast.zoe.user).comes("08:00")
    saved()
    assert [without_cursor(seen(denis, url)) for url in (FIGURES, CSV, BOARD)] == list(
        map(without_cursor, before)
    )


def without_cursor(text):
    return re.sub(r'(id="cursor" value=|after=)"?\d+', "", text)


@pytest.fixture
def denis(app, cast):
    return signed_in(app, cast.denis, "en")


def in_the_bar(text):
    found = re.search(r'<a class="figures-link" id="at-kiosks".*?</a>', text, re.DOTALL)
    return found and (int(re.search(r"<dd>(\d+)</dd>", found[0])[1]), "is-warn" in found[0])


def test_the_bar_tells_who_waits_where_there_is_a_kiosk(diane, denis, landry, cast, saved):
    saved()
    assert in_the_bar(diane.get(BOARD).text) == (0, False)
    assert in_the_bar(denis.get(BOARD).text) is None, "the only kiosk is not his client's"
    Counter(landry, cast.zoe.user).comes("09:50")
    saved()
    assert in_the_bar(diane.get(BOARD).text) == (1, False)
    with clock.at(make.at("10:06")):
        assert in_the_bar(diane.get(BOARD).text) == (1, True)
    assert in_the_bar(diane.get(BOARD.replace("23", "24")).text) is None, "tomorrow nobody waits yet"


def test_an_open_board_follows_and_draws_no_route_again(diane, denis, counter, landry, cast, saved):
    make.job(technician=cast.tariq)
    saved()
    before = live.cursor()
    counter.comes()
    counter.comes()
    saved()
    told = news(diane, before).text
    assert in_the_bar(told) == (2, False)
    counter.calls(cast.tariq)
    saved()
    assert in_the_bar(news(diane, before).text) == (1, False)
    assert "route-" not in re.sub(r'id="route-list"', "", told)
    assert 'class="toast' not in told
    before = live.cursor()
    Counter(landry, cast.zoe.user).comes()
    saved()
    assert news(denis, before).status_code == 204, "of another client nothing is new to him"


def test_a_wait_that_becomes_long_is_marked_though_nothing_happens(diane, counter, saved):
    counter.comes("09:46")
    saved()

    def asked(at, drawn):
        with clock.at(make.at(at)):
            drawn = int(make.at(drawn).timestamp())
            return Htmx(diane).get(
                f"/board/news?territory=rennes&day=2026-11-23&after={live.cursor()}&drawn={drawn}"
            )

    assert asked("10:00", "09:59").status_code == 204
    assert in_the_bar(asked("10:02", "10:01").text) == (1, True)
    assert asked("10:04", "10:02").status_code == 204


def test_board_and_figures_read_as_often_however_many_come(diane, counter, saved):
    counter.comes()
    saved()
    few = [queries_of(diane, url) for url in (BOARD, FIGURES)]
    for _visitor in range(20):
        counter.comes()
    saved()
    assert [queries_of(diane, url) for url in (BOARD, FIGURES)] == few
