"""What waited for its own window goes on by itself when the window begins."""

from __future__ import annotations

from typing import Any

from dispatch import clock
from dispatch.models.job import Job
from dispatch.models.tap import take
from dispatch.planning import windows
from dispatch.tasks import begin_windows
from tests import factories as make
from tests.people import Cast

NINE, TWO, FOUR = make.at("09:00"), make.at("14:00"), make.at("16:00")


def absent_user(cast: Cast, **details: Any) -> Job:
    with clock.at(NINE):
        visit = make.job(technician=cast.tariq, state="working")
        made = take(visit, "not_completed", cast.tariq.user, reason="user_absent", follow_up="new_window",
                    details=details)  # fmt: skip
    assert made is not None
    make.db.session.commit()
    return made


def test_the_ticket_is_on_hold_until_the_new_window_begins(cast: Cast) -> None:
    follow_up = absent_user(cast, window=(TWO, FOUR))
    with clock.at(make.at("13:59")):
        begin_windows()
        assert follow_up.ticket.state == "on_hold"
    with clock.at(TWO):
        begin_windows()
        assert (follow_up.ticket.state, follow_up.ticket.hold_reason) == ("open", None)
        assert windows.due() == []


def test_what_awaits_an_answer_without_a_window_goes_on_waiting(cast: Cast) -> None:
    follow_up = absent_user(cast)
    with clock.at(FOUR):
        begin_windows()
    assert (follow_up.awaits, follow_up.ticket.state) == ("answer", "on_hold")


def test_a_window_of_its_own_ends_the_waiting_for_an_answer(cast: Cast) -> None:
    follow_up = absent_user(cast)
    follow_up.not_before = TWO
    make.db.session.commit()
    with clock.at(TWO):
        begin_windows()
    assert (follow_up.awaits, follow_up.ticket.state) == (None, "open")


def test_a_ticket_that_went_back_to_the_agent_stays_with_him(cast: Cast) -> None:
    follow_up = absent_user(cast, window=(TWO, FOUR))
    follow_up.ticket.hold_reason = "handover"
    make.db.session.commit()
    with clock.at(TWO):
        begin_windows()
    assert follow_up.ticket.state == "on_hold"
