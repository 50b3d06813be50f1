"""Which overdue tickets are being put right, and who signs them off?"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, request, url_for

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.rectification import NewItem, change_item, open_item, take_item_step
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, NotFound, Refused, Stale
from dispatch.domain.permissions import Permission
from dispatch.domain.rectification import ITEM_STATE_NAMES, LATE_CAUSE_NAMES
from dispatch.domain.strict_json import read_date
from dispatch.queries.policies import policy_in_force
from dispatch.queries.rectification import (
    ItemFilters,
    all_items,
    item_for_change,
    item_page,
    item_row,
    team_choices,
)
from dispatch.queries.tickets import ticket_for_change
from dispatch.refusals import worded
from dispatch.schemas.fields import filled, loaded
from dispatch.schemas.rectification import ItemChangeShape, ItemStepShape, NewItemShape
from dispatch.web.filtered_lists import (
    answered,
    chosen_of,
    named,
    options_of,
    spreadsheet,
    team_options,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Response

    from dispatch.models.rectification import Rectification

blueprint = Blueprint("rectification_pages", __name__, url_prefix="/circle/rectification")

CSV_COLUMNS = (
    "id", "ticket", "team", "category", "level", "address", "clock", "broke_at", "holder_kind",
    "holder", "responsible", "responsible_reason", "cause", "text", "due_at", "overdue", "state",
    "opened_at", "opened_by", "done_at", "done_by", "signed_at", "signed_by",
)  # fmt: skip
REFUSALS = (Invalid, Forbidden, NotAllowed, NotFound, Stale)


@blueprint.get("")
@requires(Permission.RECTIFY)
def page() -> Response:
    """Show the items of the tickets that the asker sees, the earliest due first."""
    return _list()


def _list(refusal: Refused | None = None) -> Response:
    chosen = _asked()
    found = item_page(
        current_scope(),
        _filters(chosen),
        request.args.get("page", 1, type=int),
        current_time(),
    )

    def url_of(number: int) -> str:
        return url_for("rectification_pages.page", page=number, **named(chosen))

    return _answer(
        "rectification.html",
        refusal,
        page=found,
        chosen=chosen,
        teams=_teams(),
        url_of=url_of,
        csv_url=url_for("rectification_pages.table", **named(chosen)),
    )


def _answer(template: str, refusal: Refused | None, **known: Any) -> Response:
    causes, states = options_of(LATE_CAUSE_NAMES), options_of(ITEM_STATE_NAMES)
    return answered(template, refusal, causes=causes, states=states, **known)


def _teams() -> list[tuple[str, str]]:
    return team_options(team_choices(current_scope()))


def _asked() -> dict[str, str]:
    teams = [key for key, _name in _teams()]
    return chosen_of(
        {"team": teams, "cause": LATE_CAUSE_NAMES, "state": ITEM_STATE_NAMES, "overdue": ["1"]}
    )


def _filters(chosen: dict[str, str]) -> ItemFilters:
    return ItemFilters(
        team_id=int(chosen["team"]) if chosen["team"] else None,
        cause=chosen["cause"] or None,
        state=chosen["state"] or None,
        overdue=bool(chosen["overdue"]),
    )


@blueprint.get("/table.csv")
@requires(Permission.RECTIFY)
def table() -> Response:
    """Return the items that are filtered for a spreadsheet: UTF-8 with a mark, no formulas."""
    rows = (
        row | {"holder": worded(row["holder"]["name"]), "holder_kind": row["holder"]["kind"]}
        for row in all_items(current_scope(), _filters(_asked()), current_time())
    )
    return spreadsheet(CSV_COLUMNS, rows, "rectification.csv")


@blueprint.get("/<int:item_id>")
@requires(Permission.RECTIFY)
def one(item_id: int) -> Response:
    """Show one item with its story and what may be done about it."""
    return _one(item_id)


def _one(item_id: int, refusal: Refused | None = None) -> Response:
    item = item_row(item_id, current_scope(), current_time())
    may_sign = current_actor().can(Permission.SIGN_OFF)
    return _answer("rectification_item.html", refusal, item=item, may_sign=may_sign)


@blueprint.post("")
@requires(Permission.RECTIFY)
def put_on_list() -> Response:
    """Put a ticket onto the list by hand."""
    actor = current_actor()
    try:
        asked = loaded(NewItemShape, filled(request.form, ("ticket", "cause", "text")))
        due_at = due_given()
        with transaction():
            ticket = ticket_for_change(asked["ticket"], actor.scope)
            new = NewItem(asked["cause"], asked["text"], due_at)
            row = open_item(ticket, new, actor=actor, now=current_time())
    except REFUSALS as refusal:
        return _list(refusal)
    return redirect(url_for("rectification_pages.one", item_id=row.id), 303)


@blueprint.post("/<int:item_id>")
@requires(Permission.RECTIFY)
def change(item_id: int) -> Response:
    """Write down cause, text, due date, or who else is responsible and why."""

    def act(row: Rectification) -> None:
        names = ("cause", "text", "responsible", "reason")
        changes = loaded(ItemChangeShape, filled(request.form, names))
        due_at, reason = due_given(), changes.pop("reason")
        if due_at is not None and due_at.date() != row.due_at.astimezone(_zone()).date():
            changes["due_at"] = due_at
        change_item(
            row,
            changes,
            reason=reason,
            actor=current_actor(),
            now=current_time(),
            seen_version=request.form.get("version", type=int),
        )

    return _act(item_id, act)


@blueprint.post("/<int:item_id>/<step>")
@requires(Permission.RECTIFY)
def take_step(item_id: int, step: str) -> Response:
    """Take one step of an item: begin, finish, sign-off or reject."""

    def act(row: Rectification) -> None:
        said = loaded(ItemStepShape, filled(request.form, ("reason",)))
        take_item_step(
            row,
            step,
            note=said["reason"],
            actor=current_actor(),
            now=current_time(),
            seen_version=request.form.get("version", type=int),
        )

    return _act(item_id, act)


def _act(item_id: int, act: Callable[[Rectification], None]) -> Response:
    try:
        with transaction():
            act(item_for_change(item_id, current_scope()))
    except REFUSALS as refusal:
        return _one(item_id, refusal)
    return redirect(url_for("rectification_pages.one", item_id=item_id), 303)


def _zone() -> Any:
    return policy_in_force().policy.calendar.zone


def due_given() -> datetime | None:
    """Return the end of the local day that the form names, None where it names none."""
    day = request.form.get("due", "").strip()
    if not day:
        return None
    read_date(day, "due")
    begun = datetime.fromisoformat(day).replace(tzinfo=_zone())
    return begun + timedelta(hours=23, minutes=59)
