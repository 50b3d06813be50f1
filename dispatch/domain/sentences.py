"""How does the domain say something that is read in two languages?"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self


class LocalName(str):
    """A name with its Chinese form, where there is one; it is stored and logged as the name."""

    __slots__ = ("chinese",)

    chinese: str | None

    def __new__(cls, name: str, chinese: str | None = None) -> Self:
        """Make a text that also knows how it is written in Chinese."""
        made = super().__new__(cls, name)
        made.chinese = chinese
        return made


@dataclass(frozen=True)
class Sentence:
    """A catalogue text with its values; it is worded in the reader's language at the edge.

    `text` is the English catalogue entry with `%(name)s` placeholders. A value is a text, a
    `LocalName`, a number, an aware instant (worded in the utility's zone) or another `Sentence`.
    """

    text: str
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Word the sentence in English, for logs and tests."""
        if not self.values:
            return self.text
        return self.text % {name: str(value) for name, value in self.values.items()}

    def as_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads back."""
        return {
            "text": self.text,
            "values": {name: _value_as_json(value) for name, value in self.values.items()},
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Sentence:
        """Rebuild a sentence that `as_json` wrote."""
        values = stored.get("values", {})
        return cls(stored["text"], {name: _value_from_json(each) for name, each in values.items()})


def _value_as_json(value: Any) -> Any:
    if isinstance(value, Sentence):
        return value.as_json()
    if isinstance(value, datetime):
        return {"instant": value.isoformat()}
    return value


def _value_from_json(stored: Any) -> Any:
    if isinstance(stored, dict) and "instant" in stored:
        return datetime.fromisoformat(stored["instant"])
    return Sentence.from_json(stored) if isinstance(stored, dict) else stored


def say(text: str, **values: Any) -> Sentence:
    """Make a sentence; the catalogue extractor looks for calls of this name."""
    return Sentence(text, values)
