"""What every page shares: fragments and pages, error answers, languages, filters, navigation."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask import (
    Flask,
    Response,
    current_app,
    g,
    json,
    make_response,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import get_locale, gettext, lazy_gettext
from flask_login import current_user
from flask_wtf.csrf import CSRFError, generate_csrf
from sqlalchemy.exc import DataError, OperationalError, StatementError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from dispatch import logs
from dispatch.clock import now
from dispatch.extensions import db, htmx, login_manager
from dispatch.labels import label, skill_label

LANGUAGES = ("fr", "en")
# role -> (label, endpoint, icon)
NAVIGATION = {
    "administrator": [("Board", "board.index", "board"), ("Tickets", "handover.index", "ticket")],
    "dispatcher": [("Board", "board.index", "board"), ("Tickets", "handover.index", "ticket")],
    "phone_agent": [
        ("New handover", "handover.new_ticket", "send"),
        ("My tickets", "handover.index", "ticket"),
    ],
    "technician": [("My jobs", "jobs.index", "check")],
    "client_contact": [("Tickets", "handover.index", "ticket")],
}
_ = lazy_gettext
NAVIGATION_LABELS = {
    "Board": _("Board"), "Tickets": _("Tickets"), "New handover": _("New handover"),
    "My tickets": _("My tickets"), "My jobs": _("My jobs"),
}  # fmt: skip


def wants_fragment() -> bool:
    """Whether htmx asks for a part of a page: not for boosted links, not for Back."""
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def page_or_fragment(page: str, **context: Any) -> str:
    """Render `dir/name.html`, or for htmx its fragment `dir/_name.html`."""
    folder, _slash, name = page.rpartition("/")
    return render_template(f"{folder}/_{name}" if wants_fragment() else page, **context)


def safe_next(target: str | None) -> str | None:
    """A path on this site to go on to after sign-in, or nothing."""
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return None
    parts = urlsplit(target)
    return None if parts.netloc or parts.scheme or any(ord(c) < 32 for c in target) else target


def choose_language() -> str:
    user = current_user if current_user else None
    chosen = getattr(user, "language", None) or session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    default = current_app.config["SETTINGS"].default_language
    return default if default in LANGUAGES else "fr"


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(StaleDataError, _somebody_faster)
    app.register_error_handler(OperationalError, _database_busy)
    app.register_error_handler(DataError, _out_of_range)
    app.register_error_handler(OverflowError, _out_of_range)
    app.register_error_handler(StatementError, _bad_statement)
    app.register_error_handler(Exception, _crash)
    app.context_processor(_shared_context)
    app.url_defaults(_version_static)
    app.jinja_env.filters.update(
        time=local_time, day=long_day, instant=local_instant, minutes=minutes, label=label, skill=skill_label,
    )  # fmt: skip
    app.jinja_env.globals.update(now=now)


def _version_static(endpoint: str, values: dict[str, Any]) -> None:
    """Static files are cached for a year, so their address changes with their content."""
    if endpoint == "static" and "filename" in values:
        values["v"] = _fingerprint(current_app.static_folder or "", values["filename"])


@cache
def _fingerprint(folder: str, filename: str) -> str:
    path = Path(folder) / filename
    return sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"


def _shared_context() -> dict[str, Any]:
    return {
        "navigation": _navigation(),
        "language": str(get_locale() or "fr"),
        "request_id": g.get("request_id", ""),
        "demo": current_app.config["SETTINGS"].demo,
    }


def _navigation() -> list[tuple[Any, str, bool, str]]:
    if not getattr(current_user, "is_authenticated", False):
        return []
    return [
        (NAVIGATION_LABELS[name], url_for(endpoint), request.endpoint == endpoint, icon)
        for name, endpoint, icon in NAVIGATION[current_user.role]
    ]


# filters ---------------------------------------------------------------------------------------------


def local_time(instant: datetime | None, zone: str = "Europe/Paris") -> str:
    """14:05 in the zone; in the repeated hour of autumn the offset is said: 02:30 (+02:00)."""
    if instant is None:
        return "–"
    local = instant.astimezone(ZoneInfo(zone))
    text = local.strftime("%H:%M")
    twin = local.replace(fold=1 - local.fold)
    if twin.utcoffset() != local.utcoffset() and _exists(local):
        offset = local.strftime("%z")
        return f"{text} ({offset[:3]}:{offset[3:]})"
    return text


def _exists(local: datetime) -> bool:
    return local.astimezone(UTC).astimezone(local.tzinfo).replace(fold=0) == local.replace(fold=0)


def long_day(day: date | datetime | None, zone: str = "Europe/Paris") -> str:
    """lundi 23 novembre."""
    if day is None:
        return "–"
    if isinstance(day, datetime):
        day = day.astimezone(ZoneInfo(zone)).date()
    locale = str(get_locale() or "fr")
    return format_date(day, "EEEE d MMMM", locale=locale)


def local_instant(instant: datetime | None, zone: str = "Europe/Paris") -> str:
    """23/11 14:05, today without the day."""
    if instant is None:
        return "–"
    day = instant.astimezone(ZoneInfo(zone)).date()
    today = now().astimezone(ZoneInfo(zone)).date()
    clock = local_time(instant, zone)
    return clock if day == today else f"{format_date(day, 'd MMM', locale=str(get_locale() or 'fr'))} {clock}"


def minutes(count: float | None) -> str:
    """45 min, 1 h 05."""
    if count is None:
        return "–"
    whole = round(count)
    hours, rest = divmod(abs(whole), 60)
    sign = "−" if whole < 0 else ""
    return f"{sign}{hours}\u00a0h\u00a0{rest:02d}" if hours else f"{sign}{rest}\u00a0min"


# errors ----------------------------------------------------------------------------------------------


def _texts(status: int) -> tuple[str, str, str]:
    """Title, what happened, what to do."""
    known = {
        400: (gettext("This request could not be read"), gettext("Something in it was not as expected."),
              gettext("Go back, reload the page and try again.")),
        401: (gettext("You are not signed in"), gettext("Your session has ended."), gettext("Sign in again.")),
        403: (gettext("Not with your role"), gettext("Your account may not do this."),
              gettext("Ask an administrator if you need it.")),
        404: (gettext("Nothing here"), gettext("This page or object does not exist, or is not yours to see."),
              gettext("Check the address, or go back to the start.")),
        405: (gettext("Not this way"), gettext("This address does not take this method."), ""),
        409: (gettext("Not possible now"), gettext("The state has changed meanwhile."), gettext("Reload and look again.")),
        412: (gettext("Somebody else was faster"), gettext("This was changed after you opened it."),
              gettext("Look at the current state, then decide again.")),
        413: (gettext("Too large"), gettext("The files are larger than allowed."), gettext("Send smaller files.")),
        415: (gettext("Not this kind of content"), gettext("Send the body as application/json."), ""),
        422: (gettext("Some values cannot be accepted"), gettext("Correct the fields that are named."), ""),
        428: (gettext("Which version?"), gettext("Say which version you have seen."), ""),
        429: (gettext("Too many tries"), gettext("There were too many tries in a short time."),
              gettext("Wait a quarter of an hour, then try again.")),
        503: (gettext("Busy"), gettext("The database did not answer in time; nothing was changed."),
              gettext("Try again in a moment.")),
    }  # fmt: skip
    fallback = (gettext("Something went wrong"), gettext("The mistake is ours; it has been noted."),
                gettext("Try again; if it comes back, give us the number below."))  # fmt: skip
    return known.get(status, fallback)


def error_page(status: int) -> tuple[str, int]:
    title, happened, todo = _texts(status)
    return render_template(
        "errors/error.html", status=status, title=title, happened=happened, todo=todo
    ), status


def problem(status: int, detail: str = "", **more: Any) -> Response:
    """An RFC 9457 problem document."""
    title, happened, _todo = _texts(status)
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail or happened, **more}
    answer = Response(status=status, content_type="application/problem+json")
    answer.set_data(json.dumps(body))
    return answer


def _answer(status: int, detail: str = "") -> Any:
    if request.path.startswith("/api/"):
        return problem(status, detail)
    return error_page(status)


def _http_error(error: HTTPException) -> Any:
    if error.code is None or error.code < 400 or error.response is not None:
        return error
    db.session.rollback()
    if isinstance(error, CSRFError) and htmx:
        return _stale_token()
    if request.path.startswith("/api/"):
        return _http_problem(error, error.code)
    page, status = error_page(error.code)
    headers = {k: v for k, v in error.get_headers() if k in ("Allow", "Retry-After")}
    return page, status, headers


def _stale_token() -> Any:
    """The page stays with all that is typed in it, and gets the token of the session there is now."""
    if not getattr(current_user, "is_authenticated", False):
        return login_manager.unauthorized()
    words = gettext("You have signed in again meanwhile. Nothing is lost: send once more.")
    headers = {"X-CSRFToken": generate_csrf()}
    return Response(words, 400, headers, content_type="text/plain; charset=utf-8")


def _http_problem(error: HTTPException, status: int) -> Response:
    told = error.description if error.description != type(error).description else ""
    by_location = (getattr(error, "data", None) or {}).get("messages") or {}
    errors = {name: text for texts in by_location.values() for name, text in _translated(texts).items()}
    answer = problem(status, told or "", **({"errors": errors} if errors else {}))
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            answer.headers[name] = value
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _translated(messages: Any) -> Any:
    """Validation messages as the schema library nests them, in the reader's language."""
    if isinstance(messages, dict):
        return {str(name): _translated(inner) for name, inner in messages.items()}
    if isinstance(messages, list):
        return [_translated(inner) for inner in messages]
    return gettext(messages)


def _somebody_faster(_error: StaleDataError) -> Any:
    db.session.rollback()
    return _answer(412)


def _database_busy(error: OperationalError) -> Any:
    db.session.rollback()
    current_app.logger.warning("database refused: %s", error.orig)
    answer = Response.force_type(_as_response(_answer(503)))
    answer.headers["Retry-After"] = "5"
    return answer


def _out_of_range(error: Exception) -> Any:
    """A number, a date or a text that nothing can keep: no form of ours sends one."""
    db.session.rollback()
    current_app.logger.warning("refused a value: %s", type(error).__name__)
    return _answer(400)


def _bad_statement(error: StatementError) -> Any:
    """A value may go out of range only where it is made ready for the database."""
    return _out_of_range(error.orig) if isinstance(error.orig, OverflowError) else _crash(error)


def _as_response(answer: Any) -> Response:
    return make_response(answer)


def _crash(error: Exception) -> Any:
    db.session.rollback()
    fields = {"method": request.method, "endpoint": request.endpoint, "frames": logs.frames_of(error)}
    current_app.logger.error("unhandled %s", type(error).__name__, extra={"fields": fields})
    if current_app.testing and current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    return _answer(500)
