"""How are the rules of asking written in the form of the promises?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dispatch.domain.categories import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Mapping

_LISTS = ("same_day_levels", "later_levels", "left_out")
_NUMBERS = (
    "link_after_minutes",
    "call_after_minutes",
    "later_days",
    "tries",
    "retry_minutes",
    "audit_percent",
    "audit_least",
)
_KNOWN = {rule.key for rule in CATEGORIES}


def asking_form(stored: dict[str, Any]) -> dict[str, str]:
    """Return the text of every field, from the JSON of the rules."""
    found = {f"asking.{name}": " ".join(map(str, stored[name])) for name in _LISTS}
    found |= {f"asking.{name}": str(stored[name]) for name in _NUMBERS}
    return found | {f"asking.hours.{at}": hour for at, hour in enumerate(stored["hours"])}


def asking_from(form: Mapping[str, str]) -> dict[str, Any]:
    """Return the JSON of the rules; what is no number or no category is left for its reader."""
    found: dict[str, Any] = {name: _number(form, f"asking.{name}") for name in _NUMBERS}
    for name in _LISTS[:2]:
        found[name] = [_whole(word) for word in _words(form, f"asking.{name}")]
    # A key that no category has is refused by the reader as no key at all.
    found["left_out"] = [key if key in _KNOWN else "?" for key in _words(form, "asking.left_out")]
    found["hours"] = [form.get(f"asking.hours.{at}", "").strip() for at in range(2)]
    return found


def _words(form: Mapping[str, str], name: str) -> list[str]:
    return [word for word in re.split(r"[\s,;，；、]+", form.get(name, "").strip()) if word]


def _number(form: Mapping[str, str], name: str) -> int | str:
    return _whole(form.get(name, "").strip())


def _whole(text: str) -> int | str:
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else text
