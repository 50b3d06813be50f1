"""How much of a personal value may a list show?"""

from __future__ import annotations

_SHOWN_FIRST = 3
_SHOWN_LAST = 4


def masked_phone(phone: str | None) -> str | None:
    """Return a telephone number with its middle hidden, for example ``138****5678``.

    A number too short to hide its middle is hidden whole.
    """
    if not phone:
        return None
    digits = phone.strip()
    if len(digits) <= _SHOWN_FIRST + _SHOWN_LAST:
        return "****"
    return f"{digits[:_SHOWN_FIRST]}****{digits[-_SHOWN_LAST:]}"


def masked_name(name: str | None) -> str | None:
    """Return the first letter of a name and nothing that tells its length."""
    return f"{name.strip()[0]}**" if name and name.strip() else None
