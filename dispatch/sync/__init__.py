"""The phone's side of working offline: registering it, handing in its queue, what lies to be reviewed, losing it."""

from flask import Blueprint

blueprint = Blueprint("sync", __name__, url_prefix="/jobs")

from dispatch.sync import (  # noqa: E402 - they register on the blueprint
    actions,  # noqa: F401
    files,  # noqa: F401
    pages,  # noqa: F401
    push_actions,  # noqa: F401
    refusals,  # noqa: F401
    wording,  # noqa: F401
)
