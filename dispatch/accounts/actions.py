from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from threading import BoundedSemaphore
from typing import Any

from flask import abort, current_app, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from dispatch.accounts import blueprint
from dispatch.accounts.pages import demo_accounts
from dispatch.clock import now
from dispatch.extensions import db, reading
from dispatch.models.sign_in import KnownPlace, SignInFailure
from dispatch.models.user import User, verify
from dispatch.security import any_role, home_of, public, sign_in, sign_out
from dispatch.web import LANGUAGES, safe_next

# a hash takes 64 MB, and guesses made all at once would not see each other's failures
_guesses = BoundedSemaphore(2)
PATIENCE_SECONDS = 10


@blueprint.post("/sign-in")
@public
def create_session() -> Any:
    email = request.form.get("email", "").strip().lower()[:254]
    if not _guesses.acquire(timeout=PATIENCE_SECONDS):
        return _throttled(email)
    try:
        refused = _checked(email)
    finally:
        _guesses.release()
    if refused:
        return refused
    user = db.session.scalars(select(User).where(User.email == email)).one()
    KnownPlace.remember(user, _address())
    sign_in(user)
    db.session.commit()
    return redirect(safe_next(request.form.get("next")) or home_of(user))


@blueprint.post("/sign-out")
@any_role
def delete_session() -> Any:
    clears = current_user.acts_alone
    sign_out()
    db.session.commit()
    answer = redirect(url_for("accounts.new_session"))
    if clears:  # what was left unsent on a phone is locked there; everything else goes
        kept = '"cache"' if request.form.get("keep") else '"cache", "storage"'
        answer.headers["Clear-Site-Data"] = kept
    return answer


@blueprint.post("/language")
@public
def update_language() -> Any:
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        abort(400)
    session["language"] = language
    if current_user.is_authenticated:
        current_user.language = language
        db.session.commit()
    return redirect(safe_next(request.form.get("next")) or url_for("health.index"))


def _checked(email: str) -> Any:
    """Why nobody is signed in, or None; a failure is in the table before the next guess is looked at."""
    if _tried_too_often(email):
        return _throttled(email)
    if _password_is_right(email, request.form.get("password", "")):
        return None
    db.session.add(SignInFailure(email=email, address=_address(), at=now()))
    db.session.commit()
    return _refused(email, _("This address and password do not go together. Check both."), 401)


def _tried_too_often(email: str) -> bool:
    with reading():
        limit = current_app.config["SETTINGS"].sign_in_tries
        throttled = SignInFailure.too_many(email, _address(), limit)
        db.session.rollback()
    return throttled


def _password_is_right(email: str, password: str) -> bool:
    """Verified before the write transaction opens: hashing is slow and others want to write."""
    with reading():
        user = db.session.scalar(select(User).where(User.email == email))
        right = verify(user, password[:1024])
        db.session.rollback()
    return right


def _address() -> str:
    """Whose guesses are counted together: who has one IPv6 address has the 2⁶⁴ beside it too."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return request.remote_addr or ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(ip_network((address, 64), strict=False))
    return str(getattr(address, "ipv4_mapped", None) or address)


def _throttled(email: str) -> Any:
    return _refused(email, _("Too many tries. Wait a quarter of an hour, then try again."), 429)


def _refused(email: str, error: str, status: int) -> Any:
    page = render_template("accounts/sign_in.html", email=email, error=error, demo_accounts=demo_accounts(),
                           next=safe_next(request.form.get("next")))  # fmt: skip
    return page, status
