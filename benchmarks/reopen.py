"""How soon a technician sees his next job without signal: `python -m benchmarks.reopen`.

A day of six jobs and one of two, a real server and worker on SQLite, Chromium as a phone of 390 × 844. He signs in once, the
signal goes, and the list is opened again and again: in a page of its own (the app was in the background), and in a
browser that was ended and started anew. Measured in the page, from the address to the frame in which the next job's
button is there. What the system needs to start a browser is not in it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from benchmarks.machine import machine
from dispatch.app import create_app
from dispatch.clock import now
from dispatch.config import Settings
from dispatch.extensions import db
from tests import factories as make
from tests.browser.phones import Phone
from tests.browsers import ARGUMENTS, CHROMIUM
from tests.people import PASSWORD
from tests.servers import LiveServer, flask

WANTED = 1000  # milliseconds
THERE = """() => new Promise((done) => {
  const look = () => document.querySelector(".next-job .act") ? requestAnimationFrame(() => done(performance.now())) : requestAnimationFrame(look);
  look();
})"""


def main() -> int:
    """Prints the machine and the table; 1 when the slowest one takes a second or more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=15)
    options = parser.parse_args()
    print(machine(), f"load {os.getloadavg()[0]:.1f}", sep=", ")
    print("{:<32} {:>8} {:>8} {:>8}".format("", "p50 ms", "max ms", "wanted"))
    with tempfile.TemporaryDirectory(prefix="dispatch-reopen-") as name, sync_playwright() as playwright:
        folder = Path(name)
        server = LiveServer(f"sqlite:///{folder / 'dispatch.db'}", folder)
        flask("db", "upgrade", environment=server.environment)
        fill(server)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            server.start()
            phone = Phone(browser, server, folder / "phone")
            phone.sign_in("Tariq")
            phone.lose_signal()
            kept = [told("in a page of its own", lambda: again(phone), options.times),
                    told("in a browser started anew", lambda: anew(phone), options.times)]  # fmt: skip
            phone.context.close()
        finally:
            browser.close()
            server.stop()
    return 0 if all(kept) else 1


def fill(server: LiveServer) -> None:
    """Tariq with six jobs today and two tomorrow, at any hour of the day."""
    app = create_app(Settings.from_environment(server.environment))
    today = now().astimezone(make.ZONE).date()
    with app.app_context():
        tariq = make.technician("Tariq", day=today)
        tariq.user.set_password(PASSWORD)
        for number in range(8):
            day = today + timedelta(days=number // 6)
            make.job(f"Poste {number} ne démarre plus", technician=tariq, start=make.at(f"{9 + number:02}:00", day),
                     state="dispatched")  # fmt: skip
        db.session.commit()


def again(phone: Phone) -> Page:
    phone.open()
    return phone.page


def anew(phone: Phone) -> Page:
    phone.context.close()
    phone.start()
    phone.lose_signal()
    phone.page.goto(f"{phone.url}/jobs", wait_until="commit")
    return phone.page


def told(what: str, opened: Callable[[], Page], times: int) -> bool:
    taken = [opened().evaluate(THERE) for _ in range(times)]
    print(f"{what:<32} {median(taken):>8.0f} {max(taken):>8.0f} {f'< {WANTED}':>8}", flush=True)
    return max(taken) < WANTED


if __name__ == "__main__":
    sys.exit(main())
