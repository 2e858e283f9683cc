from flask import Blueprint

blueprint = Blueprint("jobs", __name__)

from dispatch.jobs import pages  # noqa: E402,F401 - registers on the blueprint
