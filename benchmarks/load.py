"""The board and the phones on a busy day: `python -m benchmarks.load`.

A real server and worker on SQLite, 60 technicians with 400 jobs on one day. Ten dispatchers keep the board open and
fifty technicians their list: each holds its event stream and asks for what changed as its page does. Phones tap, and
dispatchers hold jobs above the rows, drop them and load the board anew, far more often than people do. Measured from
loopback, first alone and then while the worker plans that very day:

- board: the whole page;  offers: what every row says while a job is held;  move: the drop, with its answer
- tap: a tap on a phone;  list: the job list after news
- elsewhere: from the sending of a tap or a drop until another dispatcher's board has its swap
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import queue
import random
import re
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode
from uuid import uuid4

from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select

from benchmarks.machine import machine
from benchmarks.pages import DAY, Stand, processor_seconds, signed_in, solving, stand
from dispatch.extensions import db
from dispatch.models.job import FIRST_NUMBER, Job
from dispatch.models.technician import Technician
from tests import factories as make

COLUMNS = "{:<11} {:<16} {:>6} {:>8} {:>8} {:>8} {:>11}"
# milliseconds, p95; None: told, not judged
TARGETS = {"board": 150, "offers": 100, "move": 100, "tap": 200, "list": 50, "elsewhere": 1000}
SETTLE = 0.15  # as the pages do: what comes in a burst is asked for once
BOARDS, PHONES, TECHNICIANS, JOBS = 10, 50, 60, 400
BOARD_EVERY, PHONE_EVERY, SHARE_OF_PAGES = 20, 60, 0.5  # seconds between two acts of one person, on average
HERE = urlencode({"territory": "rennes", "day": DAY})
FASTER = (409, 412, 422)  # somebody else was, or a rule nobody may override is broken
TOKEN = "token of a load"  # noqa: S105 - of the forms, in a cookie made here
WARM_UP = 20
SEED = 20261126


@dataclass
class Figures:
    """Seconds per kind of request, and the writes that other boards have to hear of."""

    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    # job id -> when its change was sent, and by whom
    sent: dict[int, tuple[float, str]] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, seconds: float) -> None:
        with self.lock:
            self.taken[kind].append(seconds)

    def run(self, what: Callable[[], None]) -> threading.Thread:
        """Do it beside everything else; what goes wrong is kept."""
        thread = threading.Thread(target=self._tried, args=(what,), daemon=True)
        thread.start()
        return thread

    def _tried(self, what: Callable[[], None]) -> None:
        try:
            what()
        except Exception as trouble:  # noqa: BLE001 - told at the end, whatever it was
            self.troubles.append(f"{type(trouble).__name__}: {trouble}")


@dataclass
class Person:
    """Somebody with a page open: what is asked, and the stream that is followed."""

    name: str
    port: int
    cookie: str
    figures: Figures
    token: str  # of his forms

    def ask(self, kind: str, path: str, form: dict[str, object] | None = None, whole: bool = False) -> str:
        """The body of an answer, whose time is noted. A refusal that somebody was faster is none of ours."""
        headers = {"Cookie": self.cookie, "Accept-Encoding": "identity"} | (
            {} if whole else {"HX-Request": "true"}
        )
        body = None
        if form is not None:
            body, headers["Content-Type"] = urlencode(form), "application/x-www-form-urlencoded"
        began = time.perf_counter()
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        link.request("GET" if form is None else "POST", path, body, headers)
        answer = link.getresponse()
        text = answer.read().decode()
        link.close()
        self.figures.note(kind, time.perf_counter() - began)
        if answer.status >= 400 and answer.status not in FASTER:
            raise RuntimeError(f"{kind}: {path} answered {answer.status}")
        return text

    def hear(self, after: int, told: Callable[[set[int]], None], over: threading.Event) -> None:
        """Follow the stream until `over`; `told` gets the jobs of each burst, one request at a time as a page."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        link.request("GET", f"/live?after={after}", headers={"Cookie": self.cookie})
        heard: queue.SimpleQueue[int] = queue.SimpleQueue()

        def answer() -> None:
            while not over.is_set():
                jobs = {heard.get()}
                time.sleep(SETTLE)
                while not heard.empty():
                    jobs.add(heard.get())
                told(jobs)

        self.figures.run(answer)
        for line in iter(link.getresponse().readline, b""):
            if over.is_set():
                return
            job = json.loads(line[6:]).get("job") if line.startswith(b"data: ") else None
            if job is not None:
                heard.put(job)


