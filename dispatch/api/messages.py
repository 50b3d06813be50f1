"""What was sent about a ticket, and where are events delivered?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, current_app, jsonify, request

from dispatch.access import current_actor, current_scope, current_time, requires
from dispatch.actions.idempotency import once
from dispatch.actions.sending import message_for_change, resend
from dispatch.actions.unit_of_work import transaction
from dispatch.actions.webhook_endpoints import (
    Wanted,
    add_endpoint,
    change_endpoint,
    delete_endpoint,
    endpoint_for_change,
    renew_secret,
)
from dispatch.adapters.messages.endpoints import check_address, secret_of
from dispatch.api.parsing import ApiBlueprint, idempotency_key, seen_version
from dispatch.domain.messages import public_id
from dispatch.domain.permissions import Permission
from dispatch.queries.messages import endpoints, message_page, messages_of, tries_of
from dispatch.queries.stories import end_reading
from dispatch.queries.tickets import ticket_seen
from dispatch.schemas.messages import (
    DeliveriesReply,
    EndpointShape,
    EndpointsReply,
    MessagesReply,
    NoShape,
    OneEndpointReply,
    ResentReply,
)

if TYPE_CHECKING:
    from dispatch.models.messages import WebhookEndpoint

blueprint = ApiBlueprint(
    "messages",
    __name__,
    url_prefix="/api/v1",
    description="What was sent to whom, and the endpoints of signed webhooks",
)


@blueprint.gets("/tickets/<number>/messages")
@requires(Permission.SEE_PERSONAL)
@blueprint.answers(200, MessagesReply)
def ticket_messages(number: str) -> Response:
    """List what was sent about a ticket, oldest first; addresses are masked."""
    ticket = ticket_seen(number, current_scope())
    return jsonify({"messages": messages_of(ticket.id)})


@blueprint.gets("/webhooks")
@requires(Permission.ADMINISTER)
@blueprint.answers(200, EndpointsReply)
def list_webhooks() -> Response:
    """List the endpoints; secrets are not told again."""
    return jsonify({"webhooks": [_shown(row) for row in endpoints()]})


@blueprint.posts("/webhooks")
@requires(Permission.ADMINISTER)
@blueprint.reads(EndpointShape)
@blueprint.answers(201, OneEndpointReply)
@blueprint.hears("Idempotency-Key")
def add_webhook(asked: dict[str, Any]) -> Response:
    """Add an endpoint; its secret is told in this answer and never again."""
    _check_address(asked["url"])
    key, actor, now = idempotency_key(), current_actor(), current_time()

    def add() -> tuple[int, dict[str, Any]]:
        return 201, {"id": add_endpoint(_wanted(asked), actor=actor, now=now).id}

    with transaction():
        # Only the id is kept with the key, so that no secret is.
        done = once(f"webhook/{actor.user_id}", key, asked, now=now, do=add)
        row = endpoint_for_change(done.reply["id"])
        reply = _shown(row) | {"secret": _secret(row)}
    answer = jsonify({"webhook": reply})
    answer.status_code = done.status
    if done.replayed:
        answer.headers["Idempotent-Replayed"] = "true"
    return answer


@blueprint.posts("/webhooks/<int:endpoint_id>")
@requires(Permission.ADMINISTER)
@blueprint.reads(EndpointShape)
@blueprint.answers(200, OneEndpointReply)
@blueprint.hears("If-Match")
def change_webhook(asked: dict[str, Any], endpoint_id: int) -> Response:
    """Change an endpoint."""
    _check_address(asked["url"])
    with transaction():
        row = change_endpoint(
            endpoint_id,
            _wanted(asked),
            actor=current_actor(),
            now=current_time(),
            seen_version=seen_version(),
        )
        reply = _shown(row)
    return jsonify({"webhook": reply})


@blueprint.posts("/webhooks/<int:endpoint_id>/secret")
@requires(Permission.ADMINISTER)
@blueprint.reads(NoShape)
@blueprint.answers(200, OneEndpointReply)
@blueprint.hears("If-Match")
def renew_webhook_secret(_asked: dict[str, Any], endpoint_id: int) -> Response:
    """Give an endpoint a new secret; it is told in this answer and never again."""
    with transaction():
        row = renew_secret(
            endpoint_id, actor=current_actor(), now=current_time(), seen_version=seen_version()
        )
        reply = _shown(row) | {"secret": _secret(row)}
    return jsonify({"webhook": reply})


@blueprint.posts("/webhooks/<int:endpoint_id>/delete")
@requires(Permission.ADMINISTER)
@blueprint.reads(NoShape)
@blueprint.answers(200, EndpointsReply)
@blueprint.hears("If-Match")
def delete_webhook(_asked: dict[str, Any], endpoint_id: int) -> Response:
    """Stop an endpoint for good; returns those that are left."""
    with transaction():
        delete_endpoint(
            endpoint_id, actor=current_actor(), now=current_time(), seen_version=seen_version()
        )
    return list_webhooks()


@blueprint.gets("/webhooks/<int:endpoint_id>/deliveries")
@requires(Permission.ADMINISTER)
@blueprint.answers(200, DeliveriesReply)
def webhook_deliveries(endpoint_id: int) -> Response:
    """List what was delivered to an endpoint, with every try; `?page=2` goes back in time."""
    endpoint_for_change(endpoint_id)
    found = message_page(request.args.get("page", 1, type=int), endpoint_id=endpoint_id)
    tries = tries_of([row.id for row in found.rows])
    rows = [
        {
            "id": row.id,
            "webhook_id": public_id(row.effect_key),
            "kind": row.template,
            "state": row.state,
            "created_at": row.created_at,
            "tries": [
                {
                    "at": each.at,
                    "outcome": each.outcome,
                    "code": each.code,
                    "took_ms": each.took_ms,
                    "answer": each.answer,
                }
                for each in tries[row.id]
            ],
        }
        for row in found.rows
    ]
    return jsonify({"deliveries": rows, "page": found.page, "pages": found.pages})


@blueprint.posts("/messages/<int:outbox_id>/resend")
@requires(Permission.ADMINISTER)
@blueprint.reads(NoShape)
@blueprint.answers(200, ResentReply)
def resend_message(_asked: dict[str, Any], outbox_id: int) -> Response:
    """Let a message that was given up, kept or cancelled wait again; a webhook also when sent."""
    with transaction():
        message_for_change(outbox_id)
        done = resend([outbox_id], now=current_time())
    return jsonify({"resent": done})


def _check_address(url: str) -> None:
    end_reading()
    check_address(current_app.config, url)


def _secret(row: WebhookEndpoint) -> str:
    return secret_of(current_app.config, row.salt)


def _wanted(asked: dict[str, Any]) -> Wanted:
    return Wanted(
        asked["name"], asked["url"], tuple(asked["kinds"]), asked["active"], asked["sees_personal"]
    )


def _shown(row: WebhookEndpoint) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "url": row.url,
        "kinds": row.kinds,
        "active": row.active,
        "sees_personal": row.sees_personal,
        "version": row.version,
        "created_at": row.created_at,
    }
