"""What the views of the API share: JSON or nothing, scopes of tokens, and the common part of their description."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import marshmallow as ma
from flask import Request, abort, g, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_smorest import Blueprint
from webargs import core
from webargs.flaskparser import FlaskParser

from dispatch.api import problems

SAFE = ("GET", "HEAD", "OPTIONS")


class Parser(FlaskParser):
    """Refuses what it does not know, in the query too: a mistyped filter must not widen an answer."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = {
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": ma.RAISE,
    }  # fmt: skip

    def _raw_load_json(self, req: Request) -> Any:
        data = req.get_data(cache=True)
        if not data:
            return core.missing
        try:
            return json.loads(data)
        except (RecursionError, ValueError):
            abort(400, _("The body is not valid JSON. Check its brackets, quotes and numbers."))


class Resource(Blueprint):
    """A blueprint of the API."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, import_name: str, description: str) -> None:
        super().__init__(name, import_name, description=description)
        self._prepare_doc_cbks.append(_describe_common)
        self.before_request(_check_scope)
        self.before_request(_check_type)
        problems.handle(self)


def _check_scope() -> None:
    """A token may do less than its user."""
    needed = "read" if request.method in SAFE else "write"
    if current_user.is_authenticated and needed not in g.token.scopes:
        abort(403, _("This token does not reach that far. Use one with the scope “%(scope)s”.", scope=needed))


def _check_type() -> None:
    if request.method not in SAFE and not request.is_json and (request.content_length or request.get_data()):
        abort(415, _("Send the body as application/json."))


def _describe_common(
    doc: dict[str, Any], doc_info: Mapping[str, Any], *, method: str, **_more: Any
) -> dict[str, Any]:
    """Headers that every write takes, and refusals that every call may meet."""
    statuses = [401, 403, 404, 422, *doc_info.get("refusals", ())]
    parameters = doc.setdefault("parameters", [])
    if method.upper() not in SAFE:
        statuses += [400, 409, 415]
        parameters.append("Idempotency-Key")
    if 428 in statuses:
        parameters.append("If-Match")
    responses = doc.setdefault("responses", {})
    for status in statuses:
        responses.setdefault(str(status), HTTPStatus(status).name)
    responses["default"] = HTTPStatus.INTERNAL_SERVER_ERROR.name
    return doc
