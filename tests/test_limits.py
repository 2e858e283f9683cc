"""What nobody sends by accident: refused in time, and never a mistake of ours."""

from __future__ import annotations

import pytest

from dispatch import live
from dispatch.clock import at
from dispatch.live import Ear, News
from dispatch.security import MOST_API_BYTES
from tests import factories as make
from tests.api.callers import PREFIX, calling
from tests.people import signed_in

HUGE = "9" * 30


@pytest.mark.parametrize(
    "path",
    [f"/board/news?after={HUGE}", f"/board/runs/{HUGE}", "/board?day=0001-01-01", "/board?day=9999-12-31"],
)
def test_numbers_and_days_beyond_all_bounds_are_refused_in_words(app, cast, path):
    with at(make.at("10:00")):
        assert signed_in(app, cast.diane).get(path).status_code in (400, 404)


@pytest.mark.parametrize("until", ["now", "2026-11-23T10:00", "0001-01-01T00:00:00+14:00"])
def test_a_sighting_needs_an_instant(app, cast, until):
    make.job("Écran noir", technician=cast.tariq, start=make.at("11:00"))
    answer = signed_in(app, cast.tariq.user).post("/jobs/sightings", data={"until": until})
    assert answer.status_code == 400


def test_the_api_reads_no_body_of_more_than_a_megabyte(app, cast):
    paula = calling(app, cast.paula)
    answer = paula.post(f"{PREFIX}/tickets", json={"summary": "x" * MOST_API_BYTES})
    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")


def test_plans_and_runs_are_news_for_dispatchers_only(cast):
    news = News(1, "run.state", None, 1, None, None, None, None)
    hears = {user.name for user in cast.everybody() if news.audible_to(Ear.of(user))}
    assert hears == {"Denis", "Bérénice", "Diane", "Ahmed"}


def test_one_user_cannot_take_all_streams(app, cast, monkeypatch):
    monkeypatch.setattr(live, "MOST_STREAMS", 2)
    diane, denis = signed_in(app, cast.diane), signed_in(app, cast.denis)
    opened = [diane.get("/live", buffered=False) for _number in range(3)]
    assert [answer.status_code for answer in opened] == [200, 200, 429]
    assert denis.get("/live", buffered=False).status_code == 200
    opened[0].close()
    assert diane.get("/live", buffered=False).status_code == 200


def test_a_stream_that_nobody_reads_is_forgotten(app, cast):
    signed_in(app, cast.diane).head("/live").close()
    assert not app.extensions["feed"].listeners
