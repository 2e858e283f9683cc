from flask import Blueprint

blueprint = Blueprint("board", __name__)

from dispatch.board import actions, answers, pages, shift  # noqa: E402,F401 - they register on the blueprint
