"""Asking for a plan, reading and answering the proposal, reading the live plan."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from dispatch.extensions import db
from dispatch.models.plan import Explanation, PlanRun
from dispatch.models.technician import TechnicianSkill
from dispatch.planning import run as planning
from tests import factories as make
from tests.api.callers import PREFIX, calling, key

RUNS = f"{PREFIX}/plan-runs"
ASKED = {"day": "2026-11-23", "seconds": 1}


@pytest.fixture
def proposed(app, cast):
    """Asks as Diane for a plan and lets the worker of the test work it out."""

    def ask(**more) -> str:
        answer = calling(app, cast.diane).post(RUNS, json={**ASKED, **more})
        assert answer.status_code == 202, answer.text
        with app.app_context():
            planning.execute(answer.json["id"], "worker of the test")
        return answer.headers["Location"]

    return ask


def test_diane_asks_for_a_plan_and_the_queue_wakes_a_worker(app, cast, monkeypatch):
    woken = []
    monkeypatch.setattr("dispatch.tasks.enqueue", lambda *arguments: woken.append(arguments))
    diane = calling(app, cast.diane)
    answer = diane.post(RUNS, json=ASKED)
    assert (answer.status_code, answer.json["state"]) == (202, "queued"), answer.text
    assert answer.json["requested_at"] == "2026-11-23T08:00:00+01:00"
    assert diane.get(answer.headers["Location"]).json == answer.json
    assert woken == [("solve", answer.json["id"])]


def test_without_a_length_it_searches_as_long_as_the_operator_has_set(app, cast):
    answer = calling(app, cast.diane).post(RUNS, json={"day": "2026-11-23"})
    assert (answer.status_code, answer.json["seconds"]) == (202, app.config["SETTINGS"].solver_seconds)


def test_a_run_may_be_limited_in_what_it_changes(app, cast):
    diane = calling(app, cast.diane)
    asked = (
        ({"kind": "technicians", "technicians": ["zoe"]}, {"kind": "technicians", "technicians": [cast.zoe.id], "from": None}),
        ({"kind": "from", "from": "2026-11-23T13:00:00Z"}, {"kind": "from", "technicians": [], "from": "2026-11-23T14:00:00+01:00"}),
        ({"kind": "unassigned"}, {"kind": "unassigned", "technicians": [], "from": None}),
        (None, {"kind": "all", "technicians": [], "from": None}),
    )  # fmt: skip
    for said, shown in asked:
        answer = diane.post(RUNS, json={**ASKED, **({"scope": said} if said else {})})
        assert answer.status_code == 202, answer.text
        scope = answer.json["scope"]
        assert {**scope, "technicians": [one["id"] for one in scope["technicians"]]} == shown
        diane.post(f"{answer.headers['Location']}/cancellation")
    far = make.technician("Nolwenn", territory_id=make.territory("brest").id)
    wrong = ({"kind": "repair"}, {"kind": "technicians"}, {"kind": "from"}, {"kind": "all", "technicians": ["zoe"]},
             {"kind": "technicians", "technicians": ["nobody"]}, {"kind": "technicians", "technicians": [far.code]})  # fmt: skip
    for said in wrong:
        assert diane.post(RUNS, json={**ASKED, "territory": "rennes", "scope": said}).status_code == 422, said


def test_a_second_run_is_refused_and_shown_the_way_to_the_first(app, cast):
    diane = calling(app, cast.diane)
    first = diane.post(RUNS, json=ASKED)
    second = diane.post(RUNS, json=ASKED)
    assert (second.status_code, second.headers["Location"]) == (409, first.headers["Location"])
    assert diane.post(f"{first.headers['Location']}/cancellation").json["state"] == "cancelled"
    assert diane.post(RUNS, json=ASKED).status_code == 202


def test_without_a_territory_the_callers_only_one_is_meant(app, cast):
    make.territory("brest")
    diane, denis = calling(app, cast.diane), calling(app, cast.denis)
    asked = diane.post(RUNS, json=ASKED)
    assert asked.status_code == 422
    assert [one["code"] for one in asked.json["territories"]] == ["brest", "rennes"]
    foreign = denis.post(RUNS, json={**ASKED, "territory": "brest"})
    assert [one["code"] for one in foreign.json["territories"]] == ["rennes"]
    assert denis.post(RUNS, json=ASKED).json["territory"]["code"] == "rennes"


def test_a_proposal_tells_what_would_change_and_why_jobs_stay_out(app, cast, proposed):
    wanted = make.job("Écran noir")
    nobody_can = make.job("Traceur", skills={"plotter": 3})
    make.job("sans durée", duration_minutes=None)
    make.technician("Karim", day=None)
    where = proposed()
    found = calling(app, cast.diane, "en").get(where).json
    assert (found["state"], found["progress"], found["served"]) == ("proposed", 1.0, 1)
    [change] = found["diff"]
    assert (change["job"], change["kind"], change["from"]) == (wanted.number, "assigned", None)
    assert change["to"]["technician"]["code"] in ("tariq", "zoe")
    assert change["to"]["start"].endswith("+01:00")
    [out] = found["unassigned"]
    assert (out["job"], out["kind"]) == (nobody_can.number, "impossible")
    assert {one["technician"]["code"]: one["rule"] for one in out["reasons"]} == {
        "tariq": "skill",
        "zoe": "skill",
    }
    assert out["text"].startswith("nobody has the skill")
    assert {(one["name"], one["reason"]) for one in found["left_out"]} >= {("Karim", "no_shift")}
    assert (
        sum(value for name, value in found["objective"].items() if name != "total")
        == found["objective"]["total"]
    )


def test_of_two_days_each_thing_says_its_day(app, cast, proposed):
    make.shift(cast.zoe, date(2026, 11, 24))
    make.job("demain", not_before=make.at("00:00", date(2026, 11, 24)))
    make.job("Traceur", skills={"plotter": 3})
    where = proposed(days=2)
    found = calling(app, cast.diane, "en").get(where).json
    [change], [out], [tariq] = found["diff"], found["unassigned"], found["left_out"]
    assert "to Zoé, Tuesday 24 at " in change["text"]
    assert {one["day"] for one in out["reasons"]} == {"2026-11-23", "2026-11-24"}
    assert out["text"].startswith("nobody has the skill")
    assert (tariq["days"], tariq["detail"]) == (["2026-11-24"], "has no shift on Tuesday 24")


def test_what_a_plan_for_everybody_costs_is_told_to_those_who_see_everybody(app, cast, proposed):
    make.job("mine")
    make.job("theirs", owner=make.client("breizh"))
    where = proposed()
    told, hidden = (calling(app, person).get(where).json for person in (cast.diane, cast.denis))
    assert told["objective"]["total"] == told["best_cost"]
    assert (hidden["state"], hidden["objective"], hidden["best_cost"]) == ("proposed", {}, None)


def test_the_work_of_other_clients_is_left_out_of_the_answer(app, cast, proposed):
    mine = make.job("mine")
    make.job("secret", owner=make.client("breizh"))
    make.job("secret and impossible", owner=make.client("breizh"), skills={"plotter": 3})
    text = calling(app, cast.denis).get(proposed()).text
    assert mine.number in text
    assert "secret" not in text


def test_a_proposal_stands_beside_the_live_plan(app, cast, proposed):
    window = {"promised_from": make.at("08:10"), "promised_to": make.at("08:20")}
    first = make.job("en cours", technician=cast.tariq, start=make.at("08:30"), minutes=60)
    due = make.job(
        "promise",
        technician=cast.tariq,
        start=make.at("09:40"),
        lock="time",
        lock_start=make.at("09:40"),
        **window,
    )
    wanted = make.job("Écran noir", skills={"printer": 2})
    cast.zoe.skills.append(TechnicianSkill(skill_id=make.skill("printer").id, level=2))
    asked = calling(app, cast.diane).post(RUNS, json=ASKED)
    assert asked.json["compared"] is None
    calling(app, cast.diane).post(f"{asked.headers['Location']}/cancellation")
    location = proposed()
    found = calling(app, cast.diane, "en").get(location).json
    compared = found["compared"]
    assert compared["served"] == {"before": 2, "after": 3}
    assert compared["objective"]["unserved"] > 0 == found["objective"]["unserved"]
    [zoe] = [one for one in compared["technicians"] if one["technician"]["code"] == "zoe"]
    assert (zoe["day"], zoe["holds"], zoe["jobs_came"], zoe["jobs_gone"]) == ("2026-11-23", True, 1, 0)
    assert zoe["work_seconds"] == 1800
    assert zoe["end"]["before"] is None and zoe["end"]["after"].endswith("+01:00")
    assert zoe["text"].startswith("Zoé: 1 job more, 30\u00a0min more work, ")
    assert compared["promises"] == [], "a locked start is where it was"
    assert {first.number, due.number}.isdisjoint(
        one["job"] for one in found["diff"] if one["kind"] == "assigned"
    )
    assert wanted.number in [one["job"] for one in found["diff"]]


def promised_of(job):
    window, starts = [make.at("14:00"), make.at("15:00")], [make.at("14:30"), make.at("15:20")]
    return {"job": job.id, "number": job.number, "client_id": job.client_id, "summary": job.ticket.summary, "priority": 3,
            "kind": "broken", "window": [one.isoformat() for one in window],
            "start": [one.isoformat() for one in starts], "outside": [0, 1200]}  # fmt: skip


def test_promised_times_are_told_to_those_who_see_the_client(app, cast, proposed):
    mine, theirs = make.job("mine"), make.job("secret", owner=make.client("breizh"))
    location = proposed()
    run = db.session.get_one(PlanRun, 1)
    run.basis = {
        **run.basis,
        "weighed": {**run.weighed, "promises": [promised_of(theirs), promised_of(mine)]},
    }
    db.session.commit()
    told, hidden = (calling(app, person, "en").get(location) for person in (cast.diane, cast.denis))
    assert [one["job"] for one in told.json["compared"]["promises"]] == [theirs.number, mine.number]
    compared = hidden.json["compared"]
    assert (compared["objective"], compared["served"], compared["technicians"]) == ({}, None, [])
    [promise] = compared["promises"]
    assert (promise["job"], promise["kind"], promise["outside_seconds"]) == (mine.number, "broken", 1200)
    assert promise["promised"] == {"from": "2026-11-23T14:00:00+01:00", "to": "2026-11-23T15:00:00+01:00"}
    assert promise["start"] == {"before": "2026-11-23T14:30:00+01:00", "after": "2026-11-23T15:20:00+01:00"}
    assert promise["text"].endswith("would start at 15:20 instead of 14:30, 20\u00a0min too late")
    assert theirs.number not in hidden.text


def test_a_proposal_costs_the_same_queries_whoever_gains(app, cast, proposed, queries):
    make.job()
    location, diane = proposed(), calling(app, cast.diane)
    few = queries(lambda: diane.get(location))
    run = db.session.get_one(PlanRun, 1)
    days = [
        {**run.weighed["days"][0], "technician_id": make.technician(f"Personne {n}").id} for n in range(9)
    ]
    promises = [promised_of(make.job()) for _ in range(9)]
    run.basis = {**run.basis, "weighed": {**run.weighed, "days": days, "promises": promises}}
    assert queries(lambda: diane.get(location)) == few


def test_an_accepted_proposal_is_the_live_plan(app, cast, proposed):
    job = make.job("Écran noir")
    location = proposed()
    diane = calling(app, cast.diane)
    answer = diane.post(f"{location}/acceptance")
    assert (answer.status_code, answer.json["state"]) == (200, "accepted"), answer.text
    plan = diane.get(f"{PREFIX}/plans/2026-11-23").json
    [stop] = [stop for route in plan["routes"] for stop in route["stops"]]
    assert (stop["job"], stop["state"]) == (job.number, "dispatched")
    assert stop["arrival"] <= stop["start"] < stop["end"]


def test_accepting_twice_answers_412_and_once_under_a_key_replays(app, cast, proposed):
    make.job()
    location = proposed()
    diane = calling(app, cast.diane)
    first = diane.post(f"{location}/acceptance", headers=key("yes"))
    assert diane.post(f"{location}/acceptance", headers=key("yes")).json == first.json
    late = diane.post(f"{location}/acceptance")
    assert (late.status_code, late.json["current"]["state"]) == (412, "accepted")
    assert diane.post(f"{location}/rejection").status_code == 412


def test_accepting_a_superseded_run_answers_412_with_the_run(app, cast, proposed):
    make.job()
    older, _newer = proposed(), proposed()
    answer = calling(app, cast.diane).post(f"{older}/acceptance")
    assert (answer.status_code, answer.json["current"]["state"]) == (412, "superseded")


def test_a_rejected_proposal_changes_nothing(app, cast, proposed):
    job = make.job()
    diane = calling(app, cast.diane)
    assert diane.post(f"{proposed()}/rejection").json["state"] == "rejected"
    assert diane.get(f"{PREFIX}/jobs/{job.number}").json["state"] == "unplanned"


def test_runs_are_for_the_desk_of_their_territory(app, cast, proposed):
    make.job()
    location = proposed()
    for person in (cast.paula, cast.carole, cast.tariq.user):
        caller = calling(app, person)
        for answer in (
            caller.get(location),
            caller.post(RUNS, json=ASKED),
            caller.post(f"{location}/acceptance"),
        ):
            assert answer.status_code == 403
    far = make.client("loin", territory_id=make.territory("brest").id)
    stranger = calling(app, make.user("Solène", "dispatcher", [far]))
    assert stranger.get(location).status_code == 404
    assert stranger.post(f"{location}/acceptance").status_code == 404
    assert db.session.get_one(PlanRun, 1).state == "proposed"


def test_a_run_for_everybody_is_not_stopped_by_a_dispatcher_of_one_client(app, cast):
    location = calling(app, cast.diane).post(RUNS, json=ASKED).headers["Location"]
    denis = calling(app, cast.denis)
    assert denis.post(f"{location}/cancellation").status_code == 403
    assert denis.get(location).json["state"] == "queued"


def test_a_run_for_everybody_is_not_answered_by_a_dispatcher_of_one_client(app, cast, proposed):
    make.job()
    location = proposed()
    denis = calling(app, cast.denis)
    assert denis.post(f"{location}/acceptance").status_code == 403
    assert denis.post(f"{location}/rejection").status_code == 403
    assert denis.get(location).json["state"] == "proposed"


def test_a_plan_shows_breaks_locks_and_reasons_and_foreign_work_as_busy_time(app, cast):
    mine = make.job("mine", technician=cast.tariq, start=make.at("09:00"), lock="both")
    make.job("secret", owner=make.client("breizh"), technician=cast.tariq, start=make.at("10:00"))
    lost = make.job("lost", skills={"plotter": 3})
    reasons = [{"technician_id": cast.zoe.id, "rule": "overlap", "values": {}}]
    db.session.add(Explanation(job_id=lost.id, at=make.at("07:00"), kind="outbid", reasons=reasons,
                               outbid_by=[mine.id, 2], fix={}))  # fmt: skip
    make.duty(cast.zoe, ("13:00", "15:00"))
    answer = calling(app, cast.denis).get(f"{PREFIX}/plans/2026-11-23?territory=rennes")
    assert "secret" not in answer.text
    routes = {route["technician"]["code"]: route for route in answer.json["routes"]}
    assert [(stop["job"], stop["lock"]) for stop in routes["tariq"]["stops"]] == [(mine.number, "both")]
    assert routes["tariq"]["busy"] == [
        {"kind": "busy", "from": "2026-11-23T10:00:00+01:00", "to": "2026-11-23T10:30:00+01:00"}
    ]
    assert routes["zoe"]["busy"][0]["kind"] == "kiosk"
    [out] = answer.json["unassigned"]
    assert (out["job"], out["kind"], out["outbid_by"]) == (lost.number, "outbid", [mine.number])
    assert out["outbid_by_others"] == 1
    assert out["reasons"][0]["technician"]["code"] == "zoe"


def test_a_plan_costs_the_same_queries_whatever_it_holds(app, cast, queries):
    denis = calling(app, cast.denis)
    make.job("one", technician=cast.tariq)
    make.job("open")
    few = queries(lambda: denis.get(f"{PREFIX}/plans/2026-11-23"))
    for number in range(15):
        make.job(
            f"more {number}", technician=cast.zoe, start=make.at("09:00") + timedelta(minutes=20 * number)
        )
        make.job(f"open {number}")
    assert queries(lambda: denis.get(f"{PREFIX}/plans/2026-11-23")) == few


def test_a_day_that_is_none_does_not_exist(app, cast):
    denis = calling(app, cast.denis)
    for day in ("2026-02-31", "tomorrow", "20261123", "0001-01-01", "9999-12-31", "2026-W48-1"):
        assert denis.get(f"{PREFIX}/plans/{day}").status_code == 404, day
    for day in ("2026-02-31", "0001-01-01", 20261123, None):
        answer = denis.post(RUNS, json={"day": day, "seconds": 1})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["day"])


def test_a_part_of_a_proposal_is_accepted(app, cast, proposed):
    one, other = make.job("Écran"), make.job("Clavier")
    location = proposed()
    diane = calling(app, cast.diane)
    unknown = diane.post(f"{location}/acceptance", json={"jobs": [one.number, "INT-99999"]})
    assert (unknown.status_code, list(unknown.json["errors"])) == (422, ["jobs"]), unknown.text
    assert diane.post(f"{location}/acceptance", json={"jobs": []}).status_code == 422
    answer = diane.post(f"{location}/acceptance", json={"jobs": [one.number]})
    assert (answer.status_code, answer.json["state"], answer.json["unfit"]) == (200, "accepted", [])
    states = [diane.get(f"{PREFIX}/jobs/{job.number}").json["state"] for job in (one, other)]
    assert states == ["dispatched", "unplanned"]


def test_a_what_if_is_asked_for_told_as_such_and_made_real(app, cast, proposed, session):
    assumed = [
        {"kind": "absent", "technician": "tariq", "from": "2026-11-23T08:00:00+01:00", "to": "2026-11-23T18:00:00+01:00"},
        {"kind": "more_jobs", "building": make.building().id, "category": make.category("printer").code, "count": 2},
    ]  # fmt: skip
    session.commit()
    where, diane = proposed(assumed=assumed), calling(app, cast.diane, "en")
    told = diane.get(where).json
    assert [one["text"] for one in told["assumed"]] == [
        "Absent: Tariq, from 08:00 to 18:00", "2 jobs more: printer, Colbert, P3",
    ]  # fmt: skip
    assert told["assumed"][0]["from"] == "2026-11-23T08:00:00+01:00"
    assert {item["job"] for item in told["diff"]} == {"+1", "+2"}
    assert diane.get(proposed()).json["assumed"] == []
    assert calling(app, cast.denis).get(where).status_code == 404
    both = diane.post(RUNS, json={"day": "2026-11-23", "assumed": assumed, "scope": {"kind": "unassigned"}})
    assert (both.status_code, list(both.json["errors"])) == (422, ["scope"])
    part = diane.post(f"{where}/acceptance", json={"jobs": ["+1"]})  # it becomes real as a whole
    assert (part.status_code, list(part.json["errors"])) == (422, ["jobs"])
    accepted = diane.post(f"{where}/acceptance").json
    assert (accepted["state"], {item["job"] for item in accepted["diff"]}) == (
        "accepted",
        {"INT-1001", "INT-1002"},
    )


def test_an_assumption_that_makes_no_sense_is_refused_where_it_was_said(app, cast):
    make.category("printer")
    diane = calling(app, cast.diane, "en")
    for assumed, field in (
        ([], "assumed.0.kind"), ([{"kind": "absent", "technician": "tariq"}], "assumed.0.from"),
        ([{"kind": "longer", "job": "INT-9999", "minutes": 5}], "assumed.0.job"),
        ([{"kind": "more_jobs", "building": make.building().id, "category": "nothing"}], "assumed.0.category"),
    ):  # fmt: skip
        answer = diane.post(RUNS, json={**ASKED, "assumed": assumed})
        assert (answer.status_code, next(iter(answer.json["errors"]))) == (422, field), answer.text
    assert db.session.query(PlanRun).count() == 0
