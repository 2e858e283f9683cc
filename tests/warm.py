"""A process that has imported and made what servers import and make, and forks them: `python -m tests.warm`.

Web server and worker import and look through all they have for three seconds each, and the tests start hundreds. Each
is asked for as one line of JSON on the standard input and answered with its pid; it reads its settings and makes its
application after the fork, as if it had been started by itself, in a group and with a log of its own. Nothing here has
opened a database or a socket before a fork.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOADED_BY_NAME = ("gunicorn.app.wsgiapp", "gunicorn.workers.gthread", "huey.consumer", "psycopg")


class Forked:
    """A server that was forked: as much of subprocess.Popen as the tests use. Its exit status is not known."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        try:
            self._handle: int | None = os.pidfd_open(pid)
        except ProcessLookupError:
            self._handle = None

    def poll(self) -> int | None:
        return 0 if self._ended(0) else None

    def wait(self, timeout: float | None = None) -> int:
        if not self._ended(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return 0

    def terminate(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)

    def _ended(self, timeout: float | None) -> bool:
        return self._handle is None or bool(select.select([self._handle], [], [], timeout)[0])

    def __del__(self) -> None:
        if self._handle is not None:
            os.close(self._handle)


class Warm:
    """The process that forks, started on first use and ended with its standard input."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def start(self, command: list[str], environment: Mapping[str, str], log: Path) -> Forked:
        """`command` is that of `python -m module …`; what it says goes to the end of `log`."""
        if self._process is None:
            self._process = subprocess.Popen([sys.executable, "-m", "tests.warm"], cwd=ROOT, text=True,
                                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
        assert self._process.stdin is not None and self._process.stdout is not None
        asked = {
            "module": command[2],
            "arguments": command[3:],
            "environment": dict(environment),
            "log": str(log),
        }
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return Forked(int(self._process.stdout.readline()))


def main() -> None:
    from tests.compiled import share_templates

    _warm_up()
    share_templates()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who has ended is gone at once
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _become(json.loads(line))
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _warm_up() -> None:
    """What takes a server longest before it answers, done once for all: modules that the parts of an application load
    when they are first made, the tables' relationships, the search's compiled code.
    """
    from sqlalchemy.orm import configure_mappers

    from dispatch.app import create_app
    from dispatch.config import Settings
    from dispatch.routing import standing

    for module in LOADED_BY_NAME:
        importlib.import_module(module)
    with tempfile.TemporaryDirectory() as folder:
        create_app(Settings(instance_path=folder, secret_key="of nobody"))
    configure_mappers()
    standing.prepare()
    gc.collect()
    gc.freeze()  # or each of the forked would copy it to look through it


def _become(asked: dict[str, object]) -> None:
    """The server asked for; does not return."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.environ.clear()
        os.environ.update(asked["environment"])  # type: ignore[call-overload]  # it was JSON
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        log = os.open(str(asked["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        sys.argv = [str(asked["module"]), *asked["arguments"]]  # type: ignore[misc]  # as above
        runpy.run_module(str(asked["module"]), run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
