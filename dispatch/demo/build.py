"""`flask demo`: fills an empty database with a living day of a fictional provider and its two clients.

The content is the same on each run; its dates hang on the clock. Tickets come in, two days are planned,
technicians tap on their phones: all of it through the verbs that people use, each at its own time, up to
the present. Then the demo lives on by itself. See demo/day.py for what happens at night.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select

from dispatch.clock import at, now
from dispatch.demo import accounts, crew, past, rounds, visitors
from dispatch.demo.arrivals import Arrival, arrivals, come_in
from dispatch.demo.content import drafts
from dispatch.demo.day import Day
from dispatch.demo.ground import Ground, lay
from dispatch.demo.timeline import Timeline
from dispatch.extensions import db
from dispatch.models.client import Client
from dispatch.models.job import Job
from dispatch.models.plan import Plan, PlannedBreak
from dispatch.models.tap import take
from dispatch.models.technician import Technician
from dispatch.models.ticket import Ticket
from dispatch.models.transitions import BEGUN
from dispatch.models.user import User
from dispatch.planning.greedy import plan_greedily
from dispatch.planning.move import set_lock
from dispatch.planning.rollover import roll_over

DISPATCHER = "marc.le.tallec@relais-ouest.example"
AGENTS = {
    "acme": ("sofia.martins@relais-ouest.example", "aminata.sow@relais-ouest.example"),
    "breizh-energie": ("loic.hamon@relais-ouest.example", "aminata.sow@relais-ouest.example"),
}
# from here on (minutes of the demo's day) the evening has come and tomorrow is planned
EVENING = 1000
LISTED_TECHNICIANS = 8


class NotEmpty(Exception):
    """There are clients or users already; a demo would mix with real work."""


def fill(folder: Path) -> None:
    """Build the demo as of now and leave `demo-accounts.json` in `folder`. The caller commits.

    Raises NotEmpty when the database holds anybody.
    """
    if db.session.scalar(select(User.id).limit(1)) or db.session.scalar(select(Client.id).limit(1)):
        raise NotEmpty
    demo = Demo(Day.around(now()))
    demo.play()
    accounts.write(demo.accounts(), folder)


class Demo:
    """The rows by their names, and the deeds that make them live."""

    def __init__(self, day: Day) -> None:
        self.day, self.timeline, self.random = day, Timeline(), Random("rounds")
        with at(day.planned_at(-90)):
            self.ground: Ground = lay(day)
            self.users = accounts.open_accounts(self.ground)
            self.crew: dict[str, Technician] = crew.hire(self.ground, day, self.users)
        self.dispatcher = self.users[DISPATCHER]

    def play(self) -> None:
        """Everything that happens up to now."""
        day, timeline = self.day, self.timeline
        past.live(self.ground, self.crew, day, self.dispatcher, timeline)
        for arrival in arrivals(drafts(), day):
            timeline.at(arrival.at, partial(self._come_in, arrival))
        timeline.at(day.planned_at(-1), partial(self._work_a_day, -1))
        timeline.at(day.planned_at(), self._begin_today)
        visitors.come(self.ground, day, timeline)
        timeline.at(day.instant(EVENING), partial(self._plan, 1))
        timeline.play(until=day.now)

    def accounts(self) -> list[dict[str, Any]]:
        """Who is listed for newcomers: everybody at a desk, and the technicians with work in hand first."""
        desk = [user for user in self.users.values() if user.role != "technician"]
        busy = select(Job.technician_id).where(Job.state.in_(BEGUN))
        at_work = set(db.session.scalars(busy))
        field = sorted(self.crew.values(), key=lambda one: (one.id not in at_work, one.code))
        return accounts.listed(
            [*desk, *(one.user for one in field[:LISTED_TECHNICIANS] if one.user)], self.ground
        )

    def _come_in(self, arrival: Arrival) -> None:
        agents = AGENTS[arrival.draft.client]
        come_in(arrival, self.ground, self.day, self.users[agents[arrival.number % 3 == 0]])

    def _begin_today(self) -> None:
        """The morning: yesterday is put away, and today is planned."""
        self._put_yesterday_away()
        routes = self._work_a_day(0)
        self._lock_some(routes)

    def _put_yesterday_away(self) -> None:
        roll_over(self.ground.territory.id)
        resolved = select(Ticket).where(Ticket.state == "resolved").order_by(Ticket.id)
        for ticket in db.session.scalars(resolved).all():
            if self.random.random() < 0.8:
                ticket.set_state("closed", None)

    def _work_a_day(self, days: int) -> list[list[Job]]:
        """Plan a day and let everybody work it, up to now."""
        self._plan(days)
        routes, parts = self._routes(days), {}
        if days == 0:
            parts = rounds.casting(routes, self.day.now, self._gone(routes))
        meals = self._meals(days)
        for route in routes:
            his = meals[route[0].technician_id]
            for tap in rounds.round_of(route, parts, self.random, self.day, days, his):
                self.timeline.at(tap.at, partial(self._tap, tap))
        return routes

    def _gone(self, routes: list[list[Job]]) -> dict[int, datetime]:
        """Who goes home ill, by id since when: of those at work, the one who leaves most behind."""
        present = self.day.now
        at_work = [
            route for route in routes if rounds.begin_of(route[0]) < present < rounds.begin_of(route[-1])
        ]
        if not at_work:
            return {}
        left = max(at_work, key=lambda route: sum(rounds.begin_of(job) > present for job in route))
        technician = left[0].technician
        assert technician is not None
        return {technician.id: crew.go_home(technician, self.day)}

    def _plan(self, days: int) -> None:
        plan_greedily(self.ground.territory, self.day.today + timedelta(days=days), self.dispatcher)

    def _routes(self, days: int) -> list[list[Job]]:
        """Each technician's jobs of that day in order."""
        today = self.day.today + timedelta(days=days)
        query = select(Job).where(Job.day == today).order_by(Job.planned_start, Job.id)
        routes: dict[int, list[Job]] = {}
        for job in db.session.scalars(query):
            if job.technician_id is not None:
                routes.setdefault(job.technician_id, []).append(job)
        return [routes[key] for key in sorted(routes)]

    def _meals(self, days: int) -> dict[int | None, list[datetime]]:
        """When each technician's breaks of that day begin, as they are planned."""
        query = select(PlannedBreak).join(Plan).where(Plan.day == self.day.today + timedelta(days=days))
        meals: dict[int | None, list[datetime]] = defaultdict(list)
        for one in db.session.scalars(query):
            meals[one.technician_id].append(one.starts_at)
        return meals

    def _lock_some(self, routes: list[list[Job]]) -> None:
        """The dispatcher has promised two last jobs of the day to people he knows."""
        for route in [route for route in routes if len(route) > 3][:2]:
            set_lock(route[-1], "technician", self.dispatcher)

    def _tap(self, tap: rounds.Tap) -> None:
        technician = tap.job.technician
        assert technician is not None and technician.user is not None
        take(tap.job, tap.move, technician.user, **tap.said)
