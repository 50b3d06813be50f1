"""Whose is a fault that two teams pass to each other, and who decides it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, request, url_for

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.disputes import NewDispute, Whose, decide_dispute, open_dispute
from dispatch.actions.unit_of_work import transaction
from dispatch.domain.disputes import DISPUTE_STATE_NAMES, GROUND_NAMES
from dispatch.domain.errors import Forbidden, Invalid, NotAllowed, NotFound, Refused, Stale
from dispatch.domain.permissions import Permission
from dispatch.queries.disputes import (
    DisputeFilters,
    all_disputes,
    dispute_figures,
    dispute_for_change,
    dispute_page,
    dispute_row,
    teams_to_name,
)
from dispatch.queries.tickets import ticket_for_change
from dispatch.schemas.disputes import NewDisputeShape, WhoseShape
from dispatch.schemas.fields import filled, loaded
from dispatch.web.filtered_lists import (
    answered,
    chosen_of,
    named,
    options_of,
    spreadsheet,
    team_options,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response

    from dispatch.domain.sentences import Sentence

blueprint = Blueprint("dispute_pages", __name__, url_prefix="/circle/disputes")

CSV_COLUMNS = (
    "id", "ticket", "ticket_state", "category", "level", "address", "ground", "from_team",
    "other_team", "department", "reason", "state", "opened_at", "opened_by", "due_at", "overdue",
    "decided_at", "decided_by", "owner", "owner_department", "decision",
)  # fmt: skip
REFUSALS = (Invalid, Forbidden, NotAllowed, NotFound, Stale)
CHOICES: dict[str, Mapping[Any, Sentence]] = {"state": DISPUTE_STATE_NAMES, "ground": GROUND_NAMES}


@blueprint.get("")
@requires(Permission.DISPUTE)
def page() -> Response:
    """Show the disputes that the asker sees: the open ones by their end, then the settled."""
    return _list()


def _list(refusal: Refused | None = None) -> Response:
    chosen = _asked()
    filters, scope = _filters(chosen), current_scope()
    found = dispute_page(scope, filters, request.args.get("page", 1, type=int), current_time())

    def url_of(number: int) -> str:
        return url_for("dispute_pages.page", page=number, **named(chosen))

    return _answer(
        "disputes.html",
        refusal,
        page=found,
        figures=dispute_figures(scope, filters),
        chosen=chosen,
        choices={name: options_of(names) for name, names in CHOICES.items()},
        url_of=url_of,
        csv_url=url_for("dispute_pages.table", **named(chosen)),
    )


def _answer(template: str, refusal: Refused | None, **known: Any) -> Response:
    return answered(template, refusal, teams=team_options(teams_to_name()), **known)


def _asked() -> dict[str, str]:
    return chosen_of({"team": [row.id for row in teams_to_name()], **CHOICES})


def _filters(chosen: dict[str, str]) -> DisputeFilters:
    return DisputeFilters(
        state=chosen["state"] or None,
        ground=chosen["ground"] or None,
        team_id=int(chosen["team"]) if chosen["team"] else None,
    )


@blueprint.get("/table.csv")
@requires(Permission.DISPUTE)
def table() -> Response:
    """Return the disputes that are filtered for a spreadsheet: UTF-8 with a mark, no formulas."""
    rows = all_disputes(current_scope(), _filters(_asked()), current_time())
    return spreadsheet(CSV_COLUMNS, rows, "disputes.csv")


@blueprint.get("/<int:dispute_id>")
@requires(Permission.DISPUTE)
def one(dispute_id: int) -> Response:
    """Show one dispute, with the form to decide it for those who may."""
    return _one(dispute_id)


def _one(dispute_id: int, refusal: Refused | None = None) -> Response:
    row = dispute_row(dispute_id, current_scope(), current_time())
    may_decide = row["state"] == "open" and current_actor().can(Permission.ARBITRATE)
    return _answer("dispute.html", refusal, row=row, may_decide=may_decide)


@blueprint.post("")
@requires(Permission.DISPUTE)
def open_one() -> Response:
    """Ask the duty manager whose a ticket is."""
    actor = current_actor()
    try:
        names = ("ticket", "ground", "team", "department", "reason")
        asked = loaded(NewDisputeShape, filled(request.form, names))
        with transaction():
            ticket = ticket_for_change(asked["ticket"], actor.scope)
            new = NewDispute(asked["ground"], Whose(asked["team"], asked["department"]))
            row = open_dispute(ticket, new, reason=asked["reason"], actor=actor, now=current_time())
    except REFUSALS as refusal:
        return _list(refusal)
    return redirect(url_for("dispute_pages.one", dispute_id=row.id), 303)


@blueprint.post("/<int:dispute_id>/decide")
@requires(Permission.ARBITRATE)
def decide(dispute_id: int) -> Response:
    """Say whose a ticket is, with the reason."""
    actor = current_actor()
    try:
        asked = loaded(WhoseShape, filled(request.form, ("team", "department", "reason")))
        with transaction():
            row, ticket = dispute_for_change(dispute_id, actor.scope)
            decide_dispute(
                row,
                ticket,
                Whose(asked["team"], asked["department"]),
                reason=asked["reason"],
                actor=actor,
                now=current_time(),
                seen_version=request.form.get("version", type=int),
            )
    except REFUSALS as refusal:
        return _one(dispute_id, refusal)
    return redirect(url_for("dispute_pages.one", dispute_id=dispute_id), 303)
