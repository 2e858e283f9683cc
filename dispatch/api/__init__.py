"""The REST API."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Register it."""
