"""Behind `make run`: prepare the database, then keep web server and worker running side by side."""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from dispatch.config import Settings

SECONDS_TO_STOP = 20
SECONDS_TO_START = 60
LONGEST_PAUSE = 30
PR_SET_PDEATHSIG = 1


def main() -> int:
    """Run until Ctrl-C or SIGTERM; the exit status for the shell."""
    try:
        settings = Settings.from_environment()
        _require_free(settings.host, settings.port)
        _prepare(settings)
    except (OSError, ValueError, subprocess.CalledProcessError) as problem:
        print(_advice(problem), file=sys.stderr)
        return 1
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return supervise(settings, stop)


def supervise(settings: Settings, stop: threading.Event) -> int:
    """Start both processes, announce the address, restart what dies, end both when `stop` is set."""
    children = [
        Child("web server", web_command()),
        Child("worker", worker_command(settings.worker_processes)),
    ]
    try:
        for child in children:
            child.start()
        url = f"http://{settings.host}:{settings.port}"
        if not wait_until_ready(url, SECONDS_TO_START, lambda: children[0].alive() and not stop.is_set()):
            return 0 if stop.is_set() else 1
        _announce(url, settings)
        compiling = _compile_the_search()
        while not stop.wait(0.5):
            compiling.poll()  # takes leave of it when it has ended
            for child in children:
                child.keep_alive()
        return 0
    finally:
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.wait()


def web_command() -> list[str]:
    """Address and threads come from gunicorn.conf.py."""
    return [sys.executable, "-m", "gunicorn", "wsgi:app"]


def worker_command(workers: int = 1) -> list[str]:
    """So many processes under one; each takes a plan run at a time."""
    consumer = [sys.executable, "-m", "huey.bin.huey_consumer", "dispatch.worker.queue"]
    return [*consumer, "-k", "process", "-w", str(workers), "--quiet"]


def _compile_the_search() -> subprocess.Popen[bytes]:
    """The first plan need not wait for it; a plan asked for meanwhile compiles for itself."""
    return subprocess.Popen(["nice", sys.executable, "-m", "dispatch.routing", "prepare"], process_group=0,
                     stderr=subprocess.DEVNULL, preexec_fn=end_with_parent)  # noqa: PLW1509 the supervisor has one thread  # fmt: skip


def wait_until_ready(url: str, seconds: float, alive: Callable[[], bool]) -> bool:
    """Whether `url`/readyz answers 200 within `seconds`; gives up at once when `alive()` is false."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and alive():
        if _ready(url):
            return True
        time.sleep(0.3)
    return False


@dataclass
class Child:
    """One supervised process; it is ended by the system should the supervisor itself be killed."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    pause: float = field(default=0, init=False)
    started: float = field(default=0, init=False)

    def start(self) -> None:
        self.started = time.monotonic()
        # A group of its own, so that Ctrl-C reaches the supervisor alone and both stop in good order.
        self.process = subprocess.Popen(
            self.command,
            process_group=0,
            preexec_fn=end_with_parent,  # noqa: PLW1509 the supervisor has one thread
        )

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def keep_alive(self) -> None:
        """Start it again when it died, each time a little later while it keeps dying early."""
        age = time.monotonic() - self.started
        if self.alive():
            self.pause = 0 if age > LONGEST_PAUSE else self.pause
        elif age >= self.pause:
            self.pause = min(LONGEST_PAUSE, 2 * self.pause + 1)
            print(f"The {self.name} stopped; starting it again.", file=sys.stderr, flush=True)
            self.start()

    def ask_to_stop(self) -> None:
        if self.process is not None and self.alive():
            self.process.terminate()

    def wait(self) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _require_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def _prepare(settings: Settings) -> None:
    """Bring the tables up to date and, for a demo, fill an empty database."""
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    subprocess.run([*flask, "db", "upgrade"], check=True)
    if settings.demo:
        subprocess.run([*flask, "demo", "--if-empty"], check=True)


def _advice(problem: Exception) -> str:
    if isinstance(problem, subprocess.CalledProcessError):
        return f"Dispatch cannot start: `flask {' '.join(problem.cmd[5:])}` failed, see above."
    if isinstance(problem, OSError):
        return f"Dispatch cannot listen there ({problem.strerror}). Choose another port: PORT=8001 make run"
    return f"Dispatch cannot start: {problem}"


def _announce(url: str, settings: Settings) -> None:
    print(f"\nDispatch answers at {url}   (Ctrl-C stops it)\n")
    accounts = settings.instance / "demo-accounts.json"
    if settings.demo and accounts.exists():
        print("Demo accounts, all fictional:\n")
        for account in json.loads(accounts.read_text()):
            print(f"  {account['role']:<15} {account['email']:<40} {account['password']}")
    print(flush=True)


def _ready(url: str) -> bool:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    return False


def end_with_parent(number: int = signal.SIGTERM) -> None:
    """Has the system send this process a signal when the one that made it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


if __name__ == "__main__":
    sys.exit(main())
