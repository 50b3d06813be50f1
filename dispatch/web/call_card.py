"""Does the caller get the card of what can be done meanwhile as a message too?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import current_app

from dispatch.actions.telling import tell_reporters_of
from dispatch.domain.desk_message import desk_message
from dispatch.domain.errors import Forbidden
from dispatch.domain.self_help import card_for
from dispatch.refusals import LOCALES, worded_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dispatch.domain.permissions import Actor
    from dispatch.domain.self_help import SelfHelp
    from dispatch.models.tickets import Ticket


def send_card(
    form: Mapping[str, str], ticket: Ticket, *, actor: Actor, now: datetime
) -> dict[str, Any]:
    """Queue the card of a new ticket's kind for its caller where the form asks for it.

    Returns `card`: whether somebody gets it; a caller without a number, or who wants no messages,
    does not, and the ticket is saved all the same.
    """
    card = card_for(ticket.category)
    if form.get("send_card") != "1" or card is None:
        return {}
    texts = {language: card_text(card, language) for language in LOCALES}
    fallback = current_app.config["SETTINGS"].language
    message = desk_message(f"card/{ticket.id}", texts, fallback)
    try:
        tell_reporters_of(ticket, message, actor=actor, now=now)
    except Forbidden:
        return {"card": False}
    return {"card": True}


def card_text(card: SelfHelp, language: str) -> str:
    """Return a card as one line of text."""
    steps = (f"{at}. {worded_in(language, step)}" for at, step in enumerate(card.steps, 1))
    return " ".join((f"{worded_in(language, card.title)}:", *steps))
