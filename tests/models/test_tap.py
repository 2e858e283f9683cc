"""What a technician taps: declining, ending, undoing a mistap."""

from datetime import timedelta

import pytest

from dispatch.clock import at
from dispatch.models.job import IllegalMove
from dispatch.models.tap import take
from dispatch.models.transitions import Incomplete
from tests import factories as make
from tests.models.test_job import events

NINE = make.at("09:00")


def test_a_declined_job_is_unplanned_and_not_offered_to_him_that_day(session, cast):
    job = make.job(technician=cast.tariq)
    take(job, "declined", cast.tariq.user, reason="not_my_skill")
    assert (job.state, job.technician_id) == ("unplanned", None)
    assert [(no.technician_id, no.day, no.reason) for no in job.refusals] == [
        (cast.tariq.id, make.MONDAY, "not_my_skill")
    ]
    assert events(session, job)[-1].data["reason"] == "not_my_skill"


def test_declining_asks_for_a_reason(session, cast):
    job = make.job(technician=cast.tariq)
    with pytest.raises(Incomplete):
        take(job, "declined", cast.tariq.user)
    assert job.state == "dispatched"


def test_skipping_the_way_there_is_recorded(session, cast):
    job = make.job(technician=cast.tariq, state="accepted")
    take(job, "working", cast.tariq.user)
    assert events(session, job)[-1].data["skipped"] == "travelling"


def test_a_call_is_begun_in_one_tap_and_both_moves_are_recorded(session, cast):
    job = make.job(technician=cast.tariq, mode="remote")
    take(job, "working", cast.tariq.user)
    assert [noted.data["target"] for noted in events(session, job)] == ["accepted", "working"]


def test_solved_remotely_before_leaving_records_the_legal_chain(session, cast):
    job = make.job(technician=cast.tariq)
    take(job, "solved_remotely", cast.tariq.user, note="redémarré à distance")
    targets = [noted.data["target"] for noted in events(session, job)]
    assert targets == ["accepted", "working", "completed"]
    assert (job.state, job.outcome, job.ticket.state) == ("completed", "solved_remotely", "resolved")


def test_what_the_device_claims_is_noted_and_decides_nothing(session, cast):
    job = make.job(technician=cast.tariq)
    with at(NINE):
        take(job, "accepted", cast.tariq.user, at_claimed=NINE - timedelta(hours=2), based_on=99)
    noted = events(session, job)[-1]
    assert (noted.claimed_at, noted.at, noted.data["based_on"]) == (NINE - timedelta(hours=2), NINE, 99)
    assert job.state_at == NINE


def test_a_tap_says_that_a_change_was_seen(session, cast):
    job = make.job(technician=cast.tariq)
    job.note_change("retimed", cast.diane)
    take(job, "accepted", cast.tariq.user)
    assert not job.changed_since_seen


@pytest.mark.parametrize("reason", ["not_reproducible", "duplicate", "other"])
def test_some_reasons_have_to_be_explained(session, cast, reason):
    job = make.job(technician=cast.tariq, state="working")
    with pytest.raises(Incomplete) as asked:
        take(job, "not_completed", cast.tariq.user, reason=reason)
    assert (asked.value.field, job.state) == ("note", "working")
    take(job, "not_completed", cast.tariq.user, reason=reason, note="vu avec l’utilisateur")
    assert (job.state, job.outcome, job.note) == ("not_completed", reason, "vu avec l’utilisateur")


def test_a_follow_up_that_the_reason_does_not_offer_is_refused(session, cast):
    job = make.job(technician=cast.tariq, state="working")
    with pytest.raises(Incomplete) as asked:
        take(job, "not_completed", cast.tariq.user, reason="user_absent", follow_up="part")
    assert (asked.value.field, job.state) == ("follow_up", "working")


def test_a_mistap_is_undone_within_a_minute_as_if_it_had_not_been_made(session, cast):
    with at(NINE):
        job = make.job(technician=cast.tariq, state="accepted")
        take(job, "working", cast.tariq.user)
    with at(NINE + timedelta(minutes=20)):
        take(job, "completed", cast.tariq.user, note="réparé")
    with at(NINE + timedelta(minutes=21)):
        assert "undone" in job.legal_moves(cast.tariq.user)
        take(job, "undone", cast.tariq.user)
    assert (job.state, job.state_at, job.ended_at) == ("working", NINE, None)
    assert (job.worked_seconds, job.outcome, job.note) == (0, None, None)
    assert job.ticket.state == "in_progress"
    assert events(session, job)[-1].data["move"] == "undone"


def test_undoing_the_departure_puts_the_ticket_back(session, cast):
    job = make.job(technician=cast.tariq, state="accepted")
    take(job, "travelling", cast.tariq.user)
    take(job, "undone", cast.tariq.user)
    assert (job.state, job.travelling_at, job.ticket.state) == ("accepted", None, "open")


def test_only_the_last_tap_is_undone_and_only_once(session, cast):
    job = make.job(technician=cast.tariq)
    take(job, "accepted", cast.tariq.user)
    take(job, "travelling", cast.tariq.user)
    take(job, "undone", cast.tariq.user)
    with pytest.raises(IllegalMove):
        take(job, "undone", cast.tariq.user)
    assert job.state == "accepted"


def test_after_a_minute_a_tap_stands(session, cast):
    with at(NINE):
        job = make.job(technician=cast.tariq)
        take(job, "accepted", cast.tariq.user)
    with at(NINE + timedelta(seconds=61)), pytest.raises(IllegalMove):
        take(job, "undone", cast.tariq.user)


def test_nobody_undoes_what_somebody_else_did(session, cast):
    job = make.job(technician=cast.tariq, state="accepted")
    take(job, "working", cast.tariq.user)
    take(job, "completed", cast.diane)
    assert "undone" not in job.legal_moves(cast.tariq.user)
    assert "undone" not in job.legal_moves(cast.diane)
