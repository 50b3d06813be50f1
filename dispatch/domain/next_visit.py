"""What does the next visit need, when this one could not fix the fault?"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from dispatch.domain.categories import SKILL_NAMES
from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.site_kit import check_item, item_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Need(StrEnum):
    """Something else than a part that must be there first; a closed list."""

    EXCAVATION = "excavation"
    VALVE_CLOSED = "valve_closed"
    SECOND_CREW = "second_crew"
    CREW_GENERAL = "crew_general"
    CREW_MAINS = "crew_mains"
    CREW_METER = "crew_meter"
    CREW_QUALITY = "crew_quality"
    TRAFFIC_PERMIT = "traffic_permit"
    RESIDENT_AT_HOME = "resident_at_home"
    KEY_TO_PLACE = "key_to_place"


def _crew_for(skill: str) -> Sentence:
    return say("A crew for: %(skill)s", skill=SKILL_NAMES[skill])


NEED_NAMES: dict[Need, Sentence] = {
    Need.EXCAVATION: say("Excavation"),
    Need.VALVE_CLOSED: say("A valve closed beforehand"),
    Need.SECOND_CREW: say("A second crew"),
    Need.CREW_MAINS: _crew_for("mains"),
    Need.CREW_METER: _crew_for("meter"),
    Need.CREW_QUALITY: _crew_for("quality"),
    Need.CREW_GENERAL: _crew_for("general"),
    Need.TRAFFIC_PERMIT: say("A traffic permit"),
    Need.RESIDENT_AT_HOME: say("The resident at home"),
    Need.KEY_TO_PLACE: say("The key to the place"),
}


def need_name(need: str) -> Sentence:
    """Return the name of a need; one that a newer version wrote stands for itself."""
    if need in set(Need):
        return NEED_NAMES[Need(need)]
    return Sentence("%(item)s", {"item": need})


def several(given: object) -> list[str]:
    """Return what was chosen of a list: a list of texts, or one text with commas between."""
    parts: Iterable[object] = given if isinstance(given, list) else str(given or "").split(",")
    return list(dict.fromkeys(text for each in parts if (text := str(each).strip())))


def check_needs(parts: object, needs: object) -> dict[str, list[str]]:
    """Return the parts and the other needs of a next visit, each once; empty where there are none.

    Raises:
        Invalid: naming the field, when one is not on its list.
    """
    wanted = [check_item(each, field="parts") for each in several(parts)]
    others = several(needs)
    if any(each not in set(Need) for each in others):
        fault = say("Choose what is needed next from the list.")
        raise Invalid(fault, fields={"needs": fault})
    found = {"parts": wanted, "needs": others}
    return {name: each for name, each in found.items() if each}


def needs_in_words(facts: dict[str, Sequence[str]]) -> list[Sentence]:
    """Return what a next visit needs, the parts first."""
    parts = [item_name(each) for each in facts.get("parts", ())]
    return parts + [need_name(each) for each in facts.get("needs", ())]
