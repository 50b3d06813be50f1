"""How does a program read the disputes over tickets, open one and decide it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import jsonify
from werkzeug.exceptions import PreconditionRequired

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.disputes import NewDispute, Whose, decide_dispute, open_dispute
from dispatch.actions.idempotency import once
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint, idempotency_key, seen_version
from dispatch.api.wording import in_words
from dispatch.domain.permissions import Permission
from dispatch.queries.disputes import (
    DisputeFilters,
    dispute_figures,
    dispute_for_change,
    dispute_page,
    dispute_row,
)
from dispatch.queries.hold_limits import hold_limits
from dispatch.queries.tickets import ticket_for_change
from dispatch.schemas.disputes import (
    DisputesQuery,
    DisputesReply,
    NewDisputeShape,
    OneDisputeReply,
    WhoseShape,
)
from dispatch.schemas.holds import HoldLimitsReply

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

blueprint = ApiBlueprint(
    "disputes",
    __name__,
    url_prefix="/api/v1",
    description="How long a pause may last, and whose a fault is",
)


@blueprint.gets("/hold-limits")
@requires(Permission.SEE_TICKETS)
@blueprint.answers(200, HoldLimitsReply)
def limits() -> Response:
    """Return the longest pause for each reason, with its end for one that begins now."""
    return jsonify(in_words({"holds": hold_limits(current_time())}))


@blueprint.gets("/disputes")
@requires(Permission.DISPUTE)
@blueprint.reads(DisputesQuery, "query")
@blueprint.answers(200, DisputesReply)
def listing(asked: dict[str, Any]) -> Response:
    """List the disputes that the asker sees: the open ones by their end, then the settled."""
    filters = DisputeFilters(state=asked["state"], ground=asked["ground"], team_id=asked["team"])
    page = dispute_page(current_scope(), filters, asked["page"], current_time())
    return jsonify(
        {
            "disputes": page.rows,
            "figures": dispute_figures(current_scope(), filters),
            "page": page.page,
            "pages": page.pages,
            "total": page.total,
        }
    )


@blueprint.gets("/disputes/<int:dispute_id>")
@requires(Permission.DISPUTE)
@blueprint.answers(200, OneDisputeReply)
def one_dispute(dispute_id: int) -> Response:
    """Return one dispute."""
    row = dispute_row(dispute_id, current_scope(), current_time())
    answer = jsonify({"dispute": row})
    answer.headers["ETag"] = f'"{row["version"]}"'
    return answer


@blueprint.posts("/disputes")
@requires(Permission.DISPUTE)
@blueprint.reads(NewDisputeShape)
@blueprint.answers(201, OneDisputeReply)
@blueprint.hears("Idempotency-Key")
def open_one(asked: dict[str, Any]) -> Response:
    """Ask the duty manager whose a ticket is; clocks and repair go on meanwhile."""
    actor, now = current_actor(), current_time()

    def do() -> tuple[int, dict[str, Any]]:
        ticket = ticket_for_change(asked["ticket"], actor.scope)
        new = NewDispute(asked["ground"], Whose(asked["team"], asked["department"]))
        row = open_dispute(ticket, new, reason=asked["reason"], actor=actor, now=now)
        return 201, _read(row.id)

    return _once({"new": in_words(asked)}, do)


@blueprint.posts("/disputes/<int:dispute_id>/decide")
@requires(Permission.ARBITRATE)
@blueprint.reads(WhoseShape)
@blueprint.answers(200, OneDisputeReply)
@blueprint.hears("If-Match", "Idempotency-Key")
def decide(asked: dict[str, Any], dispute_id: int) -> Response:
    """Say whose a ticket is, with the reason."""
    version = seen_version()
    if version is None:
        raise PreconditionRequired
    actor, now = current_actor(), current_time()

    def do() -> tuple[int, dict[str, Any]]:
        row, ticket = dispute_for_change(dispute_id, actor.scope)
        whose = Whose(asked["team"], asked["department"])
        decide_dispute(
            row,
            ticket,
            whose,
            reason=asked["reason"],
            actor=actor,
            now=now,
            seen_version=version,
        )
        return 200, _read(dispute_id)

    return _once({"dispute": dispute_id, "version": version, "body": asked}, do)


def _once(body: dict[str, Any], do: Callable[[], tuple[int, dict[str, Any]]]) -> Response:
    now = current_time()
    with transaction():
        scope = f"disputes/{current_actor().user_id}"
        done = once(scope, idempotency_key(), body, now=now, do=do)
    answer = jsonify(done.reply)
    answer.status_code = done.status
    answer.headers["ETag"] = f'"{done.reply["dispute"]["version"]}"'
    if done.replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


def _read(dispute_id: int) -> dict[str, Any]:
    row = dispute_row(dispute_id, current_scope(), current_time())
    reply: dict[str, Any] = in_words({"dispute": row})
    return reply
