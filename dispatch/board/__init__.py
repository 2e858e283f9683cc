from flask import Blueprint

blueprint = Blueprint("board", __name__)

# they register on the blueprint
from dispatch.board import actions, answers, pages, what_if_actions, what_if_pages  # noqa: E402,F401 - see above
