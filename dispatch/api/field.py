"""How does a crew's phone send what it stored while it was offline?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, jsonify

from dispatch.access import (
    DEVICE_HEADER,
    current_actor,
    current_time,
    is_revoked_phone,
    keep_phone,
    phone_sender,
    presented_phone,
    presented_secret,
    requires,
)
from dispatch.actions.field_sync import Gap, Sent, take_command
from dispatch.actions.phones import enrol_phone, is_news, new_phone_secret, note_seen, tie_session
from dispatch.actions.unit_of_work import transaction
from dispatch.api.parsing import ApiBlueprint
from dispatch.api.wording import in_words
from dispatch.domain.errors import Invalid, TooMany
from dispatch.domain.field_commands import FACTS, FieldCommand, FieldOutcome, PhoneClock
from dispatch.domain.kept_secrets import secret_hash
from dispatch.domain.permissions import Permission
from dispatch.domain.place import check_point
from dispatch.domain.sentences import Sentence
from dispatch.queries.events import other_of
from dispatch.queries.field_sync import device_known, open_tickets_of
from dispatch.queries.phones import phone_in_use
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


@blueprint.posts("/devices")
@requires(Permission.DO_FIELD_WORK)
@blueprint.reads(PhoneShape)
@blueprint.answers(201, PhoneReply)
def enrol(asked: dict[str, Any]) -> tuple[Response, int]:
    """Begin to use this phone for the asker's crew; its token is answered and set as a cookie.

    A phone whose cookie is known already, for it never read the first answer, stays that phone.
    """
    token, actor = presented_phone(), current_actor()
    with transaction():
        row = phone_in_use(secret_hash(token), actor.crew_id)
        if row is None:
            token = new_phone_secret()
            row = enrol_phone(
                asked["name"], actor=actor, now=current_time(), secret_hash=secret_hash(token)
            )
        tie_session(secret_hash(presented_secret() or ""), row.id)
        reply = {"id": row.id, "token": token, "next_sequence": row.last_sequence + 1}
    answer = jsonify(reply)
    keep_phone(answer, token)
    return answer, 201


@blueprint.posts("/sync")
@requires(Permission.DO_FIELD_WORK, unless=is_revoked_phone)
@blueprint.reads(SyncShape)
@blueprint.answers(200, SyncReply)
@blueprint.hears(DEVICE_HEADER)
def sync(asked: dict[str, Any]) -> Response:
    """Take the commands one by one, each in a transaction of its own, and answer for each.

    A command that is refused is answered with its reason and does not stop those after it. What a
    revoked phone sends is held, also when nobody is signed in on it. Where too much of it waits for
    the desk, it is answered up to there; with nothing before that the answer is 429.
    """
    now, token = current_time(), secret_hash(presented_phone())
    offset = (now - asked["at"]).total_seconds() if asked["at"] else None
    clock = PhoneClock(asked["session"], asked["mono_ms"], offset)
    sent = Sent(token, phone_sender(token), clock, now)
    outcomes = []
    for each in asked["commands"]:
        try:
            with transaction():
                outcomes.append(_shown(take_command(_command(each), sent)))
        except Gap:
            break
        except TooMany:
            if not outcomes:
                raise
            break
    phone = device_known(token)
    waiting = None if asked["waiting"] is None else max(0, asked["waiting"] - len(outcomes))
    if is_news(phone, sent.actor, waiting, asked["app"], now):
        with transaction():
            phone = device_known(token)
            note_seen(phone, sent.actor, waiting=waiting, app=asked["app"], now=now)
    revoked = phone.revoked_at is not None
    crew_id = 0 if revoked else sent.actor.crew_id or 0
    reply = {
        "outcomes": outcomes,
        "next_sequence": phone.last_sequence + 1,
        "server_at": now,
        "tickets": [each._asdict() for each in open_tickets_of(crew_id)],
        "revoked": revoked,
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
        seen=given["seen"],
        told_at=given["at"],
        mono_ms=given["mono_ms"],
        session=given["session"],
        offset_seconds=None if offset is None else offset / 1000,
        position=_point(place),
        accuracy_metres=place.get("accuracy"),
        mocked=place.get("mocked", False),
        person=given["person"],
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
    is_fact = entry.outcome == FieldOutcome.APPLIED and entry.kind in FACTS
    return {
        "id": entry.uuid,
        "sequence": entry.sequence,
        "outcome": entry.outcome,
        "reason": Sentence.from_json(entry.reason) if entry.reason else None,
        "effective_at": entry.effective_at,
        "time_quality": entry.time_quality,
        "other": other_of(entry.uuid) if is_fact else None,
    }
