"""Case 16: eight clients do whatever they like with the same jobs through two web processes, one of which is killed
now and then. Every answer fits into one history; a build without guards against the second writer is caught."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.plan import Plan
from tests import factories as make
from tests.battery.history import Seen, contradictions, shrinking
from tests.battery.invariants import everything_wrong
from tests.battery.stands import stand
from tests.servers import LiveServer

JOBS, CLIENTS = 6, 8
SHORT, LONG = [(16, 5, 1)], [(seed, 60, 12) for seed in range(20)]  # seed, seconds, kills
PEOPLE = ("Diane", "Denis", "Tariq")
MOVES = ("accepted", "travelling", "working", "paused", "completed", "unplanned", "cancelled", "reopened")


class Two:
    """Two web processes on one database; the second is the one that is killed."""

    def __init__(self, desk, second: LiveServer) -> None:
        self.desk, self.second = desk, second
        self.seen: list[Seen] = []
        self.written: Counter[tuple[int, str]] = Counter()
        self.plans: list[int] = []
        self.statuses: Counter[int] = Counter()
        self.over = threading.Event()

    def send(self, server: LiveServer, who: str, method: str, path: str, **more):
        began = time.monotonic()
        headers = {"Authorization": f"Bearer {who}"}
        try:
            answer = httpx.request(method, f"{server.url}/api/v1{path}", headers=headers, timeout=30, **more)
        except httpx.TransportError:
            self.statuses[0] += 1  # killed meanwhile: done or not, the log of the jobs must hold either way
            return None
        self.statuses[answer.status_code] += 1
        return answer, began, time.monotonic()

    def note(self, job: int, sent, replaced: int | None = None) -> dict | None:
        if sent is None:
            return None
        answer, began, ended = sent
        shown = answer.json() if answer.status_code == 200 else answer.json().get("current")
        if not shown or answer.status_code not in (200, 412):
            return None
        done = replaced if answer.status_code == 200 else None
        value = (shown["state"], (shown["technician"] or {}).get("code"), shown["lock"])
        self.seen.append(Seen(job, began, ended, shown["version"], value, done))
        return shown if answer.status_code == 200 else None

    def live(self, seed: int, number: int) -> None:
        """One client: looks, sometimes waits, then writes what it likes."""
        chance = random.Random(f"{seed} {number}")
        while not self.over.is_set():
            server, who = chance.choice((self.desk.server, self.second)), chance.choice(PEOPLE)
            job = chance.randint(1, JOBS)
            shown = self.note(job, self.send(server, who, "GET", f"/jobs/{job}"))
            if shown is None:
                continue
            time.sleep(chance.choice((0, 0, 0.02)))
            version = shown["version"]
            if who in ("Diane", "Denis") and chance.random() < 0.5:
                given = {"technician": chance.choice(("tariq", "zoe")), "version": version,
                         "lock": chance.choice((None, "technician", "none"))}  # fmt: skip
                self.note(job, self.send(server, who, "PUT", f"/jobs/{job}/assignment", json=given), version)
            else:
                wanted = chance.choice(shown["legal"] or MOVES)
                sent = self.send(
                    server, who, "POST", f"/jobs/{job}/transitions", json={"to": wanted, "version": version}
                )
                if self.note(job, sent, version) is not None:
                    self.written[job, wanted] += 1

    def kill(self, seconds: float, kills: int) -> None:
        for _kill in range(kills):
            time.sleep(seconds / (kills + 1))
            self.second.kill_web()
            self.second.start_web()

    def read_plans(self) -> None:
        while not self.over.is_set():
            self.plans.append(self.desk.read(lambda: db.session.scalar(select(Plan.version))) or 0)
            time.sleep(0.1)

    def run(self, seed: int, seconds: float, kills: int) -> None:
        with ThreadPoolExecutor(CLIENTS + 1) as pool:
            living = [pool.submit(self.live, seed, number) for number in range(CLIENTS)]
            living.append(pool.submit(self.read_plans))
            begun = time.monotonic()
            self.kill(seconds, kills)
            time.sleep(max(0.0, seconds - (time.monotonic() - begun)))
            self.over.set()
        for one in living:
            one.result()


@contextmanager
def two_servers(database, folder, command=None):
    """A stand and a second web process on its database; `command` starts the second one's application."""

    def furnish(cast, _start) -> None:
        for number in range(JOBS):
            make.job(f"appel {number}", mode="remote", building_id=None)

    with stand(database, folder, furnish) as desk:
        second = LiveServer(database, folder / "second")
        try:
            if command:
                second.web = second._start("web", command)
                _await(second)
            else:
                second.start_web()
            yield Two(desk, second)
        finally:
            second.stop()


def _await(server: LiveServer) -> None:
    from dispatch.run import wait_until_ready

    assert wait_until_ready(server.url, 60, lambda: server.web.poll() is None), server.log()


@pytest.mark.parametrize(
    ("seed", "seconds", "kills"), [*SHORT, *(pytest.param(*one, marks=pytest.mark.battery) for one in LONG)]
)
def test_what_eight_clients_saw_is_one_history(database, tmp_path, seed, seconds, kills, record_property):
    with two_servers(database, tmp_path) as two:
        two.run(seed, seconds, kills)
        assert contradictions(two.seen) == [], f"seed {seed}"
        assert shrinking(two.plans) == [], f"seed {seed}"
        assert two.desk.read(everything_wrong) == [], f"seed {seed}"
        assert two.desk.read(lambda: _missing(two.written)) == [], f"seed {seed}"
        assert two.statuses[500] == 0, two.desk.server.log() + two.second.log()
        assert two.statuses[412] > 0, f"nobody was ever second: {two.statuses}"
        record_property("seed", seed)
        record_property("answers", dict(two.statuses))


def test_a_build_without_guards_is_caught(tmp_path):
    from tests.servers import sqlite_database

    broken = [sys.executable, "-m", "gunicorn", "tests.battery.broken:app"]
    with two_servers(sqlite_database(tmp_path), tmp_path, broken) as two:
        two.desk.server.port, two.desk.server.url = two.second.port, two.second.url
        two.run(16, 4, 0)
        assert any("two writes replaced" in wrong for wrong in contradictions(two.seen)), two.statuses


def _missing(written: Counter[tuple[int, str]]) -> list[str]:
    """Moves that were answered as done, and that the log does not hold as often."""
    query = select(Event.job_id, Event.data).where(Event.kind == "job.state")
    logged = Counter((job, data["move"]) for job, data in db.session.execute(query))
    return [
        f"job {job}: {count} times {move}, the log has {logged[job, move]}"
        for (job, move), count in written.items()
        if logged[job, move] < count
    ]
