"""Pause, kiosk, end of shift: tapped with or without signal, once; the plan follows and the board shows it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models import whereabouts
from dispatch.models.action import Action
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.models.plan import Plan, PlannedBreak
from dispatch.models.technician import Absence, KioskDuty
from dispatch.models.user import User
from dispatch.planning import move
from dispatch.planning.handing import on_offer
from dispatch.planning.retime import retime
from dispatch.push.hours import hours_of
from tests import factories as make
from tests.battery.invariants import everything_wrong
from tests.board.conftest import Htmx
from tests.people import signed_in
from tests.phones import TEN

BOARD = "/board?territory=rennes&day=2026-11-23"


@pytest.fixture
def diane(app, cast, phone):
    return Htmx(signed_in(app, cast.diane))


@pytest.fixture
def jobs(phone, cast):
    return [make.job(f"Poste {clock}", technician=cast.tariq, start=make.at(clock), state="accepted", minutes=45)
            for clock in ("10:20", "13:00")]  # fmt: skip


def says(phone, when, say, **body):
    phone.did("presence", None, when, say=say, **body)


def sent(phone, when):
    """What became of all that the queue holds, which is empty then."""
    actions, phone.queue = phone.queue, []
    with at(when):
        tariq = db.session.scalars(select(User).where(User.name == "Tariq")).one()
        phone.browser = signed_in(phone.browser.application, tariq)
    return phone.outcomes(phone.send(actions, when))


def the(kind):
    db.session.expire_all()
    return db.session.scalars(select(kind)).one()


def start(job):
    return db.session.get_one(Job, job.id, populate_existing=True).planned_start


def test_a_pause_moves_what_is_in_its_way_and_is_on_phone_and_board(phone, jobs, diane, cast):
    says(phone, TEN, "pause", minutes="45")
    assert phone.outcomes(phone.send()) == ["applied"]
    assert phone.outcomes(phone.send()) == ["repeated"]
    pause = the(Absence)
    assert (pause.kind, pause.is_open, pause.starts_at, pause.ends_at) == (
        "pause",
        True,
        TEN,
        make.at("10:45"),
    )
    assert start(jobs[0]) >= make.at("10:45"), "what would have begun meanwhile begins later"
    assert start(jobs[1]) == make.at("13:00")
    assert "depuis 10:00" in phone.browser.get("/jobs").text
    row = diane.get(BOARD).text
    assert "Pause depuis 10:00" in row
    assert 'class="stop away pause"' in row
    assert everything_wrong() == []


def test_back_early_nothing_is_pulled_forward_and_back_late_it_was_longer(phone, jobs, cast):
    says(phone, TEN, "pause", minutes="60")
    sent(phone, TEN)
    assert start(jobs[0]) >= make.at("11:00")
    early = make.at("10:15")
    says(phone, early, "resume")
    assert sent(phone, early) == ["applied"]
    assert (the(Absence).ends_at, the(Absence).is_open) == (early, False)
    assert start(jobs[0]) >= make.at("11:00"), (
        "who is back early begins earlier if he can: the plan follows then"
    )
    says(phone, make.at("10:50"), "pause", minutes="15")
    sent(phone, make.at("10:50"))
    with at(make.at("11:10")):  # he has forgotten it: it goes on
        retime(cast.tariq.territory_id, make.MONDAY, {cast.tariq.id}, None)
        db.session.commit()
        assert start(jobs[0]) >= make.at("11:15")


def test_offline_pause_and_back_count_when_they_were_done(phone, jobs):
    jobs[0].state, jobs[0].state_at, jobs[0].working_at = "working", make.at("09:50"), make.at("09:50")
    db.session.commit()
    says(phone, make.at("10:05"), "pause", minutes="30")
    says(phone, make.at("10:25"), "resume")
    phone.tapped(jobs[0], "completed", make.at("10:40"))
    assert sent(phone, make.at("11:30")) == ["applied"] * 3
    pause, job = the(Absence), db.session.get_one(Job, jobs[0].id)
    assert (pause.starts_at, pause.ends_at, pause.is_open) == (make.at("10:05"), make.at("10:25"), False)
    assert job.worked_seconds == 30 * 60, "the pause is no work"
    assert everything_wrong() == []


def test_what_he_begins_ends_his_pause(phone, jobs):
    says(phone, TEN, "pause", minutes="60")
    phone.tapped(jobs[0], "travelling", make.at("10:10"))
    assert sent(phone, make.at("10:12")) == ["applied"] * 2
    assert (the(Absence).ends_at, the(Absence).is_open) == (make.at("10:10"), False)


def test_a_pause_of_that_length_about_then_is_the_meal_break(phone, cast):
    meal = cast.tariq.shifts[0]
    meal.breaks.append(make.Break(earliest=make.at("11:45"), latest=make.at("13:30"), minutes=45))
    late = make.job("Après", technician=cast.tariq, start=make.at("14:30"), state="accepted")
    retime(cast.tariq.territory_id, make.MONDAY, {cast.tariq.id}, None)
    db.session.commit()
    assert db.session.scalars(select(PlannedBreak)).one().starts_at >= make.at("11:45")
    says(phone, make.at("11:20"), "pause", minutes="45")
    assert sent(phone, make.at("11:20")) == ["applied"]
    assert db.session.scalars(select(PlannedBreak)).all() == [], "nobody has to eat twice"
    assert start(late) is not None


@pytest.mark.parametrize("body", [{"say": "pause", "minutes": "7"}, {"say": "pause"}, {"say": "sleep"}, {},
                                  {"say": "kiosk", "kiosk": "999", "minutes": "30"},
                                  {"say": "pause", "minutes": "quarante"}])  # fmt: skip
def test_what_makes_no_sense_is_reviewed_and_changes_nothing(phone, jobs, body):
    phone.did("presence", None, TEN, **body)
    assert phone.outcomes(phone.send()) == ["review"]
    assert db.session.scalars(select(Absence)).all() == []


def test_the_end_of_the_shift_leaves_what_was_not_begun_to_the_dispatchers(phone, jobs, diane, cast):
    move.set_lock(jobs[1], "both", cast.diane)
    says(phone, TEN, "off")
    assert phone.outcomes(phone.send()) == ["applied"]
    assert phone.outcomes(phone.send()) == ["repeated"]
    db.session.expire_all()
    assert [(job.state, job.technician_id) for job in jobs] == [("unplanned", None)] * 2
    assert (jobs[1].lock, jobs[1].lock_start) == ("technician", None), (
        "who was fixed stays, the minute does not"
    )
    off = the(Absence)
    assert (off.kind, off.starts_at, off.ends_at) == ("off", TEN, make.at("17:00"))
    board = diane.get(BOARD).text
    assert board.count("Restée\u00a0: service terminé") == 2
    assert "Service terminé à 10:00" in board
    assert not hours_of(cast.tariq, make.at("10:30")).working, "nobody wakes him up"
    assert (
        "Restée après le départ de Tariq" in diane.get(f"/board/jobs/{jobs[0].number}?territory=rennes").text
    )
    move.assign(jobs[0], cast.zoe, cast.diane)
    db.session.commit()
    assert everything_wrong() == []


def test_who_has_gone_has_no_break_before_him_and_is_offered_nothing(phone, jobs, diane, cast):
    plan = db.session.scalars(select(Plan)).first() or Plan(
        territory_id=make.territory().id, day=make.MONDAY, changed_at=TEN
    )
    plan.breaks.append(
        PlannedBreak(technician_id=cast.tariq.id, starts_at=make.at("12:00"), ends_at=make.at("12:45"))
    )
    db.session.add(plan)
    db.session.commit()
    for page in (phone.browser.get("/jobs").text, diane.get(BOARD).text):
        assert "Pause repas" in page
    assert 'id="take-one" href' in phone.browser.get("/jobs").text
    says(phone, TEN, "off")
    assert phone.outcomes(phone.send()) == ["applied"]
    for page in (phone.browser.get("/jobs").text, diane.get(BOARD).text):
        assert "Pause repas" not in page
    assert 'id="take-one" hidden href' in phone.browser.get("/jobs").text


def test_at_the_kiosk_says_first_that_a_job_is_under_way(phone, jobs):
    make.kiosk()
    shown, hidden = 'data-while="travelling working">', 'data-while="travelling working" hidden>'
    assert hidden in phone.browser.get("/jobs").text
    jobs[0].state = "working"
    db.session.commit()
    assert shown in phone.browser.get("/jobs").text


def test_a_job_under_way_keeps_him_and_that_is_said(phone, jobs):
    jobs[0].state = "paused"
    db.session.commit()
    assert "Une intervention est en cours" in phone.browser.get("/jobs").text
    says(phone, TEN, "off")
    answer = phone.send()
    [result] = answer.json["results"]
    assert (result["outcome"], result["reason"]) == ("review", "under_way")
    assert f"{jobs[0].number} est en cours. Terminez-la" in result["detail"]
    db.session.expire_all()
    assert [job.state for job in jobs] == ["paused", "accepted"]
    assert db.session.scalars(select(Absence)).all() == []


def test_an_end_of_shift_that_arrives_the_next_morning_leaves_that_day_alone(phone, cast):
    tuesday = make.MONDAY + timedelta(days=1)
    make.shift(cast.tariq, tuesday)
    tomorrow = make.job("Demain", technician=cast.tariq, start=make.at("09:00", tuesday), state="accepted")
    says(phone, make.at("16:50"), "off")
    assert sent(phone, make.at("08:05", tuesday)) == ["applied"]
    assert db.session.get_one(Job, tomorrow.id, populate_existing=True).state == "accepted"
    with at(make.at("08:10", tuesday)):
        assert whereabouts.ongoing(cast.tariq) == []


def test_he_may_take_up_his_shift_again_and_a_dispatcher_can_say_so_too(phone, jobs, diane, cast):
    says(phone, TEN, "off")
    says(phone, make.at("10:05"), "resume")
    assert sent(phone, make.at("10:05")) == ["applied"] * 2
    assert the(Absence).ends_at == make.at("10:05")
    with at(make.at("10:06")):
        assert {offer.job.id for offer in on_offer(cast.tariq.user)} >= {jobs[0].id}, "he may take them back"
    says(phone, make.at("10:10"), "off")
    sent(phone, make.at("10:10"))
    with at(make.at("10:20")):
        sheet = diane.get(f"/board/technicians/{cast.tariq.id}/absence?territory=rennes").text
        assert "Service terminé" in sheet
        away = db.session.scalars(select(Absence).order_by(Absence.id.desc())).first()
        form = {"absence": away.id, "version": cast.tariq.absences_version}
        assert (
            diane.post(f"/board/technicians/{cast.tariq.id}/return?territory=rennes", **form).status_code
            == 200
        )
        db.session.expire_all()
        assert whereabouts.ongoing(cast.tariq) == []


def test_at_the_kiosk_he_is_not_there_for_visits_until_he_leaves_it(phone, jobs, diane, cast):
    where = make.kiosk()
    page = phone.browser.get("/jobs").text
    assert "Kiosque Colbert" in page
    says(phone, TEN, "kiosk", kiosk=str(where.id), minutes="120")
    assert sent(phone, TEN) == ["applied"]
    duty = the(KioskDuty)
    assert (duty.starts_at, duty.ends_at, duty.is_open) == (TEN, make.at("12:00"), True)
    assert start(jobs[0]) >= make.at("12:00")
    assert "Au kiosque depuis 10:00" in diane.get(BOARD).text
    assert "Je quitte le kiosque" in phone.browser.get("/jobs").text
    says(phone, make.at("10:30"), "leave")
    assert sent(phone, make.at("10:30")) == ["applied"]
    assert (the(KioskDuty).ends_at, the(KioskDuty).is_open) == (make.at("10:30"), False)
    assert everything_wrong() == []


def test_a_planned_duty_is_begun_by_the_tap_and_a_pause_leads_back_to_it(phone, cast):
    duty = make.duty(cast.tariq, ("10:15", "12:00"))
    says(phone, TEN, "kiosk", kiosk=str(duty.kiosk_id))
    says(phone, make.at("10:30"), "pause", minutes="15")
    assert sent(phone, make.at("10:30")) == ["applied"] * 2
    begun = the(KioskDuty)
    assert (begun.starts_at, begun.ends_at, begun.is_open) == (TEN, make.at("12:00"), True)
    with at(make.at("10:31")):
        assert [whereabouts.kind_of(one) for one in whereabouts.ongoing(cast.tariq)] == ["kiosk", "pause"]
    says(phone, make.at("10:45"), "resume")
    sent(phone, make.at("10:45"))
    with at(make.at("10:46")):
        assert [whereabouts.kind_of(one) for one in whereabouts.ongoing(cast.tariq)] == ["kiosk"]


def test_nobody_goes_to_a_kiosk_in_the_middle_of_a_visit(phone, jobs):
    jobs[0].state = "working"
    where = make.kiosk()
    says(phone, TEN, "kiosk", kiosk=str(where.id), minutes="30")
    assert sent(phone, TEN) == ["review"]
    assert db.session.scalars(select(KioskDuty)).all() == []


def test_the_form_does_the_same_once_and_says_what_keeps_him(phone, jobs):
    form = {"say": "pause", "minutes": "15", "key": "one-key"}
    for _again in range(2):
        assert phone.browser.post("/jobs/presence", data=form).status_code == 303
    assert the(Absence).kind == "pause"
    jobs[1].state = "working"
    answer = phone.browser.post(
        "/jobs/presence", data={"say": "off", "key": "two"}, headers={"HX-Request": "true"}
    )
    assert "toast" in answer.headers["HX-Trigger"]
    assert the(Absence).is_open


def test_a_phone_carries_every_state_and_who_is_signed_out_is_held_and_then_counts(
    phone, jobs, app, diane, cast
):
    told = json.loads(phone.browser.get("/jobs/carry").data)
    assert set(told["presence"]["tops"]) == {"free", "pause", "kiosk", "off"}
    assert "Reprendre" in told["presence"]["tops"]["pause"]
    assert jobs[0].number in told["presence"]["pieces"]["off"]
    assert told["presence"]["stack"] == []
    says(phone, TEN, "pause", minutes="15")
    answer = phone.send(browser=app.test_client())
    assert phone.outcomes(answer) == ["held"]
    entry = db.session.scalars(select(Action)).one()
    page = diane.get("/board/reviews").text
    assert "Pause" in page
    form = {"decision": "apply", "action": f"{entry.id}:{entry.version}"}
    assert diane.post("/board/reviews", **form).status_code in (200, 303), form
    assert the(Absence).starts_at == TEN
    kinds = set(db.session.scalars(select(Event.kind)))
    assert "technician.presence" in kinds
