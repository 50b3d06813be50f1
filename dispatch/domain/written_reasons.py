"""How are the reasons for and against each crew kept with the visit they led to?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from dispatch.domain.assignment import Choice
    from dispatch.domain.candidates import Candidate


def written_reasons(choice: Choice, candidates: Iterable[Candidate]) -> dict[str, Any]:
    """Return the JSON that is stored on a visit: the rule, why, and every candidate's reasons."""
    return {
        "rule": str(choice.rule),
        "why": [reason.as_json() for reason in choice.reasons],
        "candidates": [
            {
                "crew_id": one.crew_id,
                "crew": one.name,
                "chosen": one.crew_id == choice.crew_id,
                "excluded_by": one.excluded_by,
                "eta_seconds": one.eta_seconds,
                "eta_source": one.eta_source,
                "chance": None if one.chance is None else round(one.chance, 3),
                "reasons": [reason.as_json() for reason in one.reasons],
            }
            for one in candidates
        ],
    }


def expected_there(crew_id: int, candidates: Iterable[Candidate]) -> datetime | None:
    """Return when a crew would arrive, None where it cannot be said."""
    return next((one.arrives_at for one in candidates if one.crew_id == crew_id), None)


def written_basis(crew_id: int, candidates: Iterable[Candidate]) -> list[Any]:
    """Return the JSON of what the arrival of a crew rests on; empty where it is not known."""
    return [each.as_json() for one in candidates if one.crew_id == crew_id for each in one.basis]
