"""Who would get a message that is written to the reporters of many tickets, and what in it?"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from flask import Response, current_app, jsonify

from dispatch.access import current_scope, current_time, requires
from dispatch.actions.outbox import ticket_facts
from dispatch.actions.telling import why_nobody
from dispatch.api.bulk import NOTHING, repeated_row
from dispatch.api.parsing import ApiBlueprint
from dispatch.domain.desk_message import TAKE_BACK, desk_message
from dispatch.domain.errors import NotFound
from dispatch.domain.messages import (
    CHANNEL_WORDS,
    Channel,
    quiet_until,
    read_quiet_hours,
)
from dispatch.domain.permissions import Permission
from dispatch.domain.phone_numbers import sms_parts
from dispatch.domain.service_policy import Level
from dispatch.domain.ticket_state import EventKind
from dispatch.message_words import message_text
from dispatch.queries.bulk import ticket_shown
from dispatch.queries.message_templates import stored_texts
from dispatch.queries.recipients import Heard, recipients_for
from dispatch.queries.tickets import ticket_seen
from dispatch.schemas.telling import RecipientsReply, RecipientsShape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dispatch.domain.desk_message import DeskMessage
    from dispatch.models.tickets import Ticket
    from dispatch.queries.recipients import Recipient

blueprint = ApiBlueprint(
    "telling",
    __name__,
    url_prefix="/api/v1",
    description="Messages that the desk writes to the reporters of many tickets",
)


@blueprint.posts("/tickets/recipients")
@requires(Permission.DISPATCH)
@blueprint.reads(RecipientsShape)
@blueprint.answers(200, RecipientsReply)
def recipients(asked: dict[str, Any]) -> Response:
    """Tell who would get a message, each person once, and what it would say; nothing is sent."""
    settings, now = current_app.config["SETTINGS"], current_time()
    message = desk_message("", asked["texts"], settings.language)
    tickets = _seen(asked["numbers"])
    heard = recipients_for([each.id for each in tickets.values() if each], message)
    by_id = {each.id: each for each in tickets.values() if each}
    people = [one for each in heard.values() for one in each.recipients]
    later = quiet_until(read_quiet_hours(settings.quiet_hours), settings.zone, now + TAKE_BACK)
    ordinary = sum(by_id[one.ticket_id].level != Level.EMERGENCY for one in people)
    return jsonify(
        {
            "people": len(people),
            "unwanted": sum(each.unwanted for each in heard.values()),
            "is_set_up": bool(settings.sms_url) and not settings.demo,
            "sent_at": now + TAKE_BACK,
            "waiting": ordinary if later else 0,
            "quiet_until": later,
            "groups": _groups(people, by_id, message),
            "rows": list(_rows(asked["numbers"], tickets, heard)),
        }
    )


def _seen(numbers: list[str]) -> dict[str, Ticket | None]:
    """Return the ticket of each number in the order named, None for one that is not seen."""
    found: dict[str, Ticket | None] = {}
    for number in numbers:
        try:
            found[number] = ticket_seen(number, current_scope())
        except NotFound:
            found[number] = None
    return found


def _groups(
    people: list[Recipient], tickets: Mapping[int, Ticket], message: DeskMessage
) -> list[dict[str, Any]]:
    """Count the people by language, each with the text that the first of them gets."""
    by_language: dict[str, list[Recipient]] = defaultdict(list)
    for one in people:
        by_language[one.language].append(one)
    settings, stored = current_app.config["SETTINGS"], stored_texts()
    groups = []
    for language, those in sorted(by_language.items()):
        facts = ticket_facts(tickets[those[0].ticket_id])
        content = facts | {"token": those[0].token, "words": message.texts[language]}
        text = message_text(EventKind.REPORTERS_TOLD, language, content, settings, stored)
        groups.append(
            {
                "channel": str(Channel.SMS),
                "channel_name": CHANNEL_WORDS[Channel.SMS],
                "language": language,
                "count": len(those),
                "text": text,
                "parts": sms_parts(text).parts,
            }
        )
    return groups


def _rows(
    numbers: list[str], tickets: Mapping[str, Ticket | None], heard: Mapping[int, Heard]
) -> list[dict[str, Any]]:
    rows, seen = [], set()
    for number in numbers:
        ticket = tickets[number]
        name = ticket.id if ticket else number
        rows.append(repeated_row(number) if name in seen else _row(number, ticket, heard))
        seen.add(name)
    return rows


def _row(number: str, ticket: Ticket | None, heard: Mapping[int, Heard]) -> dict[str, Any]:
    shown = NOTHING | ticket_shown(number, current_scope())
    if ticket is None:
        return shown | {"outcome": "not_found"}
    found = heard[ticket.id]
    if not found.recipients:
        return shown | {"outcome": "refused", "message": why_nobody(found)}
    return shown | {"outcome": "done", "recipients": len(found.recipients)}
