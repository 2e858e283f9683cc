"""What each test's own application would compile anew, compiled once: it was the greater part of what tests took.

Templates are kept in one folder for the whole run, for servers too, by the text that they were compiled from; SQL in
each process, by statement.
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine

FOLDER = "DISPATCH_TESTS_FOLDER"
_first: dict[str, Engine] = {}


def folder_of_run() -> Path:
    return Path(os.environ[FOLDER])


def share_templates() -> None:
    """Every application that this process makes from here on reads and fills the folder of the run, if this is one:
    benchmarks, which start the same servers, measure them as they are.
    """
    if FOLDER not in os.environ:
        return
    folder = folder_of_run() / "templates"
    folder.mkdir(exist_ok=True)
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": FileSystemBytecodeCache(str(folder))}


def share_statements(engine: Engine) -> None:
    """The engine reads and fills the cache of the first engine of its kind. Statements are kept by dialect, so it takes
    that one's dialect too; both are what they are for any file, or database of the run's PostgreSQL.
    """
    first = _first.setdefault(engine.dialect.name, engine)
    if first is engine:
        engine.connect().close()  # a dialect knows its database from the first connection on
        return
    engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
