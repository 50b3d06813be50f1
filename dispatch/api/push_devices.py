"""Which of my devices are told by push, and how does a browser join and leave them?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, current_app, jsonify, request

from dispatch.access import current_actor, current_time, presented_secret, requires
from dispatch.actions.push_devices import Browser, add_device, is_kept, note_use, remove_device
from dispatch.actions.unit_of_work import transaction
from dispatch.adapters.messages.channels import guard_of, push_key
from dispatch.api.parsing import ApiBlueprint
from dispatch.domain.kept_secrets import secret_hash
from dispatch.domain.permissions import Permission
from dispatch.queries.push_devices import device_at, devices_of
from dispatch.queries.sessions import session_id_of
from dispatch.queries.stories import end_reading
from dispatch.schemas.messages import (
    DevicesReply,
    NoShape,
    OneDeviceReply,
    PushHereShape,
    PushReply,
    PushShape,
)

if TYPE_CHECKING:
    from dispatch.models.messages import PushSubscription

blueprint = ApiBlueprint(
    "push",
    __name__,
    url_prefix="/api/v1/push-subscriptions",
    description="The asker's own devices that are told by push",
)


@blueprint.gets("/key")
@requires(Permission.SIGNED_IN)
@blueprint.answers(200, PushReply)
def public_key() -> Response:
    """Tell the public key that a browser subscribes with."""
    return jsonify({"public_key": push_key(current_app.config["SETTINGS"])})


@blueprint.gets("")
@requires(Permission.SIGNED_IN)
@blueprint.answers(200, DevicesReply)
def list_devices() -> Response:
    """List the asker's devices."""
    found = devices_of(current_actor().user_id or 0)
    return jsonify({"devices": [_shown(each) for each in found]})


@blueprint.posts("")
@requires(Permission.SIGNED_IN)
@blueprint.reads(PushShape)
@blueprint.answers(200, OneDeviceReply)
def add(asked: dict[str, Any]) -> Response:
    """Keep this browser's subscription for the asker; the same one again is the same device."""
    browser = _browser()
    end_reading()
    guard_of(current_app.config["SETTINGS"]).check_saved(asked["endpoint"])
    with transaction():
        row = add_device(browser, asked["endpoint"], asked["keys"], now=current_time())
        reply = _shown(row)
    return jsonify({"device": reply})


@blueprint.posts("/here")
@requires(Permission.SIGNED_IN)
@blueprint.reads(PushHereShape)
@blueprint.answers(200, OneDeviceReply)
def here(asked: dict[str, Any]) -> Response:
    """Say which device of the asker this browser is, and note that it is in use.

    Another person's subscription in this browser ends.
    """
    browser, now = _browser(), current_time()
    row = device_at(asked["endpoint"])
    if is_kept(row, browser, now):
        return jsonify({"device": _shown(row) if row else None})
    with transaction():
        row = note_use(browser, asked["endpoint"], now=now)
        reply = _shown(row) if row else None
    return jsonify({"device": reply})


@blueprint.posts("/<int:device_id>/delete")
@requires(Permission.SIGNED_IN)
@blueprint.reads(NoShape)
@blueprint.answers(200, DevicesReply)
def delete(_asked: dict[str, Any], device_id: int) -> Response:
    """Tell a device nothing more; returns those that are left."""
    with transaction():
        remove_device(current_actor().user_id or 0, device_id)
    return list_devices()


def _browser() -> Browser:
    session_id = session_id_of(secret_hash(presented_secret() or ""))
    return Browser(current_actor().user_id or 0, session_id, request.user_agent.string)


def _shown(row: PushSubscription) -> dict[str, Any]:
    return {
        "id": row.id,
        "agent": row.agent,
        "created_at": row.created_at,
        "last_used_at": row.last_used_at,
    }
