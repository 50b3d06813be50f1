"""Keep what return visits lacked and lists had named; find records of parts by when they came."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0053"
down_revision = "0052"

KIT = sa.text("kind IN ('parts_used', 'next_visit_needs')")
OF_VISITS_THAT_LACKED_A_PART = """
    INSERT INTO fact_due (ticket_id)
    SELECT DISTINCT ticket_id FROM visit
    WHERE cause = 'part_missing' AND state = 'cannot_complete'
    ORDER BY ticket_id
"""


def upgrade() -> None:
    op.create_table(
        "return_visit_fact",
        sa.Column("visit_id", base.RowId, autoincrement=False, nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=False),
        sa.Column("lacked", sa.Text(), nullable=False),
        sa.Column("named", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_return_visit_fact")),
    )
    op.create_index(op.f("ix_return_visit_fact_ticket_id"), "return_visit_fact", ["ticket_id"])
    _index_kit("recorded_at", "id")
    op.execute(OF_VISITS_THAT_LACKED_A_PART)


def downgrade() -> None:
    _index_kit("id")
    op.drop_table("return_visit_fact")


def _index_kit(*columns: str) -> None:
    op.drop_index("ix_ticket_event_kit", "ticket_event")
    op.create_index(
        "ix_ticket_event_kit",
        "ticket_event",
        list(columns),
        sqlite_where=KIT,
        postgresql_where=KIT,
    )
