"""Whom does a step owe a message? The rows are sent later, outside the transaction."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dispatch.actions.new_rows import insert_rows
from dispatch.domain.message_templates import TEST_STEP
from dispatch.domain.messages import Channel, Urgency
from dispatch.domain.sentences import say
from dispatch.domain.service_policy import Level
from dispatch.domain.ticket_state import ticket_number
from dispatch.models.base import current_connection, db
from dispatch.models.clockwork import Outbox
from dispatch.models.messages import WebhookEndpoint
from dispatch.models.tickets import Report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from types import SimpleNamespace

    from sqlalchemy import Row

    from dispatch.domain.messages import Route
    from dispatch.models.tickets import Ticket, TicketEvent

BESIDE = "+"
"""Ends the effect key of a message that goes out beside another way; it takes no other route."""

_LISTENING = select(
    WebhookEndpoint.id, WebhookEndpoint.url, WebhookEndpoint.kinds, WebhookEndpoint.sees_personal
).where(WebhookEndpoint.active)


def tell_reporters(ticket: Ticket, event: TicketEvent, *, now: datetime) -> None:
    """Queue one text message a reporter who left a number; the event makes it once."""
    reporters = db.session.execute(
        select(Report.phone, Report.token, Report.language).where(
            Report.ticket_id == ticket.id, Report.phone.is_not(None)
        )
    )
    for report in reporters:
        queue_message(ticket, event, report, now=now)


def queue_message(
    ticket: Ticket,
    event: TicketEvent | SimpleNamespace,
    report: Row[*tuple[Any, ...]] | Report,
    *,
    now: datetime,
) -> None:
    """Queue the message of one event to one reporter (phone, token, language)."""
    is_emergency = ticket.level == Level.EMERGENCY
    message = {
        "effect_key": f"{event.uuid}/{report.token}",
        "ticket_id": ticket.id,
        "channel": str(Channel.SMS),
        "lane": str(Channel.SMS),
        "recipient": report.phone,
        "template": event.kind,
        "language": report.language,
        "urgency": str(Urgency.EMERGENCY if is_emergency else Urgency.ORDINARY),
        "content": ticket_facts(ticket) | _promised(ticket) | {"token": report.token},
        "next_try_at": now,
        "created_at": now,
    }
    insert_rows(Outbox, [message])


def _promised(ticket: Ticket) -> dict[str, Any]:
    """Take the promise out of what a reporter is told in a storm, where it may not be kept."""
    return {"arrive_due_at": None} if ticket.storm else {}


def queue_warning(
    effect_key: str,
    routes: Sequence[Route],
    ticket: Ticket,
    template: str,
    facts: dict[str, Any],
    *,
    now: datetime,
) -> None:
    """Queue a warning to the first of the routes; each next one is taken when the one fails.

    The routes are the channels of the first person, then those of the next. A route is given up
    after 0, 5, 15, 30 and 60 s, or at once when its channel is not set up. Without a route nothing
    is queued: the alert in the console stands by itself.
    """
    if routes:
        first, *rest = routes
        content = ticket_facts(ticket) | facts
        insert_rows(
            Outbox,
            [warning_row(effect_key, first, rest, ticket.id, template, content, now=now)],
        )


def warning_row(
    effect_key: str,
    route: Route,
    rest: Sequence[Route],
    ticket_id: int | None,
    template: str,
    content: dict[str, Any],
    *,
    now: datetime,
) -> dict[str, Any]:
    """Return the columns of a warning on one route, with the routes that are left."""
    return {
        "effect_key": effect_key,
        "ticket_id": ticket_id,
        "user_id": route.user_id,
        "channel": route.channel,
        # A lane of its own, so that no crowd of other messages holds a warning up.
        "lane": f"{Urgency.WARNING}/{route.channel}",
        "recipient": route.recipient,
        "template": template,
        "language": route.language,
        "urgency": str(Urgency.WARNING),
        "content": content,
        "routes": [asdict(each) for each in rest],
        "next_try_at": now,
        "created_at": now,
    }


def needless(noted_by: str | None) -> dict[str, Any]:
    """Say who made a warning needless that was not sent yet, as its row keeps it."""
    return say("%(who)s took note before it was sent.", who=noted_by).as_json()


def queue_webhooks(ticket: Ticket, events: Sequence[dict[str, Any]], *, now: datetime) -> None:
    """Queue each event for every endpoint that wants its kind; `events` are their columns.

    Personal values go along only where an administrator gave the endpoint that right.
    """
    insert_rows(Outbox, webhook_rows(ticket, events, listening(), now=now))


def listening() -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the endpoints that are not paused, as `webhook_rows` wants them."""
    return current_connection().execute(_LISTENING).all()


def webhook_rows(
    ticket: Ticket,
    events: Sequence[dict[str, Any]],
    endpoints: Sequence[Row[*tuple[Any, ...]]],
    *,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return what each endpoint is owed of some events, by their columns."""
    return [
        {
            "effect_key": f"{event['uuid']}/webhook/{endpoint.id}",
            "ticket_id": ticket.id,
            "endpoint_id": endpoint.id,
            "channel": str(Channel.WEBHOOK),
            "lane": f"{Channel.WEBHOOK}/{endpoint.id}",
            "recipient": endpoint.url,
            "template": event["kind"],
            "urgency": str(Urgency.WEBHOOK),
            "content": _told(ticket, event) | (_personal(ticket, event, endpoint.sees_personal)),
            "next_try_at": now,
            "created_at": now,
        }
        for endpoint in endpoints
        for event in events
        if event["kind"] in endpoint.kinds
    ]


def ticket_facts(ticket: Ticket) -> dict[str, Any]:
    """Return what the default texts of every message say about a ticket."""
    return {
        "number": ticket_number(ticket.id),
        "category": ticket.category,
        "level": ticket.level,
        "arrive_due_at": _iso(ticket.arrive_due_at),
    }


def _told(ticket: Ticket, event: dict[str, Any]) -> dict[str, Any]:
    return ticket_facts(ticket) | {
        "kind": event["kind"],
        "from": event["from_state"],
        "to": event["to_state"],
        "state": ticket.state,
        "effective_at": _iso(event["effective_at"]),
        "recorded_at": _iso(event["recorded_at"]),
        "grid": ticket.grid_id,
        "team": ticket.team_id,
    }


def _personal(ticket: Ticket, event: dict[str, Any], allowed: bool) -> dict[str, Any]:  # noqa: FBT001  a column
    if not allowed:
        return {}
    return {
        "personal": {
            "address": ticket.address,
            "description": ticket.description,
            "lat": ticket.lat,
            "lon": ticket.lon,
            "note": event["note"],
        }
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def queue_test(
    effect_key: str, route: Route, step: str, content: dict[str, Any], *, now: datetime
) -> None:
    """Queue one test of a text to an address that an administrator typed."""
    insert_rows(Outbox, [warning_row(effect_key, route, (), None, step, content, now=now)])


def queue_test_event(endpoint: WebhookEndpoint, *, now: datetime) -> None:
    """Queue an event of a ticket that does not exist."""
    row = {
        "effect_key": f"test/{uuid.uuid4()}",
        "endpoint_id": endpoint.id,
        "channel": str(Channel.WEBHOOK),
        "lane": f"{Channel.WEBHOOK}/{endpoint.id}",
        "recipient": endpoint.url,
        "template": TEST_STEP,
        "urgency": str(Urgency.WEBHOOK),
        "content": {"kind": "test", "recorded_at": now.isoformat()},
        "next_try_at": now,
        "created_at": now,
    }
    insert_rows(Outbox, [row])
