"""A technician's day on the phone: what is shown, in which order, at which price."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.plan import Plan, PlannedBreak
from dispatch.planning import move
from tests import factories as make
from tests.people import signed_in

HTMX = {"HX-Request": "true"}
TEN = make.at("10:02")


@pytest.fixture
def tariq(app, cast):
    with at(TEN):
        yield signed_in(app, cast.tariq.user)


def page(browser, address="/jobs"):
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.text


def test_an_empty_day_says_so(tariq):
    assert "Pas encore d’intervention" in page(tariq) or "No job yet" in page(tariq)


def test_what_is_under_way_comes_first_and_what_is_paused_waits(tariq, cast):
    make.job("Prochaine visite", technician=cast.tariq, start=make.at("10:30"))
    make.job("En pause depuis hier", technician=cast.tariq, state="paused", start=make.at("09:00"),
             day=make.MONDAY - timedelta(days=1))  # fmt: skip
    make.job("Sur place", technician=cast.tariq, state="working", start=make.at("11:00"))
    text = page(tariq)
    assert (
        text.index("Sur place</a></h2>") < text.index("En pause depuis hier") < text.index("Prochaine visite")
    )


def test_breaks_and_kiosk_duty_stand_between_the_jobs(tariq, cast):
    make.job("Première", technician=cast.tariq, start=make.at("10:30"))
    make.job("Dernière", technician=cast.tariq, start=make.at("15:00"))
    make.duty(cast.tariq, ("13:00", "14:00"))
    plan = Plan(territory_id=make.territory().id, day=make.MONDAY, changed_at=TEN)
    plan.breaks.append(
        PlannedBreak(technician_id=cast.tariq.id, starts_at=make.at("12:15"), ends_at=make.at("13:00"))
    )
    db.session.add(plan)
    text = page(tariq)
    assert (
        text.index("Première")
        < text.index(">12:15<")
        < text.index("Kiosque Colbert")
        < text.index("Dernière")
    )


def test_zoe_does_not_see_what_tariq_has(app, cast, tariq):
    job = make.job("Pour Tariq", technician=cast.tariq)
    zoe = signed_in(app, cast.zoe.user)
    assert "Pour Tariq" not in page(zoe)
    for address in ("", "/reasons", "/more", "/completion"):
        assert zoe.get(f"/jobs/{job.number}{address}").status_code == 404


def test_tomorrow_is_shown_as_planned_without_a_button(tariq, cast):
    tuesday = make.MONDAY + timedelta(days=1)
    make.job("Demain", technician=cast.tariq, start=make.at("09:00", tuesday), state="planned")
    text = page(tariq, f"/jobs?day={tuesday}")
    assert "Demain" in text
    assert 'name="to"' not in text


def test_a_stale_link_shows_today(tariq):
    assert page(tariq, "/jobs?day=yesterday")


def test_a_change_is_marked_with_who_made_it_until_it_was_seen(tariq, cast):
    job = make.job("Décalée", technician=cast.tariq, start=make.at("14:00"))
    job.note_change("retimed", cast.diane, minutes=25)
    text = page(tariq)
    assert "25\u00a0min" in text
    assert "Diane" in text
    tariq.post("/jobs/sightings", data={"job": job.number, "until": TEN.isoformat()})
    assert not job.changed_since_seen


def test_what_changed_after_the_page_was_drawn_is_not_taken_as_seen(tariq, cast):
    job = make.job("Décalée", technician=cast.tariq, start=make.at("14:00"))
    job.note_change("retimed", cast.diane, minutes=25)
    earlier = TEN - timedelta(minutes=1)
    tariq.post("/jobs/sightings", data={"job": job.number, "until": earlier.isoformat()})
    assert job.changed_since_seen


def test_a_job_taken_away_is_told_with_who_did_it_until_it_was_seen(tariq, cast):
    job = make.job("Imprimante bloquée", technician=cast.tariq, start=make.at("14:00"))
    move.take_back(job, cast.diane)
    text = page(tariq)
    assert "Imprimante bloquée" in text
    assert "retirée de votre journée · Diane" in text
    event_id = re.search(r'name="withdrawn" value="(\d+)"', text)[1]
    answer = tariq.post(
        "/jobs/sightings", data={"withdrawn": event_id, "until": TEN.isoformat()}, headers=HTMX
    )
    assert "Imprimante bloquée" not in answer.text


def test_a_job_taken_away_later_is_told_although_an_earlier_one_was_seen(tariq, cast):
    jobs = [make.job(name, technician=cast.tariq, start=make.at("14:00")) for name in ("Première", "Seconde")]
    move.take_back(jobs[0], cast.diane)
    seen = re.search(r'name="withdrawn" value="(\d+)"', page(tariq))[1]
    move.take_back(jobs[1], cast.diane)
    tariq.post("/jobs/sightings", data={"withdrawn": seen, "until": TEN.isoformat()})
    text = page(tariq)
    assert "Première" not in text
    assert "Seconde" in text


def test_a_job_that_came_back_is_not_told_as_taken_away(tariq, cast):
    job = make.job("Imprimante bloquée", technician=cast.tariq, start=make.at("14:00"))
    move.take_back(job, cast.diane)
    db.session.commit()
    move.assign(job, cast.tariq, cast.diane)
    assert 'name="withdrawn"' not in page(tariq)


def test_zoe_is_not_told_what_was_taken_from_tariq(app, cast, tariq):
    move.take_back(make.job("Imprimante bloquée", technician=cast.tariq), cast.diane)
    assert 'name="withdrawn"' not in page(signed_in(app, cast.zoe.user))


def test_what_follows_an_overrun_and_the_end_of_the_day_are_told_as_they_are_likely(tariq, cast):
    make.job("Trop long", technician=cast.tariq, state="working", start=make.at("09:00"))
    make.job("Suivante", technician=cast.tariq, start=make.at("09:45"), travel_seconds=300)
    make.job("À l’heure", technician=cast.tariq, start=make.at("11:00"))
    text = page(tariq)
    assert text.count("plutôt vers") == 1
    assert "plutôt vers 10:07" in text
    assert text.count('class="day-job-travel"') == 1
    assert '5\u00a0min <span class="visually-hidden">de trajet' in text
    assert "11:30" in text[text.index('class="day-progress"') : text.index("<progress")]


def test_a_right_that_is_not_held_today_is_said(tariq, cast):
    right = make.right("local_admin")
    make.job("Avec droit", technician=cast.tariq, admin_right_id=right.id)
    assert "fact warn" in page(tariq)


def test_the_page_of_a_job_shows_what_was_handed_over_and_what_happened(tariq, cast):
    job = make.job("Écran noir", technician=cast.tariq)
    tariq.post(f"/jobs/{job.number}/transitions", data={"to": "accepted", "key": "k1", "back": "job"})
    text = page(tariq, f"/jobs/{job.number}")
    for told in ("redémarrage", "Camille Bihan", "02 61 91 00 10", job.ticket.number, 'class="history"'):
        assert told in text


def test_a_refresh_that_would_change_nothing_swaps_nothing_under_the_thumb(tariq, cast):
    job = make.job("Écran noir", technician=cast.tariq)
    drawn = tariq.post(
        f"/jobs/{job.number}/transitions", data={"to": "accepted", "key": "k1"}, headers=HTMX
    ).text
    refresh = re.search(r'data-address="([^"]+)"', drawn)[1].replace("&amp;", "&")
    assert tariq.get(refresh, headers=HTMX).status_code == 204
    with at(TEN + timedelta(seconds=55)):
        assert tariq.get(refresh, headers=HTMX).status_code == 200
    job.note_change("retimed", cast.diane, minutes=25)
    record("job.retimed", by=cast.diane, job=job, minutes=25)
    assert "25\u00a0min" in tariq.get(refresh, headers=HTMX).text


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_static_files_travel_compressed_in_what_the_device_understands(tariq, coding):
    with tariq.get("/static/css/app.css", headers={"Accept-Encoding": coding}) as answer:
        assert answer.headers["Content-Encoding"] == coding
    assert weight(tariq, "/static/css/app.css", coding) < weight(tariq, "/static/css/app.css", "identity") / 2


def weight(browser, address, coding):
    with browser.get(address, headers={"Accept-Encoding": coding}) as answer:
        return len(answer.data)


def test_a_first_visit_weighs_less_than_a_hundred_kilobytes_in_all(tariq, cast):
    for hour in range(10, 18):
        make.job(
            f"Écran noir après la mise à jour {hour}", technician=cast.tariq, start=make.at(f"{hour}:30")
        )
    text = page(tariq)
    files = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', text))
    weights = {name: weight(tariq, name, "gzip, deflate, br") for name in files}
    assert len(files) >= 8
    assert all(weights.values())
    assert len(text.encode()) + sum(weights.values()) < 100_000


@pytest.mark.parametrize("address", ["/jobs", "/jobs/{number}"])
def test_the_number_of_queries_does_not_grow_with_the_jobs(tariq, cast, address):
    def fill(count):
        for number in range(count):
            job = make.job(
                f"Panne {number}", technician=cast.tariq, start=make.at("10:30") + timedelta(minutes=number)
            )
            job.ticket.requester_id = make.requester(f"Personne {number}").id
            job.building_id = make.building(f"Bâtiment {number}").id
        db.session.commit()
        return job.number

    few = queries_of(tariq, address.format(number=fill(5)))
    many = queries_of(tariq, address.format(number=fill(45)))
    assert many == few
    assert few <= 18  # one of them asks whether a night is going on, one for the report of a job


def queries_of(browser, address):
    statements = []

    def count(_connection, _cursor, statement, *_rest):
        if statement.startswith("SELECT"):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        page(browser, address)
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return len(statements)
