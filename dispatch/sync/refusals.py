"""Why nothing was taken: problem documents, with the limit that was met."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_babel import gettext as _

from dispatch.errors import problem
from dispatch.extensions import db
from dispatch.models.device import MOST_DEVICES, TooManyDevices
from dispatch.replay.incoming import Unreadable
from dispatch.replay.ledger import UnderWay
from dispatch.replay.quarantine import Full
from dispatch.sync import blueprint
from dispatch.sync.doors import Outdated, Revoked


@blueprint.errorhandler(TooManyDevices)
def too_many(_error: TooManyDevices) -> Response:
    told = _(
        "You have %(num)d phones registered. Give up those that you do not use any more.", num=MOST_DEVICES
    )
    return _refused(429, told, limit=MOST_DEVICES)


@blueprint.errorhandler(Unreadable)
def unreadable(error: Unreadable) -> Response:
    return _refused(422, _("This queue cannot be read; nothing of it was kept."), errors=dict(error.errors))


@blueprint.errorhandler(Outdated)
def outdated(_error: Outdated) -> Response:
    return _refused(426, _("This page is older than the server. Load it again; what waits is kept."))


@blueprint.errorhandler(Revoked)
def revoked(_error: Revoked) -> Response:
    return _refused(410, _("This phone was given up. Nothing is taken from it any more."), wipe=True)


@blueprint.errorhandler(Full)
def full(error: Full) -> Response:
    told = _(
        "As much is held of this phone as may be: %(limit)s. A dispatcher has to look at it first.",
        limit=error.limit,
    )
    return _refused(429, told, limit=error.limit)


@blueprint.errorhandler(UnderWay)
def under_way(_error: UnderWay) -> Response:
    answer = _refused(503, _("The same action is being worked on. Send again in a moment."))
    answer.headers["Retry-After"] = "5"
    return answer


def _refused(status: int, detail: str, **more: Any) -> Response:
    db.session.rollback()
    return problem(status, detail, **more)
