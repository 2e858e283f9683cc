"""Case 10: two dispatchers give the same job away at once. One of them does, the other is shown how it is."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import func, select

from dispatch.extensions import db
from dispatch.models.event import Event
from tests import factories as make
from tests.battery.invariants import everything_wrong
from tests.battery.stands import stand
from tests.people import signed_in

SHORT, LONG = 15, 500


@pytest.fixture
def desk(database, tmp_path):
    with stand(database, tmp_path, lambda _cast, _start: make.job(mode="remote", building_id=None)) as ready:
        yield ready


@pytest.mark.parametrize("rounds", [SHORT, pytest.param(LONG, marks=pytest.mark.battery)])
def test_of_two_who_reassign_at_once_one_wins_and_the_other_sees_how_it_is(desk, rounds, record_property):
    path, winners = "/jobs/1/assignment", Counter()
    for done in range(rounds):
        version = desk.send("Diane", "GET", "/jobs/1").json()["version"]
        answers = desk.at_once(
            lambda version=version: desk.send(
                "Denis", "PUT", path, json={"technician": "tariq", "version": version}
            ),
            lambda version=version: desk.send(
                "Diane", "PUT", path, json={"technician": "zoe", "version": version}
            ),
        )
        won, lost = sorted(answers, key=lambda answer: answer.status_code)
        assert (won.status_code, lost.status_code) == (200, 412), [answer.text for answer in answers]
        assert lost.json()["current"]["technician"] == won.json()["technician"]
        winners[won.json()["technician"]["name"]] += 1
        assert desk.read(_moves) == done + 1
    assert desk.read(everything_wrong) == []
    record_property("rounds", rounds)
    record_property("won", dict(winners))


def test_the_form_of_the_board_refuses_who_comes_second(app, cast):
    job = make.job(technician=cast.tariq)
    diane, denis = signed_in(app, cast.diane), signed_in(app, cast.denis)
    path, said = f"/board/jobs/{job.number}/lock", {"version": job.version}
    assert diane.post(path, data={**said, "lock": "technician"}).status_code == 302
    refused = denis.post(path, data={**said, "lock": "both"})
    assert refused.status_code == 412
    assert "Diane" in refused.get_data(as_text=True)
    db.session.expire_all()
    assert job.lock == "technician"


def _moves() -> int:
    return int(
        db.session.scalar(select(func.count()).select_from(Event).where(Event.kind == "job.moved")) or 0
    )
