"""What a phone did offline takes effect once, in its order, with the minutes that it says as far as they can be."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatch.clock import at, now
from dispatch.extensions import db
from dispatch.models.action import Action
from dispatch.models.event import Event
from dispatch.planning import move
from tests import factories as make

SEVEN, ELEVEN = make.at("07:00"), make.at("11:00")


@pytest.fixture
def hours():
    return make.at("10:30"), SEVEN


@pytest.fixture
def job(phone, cast):
    return make.job("Écran noir", technician=cast.tariq, start=make.at("09:00"))


def moves(job):
    db.session.expire_all()
    log = db.session.query(Event).filter_by(job_id=job.id, kind="job.state").order_by(Event.id)
    return [noted.data["target"] for noted in log]


def entry(key):
    db.session.expire_all()
    return db.session.query(Action).filter(Action.key.startswith(key)).one()


def a_visit(phone, job):
    phone.tapped(job, "accepted", make.at("08:40"))
    phone.tapped(job, "travelling", make.at("08:50"))
    phone.tapped(job, "working", make.at("09:05"))
    phone.did("note", job, make.at("09:30"), note="badge à l’accueil")
    phone.tapped(job, "completed", make.at("10:05"), note="câble remplacé")


def test_an_hour_in_the_basement_is_an_hour_of_work(phone, job):
    a_visit(phone, job)
    answer = phone.send(when=ELEVEN)
    assert phone.outcomes(answer) == ["applied"] * 5
    assert moves(job) == ["accepted", "travelling", "working", "completed"]
    assert (job.worked_seconds, job.travelling_at, job.working_at, job.ended_at) == (
        3600, make.at("08:50"), make.at("09:05"), make.at("10:05"))  # fmt: skip
    assert job.note == "badge à l’accueil\ncâble remplacé"
    assert answer.json["jobs"][job.number] == {"state": "completed", "version": job.version}
    assert (answer.json["signed_in"], answer.json["wipe"], answer.json["changed"]) == (True, False, True)


def test_both_clocks_are_kept_and_the_log_is_in_the_order_of_the_server(phone, job):
    tap = phone.tapped(job, "accepted", make.at("08:40"))
    phone.send(when=ELEVEN)
    kept = entry(tap["key"])
    assert (kept.claimed_at, kept.received_at, kept.clock) == (make.at("08:40"), ELEVEN, None)
    noted = db.session.query(Event).filter_by(kind="job.state").one()
    assert (noted.at, noted.claimed_at) == (ELEVEN, make.at("08:40"))


def test_a_repeat_is_answered_as_the_first_time_and_does_nothing(phone, job):
    a_visit(phone, job)
    first = phone.send(when=ELEVEN)
    again = phone.send(when=ELEVEN + timedelta(minutes=1))
    assert phone.outcomes(again) == ["repeated"] * 5
    told = [(one["key"], one["first"], one["state"], one["version"]) for one in again.json["results"]]
    assert told == [(one["key"], "applied", one["state"], one["version"]) for one in first.json["results"]]
    assert again.json["changed"] is False
    assert job.note.count("badge") == 1


def test_another_body_under_the_same_key_is_reviewed_and_does_nothing(phone, job):
    note = phone.did("note", job, note="un")
    phone.send()
    other = {**note, "body": {"note": "deux"}}
    answers = [phone.send([other]) for _twice in range(2)]
    assert [phone.outcomes(answer) for answer in answers] == [["review"], ["repeated"]]
    assert answers[0].json["results"][0]["reason"] == "key_reused"
    assert answers[1].json["results"][0]["key"] == note["key"]
    db.session.expire_all()
    assert job.note == "un"


def test_an_outdated_version_informs_and_never_refuses(phone, job):
    tap = phone.tapped(job, "accepted")
    assert phone.outcomes(phone.send([{**tap, "based_on": 99}])) == ["applied"]
    assert db.session.query(Event).filter_by(kind="job.state").one().data["based_on"] == 99


def test_only_what_somebody_else_did_meanwhile_is_told_as_unseen(phone, job):
    """Taps that wait behind each other all name the version that was known before the first."""
    seen = job.version
    for to in ("accepted", "travelling"):
        phone.tapped(job, to)
    phone.send()
    job.add_note("badge au gardien", make.user("Diane"))
    db.session.commit()
    for to in ("working", "paused"):
        phone.tapped(job, to)
    assert (
        phone.outcomes(phone.send([{**one, "based_on": seen} for one in phone.queue[2:]])) == ["applied"] * 2
    )
    moves = db.session.query(Event).filter_by(kind="job.state").order_by(Event.id).all()
    assert [bool(one.data.get("based_on")) for one in moves] == [False, False, True, False]


def test_what_is_so_already_is_applied_without_a_second_move(phone, job):
    job.state = "accepted"
    phone.tapped(job, "accepted", note="je pars tout de suite")
    assert phone.outcomes(phone.send()) == ["applied"]
    assert (moves(job), job.note) == ([], "je pars tout de suite")


def test_what_does_not_follow_is_reviewed_and_told(phone, job):
    job.state = "completed"
    phone.tapped(job, "travelling")
    answer = phone.send()
    [told] = answer.json["results"]
    assert (told["outcome"], told["reason"], told["state"]) == ("review", "illegal", "completed")
    assert told["title"] and "terminée" in told["detail"]


def test_a_late_one_that_was_missing_lets_those_after_it_count(phone, job):
    a_visit(phone, job)
    assert phone.outcomes(phone.send(phone.queue[1:], when=ELEVEN)) == [
        "review",
        "review",
        "applied",
        "review",
    ]
    assert job.state == "dispatched"
    answer = phone.send(when=ELEVEN + timedelta(minutes=5))
    assert [one["decision"] for one in answer.json["results"]] == [
        None,
        "applied",
        "applied",
        None,
        "applied",
    ]
    assert moves(job) == ["accepted", "travelling", "working", "completed"]
    assert job.worked_seconds == 3600


def test_a_late_one_that_does_not_fit_any_more_is_reviewed(phone, job):
    phone.tapped(job, "accepted")
    late = phone.tapped(job, "travelling")
    phone.tapped(job, "working")
    assert phone.outcomes(phone.send([phone.queue[0], phone.queue[2]])) == ["applied", "applied"]
    assert phone.outcomes(phone.send([late])) == ["review"]
    assert entry(late["key"]).reason == "illegal"


def test_a_follow_up_is_made_once(phone, job):
    job.state = "working"
    phone.tapped(
        job, "not_completed", reason="part_missing", follow_up="part", part="dalle 24″", note="à commander"
    )
    phone.send()
    phone.send()
    db.session.expire_all()
    assert [other.awaits for other in job.ticket.jobs if other.parent_id == job.id] == ["part"]


def test_a_window_that_has_passed_meanwhile_is_reviewed_with_all_that_was_typed(phone, job):
    job.state = "working"
    said = {"from": "2026-11-23T08:00", "until": "2026-11-23T10:00", "note": "rappeler"}
    tap = phone.tapped(job, "not_completed", reason="user_absent", follow_up="new_window", **said)
    assert phone.outcomes(phone.send(when=ELEVEN)) == ["review"]
    kept = entry(tap["key"])
    assert (kept.reason, kept.told, kept.body["from"], kept.note) == (
        "incomplete", {"field": "window"}, "2026-11-23T08:00", "rappeler")  # fmt: skip
    assert job.state == "working"


def test_a_mistap_that_was_undone_offline_within_the_minute_is_undone(phone, job):
    job.state = "accepted"
    phone.tapped(job, "travelling", make.at("08:00"))
    phone.tapped(job, "undone", make.at("08:00:30"))
    assert phone.outcomes(phone.send(when=ELEVEN)) == ["applied", "applied"]
    assert job.state == "accepted"


def test_changes_that_were_seen_offline_are_seen(phone, job, cast):
    job.note_change("retimed", cast.denis, minutes=20)
    phone.did("seen", None, until=now().isoformat(), jobs=[job.number], withdrawn=[])
    assert phone.outcomes(phone.send()) == ["applied"]
    db.session.expire_all()
    assert not job.changed_since_seen


@pytest.mark.parametrize("kind", ["photo", "", 7, None])
def test_what_is_not_understood_is_kept_and_reviewed(phone, job, kind):
    action = {**phone.did("note", job, note="x"), "kind": kind, "body": [1, {"a": "\x00\ud800"}]}
    assert phone.outcomes(phone.send([action])) == ["review"]
    assert entry(action["key"]).body == {"said": [1, {"a": "\ufffd\ufffd"}]}


def test_a_mistake_of_ours_does_not_hold_up_what_follows(phone, job, monkeypatch):
    from dispatch.replay import kinds

    monkeypatch.setitem(kinds.KINDS, "note", lambda *_: 1 / 0)
    phone.did("note", job, note="un")
    phone.tapped(job, "accepted")
    assert phone.outcomes(phone.send()) == ["review", "applied"]


def test_a_job_of_somebody_else_is_not_told_from_one_that_does_not_exist(phone, cast):
    foreign = make.job("Secret", technician=cast.zoe)
    phone.tapped(foreign, "accepted")
    phone.did("note", foreign, note="coucou")
    phone.queue[1]["job"] = "INT-999999"
    told = phone.send().json["results"]
    assert {(one["outcome"], one["reason"], one["state"]) for one in told} == {("review", "not_yours", None)}
    assert len({one["detail"] for one in told}) == 1
    db.session.expire_all()
    assert (foreign.state, foreign.note, foreign.also_worked) == ("dispatched", None, [])


def test_what_the_page_did_under_the_same_key_is_not_done_again(phone, job):
    tap = phone.tapped(job, "accepted")
    form = {"to": "accepted", "key": tap["key"], "based_on": job.version}
    assert phone.browser.post(f"/jobs/{job.number}/transitions", data=form).status_code == 303
    assert phone.outcomes(phone.send()) == ["applied"]
    note = phone.did("note", job, note="une fois")
    phone.send()
    again = phone.browser.post(f"/jobs/{job.number}/notes", data={"note": "une fois", "key": note["key"]})
    assert again.status_code == 303
    assert (moves(job), job.note) == (["accepted"], "une fois")


def test_a_declined_job_frees_the_time_of_what_follows(phone, job, cast):
    later = make.job("Imprimante", technician=cast.tariq, start=make.at("14:00"))
    phone.tapped(job, "declined", reason="overloaded")
    [told] = phone.send().json["results"]
    assert (told["outcome"], told["state"]) == ("applied", None)
    db.session.expire_all()
    assert later.planned_start < make.at("11:00")


# moved away meanwhile -----------------------------------------------------------------------------------


@pytest.fixture
def moved(phone, job, cast):
    """Tariq had it on his phone; at 09:30 Denis gives it to Zoé."""
    move.assign(job, cast.zoe, cast.denis, day=make.MONDAY, override_reason="plus près")
    db.session.commit()
    return job


def test_work_on_a_job_that_was_given_to_somebody_else_is_kept_under_both_names(phone, moved, cast):
    a_visit(phone, moved)
    answer = phone.send(when=ELEVEN)
    assert phone.outcomes(answer) == ["review", "review", "review", "applied", "review"]
    db.session.expire_all()
    assert (moved.technician, moved.state) == (cast.zoe, "dispatched")
    assert [(one["name"], one["to"]) for one in moved.also_worked] == [
        ("Tariq", "travelling"), ("Tariq", "working"), ("Tariq", "completed")]  # fmt: skip
    assert moved.note == "Tariq · badge à l’accueil"
    assert (moved.change["what"], moved.changed_since_seen) == ("worked", True)
    assert "Zoé" in answer.json["results"][-1]["detail"]
    assert answer.json["jobs"] == {moved.number: None}


def test_who_has_it_now_reads_it_on_the_phone(app, phone, moved, cast):
    a_visit(phone, moved)
    phone.send(when=ELEVEN)
    from tests.people import signed_in

    with at(ELEVEN):
        page = signed_in(app, cast.zoe.user).get(f"/jobs/{moved.number}").text
    assert "Tariq" in page and "câble remplacé" in page


def test_a_repeat_of_work_beside_the_plan_is_noted_once(phone, moved):
    a_visit(phone, moved)
    for _twice in range(2):
        phone.send(when=ELEVEN)
    db.session.expire_all()
    assert len(moved.also_worked) == 3


def test_work_on_a_cancelled_job_is_kept_too(phone, job, cast):
    move.cancel(job, cast.denis)
    a_visit(phone, job)
    answer = phone.send(when=ELEVEN)
    assert [one["reason"] for one in answer.json["results"]] == ["cancelled"] * 3 + [None, "cancelled"]
    db.session.expire_all()
    assert (job.state, len(job.also_worked), job.note) == ("cancelled", 3, "badge à l’accueil")
