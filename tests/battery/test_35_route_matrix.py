"""Case 35: whatever belongs to Breizh does not exist for Acme's people, on every route, in every role.

The matrix comes from the URL map. A new route fails here until one of the sets below says what kind it is, and a new
parameter until `_paths` knows which of Breizh's objects to put there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.action import Action
from dispatch.models.device import Device
from dispatch.models.entry import Entry
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.models.note import DayNote
from dispatch.models.plan import PlanRun
from dispatch.models.ticket import Ticket
from dispatch.models.user import ROLES
from tests import factories as make
from tests.api.callers import calling
from tests.battery.invariants import everything_wrong
from tests.battery.two_clients import SECRET, of_breizh, people_of_acme
from tests.people import signed_in

# one object by its address: it is not there
OBJECT = {
    "api_jobs.show", "api_jobs.update_assignment", "api_jobs.index_candidates",
    "api_jobs.create_transition", "api_plan_runs.show", "api_plan_runs.create_acceptance",
    "api_plan_runs.create_cancellation", "api_plan_runs.create_rejection", "api_tickets.show",
    "board.show_job", "board.create_assignment", "board.create_cancellation", "board.index_candidates",
    "board.update_lock", "board.show_reason", "board.create_reopening", "board.create_withdrawal",
    "board.create_confirmation", "board.show_run", "board.create_acceptance",
    "board.create_run_cancellation", "board.show_progress", "board.create_rejection", "jobs.show",
    "jobs.new_completion", "jobs.more", "jobs.reasons", "handover.show_attachment", "handover.show",
    "handover.update_ticket", "handover.create_attachment", "handover.edit_ticket",
    "handover.show_handover", "handover.caller", "handover.create_confirmation",
    "handover.create_cancellation", "handover.create_closure", "api_tickets.create_transition",
    "board.create_room", "board.index_offers", "board.new_absence", "board.create_absence",
    "board.create_return", "board.show_reversal", "board.create_reversal", "board.show_technician",
    "board.edit_note", "board.update_note", "board.delete_note", "board.show_job_history",
    "board.export_job_history", "board.show_ticket_history", "board.export_ticket_history",
    "board.show_fix", "board.create_fix", "board.create_explanation", "jobs.index_colleagues", "board.show_what_if", "board.create_what_if_discard",
    "sync.create_dismissal", "sync.create_revocation", "board.show_word", "board.create_answer",
    "api_plan_changes.show", "api_plan_changes.create_reversal",
    "kiosk.show", "kiosk.create_entry", "kiosk.create_call", "kiosk.create_transition", "api_kiosks.show",
    "api_kiosks.create_entry", "api_kiosks.create_call", "api_kiosks.show_entry", "api_kiosks.create_transition",
}  # fmt: skip
# a tap on what somebody else has by now is told as such, with one's own list and without a word of the job
TAP = {
    "jobs.create_assignment",
    "jobs.create_taking",
    "jobs.create_note",
    "jobs.create_transition",
    "jobs.create_word",
    "jobs.create_find",
}
# a list, or a write that names things in its body: answers of what is one's own, and says nothing of Breizh
SCOPED = {
    "health.index", "api_jobs.index", "api_plan_runs.create", "api_plans.show", "api_tickets.create",
    "api_tickets.index", "board.index", "board.index_repairs", "board.create_repair",
    "board.create_later", "board.news", "board.create_run", "board.new_run", "jobs.index",
    "board.index_changes", "jobs.create_sighting", "handover.index", "handover.create_ticket",
    "handover.new_ticket", "handover.callers", "handover.promise", "accounts.delete_session",
    "board.show_figures", "board.export_figures", "board.show_shift", "board.index_notes",
    "board.create_note", "board.index_activity", "board.activity_news", "board.find_history",
    "board.new_selected_assignment", "board.new_selected_postponement",
    "board.create_selected_assignment", "board.update_selected_locks",
    "board.create_selected_postponement", "board.create_selected_withdrawal", "board.index_what_ifs",
    "board.create_what_if", "board.create_what_if_draft", "sync.index_review", "sync.index_devices",
    "sync.create_device", "reviews.index", "reviews.create_decision", "jobs.carry", "alerts.index",
    "alerts.create_calendar", "alerts.delete_calendar", "alerts.update_silence", "sync.create_push",
    "sync.delete_push", "board.index_shortcuts", "api_plan_changes.index", "jobs.index_offers",
    "jobs.create_presence", "kiosk.index",
}  # fmt: skip
# nobody's data at all
OPEN = {
    "openapi", "health.healthz", "health.readyz", "static", "accounts.new_session", "accounts.create_session",
    "accounts.update_language", "jobs.worker", "jobs.manifest", "jobs.offline", "jobs.script",
}  # fmt: skip
# nobody's session: what opens it is the secret of a phone; see test_41_phones.py
BY_SECRET = {"sync.create_entries", "sync.create_file", "alerts.calendar", "sync.update_push"}
# an endless answer; what it carries is asserted on its own below
STREAM = {"live.stream"}

GONE = (403, 404, 405)
READS = ("GET", "HEAD", "OPTIONS")
BODIES: dict[str, dict[str, Any]] = {
    "api_jobs.update_assignment": {"technician": "tariq", "version": 1},
    "api_jobs.create_transition": {"to": "accepted", "version": 1},
    "api_tickets.create_transition": {"to": "cancelled", "reason": "matrix", "version": 1},
    "handover.create_cancellation": {"reason": "matrix", "version": 1},
    "handover.create_closure": {"version": 1},
    "board.create_assignment": {"technician": 1, "version": 1},
    "board.create_cancellation": {"override_reason": "matrix", "version": 1},
    "board.create_confirmation": {"version": 1},
    "board.update_note": {"text": "matrix", "version": 1},
    "board.create_room": {"seen": "matrix", "version": 1},
    "board.create_absence": {"version": 1, "from": "2030-01-01T08:00", "until": "2030-01-01T12:00"},
    "board.create_return": {"version": 1, "absence": 1},
    "board.create_fix": {"seen": "matrix", "version": 1},
    "board.create_explanation": {"version": 1},
    "jobs.create_transition": {"to": "accepted", "key": "matrix", "based_on": 1},
    "jobs.create_find": {"summary": "matrix", "done": "no", "key": "matrix-find"},
    "jobs.create_word": {"say": "help", "reason": "hands", "key": "matrix-word"},
    "board.create_answer": {"answer": "calling", "version": 1},
    "jobs.create_assignment": {"technician": 1, "version": 1, "key": "matrix-hand"},
    "jobs.create_taking": {"version": 1, "key": "matrix-take"},
    "api_kiosks.create_entry": {"subject": "matrix"},
    "api_kiosks.create_call": {},
    "api_kiosks.create_transition": {"to": "left", "version": 1},
    "kiosk.create_entry": {"key": "matrix-entry"},
    "kiosk.create_call": {"key": "matrix-call"},
    "kiosk.create_transition": {"to": "left", "version": 1, "key": "matrix-left"},
    "jobs.create_note": {"note": "matrix", "key": "matrix-note"},
}


class Ask(NamedTuple):
    method: str
    path: str
    endpoint: str
    roles: frozenset[str]

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")


@pytest.fixture
def breizh(app, session):
    owned = of_breizh()
    db.session.commit()
    return owned


@pytest.fixture
def acme(app, session):
    people = people_of_acme()
    db.session.commit()
    return people


def test_every_route_has_a_rule_in_the_matrix(app):
    known = OBJECT | TAP | SCOPED | OPEN | BY_SECRET | STREAM
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert routes - known == set(), "say in tests/battery which kind each of these routes is"
    assert known - routes == set(), "these routes are gone"


@pytest.mark.parametrize("role", [*ROLES, "anonymous"])
def test_what_belongs_to_breizh_does_not_exist_for_acme(app, breizh, acme, role):
    before = _state(breizh)
    wrong = []
    for ask in asks(app, breizh, OBJECT | TAP):
        answer = _send(app, acme.get(role), ask)
        if not _is_refused(ask, role, answer):
            wrong.append(f"{role}: {ask.method} {ask.path} ({ask.endpoint}) answered {answer.status_code}")
        if SECRET in answer.get_data(as_text=True):
            wrong.append(f"{role}: {ask.method} {ask.path} tells of Breizh")
    assert wrong == []
    assert _state(breizh) == before
    assert everything_wrong() == []


@pytest.mark.parametrize("role", ROLES)
def test_lists_and_forms_say_nothing_of_breizh(app, breizh, acme, role):
    names = {
        "territory": "brest", "client": breizh.client.id, "requester_id": breizh.requester.id, "day": "2026-11-23",
        "selected": breizh.job.number, "after": 0, "q": "panne", "version": 1, "job": breizh.job.number,
        "until": "2030-01-01T00:00:00+00:00", "days": 1, "number": breizh.job.number, "text": "matrix", "seconds": 10,
        "action": f"{breizh.action.id}:1",
        "decision": "discard", "remark": "matrix",
    }  # fmt: skip
    before = _state(breizh)
    for ask in asks(app, breizh, SCOPED - {"accounts.delete_session"}):
        if ask.is_api:
            continue
        browser = signed_in(app, acme[role])
        sent = {"query_string": names} if ask.method == "GET" else {"data": names}
        answer = browser.open(ask.path, method=ask.method, **sent)
        assert answer.status_code < 500, ask
        assert SECRET not in answer.get_data(as_text=True), ask
        plain = browser.open(ask.path, method=ask.method)
        assert SECRET not in plain.get_data(as_text=True), ask
    assert _state(breizh) == before


@pytest.mark.parametrize("role", ROLES)
def test_lists_of_the_api_say_nothing_of_breizh(app, breizh, acme, role):
    caller = calling(app, acme[role])
    for path in ("/jobs", "/jobs?technician=yann", "/jobs?day=2026-11-23", "/tickets", "/tickets?client=breizh",
                 "/plans/2026-11-23", "/plans/2026-11-23?territory=brest"):  # fmt: skip
        answer = caller.get(f"/api/v1{path}")
        assert answer.status_code in (200, 403, 404, 422), path
        assert SECRET not in answer.get_data(as_text=True), path


def test_the_matrix_would_notice_for_its_own_people_everything_is_there(app, breizh, acme):
    """Otherwise 404 would prove nothing."""
    make_admin = {"dispatcher": breizh.dispatcher, "technician": breizh.technician.user}
    unseen = []
    for ask in asks(app, breizh, OBJECT):
        if ask.method != "GET" or ask.endpoint == "handover.show_attachment":  # its file is not on the disk
            continue
        role = next(role for role in make_admin if role in ask.roles)
        with at(make.at("09:00")):  # in the evening nobody could take the job any more, and that is said too
            answer = _send(app, make_admin[role], ask, client=breizh.client.id)
        if answer.status_code not in (200, 302):
            unseen.append(f"{role}: {ask.path} answered {answer.status_code}")
    assert unseen == []


def test_a_stream_carries_nothing_of_another_client(app, breizh, acme):
    from dispatch.live import Ear, News

    news = News(
        1, "job.state", breizh.client.id, breizh.territory.id, breizh.technician.id, breizh.job.id, 1, None
    )
    assert not any(news.audible_to(Ear.of(person)) for person in acme.values())
    assert news.audible_to(Ear.of(breizh.dispatcher))
    assert news.audible_to(Ear.of(breizh.technician.user))


def asks(app, breizh, endpoints: set[str]) -> Iterator[Ask]:
    """Every address of these routes with Breizh's objects in it, with every method anybody may try."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in endpoints:
            continue
        roles = frozenset(getattr(app.view_functions[rule.endpoint], "roles", ()))
        for path in _paths(rule, breizh):
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield Ask(method, path, rule.endpoint, roles)
            if rule.arguments:
                yield from (Ask(method, path, rule.endpoint, roles) for method in ("PATCH", "DELETE"))


