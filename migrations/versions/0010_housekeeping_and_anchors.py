"""Remember the jobs of the housekeeping, and anchor the event chain."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("name", base.Code, nullable=False),
        sa.Column("every_seconds", sa.Integer(), nullable=False),
        sa.Column("due_at", base.UTCDateTime(), nullable=False),
        sa.Column("leased_until", base.UTCDateTime(), nullable=True),
        sa.Column("runner", sa.Text(), nullable=True),
        sa.Column("started_at", base.UTCDateTime(), nullable=True),
        sa.Column("finished_at", base.UTCDateTime(), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=True),
        sa.Column("last_result", base.Json, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job")),
    )
    op.create_table(
        "event_anchor",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("at", base.UTCDateTime(), nullable=False),
        sa.Column("last_event_id", base.RowId, nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("digest", base.Code, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_anchor")),
        sa.UniqueConstraint("last_event_id", name=op.f("uq_event_anchor_last_event_id")),
    )


def downgrade() -> None:
    op.drop_table("event_anchor")
    op.drop_table("job")
