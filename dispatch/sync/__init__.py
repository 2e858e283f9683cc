"""The phone's side of working offline: registering it, handing in its queue, what lies to be reviewed, losing it."""

from flask import Blueprint

blueprint = Blueprint("sync", __name__, url_prefix="/jobs")

from dispatch.sync import actions, pages, push_actions, refusals, wording  # noqa: E402,F401 - they register on the blueprint