def _paths(rule, breizh) -> list[str]:
    """The address with a number; for jobs of the API, which takes both, also with an id."""
    thing = breizh.ticket if "/tickets" in rule.rule else breizh.job
    run = breizh.what_if if "/what-ifs/" in rule.rule else breizh.run
    known = {
        "number": thing.number, "key": breizh.run.id, "run_id": run.id, "change_id": breizh.change.id,
        "token": breizh.attachment.token, "note_id": breizh.note.id, "requester_id": breizh.requester.id,
        "action_id": breizh.action.id, "word_id": breizh.word.id, "device_id": breizh.device.id, "technician_id": breizh.technician.id,
        "day": "2026-11-23", "filename": "app.css", "kiosk_id": breizh.kiosk.id, "entry_id": breizh.entry.id,
    }  # fmt: skip
    assert rule.arguments <= known.keys(), f"say what to put into {rule.rule}"
    forms = [known, known | {"number": str(thing.id)}] if rule.rule.startswith("/api/v1/jobs") else [known]
    return list(dict.fromkeys(_filled(rule, values) for values in forms))


def _filled(rule, values: dict[str, Any]) -> str:
    _domain, path = rule.build({name: values[name] for name in rule.arguments})
    return path


def _send(app, person, ask: Ask, client: int | None = None) -> Any:
    body = BODIES.get(ask.endpoint, {"version": 1} if not ask.is_api else {})
    query = {"client": client} if client else {}
    if ask.is_api:
        caller = calling(app, person) if person else app.test_client()
        sent = {} if ask.method in READS or not body else {"json": body}
        return caller.open(ask.path, method=ask.method, **sent)
    browser = signed_in(app, person) if person else app.test_client()
    return browser.open(
        ask.path, method=ask.method, data=None if ask.method == "GET" else body, query_string=query
    )


