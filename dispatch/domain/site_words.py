"""How does what a crew wrote down on site read in the story of its ticket?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dispatch.domain.checklists import LIST_NAMES, SAFETY, TickList, tick_name
from dispatch.domain.next_visit import needs_in_words
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.site_kit import item_name
from dispatch.domain.site_readings import READINGS, WHEN_NAMES, When
from dispatch.domain.ticket_state import EventKind

if TYPE_CHECKING:
    from collections.abc import Sequence


def listed(sentences: Sequence[Sentence]) -> Sentence | None:
    """Join sentences to one, None where there are none."""
    if not sentences:
        return None
    joined = sentences[-1]
    for each in reversed(sentences[:-1]):
        joined = say("%(first)s, %(rest)s", first=each, rest=joined)
    return joined


def site_detail(kind: str, facts: dict[str, Any]) -> Sentence | None:
    """Return what an event on site says beyond its name, None for any other event."""
    if kind == EventKind.READING_TAKEN and facts.get("reading") in READINGS:
        return reading_words(facts)
    if kind == EventKind.PARTS_USED and "item" in facts:
        return say("%(count)s × %(item)s", count=facts["count"], item=item_name(facts["item"]))
    if kind == EventKind.TICKED and facts.get("list") in set(TickList):
        return _tick_words(facts)
    if kind == EventKind.NEXT_VISIT_NEEDS:
        return listed(needs_in_words(facts))
    if kind == EventKind.STARTED and facts.get("unticked"):
        names = [SAFETY[each] for each in facts["unticked"] if each in SAFETY]
        words = listed(names)
        return words and say("Safety steps not ticked by then: %(steps)s", steps=words)
    return None


def reading_words(facts: dict[str, Any]) -> Sentence:
    """Return a reading with its unit, as in “Pressure, before: 350 kPa”."""
    when = facts.get("when")
    return say(
        "%(reading)s, %(when)s: %(value)s %(unit)s",
        reading=READINGS[facts["reading"]].name,
        when=WHEN_NAMES[When(when)] if when in set(When) else "",
        value=facts["value"],
        unit=facts["unit"],
    )


def _tick_words(facts: dict[str, Any]) -> Sentence:
    names = {
        "list": LIST_NAMES[TickList(facts["list"])],
        "item": tick_name(facts["list"], facts.get("item", "")),
    }
    if facts.get("done"):
        return say("%(list)s: %(item)s", **names)
    return say("%(list)s, taken back: %(item)s", **names)
