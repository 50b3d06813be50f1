"""How do changed tickets get into the facts of the figures?"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import delete, insert, text
from sqlalchemy.orm.exc import StaleDataError

from dispatch.actions.bulk_rows import allow_a_long_transaction, write_rows
from dispatch.actions.sessions import take_turns
from dispatch.domain.fact_columns import BLOCK_US, in_columns, packed, unpacked
from dispatch.domain.fact_sums import packed_sums, sum_anew_at
from dispatch.domain.facts import NONE
from dispatch.domain.microseconds import micros
from dispatch.domain.same_place import cells_of
from dispatch.models.base import db
from dispatch.models.facts import (
    FactBlock,
    FactDue,
    FactLoose,
    FactSum,
    ReturnVisitFact,
    TicketFact,
)
from dispatch.queries.facts import facts_received

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from dispatch.domain.bring_savings import ReturnVisit
    from dispatch.domain.facts import Rows
    from dispatch.queries.facts import Ahead

ROWS_AT_ONCE = 5_000
FEWEST_TO_SUM = 20_000
"""Fewer facts of a span are counted one by one as quickly, and to the last digit."""


def write_facts(ahead: Ahead, returns: Sequence[ReturnVisit]) -> None:
    """Write what was found to be ahead of the facts, and take away the changes it rests on.

    `returns` are the return visits for want of a part of the tickets that changed.
    When somebody else has written some of it since it was read, nothing is written, for theirs may
    be newer.

    Raises:
        Stale: by the unit of work, when somebody else was quicker.
    """
    taken = sum(_delete(FactDue, FactDue.id, some) for some in _parts(ahead.seen))
    if taken != len(ahead.seen):
        message = "another roll-up has written these facts"
        raise StaleDataError(message)
    gone = np.union1d(ahead.tickets, ahead.facts["ticket"]).tolist()
    for some in _parts(gone):
        _delete(TicketFact, TicketFact.ticket_id, some)
    write_rows(TicketFact, fact_rows(ahead.facts))
    for some in _parts(ahead.tickets.tolist()):
        _delete(ReturnVisitFact, ReturnVisitFact.ticket_id, some)
    # One may be stored as a visit of another ticket, whose turn is later.
    for some in _parts([one.visit for one in returns]):
        _delete(ReturnVisitFact, ReturnVisitFact.visit_id, some)
    write_rows(ReturnVisitFact, return_visit_rows(returns))


def must_read_in_turn() -> bool:
    """Tell whether a roll-up must read in the transaction in which it writes, after `take_turn`.

    Each writes copies of neighbours too, so that two must not write from readings that know nothing
    of each other. SQLite numbers changes as they commit: two readings have the oldest change in
    common, and one of the two stands back. PostgreSQL numbers them as they are made.
    """
    return db.engine.dialect.name == "postgresql"


def take_turn() -> None:
    """Let roll-ups wait for each other until they commit, however long one reads."""
    allow_a_long_transaction()
    take_turns("facts")


def fact_rows(facts: Rows) -> list[dict[str, Any]]:
    """Return facts as rows of their table, each with the columns that find it."""
    placed = ~np.isnan(facts["lat"])
    cells = np.full(facts.size, NONE, dtype=np.int64)
    cells[placed] = cells_of(facts["lat"][placed], facts["lon"][placed])
    return [
        {
            "ticket_id": int(fact["ticket"]),
            "received_us": int(fact["received_at"]),
            "closed_us": None if np.isnan(fact["closed_at"]) else int(fact["closed_at"]),
            "is_open": bool(fact["is_open"]),
            "is_held": bool(fact["is_held"]),
            "household_id": None if fact["household"] == NONE else int(fact["household"]),
            "cell": None if cell == NONE else cell,
            "fact": fact.tobytes(),
        }
        for fact, cell in zip(facts, cells.tolist(), strict=True)
    ]


def return_visit_rows(returns: Sequence[ReturnVisit]) -> list[dict[str, Any]]:
    """Return return visits as rows of their table."""
    return [
        {
            "visit_id": one.visit,
            "ticket_id": one.ticket,
            "lacked": " ".join(sorted(one.lacked)),
            "named": " ".join(sorted(one.named)),
            "seconds": one.seconds,
        }
        for one in returns
    ]


def pack_span(number: int, zone: ZoneInfo, now: datetime) -> None:
    """Write the block of a span anew from its facts; nothing of it is loose then.

    Where there are many, what they add up to by now is written too.
    """
    if db.engine.dialect.name == "postgresql":
        # Who changes a fact meanwhile would name it loose before the block is there, and in vain.
        db.session.execute(text("LOCK TABLE ticket_fact IN SHARE MODE"))
    facts = facts_received(number * BLOCK_US, (number + 1) * BLOCK_US)
    for table in (FactBlock, FactSum, FactLoose):
        _delete(table, table.number, [number])
    if not facts.size:
        return
    columns = packed(facts)
    sums, anew_at = {}, None
    if facts.size >= FEWEST_TO_SUM:
        by_column = in_columns(unpacked(columns))
        sums = packed_sums(by_column, zone, now)
        anew_at = sum_anew_at(by_column, now) if sums else None
    digest = blake2b(columns, digest_size=16)
    for each in sums.values():
        digest.update(each)
    write_rows(FactSum, [
        {"number": number, "split": word, "sums": each} for word, each in sums.items()
    ])  # fmt: skip
    row = {
        "number": number, "digest": digest.digest(), "columns": columns,
        "sum_anew_us": None if anew_at is None else int(micros([anew_at])[0]),
    }  # fmt: skip
    db.session.execute(insert(FactBlock), row)


def _delete(table: Any, column: Any, values: list[int]) -> int:
    done: Any = db.session.execute(delete(table).where(column.in_(values)))
    return int(done.rowcount)


def _parts(values: list[int]) -> list[list[int]]:
    return [values[start : start + ROWS_AT_ONCE] for start in range(0, len(values), ROWS_AT_ONCE)]
