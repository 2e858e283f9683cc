from flask import Blueprint

blueprint = Blueprint("handover", __name__)

from dispatch.handover import actions, pages  # noqa: E402,F401 - register on the blueprint
