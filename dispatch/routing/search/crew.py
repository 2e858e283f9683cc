"""Several searches side by side, in processes of their own when there may be more than one.

A child is a fork: it has the tables without a copy. It sends what it finds through a pipe, at most twice a second,
and ends with its parent. When one dies, what it sent before stands and its other tasks are left undone.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from dispatch.routing.limits import Clock
from dispatch.routing.search.facts import Facts
from dispatch.routing.search.tasks import News, Task, searched

PATIENCE = 0.05
"""Seconds between two looks at the clock and at `stop`."""

SELDOM = 0.5
"""Seconds between two messages of one task."""

LEAD = 0.1
"""Seconds before the end at which children stop, so that their last words are heard."""

log = logging.getLogger(__name__)

_fork = multiprocessing.get_context("fork")


def news_of(
    facts: Facts, tasks: Sequence[Task], clock: Clock, until: float | None, processes: int
) -> Iterator[News]:
    """What the tasks find until that monotonic second (None: to their last move), or until the clock stops.

    Repeatable without a second: then every task ends with its last news, whatever the number of processes.
    """
    most = min(processes, len(tasks))
    if most < 2:
        yield from _in_turn(facts, list(enumerate(tasks)), clock, until)
    else:
        yield from _side_by_side(facts, tasks, clock, until, most)


def _in_turn(
    facts: Facts, tasks: Sequence[tuple[int, Task]], clock: Clock, until: float | None
) -> Iterator[News]:
    """One after the other, each with an equal share of the time that is left."""
    for done, (number, task) in enumerate(tasks):
        now = time.monotonic()
        end = None if until is None else now + (until - now) / (len(tasks) - done)
        yield from searched(facts, number, task, end, clock.stop)


def _side_by_side(
    facts: Facts, tasks: Sequence[Task], clock: Clock, until: float | None, processes: int
) -> Iterator[News]:
    children: dict[Connection, BaseProcess] = {}
    end = None if until is None else until - LEAD
    try:
        for first in range(processes):
            own = list(enumerate(tasks))[first::processes]
            child, receiver = _child(facts, own, clock, end)
            children[receiver] = child
        while children and not clock.stop() and (until is None or time.monotonic() < until):
            ready = wait(list(children), PATIENCE)
            for receiver in [one for one in list(children) if one in ready]:
                try:
                    yield receiver.recv()
                except (EOFError, OSError):  # OSError: it died in the middle of a message
                    _buried(receiver, children.pop(receiver))
    finally:
        for receiver, child in children.items():
            child.kill()
            child.join()
            receiver.close()


def _child(
    facts: Facts, tasks: Sequence[tuple[int, Task]], clock: Clock, until: float | None
) -> tuple[BaseProcess, Connection]:
    receiver, sender = _fork.Pipe(duplex=False)
    child = _fork.Process(target=_serve, args=(facts, tasks, clock, until, sender), daemon=True)
    child.start()
    sender.close()
    return child, receiver


def _buried(receiver: Connection, child: BaseProcess) -> None:
    receiver.close()
    child.join()
    if child.exitcode:
        log.warning("a search died (exit code %s); what it had found stands", child.exitcode)


def _serve(
    facts: Facts, tasks: Sequence[tuple[int, Task]], clock: Clock, until: float | None, sender: Connection
) -> None:
    """The child. Ctrl-C reaches the whole group, and the parent alone answers it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = os.getppid()
    orphaned = Clock(clock.limits, lambda: os.getppid() != parent, clock.began)
    said = 0.0
    for news in _in_turn(facts, tasks, orphaned, until):
        if news.last or time.monotonic() - said >= SELDOM:
            try:
                sender.send(news)
            except OSError:
                os._exit(1)  # nobody is listening any more
            said = time.monotonic()