def _is_refused(ask: Ask, role: str, answer: Any) -> bool:
    if answer.status_code in GONE:
        return True
    if role == "anonymous":
        to_sign_in = answer.status_code == 302 and answer.location.startswith("/sign-in")
        without_token = answer.status_code == 400 and ask.method not in READS  # of a form
        return to_sign_in or without_token or (ask.is_api and answer.status_code == 401)
    back_to_the_list = ask.endpoint in TAP and answer.status_code == 303 and answer.location == "/jobs"
    return back_to_the_list and role == "technician"


def _state(breizh) -> str:
    """Everything of Breizh that a write could have touched."""
    db.session.rollback()
    db.session.expire_all()
    kept = (
        select(Job.__table__).where(Job.client_id == breizh.client.id),
        select(Action.__table__).where(Action.job_id == breizh.job.id),
        select(Device.__table__).where(Device.id == breizh.device.id),
        select(Ticket.__table__).where(Ticket.client_id == breizh.client.id),
        select(PlanRun.__table__).where(PlanRun.territory_id == breizh.territory.id),
        select(Entry.__table__).where(Entry.client_id == breizh.client.id),
        select(DayNote.__table__).where(DayNote.territory_id == breizh.territory.id),
        select(Event.__table__).where(
            (Event.client_id == breizh.client.id) | (Event.territory_id == breizh.territory.id)
        ),
    )
    return json.dumps([db.session.execute(query).all() for query in kept], default=str)
