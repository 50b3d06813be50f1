"""How long are the drives of a rehearsal, by the source that the settings name?

A rehearsal asks for millions of drives, more than a road server may be asked for. So some places,
spread over the calls and the bases, are asked about once before it begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dispatch.adapters.road_times.asking import NoAnswer
from dispatch.adapters.road_times.sources import asked_times, road_graph
from dispatch.domain.anchored_travel import AnchoredTimes
from dispatch.domain.errors import Invalid
from dispatch.domain.sentences import say
from dispatch.domain.travel import SOURCE_NAMES
from dispatch.rehearsal.staffing import spread

if TYPE_CHECKING:
    from dispatch.config import Settings
    from dispatch.domain.sentences import Sentence
    from dispatch.domain.travel import Floats, StraightLine, TravelTimes

MOST_ANCHORS = {"roads": 150, "osrm": 60, "valhalla": 60, "amap": 24, "baidu": 24}
"""So many places are asked about; the map services of others count and charge each drive."""

_FOR_THIS_HOUR = frozenset({"amap", "baidu"})


class Rehearsed(NamedTuple):
    """The source of a rehearsal's drives, and why it is not the configured one; None when it is."""

    travel: TravelTimes
    note: Sentence | None = None


def rehearsed_travel(
    settings: Settings, straight: StraightLine, places: Floats, hour: int
) -> Rehearsed:
    """Ask the configured source about some of the places, (n, 2) in degrees, at a local hour.

    Where it does not answer, the straight line does, with the reason.
    """
    if settings.travel == "straight" or not len(places):
        return Rehearsed(straight)
    distinct = np.unique(places, axis=0)
    anchors = distinct[np.unique(spread(distinct, MOST_ANCHORS[settings.travel]))]
    try:
        source = _source(settings, straight)
        asked = source.seconds(anchors, anchors, hour)
        since = hour if settings.travel in _FOR_THIS_HOUR else None
        travel = AnchoredTimes(
            straight, anchors, asked, source=source.source, spread=source.spread, hour=since
        )
    except NoAnswer as silence:
        return Rehearsed(straight, _note(settings, silence.sentence))
    except Invalid as refusal:
        return Rehearsed(straight, _note(settings, refusal.sentence))
    except ValueError:
        reason = say("It knows no drive between these places.")
        return Rehearsed(straight, _note(settings, reason))
    return Rehearsed(travel)


def _source(settings: Settings, straight: StraightLine) -> TravelTimes:
    server = asked_times(settings)
    return road_graph(settings, straight) if server is None else server


def _note(settings: Settings, reason: Sentence) -> Sentence:
    name = SOURCE_NAMES["road_graph" if settings.travel == "roads" else settings.travel]
    return say(
        "Estimated from the straight line, because %(name)s did not answer: %(reason)s",
        name=name,
        reason=reason,
    )
