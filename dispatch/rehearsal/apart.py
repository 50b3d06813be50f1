"""How does a rehearsal tell how far it is, and what came of it, in lines?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

from dispatch.domain.errors import Refused
from dispatch.domain.rehearsal_wish import Wish
from dispatch.rehearsal.own_city import rehearse_own
from dispatch.rehearsal.own_material import Material

if TYPE_CHECKING:
    from collections.abc import Callable

    from dispatch.domain.sentences import Sentence
    from dispatch.domain.travel import TravelTimes

    Drives = Callable[[dict[str, Any], Material], tuple[TravelTimes, Sentence | None]]

_STEP = 0.01


def run(asked: TextIO, tell: Callable[[dict[str, Any]], None], drives: Drives) -> None:
    """Rehearse what was asked for and tell progress, then the result or the refusal.

    `asked` holds one JSON object: ``material``, ``wish``, and ``travel``, from which `drives` makes
    the source of the drives and says why it is not the configured one. Told are
    ``{"progress": 0.4}``, and at the end ``{"result": …}`` or ``{"refused": sentence}``.
    """
    given = json.load(asked)
    told = 0.0

    def on_progress(share: float) -> None:
        nonlocal told
        if share >= told + _STEP or share == 1:
            told = share
            tell({"progress": share})

    try:
        material, wish = Material.from_json(given["material"]), Wish.from_json(given["wish"])
        travel, note = drives(given.get("travel", {}), material)
        found = rehearse_own(material, wish, on_progress, travel)
        found["travel"]["note"] = note and note.as_json()
        tell({"result": found})
    except Refused as refusal:
        tell({"refused": refusal.sentence.as_json()})
