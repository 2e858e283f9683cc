"""GET /jobs and the transitions."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from dispatch import clock
from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.job import Job
from tests import factories as make
from tests.api.callers import PREFIX, calling, key, seen

JOBS = f"{PREFIX}/jobs"


def test_jobs_come_in_planned_order_and_those_in_no_route_last(app, cast):
    last = make.job("unplanned")
    later = make.job("later", technician=cast.tariq, start=make.at("14:00"))
    first = make.job("first", technician=cast.zoe, start=make.at("09:00"))
    denis = calling(app, cast.denis)
    listed, cursor = [], ""
    while cursor is not None:
        page = denis.get(f"{JOBS}?limit=1" + (f"&cursor={cursor}" if cursor else "")).json
        listed += [job["number"] for job in page["items"]]
        cursor = page["next"]
    assert listed == [first.number, later.number, last.number]


def test_jobs_are_filtered_by_technician_day_and_state(app, cast):
    mine = make.job("mine", technician=cast.tariq, state="accepted")
    make.job("other day", technician=cast.tariq, start=make.at("09:00") + timedelta(days=1))
    make.job("other person", technician=cast.zoe)
    denis = calling(app, cast.denis)
    for query in ("technician=tariq&day=2026-11-23", f"technician={cast.tariq.id}&state=accepted"):
        assert [job["number"] for job in denis.get(f"{JOBS}?{query}").json["items"]] == [mine.number]
    assert denis.get(f"{JOBS}?technician=nobody").json == {"items": [], "next": None}


def test_a_job_is_found_by_number_and_by_id_with_times_of_its_site(app, cast):
    job = make.job(technician=cast.tariq, start=make.at("09:30"))
    denis = calling(app, cast.denis)
    by_number, by_id = denis.get(f"{JOBS}/{job.number}"), denis.get(f"{JOBS}/{job.id}")
    assert by_number.json == by_id.json
    assert by_number.json["start"] == "2026-11-23T09:30:00+01:00"
    assert by_number.json["technician"] == {"id": cast.tariq.id, "code": "tariq", "name": "Tariq"}
    for wrong in ("INT-1", "INT-x", "999999", "-1", "x", "99999999999999999999"):
        assert denis.get(f"{JOBS}/{wrong}").status_code == 404


def test_jobs_of_others_do_not_exist(app, cast):
    foreign = make.job(owner=make.client("breizh"), technician=cast.zoe)
    for person in (cast.denis, cast.paula, cast.carole, cast.tariq.user):
        caller = calling(app, person)
        assert caller.get(f"{JOBS}/{foreign.number}").status_code == 404
        assert caller.get(JOBS).json["items"] == []
    denis = calling(app, cast.denis)
    assert (
        denis.post(f"{JOBS}/{foreign.number}/transitions", json={"to": "cancelled", "version": 1}).status_code
        == 404
    )
    assert denis.get(f"{JOBS}/{foreign.number}/candidates").status_code == 404
    body = {"technician": "tariq", "version": 1}
    assert denis.put(f"{JOBS}/{foreign.number}/assignment", json=body).status_code == 404


def test_tariq_takes_a_job_through_its_states(app, cast):
    job = make.job(technician=cast.tariq)
    address = f"{JOBS}/{job.number}"
    tariq = calling(app, cast.tariq.user)
    answer = tariq.get(address)
    for state in ("accepted", "travelling", "working", "completed"):
        answer = tariq.post(f"{address}/transitions", json={"to": state}, headers=seen(answer))
        assert (answer.status_code, answer.json["state"]) == (200, state), answer.text
    assert tariq.get(address).json["outcome"] == "solved"


def test_a_move_without_a_version_answers_428_and_with_a_stale_one_412_with_the_current_state(app, cast):
    job = make.job(technician=cast.tariq)
    moves = f"{JOBS}/{job.number}/transitions"
    tariq = calling(app, cast.tariq.user)
    silent = tariq.post(moves, json={"to": "accepted"})
    assert (silent.status_code, silent.content_type) == (428, "application/problem+json")
    done = tariq.post(moves, json={"to": "accepted", "version": job.version})
    for stale in ({"json": {"to": "travelling", "version": 1}},
                  {"json": {"to": "travelling"}, "headers": {"If-Match": '"1"'}}):  # fmt: skip
        answer = tariq.post(moves, **stale)
        assert answer.status_code == 412
        assert answer.json["current"]["state"] == "accepted"
        assert answer.headers["ETag"] == done.headers["ETag"]


def test_an_illegal_move_names_the_legal_ones(app, cast):
    job = make.job(technician=cast.tariq)
    tariq = calling(app, cast.tariq.user)
    answer = tariq.post(f"{JOBS}/{job.number}/transitions", json={"to": "paused", "version": 1})
    assert (answer.status_code, answer.json["legal"]) == (409, ["accepted", "declined", "solved_remotely"])
    assert tariq.get(f"{JOBS}/{job.number}").json["legal"] == ["accepted", "declined", "solved_remotely"]


def test_moves_that_need_a_technician_are_left_to_the_assignment(app, cast):
    job = make.job()
    answer = calling(app, cast.denis).post(
        f"{JOBS}/{job.number}/transitions", json={"to": "planned", "version": 1}
    )
    assert (answer.status_code, answer.json["legal"]) == (409, ["cancelled"])


def test_an_absent_user_leads_to_a_follow_up_in_the_same_answer(app, cast):
    job = make.job(technician=cast.tariq, state="working")
    body = {
        "to": "not_completed", "reason": "user_absent", "version": 1, "at": "2026-11-23T07:59:00+01:00",
        "follow_up": {"kind": "new_window", "window": ["2026-11-24T09:00:00+01:00", "2026-11-24T11:00:00+01:00"]},
    }  # fmt: skip
    answer = calling(app, cast.tariq.user).post(f"{JOBS}/{job.number}/transitions", json=body)
    assert (answer.status_code, answer.json["state"]) == (200, "not_completed"), answer.text
    made = calling(app, cast.denis).get(f"{JOBS}/{answer.json['follow_up']}").json
    assert (made["follows"], made["state"]) == (job.number, "unplanned")
    assert made["promised"] == {"from": "2026-11-24T09:00:00+01:00", "to": "2026-11-24T11:00:00+01:00"}


def test_the_kind_of_follow_up_is_enough_where_it_needs_no_details(app, cast):
    job = make.job(technician=cast.tariq, state="working")
    body = {"to": "not_completed", "reason": "no_access", "follow_up": "access", "version": 1}
    answer = calling(app, cast.tariq.user).post(f"{JOBS}/{job.number}/transitions", json=body)
    assert answer.json["follow_up"], answer.text


def test_what_a_move_still_needs_is_named(app, cast):
    job = make.job(technician=cast.tariq, state="working")
    tariq = calling(app, cast.tariq.user)
    other_skill = {"to": "not_completed", "reason": "other_skill", "version": 1}
    for body, field in (
        ({"to": "not_completed", "version": 1}, "reason"),
        ({"to": "not_completed", "reason": "other", "version": 1}, "note"),
        ({**other_skill, "follow_up": "other_skill"}, "follow_up.skill"),
        ({**other_skill, "follow_up": {"kind": "other_skill", "skill": "sorcery"}}, "follow_up.skill"),
        ({"to": "completed", "version": 1, "follow_up": "access"}, "follow_up"),
        ({"to": "sorcery", "version": 1}, "to"),
        ({"to": "paused", "version": 1, "technician_id": 3}, "technician_id"),
    ):
        answer = tariq.post(f"{JOBS}/{job.number}/transitions", json=body)
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field]), answer.text
    assert tariq.get(f"{JOBS}/{job.number}").json["state"] == "working"


def test_denis_takes_back_cancels_and_reopens(app, cast):
    job = make.job(technician=cast.tariq)
    address = f"{JOBS}/{job.number}"
    denis = calling(app, cast.denis)
    answer = denis.get(address)
    for to, state in (("unplanned", "unplanned"), ("cancelled", "cancelled"), ("reopened", "unplanned")):
        answer = denis.post(
            f"{address}/transitions", json={"to": to, "note": "demandé"}, headers=seen(answer)
        )
        assert (answer.status_code, answer.json["state"]) == (200, state), answer.text
    assert answer.json["technician"] is None


def test_a_move_under_a_key_is_made_once_and_needs_no_version(app, cast):
    job = make.job(technician=cast.tariq)
    moves = f"{JOBS}/{job.number}/transitions"
    tariq = calling(app, cast.tariq.user)
    body = {"to": "accepted", "based_on": 99}
    first, again = (tariq.post(moves, json=body, headers=key("tap 1")) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.json, first.headers["ETag"]) == (again.json, again.headers["ETag"])
    other = tariq.post(moves, json={"to": "travelling"}, headers=key("tap 1"))
    assert (other.status_code, other.content_type) == (422, "application/problem+json")
    states = select(func.count()).select_from(Event).where(Event.job_id == job.id, Event.kind == "job.state")
    assert db.session.scalar(states) == 1


def test_a_refusal_that_may_change_is_not_kept_under_the_key(app, cast):
    job = make.job(technician=cast.tariq)
    moves = f"{JOBS}/{job.number}/transitions"
    tariq = calling(app, cast.tariq.user)
    early = tariq.post(moves, json={"to": "travelling"}, headers=key("leaving"))
    assert (early.status_code, early.json["legal"]) == (409, ["accepted", "declined", "solved_remotely"])
    tariq.post(moves, json={"to": "accepted"}, headers=key("accepting"))
    assert tariq.post(moves, json={"to": "travelling"}, headers=key("leaving")).status_code == 200


def test_a_mistap_is_undone_within_a_minute(app, cast):
    job = make.job(technician=cast.tariq)
    moves = f"{JOBS}/{job.number}/transitions"
    tariq = calling(app, cast.tariq.user)
    tapped = tariq.post(moves, json={"to": "accepted"}, headers=key("a"))
    assert "undone" in tapped.json["legal"]
    assert tariq.post(moves, json={"to": "undone"}, headers=key("b")).json["state"] == "dispatched"
    tariq.post(moves, json={"to": "accepted"}, headers=key("c"))
    with clock.at(make.at("08:02")):
        assert tariq.post(moves, json={"to": "undone"}, headers=key("d")).status_code == 409


def test_a_list_costs_the_same_queries_whatever_its_length(app, cast, queries):
    denis = calling(app, cast.denis)
    for number in range(3):
        make.job(f"job {number}", technician=cast.tariq)
    few = queries(lambda: denis.get(JOBS))
    right, place = make.right(), make.building("Duchesse")
    for number in range(20):
        make.job(f"more {number}", technician=cast.zoe, admin_right_id=right.id, building_id=place.id)
    assert queries(lambda: denis.get(JOBS)) == few
    assert db.session.scalar(select(func.count()).select_from(Job)) == 23
