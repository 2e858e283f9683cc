from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from dispatch.alerts import blueprint, pages
from dispatch.extensions import db
from dispatch.models.calendar_feed import CalendarFeed
from dispatch.models.push import PushOff
from dispatch.security import role


@blueprint.post("/jobs/alerts/calendar")
@role("technician")
def create_calendar() -> Any:
    """A new address, shown this once; the one before ends."""
    secret = CalendarFeed.issue(current_user)
    db.session.commit()
    return pages.page(pages.absolute(url_for("alerts.calendar", secret=secret))), 201


@blueprint.post("/jobs/alerts/silence")
@role("technician")
def update_silence() -> Any:
    """On all of one's phones, whatever they are set to."""
    PushOff.switch(current_user, off=request.form.get("off") == "1")
    db.session.commit()
    return redirect(url_for("alerts.index"), 303)


@blueprint.post("/jobs/alerts/calendar/revocation")
@role("technician")
def delete_calendar() -> Any:
    CalendarFeed.revoke_all(current_user)
    db.session.commit()
    flash(_("The address of your calendar leads nowhere any more."), "ok")
    return redirect(url_for("alerts.index"), 303)
