from __future__ import annotations

from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import Response, abort, current_app, render_template, request, url_for
from flask_babel import force_locale
from flask_login import current_user

from dispatch.alerts import blueprint
from dispatch.alerts.entries import entries_of
from dispatch.alerts.ics import CONTENT_TYPE, calendar_of
from dispatch.clock import now
from dispatch.models.calendar_feed import CalendarFeed
from dispatch.models.push import PushOff, PushSubscription
from dispatch.pace import Pace
from dispatch.push import crypt
from dispatch.security import public, role

# programs ask every quarter of an hour or less often; by address, who tries addresses at random
PER_FEED, PER_STRANGER = Pace(60, 3600), Pace(300, 3600)


@blueprint.get("/jobs/alerts")
@role("technician")
def index() -> str:
    return page()


@blueprint.get("/calendar/<secret>.ics")
@public
def calendar(secret: str) -> Any:
    """Whoever knows the address reads it; what is not, or no longer, an address does not exist."""
    feed = CalendarFeed.of(secret)
    if feed is None:
        abort(404 if PER_STRANGER.admits(request.remote_addr or "") else 429)
    if not PER_FEED.admits(str(feed.id)):
        abort(429)
    answer = Response(_drawn(feed), content_type=CONTENT_TYPE)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.set_etag(sha256(answer.get_data()).hexdigest()[:32])
    return answer.make_conditional(request)


def page(address: str | None = None) -> str:
    """`address`: of the calendar, the one time that it can be shown."""
    feed = CalendarFeed.present(current_user)
    key = crypt.encode(crypt.point_of(crypt.key_of(current_app.config["SETTINGS"].push_secret())))
    return render_template(
        "alerts/index.html", address=address, made_at=feed and feed.made_at, key=key,
        is_off=PushOff.holds_for(current_user), endpoints=[sha256(one.endpoint.encode()).hexdigest()[:16] for one in PushSubscription.of(current_user)],
    )  # fmt: skip


def _drawn(feed: CalendarFeed) -> bytes:
    technician = feed.user.technician
    if technician is None:
        abort(404)
    zone = technician.territory.zone
    today = now().astimezone(ZoneInfo(zone)).date()
    with force_locale(feed.user.language):
        entries = entries_of(technician, today, feed.made_at)
        return calendar_of(technician.name, zone, _host(), entries, address_of_job)


def address_of_job(number: str) -> str:
    return absolute(url_for("jobs.show", number=number))


def absolute(path: str) -> str:
    """The path below the address that users type, as far as it is known."""
    public_url: str = current_app.config["SETTINGS"].public_url
    return (public_url or request.host_url).rstrip("/") + path


def _host() -> str:
    """What makes the entries' names those of this installation; it stays when the name of the server changes."""
    public_url: str = current_app.config["SETTINGS"].public_url
    return urlsplit(public_url).hostname or "dispatch"
