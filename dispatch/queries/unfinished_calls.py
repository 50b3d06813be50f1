"""Which calls broke off and wait to be taken up again?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from dispatch.domain.errors import NotFound
from dispatch.domain.masking import masked_phone
from dispatch.domain.sentences import say
from dispatch.models.base import db
from dispatch.models.calls import UnfinishedCall

if TYPE_CHECKING:
    from dispatch.models.calls import UnfinishedCall as Call

SHOWN = 20
_OPEN = UnfinishedCall.ended_at.is_(None)


def open_calls() -> list[dict[str, Any]]:
    """Return the calls that wait, the newest first, twenty at most; the number is masked."""
    newest = select(UnfinishedCall).where(_OPEN)
    newest = newest.order_by(UnfinishedCall.kept_at.desc(), UnfinishedCall.id.desc()).limit(SHOWN)
    return [shown_call(row) for row in db.session.scalars(newest)]


def count_open() -> int:
    """Return how many calls wait."""
    return db.session.scalar(select(func.count(UnfinishedCall.id)).where(_OPEN)) or 0


def shown_call(row: Call) -> dict[str, Any]:
    """Return a call as the list shows it."""
    return {
        "id": row.id,
        "author": row.author,
        "kept_at": row.kept_at,
        "phone": masked_phone(row.phone),
        "name": row.words.get("name"),
        "address": row.words.get("address"),
        "category": row.words.get("category"),
        "taken_by": row.taken_by,
        "taken_at": row.taken_at,
        "ended": row.ended_at is not None,
    }


def call_for_change(call_id: int) -> Call:
    """Return a call and hold it until the end of the transaction.

    Raises:
        NotFound: when there is none.
    """
    row = db.session.get(UnfinishedCall, call_id, with_for_update=True)
    if row is None:
        raise NotFound(say("There is no such unfinished call any more."))
    return row
