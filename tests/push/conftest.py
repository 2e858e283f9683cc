from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dispatch import tasks
from dispatch.clock import at
from dispatch.extensions import db
from dispatch.models.device import Device
from dispatch.models.push import PushSubscription
from tests.people import assemble
from tests.push.services import Browser, PushService


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    running = PushService(tmp_path_factory.mktemp("push"))
    yield running
    running.stop()


@pytest.fixture
def reached(service, monkeypatch):
    """Nothing of an earlier test, and its certificate is believed."""
    service.got.clear()
    service.answers.clear()
    monkeypatch.setenv("SSL_CERT_FILE", str(service.authority))
    return service


class Told:
    """Tariq's phone: what it was told, read as his browser reads it."""

    def __init__(self, service, person, name="one"):
        self.service, self.browser, self.name = service, Browser(), name
        device, _secret = Device.register(person, "A phone")
        db.session.flush()
        self.subscription = PushSubscription.keep(device, service.address(name), **self.browser.keys)
        db.session.commit()

    @property
    def requests(self):
        return [one for one in self.service.got if one[0] == f"/push/{self.name}"]

    @property
    def messages(self):
        return [json.loads(self.browser.read(body)) for _path, _headers, body in self.requests]


def look(when):
    """The worker's look at that moment."""
    with at(when):
        db.session.commit()
        tasks.tell_phones()
    db.session.expire_all()


@pytest.fixture
def people(app_on_both, session_on_both, reached):
    settings = app_on_both.config["SETTINGS"]
    app_on_both.config["SETTINGS"] = replace(
        settings, push_own_hosts=reached.host, push_contact="mailto:it@x.example"
    )
    cast = assemble()
    cast.tariq.user.language = "fr"
    db.session.commit()
    return cast


@pytest.fixture
def phone(people, reached):
    return Told(reached, people.tariq.user)
