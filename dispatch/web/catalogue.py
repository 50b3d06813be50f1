"""Which words does the browser need in the reader's language?"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po

from dispatch.web.language import LOCALES, current_language

TRANSLATIONS = Path(__file__).parent.parent / "translations"


def browser_catalogue() -> dict[str, str]:
    """Return English text → text in the reader's language, for texts used in scripts."""
    return _catalogue(LOCALES[current_language()])


@lru_cache(maxsize=4)
def _catalogue(locale: str) -> dict[str, str]:
    path = TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        messages = read_po(file)
    return {
        str(message.id): str(message.string)
        for message in messages
        if isinstance(message.id, str)
        and message.string
        and any(place.startswith("static/") for place, _line in message.locations)
    }
