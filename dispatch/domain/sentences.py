"""How does the domain say something that is read in two languages?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sentence:
    """A catalogue text with its values; it is worded in the reader's language at the edge.

    `text` is the English catalogue entry with `%(name)s` placeholders. A value may itself be a
    `Sentence`.
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
        values = {
            name: value.as_json() if isinstance(value, Sentence) else value
            for name, value in self.values.items()
        }
        return {"text": self.text, "values": values}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Sentence:
        """Rebuild a sentence that `as_json` wrote."""
        values = {
            name: cls.from_json(value) if isinstance(value, dict) and "text" in value else value
            for name, value in stored.get("values", {}).items()
        }
        return cls(stored["text"], values)


def say(text: str, **values: Any) -> Sentence:
    """Make a sentence; the catalogue extractor looks for calls of this name."""
    return Sentence(text, values)
