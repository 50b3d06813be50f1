"""How are grids drawn, changed, split and merged, with their effect seen before it counts?"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import shapely
from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)

from dispatch.access import current_actor, current_time, requires
from dispatch.actions.grid_drawing import change_grids, restore_grids
from dispatch.actions.grid_plan import SEEN, GridFields, GridWish, plan_grids
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Invalid, NotFound, Refused, Stale
from dispatch.domain.grid_outline import read_area, read_line
from dispatch.domain.permissions import Permission
from dispatch.domain.place import Datum
from dispatch.domain.sentences import Sentence, say
from dispatch.domain.service_policy import ZONE_NAMES, Zone
from dispatch.domain.strict_json import LARGEST_ROW_ID
from dispatch.queries.administration import drawn_changes, grid_versions, team_choices
from dispatch.queries.grids import valid_grids
from dispatch.refusals import STATUS, worded
from dispatch.web.language import local_name
from dispatch.web.map_facts import map_facts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response

    from dispatch.actions.grid_drawing import GridsChanged
    from dispatch.actions.grid_plan import GridPlan
    from dispatch.models.places import Grid

blueprint = Blueprint("admin_grids", __name__)

HERE = "/admin/grids/draw"
MOST_MOVES_SHOWN = 50
KIND_NAMES: dict[str, Sentence] = {
    "draw": say("Draw a new grid"),
    "edit": say("Change a grid"),
    "split": say("Split a grid by a line"),
    "merge": say("Merge two grids"),
}
CHANGE_NAMES: dict[str, Sentence] = {
    "draw": say("drawn"),
    "edit": say("changed"),
    "split": say("split"),
    "merge": say("merged"),
    "restore": say("taken back"),
}


@blueprint.get(HERE)
@requires(Permission.ADMINISTER)
def page() -> str:
    """Show the map of the grids, and the form for what was chosen to be done."""
    return _page(_prefilled(request.args))


@blueprint.post(HERE)
@requires(Permission.ADMINISTER)
def change() -> Response:
    """Show what a change would do, or put it in force."""
    now, form = current_time(), request.form
    try:
        wish = _wish(form)
        if form.get("step") != "apply":
            return make_response(_page(form.to_dict(), plan=plan_grids(wish, now)))
        with transaction():
            done = change_grids(wish, actor=current_actor(), now=now)
    except (Invalid, NotFound, Stale) as refusal:
        answer = make_response(_page(form.to_dict(), refusal=refusal))
        answer.status_code = STATUS[type(refusal)][0]
        return answer
    _tell(done)
    return redirect(url_for("admin_grids.page"), 303)


@blueprint.post(f"{HERE}/<int:event_id>/undo")
@requires(Permission.ADMINISTER)
def undo(event_id: int) -> Response:
    """Take a drawn change back."""
    try:
        with transaction():
            done = restore_grids(
                min(event_id, LARGEST_ROW_ID), actor=current_actor(), now=current_time()
            )
    except (NotFound, Stale) as refusal:
        flash(worded(refusal.sentence), "error")
        return redirect(url_for("admin_grids.page"), 303)
    _tell(done)
    return redirect(url_for("admin_grids.page"), 303)


def _tell(done: GridsChanged) -> None:
    made, ended = ", ".join(done.made), ", ".join(done.ended)
    flash(worded(say("In force: %(names)s.", names=made)), "success")
    if ended:
        flash(worded(say("Ended: %(names)s.", names=ended)), "success")
    if done.moved:
        flash(worded(say("Open tickets that moved: %(count)s.", count=done.moved)), "success")


def _number(text: str | None) -> int | None:
    is_number = text is not None and text.isascii() and text.isdigit()
    return min(int(str(text)[:20]), LARGEST_ROW_ID) if is_number else None


def _wish(form: Mapping[str, str]) -> GridWish:
    kind = form.get("kind", "")
    datum = form.get("datum", Datum.WGS84.value)
    if datum not in set(Datum):
        fault = say("Choose one of the datums.")
        raise Invalid(fault, fields={"datum": fault})
    outline = None
    if kind in {"draw", "edit", "split"}:
        read = read_line if kind == "split" else read_area
        outline = read(form.get("outline", ""), Datum(datum))
    chosen = [_number(form.get(name)) for name in ("grid", "other")[: SEEN.get(kind, 0)]]
    fields = GridFields(
        name=form.get("name", "").strip(),
        team_id=_number(form.get("team_id")),
        name_zh=form.get("name_zh", "").strip() or None,
        zone=form.get("zone", Zone.TOWN.value),
        in_circle=form.get("in_circle", "yes") == "yes",
    )
    seen = tuple(each for each in chosen if each is not None)
    return GridWish(kind, fields, seen, outline, _begins(form.get("begins", "")))


def _begins(text: str) -> datetime | None:
    if not text:
        return None
    try:
        wanted = datetime.fromisoformat(text)
    except ValueError:
        fault = say("This is no date with a time of day.")
        raise Invalid(fault, fields={"begins": fault}) from None
    zone = current_app.config["SETTINGS"].zone
    return wanted if wanted.tzinfo else wanted.replace(tzinfo=zone)


def _prefilled(asked: Mapping[str, str]) -> dict[str, Any]:
    """Return the form as it is first shown for a kind of change and its grids."""
    kind = asked.get("kind", "")
    found: dict[str, Any] = {"kind": kind if kind in SEEN else "draw"}
    by_id = {grid.id: grid for grid in valid_grids(current_time())}
    for name in ("grid", "other"):
        number = _number(asked.get(name))
        if number in by_id:
            found[name] = str(number)
    grid = by_id.get(int(found.get("grid", 0)))
    if grid is None or found["kind"] == "draw":
        return found
    return found | _of_grid(grid, found["kind"])


def _of_grid(grid: Grid, kind: str) -> dict[str, Any]:
    is_new = kind == "split"
    return {
        "name": "" if is_new else grid.name,
        "name_zh": "" if is_new else grid.name_zh or "",
        "team_id": str(grid.team_id or ""),
        "zone": grid.zone,
        "in_circle": "yes" if grid.in_circle else "no",
        "outline": json.dumps(grid.geometry) if kind == "edit" else "",
    }


def _page(
    typed: dict[str, Any], *, plan: GridPlan | None = None, refusal: Refused | None = None
) -> str:
    now = current_time()
    rows = grid_versions(now)
    kind = typed["kind"] if typed.get("kind") in SEEN else "draw"
    return render_template(
        "admin_grid_draw.html",
        typed=typed | {"kind": kind},
        kinds=[(key, worded(name)) for key, name in KIND_NAMES.items()],
        grids=[("", "–"), *((row.id, local_name(row.name, row.name_zh)) for row in rows)],
        teams=[
            ("", worded(say("no team"))),
            *((row_id, local_name(name, zh)) for row_id, name, zh in team_choices()),
        ],
        zones=[(str(zone), worded(ZONE_NAMES[zone])) for zone in Zone],
        datums=[(each.value, each.value.upper()) for each in Datum],
        is_ready=all(typed.get(name) for name in ("grid", "other")[: SEEN[kind]]),
        plan=plan and _plan_words(plan),
        problem=worded(refusal.sentence) if refusal else None,
        faults={name: worded(fault) for name, fault in refusal.fields.items()} if refusal else {},
        recent=[(row, worded(CHANGE_NAMES[row.subject_key])) for row in drawn_changes()],
        facts=_facts(typed | {"kind": kind}, plan),
    )


def _plan_words(plan: GridPlan) -> dict[str, Any]:
    return {
        "begins": plan.begins,
        "is_later": plan.begins > current_time(),
        "makes": [
            (each.fields.name, each.before.version + 1 if each.before else None)
            for each in plan.makes
        ],
        "ends": [each.name for each in plan.ends],
        "faults": [worded(each) for each in plan.faults],
        "moves": plan.moves[:MOST_MOVES_SHOWN],
        "count": len(plan.moves),
    }


def _facts(typed: dict[str, Any], plan: GridPlan | None) -> dict[str, Any]:
    """Return what the map needs: its settings, what is chosen, and what would be made."""
    return {
        "map": map_facts(current_app.config["SETTINGS"]),
        "kind": typed["kind"],
        "chosen": [number for name in ("grid", "other") if (number := _number(typed.get(name)))],
        "outcome": [json.loads(shapely.to_geojson(each.shape)) for each in plan.makes]
        if plan
        else [],
    }
