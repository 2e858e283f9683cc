"""The change feed: events from the table, read by one poller per process, fanned out to its streams.

Any number of processes may serve streams on either database, because each follows the table and no
one follows another. A stream that drops comes back with the last id it saw and misses nothing.
"""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import Blueprint, Flask, Response, abort, current_app, request, session
from flask_login import current_user
from sqlalchemy import func, select

from dispatch.extensions import db, reading
from dispatch.models.audience import HEARD
from dispatch.models.event import Event
from dispatch.models.user import Session, User
from dispatch.security import any_role

POLL_SECONDS = 0.3
PING_SECONDS = 15
LONGEST_STREAM_SECONDS = 600
CATCH_UP = 500
# a stream holds a thread until its next ping, and a page that was left is noticed only then
MOST_STREAMS = 50

blueprint = Blueprint("live", __name__)


@dataclass(frozen=True, slots=True)
class News:
    """An event as far as the feed needs it."""

    id: int
    kind: str
    client_id: int | None
    territory_id: int | None
    technician_id: int | None
    job_id: int | None
    ticket_id: int | None
    actor_id: int | None

    def audible_to(self, ear: Ear) -> bool:
        if ear.is_contact and self.kind not in HEARD:
            return False
        if ear.technician_id is not None:
            return self.technician_id == ear.technician_id or self._is_at_a_counter_of(ear)
        if self.client_id is None:  # plans and runs belong to the provider
            return ear.plans
        return ear.every_client or self.client_id in ear.client_ids

    def _is_at_a_counter_of(self, ear: Ear) -> bool:
        """Whether it happened at a kiosk where a technician may work."""
        his = not ear.client_ids or self.client_id in ear.client_ids
        return self.kind == "entry.state" and his and self.territory_id == ear.territory_id

    def message(self) -> str:
        family = self.kind.partition(".")[0]
        data = {"kind": self.kind, "job": self.job_id, "ticket": self.ticket_id, "by": self.actor_id,
                "territory": self.territory_id, "technician": self.technician_id}  # fmt: skip
        return f"id: {self.id}\nevent: {family}\ndata: {json.dumps(data)}\n\n"


@dataclass(frozen=True, slots=True)
class Ear:
    """Whose stream it is and what may be heard on it."""

    every_client: bool
    client_ids: frozenset[int]
    technician_id: int | None
    plans: bool
    is_contact: bool = False
    # where a technician works
    territory_id: int | None = None

    @classmethod
    def of(cls, user: User) -> Ear:
        technician = (user.technician.id if user.technician else 0) if user.acts_alone else None
        territory = user.technician.territory_id if user.technician else None
        plans = user.role in ("dispatcher", "administrator")
        return cls(user.every_client, user.client_ids, technician, plans, not user.reads_internal, territory)


