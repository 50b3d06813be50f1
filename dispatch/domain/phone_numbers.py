"""Can a text message go to this telephone number, and how long is its text?"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say

_BETWEEN = re.compile(r"[ ()./\-]+")
# E.164: at most 15 digits with the country code.
_SHAPE = re.compile(r"\+?[0-9]{5,15}")
_FEWEST_DIGITS, _KEY_DIGITS = 5, 10

# The alphabet of GSM 03.38; the second row costs two places each.
_PLAIN = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_DOUBLE = frozenset("^{}\\[~]|€\f")


@dataclass(frozen=True)
class Parts:
    """How long a text is in the places of its alphabet, and in how many parts it goes out."""

    characters: int
    parts: int
    is_unicode: bool


def checked_phone(text: str, field: str = "phone") -> str:
    """Return a number without blanks and dashes.

    Raises:
        Invalid: naming `field`, when it is no number that a message can reach.
    """
    number = plain_phone(text)
    if not (number.isascii() and _SHAPE.fullmatch(number)):
        fault = say(
            "“%(given)s” is no telephone number. Give 5 to 15 digits, for example 13812345678 or "
            "+8613812345678.",
            given=text.strip()[:32],
        )
        raise Invalid(fault, fields={field: fault})
    return number


def plain_phone(text: str) -> str:
    """Return a number without blanks and dashes, whatever it is."""
    return _BETWEEN.sub("", text.strip())


def phone_forms(text: str) -> tuple[str, ...]:
    """Return how a number may be stored: with the country code of China, with a plus, without.

    Nothing for less than five digits.
    """
    digits = "".join(each for each in text if each.isascii() and each.isdigit())
    digits = digits.removeprefix("00")
    if len(digits) < _FEWEST_DIGITS:
        return ()
    own = digits.removeprefix("86") if len(digits) > _KEY_DIGITS + 1 else digits
    return tuple(dict.fromkeys((digits, own, f"+{digits}", f"86{own}", f"+86{own}", f"0086{own}")))


def spellings(text: str) -> frozenset[str]:
    """Return every way in which the same number may be stored; what is no number, as it is."""
    plain = plain_phone(text)
    is_number = plain.isascii() and _SHAPE.fullmatch(plain)
    return frozenset({plain, *phone_forms(plain)} if is_number else {plain})


def phone_key(text: str | None) -> str | None:
    """Return the last ten digits, alike however a number was written; None for less than five."""
    digits = "".join(each for each in text or "" if each.isascii() and each.isdigit())
    return digits[-_KEY_DIGITS:] if len(digits) >= _FEWEST_DIGITS else None


def sms_parts(text: str) -> Parts:
    """Return how a text is split: 160 or 153 places of the GSM alphabet, else 70 or 67 of Unicode.

    Source: 3GPP TS 23.038 and 23.040.
    """
    is_unicode = any(letter not in _PLAIN and letter not in _DOUBLE for letter in text)
    if is_unicode:
        length = len(text.encode("utf-16-le")) // 2
        one, more = 70, 67
    else:
        length = sum(2 if letter in _DOUBLE else 1 for letter in text)
        one, more = 160, 153
    return Parts(length, 1 if length <= one else math.ceil(length / more), is_unicode)
