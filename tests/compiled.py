"""Templates compiled once for a run of the tests: compiling them took each application a third of its test's time.

Each test has an application of its own and each server is a process of its own; all of them keep what they have
compiled in one folder, by the text that it was compiled from.
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache

FOLDER = "DISPATCH_TESTS_FOLDER"


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
