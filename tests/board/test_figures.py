"""The day in numbers: a row per client that the reader may see, and nothing of any other."""

from __future__ import annotations

import re

import pytest

from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.plan import PlanRun
from tests import factories as make
from tests.board.conftest import queries_of, seen
from tests.people import assemble, signed_in

FIGURES = "/board/figures?territory=rennes&day=2026-11-23"
CSV = "/board/figures.csv?territory=rennes&day=2026-11-23"


def rows(browser):
    """The CSV as lists, by client."""
    answer = browser.get(CSV)
    assert answer.mimetype == "text/csv"
    lines = [line.split(",") for line in answer.get_data(as_text=True).lstrip("\ufeff").splitlines()]
    return {line[0]: dict(zip(lines[0], line, strict=True)) for line in lines}


def promised(start, end, **fields):
    return {"promised_from": make.at(start), "promised_to": make.at(end), **fields}


@pytest.fixture
def full_day(cast):
    """Before ten: two are done, one in time; one did not work out. After ten: two are ahead, one nobody has."""
    zoe, breizh = cast.zoe, make.client("breizh")
    make.job(technician=zoe, start=make.at("08:00"), state="completed", worked_seconds=1500, travel_seconds=600,
             **promised("08:00", "08:30", working_at=make.at("08:05"), ended_at=make.at("08:30")))  # fmt: skip
    make.job(technician=zoe, start=make.at("08:30"), state="completed", worked_seconds=900,
             **promised("08:00", "08:30", working_at=make.at("08:40"), ended_at=make.at("08:55")))  # fmt: skip
    make.job(technician=zoe, start=make.at("09:00"), state="not_completed", outcome="user_absent")
    make.job(technician=zoe, start=make.at("11:00"), **promised("10:30", "11:30"))
    make.job(technician=zoe, start=make.at("12:00"), of=make.ticket(due_at=make.at("11:00")))
    make.job("Sans technicien", **promised("08:00", "09:00"))
    make.job("Serveur", owner=breizh, technician=zoe, start=make.at("14:00"), travel_seconds=1200)
    make.duty(cast.tariq, ("13:00", "15:30"))


def test_every_client_has_its_row_and_the_total_adds_up(diane, full_day):
    found = rows(diane)
    acme = found["Acme Assurances"]
    assert (acme["jobs planned"], acme["jobs served"], acme["jobs not completed"], acme["unassigned"]) == (
        "5",
        "2",
        "1",
        "1",
    )
    assert (acme["promises kept"], acme["promises broken"]) == ("1", "2")
    assert acme["late"] == "1"
    assert (acme["travel (min)"], acme["work planned (min)"], acme["worked (min)"]) == ("10", "150", "40")
    assert acme["kiosk duty (min)"] == "150"
    assert found["Breizh Énergie"]["jobs planned"] == "1"
    assert (found["Total"]["jobs planned"], found["Total"]["travel (min)"]) == ("6", "30")


def test_a_promise_that_may_still_be_kept_counts_as_neither(diane, cast):
    make.job(technician=cast.zoe, start=make.at("11:00"), **promised("10:30", "11:30"))
    assert (rows(diane)["Total"]["promises kept"], rows(diane)["Total"]["promises broken"]) == ("0", "0")


def test_denis_reads_the_same_with_and_without_the_work_of_others(denis, diane, cast):
    make.job(technician=cast.zoe, start=make.at("11:00"))
    before = [seen(denis, url) for url in (FIGURES, CSV)]
    breizh = make.client("breizh")
    make.job("Serveur", owner=breizh, technician=cast.tariq, start=make.at("14:00"))
    make.job("Sans technicien", owner=breizh)
    make.duty(cast.tariq, ("08:00", "09:00"), make.kiosk("Kiosque B", make.building("Landry", breizh)))
    assert [seen(denis, url) for url in (FIGURES, CSV)] == before
    assert rows(diane)["Total"]["jobs planned"] == "2"
    assert "Breizh Énergie" in rows(diane)


def test_a_name_that_would_be_a_formula_is_text(diane, cast):
    make.client("acme").name = "=HYPERLINK(1)"
    make.job(technician=cast.zoe)
    assert "'=HYPERLINK(1)" in rows(diane)


