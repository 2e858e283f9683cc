"""The engine is loaded before a write begins: SQLite has one writer, and loading takes seconds after a start."""

from __future__ import annotations

import sqlite3

from dispatch.routing import standing
from tests import factories as make
from tests.people import signed_in


def test_nobody_holds_the_file_while_the_engine_is_loaded(app, cast, monkeypatch):
    job = make.job(technician=cast.tariq)
    diane, path = signed_in(app, cast.diane), app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///")
    loaded = []

    def load() -> None:
        with sqlite3.connect(path, timeout=0, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
        loaded.append(True)

    monkeypatch.setattr(standing, "prepare", load)
    said = {"version": job.version, "lock": "technician"}
    assert diane.post(f"/board/jobs/{job.number}/lock", data=said).status_code == 302
    diane.get("/board")
    assert loaded == [True]
