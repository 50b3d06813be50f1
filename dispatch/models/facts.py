"""What does each ticket add to the figures, and for which tickets must it be written anew?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.models.base import Model, RowId


def _where(sign: str) -> dict[str, Any]:
    """Return the condition of an index as either database writes it when it is asked."""
    return {"sqlite_where": text(f"{sign} = 1"), "postgresql_where": text(sign)}


WAITED_LONG = "closed_us - received_us > 2592000000000"
"""The condition of an index, thirty days; it is used where the same words are asked for."""


class TicketFact(Model):
    """The fact of one ticket: `fact` is a row of `domain.facts`, beside it what finds it.

    Instants are microseconds since 1970. `cell` is the number of the 120 m cell of its place;
    `is_held` says that a hold counts up to now, so that the row alone does not tell how long.
    """

    __tablename__ = "ticket_fact"
    __table_args__ = (
        Index("ix_ticket_fact_received", "received_us", "closed_us"),
        Index(
            "ix_ticket_fact_long",
            "closed_us",
            sqlite_where=text(WAITED_LONG),
            postgresql_where=text(WAITED_LONG),
        ),
        Index("ix_ticket_fact_open", "received_us", **_where("is_open")),
        Index("ix_ticket_fact_held", "ticket_id", **_where("is_held")),
    )

    # No foreign key: the fact of a ticket that is gone is needed to find its neighbours.
    ticket_id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    received_us: Mapped[int] = mapped_column(BigInteger)
    closed_us: Mapped[int | None] = mapped_column(BigInteger)
    is_open: Mapped[bool]
    is_held: Mapped[bool]
    household_id: Mapped[int | None] = mapped_column(RowId, index=True)
    cell: Mapped[int | None] = mapped_column(BigInteger, index=True)
    fact: Mapped[bytes] = mapped_column(LargeBinary)


class ReturnVisitFact(Model):
    """A return visit for want of a part: what was missing, and what of it a bring list had named.

    Both are keys of parts in their order, with a space between; `seconds` is how long the visit
    took, none while it lasts.
    """

    __tablename__ = "return_visit_fact"

    visit_id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    ticket_id: Mapped[int] = mapped_column(RowId, index=True)
    lacked: Mapped[str]
    named: Mapped[str]
    seconds: Mapped[float | None]


class FactDue(Model):
    """A ticket whose fact must be written anew; triggers add a row with each change.

    A number is never given twice, so that a roll-up takes away what it has seen and no more.
    """

    __tablename__ = "fact_due"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(RowId)


class FactBlock(Model):
    """The facts of the tickets received in one span of days, by column (`domain.fact_columns`).

    Whoever reads it leaves out the tickets that `FactLoose` names. `digest` is that of its columns
    and sums, so that what has been read once is known again in any database and at any time.
    At `sum_anew_us` it is worth while to add its facts up anew.
    """

    __tablename__ = "fact_block"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    columns: Mapped[bytes] = mapped_column(LargeBinary)
    sum_anew_us: Mapped[int | None] = mapped_column(BigInteger, index=True)


class FactSum(Model):
    """What the facts of a block add up to (`domain.fact_sums`), told apart by one thing.

    `split` is the word of that, empty for all in one. Blocks of few facts have none.
    """

    __tablename__ = "fact_sum"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    split: Mapped[str] = mapped_column(primary_key=True)
    sums: Mapped[bytes] = mapped_column(LargeBinary)


class FactLoose(Model):
    """A ticket of which the block of a span says something else than its fact, or nothing.

    Triggers add the rows with each change of a fact, in its transaction; a block that is written
    anew takes those of its span away. `fact` is what the block says, none where it says nothing.
    """

    __tablename__ = "fact_loose"
    __table_args__ = {"sqlite_with_rowid": False}

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    ticket_id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    fact: Mapped[bytes | None] = mapped_column(LargeBinary)
