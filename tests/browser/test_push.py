"""What the phone does with a notification: shows it once, opens the job, and accepts it exactly once, also offline."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from dispatch.clock import now
from dispatch.extensions import db, reading
from dispatch.models.event import Event
from dispatch.models.job import Job
from tests import factories as make
from tests.apps import make_app
from tests.browser.phones import Phone
from tests.browsers import obstacles
from tests.people import PASSWORD

pytestmark = pytest.mark.browser


@pytest.fixture
def phone(browser, server, tmp_path):
    held = Phone(browser, server, tmp_path / "profile")
    yield held
    held.kill()


class Worker:
    """The service worker of the page, to which the browser's own tools deliver what a push service would."""

    def __init__(self, phone):
        self.phone = phone
        phone.context.grant_permissions(["notifications"], origin=phone.server.url)
        self.tools = phone.context.new_cdp_session(phone.page)
        self.known = []
        self.tools.on(
            "ServiceWorker.workerRegistrationUpdated", lambda said: self.known.extend(said["registrations"])
        )
        self.tools.send("ServiceWorker.enable")
        phone.until(lambda: self.known)

    def push(self, told):
        self.tools.send("ServiceWorker.deliverPushMessage", {
            "origin": self.phone.server.url, "registrationId": self.known[0]["registrationId"], "data": json.dumps(told),
        })  # fmt: skip

    def deliver(self, told):
        """As a push service does: again, until it has arrived. A browser that is still starting its worker drops one."""
        for _ in range(6):
            self.push(told)
            for _ in range(25):
                if any(one[2] for one in self.shown()):
                    return
                self.phone.page.wait_for_timeout(200)
        raise AssertionError(f"never shown: {told['id']}")

    def shown(self):
        return self.phone.page.evaluate(
            "async () => (await (await navigator.serviceWorker.ready).getNotifications())"
            ".map((one) => [one.title, one.body, one.actions.map((act) => act.title)])"
        )

    def press(self, action):
        """A press on a button of the notification, as the browser tells its worker of it."""
        [worker] = self.phone.context.service_workers
        worker.evaluate(
            """async (action) => {
              const shown = await self.registration.getNotifications();
              const notification = shown.findLast((one) => one.actions.length);
              self.dispatchEvent(new NotificationEvent("notificationclick", { notification, action }));
            }""",
            action,
        )


def test_a_notification_is_shown_once_and_accepted_exactly_once(server, phone):
    app = make_app(server.database, server.folder)
    with app.app_context():
        today = now().astimezone(make.ZONE).date()
        technician = make.technician("Tariq", day=today)
        technician.user.set_password(PASSWORD)
        job = make.job(technician=technician, start=make.at("10:00", today))
        second = make.job(technician=technician, start=make.at("11:00", today))
        db.session.commit()
        other_id, other = second.id, second.number
        job_id, number, version, person = job.id, job.number, job.version, technician.user_id
    phone.sign_in("Tariq")
    phone.put_away()
    worker = Worker(phone)
    told = {
        "id": 7, "tag": f"job-{job_id}", "url": f"/jobs/{number}", "job": number, "version": version, "person": person,
        "title": "Nouvelle intervention", "body": f"{number} · 10:00 · Colbert", "lang": "fr", "badge": 1,
        "actions": [{"action": "accept", "title": "Accepter"}, {"action": "open", "title": "Voir"}],
        "kept": "Acceptée. L’envoi se fera dès qu’il y a du réseau.",
    }  # fmt: skip
    worker.deliver(told)
    assert worker.shown() == [[told["title"], told["body"], ["Accepter", "Voir"]]]
    worker.press("open")
    expect(phone.page).to_have_url(f"{server.url}/jobs/{number}")
    worker.push(told)  # a worker of the server that was killed sends it again
    phone.page.wait_for_timeout(500)
    assert worker.shown() == []
    worker.deliver({**told, "id": 8})
    phone.lose_signal()
    worker.press("accept")
    phone.until(lambda: phone.memory("queue"))
    phone.find_signal()
    phone.page.goto(f"{server.url}/jobs")
    phone.sends_everything()
    with app.app_context():
        taps = select(func.count()).where(Event.job_id == job_id, Event.kind == "job.state")
        phone.until(lambda: _state(job_id) == "accepted")
        assert db.session.scalar(taps) == 1
        db.session.rollback()
    worker.deliver({**told, "id": 9, "tag": "other", "job": other, "version": 1})
    worker.press("accept")  # with signal the service worker sends it itself
    with app.app_context():
        phone.until(lambda: _state(other_id) == "accepted")
    phone.sends_everything()
    phone.page.goto(f"{server.url}/jobs/alerts")
    expect(phone.page.locator("#tell-me")).to_be_visible()
    assert obstacles(phone.page) == []


def _state(job_id):
    """As it is now; nothing stays open that the server would have to wait for."""
    with reading():
        state = db.session.scalar(select(Job.state).where(Job.id == job_id))
        db.session.rollback()
    return state
