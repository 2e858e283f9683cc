"""Signing in and out, and one's own language."""

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)

from dispatch.accounts import actions, pages  # noqa: E402,F401 - they register on the blueprint
