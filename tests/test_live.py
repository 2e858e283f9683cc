"""The feed loses nothing: whatever the order of commits, and however long a screen was away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from dispatch import live
from dispatch.extensions import db, reading
from dispatch.models.event import record
from tests.people import Cast, assemble, signed_in


@pytest.fixture
def cast(session_on_both: Any) -> Iterator[Cast]:
    yield assemble()
    db.session.rollback()
    db.engine.dispose()


def happen(*kinds: str) -> None:
    for kind in kinds:
        record(kind)
    db.session.commit()


def ids_of(stream: Iterator[Any], until: str) -> list[int]:
    """The ids of a stream, up to the first event of this kind."""
    found = []
    for message in stream:
        text = message if isinstance(message, str) else message.decode()
        if text.startswith("id: "):
            found.append(int(text[4:].partition("\n")[0]))
        if until in text:
            return found
    raise AssertionError("the stream has ended")


def test_a_slow_transaction_is_not_overtaken(app_on_both: Flask, cast: Cast) -> None:
    """Its events are written first and visible last; who has read the later ones must not have missed them."""
    written, seen = threading.Event(), []

    def slow(session: Session) -> None:
        if session.info.pop("slow", False):
            session.flush()
            written.set()
            threading.Event().wait(0.5)

    def act(kind: str, is_slow: bool) -> None:
        with app_on_both.app_context():
            db.session().info["slow"] = is_slow
            happen(kind)

    def read(stop: threading.Event) -> None:
        with app_on_both.app_context(), reading():
            while not stop.is_set():
                seen.extend(news.id for news in live.after(seen[-1] if seen else 0))
                db.session.rollback()
                stop.wait(0.02)

    happen("plan.first")
    event.listen(Session, "before_commit", slow)
    try:
        stop = threading.Event()
        threads = [
            threading.Thread(target=act, args=("plan.slow", True)),
            threading.Thread(target=lambda: (written.wait(5), act("plan.quick", False))),
            threading.Thread(target=read, args=(stop,)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads[:2]:
            thread.join()
        threading.Event().wait(0.1)
        stop.set()
        threads[2].join()
    finally:
        event.remove(Session, "before_commit", slow)
    with reading():
        assert seen == [news.id for news in live.after(0)]
        assert len(seen) == 3


def test_a_screen_that_was_away_for_long_catches_up_with_everything(
    app_on_both: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CATCH_UP", 3)
    monkeypatch.setattr(live.after, "__defaults__", (3,))
    browser = signed_in(app_on_both, cast.diane)
    first = live.cursor()
    happen(*[f"plan.changed{number}" for number in range(10)], "plan.last")
    answer = browser.get("/live", headers={"Last-Event-ID": str(first)}, buffered=False)
    assert ids_of(answer.response, "plan.last") == list(range(first + 1, first + 12))
    answer.close()


def test_what_happens_while_somebody_listens_arrives_once_and_in_order(
    app_on_both: Flask, cast: Cast
) -> None:
    browser = signed_in(app_on_both, cast.diane)
    first = live.cursor()
    db.session.rollback()
    answer = browser.get(f"/live?after={first}", buffered=False)
    threading.Timer(0.5, lambda: with_app(app_on_both, "plan.one", "plan.two")).start()
    assert ids_of(answer.response, "plan.two") == [first + 1, first + 2]
    answer.close()


def with_app(app: Flask, *kinds: str) -> None:
    with app.app_context():
        happen(*kinds)