@dataclass
class Dispatcher(Person):
    """A board: follows the news, moves a job now and then, loads the page anew."""

    cursor: int = 0
    seen: set[tuple[int, float]] = field(default_factory=set)

    def follow(self, over: threading.Event) -> None:
        self.cursor = _cursor(self.ask("first board", f"/board?{HERE}", whole=True))
        self.hear(self.cursor, self._swap, over)

    def _swap(self, jobs: set[int]) -> None:
        text = self.ask("news", f"/board/news?{HERE}&after={self.cursor}")
        arrived = time.perf_counter()
        self.cursor = max(self.cursor, _cursor(text))
        for job in jobs:
            since, who = self.figures.sent.get(job, (arrived, self.name))
            if who != self.name and (job, since) not in self.seen:
                self.seen.add((job, since))  # the job may be told again, when something else moves it
                self.figures.note("elsewhere", arrived - since)

    def act(self, dice: random.Random, jobs: list[int], crew: list[int]) -> None:
        """Load the board; or hold a job above the rows and drop it."""
        if dice.random() < SHARE_OF_PAGES:
            self.ask("board", f"/board?{HERE}", whole=True)
            return
        job = dice.choice(jobs)
        number = f"INT-{FIRST_NUMBER + job}"
        panel = self.ask("panel", f"/board/jobs/{number}?{HERE}")
        version = re.search(r'name="version" value="(\d+)"', panel)
        if version is None:
            return
        self.ask("offers", f"/board/jobs/{number}/offers?{HERE}")
        self.figures.sent[job] = (time.perf_counter(), self.name)
        form = {"csrf_token": self.token, "version": version[1], "technician": dice.choice(crew), "route": DAY,
                "override_reason": "measured"}  # fmt: skip
        self.ask("move", f"/board/jobs/{number}/assignment?{HERE}", form)


class Phone(Person):
    """A job list: a tap now and then, and the list anew after news."""

    def follow(self, over: threading.Event) -> None:
        page = self.ask("first list", f"/jobs?day={DAY}", whole=True)
        after = re.search(r"/live\?after=(\d+)", page)
        assert after is not None, "the list has no stream"
        self.hear(int(after[1]), lambda _jobs: self._look(), over)

    def _look(self) -> None:
        self.ask("list", f"/jobs?day={DAY}")

    def act(self, dice: random.Random, jobs: list[int]) -> None:
        if not jobs:
            return
        job = jobs.pop(dice.randrange(len(jobs)))
        self.figures.sent[job] = (time.perf_counter(), self.name)
        form = {"csrf_token": self.token, "to": "accepted", "key": str(uuid4()), "back": "day", "day": DAY}
        self.ask("tap", f"/jobs/INT-{FIRST_NUMBER + job}/transitions", form)


