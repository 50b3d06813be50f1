"""How does a crew's phone send what it stored while it was offline?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify, request

from dispatch.access import current_actor, current_time, requires, secret_hash
from dispatch.actions.field_sync import Gap, Sent, enrol_phone, new_phone_secret, take_command
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint
from dispatch.api.wording import in_words
from dispatch.domain.errors import Invalid
from dispatch.domain.field_commands import FieldCommand, PhoneClock
from dispatch.domain.permissions import Permission
from dispatch.domain.place import check_point
from dispatch.domain.sentences import Sentence
from dispatch.queries.field_sync import device_known, open_tickets_of
from dispatch.schemas.field_sync import PhoneReply, PhoneShape, SyncReply, SyncShape

if TYPE_CHECKING:
    from dispatch.domain.place import Point
    from dispatch.models.field import FieldEntry

blueprint = ApiBlueprint(
    "field",
    __name__,
    url_prefix="/api/v1/field",
    description="A crew's phone and what it stored while it was offline",
)

DEVICE_HEADER = "X-OneVisit-Device"


@blueprint.posts("/devices")
@requires(Permission.DO_FIELD_WORK)
@blueprint.reads(PhoneShape)
@blueprint.answers(201, PhoneReply)
def enrol(asked: dict[str, Any]) -> tuple[Response, int]:
    """Begin to use this phone for the asker's crew; its token is told once."""
    token = new_phone_secret()
    with transaction():
        row = enrol_phone(
            asked["name"],
            actor=current_actor(),
            now=current_time(),
            secret_hash=secret_hash(token),
        )
        reply = {"id": row.id, "token": token, "next_sequence": row.last_sequence + 1}
    return jsonify(reply), 201


@blueprint.posts("/sync")
@requires(Permission.DO_FIELD_WORK)
@blueprint.reads(SyncShape)
@blueprint.answers(200, SyncReply)
@blueprint.hears(DEVICE_HEADER)
def sync(asked: dict[str, Any]) -> Response:
    """Take the commands one by one, each in a transaction of its own, and answer for each.

    A command that is refused is answered with its reason and does not stop those after it.
    """
    now, token = current_time(), request.headers.get(DEVICE_HEADER, "")
    offset = (now - asked["at"]).total_seconds() if asked["at"] else None
    clock = PhoneClock(asked["session"], asked["mono_ms"], offset)
    sent = Sent(secret_hash(token), current_actor(), clock, now)
    outcomes = []
    for each in asked["commands"]:
        try:
            with transaction():
                outcomes.append(_shown(take_command(_command(each), sent)))
        except Gap:
            break
    reply = {
        "outcomes": outcomes,
        "next_sequence": device_known(sent.device_hash).last_sequence + 1,
        "server_at": now,
        "tickets": [each._asdict() for each in open_tickets_of(sent.actor.crew_id or 0)],
    }
    return jsonify(in_words(reply))


def _command(given: dict[str, Any]) -> FieldCommand:
    place = given["position"] or {}
    offset = given["offset_ms"]
    return FieldCommand(
        uuid=given["id"],
        sequence=given["sequence"],
        ticket=given["ticket"],
        kind=given["kind"],
        args=given["args"],
        base_version=given["base_version"],
        told_at=given["at"],
        mono_ms=given["mono_ms"],
        session=given["session"],
        offset_seconds=None if offset is None else offset / 1000,
        position=_point(place),
        accuracy_metres=place.get("accuracy"),
        mocked=place.get("mocked", False),
    )


def _point(place: dict[str, Any]) -> Point | None:
    """Return where the tap was made; an odd position never stops a tap."""
    if not place:
        return None
    try:
        return check_point(place["lat"], place["lon"])
    except Invalid:
        return None


def _shown(entry: FieldEntry) -> dict[str, Any]:
    return {
        "id": entry.uuid,
        "sequence": entry.sequence,
        "outcome": entry.outcome,
        "reason": Sentence.from_json(entry.reason) if entry.reason else None,
        "effective_at": entry.effective_at,
        "time_quality": entry.time_quality,
    }
