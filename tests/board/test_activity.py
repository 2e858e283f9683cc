"""The feed of a territory: narrowed, in pages, live, and silent about what the reader may not see."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from dispatch import clock
from dispatch.board.shift import feed
from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.note import DayNote
from dispatch.models.plan_change import PlanChange
from dispatch.origin import origin_of, set_origin
from tests import factories as make
from tests.board.conftest import queries_of, seen
from tests.people import assemble, signed_in

ACTIVITY = "/board/activity?territory=rennes&day=2026-11-23"


def told(browser, more=""):
    """The lines, without their mark-up."""
    page = browser.get(ACTIVITY + more).get_data(as_text=True)
    found = re.findall(r'<li id="line-\d+">(.*?)</li>', page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", line).split()) for line in found]


def locked(job, by, times=1):
    for _time in range(times):
        record("job.locked", by=by, job=job, lock="both")
        db.session.commit()


@pytest.fixture
def busy_day(app, diane, cast):
    """Diane moves and locks, Tariq sets off, she writes a note."""
    job = make.job("Écran noir", technician=cast.zoe, start=make.at("11:00"))
    form = {"technician": cast.tariq.id, "version": job.version}
    diane.post(f"/board/jobs/{job.number}/assignment", data=form)
    phone = signed_in(app, cast.tariq.user)
    db.session.refresh(job)
    phone.post(
        f"/jobs/{job.number}/transitions", data={"to": "accepted", "key": "a1", "based_on": job.version}
    )
    db.session.refresh(job)
    diane.post(f"/board/jobs/{job.number}/lock", data={"lock": "both", "version": job.version})
    diane.post("/board/notes?territory=rennes&day=2026-11-23", data={"text": "Ascenseur en panne"})
    return job


def test_a_line_says_who_what_from_where_and_what_it_was_before(diane, busy_day):
    lines = told(diane)
    assert "Note of the day: Ascenseur en panne Diane · on the board" in lines[0]
    assert f"{busy_day.number} Technician and time locked before: not locked Écran noir · Diane" in lines[1]
    assert any("Accepted by the technician Écran noir · Tariq · on the phone" in line for line in lines)
    assert any("Moved by hand to Tariq Zoé 11:00 → then Tariq" in line for line in lines)


@pytest.mark.parametrize(("asked", "first"), [
    ("&what=notes", "Note of the day"), ("&what=locks", "Technician and time locked"), ("&what=taps", "Change seen"),
    ("&what=moves", "Moved by hand"), ("&q=ascenseur", "Note of the day"), ("&q=ÉCRAN", "Technician and time locked"),
])  # fmt: skip
def test_it_is_narrowed(diane, busy_day, asked, first):
    assert first in told(diane, asked)[0]


def test_it_is_narrowed_by_person_technician_client_number_and_day(diane, cast, busy_day):
    everything = told(diane)
    assert 0 < len(told(diane, f"&who={cast.tariq.user_id}")) < len(everything)
    assert 0 < len(told(diane, f"&technician={cast.tariq.id}")) < len(everything)
    assert 0 < len(told(diane, f"&client={make.client().id}")) < len(everything)
    assert (
        told(diane, f"&q={busy_day.number}")
        == told(diane, f"&q={busy_day.number[4:]}&what=")[: len(everything)]
    )
    assert told(diane, "&q=INT-999999") == []
    assert told(diane, "&who=engine&what=notes") == []
    assert "Nothing has happened" in diane.get("/board/activity?territory=rennes&day=2026-11-24").text
    assert len(told(diane, "&until=2026-11-25")) == len(everything)


def test_pages_follow_each_other_without_a_gap_while_more_is_written(diane, cast):
    job = make.job(technician=cast.zoe)
    locked(job, cast.diane, feed.PAGE + 5)
    page = diane.get(ACTIVITY).text
    ids = [int(found) for found in re.findall(r'id="line-(\d+)"', page)]
    locked(job, cast.ahmed, 3)
    older = diane.get(ACTIVITY + f"&before={ids[-1]}").text
    rest = [int(found) for found in re.findall(r'id="line-(\d+)"', older)]
    assert len(ids) == feed.PAGE
    assert ids + rest == sorted({*ids, *rest}, reverse=True)
    assert len(rest) == 5
    assert "3 new ones" in diane.get(ACTIVITY.replace("?", "/news?") + f"&after={ids[0]}").text


def test_denis_reads_the_same_with_and_without_what_others_do(denis, diane, cast):
    locked(make.job(technician=cast.zoe), cast.diane, feed.PAGE + 1)
    urls = [ACTIVITY, ACTIVITY + "&q=lock", ACTIVITY.replace("?", "/news?") + "&after=0"]
    before = [seen(denis, url) for url in urls]
    secret = make.job("Serveur secret", owner=make.client("breizh"), technician=cast.tariq)
    locked(secret, cast.berenice, 5)
    here = {"by": cast.diane, "territory_id": make.territory().id, "changes": [1]}
    record("plan.undone", **here, jobs=2, client_id=secret.client_id)
    record("plan.undone", **here, jobs=7)  # of several clients
    db.session.commit()
    news = denis.get("/board/news?territory=rennes&day=2026-11-23&after=0", headers={"HX-Request": "true"})
    assert "put back" not in news.text
    assert [seen(denis, url) for url in urls] == before
    assert told(denis, f"&q={secret.number}") == told(denis, f"&client={secret.client_id}") == []
    assert len(told(diane, f"&q={secret.number}")) == 5


def test_what_happens_elsewhere_is_not_told_here(diane, cast):
    brest = make.territory("brest")
    owner = make.client("ouessant", territory_id=brest.id)
    record(
        "ticket.updated",
        by=cast.diane,
        ticket=make.ticket("Là-bas", owner, building_id=None),
        changed=["phone"],
    )
    record("ticket.updated", by=cast.diane, ticket=make.ticket("Ici"), changed=["phone"])
    db.session.commit()
    assert len(told(diane)) == 1


def test_the_number_of_queries_does_not_grow(diane, cast):
    job = make.job(technician=cast.zoe)
    locked(job, cast.diane)
    few = queries_of(diane, ACTIVITY)
    locked(job, cast.ahmed, 20)
    assert queries_of(diane, ACTIVITY) == few


def test_where_a_request_comes_from():
    assert origin_of("/api/v1/jobs", "api_jobs") == "api"
    assert [origin_of("/x", name) for name in ("board", "jobs", "handover", None)] == [
        "board",
        "phone",
        "desk",
        "",
    ]


@pytest.mark.usefixtures("session_on_both")
def test_it_reads_alike_on_both_databases(app_on_both):
    cast = assemble()
    job = make.job("Écran noir", technician=cast.zoe)
    with clock.at(make.at("10:00")):
        set_origin("worker")
        record("job.state", job=job, source="planned", target="dispatched", move="dispatched")
        record(
            "job.state",
            by=cast.diane,
            job=job,
            source="dispatched",
            target="cancelled",
            move="cancelled",
            note="Déjà réglé",
        )
        record("job.state", by=cast.diane, job=job, source="x", target="unplanned")
        set_origin("")
        note = DayNote.write(make.territory(), make.MONDAY, "Éteindre", cast.diane)
        note.delete(cast.diane, 1)
        db.session.commit()
        browser = signed_in(app_on_both, cast.diane, "en")
        assert [len(told(browser, more)) for more in ("", "&what=tickets", "&what=notes", "&q=éteindre", "&q=RÉGLÉ")] == [
            4, 1, 2, 2, 1]  # fmt: skip
        assert "by the background worker" in told(browser, "&what=tickets")[0]


def test_what_is_postponed_and_undone_is_told_with_the_reason(diane, cast):
    job = make.job("Écran noir", technician=cast.zoe, start=make.at("11:00"))
    sent = {"job": f"{job.number}:{job.version}", "on": "2026-11-25", "override_reason": "Bureau fermé"}
    diane.post("/board/selection/postponement?territory=rennes&day=2026-11-23", data=sent)
    [change] = db.session.scalars(select(PlanChange))
    diane.post(f"/board/changes/{change.id}/reversal?territory=rennes&day=2026-11-23")
    for page in (told(diane), told(diane, "&what=moves")):
        assert any("Postponed to Wednesday 25 November · Bureau fermé" in line for line in page), page
        assert any("1 job put back where it was" in line for line in page), page
    history = diane.get(f"/board/jobs/{job.number}/history").text
    assert "Bureau fermé" in history and "Put back where it was" in history
