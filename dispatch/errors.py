"""What went wrong, said to whoever asked: a page for people, a problem document for programs."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, json, make_response, render_template, request
from flask_babel import gettext
from flask_login import current_user
from flask_wtf.csrf import CSRFError, generate_csrf
from sqlalchemy.exc import DataError, OperationalError, StatementError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from dispatch import logs
from dispatch.extensions import db, htmx, login_manager

# what programs call, and the queue of a phone: they are answered with problem documents
PROGRAMS = ("/api/", "/jobs/sync", "/jobs/device")


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(StaleDataError, _somebody_faster)
    app.register_error_handler(OperationalError, _database_busy)
    app.register_error_handler(DataError, _out_of_range)
    app.register_error_handler(OverflowError, _out_of_range)
    app.register_error_handler(StatementError, _bad_statement)
    app.register_error_handler(Exception, _crash)


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
    if request.path.startswith(PROGRAMS):
        return problem(status, detail)
    return error_page(status)


def _http_error(error: HTTPException) -> Any:
    if error.code is None or error.code < 400 or error.response is not None:
        return error
    db.session.rollback()
    if isinstance(error, CSRFError) and htmx:
        return _stale_token()
    if request.path.startswith(PROGRAMS):
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
