"""What changed in the figures of past days since the asker last looked at this view?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, current_app, redirect

from dispatch.access import current_actor, current_scope, requires
from dispatch.actions.figure_looks import keep_look, mark_seen
from dispatch.actions.unit_of_work import transaction
from dispatch.circle.asked import Asked, read_asked
from dispatch.domain.figure_looks import Watched, changes
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import Sentence, say
from dispatch.queries.figure_looks import LookedAt, causes_since, look_of, readings_of
from dispatch.web.circle_words import minutes, percent

if TYPE_CHECKING:
    from datetime import datetime

    from werkzeug.wrappers import Response

    from dispatch.domain.facts import Facts
    from dispatch.domain.figure_looks import Change, Reading
    from dispatch.queries.figure_looks import Cause
    from dispatch.queries.figures import CircleFigures

blueprint = Blueprint("circle_since", __name__, url_prefix="/circle/seen")

CAUSES_SHOWN = 20
WATCHED_NAMES: dict[Watched, Sentence] = {
    Watched.CIRCLE: say("Circle attainment"),
    Watched.CIRCLE_ADJUSTED: say("Time on hold taken off"),
    Watched.RESPONSE_P90: say("Arrival P90, min"),
    Watched.FIRST_TIME_FIX: say("Fixed the first time"),
    Watched.REPEAT_7: say("Repeats within %(days)s days", days=7),
    Watched.REPEAT_30: say("Repeats within %(days)s days", days=30),
    Watched.REPEAT_90: say("Repeats within %(days)s days", days=90),
    Watched.SOLVED: say("Fixed, of those who answered"),
    Watched.REPAIR: say("Repair promise kept"),
    Watched.CALL_BACK: say("Calls back kept in time"),
}


@dataclass(frozen=True, slots=True)
class Since:
    """When the asker looked before, None for the first time, and what changed since, with why."""

    at: datetime | None
    changes: dict[Watched, Change]
    causes: dict[Watched, list[Cause]]
    names = WATCHED_NAMES
    shown = CAUSES_SHOWN

    def written(self, figure: Watched, reading: Reading) -> str:
        """Write a value as its tile does."""
        return (minutes if figure is Watched.RESPONSE_P90 else percent)(reading.value)


@blueprint.post("")
@requires(Permission.SEE_FIGURES)
def seen() -> Response:
    """Take what the view showed last as seen: later changes are told against that."""
    asked = read_asked(current_app.config["SETTINGS"].zone)
    with transaction():
        mark_seen(current_actor().user_id or 0, _view(asked))
    return redirect(asked.url(), 303)


def changed_since(
    asked: Asked, figures: CircleFigures, facts: Facts, *, event: int
) -> Since | None:
    """Tell what changed since the asker's last look at a view of past days, and keep this look.

    None for days that are not over, for a wall, and for who has no account. `event` is the newest
    one that was there before the facts were read.
    """
    user_id, now = current_actor().user_id, figures.as_of
    if user_id is None or asked.wall or now < asked.period.to_at:
        return None
    view, readings = _view(asked), readings_of(figures)
    look = look_of(user_id, view)
    found = changes(look.seen, readings) if look else {}
    causes = {}
    if look and found:
        here = LookedAt(
            period=asked.period,
            scope=current_scope(),
            filters=asked.filters,
            facts=facts,
            as_of=now,
        )
        causes = causes_since(look, found, here)
    with transaction():
        keep_look(user_id, view, readings, event=event, now=now)
    return Since(look.at if look else None, found, causes)


def _view(asked: Asked) -> str:
    """Return the address of what is looked at: the days, the filters and whose tickets they are."""
    scope = current_scope()
    whose = {} if scope.everything else {"scope": f"{scope.team_id}.{scope.crew_id}"}
    days = {"from": str(asked.period.first), "to": str(asked.period.last)}
    return urlencode(days | asked.narrowed | whose)
