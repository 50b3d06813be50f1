"""Where does a leader send stewards round: planned visits that wait, doors not seen for longest?"""

from __future__ import annotations

import uuid
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import (
    Blueprint,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from dispatch.access import current_actor, current_day, current_scope, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.rounds import Wanted, add_to_round, take_off, undo_end
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotFound, Refused, Reused, Stale
from dispatch.domain.permissions import Permission
from dispatch.domain.rounds import MOST_DAYS_AHEAD, MOST_STOPS
from dispatch.domain.sentences import say
from dispatch.queries.round_choice import (
    crews_to_choose,
    grids_to_choose,
    households_waiting,
    planned_waiting,
)
from dispatch.queries.rounds import rounds_on, stop_for_change
from dispatch.queries.visits import crew_for_change
from dispatch.refusals import STATUS, worded
from dispatch.web.form_keys import form_key
from dispatch.web.language import local_name
from dispatch.web.row_ids import row_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from dispatch.models.people import Crew
    from dispatch.models.places import Grid
    from dispatch.models.rounds import RoundStop

blueprint = Blueprint("round_pages", __name__, url_prefix="/desk/rounds")

REFUSALS = (Invalid, Forbidden, NotFound, Reused, Stale)
_TICKET, _HOUSEHOLD = "ticket:", "household:"


@blueprint.get("")
@requires(Permission.DISPATCH)
def page() -> Response:
    """Show the rounds of a day, and what could be put onto one."""
    return _page()


def _page(refusal: Refused | None = None) -> Response:
    scope, now, today = current_scope(), current_time(), current_day()
    day, grids = _day(), grids_to_choose(current_scope(), current_time())
    grid = next((each for each in grids if str(each.id) == request.values.get("grid")), None)
    crews = crews_to_choose(scope)
    crew = next((row for row in crews if str(row.id) == request.values.get("crew")), None)
    answer = make_response(
        render_template(
            "rounds.html",
            rounds=rounds_on(day, scope),
            day=day,
            today=today,
            now=now,
            crew=crew,
            crews=[(str(row.id), local_name(row.name, row.name_zh)) for row in crews],
            grid=grid,
            grids=[(str(each.id), local_name(each.name, each.name_zh)) for each in grids],
            most=MOST_STOPS,
            most_days=MOST_DAYS_AHEAD,
            ticked=request.form.getlist("stop"),
            problem=worded(refusal.sentence) if refusal else None,
            new_key=lambda: str(uuid.uuid4()),
            **_offers(grid),
        )
    )
    if refusal is not None:
        answer.status_code = STATUS[type(refusal)][0]
    return answer


def _offers(grid: Grid | None) -> dict[str, Any]:
    """Return what could be put onto a round: nothing is looked up before a grid is chosen."""
    today = current_day()
    return {
        "planned": planned_waiting(current_scope(), grid.id if grid else None, today),
        "households": households_waiting(grid, today) if grid else None,
    }


def _day() -> date:
    """Return the day that is asked for; what cannot be meant is today."""
    try:
        return date.fromisoformat(request.values.get("day", ""))
    except ValueError:
        return current_day()


@blueprint.post("")
@requires(Permission.DISPATCH)
def add() -> Response:
    """Put the ticked stops onto a crew's round; the same form sent twice does it once."""
    ticked = request.form.getlist("stop")
    wanted = Wanted(_those(ticked, _TICKET), _those(ticked, _HOUSEHOLD))
    actor, now, day = current_actor(), current_time(), _day()
    crew_id = request.form.get("crew", 0, type=row_id)

    def do() -> tuple[int, dict[str, Any]]:
        crew = crew_for_change(crew_id, actor.scope)
        add_to_round(crew, day, wanted, today=current_day(), actor=actor, now=now)
        return 303, {}

    body = {"crew": crew_id, "day": day.isoformat(), "stops": sorted(ticked)}
    try:
        with transaction():
            once(f"rounds/{actor.user_id}", form_key(), body, now=now, do=do)
    except REFUSALS as refusal:
        return _page(refusal)
    flash(worded(say("They are on the round, in the order of the way.")), "success")
    return _back(day)


def _those(ticked: list[str], kind: str) -> list[str]:
    return [each.removeprefix(kind) for each in ticked if each.startswith(kind)]


@blueprint.post("/stops/<int:stop_id>/take-off")
@requires(Permission.DISPATCH)
def take_one_off(stop_id: int) -> Response:
    """Take a stop off a round before anybody was there."""
    by: dict[str, Any] = {"actor": current_actor(), "now": current_time()}
    return _change({"off": stop_id}, lambda row, _crew: take_off(row, **by))


@blueprint.post("/stops/<int:stop_id>/undo")
@requires(Permission.DISPATCH)
def undo_one(stop_id: int) -> Response:
    """Let a stop wait again that a crew ended by a wrong tap."""
    by: dict[str, Any] = {"actor": current_actor(), "now": current_time()}
    return _change({"undo": stop_id}, lambda row, crew: undo_end(row, crew, **by))


def _change(what: dict[str, int], act: Callable[[RoundStop, Crew], None]) -> Response:
    actor, now = current_actor(), current_time()
    [stop_id] = what.values()

    def do() -> tuple[int, dict[str, Any]]:
        act(*stop_for_change(stop_id, actor.scope))
        return 303, {}

    try:
        with transaction():
            once(f"rounds/{actor.user_id}", form_key(), what, now=now, do=do)
    except REFUSALS as refusal:
        return _page(refusal)
    return _back(_day())


def _back(day: date) -> Response:
    return redirect(url_for("round_pages.page", day=day.isoformat()), 303)
