"""Monday at ten at the kiosk Colbert: Tariq and Zoé serve, and people come."""

from __future__ import annotations

import pytest

from dispatch import clock
from dispatch.extensions import db
from dispatch.models import queue
from tests import factories as make
from tests.people import signed_in


@pytest.fixture(autouse=True)
def ten_o_clock(session):
    with clock.at(make.at("10:00")):
        yield


@pytest.fixture
def colbert(cast):
    return make.kiosk()


@pytest.fixture
def landry(cast):
    """The kiosk of the other client, in the same territory."""
    return make.kiosk("Kiosque Landry", make.building("Landry", make.client("breizh")))


class Counter:
    """A kiosk at which things happen at a time of the day."""

    def __init__(self, kiosk, by):
        self.kiosk, self.by = kiosk, by

    def comes(self, when="10:00", **said):
        with clock.at(make.at(when)):
            return queue.check_in(self.kiosk, self.by, **said)

    def calls(self, who, when="10:00"):
        with clock.at(make.at(when)):
            return queue.call_next(self.kiosk, who.user, who)

    def taps(self, entry, *moves, when="10:00", by=None):
        with clock.at(make.at(when)):
            for name in moves:
                entry.move(name, by or self.by)
        return entry


@pytest.fixture
def counter(colbert, cast):
    return Counter(colbert, cast.tariq.user)


@pytest.fixture
def tariq(app, cast):
    return signed_in(app, cast.tariq.user, "en")


@pytest.fixture
def zoe(app, cast):
    return signed_in(app, cast.zoe.user, "en")


@pytest.fixture
def diane(app, cast):
    return signed_in(app, cast.diane, "en")


@pytest.fixture
def saved():
    """Commits what the test has done so far."""
    return db.session.commit
