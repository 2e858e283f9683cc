"""Case 37: what somebody may not see changes nothing in what he is answered: no list, sort, count, figure or search."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.event import record
from tests import factories as make
from tests.api.callers import calling
from tests.people import Cast, assemble, signed_in

# of one answer, not of the data: tokens and keys of forms, and where the page begins to listen
OF_ONE_ANSWER = (
    r'name="(csrf_token|key|after)"[^>]*value="[^"]*"', r"X-CSRFToken[^}]*", r"after=\d+", r'id="cursor"[^>]*',
    r'value="[^"]{30,}"',
)  # fmt: skip
SCREENS = (
    "/board?day={day}", "/board/figures?day={day}", "/board/figures.csv?day={day}", "/board/activity?day={day}",
    "/board/activity?day={day}&q=Nolwenn", "/board/shift?day={day}", "/board/changes?day={day}",
    "/board/runs/new?day={day}", "/board/reviews", "/board/history?number=INT-1009", "/tickets", "/tickets?q=Nolwenn", "/tickets?state=open",
)  # fmt: skip
LISTS = (
    "/jobs",
    "/jobs?state=unplanned",
    "/jobs?limit=2",
    "/jobs?day={day}",
    "/tickets",
    "/tickets?limit=1",
    "/plans/{day}",
)


@pytest.fixture
def cast(session: Any):
    with at(make.at("09:00")):
        yield assemble()


def test_nothing_that_denis_is_answered_tells_of_the_work_of_another_client(app, cast: Cast):
    for number in range(3):
        make.job(f"Poste {number}", minutes=30)
    make.job("Écran noir", technician=cast.tariq, start=make.at("10:00"))
    db.session.commit()
    before = answers(app, cast)
    hide()
    after = answers(app, cast)
    assert [path for path in before if before[path] != after[path]] == []
    assert not [
        path for path, text in after.items() if "chez Nolwenn" in text
    ]  # the search says what was asked


def test_who_may_see_it_is_answered_otherwise(app, cast: Cast):
    """Otherwise the test above would prove nothing."""
    make.job("Écran noir", technician=cast.tariq, start=make.at("10:00"))
    db.session.commit()
    before = answers(app, cast, "diane")
    hide()
    after = answers(app, cast, "diane")
    assert {path for path in before if before[path] != after[path]} >= {
        "/board?day={day}", "/board/figures?day={day}", "/board/activity?day={day}", "/jobs", "/tickets", "/plans/{day}",
    }  # fmt: skip


def hide() -> None:
    """Work of Breizh in the same territory: late, urgent, noted, done, on hold, in nobody's route; nothing takes time of a shared day."""
    breizh = make.client("breizh")
    for state, priority in (("unplanned", 1), ("unplanned", 3), ("cancelled", 2)):
        ticket = make.ticket(
            "Panne chez Nolwenn", breizh, priority=priority, due_at=make.at("08:00") - timedelta(days=1)
        )
        job = make.job(of=ticket, state=state, owner=breizh)
        job.add_note("Nolwenn attend", make.user("Bastien", "phone_agent", [breizh]))
        record("job.seen", job=job)
    make.ticket("Question de Nolwenn", breizh)
    db.session.commit()


def answers(app: Any, cast: Cast, who: str = "denis") -> dict[str, str]:
    person = getattr(cast, who)
    browser, caller, day = signed_in(app, person), calling(app, person), make.MONDAY.isoformat()
    found = {path: browser.get(path.format(day=day)).get_data(as_text=True) for path in SCREENS}
    found |= {path: caller.get(f"/api/v1{path.format(day=day)}").get_data(as_text=True) for path in LISTS}
    return {path: _of_the_data(text) for path, text in found.items()}


def _of_the_data(text: str) -> str:
    for pattern in OF_ONE_ANSWER:
        text = re.sub(pattern, "", text)
    return text
