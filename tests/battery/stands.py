"""A live server with the people and the work that a case needs, on either database."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from flask import Flask
from sqlalchemy import Select

from dispatch.clock import now
from dispatch.extensions import db, reading
from dispatch.models.client import Client
from dispatch.models.user import Token
from tests import factories as make
from tests.api.callers import PREFIX
from tests.apps import make_app
from tests.people import Cast, assemble
from tests.servers import LiveServer

HOURS = 12
EVERY_HOUR = [[[0, 1440]]] * 7


def open_every_day() -> None:
    """Acme and its site are open at any hour: what is planned for tomorrow is there on a Friday too."""
    always_open(make.client())
    make.site().opening_week = EVERY_HOUR


def always_open(client: Client) -> None:
    """No test may depend on the day or the hour at which it runs."""
    client.working_week, client.holiday_country = EVERY_HOUR, "none"


@dataclass
class Stand:
    """The server, and the database behind it. A person's token is his first name."""

    server: LiveServer
    app: Flask

    def send(self, who: str, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {who}", **more.pop("headers", {})}
        return httpx.request(method, f"{self.server.url}{PREFIX}{path}", headers=headers, timeout=60, **more)

    def at_once(self, *calls: Callable[[], httpx.Response]) -> list[httpx.Response]:
        with ThreadPoolExecutor(len(calls)) as pool:
            return [one.result() for one in [pool.submit(call) for call in calls]]

    def count(self, query: Select[Any]) -> int:
        return int(self.read(lambda: db.session.scalar(query)) or 0)

    def read(self, look: Callable[[], Any]) -> Any:
        """What `look` finds in the database now."""
        with self.app.app_context(), reading():
            try:
                return look()
            finally:
                db.session.rollback()


@contextlib.contextmanager
def stand(database: str, folder: Path, furnish: Callable[[Cast, datetime], None]) -> Iterator[Stand]:
    """Everybody of the cast with a token, Tariq and Zoé at work for the next hours, and what `furnish` adds."""
    app = make_app(database, folder / "seed")
    with app.app_context():
        always_open(make.client("acme"))
        cast, start = (
            assemble(),
            max(make.at("00:00", now().astimezone(make.ZONE).date()), now() - timedelta(hours=1)),
        )
        for person in cast.everybody():
            Token.issue(person, secret=person.name)
        for technician in (cast.tariq, cast.zoe):
            technician.shifts[0].starts_at, technician.shifts[0].ends_at = (
                start,
                start + timedelta(hours=HOURS),
            )
        furnish(cast, start)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    server = LiveServer(database, folder / "instance")
    try:
        server.start()
        yield Stand(server, app)
    finally:
        server.stop()
        with app.app_context():
            db.engine.dispose()
