"""What each test's own application would compile anew, compiled once: it was the greater part of what tests took.

Templates are kept in one folder for the whole run, for servers too, by the text that they were compiled from; SQL in
each process, by statement; what builds the address of a route in each process, by its rule.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine
from werkzeug.routing import Rule

FOLDER = "DISPATCH_TESTS_FOLDER"
_first: dict[str, Engine] = {}
_builders: dict[Any, Any] = {}
_compile_builder = Rule._compile_builder


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


def share_routes() -> None:
    """A builder is made of the rule's text alone; the converters it asks are those of the rule it is bound to."""

    def shared(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return _compile_builder(rule, append_unknown)
        key = (*rule._trace, append_unknown)
        if key not in _builders:
            _builders[key] = _compile_builder(rule, append_unknown)
        return _builders[key]

    Rule._compile_builder = shared  # type: ignore[method-assign, assignment]


def share_statements(engine: Engine) -> None:
    """The engine reads and fills the cache of the first engine of its kind. Statements are kept by dialect, so it takes
    that one's dialect too; both are what they are for any file, or database of the run's PostgreSQL.
    """
    first = _first.setdefault(engine.dialect.name, engine)
    if first is engine:
        engine.connect().close()  # a dialect knows its database from the first connection on
        return
    engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
