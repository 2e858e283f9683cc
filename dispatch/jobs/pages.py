from dispatch.jobs import blueprint
from dispatch.security import role


@blueprint.get("/jobs")
@role("technician")
def index() -> str:
    return "jobs"
