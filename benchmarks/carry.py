"""What a phone carries, and what it costs the server: `python -m benchmarks.carry`.

One technician's day of six jobs as they are met: three clients, visits and a call, access notes, what was tried, an
asset with a past. In the process, without a network: processor milliseconds, bytes raw and compressed, and queries.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import brotli
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from benchmarks.machine import machine
from benchmarks.pages import signed_in
from dispatch.app import create_app
from dispatch.clock import now
from dispatch.config import Settings
from dispatch.extensions import db
from dispatch.models.user import User
from tests import factories as make
from tests.servers import flask

CLIENTS = ("acme", "breizh", "colbert")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=6)
    parser.add_argument("--requests", type=int, default=20)
    options = parser.parse_args()
    print(machine(), f"load {os.getloadavg()[0]:.1f}", sep=", ")
    with (
        tempfile.TemporaryDirectory(prefix="dispatch-carry-") as folder,
        phone(Path(folder), options.jobs) as ask,
    ):
        for path in ("/jobs/carry", "/jobs"):
            print(path, told(*ask, path, options.requests), sep=": ")


def told(browser: FlaskClient, cookie: str, path: str, requests: int) -> str:
    """One line of figures for an address."""
    statements: list[str] = []
    with counting(statements):
        body = browser.get(path, headers={"Cookie": cookie}).data
    spent = []
    for _ in range(requests):
        began = time.process_time()
        browser.get(path, headers={"Cookie": cookie})
        spent.append(1000 * (time.process_time() - began))
    middle = sorted(spent)[requests // 2]
    packed = len(brotli.compress(body, quality=5))
    return f"{middle:.0f} ms of processor, {len(statements)} queries, {len(body) / 1000:.0f} kB, {packed / 1000:.1f} kB as Brotli"


@contextmanager
def counting(statements: list[str]) -> Iterator[None]:
    def count(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    event.listen(Engine, "before_cursor_execute", count)
    yield
    event.remove(Engine, "before_cursor_execute", count)


@contextmanager
def phone(folder: Path, jobs: int) -> Iterator[tuple[FlaskClient, str]]:
    """A browser of the technician's, and his cookie."""
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder / 'dispatch.db'}",
        "INSTANCE_PATH": str(folder),
    }
    flask("db", "upgrade", environment=environment)
    app = create_app(Settings.from_environment(environment))
    logging.disable(logging.INFO)
    with app.app_context():
        cookie = signed_in(app, fill(jobs))
        db.session.commit()
    browser = app.test_client(use_cookies=False)
    assert json.loads(browser.get("/jobs/carry", headers={"Cookie": cookie}).data)["jobs"]
    yield browser, cookie


def fill(jobs: int) -> User:
    today = now().astimezone(make.ZONE).date()
    person = make.technician("Tariq", day=today)
    for number in range(jobs):
        owner = make.client(CLIENTS[number % len(CLIENTS)])
        make.category("workstation", owner)
        make.right("local_admin", owner)
        where = make.building(f"Bâtiment {number}", owner, latitude=48.1, longitude=-1.6)
        where.site.access_notes = "Code portail 4711, badge au gardien"
        ticket = make.ticket(f"Poste {number} ne démarre plus", owner, building_id=where.id, asset=f"PC-{number}",
                             description="Depuis ce matin, écran bleu au démarrage.")  # fmt: skip
        start = make.at("08:15", today) + timedelta(minutes=50 * number)
        make.job(of=ticket, technician=person, start=start, mode="remote" if number == 3 else "on_site")
        past = make.ticket(
            "Batterie changée", owner, building_id=where.id, asset=f"PC-{number}", state="closed"
        )
        make.job(
            of=past,
            technician=person,
            start=start - timedelta(days=9),
            state="completed",
            ended_at=start - timedelta(days=9),
        )
    assert person.user
    return person.user


if __name__ == "__main__":
    main()
