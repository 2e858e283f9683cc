"""How gunicorn serves Dispatch. It is read whenever gunicorn starts in this folder."""

import gc
import signal
from threading import Thread
from types import FrameType
from typing import Any

from dispatch import live
from dispatch.config import Settings
from dispatch.routing import standing

_settings = Settings.from_environment()

bind = f"{_settings.host}:{_settings.port}"
# One process: event streams hold a thread each, and two full processes starve each other.
# More power means more of these processes, each on its own port, behind a proxy.
worker_class = "gthread"
workers = 1
threads = 1000
worker_connections = 2000
timeout = 60
graceful_timeout = 10
keepalive = 5
control_socket_disable = True  # one more door, and nothing here uses it
worker_tmp_dir = "/dev/shm"  # noqa: S108 the heartbeat must not wait for a slow disk
forwarded_allow_ips = "*" if _settings.trusted_proxies else "127.0.0.1"


def post_worker_init(worker: Any) -> None:
    """Event streams never end by themselves: a worker told to stop ends them first, then waits for the rest."""
    _freeze()
    gc.set_threshold(20_000, 20, 20)  # a request makes that many objects, and hardly a cycle among them
    Thread(target=_prepare, daemon=True).start()  # or the first to ask for candidates waits for it
    stop_accepting = worker.handle_exit

    def stop(number: int, frame: FrameType | None) -> None:
        stop_accepting(number, frame)
        live.close(worker.wsgi)

    signal.signal(signal.SIGTERM, stop)


def _prepare() -> None:
    standing.prepare()
    _freeze()


def _freeze() -> None:
    """What was loaded stays: looking through it again cost every tenth board 100 ms."""
    gc.collect()
    gc.freeze()
