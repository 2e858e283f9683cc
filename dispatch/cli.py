"""Commands of the product: each is one function call."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    """Register the commands; the groups live beside what they act on."""
