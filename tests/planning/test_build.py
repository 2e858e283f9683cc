"""Who may do what: each rule of the person once biting and once not, from rows to the plan."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from dispatch import clock
from dispatch.models.job import Refusal
from dispatch.models.technician import RightGrant, Technician
from dispatch.planning.build import build
from tests import factories as make
from tests.planning.days import plan, preference

YESTERDAY, TOMORROW = make.MONDAY - timedelta(days=1), make.MONDAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def monday_before_dawn(session: Any) -> Any:
    with clock.at(make.at("06:00")):
        yield


@pytest.fixture
def tariq(monday_before_dawn: None) -> Technician:
    return make.technician("Tariq", skills={"printer": 2})


def test_a_skill_is_needed_at_its_level(tariq):
    easy, hard = make.job(skills={"printer": 2}), make.job(skills={"printer": 3})
    day = plan()
    assert (day.who(easy), day.who(hard), day.rules(hard)) == ("Tariq", None, {"skill"})


@pytest.mark.parametrize(
    ("dates", "held"),
    [({}, True), ({"valid_to": make.MONDAY}, True), ({"valid_from": make.MONDAY}, True),
     ({"valid_to": YESTERDAY}, False), ({"valid_from": TOMORROW}, False)],
)  # fmt: skip
def test_an_admin_right_holds_from_its_first_day_to_its_last(tariq, dates, held):
    grant = RightGrant(admin_right_id=make.right().id, **dates)
    tariq.rights.append(grant)
    job = make.job(admin_right_id=make.right().id)
    day = plan()
    assert (day.who(job), day.rules(job)) == (("Tariq", set()) if held else (None, {"right"}))


def test_the_same_right_of_another_client_opens_nothing(tariq):
    tariq.rights.append(RightGrant(admin_right_id=make.right(owner=make.client("breizh")).id))
    job = make.job(admin_right_id=make.right().id)
    assert plan().rules(job) == {"right"}


@pytest.mark.parametrize(
    ("dates", "held"), [({}, True), ({"valid_to": make.MONDAY}, True), ({"valid_to": YESTERDAY}, False)]
)
def test_a_guarded_site_is_entered_with_an_access_that_holds_that_day(tariq, dates, held):
    make.site(needs_access=True)
    make.access(tariq, **dates)
    job = make.job()
    day = plan()
    assert (day.who(job), day.rules(job)) == (("Tariq", set()) if held else (None, {"clearance"}))


def test_an_access_to_one_site_opens_no_other(tariq):
    make.site("Coffre", needs_access=True)
    make.access(tariq, site_id=make.site("Autre", needs_access=True).id)
    job = make.job(building_id=make.building("Coffre").id)
    assert plan().rules(job) == {"clearance"}


def test_a_call_needs_no_site_access(tariq):
    make.site(needs_access=True)
    call = make.job(mode="remote")
    assert plan().who(call) == "Tariq"


def test_who_is_seconded_works_for_that_client_alone_while_it_lasts(tariq):
    make.secondment(tariq, make.client("breizh"), valid_to=make.MONDAY)
    make.shift(tariq, TOMORROW)
    theirs, ours = make.job(owner=make.client("breizh")), make.job()
    day = plan()
    assert (day.who(theirs), day.who(ours), day.rules(ours)) == ("Tariq", None, {"excluded"})
    assert plan(days=2).start(ours) >= make.at("08:00", TOMORROW)


def test_a_client_excludes_a_technician(tariq):
    preference(tariq, "excludes")
    ours, theirs = make.job(), make.job(owner=make.client("breizh"))
    day = plan()
    assert (day.who(ours), day.who(theirs)) == (None, "Tariq")


def test_a_requester_s_exclusion_binds_his_own_work_only(tariq):
    preference(tariq, "excludes", requester_id=make.requester("Nadia").id)
    hers = make.job(of=make.ticket(requester_id=make.requester("Nadia").id))
    other = make.job()
    day = plan()
    assert (day.who(hers), day.who(other)) == (None, "Tariq")


@pytest.mark.parametrize("liked", ["Tariq", "Zoé"])
def test_a_preferred_technician_comes_when_both_could(tariq, liked):
    people = {"Tariq": tariq, "Zoé": make.technician("Zoé")}
    preference(people[liked], "prefers")
    job = make.job()
    assert plan().who(job) == liked


def test_a_declined_job_is_not_offered_to_him_that_day(tariq):
    make.shift(tariq, TOMORROW)
    job = make.job()
    job.refusals.append(
        Refusal(technician_id=tariq.id, day=make.MONDAY, reason="overloaded", at=make.at("06:00"))
    )
    assert plan().rules(job) == {"excluded"}
    assert plan(days=2).start(job) >= make.at("08:00", TOMORROW)


def test_a_tool_is_carried_or_it_is_not(tariq):
    tariq.tools = ["crimper"]
    with_it, without = make.job(tools=["crimper"]), make.job(tools=["toner_kit"])
    day = plan()
    assert (day.who(with_it), day.rules(without)) == ("Tariq", {"tool"})


def test_parts_are_used_up_once_a_day_whatever_the_shifts(tariq):
    tariq.parts = {"mouse": 1}
    tariq.shifts.clear()
    make.shift(tariq, hours=("08:00", "12:00"))
    make.shift(tariq, hours=("13:00", "17:00"))
    jobs = [make.job(parts={"mouse": 1}) for _ in range(2)]
    assert sorted(str(plan().who(job)) for job in jobs) == ["None", "Tariq"]


def test_visits_are_made_up_to_the_most_he_may_and_calls_besides(tariq):
    tariq.max_visits = 1
    make.shift(tariq, TOMORROW)
    jobs = [make.job() for _ in range(2)]
    call = make.job(mode="remote")
    day = plan()
    assert (day.who(call), sorted(str(day.who(job)) for job in jobs)) == ("Tariq", ["None", "Tariq"])
    assert {rule for job in jobs for rule in day.rules(job)} == {"visits"}
    assert all(plan(days=2).who(job) == "Tariq" for job in jobs)


def test_a_technician_without_base_or_shift_is_named_beforehand(tariq):
    lost, idle = make.technician("Kim", latitude=None), make.technician("Lou", day=None)
    day = plan()
    assert (day.left_out(tariq), day.left_out(lost), day.left_out(idle)) == (None, "no_base", "no_shift")


def test_what_a_job_lacks_is_named_beforehand(tariq):
    nowhere, endless = make.job(building_id=None), make.job(duration_minutes=None)
    silent = make.job(of=make.ticket(phone=None, requester_id=None), mode="remote")
    waiting = make.job(awaits="part")
    day = plan()
    found = [day.left_out(job) for job in (nowhere, endless, silent, waiting, make.job())]
    assert found == ["no_place", "no_duration", "no_phone", "awaits", None]


def test_building_a_problem_takes_the_same_number_of_queries_whatever_the_jobs(tariq):
    counted: list[str] = []
    listen = lambda *arguments: counted.append(arguments[2])  # noqa: E731
    sizes = []
    event.listen(make.db.engine, "after_cursor_execute", listen)
    for more in (2, 10):
        for number in range(more):
            make.job(of=make.ticket(requester_id=make.requester(f"R{more}-{number}").id))
        make.db.session.flush()
        make.db.session.expunge_all()
        territory = make.territory()
        counted.clear()
        build(territory, make.MONDAY)
        sizes.append(len(counted))
    event.remove(make.db.engine, "after_cursor_execute", listen)
    assert sizes[0] == sizes[1]