@dataclass
class Feed:
    """The poller of this process and the streams that listen to it."""

    app: Flask
    # each with the user whose stream it is
    listeners: dict[queue.Queue[News | None], int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    thread: threading.Thread | None = None
    closed: bool = False

    def listen(self, user_id: int) -> queue.Queue[News | None] | None:
        """Whatever is written from here on comes out of the queue; what was before is in the table.

        None: the user has as many streams as one may have. Of a closed feed: a queue that nobody fills, whose
        stream says when to come back and ends.
        """
        ear: queue.Queue[News | None] = queue.Queue(maxsize=2000)
        with self.lock:
            if self.closed:
                return ear
            if list(self.listeners.values()).count(user_id) >= MOST_STREAMS:
                return None
            self.listeners[ear] = user_id
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(target=self._poll, args=(cursor(),), daemon=True, name="feed")
                self.thread.start()
        return ear

    def leave(self, ear: queue.Queue[News | None]) -> None:
        with self.lock:
            self.listeners.pop(ear, None)

    def close(self) -> None:
        """End all streams of this process, and each that begins from now on; the browsers come back to another
        one or to the next. Some come back to this one first, on a connection that is still open: a stream that
        went on there would have the server wait for it as long as it waits for anything.
        """
        with self.lock:
            self.closed = True
        for ear in list(self.listeners):
            self.leave(ear)
            with contextlib.suppress(queue.Full):
                ear.put_nowait(None)

    def _poll(self, seen: int) -> None:
        pause = threading.Event()
        while self._is_heard():
            try:
                with self.app.app_context(), reading():
                    for news in after(seen):
                        seen = news.id
                        self._tell(news)
            except Exception:
                logging.getLogger(__name__).exception("the feed could not be read; trying again")
            pause.wait(POLL_SECONDS)

    def _is_heard(self) -> bool:
        """Whether anybody listens; if not, the next listener finds no thread and starts another one."""
        with self.lock:
            if not self.listeners:
                self.thread = None
            return bool(self.listeners)

    def _tell(self, news: News) -> None:
        for ear in list(self.listeners):
            try:
                ear.put_nowait(news)
            except queue.Full:
                self.leave(ear)  # its stream ends, and the browser comes back with its last id


def cursor() -> int:
    """The id of the newest event: where a page that is rendered now begins to listen."""
    return db.session.scalar(select(func.max(Event.id))) or 0


def after(event_id: int, limit: int = CATCH_UP) -> list[News]:
    columns = (Event.id, Event.kind, Event.client_id, Event.territory_id, Event.technician_id,
               Event.job_id, Event.ticket_id, Event.actor_id)  # fmt: skip
    rows = db.session.execute(select(*columns).where(Event.id > event_id).order_by(Event.id).limit(limit))
    return [News(*row) for row in rows]


@blueprint.get("/live")
@any_role
def stream() -> Response:
    """Server-sent events of everything the user may hear of, from `Last-Event-ID` or `after` on."""
    begin = request.headers.get("Last-Event-ID") or request.args.get("after", "")
    begin_at = int(begin) if begin.isascii() and begin.isdigit() and len(begin) < 16 else cursor()
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    feed = _feed(app)
    listener = feed.listen(current_user.id)
    if listener is None:
        abort(429)
    messages = _messages(app, session.get("sid", ""), Ear.of(current_user), begin_at, listener)
    db.session.remove()
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    answer = Response(messages, mimetype="text/event-stream", headers=headers)
    answer.call_on_close(lambda: feed.leave(listener))  # also when nobody has begun to read
    return answer


def close(app: Flask) -> None:
    """End the streams of this process, for a server that stops."""
    _feed(app).close()


def _feed(app: Flask) -> Feed:
    feed: Feed = app.extensions.setdefault("feed", Feed(app))
    return feed


def _messages(app: Flask, sid: str, ear: Ear, seen: int, listener: queue.Queue[News | None]) -> Iterator[str]:
    """Catch up from the table, then follow; rights are looked up again with every ping."""
    feed = _feed(app)
    try:
        yield "retry: 1500\n\n"
        for _round in range(LONGEST_STREAM_SECONDS // PING_SECONDS):
            fresh = _still_allowed(app, sid)
            if fresh is None or listener not in feed.listeners:
                return
            ear = fresh
            for news in _missed(app, seen):
                seen = news.id
                if news.audible_to(ear):
                    yield news.message()
            for news in _heard(listener, seen):
                seen = news.id
                if news.audible_to(ear):
                    yield news.message()
            yield ": ping\n\n"
    finally:
        feed.leave(listener)


def _missed(app: Flask, seen: int) -> Iterator[News]:
    """Everything since then, a batch at a time: who was away for long must not lose the middle."""
    while True:
        with app.app_context(), reading():
            batch = after(seen)
        yield from batch
        if len(batch) < CATCH_UP:
            return
        seen = batch[-1].id


def _heard(listener: queue.Queue[News | None], seen: int) -> Iterator[News]:
    """News of the next seconds, without those that were caught up already; None ends them."""
    until = time.monotonic() + PING_SECONDS
    while (left := until - time.monotonic()) > 0:
        try:
            news = listener.get(timeout=left)
        except queue.Empty:
            return
        if news is None:
            return
        if news.id > seen:
            seen = news.id
            yield news


def _still_allowed(app: Flask, sid: str) -> Ear | None:
    with app.app_context(), reading():
        opened = Session.of(sid)
        return Ear.of(opened.user) if opened else None
