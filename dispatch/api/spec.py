"""What does the API say about itself?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from flask_smorest import Api

from dispatch.schemas.tickets import ErrorShape

if TYPE_CHECKING:
    from flask import Flask


class QuietApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """The describing half of flask-smorest; addresses and errors are answered by ours."""

    ERROR_SCHEMA = ErrorShape

    def _register_error_handlers(self) -> None:
        """Leave errors to `dispatch.refusals`."""


DESCRIPTION = (
    "Reports, tickets, their stories and their steps. Sign in with a bearer token. Send an "
    "Idempotency-Key with a POST to ask again safely, and If-Match with the version you saw. "
    "A refusal is always {error: {code, message, fields, facts}} and changes nothing."
)


def describe(app: Flask) -> QuietApi:
    """Give an application the describer that its groups of addresses are registered with."""
    app.config.update(
        API_TITLE="OneVisit",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "info": {"description": DESCRIPTION, "license": {"name": "Apache-2.0"}},
            "security": [{}, {"token": []}],
            "components": {
                "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            },
        },
    )
    return QuietApi(app)


def openapi(app: Flask) -> dict[str, Any]:
    """Return the description of every address of the API, in OpenAPI 3.1."""
    described: QuietApi = app.extensions["flask-smorest"]["apis"][""]["ext_obj"]
    spec: dict[str, Any] = described.spec.to_dict()
    return spec


def openapi_json(app: Flask) -> str:
    """Return the same as text, in a form that is equal from run to run."""
    return json.dumps(openapi(app), indent=2, ensure_ascii=False, sort_keys=True) + "\n"
