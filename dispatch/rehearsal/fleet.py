"""Where is each crew, and how far has it driven?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dispatch.domain.travel import DETOUR, great_circle_metres

if TYPE_CHECKING:
    from dispatch.rehearsal.city import Floats


class Fleet:
    """Crews that drive straight from where they were to where they are sent.

    Between two places a crew is where its share of the driving time puts it on the straight line.
    """

    def __init__(self, base: Floats) -> None:
        crews = len(base)
        self.base = base
        self.start = base.copy()
        self.goal = base.copy()
        self.left_at = np.zeros(crews)
        self.there_at = np.zeros(crews)
        self.for_tickets = np.zeros(crews, dtype=np.bool_)
        self.metres_to_tickets = 0.0
        self.metres_home = 0.0

    def places(self, now: float) -> Floats:
        """Return the (m, 2) places of all crews."""
        took = self.there_at - self.left_at
        moving = self.there_at > now
        share = np.where(moving, (now - self.left_at) / np.where(moving, took, 1.0), 1.0)
        return self.start + share[:, None] * (self.goal - self.start)

    def place(self, crew: int, now: float) -> Floats:
        """Return the (2,) place of one crew."""
        if now >= self.there_at[crew]:
            here: Floats = self.goal[crew]
            return here
        share = (now - self.left_at[crew]) / (self.there_at[crew] - self.left_at[crew])
        between: Floats = self.start[crew] + share * (self.goal[crew] - self.start[crew])
        return between

    def send(self, crew: int, goal: Floats, now: float, seconds: float, *, ticket: bool) -> None:
        """Set a crew off to a place that it reaches in so many seconds."""
        here = self.place(crew, now).copy()
        self._measure(crew, here)
        self.start[crew], self.goal[crew] = here, goal
        self.left_at[crew], self.there_at[crew] = now, now + seconds
        self.for_tickets[crew] = ticket

    def stop(self, crew: int, now: float) -> None:
        """Leave a crew standing where it is."""
        self.send(crew, self.place(crew, now).copy(), now, 0.0, ticket=False)

    def finish(self, now: float) -> None:
        """Measure the last drives."""
        for crew in range(len(self.base)):
            self.stop(crew, now)

    def _measure(self, crew: int, here: Floats) -> None:
        metres = float(great_circle_metres(self.start[crew], here)[0, 0]) * DETOUR
        if self.for_tickets[crew]:
            self.metres_to_tickets += metres
        else:
            self.metres_home += metres
