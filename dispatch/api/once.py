"""A write of the API: done, answered and committed as one; done once when it carries a key."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, abort, current_app, make_response, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm.exc import StaleDataError

from dispatch.extensions import db
from dispatch.receipts import answer_once, fingerprint_of

KEY = "Idempotency-Key"
RETRIES = 3
View = Callable[..., Any]


def once(view: View) -> View:
    """Commit what the view did with its answer; honour an Idempotency-Key."""

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(KEY)
        if key is None:
            response = make_response(view(*args, **kwargs))
            db.session.commit()
            return response
        return answer_once(
            current_user, key, _fingerprint(), lambda: _refusals_answered(view, *args, **kwargs)
        )

    return answer


def refuses(*statuses: int) -> Callable[[View], View]:
    """Name refusals beyond the common ones in the description; 428 says that a version is needed."""

    def declare(view: View) -> View:
        view._apidoc = {**getattr(view, "_apidoc", {}), "refusals": statuses}  # type: ignore[attr-defined]
        return view

    return declare


def expect(version: int, said: int | None) -> int:
    """The version, when it is the one that the caller has seen; else 428 (he did not say) or 412."""
    tags = request.if_match
    if said is None and "If-Match" not in request.headers:
        abort(
            428, _("Say which version you have seen: send If-Match with the ETag, or “version” in the body.")
        )
    if said not in (None, version) or (
        "If-Match" in request.headers and not tags.contains_weak(str(version))
    ):
        raise StaleDataError(f"version {version} is not the one expected")
    return version


def expect_if_said(version: int) -> None:
    """As `expect`, where a caller may leave it open."""
    if "If-Match" in request.headers:
        expect(version, None)


def retried(act: Callable[[], tuple[Any, ...]]) -> tuple[Any, ...]:
    """What is done under a key: whoever loses a race tries again, there is no version that he could have known."""
    for _left in range(RETRIES):
        try:
            return act()
        except StaleDataError:
            db.session.rollback()
    return act()


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


def _fingerprint() -> str:
    return fingerprint_of(request.method, request.full_path, request.get_data(cache=True))


def _refusals_answered(view: View, *args: Any, **kwargs: Any) -> Any:
    """The view's answer, a refusal of the model included: it is kept under the key like any other."""
    try:
        response = make_response(view(*args, **kwargs))
        db.session.flush()
        return response
    except Exception as refusal:  # noqa: BLE001 - a mistake of ours is answered, never kept, and logged
        return current_app.handle_user_exception(refusal)
