from dispatch.handover import blueprint
from dispatch.security import any_role, role


@blueprint.get("/tickets")
@any_role
def index() -> str:
    return "tickets"


@blueprint.get("/tickets/new")
@role("phone_agent", "dispatcher", "administrator")
def new_ticket() -> str:
    return "new"
