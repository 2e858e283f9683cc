"""The description keeps its word: calls are generated from it, and the answers compared with it."""

from __future__ import annotations

import contextvars
import re
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings, strategies
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from dispatch.extensions import db
from dispatch.models import queue
from dispatch.models.user import Token
from tests import factories as make
from tests.api.callers import PREFIX

DOCUMENT = f"{PREFIX}/openapi.json"
SECRET = "token of the generated calls"
# Left out, because a description cannot say which codes exist: that every call it allows is accepted, and
# that every call it forbids is refused as such (a wrong token or an unknown row is refused first).
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance,
]  # fmt: skip
EXAMPLES = 40
# what exists: half of the generated calls get it in these places, so that they come to more than a refusal
REAL: dict[str, list[Any]] = {
    "number": ["INT-1001", "INT-1002", "INT-1003", "INT-1004", "INT-1005", "T-1001", "T-1003"], "key": [1],
    "day": ["2026-11-23"], "client": ["acme"], "technician": ["tariq"], "territory": ["rennes"],
    "category": ["workstation", None], "admin_right": [None], "place": [{"building": "colbert", "floor": 3}, None],
    "version": [1, 2], "to": ["accepted", "travelling", "not_completed", "serving", "on_hold"], "limit": [1], "cursor": [None], "kiosk_id": [1],
    "entry_id": [1, 2, 3],
}  # fmt: skip


@pytest.fixture
def furnished(app: Flask) -> Flask:
    """Something of everything, so that generated ids and codes meet rows."""
    with app.app_context():
        tariq = make.technician("Tariq", skills={"printer": 2})
        make.category()
        for state in ("unplanned", "dispatched", "accepted", "working", "completed"):
            make.job(state, technician=None if state == "unplanned" else tariq, state=state)
        for _visitor in range(3):
            queue.check_in(make.kiosk(), tariq.user)
        Token.issue(make.user("Ahmed", "administrator", every_client=True), secret=SECRET)
        db.session.commit()
    return app


def test_the_description_names_every_route_of_the_api(app):
    paths = app.test_client().get(DOCUMENT).json["paths"]
    described = {
        (path, method.upper()) for path, calls in paths.items() for method in calls if method != "parameters"
    }
    served = {
        (_as_described(rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(PREFIX) and rule.rule != DOCUMENT
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert described == served


def test_the_description_says_bearer_if_match_idempotency_key_and_problem(app):
    document = app.test_client().get(DOCUMENT).json
    assert document["openapi"] == "3.1.0"
    assert document["security"] == [{"bearer": []}]
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assignment = document["paths"][f"{PREFIX}/jobs/{{number}}/assignment"]["put"]
    named = {one["$ref"].rsplit("/", 1)[1] for one in assignment["parameters"] if "$ref" in one}
    assert named == {"If-Match", "Idempotency-Key"}
    assert {"401", "403", "404", "409", "412", "415", "422", "428"} <= set(assignment["responses"])
    problem = document["components"]["responses"]["PRECONDITION_FAILED"]
    assert list(problem["content"]) == ["application/problem+json"]


def test_generated_calls_never_break_anything_and_are_answered_as_described(furnished):
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, furnished)
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) >= 13
    for operation in operations:
        # requests leave their marks on the context that they run in; this test keeps its own
        contextvars.copy_context().run(_call, operation)


def _call(operation: Any) -> None:
    @settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None,
              phases=[Phase.generate], suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy(), data=strategies.data())
    def check(case: Any, data: strategies.DataObject) -> None:
        if data.draw(strategies.booleans(), "real"):
            for place in (case.path_parameters, case.query, case.body):
                _make_real(place, data)
        case.call_and_validate(headers={"Authorization": f"Bearer {SECRET}"}, checks=CHECKS)

    check_alone: Callable[[], None] = check
    check_alone()


def _make_real(place: Any, data: strategies.DataObject) -> None:
    for name in place if isinstance(place, dict) else ():
        if name in REAL:
            place[name] = data.draw(strategies.sampled_from(REAL[name]), name)
    if isinstance(place, dict):
        for name in [name for name, value in place.items() if name == "cursor" and value is None]:
            del place[name]


def _as_described(rule: str) -> str:
    return re.sub(r"<(?:\w+\([^)]*\):)?(\w+)>", r"{\1}", rule)
