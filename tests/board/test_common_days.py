"""Boards of one process share what they read; never with whom sees other work or reads another language."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask

from dispatch import live
from dispatch.board import common_days as module
from dispatch.board.common_days import MOST_DAYS, CommonDays, Sight
from dispatch.board.rows import Day
from dispatch.models.place import Territory
from tests import factories as make
from tests.board.conftest import Htmx, queries_of
from tests.people import Cast, signed_in

HERE = "territory=rennes&day=2026-11-23"
DIANE = Sight(1, make.MONDAY, None, "fr")


class Shelf:
    """The days of a process, and how often one was read."""

    def __init__(self) -> None:
        self.days, self.reads, self.waiting = CommonDays(), 0, threading.Event()
        self.waiting.set()

    def get(self, sight: Sight, cursor: int) -> Day:
        return self.days.get(sight, cursor, Territory(name="mine"), self._read)[0]

    def _read(self) -> Day:
        self.reads += 1
        self.waiting.wait(10)
        return Day(Territory(name="of another session"), make.MONDAY)


def test_one_reads_for_all_until_something_newer_is_known():
    shelf = Shelf()
    assert [shelf.get(DIANE, 7).territory.name for _board in range(3)] == ["mine"] * 3
    assert shelf.reads == 1
    shelf.get(DIANE, 8)
    shelf.get(DIANE, 7)  # whoever knows less is served with more
    assert shelf.reads == 2


def test_of_ten_who_ask_at_the_same_moment_one_reads():
    shelf = Shelf()
    shelf.waiting.clear()
    boards = [threading.Thread(target=shelf.get, args=(DIANE, 7)) for _board in range(10)]
    for board in boards:
        board.start()
    shelf.waiting.set()
    for board in boards:
        board.join(10)
    assert shelf.reads == 1


def test_one_that_cannot_be_read_is_not_kept():
    shelf = Shelf()
    with pytest.raises(ZeroDivisionError):
        shelf.days.get(DIANE, 7, Territory(), lambda: 1 // 0)  # type: ignore[arg-type,return-value]
    shelf.get(DIANE, 7)
    assert shelf.reads == 1


def test_a_day_grows_old_and_the_last_ones_are_forgotten(monkeypatch):
    shelf = Shelf()
    for number in range(MOST_DAYS + 1):
        shelf.get(Sight(number, make.MONDAY, None, "fr"), 7)
    shelf.get(Sight(MOST_DAYS, make.MONDAY, None, "fr"), 7)
    assert shelf.reads == MOST_DAYS + 1
    shelf.get(Sight(0, make.MONDAY, None, "fr"), 7)
    assert shelf.reads == MOST_DAYS + 2
    monkeypatch.setattr(module, "FRESH_SECONDS", -1)
    shelf.get(Sight(0, make.MONDAY, None, "fr"), 7)
    assert shelf.reads == MOST_DAYS + 3


@pytest.mark.parametrize("other", ["berenice", "ahmed"])
def test_boards_of_another_sight_or_language_get_their_own(
    app: Flask, diane: Any, cast: Cast, other: str
) -> None:
    """Diane reads everybody's work in English; Bérénice only that of Breizh, Ahmed everybody's in French."""
    job = make.job("Écran noir d’Acme", technician=cast.zoe, start=make.at("11:00"))
    make.job("Câble de Breizh", owner=make.client("breizh"), technician=cast.zoe, start=make.at("14:00"))
    before = live.cursor()
    reader = signed_in(app, getattr(cast, other), "fr")
    diane.post(f"/board/jobs/{job.number}/lock", data={"lock": "both", "version": job.version})
    mine, theirs = (
        Htmx(browser).get(f"/board/news?{HERE}&after={before}").text for browser in (diane, reader)
    )
    assert "Écran noir" in mine and "2 jobs" in mine
    assert "intervention" in theirs and "Câble de Breizh" in theirs
    assert ("Écran noir" in theirs) == (other == "ahmed")


def test_the_second_board_reads_no_day(app: Flask, diane: Any, cast: Cast) -> None:
    job = make.job("Écran noir", technician=cast.zoe, start=make.at("11:00"))
    before = live.cursor()
    ahmed = signed_in(app, cast.ahmed, "en")
    diane.post(f"/board/jobs/{job.number}/lock", data={"lock": "both", "version": job.version})
    news = f"/board/news?{HERE}&after={before}"
    first, second = (queries_of(Htmx(browser), news) for browser in (ahmed, diane))
    assert second < first - 8
    assert f'id="stop-{job.number}"' in Htmx(diane).get(news).text
