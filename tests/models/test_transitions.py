"""The table of moves says what the product says, and nothing else."""

from itertools import pairwise

import pytest

from dispatch.models.transitions import BEGUN, ENDED, MOVES, NOT_COMPLETED, OPEN, STATES, find, legal

LINE = ("unplanned", "planned", "dispatched", "accepted", "travelling", "working")


@pytest.mark.parametrize(("source", "target"), list(pairwise(LINE)))
def test_a_job_goes_down_the_line_one_state_at_a_time(source, target):
    assert find(target, source, target, "on_site")


@pytest.mark.parametrize("source", ["unplanned", "planned", *ENDED])
def test_a_technician_has_nothing_to_do_before_dispatch_and_after_the_end(source):
    assert legal(source, "technician", "on_site") == []


def test_a_technician_may_decline_only_what_was_dispatched():
    assert [move.source for move in MOVES if move.name == "declined"] == ["dispatched"]


def test_not_completed_is_possible_from_every_state_after_dispatched():
    assert {move.source for move in MOVES if move.name == "not_completed"} == {"accepted", *BEGUN}


def test_a_dispatcher_takes_back_only_what_is_not_yet_travelling():
    taken_back = {move.source for move in MOVES if move.name == "unplanned"}
    assert taken_back == {"planned", "dispatched", "accepted"}


def test_cancelling_is_for_open_jobs_and_reopening_for_ended_ones():
    assert {move.source for move in MOVES if move.name == "cancelled"} == set(OPEN)
    assert {(move.source, move.target) for move in MOVES if move.name == "reopened"} == {
        (state, "unplanned") for state in ENDED
    }


def test_only_a_call_is_begun_without_being_accepted_first():
    assert find("working", "dispatched", mode="remote")
    assert not find("working", "dispatched", mode="on_site")


@pytest.mark.parametrize("source", ["dispatched", "accepted"])
def test_a_visit_may_be_solved_remotely_before_leaving(source):
    assert "solved_remotely" in legal(source, "technician", "on_site")
    assert "solved_remotely" not in legal(source, "technician", "remote")


def test_nobody_solves_remotely_what_he_has_left_for():
    assert not any(find("solved_remotely", source) for source in BEGUN)


@pytest.mark.parametrize(
    "move", [move for move in MOVES if move.via], ids=lambda move: f"{move.name}-{move.source}"
)
def test_a_tap_that_stands_for_several_is_a_chain_of_legal_moves(move):
    source = move.source
    for step in move.via:
        assert find(step, source, step), (step, source)
        source = step
    assert find(move.target, source)


def test_a_phone_agent_moves_nothing():
    assert not any(legal(state, role) for state in STATES for role in ("phone_agent", "client_contact"))


def test_reasons_follow_ups_and_clocks_are_those_agreed():
    said = {ending.reason: (ending.follow_up, ending.sla) for ending in NOT_COMPLETED.values()}
    assert said == {
        "user_absent": ("new_window", "paused"),
        "no_access": ("access", "paused"),
        "part_missing": ("part", "paused"),
        "other_skill": ("other_skill", "runs"),
        "wrong_place": ("to_agent", "runs"),
        "not_reproducible": (None, "stops"),
        "duplicate": (None, "stops"),
        "not_enough_time": ("continuation", "runs"),
        "other": ("continuation", "runs"),
    }
