from flask import Blueprint

blueprint = Blueprint("handover", __name__)

from dispatch.handover import pages  # noqa: E402,F401 - registers on the blueprint
