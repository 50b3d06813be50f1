"""Which words does the browser need in the reader's language?"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from dispatch.refusals import LOCALES
from dispatch.web.language import current_language

TRANSLATIONS = Path(__file__).parent.parent / "translations"


ALL_SCRIPTS = ("static/",)
CREW_SCRIPTS = ("static/crew/", "static/shared/")


def browser_catalogue(scripts: tuple[str, ...] = ALL_SCRIPTS) -> dict[str, str | list[str]]:
    """Return English text → text in the reader's language, for texts used in some scripts."""
    return _catalogue(LOCALES[current_language()], scripts)


@lru_cache(maxsize=8)
def _catalogue(locale: str, scripts: tuple[str, ...]) -> dict[str, str | list[str]]:
    path = TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po"
    if not path.is_file():
        return {}
    with path.open("rb") as file:
        messages = read_po(file)
    return {
        _singular(message.id): _worded(message.string)
        for message in messages
        if message.id
        and message.string
        and any(place.startswith(scripts) for place, _line in message.locations)
    }


def _singular(text: Any) -> str:
    return str(text[0] if isinstance(text, list | tuple) else text)


def _worded(text: Any) -> str | list[str]:
    """Return the forms of a text that depends on a count, or the one text."""
    return [str(form) for form in text] if isinstance(text, list | tuple) else str(text)
