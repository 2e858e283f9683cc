"""Case 20: a phone's clock is three days ahead, an hour behind, or set to Tokyo. The server's order holds."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.action import Action
from dispatch.models.event import Event
from dispatch.replay.moments import Clocks, happened
from tests import factories as make

SEVEN, ELEVEN = make.at("07:00"), make.at("11:00")
STEPS = {"accepted": "08:40", "travelling": "08:50", "working": "09:05", "completed": "10:05"}


@pytest.fixture
def app(app_on_both):
    """On SQLite and on PostgreSQL."""
    return app_on_both


@pytest.fixture
def hours():
    return make.at("10:30"), SEVEN


@pytest.fixture
def job(phone, cast):
    return make.job(technician=cast.tariq, start=make.at("09:00"))


@pytest.mark.parametrize(
    ("ahead", "fault"),
    [
        (timedelta(days=3), "off"),
        (-timedelta(hours=1), "off"),
        (timedelta(), None),
        (timedelta(seconds=90), None),
    ],
)
def test_minutes_of_work_are_right_whatever_the_clock_shows(phone, job, ahead, fault):
    phone.ahead = ahead
    for to, clock in STEPS.items():
        phone.tapped(job, to, make.at(clock))
    assert phone.outcomes(phone.send(when=ELEVEN)) == ["applied"] * 4
    db.session.expire_all()
    assert job.worked_seconds == 3600
    assert abs(job.ended_at - make.at("10:05")) <= timedelta(minutes=2)
    rows = db.session.query(Action).order_by(Action.seq).all()
    assert {row.clock for row in rows} == {fault}
    assert [row.claimed_at for row in rows] == [make.at(clock) + ahead for clock in STEPS.values()]
    noted = db.session.query(Event).filter_by(kind="job.state").order_by(Event.id).all()
    assert [event.at for event in noted] == [ELEVEN] * 4
    assert [event.claimed_at for event in noted] == [row.claimed_at for row in rows]


def test_the_zone_of_the_phone_changes_nothing(phone, job):
    for to, clock in STEPS.items():
        tap = phone.tapped(job, to)
        tap["at"] = make.at(clock).astimezone(ZoneInfo("Asia/Tokyo")).isoformat()
    phone.send(when=ELEVEN)
    db.session.expire_all()
    assert (job.worked_seconds, job.working_at) == (3600, make.at("09:05"))


def test_a_window_is_in_the_zone_of_the_place_not_of_the_phone(phone, job):
    job.state = "working"
    window = {"from": "2026-11-24T14:00", "until": "2026-11-24T16:00"}
    phone.tapped(job, "not_completed", reason="user_absent", follow_up="new_window", **window)
    phone.send()
    db.session.expire_all()
    assert job.ticket.jobs[-1].promised_from == make.at("14:00", make.MONDAY + timedelta(days=1))


def test_a_clock_that_was_set_while_offline_is_flagged_and_never_makes_time_run_backwards(phone, job):
    for to, claimed in {
        "accepted": "08:40",
        "working": "23:00",
        "paused": "09:00",
        "completed": "09:30",
    }.items():
        phone.tapped(job, to, make.at(claimed))
    assert phone.outcomes(phone.send(when=ELEVEN)) == ["applied"] * 4
    db.session.expire_all()
    assert (job.worked_seconds, job.state) == (0, "completed")
    assert job.working_at <= job.ended_at <= ELEVEN
    rows = db.session.query(Action).order_by(Action.seq).all()
    assert [row.clock for row in rows] == [None, "ahead", None, None]


def test_the_wrong_clock_is_said_in_the_history(phone, job):
    phone.ahead = timedelta(days=3)
    phone.tapped(job, "accepted", make.at("08:40"))
    phone.send(when=make.at("10:45"))
    with at(make.at("10:45")):
        assert "l’horloge du téléphone était fausse" in phone.browser.get(f"/jobs/{job.number}").text


@pytest.mark.parametrize("claimed", ["0001-01-01T00:00+00:00", "9999-12-31T23:59:59+00:00"])
def test_an_impossible_instant_counts_as_the_nearest_possible_one(claimed):
    from datetime import datetime

    moment = datetime.fromisoformat(claimed)
    for sent in (moment, ELEVEN):
        clocks = Clocks(sent, ELEVEN)
        assert SEVEN <= happened(moment, clocks.skew_seconds, ELEVEN, SEVEN) <= ELEVEN
