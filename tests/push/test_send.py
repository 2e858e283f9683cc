"""What a technician's phone is told: each thing once, folded, held back in quiet hours, and tried again."""

from __future__ import annotations

from datetime import UTC, date, timedelta

import pytest

from dispatch import tasks
from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.push import CLAIM, PushNotice, PushOff
from dispatch.models.word import ask_help, open_word
from dispatch.push import gather, hours, send
from dispatch.push.door import Answer
from tests import factories as make
from tests.push.conftest import Told, look
from tests.push.services import checked_token

TEN = make.at("10:00")


def assigned(people, when=TEN, start="14:00", **fields):
    """Denis gives Tariq a job, which is sent to his phone."""
    with at(when):
        job = make.job(
            technician=people.tariq, start=make.at(start, when.astimezone(make.ZONE).date()), **fields
        )
        record("job.assigned", by=people.denis, job=job)
        db.session.commit()
    return job


def retimed(people, job, when, minutes=30):
    with at(when):
        record("job.retimed", by=people.denis, job=job, minutes=minutes)
        db.session.commit()


def test_a_new_job_is_told_once_and_says_only_number_time_and_place(phone, people):
    job = assigned(people)
    look(TEN)
    look(TEN + timedelta(seconds=3))
    [told] = phone.messages
    assert (told["title"], told["body"]) == ("Nouvelle intervention", f"{job.number} · 14:00 · Colbert")
    assert [one["title"] for one in told["actions"]] == ["Accepter", "Voir"]
    assert (told["tag"], told["url"], told["version"]) == (
        f"job-{job.id}",
        f"/jobs/{job.number}",
        job.version,
    )
    assert "Camille" not in str(told)
    assert "Écran" not in str(told)
    [(_path, headers, body)] = phone.requests
    assert (headers["Content-Encoding"], headers["Topic"]) == ("aes128gcm", f"job-{job.id}")
    assert len(body) <= 4096
    claims = checked_token(headers["Authorization"])
    assert (claims["aud"], claims["sub"]) == (f"https://{phone.service.host}", "mailto:it@x.example")
    assert TEN.timestamp() < claims["exp"] <= TEN.timestamp() + 24 * 3600


def test_what_is_his_own_doing_or_hardly_anything_is_not_told(phone, people):
    with at(TEN):
        job = make.job(technician=people.tariq, start=make.at("14:00"))
        record("job.assigned", by=people.tariq.user, job=job)
    retimed(people, job, TEN, minutes=3)
    look(TEN)
    assert phone.requests == []


def test_several_things_about_one_job_are_one_notification(phone, people):
    job = assigned(people)
    retimed(people, job, TEN + timedelta(seconds=1))
    look(TEN + timedelta(seconds=2))
    assert [told["title"] for told in phone.messages] == ["Nouvelle intervention"]
    retimed(people, job, TEN + timedelta(minutes=2))
    look(TEN + timedelta(minutes=2))
    assert [(told["title"], told["tag"]) for told in phone.messages[1:]] == [
        ("Intervention modifiée", f"job-{job.id}")
    ]


def test_a_job_taken_away_says_so_and_nothing_of_it(phone, people):
    job = assigned(people)
    look(TEN)
    with at(TEN + timedelta(minutes=3)):
        record("job.withdrawn", by=people.denis, job=job)
        db.session.commit()
        job.technician = people.zoe
    look(TEN + timedelta(minutes=3))
    told = phone.messages[-1]
    assert (told["title"], told["body"], told["actions"]) == (
        "Intervention retirée de votre journée",
        job.number,
        [],
    )


def test_an_answer_to_a_call_for_help_is_told_for_itself_and_not_what_it_says(phone, people):
    job = assigned(people)
    look(TEN)
    job.state = "working"
    with at(TEN + timedelta(minutes=3)):
        word = ask_help(job, people.tariq, "tool", "Il manque la clé de 13", people.tariq.user, TEN)
        db.session.commit()
    look(TEN + timedelta(minutes=3))
    assert len(phone.requests) == 1  # his own doing
    with at(TEN + timedelta(minutes=4)):
        word.answer_with("text", "Elle est au comptoir", people.denis, word.version)
        db.session.commit()
    retimed(people, job, TEN + timedelta(minutes=4))
    look(TEN + timedelta(minutes=4))
    look(TEN + timedelta(minutes=5))
    [_new, told] = phone.messages
    assert (told["title"], told["body"], told["url"]) == (
        "Vos planificateurs ont répondu",
        job.number,
        "/jobs",
    )
    assert told["tag"] == f"answer-{job.id}"  # beside what was said of the job, not in its place
    assert "comptoir" not in str(told) and "Denis" not in str(told)


