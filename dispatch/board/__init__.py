from flask import Blueprint

blueprint = Blueprint("board", __name__)

from dispatch.board import (  # noqa: E402 - they register on the blueprint
    absence_actions,  # noqa: F401
    absences,  # noqa: F401
    actions,  # noqa: F401
    answers,  # noqa: F401
    bulk_actions,  # noqa: F401
    bulk_pages,  # noqa: F401
    fix_actions,  # noqa: F401
    fixes,  # noqa: F401
    pages,  # noqa: F401
    repair_actions,  # noqa: F401
    reversals,  # noqa: F401
    shift,  # noqa: F401
    shortcuts,  # noqa: F401
    what_if_actions,  # noqa: F401
    what_if_pages,  # noqa: F401
    word_actions,  # noqa: F401
    words,  # noqa: F401
)
