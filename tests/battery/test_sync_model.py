"""A model of the whole protocol: a phone that works offline, replies that get lost, a dispatcher who moves the work,
clocks that are wrong, sessions that end. Whatever the order, there is one history: each key has at most one effect,
every action is accounted for, every move is legal, and time never runs backwards.

Hypothesis replays a failure from its seed; the long form draws more and longer stories.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.action import Action
from dispatch.models.event import Event
from dispatch.models.job import IllegalMove, Job
from dispatch.planning import move
from dispatch.planning.placement import NotPlaceable, RulesBroken
from tests import factories as make
from tests.apps import make_app
from tests.battery.invariants import broken_chains, homeless
from tests.people import assemble, signed_in
from tests.phones import Phone
from tests.servers import postgresql_database, sqlite_database

Fresh = Callable[[Path], AbstractContextManager[str]]

TAPS = ("accepted", "travelling", "working", "paused", "completed", "not_completed", "undone", "declined")
REASONS = {
    "not_completed": {"reason": "no_access", "follow_up": "access"},
    "declined": {"reason": "overloaded"},
}
JOBS = 3


class Replay(RuleBasedStateMachine):
    """The phone keeps what was not answered; the test remembers everything that was ever done on it.

    `fresh` gives each story an empty database of its own, and takes it away afterwards.
    """

    def __init__(self, fresh: Fresh) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="dispatch-model-"))
        self.given = ExitStack()
        self.app = make_app(self.given.enter_context(fresh(self.folder)), self.folder)
        self.context = self.app.app_context()
        self.context.push()
        self.moment = make.at("08:00")
        self.done: list[dict[str, Any]] = []
        self.answers: dict[str, tuple[Any, ...]] = {}

    @initialize(
        ahead=st.sampled_from([timedelta(), timedelta(days=3), timedelta(hours=-1), timedelta(seconds=-40)])
    )
    def begin(self, ahead: timedelta) -> None:
        with at(self.moment):
            self.cast = assemble()
            self.jobs = [
                make.job(f"appel {number}", technician=self.cast.tariq, start=make.at(f"{10 + number}:00")).id
                for number in range(JOBS)
            ]
        with at(make.at("23:00")):  # his session lasts as long as the story
            self.phone = Phone.of(self.app, self.cast.tariq.user)
        self.phone.ahead = ahead

    # what people do ------------------------------------------------------------------------------------

    @rule(which=st.integers(0, JOBS - 1), to=st.sampled_from(TAPS), minutes=st.integers(0, 9))
    def tap_offline(self, which: int, to: str, minutes: int) -> None:
        self.tick(minutes)
        self.keep(self.phone.tapped(self.job(which), to, self.moment, **REASONS.get(to, {})))

    @rule(which=st.integers(0, JOBS - 1), taps=st.integers(2, 4))
    def work_offline(self, which: int, taps: int) -> None:
        """A visit, or its beginning, as people mostly tap it."""
        for to in TAPS[:3][:taps] + (("completed",) if taps == 4 else ()):
            self.tap_offline(which, to, 3)

    @rule(which=st.integers(0, JOBS - 1))
    def note_offline(self, which: int) -> None:
        self.keep(self.phone.did("note", self.job(which), self.moment, note=f"note {len(self.done)}."))

    @rule()
    def set_the_clock(self) -> None:
        self.phone.ahead = timedelta(hours=2) - self.phone.ahead

    @rule(which=st.integers(0, JOBS - 1), to_zoe=st.booleans())
    def reassign(self, which: int, to_zoe: bool) -> None:
        self.tick(1)
        who = self.cast.zoe if to_zoe else self.cast.tariq
        self.at_the_desk(
            lambda: move.assign(
                self.job(which), who, self.cast.denis, day=make.MONDAY, override_reason="modèle"
            )
        )

    @rule(which=st.integers(0, JOBS - 1))
    def take_back(self, which: int) -> None:
        self.at_the_desk(lambda: move.take_back(self.job(which), self.cast.denis))

    @rule(which=st.integers(0, JOBS - 1))
    def cancel(self, which: int) -> None:
        self.at_the_desk(lambda: move.cancel(self.job(which), self.cast.denis))

    @rule(decision=st.sampled_from(["apply", "keep", "discard"]))
    def review(self, decision: str) -> None:
        """A dispatcher decides on all that one person did on one job."""
        first = (
            db.session.query(Action)
            .filter(Action.waiting(), Action.job_id.is_not(None))
            .order_by(Action.id)
            .first()
        )
        if first is None:
            return
        rows = db.session.query(Action).filter(Action.waiting(), Action.job_id == first.job_id)
        said = {
            "action": [f"{row.id}:{row.version}" for row in rows],
            "decision": decision,
            "remark": "modèle",
        }
        with at(self.moment):
            answer = signed_in(self.app, self.cast.denis).post("/board/reviews", data=said)
        assert answer.status_code in (303, 409, 422), answer.text
        self.look_again()

    # what the network does -----------------------------------------------------------------------------

    @precondition(lambda self: self.phone.queue)
    @rule(data=st.data(), lost=st.booleans(), signed_out=st.integers(0, 9))
    def send(self, data: st.DataObject, lost: bool, signed_out: int) -> None:
        """Some of the queue, in any order; a reply that is lost leaves it there."""
        self.tick(1)
        size = data.draw(st.integers(1, len(self.phone.queue)))
        sent = data.draw(st.permutations(self.phone.queue))[:size]
        browser = self.app.test_client() if signed_out == 0 else None
        self.hand_in(sent, lost, browser)

    @precondition(lambda self: self.done)
    @rule(data=st.data())
    def send_something_old_again(self, data: st.DataObject) -> None:
        self.hand_in([data.draw(st.sampled_from(self.done))], lost=False)

    def hand_in(self, sent: list[dict[str, Any]], lost: bool, browser: Any = None) -> None:
        with at(self.moment):
            answer = self.phone.send(sent, when=self.moment, browser=browser)
        assert answer.status_code == 200, answer.text
        self.look_again()
        for one in answer.json["results"]:
            told = (one["first"], one["state"], one["version"])
            assert self.answers.setdefault(one["key"], told) == told, "a repeat was answered otherwise"
        if not lost:
            known = {one["key"] for one in answer.json["results"]}
            self.phone.queue = [one for one in self.phone.queue if one["key"] not in known]

    # what must be true ---------------------------------------------------------------------------------

    @invariant()
    def every_answered_action_is_in_the_ledger_once(self) -> None:
        keys = [row.key for row in db.session.query(Action)]
        assert sorted(keys) == sorted(set(keys))
        assert set(self.answers) == set(keys)

    @invariant()
    def every_note_is_kept_once_or_waits(self) -> None:
        text = "\n".join(job.note or "" for job in db.session.query(Job))
        for row in db.session.query(Action).filter_by(kind="note"):
            counts = row.outcome == "applied" or row.decision in ("applied", "kept")
            assert text.count(row.note) == int(counts), row.note

    @invariant()
    def no_tap_has_two_effects(self) -> None:
        claimed = [
            event.claimed_at
            for event in db.session.query(Event).filter_by(kind="job.state")
            if event.claimed_at
        ]
        counted = db.session.query(Action).filter_by(kind="transition")
        counted = [row for row in counted if row.outcome == "applied" or row.decision == "applied"]
        assert len(claimed) <= len(counted)

    @invariant()
    def the_history_is_one(self) -> None:
        assert broken_chains() == []
        assert homeless() == []

    @invariant()
    def time_never_runs_backwards(self) -> None:
        for job in db.session.query(Job):
            assert job.worked_seconds >= 0
            instants = [one for one in (job.working_at, job.ended_at) if one]
            assert instants == sorted(instants)
            assert job.state_at <= self.moment

    def teardown(self) -> None:
        db.session.remove()
        db.engine.dispose()
        self.context.pop()
        self.given.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    # helpers -------------------------------------------------------------------------------------------

    def job(self, which: int) -> Job:
        return db.session.get_one(Job, self.jobs[which])

    def keep(self, action: dict[str, Any]) -> None:
        self.done.append(action)

    def tick(self, minutes: int) -> None:
        self.moment = min(
            self.moment + timedelta(minutes=minutes),
            datetime.combine(make.MONDAY, datetime.max.time(), make.ZONE),
        )

    def at_the_desk(self, act: Any) -> None:
        with at(self.moment):
            try:
                act()
                db.session.commit()
            except (IllegalMove, NotPlaceable, RulesBroken):
                db.session.rollback()
        self.look_again()

    def look_again(self) -> None:
        db.session.rollback()
        db.session.expire_all()


QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def fresh(request: pytest.FixtureRequest) -> Fresh:
    """Empty databases, as many as are asked for."""
    if request.param == "sqlite":
        return lambda folder: nullcontext(sqlite_database(folder))
    server = request.getfixturevalue("postgres")
    return lambda _folder: postgresql_database(server)


@pytest.mark.parametrize(("stories", "steps"), [(3, 12), pytest.param(150, 50, marks=pytest.mark.battery)])
def test_whatever_happens_there_is_one_history(fresh, stories, steps, record_property):
    how = settings(max_examples=stories, stateful_step_count=steps, deadline=None, derandomize=True,
                   suppress_health_check=QUIET, database=None)  # fmt: skip
    run_state_machine_as_test(lambda: Replay(fresh), settings=how)
    record_property("stories", stories)
