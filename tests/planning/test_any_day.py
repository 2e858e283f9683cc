"""Any day, and anything that people do to it: what must always hold, holds after each step."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dispatch import clock
from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.job import IllegalMove, Job
from dispatch.models.technician import Break, RightGrant
from dispatch.models.transitions import BEGUN, ENDED, Incomplete
from dispatch.planning import move, retime, rollover
from dispatch.planning.accept import Superseded
from dispatch.planning.build import build
from dispatch.planning.greedy import plan_greedily
from dispatch.planning.placement import NotPlaceable, RulesBroken
from dispatch.routing.check import failures, price
from dispatch.routing.solution import Solution, Unassigned
from tests import factories as make
from tests.apps import make_app
from tests.people import Cast, assemble
from tests.servers import sqlite_database

STEPS = 14
TAPS = ("accepted", "declined", "travelling", "working", "paused", "completed", "not_completed")
REFUSALS = (IllegalMove, Incomplete, NotPlaceable, RulesBroken, Superseded)
PLACES = [("Colbert", 48.1075, -1.6695), ("Thabor", 48.114, -1.6722), ("Atalante", 48.12, -1.64)]


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 10_000))
def test_whatever_people_do_a_day_stays_whole(seed: int) -> None:
    random = Random(seed)
    with TemporaryDirectory() as folder:
        app = make_app(sqlite_database(Path(folder)), Path(folder))
        with app.app_context(), clock.at(make.at("06:00")):
            story = Story(random, assemble())
            story.live(STEPS)
            db.session.rollback()
            db.engine.dispose()


class Story:
    """One random day, told step by step."""

    def __init__(self, random: Random, cast: Cast) -> None:
        self.random, self.cast = random, cast
        self.told: list[str] = []
        right = make.right()
        self.crew = [cast.tariq, cast.zoe, *(make.technician(name) for name in ("Kim", "Lou"))]
        for person in self.crew:
            person.shifts[0].breaks.append(
                Break(earliest=make.at("11:30"), latest=make.at("13:30"), minutes=random.choice((30, 45)))
            )
            if random.random() < 0.5:
                person.rights.append(RightGrant(admin_right_id=right.id))
            if random.random() < 0.3:
                make.duty(person, ("10:00", "12:00"))
        for _ in range(random.randint(4, 16)):
            self.arrive()
        db.session.commit()

    def live(self, steps: int) -> None:
        self.do("plan", make.at("06:30"))
        at = make.at("07:00")
        for _ in range(steps):
            at += timedelta(minutes=self.random.randint(0, 50))
            deed = self.random.choices(
                ["plan", "assign", "take_back", "cancel", "reopen", "lock", "tap", "absence", "arrive"],
                [2, 4, 2, 1, 1, 3, 8, 1, 2],
            )[0]
            self.do(deed, at)
        self.do("roll_over", make.at("00:05", make.MONDAY + timedelta(days=1)))

    def do(self, deed: str, at: datetime) -> None:
        self.told.append(f"{at:%d %H:%M} {deed}")
        with clock.at(at):
            try:
                getattr(self, deed)()
                db.session.commit()
            except REFUSALS as refusal:
                self.told[-1] += f" refused: {refusal!r}"
                db.session.rollback()
            db.session.expire_all()
            self.check(at)

    # deeds

    def plan(self) -> None:
        plan_greedily(make.territory(), make.MONDAY, self.cast.diane)
        self.checker_passes()

    def arrive(self) -> None:
        name, latitude, longitude = self.random.choice(PLACES)
        place = make.building(name, latitude=latitude, longitude=longitude)
        of = make.ticket(priority=self.random.randint(1, 4), building_id=place.id)
        right = make.right().id if self.random.random() < 0.2 else None
        mode = self.random.choice(("on_site", "on_site", "remote"))
        make.job(of=of, minutes=self.random.choice((15, 30, 60, 120)), mode=mode, admin_right_id=right)

    def assign(self) -> None:
        job = self.any_job()
        start = make.at(f"{self.random.randint(8, 16):02}:15") if self.random.random() < 0.4 else None
        reason = "because" if self.random.random() < 0.5 else None
        lock = self.random.choice((None, "none", "technician", "time", "both"))
        who = self.random.choice(self.crew)
        self.told[-1] += f" {job.number} {who.name} {start} {lock} {reason}"
        move.assign(job, who, self.cast.diane, start=start, lock=lock, override_reason=reason)

    def take_back(self) -> None:
        move.take_back(self.any_job(), self.cast.diane)

    def cancel(self) -> None:
        move.cancel(self.any_job(), self.cast.diane)

    def reopen(self) -> None:
        move.reopen(self.any_job(), self.cast.diane)

    def lock(self) -> None:
        move.set_lock(
            self.any_job(), self.random.choice(("none", "technician", "time", "both")), self.cast.diane
        )

    def tap(self) -> None:
        job, name = self.any_job(lambda one: one.technician_id is not None), self.random.choice(TAPS)
        technician = job.technician
        if technician is None or technician.user is None:
            return
        others = [
            one
            for one in self.jobs()
            if one.technician_id == technician.id and one.state in ("travelling", "working")
        ]
        if name in ("travelling", "working") and others and job not in others:
            return  # nobody is in two places
        self.told[-1] += f" {name} {job.number} by {technician.name}"
        reason = {"declined": "overloaded", "not_completed": "other"}.get(name)
        with retime.freeing(job, name, technician.user):
            if name == "declined":
                job.decline(technician.user, reason)
            else:
                job.move(name, technician.user, reason=reason)

    def absence(self) -> None:
        start = self.random.randint(7, 15)
        make.absence(self.random.choice(self.crew), (f"{start:02}:00", f"{start + 2:02}:30"))

    def roll_over(self) -> None:
        rollover.roll_over(make.territory().id)

    def jobs(self) -> list[Job]:
        return list(db.session.scalars(select(Job).order_by(Job.id)))

    def any_job(self, wanted: Any = lambda _job: True) -> Job:
        return self.random.choice([job for job in self.jobs() if wanted(job)] or self.jobs())

    # what must hold

    def check(self, at: datetime) -> None:
        story = "\n".join(self.told)
        for job in self.jobs():
            placed = job.technician_id is not None and job.day is not None
            assert placed == (job.state != "unplanned") or job.state in ENDED, (
                f"I1 {job.number} {job.state}\n{story}"
            )
        assert not self.overlaps(at), f"I2 {self.overlaps(at)}\n{story}"
        self.chains_hold(story)

    def overlaps(self, at: datetime) -> list[tuple[str, str]]:
        """Planned work still to come that one technician would have to do at once."""
        found = []
        for person in self.crew:
            ahead = [
                job for job in self.jobs()
                if job.technician_id == person.id and job.state not in (*ENDED, *BEGUN) and job.planned_start
                and job.planned_start >= at
            ]  # fmt: skip
            ahead.sort(key=lambda job: (job.planned_start, job.planned_end))
            pairs = itertools.pairwise(ahead)
            found += [(a.number, b.number) for a, b in pairs if a.planned_end > b.planned_start]
        return found

    def chains_hold(self, story: str) -> None:
        """I3: the log of each job is an unbroken chain that ends in its state."""
        states = dict.fromkeys((job.id for job in self.jobs()), "unplanned")
        moves = select(Event).where(Event.kind == "job.state").order_by(Event.id)
        for event in db.session.scalars(moves):
            assert states[event.job_id] == event.data["source"], f"I3\n{story}"
            states[event.job_id] = event.data["target"]
        assert states == {job.id: job.state for job in self.jobs()}, f"I3\n{story}"

    def checker_passes(self) -> None:
        """After an acceptance the live plan, as the tables have it, is one that the checker passes."""
        db.session.flush()
        draft = build(make.territory(), make.MONDAY)
        timed = draft.live()
        routes = tuple(one.route for one in timed)
        served = {stop.job for route in routes for stop in route.stops}
        left = tuple(Unassigned(job.id, "not_found") for job in draft.problem.jobs if job.id not in served)
        found = failures(draft.problem, Solution(routes, left, price(draft.problem, routes)))
        assert found == (), "\n".join([*self.told, *(one.detail for one in found)])
