"""Case 37: what somebody may not see changes nothing in what he is answered: no list, sort, count, figure or search.

The long form asks with every filter, range and page there is, in four roles, before and after random work of another
client, and counts what each answer reads: an answer that takes longer because of what is hidden would read more.
"""

from __future__ import annotations

import random
import re
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.event import record
from dispatch.models.ticket import STATES as TICKET_STATES
from dispatch.models.transitions import STATES as JOB_STATES
from tests import factories as make
from tests.api.callers import calling
from tests.people import Cast, assemble, signed_in

# of one answer, not of the data: tokens and keys of forms, where the page begins to listen, the number to quote to support
OF_ONE_ANSWER = (
    r'name="(csrf_token|key|after)"[^>]*value="[^"]*"', r"X-CSRFToken[^}]*", r"after=\d+", r'id="cursor"[^>]*',
    r'value="[^"]{30,}"', r'<code id="request-id">[^<]*',
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
SEEDS, HIDDEN = 8, 40


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


@pytest.fixture
def cast_on_both(session_on_both: Any):
    with at(make.at("09:00")):
        yield assemble()


@pytest.mark.battery
@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_filter_range_page_or_role_tells_of_random_work_of_another_client(
    app_on_both, cast_on_both: Cast, seed: int, record_property
):
    chance = random.Random(seed)
    for number in range(5):
        make.job(f"Poste {number}", minutes=30, owner=make.client("acme"))
    make.job("Écran noir", technician=cast_on_both.tariq, start=make.at("10:00"))
    db.session.commit()
    numbers = [f"{kind}-{number}" for kind in ("INT", "TIC") for number in range(1001, 1000 + HIDDEN, 3)]
    before = everything_asked(app_on_both, cast_on_both, numbers)
    hide_at_random(chance)
    after = everything_asked(app_on_both, cast_on_both, numbers)
    assert before.keys() == after.keys()
    assert [path for path in before if before[path].text != after[path].text] == [], f"seed {seed}"
    assert [path for path in before if before[path].read != after[path].read] == [], (
        f"seed {seed}: reads more"
    )
    record_property("seed", seed)
    record_property("answers", len(before))
    for when, found in (("before", before), ("after", after)):
        record_property(
            f"median ms {when}", round(1000 * statistics.median(one.seconds for one in found.values()), 2)
        )


@dataclass(frozen=True)
class Answer:
    text: str
    read: int
    seconds: float


def everything_asked(app: Any, cast: Cast, numbers: list[str]) -> dict[str, Answer]:
    """Every list in every role, with every filter, each page of it, and objects by numbers that may or may not exist."""
    found = {}
    for who in ("denis", "paula", "carole", "tariq"):
        person = getattr(cast, who)
        person = getattr(person, "user", person)
        browser, caller = signed_in(app, person), calling(app, person)
        for path in screens(numbers):
            found[f"{who} {path}"] = answered(browser, path)
        for path in lists(numbers):
            page, address = 0, f"/api/v1{path}"
            while address:
                found[f"{who} {path} page {page}"] = answer = answered(caller, address)
                after = re.search(r'"next":\s*"([^"]+)"', answer.text)
                address = f"/api/v1{path}{'&' if '?' in path else '?'}cursor={after[1]}" if after else ""
                page += 1
                assert page < 20, "pages that have no end"
    return found


def screens(numbers: list[str]) -> Iterator[str]:
    day = make.MONDAY.isoformat()
    yield from (path.format(day=day) for path in SCREENS)
    for text in ("Nolwenn", "Panne", "Poste", "%", "_", "'"):
        yield f"/tickets?q={text}&whose=all&state=all"
        yield f"/board/activity?day={day}&q={text}"
        yield f"/tickets/new/callers?requester={text}"
    for state in TICKET_STATES:
        yield f"/tickets?state={state}&whose=all"
    for ahead in (-1, 1, 7):
        other = (make.MONDAY + timedelta(days=ahead)).isoformat()
        yield from (f"/board?day={other}", f"/board/figures?day={other}")
    for number in numbers:
        yield f"/board/history?number={number}"
        yield f"/{'board/jobs' if number.startswith('INT') else 'tickets'}/{number}"


def lists(numbers: list[str]) -> Iterator[str]:
    days = [(make.MONDAY + timedelta(days=ahead)).isoformat() for ahead in (-1, 0, 1)]
    for limit in (1, 2, 50):
        yield from (f"/jobs?limit={limit}", f"/tickets?limit={limit}")
        yield from (f"/jobs?state={state}&limit={limit}" for state in JOB_STATES)
        yield from (f"/tickets?state={state}&limit={limit}" for state in TICKET_STATES)
    for who in ("tariq", "zoe", "yann"):
        yield from (f"/jobs?technician={who}&day={day}" for day in days)
    for client in ("acme", "breizh", "nobody"):
        yield f"/tickets?client={client}"
    for day in days:
        yield from (f"/plans/{day}", f"/jobs?day={day}&limit=1")
    yield "/plan-changes"
    for number in numbers:
        yield f"/{'jobs' if number.startswith('INT') else 'tickets'}/{number}"


def hide_at_random(chance: random.Random) -> None:
    """Work of Breizh in every state, priority and time, also planned, but with nobody whose day Acme shares."""
    breizh = make.client("breizh")
    elsewhere = make.technician("Yann", territory_id=make.territory("brest").id)
    for number in range(HIDDEN):
        due = make.at("00:00") + timedelta(minutes=chance.randint(-3000, 3000))
        ticket = make.ticket(
            f"Panne {number} chez Nolwenn", breizh, priority=chance.randint(1, 4), due_at=due
        )
        planned = chance.random() < 0.3
        more = (
            {"technician": elsewhere, "start": make.at("08:00") + timedelta(minutes=10 * number)}
            if planned
            else {}
        )
        state = "dispatched" if planned else chance.choice(("unplanned", "unplanned", "cancelled"))
        job = make.job(
            of=ticket,
            state=state,
            owner=breizh,
            minutes=chance.choice((10, 45)) if planned else chance.choice((None, 45)),
            **more,
        )
        if chance.random() < 0.5:
            job.add_note("Nolwenn attend", make.user("Bastien", "phone_agent", [breizh]))
        record("job.seen", job=job)
    db.session.commit()


def answered(browser: Any, path: str) -> Answer:
    read = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("SELECT"):
            read.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    begun = time.perf_counter()
    try:
        answer = browser.get(path)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    spent = time.perf_counter() - begun
    return Answer(f"{answer.status_code} {_of_the_data(answer.get_data(as_text=True))}", len(read), spent)
