"""How do a sentence and an instant look in JSON?"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from flask.json.provider import DefaultJSONProvider

from dispatch.domain.sentences import Sentence
from dispatch.refusals import worded

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask


class WordedJson(DefaultJSONProvider):
    """JSON in the reader's language: sentences are worded, instants are ISO 8601 in UTC."""

    sort_keys = False
    ensure_ascii = False

    @staticmethod
    def default(value: Any) -> Any:
        """Turn a sentence or an instant into text, and leave the rest to Flask."""
        if isinstance(value, (Sentence, date)):
            return _plain(value)
        return DefaultJSONProvider.default(value)

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Write JSON; a number that JSON does not know is a fault of ours."""
        kwargs.setdefault("default", _once(self.default))
        return super().dumps(obj, allow_nan=False, **kwargs)


def _once(plain: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Let `plain` word a sentence without values once; a list says few of them in many rows."""
    known: dict[str, Any] = {}

    def remembered(value: Any) -> Any:
        if not isinstance(value, Sentence) or value.values:
            return plain(value)
        if value.text not in known:
            known[value.text] = plain(value)
        return known[value.text]

    return remembered


def word_json(app: Flask) -> None:
    """Let every JSON answer, and every `tojson` in a template, be worded for its reader."""
    app.json = WordedJson(app)
    # The templates took the former writer with them when they were made.
    app.jinja_env.policies["json.dumps_function"] = app.json.dumps


def in_words(reply: Any) -> Any:
    """Return a reply as plain JSON in the reader's language, as it is kept for a repetition."""
    if isinstance(reply, dict):
        return {name: in_words(value) for name, value in reply.items()}
    if isinstance(reply, (list, tuple)):
        return [in_words(value) for value in reply]
    return _plain(reply)


def _plain(value: Any) -> Any:
    if isinstance(value, Sentence):
        return worded(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value