def test_that_a_delay_was_read_wakes_nobody(phone, people):
    job = assigned(people)
    look(TEN)
    with at(TEN + timedelta(minutes=3)):
        word = open_word("late", job, people.tariq, people.tariq.user, TEN)
        word.minutes = 10
        db.session.commit()
        word.answer_with("seen", None, people.denis, word.version)
        db.session.commit()
    look(TEN + timedelta(minutes=3))
    assert len(phone.requests) == 1


def test_many_at_once_are_one(phone, people):
    for hour in range(11, 18):
        assigned(people, start=f"{hour}:00")
    look(TEN)
    [told] = phone.messages
    assert (told["tag"], told["body"]) == ("day", "7 interventions, première à 11:00, 7 ont changé")


def test_a_phone_is_told_at_most_so_often_in_a_minute(phone, people):
    for second in range(0, 18, 3):
        assigned(people, TEN + timedelta(seconds=second))
        look(TEN + timedelta(seconds=second))
    assigned(people, TEN + timedelta(seconds=30))
    look(TEN + timedelta(seconds=30))
    assert len(phone.requests) == 6
    look(TEN + timedelta(seconds=95))
    assert len(phone.requests) == 7


def test_every_phone_is_told_and_nobody_elses(phone, people, reached):
    second = Told(reached, people.tariq.user, "two")
    other = Told(reached, people.zoe.user, "zoe")
    assigned(people)
    look(TEN)
    assert [len(one.requests) for one in (phone, second, other)] == [1, 1, 0]


def test_a_mistake_of_ours_with_one_phone_keeps_no_other_waiting(phone, people, reached, monkeypatch):
    second, claim = Told(reached, people.tariq.user, "two"), send.claim
    assigned(people)
    with monkeypatch.context() as broken:
        broken.setattr(send, "claim", lambda one: claim(one) if one != phone.subscription.id else 1 / 0)
        look(TEN)
    assert [len(one.requests) for one in (phone, second)] == [0, 1]
    look(TEN + timedelta(seconds=3))
    assert [len(one.requests) for one in (phone, second)] == [1, 1]


# a worker is killed ---------------------------------------------------------------------------------------


def test_a_worker_that_dies_before_it_has_sent_is_followed_by_another(phone, people, monkeypatch):
    job = assigned(people)
    with monkeypatch.context() as killed:
        killed.setattr(tasks, "_posted", _dies)
        with pytest.raises(Killed):
            look(TEN)
    db.session.rollback()
    look(TEN + CLAIM / 2)
    assert phone.requests == []  # somebody may be sending it
    look(TEN + CLAIM + timedelta(seconds=1))
    look(TEN + CLAIM * 3)
    assert [told["job"] for told in phone.messages] == [job.number]


def test_a_worker_that_dies_after_it_has_sent_sends_the_same_id_again(phone, people, monkeypatch):
    """Nobody can know whether it arrived; the phone shows an id once (see tests/browser/test_push.py)."""
    assigned(people)
    with monkeypatch.context() as killed:
        killed.setattr(send, "settle", _dies)
        with pytest.raises(Killed):
            look(TEN)
    db.session.rollback()
    look(TEN + CLAIM + timedelta(seconds=1))
    look(TEN + CLAIM * 3)
    first, second = phone.messages
    assert first["id"] == second["id"]
    assert [one[1]["Topic"] for one in phone.requests] == [first["tag"]] * 2


def test_what_was_taken_over_is_not_settled_by_the_first(phone, people):
    assigned(people)
    with at(TEN):
        gather.gather()
        db.session.commit()
        [slow] = send.claim(phone.subscription.id)
        db.session.commit()
    look(TEN + CLAIM + timedelta(seconds=1))
    with at(TEN + CLAIM + timedelta(seconds=2)):
        send.settle(slow, Answer("later"))
        db.session.commit()
    assert [notice.outcome for notice in db.session.query(PushNotice)] == ["sent"]


class Killed(BaseException):
    """As SIGKILL: nothing that follows is done."""


def _dies(*_what):
    raise Killed


# the push service -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_not_tried_again(phone, people, reached, status):
    reached.answers.append((status, {}))
    assigned(people)
    look(TEN)
    assigned(people, TEN + timedelta(minutes=1))
    look(TEN + timedelta(hours=1))
    assert len(phone.requests) == 1
    assert phone.subscription.gone_at == TEN


