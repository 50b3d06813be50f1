"""What changed in the figures of past days since the asker last looked at this view?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import Blueprint, current_app, redirect, request

from dispatch.access import current_actor, current_scope, requires
from dispatch.actions.figure_looks import keep_look, mark_seen
from dispatch.actions.unit_of_work import transaction
from dispatch.circle.asked import OVERVIEW, PAGES, Asked, read_asked
from dispatch.domain.figure_looks import Watched, changes
from dispatch.domain.permissions import Permission
from dispatch.domain.sentences import Sentence, say
from dispatch.queries.figure_looks import LookedAt, causes_since, look_of
from dispatch.queries.figures import facts_of_view
from dispatch.refusals import worded
from dispatch.web import circle_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from werkzeug.wrappers import Response

    from dispatch.domain.figure_looks import Change, Reading
    from dispatch.queries.figure_looks import Cause

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
    Watched.BROKEN: say("30 minutes broken"),
    Watched.HOLDS: say("Holds"),
    Watched.RETURNED: say("Tickets returned at least once"),
    Watched.SEVERAL_TEAMS: say("More than one team"),
    Watched.SEVERAL_CREWS: say("More than one crew"),
    Watched.COUNTED: say("Tickets in this view"),
}
_COUNTS = frozenset({Watched.HOLDS, Watched.COUNTED})


@dataclass(frozen=True, slots=True)
class Since:
    """When the asker looked before, None for the first time, and what changed since, with why.

    A template names a figure by its plain word, so figures are compared with `==` here.
    """

    at: datetime | None
    changes: dict[Watched, Change]
    causes: dict[Watched, list[Cause]]
    names = WATCHED_NAMES
    shown = CAUSES_SHOWN

    def written(self, figure: Watched, reading: Reading) -> str:
        """Write a value as its tile does."""
        if figure in _COUNTS:
            return circle_words.whole(int(reading.value or 0))
        write = circle_words.minutes if figure == Watched.RESPONSE_P90 else circle_words.percent
        return write(reading.value)

    def by(self, figure: Watched) -> str | None:
        """Write by how much a value changed, with its sign; None where one was not known."""
        difference = self.changes[figure].difference
        if difference is None:
            return None
        if figure in _COUNTS:
            return circle_words.signed(difference)
        if figure == Watched.RESPONSE_P90:
            return circle_words.signed_minutes(difference)
        return worded(say("%(points)s points", points=circle_words.signed_points(difference)))


@blueprint.post("")
@requires(Permission.SEE_FIGURES)
def seen() -> Response:
    """Take what the view showed last as seen: later changes are told against that."""
    asked = read_asked(current_app.config["SETTINGS"].zone)
    path = request.form.get("page", OVERVIEW)
    asked = replace(asked, path=path if path in PAGES else OVERVIEW)
    with transaction():
        mark_seen(current_actor().user_id or 0, _view(asked))
    return redirect(asked.url(), 303)


def changed_since(
    asked: Asked, readings: Mapping[Watched, Reading], *, event: int, now: datetime
) -> Since | None:
    """Tell what changed since the asker's last look at a page of past days, and keep this look.

    None for days that are not over, for a wall, and for who has no account. `readings` are what the
    page shows at `now`; `event` is the newest one that was there before they were read.
    """
    user_id = current_actor().user_id
    if user_id is None or asked.wall or now < asked.period.to_at:
        return None
    view = _view(asked)
    look = look_of(user_id, view)
    found = changes(look.seen, readings) if look else {}
    causes = {}
    if look and found:
        here = LookedAt(
            period=asked.period,
            scope=current_scope(),
            filters=asked.filters,
            facts=facts_of_view(
                asked.period, current_scope(), asked.filters, compare=False, now=now
            ),
            as_of=now,
        )
        causes = causes_since(look, found, here)
    with transaction():
        keep_look(user_id, view, readings, event=event, now=now)
    return Since(look.at if look else None, found, causes)


def _view(asked: Asked) -> str:
    """Return the address of what is looked at: page, days, filters and whose tickets they are."""
    scope = current_scope()
    whose = {} if scope.everything else {"scope": f"{scope.team_id}.{scope.crew_id}"}
    page = {} if asked.path == OVERVIEW else {"page": asked.path}
    days = {"from": str(asked.period.first), "to": str(asked.period.last)}
    return urlencode(page | days | asked.narrowed | whose)
