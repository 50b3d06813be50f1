"""What has changed since a desk asked last?"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from flask import Response, current_app, json, make_response, request
from flask_babel import get_locale
from sqlalchemy.exc import OperationalError

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.viewing import keep_look
from dispatch.api.parsing import ApiBlueprint
from dispatch.api.tickets import for_reader
from dispatch.domain.permissions import Permission
from dispatch.queries.crews import crew_rows
from dispatch.queries.kept_answers import KeptAnswers
from dispatch.queries.live import Changes, Mark, changes_since
from dispatch.queries.reachable import numbers_with_phone
from dispatch.queries.tickets import TicketFilters, open_ticket_counts, ticket_rows
from dispatch.queries.timers import clockwork
from dispatch.queries.viewing import unkept_look, viewers
from dispatch.schemas.live import LiveReply
from dispatch.schemas.tickets import LiveQuery

blueprint = ApiBlueprint(
    "live", __name__, url_prefix="/api", description="What a screen asks for every second"
)
_NOTHING = json.dumps({"tickets": [], "removed": [], "crews": []})
_drawings: KeptAnswers[str] = KeptAnswers(timedelta(seconds=5))


@blueprint.gets("/live")
@requires(Permission.SEE_TICKETS)
@blueprint.reads(LiveQuery, "query")
@blueprint.answers(200, LiveReply)
@blueprint.hears("If-None-Match")
def live(asked: dict[str, Any]) -> Response:
    """Return the open tickets and crews that changed since a cursor, or all without one.

    `viewing` says which ticket the asker looks at; `viewers` are the others who look at one.
    The cursor is the ETag too: sent as If-None-Match it gets 304 while nothing has changed.
    """
    known = Mark.read(asked["since"]) if asked["since"] else None
    now, scope = current_time(), current_scope()
    _keep_look(asked["viewing"])
    watch, others = clockwork(now), viewers(current_actor(), now)
    changes = changes_since(known, scope, now, watched=f"{watch['level']} {others}")
    if changes is None and request.if_none_match.contains(asked["since"]):
        return _tagged(make_response("", 304), asked["since"])
    cursor = str(changes.mark) if changes else asked["since"]
    now_true = {
        "cursor": cursor,
        "reset": changes is not None and changes.since is None,
        "server_time": now,
        "counts": open_ticket_counts(scope),
        "clockwork": watch,
        "viewers": others,
    }
    drawn = _drawn(asked["since"], changes) if changes else _NOTHING
    body = f"{drawn[:-1]}, {json.dumps(now_true)[1:]}"
    return _tagged(current_app.response_class(body, mimetype="application/json"), cursor)


def _keep_look(number: str | None) -> None:
    actor, now = current_actor(), current_time()
    ticket_id = unkept_look(number, actor, now) if number else None
    if ticket_id is None or actor.user_id is None:
        return
    # While the database is busy the news matter, and the next question is a second away.
    with suppress(OperationalError), transaction():
        keep_look(actor.user_id, ticket_id, now=now)


def _drawn(since: str | None, changes: Changes) -> str:
    """Return what to redraw as JSON, written once for all desks that ask the same of one state.

    A fresh list is always read: it must hold what was written with an instant long past, too.
    """
    if changes.since is None:
        return json.dumps(_redrawn(changes))
    personal = current_actor().can(Permission.SEE_PERSONAL)
    question = (current_scope(), personal, str(get_locale()), since, str(changes.mark))
    return _drawings.get(question, current_time(), lambda: json.dumps(_redrawn(changes)))


def _redrawn(changes: Changes) -> dict[str, Any]:
    scope, personal = current_scope(), current_actor().can(Permission.SEE_PERSONAL)
    filters = TicketFilters(open_only=True, imported=False, changed_since=changes.since)
    rows = ticket_rows(scope, filters)
    reachable = numbers_with_phone([row["number"] for row in rows])
    for row in rows:
        row["has_phone"] = row["number"] in reachable
    return {
        "tickets": [for_reader(row, personal=personal) for row in rows],
        "removed": changes.removed,
        "crews": crew_rows(scope, current_time(), only=changes.crews),
    }


def _tagged(answer: Response, cursor: str) -> Response:
    answer.headers["ETag"] = f'"{cursor}"'
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
