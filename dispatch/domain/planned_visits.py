"""Is the hour quiet enough for a planned visit, and if not, what does it wait for?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.sentences import Sentence, say

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST_FALL = 0.005
"""A grid whose chance falls by less than half a point is not touched by a crew's going."""

REPAIRS_FIRST = say("Waits for a quiet hour: repairs are waiting for crews")
NOBODY_IDLE = say("Waits for a quiet hour: no idle crew may go")


@dataclass(frozen=True)
class Without:
    """Coverage by grid (g,), and by how much each falls if a crew goes, (crews, g)."""

    crew_ids: tuple[int, ...]
    grids: tuple[str, ...]
    before: Floats
    falls: Floats

    def hit_hardest(self, crew_id: int, floor: float) -> tuple[str, float] | None:
        """Return the grid that would stand lowest below the floor, and its chance then.

        Only grids that the crew's going touches count; None where all of them stay at the floor or
        above it. A crew that coverage does not know takes nothing away.
        """
        if crew_id not in self.crew_ids:
            return None
        falls = self.falls[self.crew_ids.index(crew_id)]
        after = np.where(falls >= LEAST_FALL, self.before - falls, np.nan)
        if np.isnan(after).all():
            return None
        lowest = int(np.nanargmin(after))
        return None if after[lowest] >= floor else (self.grids[lowest], float(after[lowest]))


def why_wait(crew: str, hit: tuple[str, float]) -> Sentence:
    """Say what sending a crew now would take away."""
    return say(
        "Waits for a quiet hour: if %(crew)s goes, %(grid)s falls to %(share)s %%",
        crew=crew,
        grid=hit[0],
        share=_percent(hit[1]),
    )


def _percent(share: float) -> int:
    return int(100 * max(0.0, share))
