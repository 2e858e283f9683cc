"""The background tasks and the whole schedule.

The queue only wakes workers up: what is to be done, and how far it got, is in the tables. A message
lost with a killed worker is found again by `retake`, which every worker runs every few seconds.
"""

from __future__ import annotations

import itertools
import logging
import os
import platform
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask, current_app
from huey import PostgresHuey, SqliteHuey
from huey.api import Huey
from sqlalchemy import delete

from dispatch import uploads
from dispatch.config import Settings
from dispatch.extensions import db, reading
from dispatch.models import queue as queues
from dispatch.models import ticket_ending
from dispatch.models.client import Client
from dispatch.models.idempotency import Receipt
from dispatch.models.plan import PlanRun
from dispatch.models.plan_change import PlanChange
from dispatch.models.push import PushNotice
from dispatch.models.put_off import PutOff
from dispatch.models.sign_in import KnownPlace, SignInFailure
from dispatch.models.user import Session
from dispatch.models.worker import Worker
from dispatch.origin import set_origin
from dispatch.planning import durations, rollover, run, survey, windows
from dispatch.proof import deposits, letters, writing
from dispatch.push import gather, send
from dispatch.push.door import Answer
from dispatch.push.send import Message

BEAT_SECONDS = 3
TELL_SECONDS = 2
TIDY_BEATS = 1200  # about an hour
STREET_BEATS = 20  # about a minute
STREET_SECONDS = 10  # then plan runs come first


def init_app(app: Flask) -> None:
    """Bind a queue to the application and register every task on it."""
    queue = app.extensions["queue"] = _open(app.config["SETTINGS"])
    app.extensions["tasks"] = {
        task.__name__: queue.task()(_inside(app, task))
        for task in (solve, learn_durations, ask_streets, write_reports)
    }
    queue.on_startup("beat")(lambda: _start_beating(app))


def solve(run_id: int) -> None:
    settings = current_app.config["SETTINGS"]
    run.execute(run_id, worker_name(), settings.solver_memory_mb, settings.solver_processes)


def ask_streets(territory_id: int) -> None:
    """A slice of what the street router was not asked yet; the next beats see what is left."""
    for _ in survey.survey(territory_id, STREET_SECONDS):
        db.session.commit()


def retake() -> None:
    for run_id in run.abandoned():
        enqueue("solve", run_id)


def end_days() -> None:
    """Days that have ended since the last look, territory by territory."""
    for territory_id in rollover.due():
        rollover.roll_over(territory_id)
        db.session.commit()


def begin_windows() -> None:
    """Follow-ups whose window has begun since the last look."""
    for job_id in windows.due():
        windows.begin(job_id)
        db.session.commit()


def learn_durations(client_id: int) -> None:
    durations.learn(db.session.get_one(Client, client_id))
    db.session.commit()


def begin_learning() -> None:
    """Clients whose night has come: one look at each, by one worker, beside the beat."""
    for client_id in durations.due():
        claimed = durations.claim(client_id)
        db.session.commit()
        if claimed:
            enqueue("learn_durations", client_id)


def survey_streets() -> None:
    """New places, and times that are getting old."""
    for territory_id in survey.due():
        enqueue("ask_streets", territory_id)


def close_tickets() -> None:
    """Resolved tickets whose client had its days to object."""
    for ticket_id in ticket_ending.due():
        ticket_ending.close_due(ticket_id)
        db.session.commit()


def put_queues_away() -> None:
    """Kiosks where a day has ended: who was still in the queue has left, and names are forgotten."""
    for kiosk_id in queues.due():
        queues.put_away(kiosk_id)
        db.session.commit()


def write_reports() -> None:
    """Documents of what was done, and the mail that brings them."""
    for report_id in writing.due():
        writing.write(report_id)
        db.session.commit()
    for letter_id in letters.due():
        claimed = letters.begin(letter_id)
        db.session.commit()
        if claimed:
            letters.send(letter_id)
            db.session.commit()


def tell_phones() -> None:
    """What has happened, to the phones of whom it concerns; a look costs readers and writers nothing."""
    with reading():
        nothing = not gather.is_behind() and not send.due()
        db.session.rollback()
    if nothing:
        return
    gather.gather()
    db.session.commit()
    for subscription_id in send.due():
        try:
            _tell_one(subscription_id)
        except Exception:
            db.session.rollback()
            logging.getLogger(__name__).exception("one phone could not be told; the others are")


def _tell_one(subscription_id: int) -> None:
    messages = send.claim(subscription_id)
    db.session.commit()
    for message in messages:
        send.settle(message, _posted(message))
        db.session.commit()


def _posted(message: Message) -> Answer:
    db.session.rollback()  # nobody waits for the network inside a transaction
    return message.post()


def tidy() -> None:
    """What is kept for a while only: answers to writes that may be repeated, and sign-ins that are over, what could be undone, what-ifs that came to nothing, files of forgotten forms."""
    for table in (Receipt, Session, SignInFailure, KnownPlace, PutOff, PlanChange, PlanRun, PushNotice):
        db.session.execute(delete(table).where(table.is_old()))
    db.session.commit()
    uploads.forget_old_drafts()
    deposits.forget_old()


def enqueue(task: str, *arguments: Any) -> None:
    """Wake a worker up; to be called after the commit. A queue out of order loses no work."""
    try:
        current_app.extensions["tasks"][task](*arguments)
    except Exception:
        logging.getLogger(__name__).exception(
            "the queue refused %s; a worker will find it in the table", task
        )


def worker_name() -> str:
    return f"{platform.node()}:{os.getpid()}"


def _open(settings: Settings) -> Huey:
    url = settings.queue
    if url.startswith("postgres"):
        return PostgresHuey("dispatch", dsn=url.replace("postgresql+psycopg", "postgresql"), results=False)
    if not url.startswith("sqlite"):
        raise ValueError(f"QUEUE_URL must begin with sqlite: or postgresql:, not {url.partition(':')[0]!r}")
    settings.instance.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("dispatch", filename=url.removeprefix("sqlite:///"), results=False)


def _inside(app: Flask, task: Callable[..., None]) -> Callable[..., None]:
    def run_inside(*arguments: Any) -> None:
        set_origin("worker")
        with app.app_context():
            task(*arguments)

    run_inside.__name__ = task.__name__
    return run_inside


def _start_beating(app: Flask) -> None:
    threading.Thread(target=_beat, args=(app, threading.Event()), daemon=True, name="beat").start()
    # of its own: push services may be slow, and a plan under way must not hold up what is urgent
    threading.Thread(target=_tell, args=(app, threading.Event()), daemon=True, name="tell").start()


def _tell(app: Flask, stop: threading.Event) -> None:
    set_origin("worker")
    while not stop.wait(TELL_SECONDS):
        try:
            with app.app_context():
                tell_phones()
        except Exception:
            logging.getLogger(__name__).exception("phones could not be told; it goes on")


def _beat(app: Flask, stop: threading.Event) -> None:
    set_origin("worker")
    for beats in itertools.count():
        try:
            with app.app_context():
                Worker.beat(worker_name())
                db.session.commit()
                retake()
                end_days()
                begin_windows()
                begin_learning()
                if beats % STREET_BEATS == 0:
                    survey_streets()
                    enqueue("write_reports")
                if beats % TIDY_BEATS == 0:
                    close_tickets()
                    put_queues_away()
                    tidy()
        except Exception:
            logging.getLogger(__name__).exception("the beat of a worker failed; it goes on")
        if stop.wait(BEAT_SECONDS):
            return
