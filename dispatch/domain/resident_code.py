"""Which code does a resident give to the crew that has really come?"""

from __future__ import annotations

import hashlib
import unicodedata

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say

DIGITS = 4
MOST_TRIES = 5
"""So many wrong codes on one visit; after that none counts, so that nobody tries them all."""


def resident_code(token: str) -> str:
    """Return the four digits that the track page behind a token shows; they tell nothing of it."""
    drawn = hashlib.sha256(f"resident code\n{token}".encode()).digest()
    return f"{int.from_bytes(drawn[:8]) % 10**DIGITS:0{DIGITS}d}"


def check_code(typed: object) -> str:
    """Return a typed code as four plain digits.

    Raises:
        Invalid: when it is no four digits.
    """
    text = unicodedata.normalize("NFKC", str(typed)).replace(" ", "")
    if not (text.isascii() and text.isdigit() and len(text) == DIGITS):
        fault = say("The code has four digits. The resident sees it on the page of the ticket.")
        raise Invalid(fault, fields={"code": fault})
    return text
