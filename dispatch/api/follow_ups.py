"""How does a program see which reporters are to be asked, and write their answers down?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import jsonify

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.follow_ups import Said, nobody_answered, take_answer
from dispatch.actions.idempotency import once
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint, idempotency_key
from dispatch.api.wording import in_words
from dispatch.domain.permissions import Permission
from dispatch.queries.follow_ups import call_list, call_seen, follow_up_for_change
from dispatch.schemas.follow_ups import (
    AnswerShape,
    FollowUpQuery,
    FollowUpsReply,
    OneFollowUpReply,
    SilenceShape,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from dispatch.models.follow_ups import FollowUp
    from dispatch.models.tickets import Ticket

blueprint = ApiBlueprint(
    "follow_ups",
    __name__,
    url_prefix="/api/v1",
    description="Reporters who are asked afterwards, and what they say",
)


@blueprint.gets("/follow-ups")
@requires(Permission.FOLLOW_UP)
@blueprint.reads(FollowUpQuery, "query")
@blueprint.answers(200, FollowUpsReply)
def list_follow_ups(asked: dict[str, Any]) -> Response:
    """List the calls that are due, the overdue ones first."""
    found = call_list(current_time(), current_scope(), limit=asked["limit"])
    return jsonify({"follow_ups": found})


@blueprint.gets("/follow-ups/<int:row_id>")
@requires(Permission.FOLLOW_UP)
@blueprint.answers(200, OneFollowUpReply)
def one_follow_up(row_id: int) -> Response:
    """Return one question to one reporter, whatever became of it."""
    return jsonify({"follow_up": call_seen(row_id, current_time(), current_scope())})


@blueprint.posts("/follow-ups/<int:row_id>/answer")
@requires(Permission.FOLLOW_UP)
@blueprint.reads(AnswerShape)
@blueprint.answers(200, OneFollowUpReply)
@blueprint.hears("Idempotency-Key")
def answer(asked: dict[str, Any], row_id: int) -> Response:
    """Write down what a reporter said; “not fixed” reopens the ticket for another crew."""
    said = Said(asked["answer"], asked["process"], asked["result"], asked["note"])

    def act(row: FollowUp, ticket: Ticket) -> None:
        take_answer(
            row,
            ticket,
            said,
            channel="call",
            actor=current_actor(),
            now=current_time(),
            seen_version=asked["version"],
        )

    return _done_once(row_id, "answer", asked, act)


@blueprint.posts("/follow-ups/<int:row_id>/no-answer")
@requires(Permission.FOLLOW_UP)
@blueprint.reads(SilenceShape)
@blueprint.answers(200, OneFollowUpReply)
@blueprint.hears("Idempotency-Key")
def no_answer(asked: dict[str, Any], row_id: int) -> Response:
    """Note a call that nobody took; it is tried again, a few times at most."""

    def act(row: FollowUp, ticket: Ticket) -> None:
        nobody_answered(
            row,
            ticket,
            again_in=asked["again_in"],
            actor=current_actor(),
            now=current_time(),
            seen_version=asked["version"],
        )

    return _done_once(row_id, "no-answer", asked, act)


def _done_once(
    row_id: int, step: str, asked: dict[str, Any], act: Callable[[FollowUp, Ticket], None]
) -> Response:
    key, actor, now = idempotency_key(), current_actor(), current_time()

    def take() -> tuple[int, dict[str, Any]]:
        act(*follow_up_for_change(row_id, actor.scope))
        return 200, in_words({"follow_up": call_seen(row_id, now, actor.scope)})

    body = {"id": row_id, "step": step, "args": asked}
    with transaction():
        done = once(f"follow-up/{actor.user_id}", key, body, now=now, do=take)
    reply = jsonify(done.reply)
    reply.status_code = done.status
    if done.replayed:
        reply.headers["Idempotent-Replayed"] = "true"
    return reply
