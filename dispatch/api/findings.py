"""How does a program read the findings about crews and say what came of them?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import current_app, jsonify

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.findings import mark_finding, undo_mark
from dispatch.actions.idempotency import once
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint, idempotency_key
from dispatch.api.wording import in_words
from dispatch.domain.findings import limits_of
from dispatch.domain.periods import last_days
from dispatch.domain.permissions import Permission, Scope
from dispatch.queries.findings import finding_row, findings_for
from dispatch.schemas.findings import (
    FindingsQuery,
    FindingsReply,
    MarkShape,
    OneFindingReply,
    UndoShape,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from dispatch.queries.findings import FindingRow

DEFAULT_DAYS = 7
blueprint = ApiBlueprint(
    "findings",
    __name__,
    url_prefix="/api/v1",
    description="What leaders are asked to look at: arrivals, photos, corrections",
)


@blueprint.gets("/findings")
@requires(Permission.REVIEW)
@blueprint.reads(FindingsQuery, "query")
@blueprint.answers(200, FindingsReply)
def listing(asked: dict[str, Any]) -> Response:
    """List the findings of a range of days, those that nobody has looked at first."""
    settings, scope = current_app.config["SETTINGS"], current_scope()
    today = current_time().astimezone(settings.zone).date()
    period = last_days(
        asked["from_"], asked["to"], today=today, days=DEFAULT_DAYS, zone=settings.zone
    )
    if scope.everything and asked["team"]:
        scope = Scope(team_id=asked["team"])
    rows = findings_for(period, scope, limits_of(settings), asked["kind"], crew=asked["crew"])
    unmarked = sum(row.mark is None for row in rows)
    return jsonify({"findings": [row.as_json() for row in rows], "unmarked": unmarked})


@blueprint.posts("/findings/<key>/mark")
@requires(Permission.REVIEW)
@blueprint.reads(MarkShape)
@blueprint.answers(200, OneFindingReply)
@blueprint.hears("Idempotency-Key")
def mark(asked: dict[str, Any], key: str) -> Response:
    """Say what came of looking at a finding."""

    def act(row: FindingRow) -> None:
        mark_finding(row, asked["mark"], asked["note"], actor=current_actor(), now=current_time())

    return _act(key, {"mark": asked}, act)


@blueprint.posts("/findings/<key>/undo")
@requires(Permission.REVIEW)
@blueprint.reads(UndoShape)
@blueprint.answers(200, OneFindingReply)
@blueprint.hears("Idempotency-Key")
def undo(_asked: dict[str, Any], key: str) -> Response:
    """Take back what was said about a finding."""

    def act(row: FindingRow) -> None:
        undo_mark(row, actor=current_actor(), now=current_time())

    return _act(key, {"undo": key}, act)


def _act(key: str, body: dict[str, Any], act: Callable[[FindingRow], None]) -> Response:
    settings, scope, now = current_app.config["SETTINGS"], current_scope(), current_time()
    limits = limits_of(settings)

    def do() -> tuple[int, dict[str, Any]]:
        act(finding_row(key, scope, limits, settings.zone))
        row = finding_row(key, scope, limits, settings.zone)
        reply: dict[str, Any] = in_words({"finding": row.as_json()})
        return 200, reply

    with transaction():
        who = f"findings/{current_actor().user_id}"
        done = once(who, idempotency_key(), {"key": key} | body, now=now, do=do)
    answer = jsonify(done.reply)
    if done.replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer
