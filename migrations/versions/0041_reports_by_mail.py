"""Keep which views of the circle are sent by mail, how often, and to whom."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    op.create_table(
        "scheduled_report",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("user_id", base.RowId, nullable=False),
        sa.Column("view_id", base.RowId, nullable=False),
        sa.Column("every", base.Code, nullable=False),
        sa.Column("recipients", base.Json, nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("fault", base.Json, nullable=True),
        sa.Column("due_at", base.UTCDateTime(), nullable=False),
        sa.Column("sent_at", base.UTCDateTime(), nullable=True),
        sa.Column("created_at", base.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_scheduled_report_user_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["view_id"],
            ["saved_view.id"],
            name=op.f("fk_scheduled_report_view_id_saved_view"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_report")),
    )
    for column in ("user_id", "view_id", "due_at"):
        op.create_index(op.f(f"ix_scheduled_report_{column}"), "scheduled_report", [column])


def downgrade() -> None:
    op.drop_table("scheduled_report")
