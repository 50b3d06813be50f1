"""Which codes enrol a phone, which PINs open it, and how long do wrong ones lock it?"""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from itertools import pairwise

from dispatch.domain.sentences import Sentence, say

CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no letter that is read as a digit or another letter, and no U."""
CODE_LENGTH = 8
CODE_LIFETIME = timedelta(minutes=10)
MOST_CODE_TRIES = 10
"""So many wrong codes may come from an address in five minutes."""

PIN_DIGITS = 6
FEWEST_DIGITS = 3
FREE_TRIES = 5
"""So many wrong PINs for a person on a phone lock it for that person."""
FREE_TRIES_ANYWHERE = 15
"""So many wrong PINs for a person on all phones together lock them all for that person."""
MOST_OWN_PHONES = 20
"""So many phones a crew may have added within a day when one more adds itself without a code."""
LONGEST_LOCK_MINUTES = 60
SHIFT_LIFETIME = timedelta(hours=12)
"""So long a sign-in by PIN lasts."""

_READ_AS = str.maketrans("OIL", "011")


def tidy_code(typed: str) -> str:
    """Return a code as it is compared, however it was typed: spaces, small letters, O for 0."""
    folded = unicodedata.normalize("NFKC", typed).upper().translate(_READ_AS)
    return "".join(each for each in folded if each in CODE_ALPHABET)


def code_words(code: str) -> str:
    """Return a code in groups of four, as a person reads it out."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def tidy_pin(typed: str) -> str:
    """Return a PIN as it is compared: full-width digits are digits, spaces are dropped."""
    return "".join(unicodedata.normalize("NFKC", typed).split())


def pin_fault(pin: str) -> Sentence | None:
    """Say why a tidied PIN cannot be used; None when it can."""
    if len(pin) != PIN_DIGITS or not (pin.isascii() and pin.isdigit()):
        return say("A PIN has exactly %(n)s digits.", n=PIN_DIGITS)
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    if len(set(pin)) < FEWEST_DIGITS or steps in ({1}, {9}):
        return say("This PIN is easy to guess: use at least three digits, and no row of them.")
    return None


def lock_minutes(wrong: int, free: int = FREE_TRIES) -> int:
    """Return for how many minutes so many wrong tries lock: none below `free`, then growing."""
    if wrong < free:
        return 0
    return int(min(LONGEST_LOCK_MINUTES, 2 ** min(wrong - free, 10)))
