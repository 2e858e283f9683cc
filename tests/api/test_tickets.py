"""POST and GET /tickets."""

from __future__ import annotations

from sqlalchemy import func, select

from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.models.ticket import Ticket
from tests import factories as make
from tests.api.callers import PREFIX, calling

TICKETS = f"{PREFIX}/tickets"
HANDED = {
    "client": "acme",
    "external_ref": {"system": "servicenow", "id": "INC0001"},
    "kind": "incident",
    "requester": {"name": "Camille Bihan", "phone": "02 61 91 00 10", "email": "camille@acme.example"},
    "place": {"building": "colbert", "floor": 3, "desk": "312"},
    "category": "workstation",
    "summary": "Écran noir au démarrage",
    "steps_tried": "redémarrage, autre câble",
    "escalation_reasons": ["presence"],
    "impact": 2,
    "urgency": 1,
    "asset": "PC-0042",
    "available": [["2026-11-23T09:00:00+01:00", "2026-11-23T12:00:00+01:00"]],
    "duration_minutes": 45,
}


def test_paula_hands_a_ticket_over_and_finds_it_again(app, cast):
    make.building()
    make.category()
    paula = calling(app, cast.paula)
    created = paula.post(TICKETS, json=HANDED)
    assert created.status_code == 201, created.text
    found = paula.get(created.headers["Location"])
    assert found.json == created.json
    assert found.headers["ETag"] == f'"{created.json["version"]}"'
    told = found.json
    assert (told["client"], told["external_ref"]) == ("acme", HANDED["external_ref"])
    assert told["place"] == {
        "building": "colbert/colbert", "name": "Colbert", "address": "", "floor": "3", "desk": "312"
    }  # fmt: skip
    assert told["available"] == HANDED["available"]
    assert (told["sla"]["priority"], told["sla"]["target_hours"]) == (2, 8)
    assert told["sla"]["due_at"] == "2026-11-23T16:00:00+01:00"
    assert told["to_be_completed"] is False, told["missing"]
    [job] = told["jobs"]
    assert (job["mode"], job["state"]) == ("on_site", "unplanned")


def test_what_is_not_known_is_null_and_marks_the_ticket_as_to_be_completed(app, cast):
    nothing = dict.fromkeys(HANDED) | {"client": "acme", "summary": "Imprimante en panne"}
    created = calling(app, cast.paula).post(TICKETS, json=nothing)
    assert created.status_code == 201, created.text
    assert created.json["to_be_completed"] is True
    assert {"requester", "building", "steps_tried", "escalation_reasons"} <= set(created.json["missing"])


def test_a_repeat_updates_the_open_ticket_and_reopens_the_resolved_one(app, cast):
    make.building()
    make.category()
    paula = calling(app, cast.paula)
    number = paula.post(TICKETS, json=HANDED).json["number"]
    again = paula.post(TICKETS, json={**HANDED, "summary": "Écran toujours noir"})
    assert (again.status_code, again.json["number"]) == (200, number)
    assert again.json["summary"] == "Écran toujours noir"
    assert len(again.json["jobs"]) == 1
    ticket = db.session.scalars(select(Ticket)).one()
    ticket.jobs[0].enter("completed", None)
    db.session.commit()
    back = paula.post(TICKETS, json=HANDED)
    assert (back.status_code, back.json["number"], back.json["state"]) == (200, number, "open")
    assert [job["state"] for job in back.json["jobs"]] == ["completed", "unplanned"]


def test_a_client_out_of_scope_does_not_exist_for_paula(app, cast):
    paula = calling(app, cast.paula)
    foreign = paula.post(TICKETS, json={**HANDED, "client": "breizh"})
    nobody = paula.post(TICKETS, json={**HANDED, "client": "nobody"})
    assert (foreign.status_code, nobody.status_code) == (422, 422)
    assert foreign.json == nobody.json
    assert list(foreign.json["errors"]) == ["client"]


