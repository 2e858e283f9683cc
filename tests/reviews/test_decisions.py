"""What lies to be reviewed: seen by who may, decided once, and told to whoever did it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.extensions import db
from dispatch.models.action import Action
from dispatch.models.client import Equipment
from dispatch.models.event import Event
from dispatch.planning import move
from tests import factories as make
from tests.people import signed_in


@pytest.fixture
def denis(app, cast, phone):
    return signed_in(app, cast.denis)


@pytest.fixture
def moved(phone, cast):
    """Tariq did the whole visit offline; meanwhile Denis gave it to Zoé."""
    job = make.job("Écran noir", technician=cast.tariq, start=make.at("10:30"))
    move.assign(job, cast.zoe, cast.denis, day=make.MONDAY, override_reason="plus près")
    db.session.commit()
    for to in ("accepted", "travelling", "working", "completed"):
        phone.tapped(job, to, **({"note": "câble remplacé"} if to == "completed" else {}))
    phone.send()
    db.session.expire_all()
    return job


def waiting():
    db.session.commit()
    db.session.expire_all()
    return db.session.query(Action).filter(Action.waiting()).order_by(Action.seq).all()


def decide(browser, decision, entries=None, **said):
    rows = waiting() if entries is None else entries
    return browser.post("/board/reviews", data={
        "action": [f"{row.id}:{row.version}" for row in rows], "decision": decision, **said})  # fmt: skip


def test_what_one_did_on_a_job_is_shown_together_with_who_has_it_now(denis, moved):
    page = denis.get("/board/reviews").text
    assert page.count('class="card review"') == 1
    assert "Tariq" in page and "chez Zoé" in page and "câble remplacé" in page
    assert page.index("Technicien en route") < page.index("Intervention terminée")


def test_when_it_counts_the_job_is_done_under_both_names_and_both_are_told(denis, moved, cast, phone):
    assert decide(denis, "apply").status_code == 303
    db.session.expire_all()
    assert (moved.state, moved.technician, moved.outcome) == ("completed", cast.zoe, "solved")
    assert {one["name"] for one in moved.also_worked} == {"Tariq"}
    done = (
        db.session.query(Event).filter_by(job_id=moved.id, kind="job.state").order_by(Event.id.desc()).first()
    )
    assert (done.data["target"], done.actor_id, done.technician_id) == (
        "completed", cast.tariq.user.id, cast.zoe.id)  # fmt: skip
    told = phone.browser.get("/jobs/review", headers={"Accept": "application/json"}).json["items"]
    assert {(one["decision"], one["decided"]) for one in told} == {("applied", "Pris en compte")}
    heard = db.session.query(Event).filter_by(kind="job.reviewed").first()
    assert (heard.technician_id, heard.actor_id) == (cast.tariq.id, cast.denis.id)


def test_sent_anew_and_accepted_on_the_phone_before_it_counts_when_given_back(phone, cast, denis):
    check = {"code": "p1", "fr": "Page de test imprimée", "en": "Test page printed"}
    job = make.job("Écran noir", technician=cast.tariq, start=make.at("10:30"), state="accepted")
    job.ticket.category = make.category("printer", proof={"checks": [check]})
    db.session.add(Equipment(code="dock", kind="part", label_fr="Station d’accueil", label_en="Dock"))
    move.assign(job, cast.zoe, cast.denis, day=make.MONDAY, override_reason="plus près")
    db.session.commit()
    said = {
        "part-dock": "2",
        "cause": "wear",
        "unsigned": "refused",
        "unsigned_why": "attend son chef",
        "check-p1": "yes",
    }
    for to in ("travelling", "working", "completed"):
        phone.tapped(job, to, **(said if to == "completed" else {}))
    assert phone.outcomes(phone.send()) == ["review"] * 3
    page = denis.get("/board/reviews").text
    for words in ("Usure", "attend son chef", "Page de test imprimée\xa0: oui", "Station d’accueil × 2"):
        assert words in page, words
    db.session.expire_all()
    move.assign(job, cast.tariq, cast.denis, day=make.MONDAY, override_reason="il l’a fait")
    assert decide(denis, "apply").status_code == 303
    db.session.expire_all()
    assert (job.state, job.technician) == ("completed", cast.tariq)


def test_taking_back_an_earlier_tap_never_takes_back_what_came_later(phone, cast, denis):
    job = make.job("Écran noir", technician=cast.tariq, start=make.at("10:30"), state="dispatched")
    db.session.commit()
    for minute, to in enumerate(
        ("accepted", "travelling", "undone", "undone", "travelling", "working", "completed")
    ):
        phone.tapped(job, to, make.at("09:30") + timedelta(seconds=20 * minute))
    assert phone.outcomes(phone.send()).count("review") == 1
    assert decide(denis, "apply").status_code == 409
    db.session.expire_all()
    assert job.state == "completed"
    assert decide(denis, "keep").status_code == 303


def test_what_it_was_overtaken_by_is_kept_on_record(denis, moved, cast):
    moved.state = "working"
    db.session.commit()
    assert decide(denis, "apply").status_code == 303
    kept = db.session.query(Action).order_by(Action.seq).all()
    assert [row.decision for row in kept] == ["kept", "kept", "applied", "applied"]
    assert moved.state == "completed"


def test_what_cannot_count_stays_and_says_what_to_do_first(denis, moved, cast):
    move.take_back(moved, cast.denis)
    answer = decide(denis, "apply")
    assert answer.status_code == 409
    assert "donnez-la à qui a fait le travail" in answer.text
    assert len(waiting()) == 4


def test_given_back_to_whoever_did_it_it_counts(denis, moved, cast):
    move.assign(moved, cast.tariq, cast.denis, day=make.MONDAY, override_reason="il l’a fait")
    assert decide(denis, "apply").status_code == 303
    db.session.expire_all()
    assert (moved.state, moved.technician) == ("completed", cast.tariq)


def test_kept_as_notes_it_changes_nothing_else(denis, moved):
    assert decide(denis, "keep").status_code == 303
    db.session.expire_all()
    assert moved.state == "dispatched"
    assert [line.partition("\u00a0: ")[2] for line in moved.note.split("\n")] == [
        "Technicien en route", "Intervention commencée", "Intervention terminée · câble remplacé"]  # fmt: skip


def test_nothing_is_set_aside_without_a_reason_which_the_technician_reads(denis, moved, phone):
    assert decide(denis, "discard").status_code == 422
    assert len(waiting()) == 4
    assert decide(denis, "discard", remark="fait par Zoé").status_code == 303
    assert waiting() == []
    assert "fait par Zoé" in phone.browser.get("/jobs/review").text


def test_of_two_who_decide_the_second_sees_how_it_stands(app, cast, denis, moved):
    rows = [(row.id, row.version) for row in waiting()]
    said = {"action": [f"{key}:{version}" for key, version in rows], "decision": "discard", "remark": "non"}
    assert denis.post("/board/reviews", data=said).status_code == 303
    late = signed_in(app, cast.diane).post("/board/reviews", data={**said, "decision": "apply"})
    assert late.status_code == 412
    db.session.expire_all()
    assert moved.state == "dispatched"


def test_another_clients_dispatcher_neither_sees_nor_decides(app, cast, moved):
    berenice = signed_in(app, cast.berenice)
    assert "câble" not in berenice.get("/board/reviews").text
    assert decide(berenice, "apply").status_code == 404
    assert len(waiting()) == 4


def test_a_dismissed_one_leaves_the_phone_and_waits_for_the_dispatcher_still(denis, moved, phone):
    [row, *_others] = waiting()
    assert phone.browser.post(f"/jobs/review/{row.id}/dismissal").status_code == 303
    items = phone.browser.get("/jobs/review", headers={"Accept": "application/json"}).json["items"]
    assert row.id not in {one["id"] for one in items} and len(items) == 3
    assert len(waiting()) == 4


def test_the_board_says_that_something_waits_and_the_job_by_whom_it_was_worked_on(denis, moved):
    assert "4 gestes reçus des téléphones sont à revoir" in denis.get("/board?territory=rennes").text
    panel = denis.get(f"/board/jobs/{moved.number}").text
    assert "Travail fait hors plan" in panel and "Tariq" in panel


@pytest.mark.parametrize("said", [{"decision": "maybe"}, {"action": "x"}, {"action": "1:2:3"}])
def test_a_form_that_nobody_of_ours_sends_is_refused(denis, moved, said):
    data = {"action": [f"{row.id}:{row.version}" for row in waiting()], "decision": "apply", **said}
    assert denis.post("/board/reviews", data=data).status_code == 400


def test_what_was_told_is_read_in_words_and_only_the_unknown_as_it_came(app, phone, cast):
    make.job("Poste", technician=cast.tariq, start=make.at("10:00"), state="working")
    phone.did("presence", None, make.at("10:00"), say="kiosk", kiosk=str(make.kiosk().id), minutes="30")
    phone.did("dance", None, make.at("10:00"), steps="quatre")
    assert phone.outcomes(phone.send()) == ["review"] * 2
    page = signed_in(app, cast.diane).get("/board/reviews").text
    assert "Au kiosque" in page and "30 min" in page
    assert page.count("<pre") == 1 and "quatre" in page
