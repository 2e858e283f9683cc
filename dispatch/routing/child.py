"""A search of OR-Tools in a process of its own.

OR-Tools holds the interpreter until its search ends, overruns its time limit and may run out of memory.
In a child it can be left at the deadline, and its death costs nothing but the search: what it sent before stands.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import resource
import signal
from collections.abc import Iterator
from multiprocessing.connection import Connection

from dispatch.routing import ortools_model
from dispatch.routing.limits import Clock
from dispatch.routing.ortools_visits import Search, Sequences

MEMORY = 1_500_000_000
"""Bytes of data a search may take; beyond, the child dies and the plan found before it stands."""

PATIENCE = 0.05
"""Seconds between two looks at the clock and at `stop`."""

log = logging.getLogger(__name__)

_fork = multiprocessing.get_context("fork")


def plans(search: Search, clock: Clock, reserve: float) -> Iterator[Sequences]:
    """Better and better routes until the search ends or dies, all but `reserve` seconds are spent, or `stop`.

    Without a limit of seconds every plan is yielded, so that the answer is repeatable; else only the newest.
    """
    receiver, sender = _fork.Pipe(duplex=False)
    process = _fork.Process(target=_serve, args=(search, sender), daemon=True)
    process.start()
    sender.close()
    try:
        while not clock.over(reserve):
            if receiver.poll(PATIENCE):
                yield _receive(receiver, newest=clock.limits.seconds is not None)
    except (EOFError, OSError):  # OSError: it died in the middle of a message
        process.join()
        if process.exitcode:
            log.warning(
                "a search of OR-Tools died (exit code %s); the plan found before it stands", process.exitcode
            )
    finally:
        process.kill()
        process.join()
        receiver.close()


def _receive(receiver: Connection, newest: bool) -> Sequences:
    routes: Sequences = receiver.recv()
    with contextlib.suppress(EOFError, OSError):
        while newest and receiver.poll():
            routes = receiver.recv()
    return routes


def _serve(search: Search, sender: Connection) -> None:
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_DFL)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    ortools_model.run(search, lambda routes: _send(sender, routes))


def _send(sender: Connection, routes: Sequences) -> None:
    try:
        sender.send(routes)
    except OSError:
        os._exit(1)  # nobody is listening any more, and an exception would be lost inside OR-Tools
