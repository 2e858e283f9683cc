"""One verb brings work in: what it decides, what it leaves open, and what it never does twice."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from dispatch.clock import at as frozen
from dispatch.extensions import db
from dispatch.models.client import Closure, Target
from dispatch.models.event import Event
from dispatch.models.handed import ASKED, Handed, Person, Refused
from dispatch.models.intake import amend, hand_over
from dispatch.models.ticket import Requester, Ticket
from tests import factories as make

MORNING = make.at("09:00")


@pytest.fixture
def acme(session):
    with frozen(MORNING):
        yield make.client("acme")


def handed(summary="Écran noir", **fields):
    return Handed(summary=summary, **fields)


def told_everything():
    return handed(
        reasons=("presence",), steps_tried="redémarrage, autre câble", building=make.building(), floor="3",
        desk="312", phone="02 61 91 00 10", asset="PC-4471", category=make.category(), impact=2, urgency=2,
        requester=Person("Camille Bihan"), available=((make.at("10:00"), make.at("12:00")),),
    )  # fmt: skip


# what it decides ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reasons", "mode"),
    [
        (("time",), "remote"),
        (("admin_rights",), "remote"),
        (("presence",), "on_site"),
        (("time", "admin_rights"), "remote"),
        (("time", "presence"), "on_site"),
    ],
)
def test_the_reason_drives_the_mode_and_presence_wins(acme, reasons, mode):
    category = make.category(mode="on_site" if mode == "remote" else "remote")
    _ticket, job, _new = hand_over(acme, handed(reasons=reasons, category=category), None)
    assert job.mode == mode


def test_without_a_reason_the_category_gives_the_hint(acme):
    _ticket, job, _new = hand_over(acme, handed(category=make.category(mode="kiosk")), None)
    assert job.mode == "kiosk"


def test_impact_and_urgency_make_the_priority_and_the_due_time(acme):
    ticket, _job, _new = hand_over(acme, handed(impact=1, urgency=1), None)
    assert ticket.priority == 1
    assert ticket.due_at == make.at("13:00")  # four working hours, none of them lost


def test_the_due_time_knows_the_clients_own_targets_and_closures(acme):
    acme.targets.append(Target(priority=1, hours=12))
    acme.closures.append(Closure(day=make.MONDAY + timedelta(days=1)))
    ticket, _job, _new = hand_over(acme, handed(impact=1, urgency=1), None)
    assert ticket.due_at == make.at("11:00", make.MONDAY + timedelta(days=2))


def test_the_due_time_skips_public_holidays(acme):
    eve = date(2027, 5, 5)  # Ascension Day follows
    ticket, _job, _new = hand_over(acme, handed(impact=1, urgency=1), None, make.at("17:00", eve))
    assert ticket.due_at == make.at("11:00", date(2027, 5, 7))


def test_a_client_that_never_opens_has_no_due_time(acme):
    acme.working_week = [[] for _day in range(7)]
    ticket, _job, _new = hand_over(acme, handed(impact=1, urgency=1), None)
    assert ticket.due_at is None


def test_the_category_says_what_the_job_needs(acme):
    category = make.category(
        "printer", skill_id=make.skill("printer").id, level=2, duration_minutes=45, tools=["screwdriver"],
        parts={"toner": 1}, admin_right_id=make.right().id, kind="request",
    )  # fmt: skip
    ticket, job, _new = hand_over(acme, handed(category=category), None)
    assert (job.skills, job.duration_minutes) == ({"printer": 2}, 45)
    assert (job.tools, job.parts, job.admin_right.code) == (["screwdriver"], {"toner": 1}, "local_admin")
    assert ticket.kind == "request"


def test_what_is_said_beats_the_category(acme):
    category = make.category(duration_minutes=45, admin_right_id=make.right().id)
    network = make.right("network_admin")
    _ticket, job, _new = hand_over(
        acme, handed(category=category, duration_minutes=90, admin_right=network), None
    )
    assert (job.duration_minutes, job.admin_right) == (90, network)


def test_the_building_says_the_territory(acme):
    there = make.site("Brest", territory_id=make.territory("brest").id)
    _ticket, job, _new = hand_over(acme, handed(building=make.building(at_site=there)), None)
    assert job.territory_id == make.territory("brest").id


def test_without_a_place_the_territory_is_the_clients(acme):
    _ticket, job, _new = hand_over(acme, handed(), None)
    assert job.territory_id == make.territory("rennes").id


# what is missing ----------------------------------------------------------------------------------------


def test_a_ticket_that_says_everything_lacks_nothing(acme):
    ticket, _job, created = hand_over(acme, told_everything(), None)
    assert created
    assert (ticket.missing, ticket.unknown) == ([], [])


def test_what_nobody_said_is_missing_and_what_was_said_to_be_unknown_is_not(acme):
    ticket, _job, _new = hand_over(
        acme, handed(reasons=("admin_rights",), unknown=frozenset({"asset", "desk"})), None
    )
    assert set(ticket.unknown) == {"asset", "desk"}
    assert set(ASKED) - {"asset", "desk"} <= set(ticket.missing)
    assert {"impact", "urgency", "duration_minutes", "requester", "category"} <= set(ticket.missing)


def test_no_admin_right_is_missing_where_none_is_needed(acme):
    ticket, _job, _new = hand_over(acme, handed(reasons=("presence",)), None)
    assert "admin_right" not in ticket.missing


def test_completing_a_ticket_takes_its_gaps_away(acme):
    ticket, _job, _new = hand_over(acme, handed(unknown=frozenset({"asset"})), None)
    amend(ticket, told_everything(), None)
    assert (ticket.missing, ticket.unknown) == ([], [])
    assert ticket.priority == 3


# whose ticket, whose requester --------------------------------------------------------------------------


def test_requesters_are_found_by_address_then_name_and_added_otherwise(acme):
    camille = make.requester("Camille Bihan", email="camille@acme.example", phone="02 61 91 00 10")
    by_mail, _, _ = hand_over(acme, handed(requester=Person("C. Bihan", email="Camille@Acme.example")), None)
    by_name, _, _ = hand_over(
        acme, handed(requester=Person("Camille  Bihan", phone="+33 2 61 91 00 99")), None
    )
    by_number, _, _ = hand_over(acme, handed(requester=Person("", phone="+33 2.61.91.00.10")), None)
    other, _, _ = hand_over(acme, handed(requester=Person("Louis Le Goff", phone="02 61 91 00 10")), None)
    assert by_mail.requester is by_name.requester is by_number.requester is camille
    assert other.requester.name == "Louis Le Goff"


def test_people_of_another_client_are_not_found(acme):
    make.requester("Camille Bihan", owner=make.client("breizh"))
    ticket, _job, _new = hand_over(acme, handed(requester=Person("Camille Bihan")), None)
    assert ticket.requester.client_id == acme.id


def test_the_requesters_number_is_the_number_to_call(acme):
    ticket, _job, _new = hand_over(acme, handed(requester=make.requester(phone="02 61 91 00 77")), None)
    assert ticket.phone == "02 61 91 00 77"


@pytest.mark.parametrize("field", ["building", "category", "admin_right", "requester", "contact"])
def test_what_belongs_to_another_client_is_refused(acme, field):
    breizh = make.client("breizh")
    foreign = {
        "building": make.building, "category": make.category, "admin_right": make.right,
        "requester": make.requester, "contact": make.requester,
    }[field](owner=breizh)  # fmt: skip
    with pytest.raises(Refused) as refusal:
        hand_over(acme, handed(**{field: foreign}), None)
    assert refusal.value.errors == {field: "not_of_client"}
    assert db.session.scalar(select(func.count(Ticket.id))) == 0


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"summary": "  "}, {"summary": "required"}),
        ({"summary": "x" * 301}, {"summary": "too_long"}),
        ({"steps_tried": "a\0b"}, {"steps_tried": "unreadable"}),
        ({"desk": "\ud800"}, {"desk": "unreadable"}),
        ({"requester": Person("x" * 201)}, {"requester": "too_long"}),
        ({"impact": 4}, {"impact": "out_of_range"}),
        ({"duration_minutes": 0}, {"duration_minutes": "out_of_range"}),
        ({"reasons": ("mood",)}, {"reasons": "unknown_code"}),
        ({"kind": "wish"}, {"kind": "unknown_code"}),
        ({"available": ((make.at("12:00"), make.at("10:00")),)}, {"available": "ends_before_it_begins"}),
    ],
)
def test_the_impossible_is_refused_by_name(acme, fields, errors):
    with pytest.raises(Refused) as refusal:
        hand_over(acme, handed(**{"summary": "Écran noir", **fields}), None)
    assert refusal.value.errors == errors


def test_emoji_and_right_to_left_text_are_kept(acme):
    ticket, _job, _new = hand_over(acme, handed("شاشة سوداء 🖥️"), None)
    db.session.commit()
    assert db.session.get(Ticket, ticket.id).summary == "شاشة سوداء 🖥️"


# once, again, and after the end -------------------------------------------------------------------------


def mirrored(**fields):
    return handed(**{"system": "servicenow", "external_id": "INC0001", "reasons": ("time",), **fields})


def test_a_repeat_updates_the_open_ticket(acme):
    first, job, _new = hand_over(acme, mirrored(impact=3, urgency=3), None)
    again, same_job, created = hand_over(acme, mirrored(impact=1, urgency=1, floor="4"), None)
    assert (again, same_job, created) == (first, job, False)
    assert (again.priority, again.due_at, job.floor) == (1, make.at("13:00"), "4")
    assert len(again.handovers) == 2


def test_a_repeat_that_says_nothing_new_changes_nothing(acme):
    ticket, _job, _new = hand_over(acme, mirrored(steps_tried="câble"), None)
    db.session.commit()
    version, events = ticket.version, db.session.scalar(select(func.count(Event.id)))
    hand_over(acme, mirrored(steps_tried="câble"), None)
    db.session.commit()
    assert (ticket.version, len(ticket.handovers)) == (version, 1)
    assert db.session.scalar(select(func.count(Event.id))) == events


def test_what_a_repeat_leaves_out_stays_as_it_was(acme):
    ticket, _job, _new = hand_over(acme, mirrored(asset="PC-4471", desk="312"), None)
    hand_over(acme, mirrored(desk="314"), None)
    assert (ticket.asset, ticket.desk) == ("PC-4471", "314")


def test_a_resolved_ticket_comes_back_with_a_new_job(acme):
    ticket, job, _new = hand_over(acme, mirrored(impact=1, urgency=1), None)
    job.state = "completed"
    ticket.set_state("resolved", None)
    with frozen(make.at("15:00")):
        same, new_job, created = hand_over(acme, mirrored(), None)
    assert (same, created, same.state) == (ticket, False, "open")
    assert new_job is not job
    assert ticket.due_at == make.at("09:00", make.MONDAY + timedelta(days=1))


def test_the_same_foreign_number_of_two_clients_makes_two_tickets(acme):
    mine, _job, _new = hand_over(acme, mirrored(), None)
    theirs, _job, created = hand_over(make.client("breizh"), mirrored(), None)
    assert created
    assert theirs is not mine


def test_a_new_reason_changes_the_mode_of_a_job_nobody_has_begun(acme):
    _ticket, job, _new = hand_over(acme, mirrored(), None)
    hand_over(acme, mirrored(reasons=("presence",)), None)
    assert job.mode == "on_site"


def test_work_under_way_is_left_alone(acme):
    _ticket, job, _new = hand_over(acme, mirrored(floor="3"), None)
    job.state = "working"
    hand_over(acme, mirrored(floor="4", reasons=("presence",)), None)
    assert (job.floor, job.mode) == ("3", "remote")


def test_a_technician_hears_that_his_job_changed(acme):
    _ticket, job, _new = hand_over(acme, mirrored(floor="3"), None)
    job.technician_id, job.state = make.technician().id, "dispatched"
    hand_over(acme, mirrored(floor="4"), None)
    assert job.changed_since_seen
    assert job.change["fields"] == ["floor"]


def test_a_ticket_that_came_back_without_a_job_gets_one(acme):
    ticket, job, _new = hand_over(acme, mirrored(), None)
    job.state = "not_completed"
    ticket.set_state("on_hold", None, "handover")
    new_job = amend(ticket, handed(desk="312"), None)
    assert new_job is not None
    assert new_job is not job
    assert (ticket.state, ticket.hold_reason) == ("open", None)


def test_a_requester_who_says_when_he_is_there_has_answered(acme):
    ticket, job, _new = hand_over(acme, told_everything(), None)
    job.awaits = "answer"
    ticket.set_state("on_hold", None, "user_absent")
    amend(ticket, handed(available=((make.at("14:00"), make.at("16:00")),)), make.user("Paula"))
    assert job.awaits is None
    assert (ticket.state, ticket.hold_reason) == ("open", None)


def test_every_event_belongs_to_the_client_from_the_start(acme):
    paula = make.user("Paula")
    ticket, job, _new = hand_over(acme, told_everything(), paula)
    db.session.commit()
    events = db.session.scalars(select(Event).order_by(Event.id)).all()
    assert [event.kind for event in events] == ["job.created", "ticket.handed_over"]
    assert {(e.client_id, e.ticket_id, e.job_id, e.actor_id) for e in events} == {
        (acme.id, ticket.id, job.id, paula.id)
    }


def test_twins_that_arrive_together_make_one_ticket(app_on_both):
    with app_on_both.app_context():
        make.client("acme")
        db.session.commit()
    start, made = threading.Barrier(4), []

    def arrive():
        with app_on_both.app_context():
            start.wait()
            _ticket, _job, created = hand_over(
                make.client("acme"), mirrored(requester=Person("Camille")), None
            )
            db.session.commit()
            made.append(created)

    threads = [threading.Thread(target=arrive) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    with app_on_both.app_context():
        assert sorted(made) == [False, False, False, True]
        assert db.session.scalar(select(func.count(Ticket.id))) == 1
        assert db.session.scalar(select(func.count(Requester.id))) == 1


def test_a_longer_duration_alone_reaches_the_job_but_not_its_continuation(acme, session):
    ticket, job, _is_new = hand_over(acme, handed(category=make.category(), duration_minutes=30), None)
    rest = make.job(of=ticket, parent_id=job.id, minutes=90)
    amend(ticket, handed(duration_minutes=60), None)
    assert (job.duration_minutes, rest.duration_minutes) == (60, 90)
