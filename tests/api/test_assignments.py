"""Candidates of a job, and giving it to one of them."""

from __future__ import annotations

from dispatch.clock import at
from dispatch.extensions import db
from tests import factories as make
from tests.api.callers import PREFIX, calling, key, seen

JOBS = f"{PREFIX}/jobs"


def test_candidates_come_best_first_with_the_rules_they_break(app, cast):
    make.technician("Karim", skills={"printer": 2})
    job = make.job(skills={"printer": 2})
    answer = calling(app, cast.denis, "en").get(f"{JOBS}/{job.number}/candidates")
    assert answer.status_code == 200, answer.text
    best, *others = answer.json["items"]
    assert (best["technician"]["code"], best["feasible"], best["broken"]) == ("karim", True, [])
    assert best["start"].endswith("+01:00")
    assert {one["technician"]["code"] for one in others} == {"tariq", "zoe"}
    assert others[0]["broken"] == [
        {"rule": "skill", "detail": "skill printer missing, level 2 needed", "waivable": True}
    ]


def test_an_ended_job_has_no_candidates(app, cast):
    job = make.job(state="completed", technician=cast.tariq)
    assert calling(app, cast.denis).get(f"{JOBS}/{job.number}/candidates").status_code == 409


def test_a_job_without_a_place_says_why_nobody_can_take_it(app, cast):
    job = make.job(territory_id=None, building_id=None)
    answer = calling(app, cast.denis).get(f"{JOBS}/{job.number}/candidates")
    assert (answer.status_code, answer.json["reason"]) == (422, "no_place")


def test_denis_gives_a_job_to_the_best_candidate_as_it_was_answered(app, cast):
    job = make.job()
    address = f"{JOBS}/{job.number}"
    denis = calling(app, cast.denis)
    best = denis.get(f"{address}/candidates").json["items"][0]
    body = {"technician": best["technician"], "lock": "both"}
    answer = denis.put(f"{address}/assignment", json=body, headers=seen(denis.get(address)))
    assert answer.status_code == 200, answer.text
    assert (answer.json["technician"], answer.json["lock"]) == (best["technician"], "both")
    assert (answer.json["state"], answer.json["start"]) == ("dispatched", answer.json["lock_start"])
    assert denis.get(address).headers["ETag"] == answer.headers["ETag"]


def test_a_lock_alone_leaves_the_times_as_they_are(app, cast):
    job = make.job(technician=cast.tariq, start=make.at("15:00"))
    body = {"technician": "tariq", "lock": "time", "version": job.version}
    answer = calling(app, cast.denis).put(f"{JOBS}/{job.number}/assignment", json=body)
    assert (answer.json["lock"], answer.json["start"]) == ("time", "2026-11-23T15:00:00+01:00")


def test_broken_rules_are_listed_and_can_be_overridden_with_a_reason(app, cast):
    job = make.job(skills={"printer": 2})
    assignment = f"{JOBS}/{job.number}/assignment"
    denis = calling(app, cast.denis)
    body = {"technician": "tariq", "version": job.version}
    refused = denis.put(assignment, json=body)
    assert (refused.status_code, [one["rule"] for one in refused.json["broken"]]) == (422, ["skill"])
    assert denis.put(assignment, json={**body, "override_reason": "  "}).status_code == 422
    done = denis.put(assignment, json={**body, "override_reason": "il connaît cette imprimante"})
    assert (done.status_code, done.json["waived"]) == (
        200, [{"rule": "skill", "reason": "il connaît cette imprimante"}]
    )  # fmt: skip


def test_in_guadeloupe_broken_rules_tell_the_time_there(app, cast):
    island = make.territory("pointe", zone="America/Guadeloupe", max_overtime_minutes=0)
    site = make.site("Jarry", territory_id=island.id, zone=island.zone)
    # on Guadeloupe 7:00 to 11:00
    make.technician("Solange", territory_id=island.id, hours=("12:00", "16:00"))
    job = make.job(building_id=make.building("Jarry", at_site=site).id, territory_id=island.id)
    body = {
        "technician": "solange",
        "start": "2026-11-23T10:50:00-04:00",
        "lock": "both",
        "version": job.version,
    }
    refused = calling(app, cast.diane, "en").put(f"{JOBS}/{job.number}/assignment", json=body)
    assert refused.status_code == 422, refused.text
    told = {one["rule"]: one["detail"] for one in refused.json["broken"]}
    assert told["shift"].startswith("would end at 11:2"), told


def test_a_time_that_is_locked_is_kept_to_the_minute(app, cast):
    job = make.job()
    body = {
        "technician": "tariq",
        "start": "2026-11-23T14:30:00+01:00",
        "lock": "both",
        "version": job.version,
    }
    answer = calling(app, cast.denis).put(f"{JOBS}/{job.number}/assignment", json=body)
    assert (answer.status_code, answer.json["start"]) == (200, "2026-11-23T14:30:00+01:00"), answer.text
    assert answer.json["lock_start"] == answer.json["start"]


