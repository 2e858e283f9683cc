"""Who may call what: sign-in by default, roles declared per route, headers on every answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request, session, url_for
from flask_babel import gettext
from flask_login import current_user, login_user
from sqlalchemy import Select

from dispatch.extensions import db, login_manager, set_reading
from dispatch.models.user import ROLES, Session, Token, User
from dispatch.origin import origin_of, set_origin
from dispatch.proof import deposits
from dispatch.replay.incoming import MOST_BYTES

View = TypeVar("View", bound=Callable[..., Any])
T = TypeVar("T")
# files come through the screens; what the API takes is text, and is parsed in memory
MOST_API_BYTES = 1024 * 1024

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{tiles}; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def role(*names: str) -> Callable[[View], View]:
    """Declare the roles that may call a view."""
    unknown = set(names) - set(ROLES)
    assert not unknown, f"no such role: {unknown}"

    def declare(view: View) -> View:
        view.roles = frozenset(names)  # type: ignore[attr-defined]
        return view

    return declare


def any_role(view: View) -> View:
    """Declare that everybody who is signed in may call a view."""
    return role(*ROLES)(view)


def public(view: View) -> View:
    """Declare that a view needs no sign-in."""
    view.public = True  # type: ignore[attr-defined]
    return view


def find_or_404(query: Select[T]) -> T:
    """The one row of a query that is already scoped; out of scope and absent look the same."""
    row = db.session.scalars(query).unique().one_or_none()
    if row is None:
        abort(404)
    return row


def sign_in(user: User) -> None:
    """Begin a fresh session: nothing of an earlier one survives, so it cannot be fixed beforehand."""
    language = session.get("language")
    session.clear()
    session["sid"] = Session.begin(user, current_app.config["SETTINGS"].session_hours)
    if language:
        session["language"] = language
    session.permanent = True
    login_user(user)


def sign_out() -> None:
    opened = Session.of(session.get("sid", ""))
    if opened:
        opened.end()
    session.clear()


def home_of(user: User) -> str:
    """Where somebody of this role begins."""
    endpoint = {"technician": "jobs.index", "phone_agent": "handover.index"}.get(user.role, "board.index")
    if user.role == "client_contact":
        endpoint = "handover.index"
    return url_for(endpoint)


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.before_request(_guard)
    app.after_request(_headers)


def _begin() -> None:
    """Read the body before the write transaction opens, and let readers never wait for writers."""
    set_reading(request.method in ("GET", "HEAD", "OPTIONS"))
    set_origin(origin_of(request.path, request.blueprint))
    if request.path.startswith("/api/"):
        request.max_content_length = MOST_API_BYTES
    elif request.path == "/jobs/sync":
        request.max_content_length = MOST_BYTES
    elif request.path.startswith("/jobs/sync/files/"):
        request.max_content_length = deposits.MOST_BYTES
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        request.get_data(cache=True, parse_form_data=True)


def _guard() -> Any:
    if request.endpoint is None or request.endpoint == "static":
        return None
    view = current_app.view_functions[request.endpoint]
    if getattr(view, "public", False):
        return None
    roles = getattr(view, "roles", None)
    if roles is None:
        raise RuntimeError(f"{request.endpoint} declares no role: add @role, @any_role or @public")
    if not current_user.is_authenticated:
        return login_manager.unauthorized()
    if current_user.role not in roles:
        abort(403)
    return None


@login_manager.request_loader
def _load_by_token(incoming: Any) -> User | None:
    """Bearer tokens open the REST API and nothing else."""
    scheme, _, secret = incoming.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not incoming.path.startswith("/api/"):
        return None
    token = Token.of(secret.strip())
    if token is None:
        return None
    g.token = token
    return token.user


@login_manager.user_loader
def _load_by_session(user_id: str) -> User | None:
    if request.path.startswith("/api/"):
        return None
    opened = Session.of(session.get("sid", ""))
    if opened is None or str(opened.user_id) != user_id:
        return None
    g.opened = opened
    return opened.user


@login_manager.unauthorized_handler
def _unauthorized() -> Any:
    if request.path.startswith("/api/") or request.headers.get("Accept", "").startswith("text/event-stream"):
        abort(401)
    if request.headers.get("HX-Request") and request.method != "GET":
        words = gettext("Your session has ended: sign in again in another tab, then send again.")
        return Response(words, 401, content_type="text/plain; charset=utf-8")
    if request.headers.get("HX-Request"):
        return Response(status=401, headers={"HX-Redirect": url_for("accounts.new_session")})
    target = request.full_path.rstrip("?") if request.method == "GET" and request.path != "/" else None
    return redirect(url_for("accounts.new_session", next=target))


@cache
def _policy(tiles: str) -> str:
    """What a page may load; pictures also from the server of the map's tiles, when there is one."""
    server = urlsplit(tiles)
    return CONTENT_SECURITY_POLICY.format(
        tiles=f" {server.scheme}://{server.netloc}" if server.netloc else ""
    )


def _headers(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _policy(current_app.config["SETTINGS"].map_tiles))
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
