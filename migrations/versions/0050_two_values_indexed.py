"""Find the fields that two people filled in differently without reading every event."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    op.create_index(
        "ix_ticket_event_other",
        "ticket_event",
        ["id"],
        sqlite_where=sa.text("json_extract(facts, '$.other') IS NOT NULL"),
        postgresql_where=sa.text("facts -> 'other' IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_event_other", "ticket_event")
