"""A technician's phone as the server meets it: it keeps what was tapped, numbers it, and hands it in."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from dispatch.clock import at, now
from dispatch.models.job import Job
from dispatch.models.user import User
from tests import factories as make
from tests.people import Cast, signed_in

SECRET = "X-Dispatch-Device"
TEN = make.at("10:00")


@dataclass
class Phone:
    """`ahead`: how far its clock is ahead of ours."""

    browser: Any
    device: str
    secret: str
    ahead: timedelta = timedelta()
    queue: list[dict[str, Any]] = field(default_factory=list)
    seq: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    @classmethod
    def of(cls, app: Flask, person: User) -> Phone:
        browser = signed_in(app, person)
        made = browser.post("/jobs/device", headers={"User-Agent": "A phone"})
        assert made.status_code == 201, made.text
        return cls(browser, made.json["device"], made.json["deposit"])

    def did(self, kind: str, job: Job | None, when: datetime | None = None, **body: Any) -> dict[str, Any]:
        """Keep what was done offline, as the phone's own clock shows it."""
        self.seq += 1
        action = {
            "key": str(uuid.UUID(int=self.chance.getrandbits(128), version=4)), "seq": self.seq,
            "at": ((when or now()) + self.ahead).isoformat(), "job": job and job.number, "kind": kind,
            "based_on": job and job.version, "body": body,
        }  # fmt: skip
        self.queue.append(action)
        return action

    def tapped(self, job: Job, to: str, when: datetime | None = None, **body: Any) -> dict[str, Any]:
        return self.did("transition", job, when, to=to, **body)

    def envelope(self, actions: Sequence[dict[str, Any]]) -> dict[str, Any]:
        return {"device": self.device, "sent_at": (now() + self.ahead).isoformat(), "actions": list(actions)}

    def send(self, actions: Sequence[dict[str, Any]] | None = None, when: datetime | None = None,
             headers: dict[str, str] | None = None, browser: Any = None) -> Any:  # fmt: skip
        """Hand in these actions, or all that is kept; they stay in the queue."""
        with at(when or now()):
            sent = self.envelope(self.queue if actions is None else actions)
            said = {SECRET: self.secret, **(headers or {})}
            return (browser or self.browser).post("/jobs/sync", json=sent, headers=said)

    def outcomes(self, answer: Any) -> list[str]:
        assert answer.status_code == 200, answer.text
        return [result["outcome"] for result in answer.json["results"]]


@pytest.fixture
def hours() -> tuple[datetime, datetime]:
    """When Tariq signs in on his phone, for an hour, and what the clock shows in the test."""
    return TEN, TEN


@pytest.fixture
def tariqs_phone(app: Flask, cast: Cast, hours: tuple[datetime, datetime]) -> Iterator[Phone]:
    signs_in, shown = hours
    with at(signs_in):
        phone = Phone.of(app, cast.tariq.user)
    with at(shown):
        yield phone
