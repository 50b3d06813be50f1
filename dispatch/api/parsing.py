"""How is what a program sends read, and what is said when it cannot be?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

import marshmallow as ma
from flask import request
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import BadRequest, PreconditionRequired, UnsupportedMediaType

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say
from dispatch.schemas.fields import faults_of, refusal_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Request

F = TypeVar("F")

_LONGEST_KEY = 200


class StrictParser(FlaskParser):
    """Reads strict JSON and addresses; every fault becomes a sentence beside its field."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {
        "json": ma.RAISE,
        "query": ma.RAISE,
    }

    def load_json(self, req: Request, _schema: ma.Schema) -> Any:
        """Read a JSON body.

        Raises:
            UnsupportedMediaType: when the body is not declared to be JSON.
            BadRequest: when it is not well-formed JSON in UTF-8, or too deep.
            Invalid: when it holds NaN or an infinity, which JSON does not know.
        """
        body = req.get_data(cache=True)
        if not is_json_request(req):
            if body:
                raise UnsupportedMediaType
            return {}
        try:
            return json.loads(body.decode() or "{}", parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as fault:
            raise BadRequest from fault

    def handle_error(self, error: ma.ValidationError, *_where: Any, **_how: Any) -> NoReturn:
        """Refuse the request, naming every wrong field."""
        faults: dict[str, Any] = {}
        for messages in error.messages_dict.values():
            faults |= faults_of(messages)
        raise refusal_of(faults)


def _refuse_constant(name: str) -> NoReturn:
    raise Invalid(say("JSON knows no %(name)s. Send a number or null.", name=name))


class ApiBlueprint(Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """A group of addresses whose input is read strictly and whose answers are described."""

    ARGUMENTS_PARSER = StrictParser()

    def gets(self, path: str) -> Callable[[F], F]:
        """Answer GET at a path."""
        return cast("Callable[[F], F]", self.get(path))

    def posts(self, path: str) -> Callable[[F], F]:
        """Answer POST at a path."""
        return cast("Callable[[F], F]", self.post(path))

    def puts(self, path: str) -> Callable[[F], F]:
        """Answer PUT at a path."""
        return cast("Callable[[F], F]", self.put(path))

    def reads(self, shape: type[ma.Schema], location: str = "json") -> Callable[[F], F]:
        """Read the body, or the query, in a shape; the view gets it as its first value."""
        # One instance for all requests: a class would be built anew for each.
        return cast("Callable[[F], F]", self.arguments(shape(), location=location))

    def answers(
        self, status: int, shape: type[ma.Schema], headers: dict[str, Any] | None = None
    ) -> Callable[[F], F]:
        """Describe the answer; the view makes the response itself."""
        return cast("Callable[[F], F]", self.response(status, shape, headers=headers))

    def hears(self, *names: str) -> Callable[[F], F]:
        """Describe the headers that the view understands; with ``!`` it refuses to do without."""
        parameters = [{"in": "header", "name": name.rstrip("!")} | HEADERS[name] for name in names]
        return cast("Callable[[F], F]", self.doc(parameters=parameters))


HEADERS: dict[str, dict[str, Any]] = {
    "Idempotency-Key": {
        "description": "The same key and body again get the same answer, for 30 days",
        "schema": {"type": "string", "maxLength": _LONGEST_KEY},
    },
    "If-Match": {
        "description": "The version you saw, in quotes",
        "schema": {"type": "string"},
        "example": '"3"',
    },
    "If-Match!": {
        "description": "The version you saw, in quotes, as ETag told it",
        "schema": {"type": "string"},
        "example": '"3"',
        "required": True,
    },
    "X-OneVisit-Device": {
        "description": "The token of the phone, told when it was enrolled",
        "schema": {"type": "string"},
    },
    "If-None-Match": {
        "description": "The ETag of the answer you have",
        "schema": {"type": "string"},
    },
}


def idempotency_key() -> str | None:
    """Return the key with which a program may safely ask again.

    Raises:
        Invalid: when it is longer than 200 characters or not plain ASCII.
    """
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > _LONGEST_KEY or not (key.isascii() and key.isprintable()):
        fault = say("The Idempotency-Key must be at most 200 plain characters. A UUID is best.")
        raise Invalid(fault, fields={"Idempotency-Key": fault})
    return key or None


def seen_version() -> int | None:
    """Return the version named in `If-Match`, None without the header.

    Raises:
        Invalid: when the header names no version.
    """
    given = request.headers.get("If-Match")
    if given is None:
        return None
    text = given.strip().removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < len("9" * 16)):
        fault = say('The If-Match header must hold the version you saw, for example "3".')
        raise Invalid(fault, fields={"If-Match": fault})
    return int(text)


def version_to_replace() -> int:
    """Return the version named in `If-Match`, for a change that puts one whole in another's place.

    Raises:
        Invalid: when the header names no version.
        PreconditionRequired: when it is missing.
    """
    version = seen_version()
    if version is None:
        raise PreconditionRequired
    return version
