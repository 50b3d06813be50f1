"""How are many instants compared exactly and at once?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

MICROSECONDS = 1e6
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(times: Iterable[datetime | None]) -> NDArray[np.float64]:
    """Turn aware instants into whole microseconds since 1970 in UTC, NaN where there is none.

    Whole microseconds are exact in a float until the year 2255, so differences are exact too.

    Raises:
        TypeError: for a time without a zone, which has no place on this line.
    """
    seconds = np.array(
        [np.nan if at is None else (at - EPOCH).total_seconds() for at in times], dtype=np.float64
    )
    whole: NDArray[np.float64] = np.rint(seconds * MICROSECONDS)
    return whole


def instant(at: float) -> datetime:
    """Turn microseconds since 1970 back into an instant in UTC."""
    return EPOCH + timedelta(microseconds=at)
