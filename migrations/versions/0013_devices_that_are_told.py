"""Say of each device that is told by push whose session it is in, what it is, and its last use."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    # No page subscribed a device before this revision, so that no row is lost.
    op.drop_table("push_subscription")
    op.create_table(
        "push_subscription",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("user_id", base.RowId, nullable=False),
        sa.Column("session_id", base.RowId, nullable=True),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("keys", base.Json, nullable=False),
        sa.Column("agent", sa.Text(), nullable=True),
        sa.Column("created_at", base.UTCDateTime(), nullable=False),
        sa.Column("last_used_at", base.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_push_subscription_user_id_user_account"),
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["user_session.id"],
            name=op.f("fk_push_subscription_session_id_user_session"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscription")),
        sa.UniqueConstraint("endpoint", name=op.f("uq_push_subscription_endpoint")),
    )
    for column in ("user_id", "session_id"):
        op.create_index(op.f(f"ix_push_subscription_{column}"), "push_subscription", [column])


def downgrade() -> None:
    op.drop_table("push_subscription")
    op.create_table(
        "push_subscription",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("user_id", base.RowId, nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("keys", base.Json, nullable=False),
        sa.Column("created_at", base.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_push_subscription_user_id_user_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscription")),
        sa.UniqueConstraint("endpoint", name=op.f("uq_push_subscription_endpoint")),
    )
    op.create_index(op.f("ix_push_subscription_user_id"), "push_subscription", ["user_id"])
