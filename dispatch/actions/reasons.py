"""Did the person say why?"""

from __future__ import annotations

from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say


def check_reason(reason: str) -> str:
    """Return the reason without the blanks around it.

    Raises:
        Invalid: when there is nothing but blanks.
    """
    said = reason.strip()
    if not said:
        fault = say("Give a reason, so that the next person understands.")
        raise Invalid(fault, fields={"reason": fault})
    return said
