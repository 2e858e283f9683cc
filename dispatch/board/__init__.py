from flask import Blueprint

blueprint = Blueprint("board", __name__)

# they register on the blueprint
from dispatch.board import actions, answers, bulk_actions, bulk_pages, fix_actions, fixes, pages  # noqa: E402,F401 - see above
