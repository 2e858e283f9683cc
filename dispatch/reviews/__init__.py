"""What phones handed in and nobody could simply apply: a dispatcher looks at it and decides."""

from flask import Blueprint

blueprint = Blueprint("reviews", __name__, url_prefix="/board/reviews")

from dispatch.reviews import actions, pages, queries  # noqa: E402,F401 - they register on the blueprint
