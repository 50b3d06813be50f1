"""Let a fact know the pipe of its ticket, and whether it was reopened."""

import struct

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"

LACKED_A_PART = sa.text("cause = 'part_missing' AND state = 'cannot_complete'")
ADDED = struct.Struct("<i?")
"""What stands at the end of a fact from now on: millimetres, -1 where not known, and a sign."""
WITHOUT = f"substr(fact, 1, length(fact) - {ADDED.size})"
WITH_ON_SQLITE = """
    with_end(
        fact,
        (SELECT pipe_mm FROM ticket WHERE id = ticket_id),
        (SELECT reopenings FROM ticket WHERE id = ticket_id)
    )
"""
# No pipe is wider than 5,000 mm, so that the upper two bytes are nothing.
END_ON_POSTGRESQL = """
    CREATE FUNCTION end_of_fact(wanted bigint) RETURNS bytea STABLE LANGUAGE sql AS $$
    SELECT coalesce(
        set_byte(set_byte('\\x00000000'::bytea, 0, max(pipe_mm) & 255), 1, max(pipe_mm) >> 8),
        '\\xffffffff'::bytea
    ) || CASE WHEN max(reopenings) > 0 THEN '\\x01'::bytea ELSE '\\x00'::bytea END
    FROM ticket WHERE id = wanted
    $$
"""
"""Of a ticket that is gone too, whose fact stays."""
OF_ANOTHER_CREW = """
    INSERT INTO fact_due (ticket_id)
    SELECT DISTINCT ticket_id FROM visit AS one
    WHERE state IN ('declined', 'withdrawn', 'handed_over') AND NOT EXISTS (
        SELECT 1 FROM visit WHERE ticket_id = one.ticket_id AND arrived_at IS NOT NULL
    ) OR EXISTS (
        SELECT 1 FROM visit
        WHERE ticket_id = one.ticket_id AND arrived_at = one.arrived_at AND id <> one.id
    )
    ORDER BY ticket_id
"""
"""Their crew is no longer one that gave the ticket back; of two at once it is the lead."""


def upgrade() -> None:
    op.create_index(
        "ix_visit_lacked_part",
        "visit",
        ["ticket_id"],
        sqlite_where=LACKED_A_PART,
        postgresql_where=LACKED_A_PART,
    )
    if op.get_bind().dialect.name == "sqlite":
        op.get_bind().connection.driver_connection.create_function("with_end", 3, _with_end)
        _write_anew(WITH_ON_SQLITE)
    else:
        op.execute(END_ON_POSTGRESQL)
        _write_anew("fact || end_of_fact(ticket_id)")
        op.execute("DROP FUNCTION end_of_fact")
    op.execute(OF_ANOTHER_CREW)


def downgrade() -> None:
    op.drop_index("ix_visit_lacked_part", "visit")
    _write_anew(WITHOUT)
    op.execute(OF_ANOTHER_CREW)


def _with_end(fact, millimetres, reopenings):
    return fact + ADDED.pack(-1 if millimetres is None else millimetres, bool(reopenings))


def _write_anew(fact: str) -> None:
    """Write each fact anew, and name all loose, so that the roll-up packs them into blocks."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"UPDATE ticket_fact SET fact = {fact}")  # noqa: S608  constants
    else:
        # One pass over the table in place of an update of every row and of each of its indexes.
        op.execute(f"ALTER TABLE ticket_fact ALTER fact TYPE bytea USING {fact}")
    for table in ("fact_block", "fact_sum", "fact_loose"):
        op.execute(f"DELETE FROM {table}")  # noqa: S608  constants
    op.execute(
        "INSERT INTO fact_loose (number, ticket_id)"
        " SELECT received_us / 2592000000000, ticket_id FROM ticket_fact"
    )
