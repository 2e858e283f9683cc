"""The technician's phone: the day's jobs in order, and what is tapped on them."""

from flask import Blueprint

blueprint = Blueprint("jobs", __name__)

from dispatch.jobs import actions, carry, installed, pages, said  # noqa: E402,F401 - they register on the blueprint
