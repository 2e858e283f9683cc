"""The technician's phone: the day's jobs in order, and what is tapped on them."""

from flask import Blueprint

blueprint = Blueprint("jobs", __name__)

from dispatch.jobs import (  # noqa: E402 - they register on the blueprint
    actions,  # noqa: F401
    carry,  # noqa: F401
    colleagues,  # noqa: F401
    handing_actions,  # noqa: F401
    installed,  # noqa: F401
    pages,  # noqa: F401
    presence,  # noqa: F401
    said,  # noqa: F401
)