def test_the_number_of_queries_does_not_grow_with_the_day(diane, cast):
    make.job(technician=cast.zoe)
    few = queries_of(diane, FIGURES)
    for hour in range(8, 16):
        make.job(owner=make.client(f"client{hour}"), technician=cast.tariq, start=make.at(f"{hour:02}:00"))
    assert queries_of(diane, FIGURES) == few


def test_figures_are_for_who_dispatches(app, cast):
    for person in (cast.paula, cast.carole, cast.tariq.user):
        assert signed_in(app, person).get(FIGURES).status_code == 403


def weighed_run(cast, state="proposed", best=10_000, served=(3, 3)):
    """A run that found a plan of `best` where the live one cost 10,400."""
    parts = {
        "travel": best,
        "unserved": 0,
        "lateness": 0,
        "overtime": 0,
        "moves": 0,
        "preference": 0,
        "promise": 0,
    }
    before = {**parts, "travel": 10_400, "total": 10_400}
    run = PlanRun(territory_id=make.territory().id, day=make.MONDAY, seconds=10, state="running",
                  requested_at=make.at("09:40"), started_at=make.at("09:41"), objective={**parts, "total": best},
                  basis={"jobs": {}, "weighed": {"before": before, "served": list(served), "days": [], "promises": []}})  # fmt: skip
    db.session.add(run)
    db.session.flush()
    run.set_state("proposed")
    if state != "proposed":
        run.set_state(state, cast.diane)
    db.session.commit()
    return run


def quality(browser):
    return re.search(r'id="quality".*?</section>', browser.get(FIGURES).get_data(as_text=True), re.DOTALL)[0]


@pytest.mark.parametrize("state", ["proposed", "rejected"])
def test_the_plan_is_weighed_against_the_best_that_a_run_has_found(diane, cast, state):
    assert "No run has looked at this day yet" in quality(diane)
    weighed_run(cast, state)
    assert "costs 4 % more than the best found at 10:00 (0 changes since)" in quality(diane)
    assert 'action="/board/runs?territory=rennes' in quality(diane)


def test_a_best_that_serves_more_is_told_in_jobs(diane, cast):
    weighed_run(cast, served=(3, 5))
    assert "serves 2 jobs more" in quality(diane)


def test_what_was_done_since_is_counted(diane, cast):
    job = make.job(technician=cast.zoe, start=make.at("11:00"))
    weighed_run(cast, "accepted")
    diane.post(f"/board/jobs/{job.number}/lock", data={"lock": "both", "version": job.version})
    assert "best plan found at 10:00 was accepted. How good it is now (1 change since)" in quality(diane)


def test_what_weighs_the_work_of_all_clients_is_for_who_sees_them_all(denis, cast):
    weighed_run(cast)
    assert "10:00" not in quality(denis)


@pytest.mark.usefixtures("session_on_both")
def test_figures_and_quality_read_alike_on_both_databases(app_on_both):
    from dispatch import clock

    cast = assemble()
    job = make.job(technician=cast.zoe, start=make.at("11:00"), **promised("10:30", "11:30"))
    with clock.at(make.at("10:00")):
        weighed_run(cast)
        record("job.locked", by=cast.diane, job=job, lock="both")
        record("job.state", by=cast.diane, job=job, source="planned", target="cancelled", move="cancelled")
        db.session.commit()
        browser = signed_in(app_on_both, cast.diane, "en")
        assert rows(browser)["Total"]["jobs planned"] == "1"
        assert "(2 changes since)" in quality(browser)


def test_a_run_of_a_part_says_nothing_of_the_whole(diane, cast):
    weighed_run(cast)
    for scope in ({"kind": "unassigned"}, {"kind": "repair", "cause": {"kind": "late", "jobs": []}}):
        weighed_run(cast, best=10_390).scope = scope
    weighed_run(cast, best=8_000).scope = {"kind": "all"}
    assert "costs 30 % more" in quality(diane)
    assert '/board/runs/4"' in quality(diane)


def test_of_what_was_accepted_in_part_nobody_can_say_how_good_it_is(diane, cast):
    weighed_run(cast).set_state("accepted", cast.diane, part=True)
    db.session.commit()
    assert "nobody can say" in quality(diane)
