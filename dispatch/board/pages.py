from dispatch.board import blueprint
from dispatch.security import role


@blueprint.get("/board")
@role("dispatcher", "administrator")
def index() -> str:
    return "board"
