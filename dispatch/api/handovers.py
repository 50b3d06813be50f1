"""How does a program read and write the log of the desk, hand it over and take it?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, request

from dispatch.access import (
    check_permission,
    current_actor,
    current_scope,
    current_time,
    requires,
)
from dispatch.actions.handovers import sign_handover, write_handover, write_note
from dispatch.actions.idempotency import once
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint, idempotency_key
from dispatch.api.wording import in_words
from dispatch.domain.permissions import Permission
from dispatch.queries.handovers import (
    desk_of,
    handover_page,
    handover_seen,
    last_handover_at,
    notes_between,
    standing,
    waiting_handover,
    worded_facts,
)
from dispatch.schemas.handovers import (
    HandoverShape,
    HandoversReply,
    LogReply,
    OneHandoverReply,
    ShiftNoteReply,
    ShiftNoteShape,
    SignatureShape,
    WaitingReply,
)

if TYPE_CHECKING:
    from collections.abc import Callable

blueprint = ApiBlueprint(
    "handovers",
    __name__,
    url_prefix="/api/v1/handovers",
    description="What one shift of the desk left to the next",
)


@blueprint.gets("/waiting")
@requires(Permission.SEE_DESK)
@blueprint.answers(200, WaitingReply)
def waiting() -> Response:
    """Return the newest handover of the asker's desk that nobody has signed."""
    found = waiting_handover(current_actor())
    told = found and {name: found[name] for name in ("id", "at", "author", "mine")}
    return jsonify({"handover": told})


@blueprint.gets("")
@requires(Permission.SEE_DESK)
@blueprint.answers(200, HandoversReply)
def list_handovers() -> Response:
    """List the handovers of the asker's desk, the newest first; `?page=2` goes back in time."""
    found = handover_page(current_actor(), request.args.get("page", 1, type=int))
    told = {"page": found.page, "pages": found.pages, "total": found.total}
    return jsonify(told | {"handovers": found.rows})


@blueprint.gets("/log")
@requires(Permission.SEE_DESK)
@blueprint.answers(200, LogReply)
def log() -> Response:
    """Return what was written since the last handover, and how the desk stands now."""
    desk = desk_of(current_actor())
    since = last_handover_at(desk)
    facts = worded_facts(standing(current_scope(), current_time()))
    return jsonify({"since": since, "notes": notes_between(desk, since), "facts": facts})


@blueprint.gets("/<int:handover_id>")
@requires(Permission.SEE_DESK)
@blueprint.answers(200, OneHandoverReply)
def one_handover(handover_id: int) -> Response:
    """Return one handover as it was written, with how the desk stood."""
    return jsonify({"handover": handover_seen(handover_id, current_actor())})


@blueprint.posts("/notes")
@requires(Permission.SEE_DESK)
@blueprint.reads(ShiftNoteShape)
@blueprint.answers(201, ShiftNoteReply)
@blueprint.hears("Idempotency-Key")
def add_note(asked: dict[str, Any]) -> Response:
    """Write a remark into the log of the desk, about a ticket or not."""
    check_permission(Permission.WRITE_NOTE)
    actor, now = current_actor(), current_time()

    def do() -> dict[str, Any]:
        row = write_note(asked["text"], number=asked["ticket"], actor=actor, now=now)
        return {"id": row.id, "at": row.at.isoformat(), "author": row.author, "text": row.text}

    return _written("note", asked, do)


@blueprint.posts("")
@requires(Permission.DISPATCH)
@blueprint.reads(HandoverShape)
@blueprint.answers(201, OneHandoverReply)
@blueprint.hears("Idempotency-Key")
def hand_over(asked: dict[str, Any]) -> Response:
    """Hand the desk over: the words are kept with how the desk stands at this moment."""
    actor, now = current_actor(), current_time()

    def do() -> dict[str, Any]:
        row = write_handover(asked["text"], actor=actor, now=now)
        return {"handover": handover_seen(row.id, actor)}

    return _written("handover", asked, do)


@blueprint.posts("/<int:handover_id>/sign")
@requires(Permission.DISPATCH)
@blueprint.reads(SignatureShape)
@blueprint.answers(200, OneHandoverReply)
def sign(asked: dict[str, Any], handover_id: int) -> Response:
    """Take the desk over, by name; whoever wrote it cannot, and nobody can twice."""
    actor = current_actor()
    with transaction():
        sign_handover(handover_id, remark=asked["remark"], actor=actor, now=current_time())
        found = handover_seen(handover_id, actor)
    return jsonify({"handover": found})


def _written(what: str, asked: dict[str, Any], do: Callable[[], dict[str, Any]]) -> Response:
    with transaction():
        scope = f"{what}/{current_actor().user_id}"
        key, now = idempotency_key(), current_time()
        done = once(scope, key, asked, now=now, do=lambda: (201, in_words(do())))
    answer = jsonify(done.reply)
    answer.status_code = done.status
    if done.replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer
