"""What may everybody read about how a utility keeps its promises?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dispatch.domain.errors import Invalid
from dispatch.domain.samples import MINIMUM_SAMPLE
from dispatch.domain.sentences import Sentence, say

DAYS = 30
"""The figures are those of so many whole days up to yesterday."""

LONGEST_TEXT = 4_000
# PostgreSQL takes no NUL, and no encoding takes half a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
TEXTS = ("scope", "scope_zh", "fees", "fees_zh")


class PublicFigure(StrEnum):
    """One figure that may be shown to everybody."""

    ATTAINMENT = "attainment"
    RESPONSE = "response_p90"
    FIRST_TIME_FIX = "first_time_fix"
    SATISFACTION = "satisfaction"
    TICKETS = "tickets"


PUBLIC_NAMES: dict[PublicFigure, Sentence] = {
    PublicFigure.ATTAINMENT: say("Arrived within the promised 30 minutes"),
    PublicFigure.RESPONSE: say("Nine of ten crews arrived within"),
    PublicFigure.FIRST_TIME_FIX: say("Fixed at the first visit"),
    PublicFigure.SATISFACTION: say("Satisfied with the result"),
    PublicFigure.TICKETS: say("Faults and requests taken up"),
}
PUBLIC_MEANING: dict[PublicFigure, Sentence] = {
    PublicFigure.ATTAINMENT: say(
        "Of the places in the service circle that were promised a crew within 30 minutes."
    ),
    PublicFigure.RESPONSE: say("From the call to the first crew at the place, in minutes."),
    PublicFigure.FIRST_TIME_FIX: say("Of the repairs that were done, those that needed one visit."),
    PublicFigure.SATISFACTION: say("Of those who answered when we asked them after the repair."),
    PublicFigure.TICKETS: say("All that was reported to us, by telephone or on this site."),
}
"""What each figure means, in words for residents."""

SHARES = frozenset(
    {PublicFigure.ATTAINMENT, PublicFigure.FIRST_TIME_FIX, PublicFigure.SATISFACTION}
)
"""The figures that are a share of one; the response is in minutes, the tickets are a count."""


@dataclass(frozen=True, slots=True)
class PublicNumber:
    """One figure as everybody reads it; without value and n where it stands on too few."""

    figure: PublicFigure
    value: float | None
    n: int | None

    def as_json(self) -> dict[str, Any]:
        """Return the figure with its unit; null where it stands on too few."""
        unit = "share" if self.figure in SHARES else "minutes"
        if self.figure is PublicFigure.TICKETS:
            unit = "count"
        return {"figure": str(self.figure), "value": self.value, "unit": unit, "n": self.n}


def public_number(figure: PublicFigure, value: float | None, n: int) -> PublicNumber:
    """Return a figure, or only that it stands on too few to be shown.

    A small number might tell of one household, so that neither value nor n is given below
    `MINIMUM_SAMPLE`.
    """
    if n < MINIMUM_SAMPLE or value is None:
        return PublicNumber(figure, None, None)
    return PublicNumber(figure, value, n)


@dataclass(frozen=True, slots=True)
class PublicPage:
    """What an administrator decided: whether it is open, which figures, which texts.

    `texts` are the scope of the service and the fees, in both languages, by `TEXTS`.
    """

    is_open: bool = False
    figures: tuple[PublicFigure, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)

    def text(self, name: str, *, chinese: bool) -> tuple[str, str]:
        """Return `scope` or `fees` in a language, in the other one where that is all there is.

        The second value is the language of the text, as HTML names it.
        """
        written = [(self.texts.get(name, ""), "en"), (self.texts.get(f"{name}_zh", ""), "zh-CN")]
        return next((each for each in written[:: -1 if chinese else 1] if each[0]), ("", "en"))

    def as_json(self) -> dict[str, Any]:
        """Return a JSON object that `from_json` reads back."""
        return {
            "is_open": self.is_open,
            "figures": [str(each) for each in self.figures],
            "texts": self.texts,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> PublicPage:
        """Read what `as_json` wrote."""
        figures = tuple(PublicFigure(each) for each in stored["figures"])
        return cls(stored["is_open"], figures, stored["texts"])


def page_from(figures: list[str], texts: dict[str, str], *, is_open: bool) -> PublicPage:
    """Check what an administrator typed; figures come in their own order, texts without edges.

    Raises:
        Invalid: for an unknown figure, a text that is too long, or an open page without anything
            to show.
    """
    faults: dict[str, Sentence] = {}
    if unknown := set(figures) - set(PublicFigure):
        faults["figures"] = say("There is no figure “%(figure)s”.", figure=min(unknown))
    trimmed = {name: _plain(texts.get(name, "")) for name in TEXTS}
    for name, text in trimmed.items():
        if len(text) > LONGEST_TEXT:
            faults[name] = say("At most %(most)s characters.", most=LONGEST_TEXT)
    if is_open and not (figures or any(trimmed.values())):
        faults["figures"] = say("Choose a figure, or write a text, before everybody may read it.")
    if faults:
        raise Invalid(next(iter(faults.values())), fields=faults)
    chosen = tuple(each for each in PublicFigure if each in figures)
    return PublicPage(is_open, chosen, trimmed)


def _plain(text: str) -> str:
    return _UNSTORABLE.sub("", text).replace("\r\n", "\n").strip()
