"""What the board offers to repair by itself, and what becomes of the offer."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from dispatch import clock, live
from dispatch.extensions import db
from dispatch.models.plan import Explanation, PlanRun
from dispatch.models.plan_change import PlanChange
from dispatch.models.put_off import PutOff
from tests import factories as make
from tests.board.conftest import Htmx, queries_of
from tests.people import signed_in

BOARD = "/board?territory=rennes&day=2026-11-23"
REPAIRS = "/board/repairs?territory=rennes&day=2026-11-23"
LATER = "/board/repairs/later?territory=rennes&day=2026-11-23"


def offered(browser, url=REPAIRS):
    """The lines that are offered."""
    found = browser.get(url).text
    region = found[found.index('id="repairs"') :]
    return re.findall(r"<strong>([^<]+)</strong>", region[: region.index("</section>")])


def causes(browser):
    return list(dict.fromkeys(re.findall(r'name="cause" value="([^"]+)"', browser.get(REPAIRS).text)))


def sick(cast, *hours):
    for start in hours or ("10:30", "11:30"):
        make.job(f"panne {start}", technician=cast.tariq, start=make.at(start))
    return make.absence(cast.tariq, ("10:00", "17:00"))


def test_a_calm_day_offers_nothing(diane, cast):
    make.job("panne", technician=cast.tariq, start=make.at("11:00"))
    make.absence(cast.zoe)
    assert offered(diane) == []


def test_the_work_of_somebody_absent_is_offered_to_be_shared_out(app, diane, cast):
    sick(cast)
    make.job("en cours", technician=cast.tariq, start=make.at("09:50"), state="working")
    make.job(
        "à lui",
        technician=cast.tariq,
        start=make.at("14:00"),
        lock="technician",
        lock_technician_id=cast.tariq.id,
    )
    assert offered(diane) == ["Tariq: absent until 17:00, 2 jobs to share out"]
    french = signed_in(app, cast.diane, "fr")
    assert offered(french) == ["Tariq\u00a0: absence jusqu’à 17:00, 2 interventions à redistribuer"]


def test_an_absence_that_begins_later_is_told_with_its_hours(diane, cast):
    make.job("panne", technician=cast.tariq, start=make.at("15:00"))
    make.absence(cast.tariq, ("14:00", "17:00"))
    assert offered(diane) == ["Tariq: absent from 14:00 to 17:00, 1 job to share out"]


def test_urgent_work_that_nobody_has_is_offered_until_a_run_has_said_why(diane, cast):
    urgent = make.job("panne totale", of=make.ticket("panne totale", priority=1))
    make.job("rien ne presse", of=make.ticket("rien ne presse", priority=3))
    assert offered(diane) == ["1 urgent job has no technician"]
    db.session.add(Explanation(job_id=urgent.id, at=make.at("10:00"), kind="outbid"))
    assert offered(diane) == []


def test_a_route_that_runs_late_is_offered_when_something_breaks(diane, cast):
    make.job("trop long", technician=cast.tariq, start=make.at("09:00"), state="working")
    due = make.ticket("échéance", due_at=make.at("10:20"))
    late = make.job("échéance", of=due, technician=cast.tariq, start=make.at("09:40"), travel_seconds=900)
    assert offered(diane) == ["Tariq is running late: 1 job would miss its deadline or its promised time"]
    due.due_at = make.at("17:00")
    assert offered(diane) == []
    late.promised_from, late.promised_to = make.at("09:30"), make.at("10:00")
    assert len(offered(diane)) == 1


def test_time_that_an_absent_user_leaves_is_offered_when_work_waits(diane, cast):
    make.job(
        "personne",
        technician=cast.tariq,
        state="not_completed",
        outcome="user_absent",
        ended_at=make.at("09:30"),
    )
    assert offered(diane) == []
    make.job("qui attend")
    assert offered(diane) == ["A user was absent: Tariq has time, and 1 job is waiting"]


def test_denis_is_offered_only_what_concerns_his_client(denis, cast):
    make.job("secret", owner=make.client("breizh"), technician=cast.tariq, start=make.at("11:00"))
    make.absence(cast.tariq, ("10:00", "17:00"))
    make.job("panne", of=make.ticket("panne", make.client("breizh"), priority=1))
    assert offered(denis) == []


def test_one_click_asks_for_a_run_with_the_cause(diane, denis, cast):
    sick(cast)
    [cause] = causes(diane)
    answer = Htmx(diane).post(REPAIRS, cause=cause)
    [run] = db.session.scalars(select(PlanRun)).all()
    assert (run.scope["kind"], run.scope["cause"]["kind"], run.seconds, run.state) == (
        "repair",
        "absent",
        5,
        "queued",
    )
    assert run.scope["cause"]["technician"] == cast.tariq.id
    assert "A repair is being looked for" in answer.text and f'id="run-{run.id}"' in answer.text
    told = diane.get(REPAIRS).text
    assert "a run is under way" in told and 'name="cause"' not in told
    page = diane.get(f"/board/runs/{run.id}").text
    assert "Tariq: absent until 17:00, 2 jobs to share out" in page
    assert (
        "to share out" not in denis.get(f"/board/runs/{run.id}").text
    )  # it may count work that he does not see


def test_without_a_script_the_board_comes_back(diane, cast):
    sick(cast)
    answer = diane.post(REPAIRS, data={"cause": causes(diane)[0]})
    assert (answer.status_code, answer.location.startswith("/board?")) == (302, True)


def test_a_cause_that_is_gone_or_invented_starts_nothing(diane, cast):
    absence = sick(cast)
    [cause] = causes(diane)
    db.session.delete(absence)
    for said in (cause, "2026-11-23:absent:1:1", ""):
        assert "nothing left to repair" in Htmx(diane).post(REPAIRS, cause=said).text
    assert db.session.scalar(select(PlanRun)) is None


@pytest.mark.parametrize(
    ("state", "again"), [("proposed", 0), ("rejected", 0), ("superseded", 1), ("failed", 1)]
)
def test_what_a_run_has_looked_at_is_not_offered_again(diane, cast, state, again):
    sick(cast)
    [cause] = causes(diane)
    Htmx(diane).post(REPAIRS, cause=cause)
    db.session.scalars(select(PlanRun)).one().state = state
    assert len(offered(diane)) == again


def test_a_repair_that_was_undone_is_offered_again(diane, cast):
    sick(cast)
    Htmx(diane).post(REPAIRS, cause=causes(diane)[0])
    repair = db.session.scalars(select(PlanRun)).one()
    repair.state = "accepted"
    change = PlanChange(territory_id=repair.territory_id, at=make.at("10:00"), kind="run", run_id=repair.id)
    db.session.add(change)
    assert offered(diane) == []
    change.undone_at = make.at("10:00")
    assert len(offered(diane)) == 1


def test_later_is_for_one_dispatcher_until_the_cause_changes(app, diane, cast):
    sick(cast)
    [cause] = causes(diane)
    told = Htmx(diane).post(LATER, cause=cause).text
    assert "Put off" in told
    Htmx(diane).post(LATER, cause=cause)  # twice is once
    assert offered(diane) == [] and len(offered(signed_in(app, cast.ahmed, "en"))) == 1
    make.job("encore", technician=cast.tariq, start=make.at("15:00"))
    assert offered(diane) == ["Tariq: absent until 17:00, 3 jobs to share out"]
    with clock.at(make.at("10:00") + timedelta(days=8)):
        assert db.session.scalars(select(PutOff).where(PutOff.is_old())).all()


def test_days_that_are_over_offer_nothing(diane, cast):
    sunday = make.MONDAY - timedelta(days=1)
    make.job("panne", technician=cast.tariq, start=make.at("11:00", sunday))
    make.absence(cast.tariq, day=sunday)
    assert offered(diane, REPAIRS.replace("-23", "-22")) == []


def test_offers_cost_the_same_number_of_queries_however_many(diane, cast):
    sick(cast)
    few = queries_of(diane, BOARD)
    for number in range(5):
        other = make.technician(f"Autre {number}")
        make.job("panne", technician=other, start=make.at("11:00"))
        make.absence(other, ("10:00", "17:00"))
    assert queries_of(diane, BOARD) == few
    assert len(offered(diane)) == 6


def test_an_absence_is_said_on_the_board_and_offered_to_the_others_at_once(app, diane, cast):
    job = make.job("panne", technician=cast.tariq, start=make.at("11:00"))
    ahmed = signed_in(app, cast.ahmed, "en")
    before = live.cursor()
    url = f"/board/technicians/{cast.tariq.id}/absence?territory=rennes&day=2026-11-23"
    form = Htmx(diane).get(url).text
    assert 'value="2026-11-23T10:00"' in form and 'value="2026-11-23T17:00"' in form
    said = {"from": "2026-11-23T10:00", "until": "2026-11-23T17:00", "reason": "grippe", "version": 1}
    answer = Htmx(diane).post(url, **said)
    assert answer.headers["HX-Trigger"] == "close-dialog" and "1 job to share out" in answer.text
    news = Htmx(ahmed).get(f"/board/news?territory=rennes&day=2026-11-23&after={before}").text
    assert f'id="route-{cast.tariq.id}"' in news and "Tariq: absent until 17:00" in news
    assert "Tariq is absent · Diane" in news
    for page in (news, ahmed.get(BOARD).text, Htmx(ahmed).get(url).text):
        assert "grippe" not in page
    assert job.technician_id == cast.tariq.id


def test_of_two_who_say_it_at_once_the_second_is_told(app, diane, cast):
    url = f"/board/technicians/{cast.tariq.id}/absence?territory=rennes&day=2026-11-23"
    said = {"from": "2026-11-23T10:00", "until": "2026-11-23T17:00", "version": 1}
    assert Htmx(diane).post(url, **said).status_code == 200
    second = Htmx(signed_in(app, cast.ahmed, "en")).post(url, **said)
    assert second.status_code == 412 and "Somebody was faster" in second.text
    assert 'name="version" value="2"' in second.text and "Back now" in second.text
    db.session.expire_all()
    assert len(cast.tariq.absences) == 1
    assert Htmx(diane).post(url, **{**said, "version": ""}).status_code == 428


def test_a_time_that_makes_no_sense_is_asked_for_again(diane, cast):
    url = f"/board/technicians/{cast.tariq.id}/absence?territory=rennes&day=2026-11-23"
    wrong = [
        ("2026-11-23T12:00", "2026-11-23T11:00", "It ends before it begins"),
        ("2026-11-23T08:00", "2026-11-23T09:00", "It is over already"),
        ("2025-11-23T08:00", "2026-11-24T09:00", "begins more than a day ago"),
        ("2026-11-27T08:00", "2029-11-27T18:00", "An absence lasts at most 366 days"),
        ("", "", "Say both from when and until when"),
        ("x", "y", "Say both from when and until when"),
    ]
    for begin, end, why in wrong:
        answer = Htmx(diane).post(url, **{"from": begin, "until": end, "version": 1})
        assert answer.status_code == 422 and "makes no sense" in answer.text and why in answer.text
    assert cast.tariq.absences == []


def test_who_is_back_is_there_from_now_on(diane, cast):
    ill, later = make.absence(cast.tariq, ("08:00", "17:00")), make.absence(cast.tariq, ("17:30", "18:00"))
    make.job("panne", technician=cast.tariq, start=make.at("11:00"))
    url = f"/board/technicians/{cast.tariq.id}/return?territory=rennes&day=2026-11-23"
    other = Htmx(diane).post(url.replace(f"/{cast.tariq.id}/", f"/{cast.zoe.id}/"), absence=ill.id, version=1)
    assert other.status_code == 404
    assert len(offered(diane)) == 1
    Htmx(diane).post(url, absence=ill.id, version=1)
    assert (offered(diane), ill.ends_at) == ([], make.at("10:00"))
    Htmx(diane).post(url, absence=later.id, version=2)
    db.session.expire_all()
    assert cast.tariq.absences == [ill]
    assert Htmx(diane).post(url, absence=ill.id, version=2).status_code == 412


def test_the_scope_of_a_run_is_chosen_in_the_form(diane, cast):
    url = "/board/runs?territory=rennes&day=2026-11-23"
    wrong = [({"scope": "technicians"}, "Choose at least one technician"), ({"scope": "from", "since": "25:99"}, "is no time"),
             ({"scope": "from", "since": "09:00"}, "has passed"), ({"scope": "from"}, "from which time")]  # fmt: skip
    for said, told in wrong:
        answer = diane.post(url, data={"seconds": 10, **said})
        assert answer.status_code == 422 and told in answer.text
    assert diane.post(url, data={"seconds": 10, "scope": "repair"}).status_code == 400
    assert diane.post(url, data={"seconds": 10, "scope": "technicians", "technician": 999}).status_code == 400
    asked = []
    for said in ({"scope": "from", "since": "14h30"}, {"scope": "technicians", "technician": cast.zoe.id},
                 {"scope": "unassigned"}, {}):  # fmt: skip
        assert diane.post(url, data={"seconds": 10, **said}).status_code == 302
        [run] = db.session.scalars(select(PlanRun).where(PlanRun.state == "queued"))
        asked.append(run.scope)
        run.state = "cancelled"
    assert asked == [{"kind": "from", "from": "2026-11-23T13:30:00+00:00"},
                     {"kind": "technicians", "technician_ids": [cast.zoe.id]}, {"kind": "unassigned"}, {"kind": "all"}]  # fmt: skip


def test_a_run_that_found_nothing_better_says_so_and_has_nothing_to_accept(diane, cast):
    parts = ("unserved", "lateness", "overtime", "moves", "preference", "promise")
    cost = {"total": 3900, "travel": 3900, **dict.fromkeys(parts, 0)}
    basis = {
        "jobs": {"1": [], "2": []},
        "days": ["tariq", "zoe"],
        "weighed": {"before": cost, "served": [2, 2], "days": [], "promises": []},
    }
    run = PlanRun(territory_id=make.territory().id, day=make.MONDAY, seconds=5, state="proposed", requested_at=make.at("09:50"),
                  basis=basis, objective=cost, scope={"kind": "technicians", "technician_ids": [cast.zoe.id]})  # fmt: skip
    db.session.add(run)
    page = diane.get(f"/board/runs/{run_id(run)}").text
    assert "Nothing better was found: the plan stays as it is" in page
    assert "Looked for 5 s at 2 jobs of 2 technicians." in page
    assert "The plan costs 1\u00a0h\u00a005, and so does the best one found." in page
    assert "Only the routes of these, and work that nobody has: Zoé." in page
    assert 'id="accept"' not in page
    board = diane.get(BOARD).text
    assert "Nothing better was found" in board and "Read the proposal" not in board
    assert "/rejection" not in board and "/rejection" not in page, "nobody has to answer it"
    with clock.at(make.at("10:06")):
        assert "Nothing better was found" not in diane.get(BOARD).text
        assert "Nothing better was found" in diane.get(f"/board/runs/{run.id}").text


def run_id(run):
    db.session.flush()
    return run.id
