"""Layouts and macros are drawn without a database."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from tests.apps import make_app


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_app(f"sqlite:///{tmp_path}/unused.db", tmp_path)
