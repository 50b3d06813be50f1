"""Keep who wants to hear of interruptions at a place."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "notice_subscription",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("token", base.Code, nullable=False),
        sa.Column("channel", base.Code, nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("language", base.Code, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("grid", sa.Text(), nullable=True),
        sa.Column("asked_at", base.UTCDateTime(), nullable=False),
        sa.Column("confirmed_at", base.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_subscription")),
        sa.UniqueConstraint("token", name=op.f("uq_notice_subscription_token")),
    )
    for column in ("lat", "recipient"):
        op.create_index(op.f(f"ix_notice_subscription_{column}"), "notice_subscription", [column])


def downgrade() -> None:
    op.drop_table("notice_subscription")