@pytest.mark.parametrize(
    ("answer", "waits"), [((503, {}), 30), ((429, {"Retry-After": "120"}), 120), ((500, {}), 30)]
)
def test_trouble_of_the_service_is_tried_again_later(phone, people, reached, answer, waits):
    reached.answers.append(answer)
    assigned(people)
    look(TEN)
    look(TEN + timedelta(seconds=waits - 1))
    assert len(phone.requests) == 1
    look(TEN + timedelta(seconds=waits + 1))
    assert len(phone.requests) == 2
    assert phone.messages[0]["id"] == phone.messages[1]["id"]
    assert phone.subscription.last_ok is not None


def test_a_refusal_ends_it_and_endless_trouble_too(phone, people, reached):
    reached.answers += [(400, {}), *[(503, {})] * 20]
    assigned(people)
    look(TEN)
    assigned(people, TEN + timedelta(minutes=1))
    look(TEN + timedelta(minutes=1))
    notices = db.session.query(PushNotice).order_by(PushNotice.id).all()
    assert [notice.outcome for notice in notices] == ["refused", None]
    notices[1].tries = 7
    look(TEN + timedelta(minutes=2))
    assert notices[1].outcome == "given_up"


# quiet hours ----------------------------------------------------------------------------------------------


def test_outside_his_shift_nobody_is_woken_and_the_day_begins_with_one_line(phone, people):
    """His shift begins at 8, and he is told a quarter of an hour before."""
    one = assigned(people, make.at("06:00"), "09:00")
    assigned(people, make.at("06:10"), "08:30")
    for minute in range(0, 100, 10):
        look(make.at("06:00") + timedelta(minutes=minute))
    retimed(people, one, make.at("07:41"))
    assert phone.requests == []
    look(make.at("07:45"))
    [told] = phone.messages
    assert (told["title"], told["body"]) == (
        "Votre journée",
        "2 interventions, première à 08:30, 2 ont changé",
    )
    look(make.at("08:00"))
    assert len(phone.requests) == 1


def test_on_call_only_what_is_urgent_is_told(phone, people):
    make.shift(people.tariq, hours=("18:00", "22:00"), kind="on_call")
    assigned(people, make.at("19:00"), "20:00")
    urgent = assigned(people, make.at("19:00"), "20:30", of=make.ticket("Serveur", priority=1))
    look(make.at("19:00"))
    assert [(told["job"], told["title"]) for told in phone.messages] == [
        (urgent.number, "Urgent\u00a0: nouvelle intervention")
    ]


def test_somebody_absent_is_left_alone(phone, people):
    make.absence(people.tariq, ("09:00", "12:00"))
    assigned(people)
    look(TEN)
    assert phone.requests == []


def test_who_switched_it_off_is_told_nothing_of_it_later_either(phone, people):
    PushOff.switch(people.tariq.user, off=True)
    assigned(people)
    look(TEN)
    PushOff.switch(people.tariq.user, off=False)
    look(TEN + timedelta(minutes=5))
    assert phone.requests == []


def test_a_phone_that_was_given_up_and_an_account_that_ended_are_told_nothing(phone, people, reached):
    other = Told(reached, people.zoe.user, "zoe")
    job = make.job(technician=people.zoe, start=make.at("14:00"))
    with at(TEN):
        record("job.assigned", by=people.denis, job=job)
    phone.subscription.device.revoke(people.ahmed)
    people.zoe.user.disable()
    assigned(people)
    look(TEN)
    assert (phone.requests, other.requests) == ([], [])


def test_the_night_on_which_the_clocks_go_back_lasts_an_hour_longer(people):
    """22:00 to 06:00 over 25 October 2026 is nine hours; 02:30 happens twice, in the shift both times."""
    make.shift(people.tariq, date(2026, 10, 24), ("22:00", "06:00"))
    begin = make.at("22:00", date(2026, 10, 24))
    looks = {
        minutes: hours.hours_of(people.tariq, _later(begin, minutes))
        for minutes in (-16, -15, 0, 270, 330, 539, 540)
    }
    assert [minutes for minutes, found in looks.items() if found.working] == [-15, 0, 270, 330, 539]
    assert looks[-16].look_at == _later(begin, -15)


def _later(instant, minutes):
    return instant.astimezone(UTC) + timedelta(minutes=minutes)
