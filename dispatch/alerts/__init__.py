"""What reaches a technician who is not looking: notifications on his phone, and his calendar in other programs."""

from flask import Blueprint

blueprint = Blueprint("alerts", __name__)

from dispatch.alerts import actions, pages  # noqa: E402,F401 - they register on the blueprint