def test_foreign_keys_smuggled_into_a_body_are_refused_by_name(app, cast):
    make.building("Duchesse", make.client("breizh"))
    make.building()
    make.category()
    make.right("domain_admin", make.client("breizh"))
    make.category("secret", make.client("breizh"))
    paula = calling(app, cast.paula)
    for field in (
        "technician_id",
        "client_id",
        "building_id",
        "role",
        "state",
        "locked",
        "priority",
        "agent_id",
    ):
        answer = paula.post(TICKETS, json={**HANDED, field: 1})
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    for field, value in (("category", "secret"), ("admin_right", "domain_admin")):
        answer = paula.post(TICKETS, json={**HANDED, field: value})
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    for building in ("duchesse/duchesse", "Duchesse", make.building("Duchesse", make.client("breizh")).id):
        answer = paula.post(TICKETS, json={**HANDED, "place": {"building": building}})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["place.building"])
    assert db.session.scalar(select(func.count()).select_from(Ticket)) == 0


def test_each_wrong_field_is_named_in_the_readers_language(app, cast):
    wrong = {"client": "acme", "impact": 7, "escalation_reasons": ["magic"], "available": [["2026-11-23"]]}
    answer = calling(app, cast.paula, language="en").post(TICKETS, json=wrong)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert set(answer.json["errors"]) == {"summary", "impact", "escalation_reasons", "available"}
    assert answer.json["errors"]["impact"] == ["This must be from 1 to 3."]


def test_texts_that_no_database_keeps_are_refused(app, cast):
    paula = calling(app, cast.paula)
    for summary in ("nul \0 byte", "lone \ud800 surrogate", "x" * 301, "two\nlines"):
        answer = paula.post(TICKETS, json={"client": "acme", "summary": summary})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["summary"])
    kept = paula.post(TICKETS, json={"client": "acme", "summary": "عربي 🖨️"})
    assert kept.json["summary"] == "عربي 🖨️"


def test_denis_lists_his_clients_tickets_newest_first_page_by_page(app, cast):
    mine = [make.ticket(f"ticket {number}").number for number in range(5)]
    make.ticket("foreign", make.client("breizh"))
    denis = calling(app, cast.denis)
    listed, cursor = [], ""
    while True:
        page = denis.get(f"{TICKETS}?limit=2{cursor}").json
        listed += [ticket["number"] for ticket in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert listed == mine[::-1]


def test_rows_that_are_hidden_change_no_answer(app, cast):
    make.ticket("mine")
    denis = calling(app, cast.denis)
    asked = [
        f"{TICKETS}?limit=1",
        f"{TICKETS}?state=open",
        f"{TICKETS}?client=breizh",
        f"{PREFIX}/jobs?limit=1",
    ]
    before = [denis.get(address).json for address in asked]
    make.job("hidden", owner=make.client("breizh"))
    assert [denis.get(address).json for address in asked] == before


def test_filters_by_state_and_client(app, cast):
    open_ticket = make.ticket("open")
    make.ticket("closed", state="closed")
    make.ticket("foreign", make.client("breizh"))
    diane = calling(app, cast.diane)
    found = diane.get(f"{TICKETS}?client=acme&state=open,on_hold").json
    assert [ticket["number"] for ticket in found["items"]] == [open_ticket.number]


def test_a_mistyped_filter_does_not_widen_the_answer(app, cast):
    denis = calling(app, cast.denis)
    for query in ("sate=open", "state=opened", "limit=0", "limit=9999", "cursor=nonsense"):
        answer = denis.get(f"{TICKETS}?{query}")
        assert (answer.status_code, list(answer.json["errors"])) == (422, [query.split("=")[0]]), query


def test_tariq_sees_the_tickets_of_his_jobs_only(app, cast):
    mine = make.job("mine", technician=cast.tariq)
    other = make.job("other", technician=cast.zoe)
    tariq = calling(app, cast.tariq.user)
    assert [ticket["number"] for ticket in tariq.get(TICKETS).json["items"]] == [mine.ticket.number]
    assert tariq.get(f"{TICKETS}/{mine.ticket.number}").status_code == 200
    assert tariq.get(f"{TICKETS}/{other.ticket.number}").status_code == 404
    assert tariq.post(TICKETS, json=HANDED).status_code == 403


def test_a_list_costs_the_same_queries_whatever_its_length(app, cast, queries):
    paula = calling(app, cast.paula)
    for number in range(3):
        make.job(f"job {number}", technician=cast.tariq)
    few = queries(lambda: paula.get(TICKETS))
    for number in range(20):
        make.job(f"more {number}", technician=cast.zoe)
    assert queries(lambda: paula.get(TICKETS)) == few
    assert len(paula.get(TICKETS).json["items"]) == 23
    assert db.session.scalar(select(func.count()).select_from(Job)) == 23
