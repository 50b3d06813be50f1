"""In which words does a command answer its reader?"""

from __future__ import annotations

import gettext
import os
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

if TYPE_CHECKING:
    from dispatch.domain.sentences import Sentence

TRANSLATIONS = Path(__file__).parents[1] / "translations"
CATALOGUES = {"en": None, "zh-CN": "zh_Hans_CN"}


def command_language() -> str:
    """Return the reader's language: the installation's setting, else the shell's, else English."""
    given = os.environ.get("ONEVISIT_LANGUAGE", "")
    if given in CATALOGUES:
        return given
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if locale := os.environ.get(name):
            return "zh-CN" if locale.lower().startswith("zh") else "en"
    return "en"


def word(sentence: Sentence) -> str:
    """Word a sentence for the terminal; instants in the utility's zone.

    Read from the catalogue directly, so that help and a refused setting need no application.
    """
    text = _catalogue(CATALOGUES[command_language()]).gettext(sentence.text)
    if not sentence.values:
        return text
    return text % {name: _worded_value(value) for name, value in sentence.values.items()}


def _worded_value(value: Any) -> Any:
    # The help of a command is quick: nothing is loaded that it does not need.
    from dispatch.domain.instants import clock_words  # noqa: PLC0415
    from dispatch.domain.sentences import Sentence  # noqa: PLC0415

    if isinstance(value, Sentence):
        return word(value)
    if isinstance(value, datetime):
        in_chinese = command_language() == "zh-CN"
        return clock_words(value, _zone(), datetime.now(UTC), in_chinese=in_chinese)
    return value


def _zone() -> ZoneInfo:
    try:
        return ZoneInfo(os.environ.get("ONEVISIT_TIME_ZONE", "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


@cache
def _catalogue(locale: str | None) -> gettext.NullTranslations:
    if locale is None:
        return gettext.NullTranslations()
    return gettext.translation("messages", TRANSLATIONS, [locale], fallback=True)
