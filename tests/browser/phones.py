"""A technician's phone with a memory of its own: it can lose its signal, be killed, and be opened again."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from dispatch.extensions import db
from dispatch.models.event import Event
from dispatch.models.job import Job
from dispatch.models.technician import Technician
from tests.browsers import ARGUMENTS, CHROMIUM, PHONE, READING_MS
from tests.people import PASSWORD
from tests.servers import LiveServer

_READ = """async (store) => {
    const names = (await indexedDB.databases()).map((known) => known.name);
    if (!names.includes("dispatch-phone")) return [];
    const database = await new Promise((resolve, reject) => {
        const request = indexedDB.open("dispatch-phone");
        request.onsuccess = () => resolve(request.result);
        request.onerror = reject;
    });
    const all = await new Promise((resolve) => {
        database.transaction(store).objectStore(store).getAll().onsuccess = (event) => resolve(event.target.result);
    });
    database.close();
    return all;
}"""


class Phone:
    """A browser with a profile in `folder`, in somebody's hand."""

    def __init__(self, browser: Browser, server: LiveServer, folder: Path, url: str | None = None) -> None:
        """`url`: where it knows the server, if there is something in between."""
        self.browser, self.server, self.folder = browser, server, folder
        self.url = url or server.url
        self.context: BrowserContext
        self.page: Page
        self.tapped_at = 0.0
        self.start()

    def start(self) -> None:
        self.context = self.browser.browser_type.launch_persistent_context(
            self.folder, executable_path=CHROMIUM, args=ARGUMENTS, viewport=PHONE, locale="fr-FR",
            timezone_id="Europe/Paris", has_touch=True, is_mobile=True,
        )  # fmt: skip
        self.page = self.context.new_page()

    def sign_in(self, name: str) -> None:
        self.page.goto(f"{self.url}/sign-in")
        self.page.fill("#email", f"{name.lower()}@dispatch.example")
        self.page.fill("#password", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/jobs")
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.until(lambda: self.memory("carry"))
        self.page.reload()  # the first page was there before its service worker

    def put_away(self) -> None:
        """In good order, once, before it is killed and started again: a browser writes its cookies every half minute only."""
        self.context.close()
        self.start()
        self.page.goto(f"{self.url}/jobs")

    def open(self, path: str = "/jobs") -> None:
        """Take it out again: a page of its own, as the system does with an installed app."""
        old, self.page = self.page, self.context.new_page()
        old.close()
        self.page.goto(f"{self.url}{path}")

    def lose_signal(self) -> None:
        self.context.set_offline(True)

    def find_signal(self) -> None:
        self.context.set_offline(False)

    def tap(self, says: str) -> None:
        main = self.page.locator(".next-job .act")
        expect(main).to_have_text(says)
        # two taps of a person who reads what the button says
        self.page.wait_for_timeout(max(0, READING_MS - 1000 * (time.monotonic() - self.tapped_at)))
        main.tap()
        self.tapped_at = time.monotonic()

    def add_note(self, text: str) -> None:
        self.page.locator(".next-job").get_by_text("Plus…").tap()
        self.page.fill("#more-note", text)
        self.page.get_by_role("button", name="Garder la note").tap()
        expect(self.page.locator("#sheet")).to_be_hidden()

    def sign_out(self) -> None:
        self.page.locator(".menu summary").tap()
        self.page.get_by_role("button", name="Se déconnecter").tap()

    def memory(self, store: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate(_READ, store)
        return found

    def until(self, true: Any, seconds: int = 30) -> None:
        for _ in range(seconds * 5):
            if true():
                return
            self.page.wait_for_timeout(200)
        raise AssertionError(f"not within {seconds} s: {self.memory('queue')}")

    def sends_everything(self) -> None:
        self.until(lambda: not self.memory("queue"))

    def kill(self) -> None:
        """As the system does when it is short of memory: without a word, at any moment."""
        for process in Path("/proc").glob("[0-9]*"):
            if self._is_ours(process):
                os.kill(int(process.name), signal.SIGKILL)

    def _is_ours(self, process: Path) -> bool:
        try:
            return f"--user-data-dir={self.folder}" in (process / "cmdline").read_text().split("\0")
        except OSError:
            return False


def job_of(number: str) -> Job:
    return db.session.scalars(select(Job).where(Job.id == int(number.removeprefix("INT-")) - 1000)).one()


def holder_of(app: Flask, number: str) -> str:
    """The name of the technician whose job it is."""
    with app.app_context():
        return db.session.get_one(Technician, job_of(number).technician_id).name


def states(app: Flask, number: str) -> list[str]:
    """The states the job was taken through on the phone, by its log."""
    with app.app_context():
        log = (
            select(Event)
            .where(Event.job_id == job_of(number).id, Event.kind == "job.state")
            .order_by(Event.id)
        )
        reached = [event.data["target"] for event in db.session.scalars(log)]
        return [state for state in reached if state != "dispatched"]
