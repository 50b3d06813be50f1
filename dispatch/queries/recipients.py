"""Who hears what the desk writes about some tickets, each person once?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from dispatch.domain.phone_numbers import spellings
from dispatch.models.base import db
from dispatch.models.clockwork import Outbox
from dispatch.models.messages import OptOut
from dispatch.models.tickets import Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dispatch.domain.desk_message import DeskMessage

_IDS_AT_ONCE = 500


class Recipient(NamedTuple):
    """A reporter who left a number; `effect_key` is the same wherever the person reported."""

    ticket_id: int
    phone: str
    token: str
    language: str
    effect_key: str


class Heard(NamedTuple):
    """The reporters of one ticket: who gets a message, who gets it elsewhere, who wants none."""

    recipients: list[Recipient]
    elsewhere: int = 0
    unwanted: int = 0


def recipients_for(
    ticket_ids: Sequence[int], message: DeskMessage, taken: Iterable[str] = ()
) -> Mapping[int, Heard]:
    """Return by ticket who gets a message; a person of two tickets gets it about the first.

    `taken` are effect keys of those who have it already.
    """
    found = {each: Heard([]) for each in ticket_ids}
    silent, known = set(db.session.scalars(select(OptOut.phone))), set(taken)
    place = {ticket_id: at for at, ticket_id in enumerate(found)}
    reports = sorted(_reports_of(list(found)), key=lambda each: place[each[0]])
    for ticket_id, phone, token, language in reports:
        heard, key = found[ticket_id], message.effect_key(phone)
        if not silent.isdisjoint(spellings(phone)):
            found[ticket_id] = heard._replace(unwanted=heard.unwanted + 1)
        elif any(one.effect_key == key for one in heard.recipients):
            continue
        elif key in known:
            found[ticket_id] = heard._replace(elsewhere=heard.elsewhere + 1)
        else:
            known.add(key)
            reads = message.language_for(language)
            heard.recipients.append(Recipient(ticket_id, phone, token, reads, key))
    return found


def _reports_of(ticket_ids: list[int]) -> list[tuple[int, str, str, str | None]]:
    """Return ticket, number, token and language of each report with a number, oldest first."""
    rows: list[Any] = []
    for first in range(0, len(ticket_ids), _IDS_AT_ONCE):
        some = ticket_ids[first : first + _IDS_AT_ONCE]
        rows += db.session.execute(
            select(Report.ticket_id, Report.phone, Report.token, Report.language)
            .where(Report.ticket_id.in_(some), Report.phone != "")
            .order_by(Report.id)
        )
    return [(row.ticket_id, row.phone, row.token, row.language) for row in rows]


def told_already(message: DeskMessage) -> set[str]:
    """Return the effect keys of those to whom a message was written before."""
    return set(
        db.session.scalars(
            select(Outbox.effect_key).where(
                Outbox.effect_key.startswith(message.effects, autoescape=True)
            )
        )
    )
