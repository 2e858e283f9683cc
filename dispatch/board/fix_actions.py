from __future__ import annotations

from typing import Any

from flask import make_response, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm.exc import StaleDataError

from dispatch import sentences
from dispatch.board import blueprint
from dispatch.board.answers import written
from dispatch.board.fixes import fix_sheet
from dispatch.board.forms import override_reason, version
from dispatch.board.regions import asked_day, asked_territory
from dispatch.extensions import db
from dispatch.models.job import Job
from dispatch.planning.placement import RulesBroken
from dispatch.planning.remedy import explain_again, mend
from dispatch.security import find_or_404, role
from dispatch.web import long_day


@blueprint.post("/board/jobs/<number>/fix")
@role("dispatcher", "administrator")
def create_fix(number: str) -> Any:
    """The fix as it was shown, or what it would be by now."""
    job = find_or_404(Job.numbered(number, current_user))
    seen, day = request.form.get("seen", ""), asked_day(asked_territory())
    try:
        done = mend(job, current_user, seen, version=version(), reason=override_reason(), day=day)
    except StaleDataError:
        return _again(number, 412, moved_on=True)
    except RulesBroken:  # a reason of blanks: the field asks for one
        return _again(number, 422, unsaid=True)
    db.session.commit()
    told = _("Goes %(to)s, %(day)s", to=sentences.to_name(done.technician.name), day=long_day(done.day))
    return written(job, {done.technician.id}, told)


@blueprint.post("/board/jobs/<number>/explanation")
@role("dispatcher", "administrator")
def create_explanation(number: str) -> Any:
    """The reason as it is now on the card, where what the last run has found does not hold any more."""
    job = find_or_404(Job.numbered(number, current_user))
    explain_again(job, current_user, version=version(), day=asked_day(asked_territory()))
    db.session.commit()
    return written(job, (), _("It says now why nobody has it"))


def _again(number: str, status: int, **why: bool) -> Any:
    db.session.rollback()
    job = find_or_404(Job.numbered(number, current_user))
    answer = make_response(fix_sheet(job, **why), status)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#sheet", "innerHTML"
    return answer
