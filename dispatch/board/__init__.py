from flask import Blueprint

blueprint = Blueprint("board", __name__)

from dispatch.board import pages  # noqa: E402,F401 - registers on the blueprint
