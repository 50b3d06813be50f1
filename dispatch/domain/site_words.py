"""How does what a crew wrote down on site read in the story of its ticket?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dispatch.domain.checklists import CHECKS, LIST_NAMES, SAFETY, TickList, tick_name
from dispatch.domain.next_visit import needs_in_words
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.site_kit import item_name
from dispatch.domain.site_readings import READINGS, WHEN_NAMES, When
from dispatch.domain.ticket_state import EventKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


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
    return _WORDS[kind](facts) if kind in _WORDS else None


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


def _part_words(facts: dict[str, Any]) -> Sentence | None:
    if "item" not in facts:
        return None
    return say("%(count)s × %(item)s", count=facts["count"], item=item_name(facts["item"]))


def _tick_words(facts: dict[str, Any]) -> Sentence | None:
    if facts.get("list") not in set(TickList):
        return None
    names = {
        "list": LIST_NAMES[TickList(facts["list"])],
        "item": tick_name(facts["list"], facts.get("item", ""), facts.get("words")),
    }
    if facts.get("done"):
        return say("%(list)s: %(item)s", **names)
    return say("%(list)s, taken back: %(item)s", **names)


def _code_words(facts: dict[str, Any]) -> Sentence:
    return say("The code is right") if facts.get("right") else say("The code is wrong")


def _left_words(facts: dict[str, Any]) -> Sentence:
    return say("About %(minutes)s min more", minutes=facts["minutes"])


def _start_words(facts: dict[str, Any]) -> Sentence | None:
    words = _open_items(facts)
    return words and say("Safety steps not ticked by then: %(steps)s", steps=words)


def _end_words(facts: dict[str, Any]) -> Sentence | None:
    words = _open_items(facts)
    return words and say("Checks not ticked by then: %(steps)s", steps=words)


def _open_items(facts: dict[str, Any]) -> Sentence | None:
    own = facts.get("unticked_words", {})
    known = {**SAFETY, **CHECKS, **own}
    left = [each for each in facts.get("unticked", ()) if each in known]
    return listed([tick_name("", each, own.get(each)) for each in left])


_WORDS: dict[str, Callable[[dict[str, Any]], Sentence | None]] = {
    EventKind.READING_TAKEN: lambda facts: (
        reading_words(facts) if facts.get("reading") in READINGS else None
    ),
    EventKind.PARTS_USED: _part_words,
    EventKind.TICKED: _tick_words,
    EventKind.NEXT_VISIT_NEEDS: lambda facts: listed(needs_in_words(facts)),
    EventKind.RESIDENT_CODE: _code_words,
    EventKind.TIME_LEFT: _left_words,
    EventKind.STARTED: _start_words,
    EventKind.COMPLETED: _end_words,
}
