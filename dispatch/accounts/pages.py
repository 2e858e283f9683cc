from __future__ import annotations

import json
from typing import Any

from flask import current_app, redirect, render_template, request
from flask_login import current_user

from dispatch.accounts import blueprint
from dispatch.security import home_of, public
from dispatch.web import safe_next


@blueprint.get("/sign-in")
@public
def new_session() -> Any:
    if current_user.is_authenticated:
        return redirect(home_of(current_user))
    return render_template("accounts/sign_in.html", email="", error=None, demo_accounts=demo_accounts(),
                           next=safe_next(request.args.get("next")))  # fmt: skip


def demo_accounts() -> list[dict[str, str]]:
    """What `make run` left for newcomers; nothing outside a demo."""
    settings = current_app.config["SETTINGS"]
    path = settings.instance / "demo-accounts.json"
    if not settings.demo or not path.exists():
        return []
    accounts: list[dict[str, str]] = json.loads(path.read_text())
    return accounts
