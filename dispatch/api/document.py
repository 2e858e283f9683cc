"""The OpenAPI 3.1 description of the API, made from the views and their schemas."""

from __future__ import annotations

import threading
from http import HTTPStatus
from typing import Any

from apispec import APISpec
from flask import Flask, Response, jsonify
from flask_smorest import Api

from dispatch.api.resource import Resource
from dispatch.extensions import csrf
from dispatch.security import public

PREFIX = "/api/v1"
PROBLEM_JSON = "application/problem+json"
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token belongs to a user, carries his role and the scopes `read` and `write`, and can be revoked.",
}
IF_MATCH = {
    "description": "The ETag of the object as it was last read. With another one the answer is 412. Assignments and "
    "transitions need it, or `version` in the body, or (transitions) an Idempotency-Key.",
    "schema": {"type": "string"},
    "required": False,
}
IDEMPOTENCY_KEY = {
    "description": "The write is done once: the same key and body replay the first answer, another body is refused "
    "with 422, a twin under way with 409.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "required": False,
}
ERRORS = {"type": "object", "description": "What to correct, per field.", "additionalProperties": True}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do, in the language of the token's user."},
        "errors": ERRORS,
        "legal": {
            "type": "array",
            "items": {"type": "string"},
            "description": "409: the moves possible now.",
        },
        "broken": {
            "type": "array",
            "items": {"type": "object"},
            "description": "422: the rules that would break.",
        },
        "current": {"type": ["object", "null"], "description": "412: the object as it is now."},
        "territories": {
            "type": "array",
            "items": {"type": "object"},
            "description": "422: those to choose from.",
        },
    },
}


class _Description(Api):
    """flask-smorest without its own error answers: dispatch/errors.py gives problem documents to all.

    The description is made when it is read: it was most of what every start of a server or a command took.
    """

    def __init__(self, app: Flask, **options: Any) -> None:
        self.resources: list[Resource] = []
        self.making = threading.RLock()
        super().__init__(app, **options)

    def register_blueprint(self, resource: Resource, **options: Any) -> None:
        self._app.extensions["flask-smorest"]["blp_name_to_api"][resource.name] = self
        self._app.register_blueprint(resource, **options)
        self.resources.append(resource)

    @property
    def spec(self) -> APISpec:
        with self.making:
            while self.resources:
                resource = self.resources[0]
                resource.register_views_in_doc(
                    self, self._app, self._spec, name=resource.name, parameters=None
                )
                self._spec.tag({"name": resource.name, "description": resource.description})
                del self.resources[0]
            return self._spec

    @spec.setter
    def spec(self, spec: APISpec) -> None:
        self._spec = spec

    def _register_error_handlers(self) -> None:
        pass

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            answer = {"description": status.phrase, "content": {PROBLEM_JSON: {"schema": "Problem"}}}
            self.spec.components.response(status.name, answer, lazy=True)

    def _register_etag_headers(self) -> None:
        self.spec.components.schema("Problem", PROBLEM)
        self.spec.components.security_scheme("bearer", BEARER)
        self.spec.components.parameter("If-Match", "header", IF_MATCH)
        self.spec.components.parameter("Idempotency-Key", "header", IDEMPOTENCY_KEY)


def init_app(app: Flask, *resources: Resource) -> None:
    """Register the resources, and serve their description to everybody: it holds nobody's data."""
    api = _Description(
        app,
        spec_kwargs={
            "title": "Dispatch", "version": "1", "openapi_version": "3.1.0", "security": [{"bearer": []}],
            "info": {"description": "Tickets come in, a plan is made, technicians work it."},
        },
    )  # fmt: skip
    for resource in resources:
        csrf.exempt(resource)
        api.register_blueprint(resource, url_prefix=PREFIX)

    @app.get(f"{PREFIX}/openapi.json")
    @public
    def openapi() -> Response:
        return jsonify(api.spec.to_dict())
