"""Keep who was called back, and when."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column(
        "ticket",
        sa.Column("call_back_owed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("ticket", sa.Column("called_back_at", base.UTCDateTime(), nullable=True))
    op.add_column("ticket", sa.Column("called_back_by", sa.Text(), nullable=True))
    # Nobody noted who was called back before this, so those tickets owe no call.
    op.execute("UPDATE ticket SET call_back_due_at = NULL WHERE call_back_due_at IS NOT NULL")


def downgrade() -> None:
    op.execute("DELETE FROM timer WHERE clock = 'call_back' AND state = 'armed'")
    for name in ("called_back_by", "called_back_at", "call_back_owed"):
        op.drop_column("ticket", name)
