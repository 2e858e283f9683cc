"""`make run`: one command, both processes, and a clean end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatch.config import Settings
from dispatch.run import Child, main, wait_until_ready, worker_command
from tests.servers import ROOT, free_port


@pytest.fixture
def no_signals(monkeypatch):
    monkeypatch.setattr(signal, "signal", lambda *_: None)


def test_a_port_in_use_is_said_in_one_sentence(monkeypatch, capsys, no_signals):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        assert main() == 1
    assert "Choose another port: PORT=8001 make run" in capsys.readouterr().err


def test_a_setting_that_cannot_be_read_is_named(monkeypatch, no_signals, capsys):
    settings = staticmethod(lambda: Settings.from_environment({"PORT": "eight thousand"}))
    monkeypatch.setattr("dispatch.run.Settings", type("Broken", (), {"from_environment": settings}))
    assert main() == 1
    assert "PORT must be a whole number, not 'eight thousand'" in capsys.readouterr().err


def test_as_many_workers_are_started_as_the_setting_says():
    settings = Settings.from_environment({"WORKER_PROCESSES": "3"})
    command = worker_command(settings.worker_processes)
    assert command[command.index("-w") + 1] == "3"


def test_a_child_that_died_is_started_again():
    with _child("import time; time.sleep(600)") as child:
        first = child.process
        first.kill()
        first.wait()
        child.keep_alive()
        assert child.alive()
        assert child.process is not first


def test_a_child_that_lives_is_left_alone():
    with _child("import time; time.sleep(600)") as child:
        first = child.process
        child.keep_alive()
        assert child.process is first


def test_a_child_that_keeps_dying_is_given_ever_longer_pauses(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("dispatch.run.time.monotonic", lambda: clock[0])
    pauses = []
    with _child("raise SystemExit(1)") as child:
        for _ in range(7):
            child.process.wait()
            clock[0] += child.pause
            child.keep_alive()
            pauses.append(child.pause)
    assert pauses == [1, 3, 7, 15, 30, 30, 30]


def test_a_child_that_died_lately_is_not_started_before_its_pause_is_over(monkeypatch):
    monkeypatch.setattr("dispatch.run.time.monotonic", lambda: 100.0)
    with _child("raise SystemExit(1)") as child:
        child.process.wait()
        child.pause = 7
        dead = child.process
        child.keep_alive()
        assert child.process is dead


def test_waiting_for_a_server_that_is_dead_ends_at_once():
    assert not wait_until_ready("http://127.0.0.1:9", seconds=600, alive=lambda: False)


def test_make_run_serves_the_demo_replaces_a_killed_worker_and_stops_both(tmp_path):
    port = free_port()
    with _running(tmp_path, port) as (supervisor, lines):
        said = lines.until("Ctrl-C stops it")
        assert f"http://127.0.0.1:{port}" in said
        assert "dispatcher" in lines.until("technician")
        web, worker, *_ = _children(supervisor.pid)  # and for a while what compiles the search
        forked = _when_there_are(2, worker)
        os.kill(worker, signal.SIGKILL)
        lines.until("The worker stopped; starting it again.")
        _when_gone(forked)
        supervisor.terminate()
        assert supervisor.wait(60) == 0
        assert not Path(f"/proc/{web}").exists()
        assert not wait_until_ready(f"http://127.0.0.1:{port}", seconds=1, alive=lambda: True)


@contextlib.contextmanager
def _child(code: str) -> Iterator[Child]:
    child = Child("worker", [sys.executable, "-c", code])
    child.start()
    yield child
    child.process.kill()
    child.process.wait()


class Lines:
    """What a process says, read as it comes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []

    def until(self, words: str) -> str:
        watchdog = threading.Timer(120, self.process.kill)
        watchdog.start()
        for line in self.process.stdout:
            self.said.append(line)
            if words in line:
                watchdog.cancel()
                return "".join(self.said)
        pytest.fail(f"never said {words!r}:\n{''.join(self.said)}")


@contextlib.contextmanager
def _running(folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], Lines]]:
    environment = {
        **os.environ,
        "INSTANCE_PATH": str(folder / "instance"),
        "PORT": str(port),
        "DATABASE_URL": "",
        "DEMO": "1",
    }
    process = subprocess.Popen([sys.executable, "-m", "dispatch.run"], cwd=ROOT, env=environment, text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
    try:
        yield process, Lines(process)
    finally:
        process.kill()
        process.wait()


def _when_there_are(count: int, pid: int) -> list[int]:
    """The children of a process, once it has made so many."""
    for _ in range(600):
        if len(found := _children(pid)) >= count:
            return found
        time.sleep(0.1)
    pytest.fail(f"process {pid} has only {found}")


def _when_gone(pids: list[int]) -> None:
    for _ in range(600):
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return
        time.sleep(0.1)
    pytest.fail(f"{pids} outlive the process that made them")


def _children(pid: int) -> list[int]:
    """The web server and the worker, in the order they were started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
