"""The kiosk as those behind the counter work it: who comes is registered, called, served. The queue itself is in models."""

from flask import Blueprint

blueprint = Blueprint("kiosk", __name__, url_prefix="/kiosks")
# who works at a counter; which kiosks are his is said by Kiosk.visible_to
COUNTER = ("technician", "dispatcher", "administrator")

from dispatch.kiosk import actions, pages, queries  # noqa: E402,F401 - they register on the blueprint