def test_a_rule_that_nobody_can_override_stays_broken_with_a_reason(app, cast):
    make.job("under way", technician=cast.tariq, start=make.at("08:00"), state="working", minutes=120)
    job = make.job()
    body = {
        "technician": "tariq", "start": "2026-11-23T09:00:00+01:00", "lock": "time", "override_reason": "urgent",
        "version": job.version,
    }  # fmt: skip
    answer = calling(app, cast.denis).put(f"{JOBS}/{job.number}/assignment", json=body)
    assert answer.status_code == 422, answer.text
    assert ("lock", False) in [(one["rule"], one["waivable"]) for one in answer.json["broken"]]


def test_somebody_who_does_not_work_that_day_cannot_be_chosen(app, cast):
    make.technician("Karim", day=None)
    job = make.job()
    answer = calling(app, cast.denis).put(
        f"{JOBS}/{job.number}/assignment", json={"technician": "karim", "version": 1}
    )
    assert (answer.status_code, answer.json["reason"]) == (422, "not_working")


def test_an_assignment_needs_a_version_even_under_a_key(app, cast):
    job = make.job()
    assignment = f"{JOBS}/{job.number}/assignment"
    denis = calling(app, cast.denis)
    assert denis.put(assignment, json={"technician": "tariq"}, headers=key("k")).status_code == 428
    first = denis.put(assignment, json={"technician": "tariq", "version": 1}, headers=key("k"))
    assert first.status_code == 200, first.text
    late = denis.put(assignment, json={"technician": "zoe", "version": 1})
    assert (late.status_code, late.json["current"]["technician"]["code"]) == (412, "tariq")
    again = denis.put(assignment, json={"technician": "tariq", "version": 1}, headers=key("k"))
    assert (again.status_code, again.json) == (200, first.json)


def test_somebody_who_does_not_exist_for_denis_cannot_be_chosen(app, cast):
    elsewhere = make.technician("Nolwenn", territory_id=make.territory("brest").id)
    job = make.job()
    denis = calling(app, cast.denis)
    for name in ("nolwenn", elsewhere.id, {"id": elsewhere.id}, "nobody", 999, True, None, ["tariq"]):
        answer = denis.put(f"{JOBS}/{job.number}/assignment", json={"technician": name, "version": 1})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["technician"]), name
    db.session.refresh(job)
    assert job.technician_id is None


def test_only_the_desk_and_whoever_has_it_assign(app, cast):
    job = make.job(technician=cast.tariq)
    others = calling(app, cast.zoe.user)
    assert (
        others.put(f"{JOBS}/{job.number}/assignment", json={"technician": "zoe", "version": 1}).status_code
        == 404
    )
    for person in (cast.paula, cast.carole):
        caller = calling(app, person)
        assert caller.get(f"{JOBS}/{job.number}/candidates").status_code == 403
        body = {"technician": "zoe", "version": 1}
        assert caller.put(f"{JOBS}/{job.number}/assignment", json=body).status_code == 403


def test_a_technician_hands_his_own_job_to_a_colleague_within_the_rules(app, cast):
    job = make.job(technician=cast.tariq, start=make.at("14:00"), state="accepted")
    address, tariq = f"{JOBS}/{job.number}", calling(app, cast.tariq.user)
    with at(make.at("10:00")):
        items = tariq.get(f"{address}/candidates").json["items"]
        assert [(one["technician"]["code"], one["feasible"]) for one in items] == [("zoe", True)]
        desk_only = {"technician": "zoe", "version": job.version, "override_reason": "moi aussi"}
        assert tariq.put(f"{address}/assignment", json=desk_only).json["errors"].keys() == {"override_reason"}
        assert tariq.put(f"{address}/assignment", json={"technician": "zoe"}).status_code == 428
        answer = tariq.put(f"{address}/assignment", json={"technician": "zoe", "version": job.version})
        assert (answer.status_code, answer.json["technician"]["code"]) == (200, "zoe")
        assert (
            tariq.put(f"{address}/assignment", json={"technician": "tariq", "version": 1}).status_code == 404
        )


def test_what_is_a_dispatchers_to_decide_is_refused_by_its_reason(app, cast):
    locked = make.job(technician=cast.tariq, start=make.at("14:00"), state="accepted", lock="technician",
                      lock_technician_id=cast.tariq.id)  # fmt: skip
    tariq = calling(app, cast.tariq.user)
    with at(make.at("10:00")):
        body = {"technician": "zoe", "version": locked.version}
        answer = tariq.put(f"{JOBS}/{locked.number}/assignment", json=body)
        assert (answer.status_code, answer.json["reason"]) == (422, "locked")
        assert tariq.get(f"{JOBS}/{locked.number}/candidates").json["reason"] == "locked"
