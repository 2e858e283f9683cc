"""How long it takes until everybody's phone has handed in a morning: `python -m benchmarks.sync`.

50 phones come out of the basement at once, each with 40 actions on 8 calls, in requests of 20, over real HTTP on SQLite.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx

from benchmarks.machine import machine
from benchmarks.pages import processor_seconds, signed_in
from dispatch.app import create_app
from dispatch.clock import now
from dispatch.config import Settings
from dispatch.extensions import db
from dispatch.models.device import Device
from tests import factories as make
from tests.servers import LiveServer, flask

STEPS = ("accepted", "working", "note", "paused", "completed")
AT_ONCE = 20
TARGET_SECONDS = 30
DAY: date = now().astimezone(make.ZONE).date()


@dataclass
class Phone:
    cookie: str
    device: str
    secret: str
    actions: list[dict[str, Any]]


def main() -> int:
    """Prints the machine and the figures; 1 when it takes longer than wanted, or anything was not applied."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--phones", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=8)
    options = parser.parse_args()
    print(machine(), f"load {os.getloadavg()[0]:.1f}", sep=", ")
    with tempfile.TemporaryDirectory(prefix="dispatch-sync-") as folder:
        server = LiveServer(f"sqlite:///{Path(folder) / 'dispatch.db'}", Path(folder))
        flask("db", "upgrade", environment=server.environment)
        phones = fill(server, options.phones, options.jobs)
        try:
            server.start()
            return told(server, phones)
        finally:
            server.stop()


def told(server: LiveServer, phones: list[Phone]) -> int:
    assert server.web is not None
    spent, began = processor_seconds(server.web.pid), time.perf_counter()
    with ThreadPoolExecutor(len(phones)) as pool:
        found = list(pool.map(lambda phone: hand_in(server.url, phone), phones))
    seconds, spent = time.perf_counter() - began, processor_seconds(server.web.pid) - spent
    outcomes = sum((counts for counts, _waits in found), Counter[str]())
    waits = sorted(wait for _counts, some in found for wait in some)
    count = outcomes.total()
    print(f"{len(phones)} phones, {count} actions: {dict(outcomes)}")
    print(f"{seconds:.1f} s (wanted: under {TARGET_SECONDS}), {1000 * spent / count:.1f} ms of processor per action, "
          f"p95 of a request of {AT_ONCE}: {quantiles(waits, n=20)[-1]:.1f} s")  # fmt: skip
    return 0 if seconds < TARGET_SECONDS and set(outcomes) == {"applied"} else 1


def hand_in(url: str, phone: Phone) -> tuple[Counter[str], list[float]]:
    """What became of each action, and the seconds of each request; what is refused as busy is sent again."""
    counts, waits = Counter[str](), []
    with httpx.Client(base_url=url, timeout=120) as browser:
        for begin in range(0, len(phone.actions), AT_ONCE):
            body = {
                "device": phone.device,
                "sent_at": now().isoformat(),
                "actions": phone.actions[begin : begin + AT_ONCE],
            }
            headers = {
                "X-Dispatch-Device": phone.secret,
                "Cookie": phone.cookie,
                "Content-Type": "application/json",
            }
            while True:
                started = time.perf_counter()
                answer = browser.post("/jobs/sync", content=json.dumps(body), headers=headers)
                waits.append(time.perf_counter() - started)
                if answer.status_code == 200:
                    break
                if answer.status_code != 503:
                    raise RuntimeError(f"answered {answer.status_code}: {answer.text}")
            counts.update(result["first"] for result in answer.json()["results"])
    return counts, waits


def fill(server: LiveServer, phones: int, jobs: int) -> list[Phone]:
    app = create_app(Settings.from_environment(server.environment))
    with app.app_context():
        made = [phone(app, number, jobs) for number in range(phones)]
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return made


def phone(app: Any, number: int, jobs: int) -> Phone:
    technician = make.technician(f"Technicien {number}", day=DAY, hours=("00:00", "23:59"))
    assert technician.user is not None
    device, secret = Device.register(technician.user, "benchmark")
    began = now() - timedelta(hours=4)
    calls = [
        make.job(f"appel {number}.{turn}", mode="remote", building_id=None, technician=technician, day=DAY,
                 start=began + timedelta(minutes=30 * turn), state_at=began)
        for turn in range(jobs)
    ]  # fmt: skip
    done = [(call.number, step) for call in calls for step in STEPS]
    actions = [
        {
            "key": str(uuid.uuid4()), "seq": place + 1, "job": job, "based_on": 1,
            "at": (began + timedelta(minutes=5 * place)).isoformat(), "kind": "note" if step == "note" else "transition",
            "body": {"note": "vu avec le demandeur"} if step == "note" else {"to": step},
        }
        for place, (job, step) in enumerate(done)
    ]  # fmt: skip
    return Phone(signed_in(app, technician.user), device.key, secret, actions)


if __name__ == "__main__":
    sys.exit(main())
