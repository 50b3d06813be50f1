"""What do counts say, once somebody has counted the tickets of each group?

Each method gives for every group what the function of the same name gives for its stories; what a
figure means, what is in and what is out stands there.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from dispatch.domain.attainment import MEASURES, Attainment
from dispatch.domain.exclusions import Exclusion
from dispatch.domain.facts import CAUSES, EXCLUSIONS
from dispatch.domain.figures import REPEAT_DAYS
from dispatch.domain.first_time_fix import FirstTimeFix
from dispatch.domain.five_ones import FiveOnes
from dispatch.domain.flow import AGE_BANDS, OLDEST_BAND, Flow
from dispatch.domain.same_place import Repeat
from dispatch.domain.samples import Percentiles, Share
from dispatch.domain.satisfaction import Satisfaction
from dispatch.domain.stages import ENDS, Stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    Table = NDArray[np.int64]

FARED = 8
"""How many numbers the table of one of `MEASURES` has before those of what is left out."""
BANDS = (*(name for name, _ in AGE_BANDS), OLDEST_BAND)
FLOWS = (
    "opened", "closed", "backlog", "overdue", "returns", "dispatches", "dispatched", "by_rule",
    "overrides", "duplicates", "reports",
)  # fmt: skip
"""What the table of the flow has before the ages of what waits, in the order of `BANDS`."""
REPEATS = {f"repeat_{days}": days for days in REPEAT_DAYS}
TABLES = ("n", *MEASURES, "judged", "causes", *REPEATS, "five_ones", "satisfaction", "flow")
"""What is counted. A table has a row for each group, and can be added to another of its name."""


class CountedFigures(ABC):
    """The figures of `size` groups, out of `TABLES` and the spread of each stage."""

    size: int

    @abstractmethod
    def table(self, name: str) -> Table:
        """Return one of `TABLES`, a row for each group."""

    @abstractmethod
    def spread(self, stage: Stage) -> list[Percentiles | None]:
        """Measure one stage in seconds."""

    def every_figure(self) -> dict[str, list[Any]]:
        """Return every figure of `FigureRow` by its name, a value for each group."""
        return {
            "n": self.n(),
            "attainment_30": self.attainment("within_30"),
            "circle": self.attainment("circle"),
            "arrive": self.attainment("arrive"),
            "repair": self.attainment("repair"),
            "call_back": self.attainment("call_back"),
            "stages": self.stages(),
            "first_time_fix": self.first_time_fix(),
            "return_visit_causes": self.return_visit_causes(),
            "repeat": list(zip(*(self.repeat(days) for days in REPEAT_DAYS), strict=True)),
            "five_ones": self.five_ones(),
            "satisfaction": self.satisfaction(),
            "flow": self.flow(),
        }

    def n(self) -> list[int]:
        """Count the tickets of each group."""
        found: list[int] = self.table("n")[:, 0].tolist()
        return found

    def attainment(self, measure: str) -> list[Attainment]:
        """Count one of `MEASURES` by how the promise fared, raw and with holds taken off."""
        found = []
        for row in self.table(measure).tolist():
            met, met_raw, late, late_raw, waits, waits_over, overdue, overdue_over = row[:FARED]
            ended = met + met_raw + late + late_raw
            found.append(Attainment(
                met + met_raw, late + late_raw, overdue + overdue_over, waits + waits_over,
                met + late, ended + waits_over + overdue_over,
                {why: n for why, n in zip(EXCLUSIONS, row[FARED:], strict=True) if why and n},
            ))  # fmt: skip
        return found

    def stages(
        self, wanted: Iterable[Stage] = tuple(ENDS)
    ) -> list[dict[Stage, Percentiles | None]]:
        """Measure stages in seconds."""
        found: list[dict[Stage, Percentiles | None]] = [{} for _ in range(self.size)]
        for stage in wanted:
            for group, one in zip(found, self.spread(stage), strict=True):
                group[stage] = one
        return found

    def first_time_fix(self) -> list[FirstTimeFix]:
        """Count first-time fixes, so far and confirmed."""
        found = []
        for _, flagged, once, lasting, again, judged_over in self.table("judged").tolist():
            known, over = once + lasting + again + judged_over, lasting + judged_over
            found.append(
                FirstTimeFix(
                    Share(once + lasting, known),
                    Share(lasting, over),
                    {Exclusion.FLAGGED: flagged} if flagged else {},
                )
            )
        return found

    def return_visit_causes(self) -> list[dict[str, int]]:
        """Count why first visits failed, most frequent cause first."""
        return [
            {
                str(CAUSES[code]): row[code]
                for code in sorted(range(1, len(CAUSES)), key=lambda code: -row[code])
                if row[code]
            }
            for row in self.table("causes").tolist()
        ]

    def repeat(self, days: int) -> list[Repeat]:
        """Count closed tickets that were followed by another at the same place."""
        found = []
        for again, n, lasts, flagged, placeless in self.table(f"repeat_{days}").tolist():
            why = {Exclusion.FLAGGED: flagged, Exclusion.PLACE_NOT_KNOWN: placeless}
            left_out = {reason: count for reason, count in why.items() if count}
            found.append(Repeat(days, Share(again, n), lasts, left_out))
        return found

    def five_ones(self) -> list[FiveOnes]:
        """Count the five ones over closed repairs."""
        found = []
        for row, fix in zip(self.table("five_ones").tolist(), self.first_time_fix(), strict=True):
            shares = [Share(*row[at : at + 2]) for at in range(0, len(row), 2)]
            found.append(FiveOnes(*[*shares, fix.share]))
        return found

    def satisfaction(self) -> list[Satisfaction]:
        """Count the follow-ups and their answers."""
        return [
            Satisfaction(
                asked, Share(n, asked), Share(solved, n), Share(process, n), Share(result, n),
                not_fixed=not_fixed, not_said=n - solved - not_fixed, refused=refused,
                silent=asked - n - refused,
            )
            for asked, n, solved, process, result, not_fixed, refused in (
                self.table("satisfaction").tolist()
            )
        ]  # fmt: skip

    def flow(self) -> list[Flow]:
        """Count what came in and went out, and what was waiting at the end."""
        found = []
        for row in self.table("flow").tolist():
            counts: dict[str, Any] = dict(zip(FLOWS, row, strict=False))
            counts["by_rule"] = Share(counts["by_rule"], counts["dispatched"])
            counts["age_bands"] = dict(zip(BANDS, row[len(FLOWS) :], strict=True))
            found.append(Flow(**counts))
        return found