def main() -> int:
    """Prints the machine and the tables; 1 when a p95 misses its target or a request failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=90, help="of each of the two parts")
    parser.add_argument("--boards", type=int, default=BOARDS)
    parser.add_argument("--phones", type=int, default=PHONES)
    parser.add_argument(
        "--every", type=float, default=BOARD_EVERY, help="seconds between a dispatcher's deeds"
    )
    options = parser.parse_args()
    print(machine(), f"load {os.getloadavg()[0]:.1f}", sep=", ")
    print(f"{TECHNICIANS} technicians, {JOBS} jobs, {options.boards} boards, {options.phones} phones, "
          f"{options.seconds} s each part")  # fmt: skip
    print(COLUMNS.format("", "", "n", "p50 ms", "p95 ms", "max ms", "p95 wanted"))
    with (
        tempfile.TemporaryDirectory(prefix="dispatch-load-") as folder,
        stand(Path(folder), TECHNICIANS, JOBS) as ready,
    ):
        crowd = Crowd(ready, options.boards, options.phones, options.every)
        crowd.live_for(WARM_UP, None)
        kept = [crowd.live_for(options.seconds, "alone")]
        with solving(ready):
            kept.append(crowd.live_for(options.seconds, "during a solve"))
    return 0 if all(kept) else 1


class Crowd:
    """Everybody who has a page open, and the work that they act on."""

    def __init__(self, ready: Stand, boards: int, phones: int, every: float) -> None:
        self.every = every
        self.port, self.group = ready.server.port, ready.server.web.pid
        crew = db.session.scalars(select(Technician).order_by(Technician.id)).all()
        self.crew = [one.id for one in crew]
        desk = [make.user(f"Diane {number}", "dispatcher", every_client=True) for number in range(boards)]
        self.desk = [(user.name, signed_in(ready.app, user, TOKEN)) for user in desk]
        self.field = [(one.name, signed_in(ready.app, one.user, TOKEN)) for one in crew[:phones]]
        self.token = URLSafeTimedSerializer(ready.app.secret_key or "", salt="wtf-csrf-token").dumps(TOKEN)
        rows = db.session.execute(select(Job.id, Job.technician_id)).all()
        self.open = [
            key for key, technician in rows if technician is None or technician > self.crew[phones - 1]
        ]
        self.lists = [[key for key, owner in rows if owner == one.id] for one in crew[:phones]]
        db.session.commit()

    def live_for(self, seconds: int, when: str | None) -> bool:
        """Everybody at his page for so long; prints the figures. Whether they are as wanted and nothing failed."""
        figures, over = Figures(), threading.Event()
        boards = [Dispatcher(name, self.port, cookie, figures, self.token) for name, cookie in self.desk]
        phones = [Phone(name, self.port, cookie, figures, self.token) for name, cookie in self.field]
        for one in (*boards, *phones):
            figures.run(lambda one=one: one.follow(over))
        time.sleep(3)  # the first pages are not what is measured
        before = processor_seconds(self.group)
        acting = [
            figures.run(lambda one=one: self._act(one, self.every, over, self.open, self.crew))
            for one in boards
        ]
        acting += [
            figures.run(lambda one=one, jobs=jobs: self._act(one, PHONE_EVERY, over, jobs))
            for one, jobs in zip(phones, self.lists, strict=True)
        ]
        time.sleep(seconds)
        over.set()
        spent = processor_seconds(self.group) - before
        for thread in acting:
            thread.join(60)
        time.sleep(1)
        if when is None:
            return True
        print(f"{when}: the web server used {spent:.0f} s of processor in {seconds} s")
        return told(figures, when)

    def _act(self, one: Dispatcher | Phone, every: float, over: threading.Event, *what: list[int]) -> None:
        dice = random.Random(f"{SEED} {one.name}")
        while not over.wait(dice.uniform(0, 2 * every)):
            one.act(dice, *what)


def told(figures: Figures, when: str) -> bool:
    kept = not figures.troubles
    for kind, taken in sorted(figures.taken.items()):
        if len(taken) < 2 or kind.startswith("first"):
            continue
        cuts = quantiles(taken, n=20)
        wanted = TARGETS.get(kind)
        numbers = [f"{1000 * value:.0f}" for value in (cuts[9], cuts[18], max(taken))]
        print(COLUMNS.format(kind, when, len(taken), *numbers, f"< {wanted}" if wanted else ""), flush=True)
        kept = kept and (wanted is None or 1000 * cuts[18] < wanted)
    for trouble in figures.troubles[:5]:
        print(trouble)
    return kept


def _cursor(page: str) -> int:
    """The id of the newest event that a page or a swap knows of; 0: it says none."""
    found = re.search(r'id="cursor" value="(\d+)"', page)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    sys.exit(main())
