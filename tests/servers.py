"""The real servers behind the tests: PostgreSQL, the web server with its worker."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from dispatch.run import wait_until_ready, web_command, worker_command
from tests.compiled import FOLDER, folder_of_run, share_routes, share_templates
from tests.warm import Forked, Warm

ROOT = Path(__file__).parent.parent
POSTGRES_SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300")
_numbers = itertools.count(1)
_warm = Warm()


def pytest_configure(config: pytest.Config) -> None:
    """One folder for the whole run; the processes of pytest-xdist inherit it."""
    if _leads(config):
        folder = Path(tempfile.mkdtemp(prefix="dispatch-tests-"))
        folder.chmod(0o711)  # PostgreSQL runs as another user and has to get through
        os.environ[FOLDER] = str(folder)
    share_templates()
    share_routes()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _leads(config):
        if (folder_of_run() / "postgres" / "postmaster.pid").exists():
            _pg_ctl("stop", "--mode", "immediate")
        shutil.rmtree(folder_of_run(), ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> str:
    """Address of the PostgreSQL server of this run, without a database; started on first use."""
    with alone("postgres"):
        port = folder_of_run() / "postgres-port"
        if not port.exists():
            port.write_text(str(_start_postgres()))
    return f"postgresql+psycopg://postgres@127.0.0.1:{port.read_text()}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a migrated, empty database of the test's own: once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        yield sqlite_database(tmp_path)
    else:
        with postgresql_database(request.getfixturevalue("postgres")) as url:
            yield url


def sqlite_database(folder: Path) -> str:
    """A migrated, empty SQLite database in `folder`."""
    with alone("sqlite"):
        original = folder_of_run() / "migrated.db"
        if not original.exists():
            migrate(f"sqlite:///{original}.draft")
            original.with_name("migrated.db.draft").rename(original)
    copy = folder / "dispatch.db"
    shutil.copy(original, copy)
    return f"sqlite:///{copy}"


@contextlib.contextmanager
def postgresql_database(server: str, migrated: bool = True) -> Iterator[str]:
    """A PostgreSQL database, migrated and empty or wholly bare, dropped at the end of the block."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    if migrated:
        with alone("postgres-template"):
            done = folder_of_run() / "postgres-template"
            if not done.exists():
                _administer(server, "DROP DATABASE IF EXISTS migrated")  # a migration that failed left it
                _administer(server, "CREATE DATABASE migrated")
                migrate(f"{server}/migrated")
                done.touch()
            _administer(server, f"CREATE DATABASE {name} TEMPLATE migrated")
    else:
        _administer(server, f"CREATE DATABASE {name}")
    yield f"{server}/{name}"
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def migrate(database: str) -> None:
    instance = str(folder_of_run() / "instance")
    flask("db", "upgrade", environment={"DATABASE_URL": database, "INSTANCE_PATH": instance})


def flask(*arguments: str, environment: Mapping[str, str]) -> str:
    """Run one command of the product; its output, or the test fails with it."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.fail(f"flask {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


@dataclass
class LiveServer:
    """Web server and worker as they run in production, on free ports, with a folder of their own."""

    database: str
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    web: Forked | None = None
    worker: Forked | None = None

    def __post_init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ, "DATABASE_URL": self.database, "INSTANCE_PATH": str(self.folder),
            "HOST": "127.0.0.1", "PORT": str(self.port), "LOG_LEVEL": "INFO", **self.settings,
        }  # fmt: skip

    def start(self) -> None:
        self.start_worker()
        self.start_web()

    def start_web(self) -> None:
        self.web = self._start("web", web_command())
        web = self.web
        if not wait_until_ready(self.url, seconds=60, alive=lambda: web.poll() is None):
            pytest.fail(f"The server does not answer at {self.url}/readyz\n{self.log()}")

    def start_worker(self, processes: int = 1) -> None:
        self.worker = self._start("worker", worker_command(processes))

    def kill_worker(self) -> None:
        """SIGKILL the worker and everything it started, as a machine that loses power would."""
        _end(self.worker, signal.SIGKILL)

    def kill_web(self) -> None:
        _end(self.web, signal.SIGKILL)

    def stop(self) -> None:
        _end(self.web, signal.SIGTERM)
        _end(self.worker, signal.SIGTERM)

    def flask(self, *arguments: str) -> str:
        return flask(*arguments, environment=self.environment)

    def log(self) -> str:
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def _start(self, name: str, command: list[str]) -> Forked:
        self.folder.mkdir(parents=True, exist_ok=True)
        return _warm.start(command, self.environment, self.folder / f"{name}.log")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    """Web server and worker on an empty SQLite database."""
    running = LiveServer(sqlite_database(tmp_path), tmp_path / "instance")
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
def live_server(database: str, tmp_path: Path) -> Iterator[LiveServer]:
    server = LiveServer(database, tmp_path / "instance")
    try:
        server.start()
        yield server
    finally:
        server.stop()


def _end(process: Forked | None, how: signal.Signals) -> None:
    """End a process of its own group and all it started, kindly first unless told otherwise."""
    if process is None:
        return
    if how is signal.SIGTERM and process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _leads(config: pytest.Config) -> bool:
    return not hasattr(config, "workerinput")


@contextlib.contextmanager
def alone(what: str) -> Iterator[None]:
    """One process of the run at a time."""
    with (folder_of_run() / f"{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start_postgres() -> int:
    data = folder_of_run() / "postgres"
    data.mkdir()
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(data, owner.pw_uid, owner.pw_gid)
    _postgres("initdb", "--pgdata", str(data), "--username", "postgres", "--auth", "trust",
              "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync")  # fmt: skip
    port = free_port()
    settings = " ".join(f"-c {setting}" for setting in POSTGRES_SETTINGS)
    _pg_ctl("start", "--wait", "--log", str(data / "log"), "--options",
            f"-p {port} -h 127.0.0.1 -k {data} {settings}")  # fmt: skip
    return port


def _pg_ctl(*arguments: str) -> None:
    _postgres("pg_ctl", "--silent", "--pgdata", str(folder_of_run() / "postgres"), *arguments)


def _postgres(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; they refuse root, so root becomes the user postgres."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda p: int(p.parts[4]))
    if not found:
        pytest.fail("PostgreSQL is not installed: run scripts/system-packages")
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*as_postgres, str(found[-1]), *arguments], cwd="/", stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, check=True)  # fmt: skip


def _administer(server: str, statement: str) -> None:
    address = server.replace("+psycopg", "") + "/postgres"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement.encode())
