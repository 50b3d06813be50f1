"""What is a caller honestly told while storm mode is on where the fault is?"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from dispatch.domain.sentences import Sentence, say
from dispatch.domain.ticket_state import ticket_number
from dispatch.queries.storm_queue import outlook_of_ticket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dispatch.domain.storm_queue import Outlook
    from dispatch.models.tickets import Ticket


def facts_in_storm(ticket: Ticket, now: datetime) -> dict[str, Any]:
    """Return what stands in place of a promise; nothing where the usual promise will be kept."""
    found = outlook_of_ticket(ticket, now)
    if found is None or found.keeps(ticket.arrive_due_at):
        return {}
    return outlook_facts(found)


def outlook_facts(found: Outlook) -> dict[str, Any]:
    """Return an outlook as JSON."""
    return {
        "position": found.position,
        "waiting": found.waiting,
        "from_at": found.from_at and found.from_at.isoformat(),
        "to_at": found.to_at and found.to_at.isoformat(),
    }


def words_in_storm(ticket: Ticket, now: datetime) -> Sentence | None:
    """Word it for a caller who was attached to a ticket; None where the usual words hold."""
    told = facts_in_storm(ticket, now)
    return storm_sentence(ticket_number(ticket.id), told) if told else None


def storm_sentence(number: str, told: Mapping[str, Any]) -> Sentence:
    """Word what a call-taker tells the caller in a storm."""
    if told["from_at"] is None:
        return say(
            "Tell the caller: the number is %(number)s. Storm mode is on: number %(place)s of "
            "%(waiting)s in the queue; no crew is on duty, so we cannot name a time yet.",
            number=number,
            place=told["position"],
            waiting=told["waiting"],
        )
    return say(
        "Tell the caller: the number is %(number)s. Storm mode is on: number %(place)s of "
        "%(waiting)s in the queue; a crew is expected between %(from_at)s and %(to_at)s.",
        number=number,
        place=told["position"],
        waiting=told["waiting"],
        from_at=datetime.fromisoformat(told["from_at"]),
        to_at=datetime.fromisoformat(told["to_at"]),
    )
