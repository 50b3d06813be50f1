"""Keep calls that broke off before there was a ticket."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "unfinished_call",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("user_id", base.RowId, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("phone", base.Code, nullable=True),
        sa.Column("words", base.Json, nullable=False),
        sa.Column("kept_at", base.UTCDateTime(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("taken_at", base.UTCDateTime(), nullable=True),
        sa.Column("ticket_id", base.RowId, nullable=True),
        sa.Column("ended_at", base.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_unfinished_call_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_unfinished_call_user_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unfinished_call")),
    )
    op.create_index(op.f("ix_unfinished_call_ended_at"), "unfinished_call", ["ended_at"])


def downgrade() -> None:
    op.drop_table("unfinished_call")
